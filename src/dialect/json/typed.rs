//! The fields of answers as typed values. `fields` has checked their types; whatever has no place in a
//! value stays in the answer as the service has told it.

use serde_json::{Map, Value};

use crate::model::{
    Addresses, Answer, CreatedFolder, ListEntry, ListPage, ObjectInfo, UploadedObject, Verified,
};

type Fields = Map<String, Value>;

/// Seconds in decimal digits; others than a number prints stay as they are.
fn time(text: &str) -> Option<u64> {
    let seconds: u64 = text.parse().ok()?;
    (text.len() == 1 || !text.starts_with('0')).then_some(seconds)
}

/// What has a place in the value, and everything else. In one pass: every small call comes by here.
fn take_info(fields: Fields) -> (ObjectInfo, Fields) {
    let (mut info, mut extra) = (ObjectInfo::default(), Fields::new());
    for (key, value) in fields {
        let addresses = &mut info.addresses;
        match (key.as_str(), value) {
            ("name", Value::String(text)) => info.name = Some(text),
            ("biz_attr", Value::String(text)) => info.biz_attr = Some(text),
            ("sha", Value::String(text)) => info.sha1 = Some(text),
            ("access_url", Value::String(text)) => addresses.access_url = Some(text),
            ("source_url", Value::String(text)) => addresses.source_url = Some(text),
            ("url", Value::String(text)) => addresses.url = Some(text),
            ("resource_path", Value::String(text)) => addresses.resource_path = Some(text),
            ("filesize", Value::Number(size)) => info.size = size.as_u64(),
            ("filelen", Value::Number(size)) => info.uploaded_size = size.as_u64(),
            ("ctime", Value::String(text)) if time(&text).is_some() => info.ctime = time(&text),
            ("mtime", Value::String(text)) if time(&text).is_some() => info.mtime = time(&text),
            (_, value) => {
                extra.insert(key, value);
            }
        }
    }
    (info, extra)
}

pub(super) fn info(mut answer: Answer) -> Answer<ObjectInfo> {
    let (info, extra) = take_info(std::mem::take(&mut answer.extra));
    answer.extra = extra;
    answer.with(info)
}

pub(super) fn created_folder(mut answer: Answer) -> Answer<CreatedFolder> {
    let fields = &mut answer.extra;
    let ctime = fields.get("ctime").and_then(Value::as_str).and_then(time);
    if ctime.is_some() {
        fields.remove("ctime");
    }
    let folder = CreatedFolder {
        ctime,
        resource_path: take_text(fields, "resource_path"),
    };
    answer.with(folder)
}

pub(super) fn uploaded(mut answer: Answer, verified: Verified) -> Answer<UploadedObject> {
    let fields = &mut answer.extra;
    let addresses = Addresses {
        access_url: take_text(fields, "access_url"),
        source_url: take_text(fields, "source_url"),
        url: take_text(fields, "url"),
        resource_path: take_text(fields, "resource_path"),
    };
    answer.with(UploadedObject {
        addresses,
        verified,
        version_id: None,
        tag: None,
    })
}

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
    let Value::Object(fields) = info else {
        unreachable!("read as an object");
    };
    let (info, extra) = take_info(fields);
    ListEntry {
        info,
        extra,
        ..ListEntry::default()
    }
}
