//! Calls on one file or folder: create, stat, delete, move (json-api.md §2.2, §2.4, §2.5, §2.7).

use serde_json::{Value, json};

use super::request::check_path;
use super::{Call, reply};
use crate::keys::parent;
use crate::names::key_of_path;
use crate::refusal::{Refusal, code};
use crate::store::{Bucket, Entry};

/// Makes a folder, and those above it.
pub fn create(call: &Call) -> Result<Value, Refusal> {
    let location = &call.location;
    if !location.is_folder() {
        return Err(Refusal::new(
            code::FOLDER_WITHOUT_SLASH,
            "a folder's path ends with /",
        ));
    }
    let folder = Entry {
        biz_attr: call.biz_attr()?,
        ..Entry::folder(&location.key, call.now)
    };
    call.service.store.transaction(|tx| {
        if location.is_root() || tx.entry(&location.bucket, &location.key)?.is_some() {
            return Err(Refusal::new(code::PATH_CONFLICT, "the folder exists"));
        }
        Ok(tx.write_object(&location.bucket, folder)?)
    })?;
    Ok(json!({
        "ctime": call.now.to_string(),
        "resource_path": location.fileid(&call.service.account.appid),
    }))
}

pub fn stat(call: &Call, bucket: &Bucket) -> Result<Value, Refusal> {
    let location = &call.location;
    if location.is_root() {
        return Ok(reply::bucket(call, bucket));
    }
    let entry = call
        .service
        .store
        .transaction(|tx| tx.entry(&location.bucket, &location.key))?;
    match entry {
        Some(entry) => Ok(reply::stated(call, &entry)),
        None => Err(call.not_found()),
    }
}

/// Removes a file, with an upload to its path that is in progress, or an empty folder.
pub fn delete(call: &Call) -> Result<Value, Refusal> {
    let (bucket, key) = (&call.location.bucket, &call.location.key);
    call.refuse_root()?;
    call.service.store.transaction(|tx| {
        if tx.entry(bucket, key)?.is_none() {
            return Err(call.not_found());
        }
        if call.location.is_folder() && tx.has_children(bucket, key)? {
            return Err(Refusal::new(
                code::FOLDER_NOT_EMPTY,
                "the folder is not empty",
            ));
        }
        tx.end_session_at(bucket, key)?;
        // A folder that is only implied has no versions.
        if tx.object(bucket, key)?.is_some() {
            tx.lay_marker(bucket, key, call.now)?;
        }
        Ok(tx.remove_entry(bucket, key)?)
    })?;
    Ok(Value::Null)
}

/// Moves a complete file inside its bucket.
pub fn rename(call: &Call) -> Result<Value, Refusal> {
    let bucket = &call.location.bucket;
    let from = call.file_key()?;
    let to = destination(call, from)?;
    let overwrite = call.params.given("to_over_write").unwrap_or("0");
    if !matches!(overwrite, "0" | "1") {
        let message = "to_over_write is neither 0 nor 1";
        return Err(Refusal::new(code::PARAMETER_INVALID, message));
    }
    call.service.store.transaction(|tx| {
        let Some(mut entry) = tx.entry(bucket, from)? else {
            return Err(call.not_found());
        };
        if tx.session_at(bucket, from)?.is_some() {
            let message = "an upload to the source's path is in progress";
            return Err(Refusal::new(code::MOVE_FAILED, message));
        }
        if overwrite == "0" && tx.entry(bucket, &to)?.is_some() {
            return Err(Refusal::new(code::FILE_EXISTS, "the destination exists"));
        }
        if to == from {
            return Ok(());
        }
        entry.key.clone_from(&to);
        tx.end_session_at(bucket, &to)?;
        tx.write_object(bucket, entry)?;
        tx.lay_marker(bucket, from, call.now)?;
        Ok(tx.remove_entry(bucket, from)?)
    })?;
    Ok(Value::Null)
}

/// `dest_fileid` is a path from the bucket's root with a leading slash, else from the source's
/// folder.
fn destination(call: &Call, from: &str) -> Result<String, Refusal> {
    let Some(path) = call.params.given("dest_fileid") else {
        let message = "the parameter dest_fileid is missing";
        return Err(Refusal::new(code::PARAMETER_MISSING, message));
    };
    let key = if path.starts_with('/') {
        key_of_path(path)?
    } else {
        key_of_path(&format!("{}{path}", parent(from)))?
    };
    if key.is_empty() || key.ends_with('/') {
        let message = "dest_fileid names no file";
        return Err(Refusal::new(code::FILE_WITH_SLASH, message));
    }
    check_path(&call.service.json_path(&call.location.bucket, &key))?;
    Ok(key)
}
