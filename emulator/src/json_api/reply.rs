//! Replies of calls that were done: types and names as recorded of the classic service
//! (json-api.md §2).

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Call;
use crate::keys::name;
use crate::store::{Bucket, Entry, FileState};

/// `data` is left out when there is none.
pub fn success(data: Value) -> Response {
    let mut body = json!({"code": 0, "message": "SUCCESS"});
    if !data.is_null() {
        body["data"] = data;
    }
    Json(body).into_response()
}

/// Of an upload that is done. Some SDKs look for `url`, others for `access_url` (json-api.md §2.9).
pub fn uploaded(call: &Call) -> Value {
    let (service, location) = (&call.service, &call.location);
    let path = service.json_path(&location.bucket, &location.key);
    let url = download_url(call, &location.key);
    json!({
        "access_url": url,
        "source_url": url,
        "url": format!("{}{path}", call.base_url),
        "resource_path": location.fileid(&service.account.appid),
    })
}

/// An item of a list: a folder is told by having no `sha`.
pub fn listed(call: &Call, entry: &Entry) -> Value {
    let mut item = json!({
        "name": name(&entry.key),
        "biz_attr": entry.biz_attr,
        "ctime": entry.ctime.to_string(),
        "mtime": entry.mtime.to_string(),
    });
    if let Some(file) = entry.as_file() {
        add_file(&mut item, call, entry, file);
    }
    item
}

pub fn stated(call: &Call, entry: &Entry) -> Value {
    let mut data = listed(call, entry);
    if entry.as_file().is_some() {
        let headers = serde_json::from_str(&entry.attributes.headers);
        data["custom_headers"] = headers.unwrap_or_else(|_| json!({}));
    }
    data
}

fn add_file(item: &mut Value, call: &Call, entry: &Entry, file: &FileState) {
    let url = download_url(call, &entry.key);
    item["filesize"] = json!(file.size);
    item["filelen"] = json!(file.received);
    item["sha"] = json!(file.digests.sha);
    item["access_url"] = json!(url);
    item["source_url"] = json!(url);
    item["authority"] = json!(entry.attributes.authority);
}

/// The properties of a bucket, which a stat of its root shows (json-api.md §2.4).
pub fn bucket(call: &Call, bucket: &Bucket) -> Value {
    let authority = if call.service.is_public(Some(bucket)) {
        "eWPrivateRPublic"
    } else {
        "eWRPrivate"
    };
    json!({
        "authority": authority,
        "biz_attr": "",
        "blackrefers": [],
        "brower_exec": "",
        "bucket_type": 0,
        "cnames": [],
        "ctime": bucket.ctime.to_string(),
        "mtime": bucket.ctime.to_string(),
        "migrate_source_domain": "",
        "need_preview": "",
        "nugc_flag": "",
        "refers": [],
    })
}

fn download_url(call: &Call, key: &str) -> String {
    call.service
        .download_url(&call.base_url, &call.location.bucket, key)
}
