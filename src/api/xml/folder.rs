//! Folders (xml-api.md §4): a key that ends with `/` and has no content, or only the beginning that
//! other keys share. With content such a key is a file, and never a folder.

use serde_json::{Map, Value};

use super::ask::{self, Ask};
use super::copy;
use super::head::{self, Head, head, head_after_loss, head_if_seen, head_if_there};
use super::listing::{self, Entry};
use super::metadata;
use super::object::{addresses, described, forbid_overwrite, lost_then_refused, remove};
use super::update;
use crate::api::{Target, success};
use crate::client::Call;
use crate::error::{Error, Meaning, Result};
use crate::reply::Reply;
use crate::transport::Method;

pub(super) fn create(call: &Call, target: &Target, biz_attr: &str) -> Result<Reply> {
    let client = call.client();
    let ctime = client.now();
    let headers = metadata::of_folder(biz_attr, ctime)?;
    // Where that may not be asked, the service alone decides.
    if let Some(held) = head_if_seen(call, target)? {
        return Err(there_already(&held));
    }
    let put = Ask::about(Method::Put, target, ask::nothing)
        .headers(headers)
        .headers([forbid_overwrite()])
        .once();
    match call.ask(&put) {
        Ok(()) => {}
        Err(error) if error.means(Meaning::Exists) || lost_then_refused(&error) => {
            let is_same = |held: &Head| {
                let attribute = held.attributes.biz_attr.as_deref().unwrap_or_default();
                held.size == 0 && attribute == biz_attr
            };
            let Some(held) = head_after_loss(call, target, &error, &is_same)? else {
                return Err(error);
            };
            let is_ours = error.perhaps_done && is_same(&held);
            if !is_ours && error.means(Meaning::Exists) {
                return Err(there_already(&held));
            }
            if !is_ours {
                return Err(error);
            }
        }
        Err(error) => return Err(error),
    }
    let mut data = addresses(client, target)?;
    data.retain(|key, _| key == "resource_path");
    data.insert("ctime".to_owned(), ctime.to_string().into());
    Ok(success(data))
}

fn there_already(held: &Head) -> Error {
    if held.size > 0 {
        let message = "a file is there already, of a name that ends with '/'".to_owned();
        return Error::service(-177, message, 409);
    }
    let mut error = Error::service(-178, "the folder is there already".to_owned(), 409);
    error.meaning = Some(Meaning::Exists);
    error
}

pub(super) fn stat(call: &Call, target: &Target) -> Result<Reply> {
    if target.path.is_root() {
        head::ask(call, target, ask::nothing)?;
        return Ok(success(Map::new()));
    }
    if let Some(head) = created(call, target)? {
        let mut data = described(call.client(), target, &head)?;
        for of_files in ["access_url", "source_url", "url", "etag", "crc64"] {
            data.remove(of_files);
        }
        let mut reply = success(data);
        reply.request_id = head.request_id;
        return Ok(reply);
    }
    let plain = target.path.plain();
    let name = plain.trim_end_matches('/').rsplit('/').next();
    Ok(success(Map::from_iter([
        ("name".to_owned(), name.into()),
        ("biz_attr".to_owned(), Value::from("")),
    ])))
}

/// A folder that is there only because of what is in it gets a key of its own.
pub(super) fn update(call: &Call, target: &Target, biz_attr: &str) -> Result<Reply> {
    copy::source_name(call.client(), target)?;
    metadata::biz_attr(biz_attr)?;
    if created(call, target)?.is_some() {
        return update::update(call, target, biz_attr);
    }
    create(call, target, biz_attr)?;
    Ok(success(Map::new()))
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
        false => Err(not_found(format!(
            "there is no such folder, but a file of {} bytes whose name ends with '/'",
            held.size
        ))),
    }
}

/// Only what is empty is deleted. What has got content since it was listed shows when it is asked
/// about right before: the service has no condition for a DELETE.
pub(super) fn delete(call: &Call, target: &Target) -> Result<Reply> {
    let own = target.path.plain();
    let entries = listing::first(call, target, 2)?;
    if entries.is_empty() {
        return Err(missing());
    }
    if entries.iter().any(|entry| !is_own(entry, &own)) {
        let message = "the folder is not empty".to_owned();
        return Err(Error::service(-173, message, 409));
    }
    let held = head(call, target)?;
    if held.size > 0 {
        let message = format!(
            "the folder is not empty: a file of {} bytes has its name, with the '/'; \
             qcos_delete_file deletes that",
            held.size
        );
        return Err(Error::service(-173, message, 409));
    }
    remove(call, target)?;
    Ok(success(Map::new()))
}

fn is_own(entry: &Entry, own: &str) -> bool {
    entry.key().bytes() == own.as_bytes()
}

fn missing() -> Error {
    not_found("there is no such folder".to_owned())
}

fn not_found(message: String) -> Error {
    let mut error = Error::service(-166, message, 404);
    error.meaning = Some(Meaning::NotFound);
    error
}
