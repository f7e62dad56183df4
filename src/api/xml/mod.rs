//! The XML API, today's service (xml-api.md). `ask` is one request; the other files do the classic
//! calls with as many as each takes.

mod acl;
mod ask;
mod bucket;
mod codes;
mod copy;
mod delete;
mod fetch;
mod folder;
mod head;
mod list;
mod listing;
mod metadata;
mod multipart;
mod object;
mod part_copy;
mod place;
mod same;
mod service;
mod sign;
mod tree;
mod update;

pub(crate) use acl::acl;
pub(crate) use bucket::{create_bucket, delete_bucket, head_bucket, list_buckets};
pub(crate) use delete::{delete_many, delete_tree};
pub(super) use fetch::{object, object_url, refusal};
pub(crate) use head::{Head, Look, head_if_seen, look};
pub(crate) use list::each_page;
pub(crate) use metadata::check as check_metadata;
pub(crate) use multipart::{
    Part, abort, abort_existing, begin, complete, list_uploads, listed_parts, send_part,
};
pub(crate) use object::{known, lost_then_refused, refuse_existing, uploaded, verify};
pub(crate) use place::check;
pub(crate) use same::is_unchanged;
pub(crate) use service::{Addressing, Service};

use crate::api::{Operation, Target};
use crate::client::Call;
use crate::error::Result;
use crate::reply::Reply;

pub(super) fn perform(
    call: &Call,
    target: &Target,
    operation: &Operation,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Reply> {
    let is_folder = target.path.is_folder();
    match operation {
        Operation::CreateFolder { biz_attr } => folder::create(call, target, biz_attr),
        Operation::Stat if is_folder => folder::stat(call, target),
        Operation::Stat => object::stat(call, target),
        Operation::Update { biz_attr } if is_folder => folder::update(call, target, biz_attr),
        Operation::Update { biz_attr } => update::update(call, target, biz_attr),
        Operation::Delete if is_folder => folder::delete(call, target),
        Operation::Delete => object::delete(call, target),
        Operation::Move { to, overwrite } => copy::rename(call, target, to, *overwrite),
        Operation::Copy { to, overwrite } => copy::copy(call, target, to, *overwrite),
        // Headers go along with an upload.
        Operation::Dress { extras } => {
            let acl = extras.acl.as_deref().unwrap_or("default");
            acl::set_acl(call, target, acl)?;
            Ok(crate::api::success(serde_json::Map::new()))
        }
        Operation::List {
            num,
            pattern,
            order,
            context,
        } => {
            let page = list::Page {
                num: usize::try_from(*num).unwrap_or_default(),
                pattern,
                backward: *order == 1,
                context,
            };
            list::list(call, target, &page)
        }
        Operation::Upload {
            content,
            digests,
            biz_attr,
            overwrite,
            extras,
            // The place is looked at first in any case.
            claims: _,
        } => {
            let upload = object::Upload {
                content: *content,
                digests,
                biz_attr,
                overwrite: *overwrite,
                extras,
            };
            object::upload(call, target, &upload, sent)
        }
    }
}
