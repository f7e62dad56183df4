//! Folders (xml-api.md §4): a key that ends with `/` and has no content, or only the beginning that
//! other keys share. With content such a key is a file, and never a folder.

use std::time::Instant;

use super::copy_source;
use super::head::{self, Head, head, head_after_loss, head_if_there};
use super::listing::{self, Entry};
use super::metadata;
use super::object::{described, last_segment, resource_path};
use super::removal::remove_seen;
use super::request::{self, RequestBuilder};
use super::request::{forbid_overwrite, lost_then_refused};
use super::same::is_older;
use super::{update, versions};
use crate::error::{Error, ErrorClass, Result, service_code};
use crate::exchange::Call;
use crate::model::{Answer, CreatedFolder, DeletedVersion, ObjectInfo, Target};
use crate::transport::Method;

pub(super) fn create(call: &Call, target: &Target, biz_attr: &str) -> Result<CreatedFolder> {
    let exchange = call.exchange();
    let ctime = exchange.now();
    let headers = metadata::of_folder(biz_attr, ctime)?;
    let begun = Instant::now();
    if let Some(held) = versions::unguarded(call, target, false)? {
        return Err(there_already(&held));
    }
    let put = RequestBuilder::about(Method::Put, target, request::nothing)
        .headers(headers)
        .headers([forbid_overwrite()])
        .non_idempotent();
    match call.ask(&put) {
        Ok(()) => {}
        Err(error) if error.is(ErrorClass::Exists) || lost_then_refused(&error) => {
            let is_same = |held: &Head| {
                let attribute = held.attributes.biz_attr.as_deref().unwrap_or_default();
                Ok(held.size == 0 && attribute == biz_attr)
            };
            let Some(held) = head_after_loss(call, target, &error, &is_same)? else {
                return Err(error);
            };
            let is_ours = error.maybe_applied && is_same(&held)? && !is_older(&held, begun);
            if !is_ours && error.is(ErrorClass::Exists) {
                return Err(there_already(&held));
            }
            if !is_ours {
                return Err(error);
            }
        }
        Err(error) => return Err(error),
    }
    Ok(CreatedFolder {
        ctime: Some(ctime),
        resource_path: Some(resource_path(exchange, target)),
    })
}

fn there_already(held: &Head) -> Error {
    if held.size > 0 {
        let message = "a file is there already, of a name that ends with '/'".to_owned();
        return Error::service(service_code::FILE_EXISTS, message, 409);
    }
    Error::exists(service_code::FOLDER_EXISTS, "the folder is there already")
}

pub(super) fn stat(call: &Call, target: &Target) -> Result<Answer<ObjectInfo>> {
    if target.path.is_root() {
        head::ask(call, target, request::nothing)?;
        return Ok(Answer::success(ObjectInfo::default()));
    }
    let Some(head) = created(call, target)? else {
        return Ok(Answer::success(ObjectInfo {
            name: last_segment(target),
            biz_attr: Some(String::new()),
            ..ObjectInfo::default()
        }));
    };
    let mut info = described(target, &head);
    info.addresses.resource_path = Some(resource_path(call.exchange(), target));
    Ok(Answer::success(info).with_request_id(head.request_id))
}

/// A folder that is there only because of what is in it gets a key of its own.
pub(super) fn update(call: &Call, target: &Target, biz_attr: &str) -> Result<()> {
    copy_source::source_name(call.exchange(), target)?;
    metadata::biz_attr(biz_attr)?;
    if created(call, target)?.is_some() {
        return update::update(call, target, biz_attr);
    }
    create(call, target, biz_attr)?;
    Ok(())
}

/// The key of a folder; `None` of one that is there only because of what is in it.
fn created(call: &Call, target: &Target) -> Result<Option<Head>> {
    let held = match head_if_there(call, target)? {
        Some(held) if held.size == 0 => return Ok(Some(held)),
        held => held,
    };
    let own = target.path.plain();
    let Some(held) = held else {
        return match listing::first(call, target, 1)?.is_empty() {
            true => Err(missing()),
            false => Ok(None),
        };
    };
    // What else than its own key begins so.
    let entries = listing::first(call, target, 2)?;
    match entries.iter().any(|entry| !is_own(entry, &own)) {
        true => Ok(None),
        false => Err(Error::not_found(format!(
            "there is no such folder, but a file of {} bytes whose name ends with '/'",
            held.size
        ))),
    }
}

/// Only what is empty is deleted. What has got content since it was listed shows when it is asked
/// about right before: the service has no condition for a DELETE.
pub(super) fn delete(call: &Call, target: &Target) -> Result<DeletedVersion> {
    let own = target.path.plain();
    let entries = listing::first(call, target, 2)?;
    if entries.is_empty() {
        return Err(missing());
    }
    if entries.iter().any(|entry| !is_own(entry, &own)) {
        let message = "the folder is not empty".to_owned();
        return Err(Error::service(service_code::NOT_EMPTY, message, 409));
    }
    let held = head(call, target)?;
    if held.size > 0 {
        let message = format!(
            "the folder is not empty: a file of {} bytes has its name, with the '/'; \
             qcos_delete_file deletes that",
            held.size
        );
        return Err(Error::service(service_code::NOT_EMPTY, message, 409));
    }
    remove_seen(call, target, &held)
}

fn is_own(entry: &Entry, own: &str) -> bool {
    entry.key().bytes() == own.as_bytes()
}

fn missing() -> Error {
    Error::not_found("there is no such folder")
}
