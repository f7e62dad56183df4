//! Multipart uploads but for their parts and their end: initiate, list parts, abort, list uploads
//! (xml-api.md §3.7).

use axum::http::StatusCode;
use axum::response::Response;

use super::Call;
use super::attributes::{self, check_key};
use super::encryption::put_encryption;
use super::list::{Encoding, Page, max};
use super::refusal::{Refusal, code};
use super::reply::{empty, iso_millis, quoted, xml};
use super::xml::Xml;
use crate::store::{Upload, random_id};

/// xml-api.md §3.7.
const MAX_PARTS: usize = 1000;
const MAX_UPLOADS: usize = 1000;

pub fn initiate(call: &Call) -> Result<Response, Refusal> {
    check_key(call)?;
    let upload = Upload {
        id: upload_id(call.now)?,
        bucket: call.bucket.clone(),
        key: call.key.clone(),
        attributes: attributes::of_request(&call.parts)?,
        initiated: call.now,
    };
    call.transaction(|tx| {
        call.use_bucket(tx)?;
        call.check_overwrite(tx)?;
        Ok(tx.begin_upload(&upload)?)
    })?;
    let mut body = Xml::document();
    body.open("InitiateMultipartUploadResult");
    body.text("Bucket", &call.full_bucket());
    body.text("Key", &call.key);
    body.text("UploadId", &upload.id);
    body.close("InitiateMultipartUploadResult");
    let mut response = xml(body);
    put_encryption(response.headers_mut(), &upload.attributes);
    Ok(response)
}

/// Ten digits of time, then 64 hexadecimal ones (xml-api.md §3.7).
fn upload_id(now: i64) -> Result<String, Refusal> {
    let random = [random_id(), random_id()].into_iter();
    let random = random.collect::<Result<String, _>>();
    Ok(format!("{now:010}{}", random.map_err(Refusal::fault)?))
}

pub fn abort(call: &Call) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        let upload = call.upload(tx)?;
        Ok(tx.end_upload(&upload)?)
    })?;
    Ok(empty(StatusCode::NO_CONTENT))
}

pub fn list_parts(call: &Call) -> Result<Response, Refusal> {
    let encoding = Encoding::read(call)?;
    let limit = max(call, "max-parts", MAX_PARTS)?;
    let marker = call.given("part-number-marker").unwrap_or("0");
    let marker: u32 = marker
        .parse()
        .map_err(|_| Refusal::new(code::INVALID_ARGUMENT, "part-number-marker is no number"))?;
    let (upload, parts) = call.transaction(|tx| {
        let upload = call.upload(tx)?;
        let parts = tx.parts(&upload)?;
        Ok((upload, parts))
    })?;
    let mut parts = parts;
    parts.retain(|part| part.number > marker);
    let is_truncated = parts.len() > limit;
    parts.truncate(limit);

    let mut body = Xml::document();
    body.open("ListPartsResult");
    body.text("Bucket", &call.full_bucket());
    encoding.put(&mut body, "EncodingType");
    body.text("Key", &encoding.of(&call.key));
    body.text("UploadId", &upload.id);
    call.put_person(&mut body, "Owner");
    call.put_person(&mut body, "Initiator");
    body.text("PartNumberMarker", &marker.to_string());
    if let (true, Some(last)) = (is_truncated, parts.last()) {
        body.text("NextPartNumberMarker", &last.number.to_string());
    }
    body.text("StorageClass", &upload.attributes.storage_class);
    body.text("MaxParts", &limit.to_string());
    body.text("IsTruncated", &is_truncated.to_string());
    for part in &parts {
        body.open("Part");
        body.text("PartNumber", &part.number.to_string());
        body.text("LastModified", &iso_millis(part.mtime));
        body.text("ETag", &quoted(&part.md5));
        body.text("Size", &part.size.to_string());
        body.close("Part");
    }
    body.close("ListPartsResult");
    Ok(xml(body))
}

pub fn list_uploads(call: &Call) -> Result<Response, Refusal> {
    let encoding = Encoding::read(call)?;
    let limit = max(call, "max-uploads", MAX_UPLOADS)?;
    let prefix = call.param("prefix").unwrap_or("");
    let delimiter = call.given("delimiter");
    let key_marker = call.param("key-marker").unwrap_or("");
    // Without a key it says nothing.
    let id_marker = call
        .param("upload-id-marker")
        .filter(|_| !key_marker.is_empty());
    let uploads = call.transaction(|tx| {
        call.list_bucket(tx)?;
        Ok(tx.uploads(&call.bucket)?)
    })?;
    let is_behind = |upload: &Upload| match id_marker {
        Some(id) if !id.is_empty() => (upload.key.as_str(), upload.id.as_str()) > (key_marker, id),
        _ => upload.key.as_str() > key_marker,
    };
    let mut page = Page::new(prefix, delimiter, key_marker, limit);
    let mut last_id = String::new();
    for upload in uploads.into_iter().filter(is_behind) {
        let (key, id) = (upload.key.clone(), upload.id.clone());
        if !key.starts_with(prefix) {
            continue;
        }
        if !page.add(&key, upload) {
            break;
        }
        last_id = id;
    }

    let mut body = Xml::document();
    body.open("ListMultipartUploadsResult");
    body.text("Bucket", &call.full_bucket());
    encoding.put(&mut body, "Encoding-Type");
    body.text("KeyMarker", &encoding.of(key_marker));
    body.text("UploadIdMarker", id_marker.unwrap_or(""));
    body.text("MaxUploads", &limit.to_string());
    body.text("Prefix", &encoding.of(prefix));
    if let Some(delimiter) = delimiter {
        body.text("Delimiter", &encoding.of(delimiter));
    }
    body.text("IsTruncated", &page.is_truncated.to_string());
    if page.is_truncated {
        body.text("NextKeyMarker", &encoding.of(&page.last));
        body.text("NextUploadIdMarker", &last_id);
    }
    page.put_common_prefixes(&mut body, encoding);
    for upload in &page.items {
        body.open("Upload");
        body.text("Key", &encoding.of(&upload.key));
        body.text("UploadId", &upload.id);
        body.text("StorageClass", &upload.attributes.storage_class);
        call.put_person(&mut body, "Initiator");
        call.put_person(&mut body, "Owner");
        body.text("Initiated", &iso_millis(upload.initiated));
        body.close("Upload");
    }
    body.close("ListMultipartUploadsResult");
    Ok(xml(body))
}
