//! Folders (xml-api.md §4): a key that ends with `/` and has no content, or only the beginning that
//! other keys share.

use serde_json::{Map, Value};

use super::ask::{self, Ask};
use super::copy;
use super::list;
use super::metadata;
use super::object::{addresses, described, forbid_overwrite, head, head_if_there, remove};
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
    if head_if_there(call, target)?.is_some() {
        return Err(there_already());
    }
    let put = Ask::about(Method::Put, target, ask::nothing)
        .headers(headers)
        .headers([forbid_overwrite()])
        .once();
    match call.ask(&put) {
        Ok(()) => {}
        Err(error) if error.means(Meaning::Exists) => {
            let held = head(call, target)?.attributes.biz_attr.unwrap_or_default();
            if !error.perhaps_done || held != biz_attr {
                return Err(there_already());
            }
        }
        Err(error) => return Err(error),
    }
    let mut data = addresses(client, target)?;
    data.retain(|key, _| key == "resource_path");
    data.insert("ctime".to_owned(), ctime.to_string().into());
    Ok(success(data))
}

fn there_already() -> Error {
    let mut error = Error::service(-178, "the folder is there already".to_owned(), 409);
    error.meaning = Some(Meaning::Exists);
    error
}

pub(super) fn stat(call: &Call, target: &Target) -> Result<Reply> {
    if target.path.is_root() {
        call.ask(&Ask::about(Method::Head, target, ask::nothing))?;
        return Ok(success(Map::new()));
    }
    if let Some(head) = head_if_there(call, target)? {
        let mut data = described(call.client(), target, &head)?;
        for of_files in ["access_url", "source_url", "url", "etag", "crc64"] {
            data.remove(of_files);
        }
        let mut reply = success(data);
        reply.request_id = head.request_id;
        return Ok(reply);
    }
    refuse_missing(call, target)?;
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
    if head_if_there(call, target)?.is_some() {
        return update::update(call, target, biz_attr);
    }
    refuse_missing(call, target)?;
    create(call, target, biz_attr)?;
    Ok(success(Map::new()))
}

pub(super) fn delete(call: &Call, target: &Target) -> Result<Reply> {
    let keys = list::first_keys(call, target, 2)?;
    let own = target.path.plain();
    if keys.is_empty() {
        return Err(missing());
    }
    if keys.iter().any(|key| *key != own) {
        let message = "the folder is not empty".to_owned();
        return Err(Error::service(-173, message, 409));
    }
    remove(call, target)?;
    Ok(success(Map::new()))
}

fn refuse_missing(call: &Call, target: &Target) -> Result<()> {
    match list::first_keys(call, target, 1)?.is_empty() {
        true => Err(missing()),
        false => Ok(()),
    }
}

fn missing() -> Error {
    let mut error = Error::service(-166, "there is no such folder".to_owned(), 404);
    error.meaning = Some(Meaning::NotFound);
    error
}
