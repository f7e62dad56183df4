//! The fields of answers as typed values. `fields` has checked their types; whatever has no place in a
//! value stays in the answer as the service has told it.

use serde_json::{Map, Value};

use crate::model::{
    Addresses, Answer, CreatedFolder, ListEntry, ListPage, ObjectInfo, UploadedObject, Verified,
};

type Fields = Map<String, Value>;

fn take_text(fields: &mut Fields, key: &str) -> Option<String> {
    match fields.remove(key)? {
        Value::String(text) => Some(text),
        other => {
            fields.insert(key.to_owned(), other);
            None
        }
    }
}

fn take_count(fields: &mut Fields, key: &str) -> Option<u64> {
    let count = fields.get(key)?.as_u64()?;
    fields.remove(key);
    Some(count)
}

/// Seconds in decimal digits. Others than a `u64` prints stay as they are.
fn take_time(fields: &mut Fields, key: &str) -> Option<u64> {
    let text = fields.get(key)?.as_str()?;
    let seconds: u64 = text.parse().ok()?;
    if text != seconds.to_string() {
        return None;
    }
    fields.remove(key);
    Some(seconds)
}

fn take_addresses(fields: &mut Fields) -> Addresses {
    Addresses {
        access_url: take_text(fields, "access_url"),
        source_url: take_text(fields, "source_url"),
        url: take_text(fields, "url"),
        resource_path: take_text(fields, "resource_path"),
    }
}

fn take_info(fields: &mut Fields) -> ObjectInfo {
    ObjectInfo {
        name: take_text(fields, "name"),
        biz_attr: take_text(fields, "biz_attr"),
        ctime: take_time(fields, "ctime"),
        mtime: take_time(fields, "mtime"),
        size: take_count(fields, "filesize"),
        uploaded_size: take_count(fields, "filelen"),
        sha1: take_text(fields, "sha"),
        crc64: None,
        etag: None,
        addresses: take_addresses(fields),
    }
}

pub(super) fn info(mut answer: Answer) -> Answer<ObjectInfo> {
    let info = take_info(&mut answer.extra);
    answer.with(info)
}

pub(super) fn created_folder(mut answer: Answer) -> Answer<CreatedFolder> {
    let folder = CreatedFolder {
        ctime: take_time(&mut answer.extra, "ctime"),
        resource_path: take_text(&mut answer.extra, "resource_path"),
    };
    answer.with(folder)
}

pub(super) fn uploaded(mut answer: Answer, verified: Verified) -> Answer<UploadedObject> {
    let addresses = take_addresses(&mut answer.extra);
    answer.with(UploadedObject {
        addresses,
        verified,
    })
}

pub(super) fn page(mut answer: Answer) -> Answer<ListPage> {
    let fields = &mut answer.extra;
    let infos = match fields.remove("infos") {
        Some(Value::Array(infos)) => infos,
        _ => Vec::new(),
    };
    let page = ListPage {
        entries: infos.into_iter().map(entry).collect(),
        has_more: fields.remove("has_more") == Some(Value::Bool(true)),
        context: take_text(fields, "context"),
        folders: take_count(fields, "dircount"),
        files: take_count(fields, "filecount"),
    };
    answer.with(page)
}

fn entry(info: Value) -> ListEntry {
    let Value::Object(mut fields) = info else {
        unreachable!("read as an object");
    };
    ListEntry {
        info: take_info(&mut fields),
        unusable: None,
        extra: fields,
    }
}
