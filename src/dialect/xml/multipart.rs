//! Uploads in parts (xml-api.md §3.7), a request each.

use std::fmt::Write;

use quick_xml::escape::escape;

use super::request::forbid_overwrite;
use super::request::{self, RequestBuilder};
use super::stored::Stored;
use super::{encryption, metadata};
use crate::base::size::{OBJECT_MAX_BYTES, PARTS_MAX};
use crate::base::time;
use crate::dialect::{LIST_REPLY_CAP, Part, TakenPart};
use crate::error::Result;
use crate::exchange::Call;
use crate::exchange::pages::{Pages, broken};
use crate::model::UnfinishedUpload;
use crate::model::key::Key;
use crate::model::path::Path;
use crate::model::{ObjectAttributes, Target};
use crate::transport::{Content, Header, Method, Response};

/// Begins an upload; the name that the service gives it.
pub(super) fn begin(
    call: &Call,
    target: &Target,
    biz_attr: &str,
    attributes: &ObjectAttributes,
    overwrite: bool,
) -> Result<String> {
    let mut headers = metadata::of_file(biz_attr, call.exchange().now(), attributes)?;
    headers.extend(encryption::of_new(target.encryption()));
    begin_with(call, target, headers, overwrite)
}

/// The same for an object of which these headers say all.
pub(super) fn begin_with(
    call: &Call,
    target: &Target,
    headers: Vec<Header>,
    overwrite: bool,
) -> Result<String> {
    let mut request = RequestBuilder::about(Method::Post, target, |response: &Response| {
        let tree = request::document(response, "InitiateMultipartUploadResult")?;
        let id = Some(tree.text_of("UploadId")).filter(|id| !id.is_empty());
        let id = request::needed(response, "UploadId", id)?.to_owned();
        Ok((id, response.headers.clone()))
    })
    .query("uploads", "")
    .headers(headers);
    if !overwrite {
        request = request.headers([forbid_overwrite()]);
    }
    let (id, headers) = call.ask(&request)?;
    // Before any content is on its way.
    encryption::confirm(target, &headers).inspect_err(|_| {
        let _ = abort(call, target, &id);
    })?;
    Ok(id)
}

pub(super) fn send_part(
    call: &Call,
    target: &Target,
    upload_id: &str,
    number: u64,
    bytes: Content,
    crc64: &dyn Fn() -> Result<u64>,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<TakenPart> {
    let request = RequestBuilder::about(Method::Put, target, |response: &Response| {
        let etag = response.headers.text("etag");
        Ok(TakenPart {
            etag: Some(request::needed(response, "ETag", etag)?.to_owned()),
            completes: false,
        })
    })
    .query("partNumber", number.to_string())
    .query("uploadId", upload_id)
    .with_key()
    .content(bytes)
    .confirms_crc64(crc64);
    call.send(&request, sent)
}

/// Everything that the service has of an upload.
pub(super) fn listed_parts(call: &Call, target: &Target, upload_id: &str) -> Result<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut pages = Pages::default();
    let mut after = 0;
    loop {
        let request = RequestBuilder::about(Method::Get, target, read_parts)
            .query("uploadId", upload_id)
            .query("part-number-marker", after.to_string())
            .reply_cap(LIST_REPLY_CAP);
        let (page, next) = call.ask(&request)?;
        let numbers = page.iter().map(|part| part.number);
        let going_on = next.map(|next| pages.go_on(next.to_string(), numbers));
        parts.extend(page);
        let Some(next) = next else {
            return Ok(parts);
        };
        going_on.transpose()?;
        if next <= after {
            return Err(broken("goes in circles"));
        }
        after = next;
    }
}

/// A page, and where the next one begins.
fn read_parts(response: &Response) -> Result<(Vec<Part>, Option<u64>)> {
    let tree = request::document(response, "ListPartsResult")?;
    let mut parts = Vec::new();
    for node in tree.all("Part") {
        let number = node.text_of("PartNumber").parse().ok();
        let number = number.filter(|number| (1..=PARTS_MAX).contains(number));
        let size = node.text_of("Size").parse().ok();
        let size = size.filter(|size| *size <= OBJECT_MAX_BYTES);
        parts.push(Part {
            number: request::needed(response, "PartNumber", number)?,
            size: request::needed(response, "Size", size)?,
            etag: node.text_of("ETag").to_owned(),
        });
    }
    if !request::is_truncated(response, &tree)? {
        return Ok((parts, None));
    }
    let reported = tree.text_of("NextPartNumberMarker").parse().ok();
    let next = reported.or_else(|| Some(parts.last()?.number));
    let next = request::needed(response, "NextPartNumberMarker", next)?;
    Ok((parts, Some(next)))
}

/// Makes an object of the parts.
pub(super) fn complete<'p>(
    call: &Call,
    target: &Target,
    upload_id: &str,
    parts: impl Iterator<Item = &'p Part>,
    overwrite: bool,
) -> Result<Stored> {
    let mut text = "<CompleteMultipartUpload>".to_owned();
    for part in parts {
        let etag = escape(part.etag.as_str());
        let number = part.number;
        let _ = write!(
            text,
            "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        );
    }
    text.push_str("</CompleteMultipartUpload>");
    let mut request = RequestBuilder::about(Method::Post, target, |response: &Response| {
        let tree = request::document(response, "CompleteMultipartUploadResult")?;
        let etag = Some(tree.text_of("ETag")).filter(|etag| !etag.is_empty());
        let etag = request::needed(response, "ETag", etag)?;
        Ok(Stored {
            etag: Some(etag.to_owned()),
            ..Stored::by(response)
        })
    })
    .confirms_encryption()
    .query("uploadId", upload_id)
    .document(text)
    .non_idempotent()
    .patient();
    if !overwrite {
        request = request.headers([forbid_overwrite()]);
    }
    call.ask(&request)
}

/// Drops an upload with all its parts; nobody asks whether it was there.
pub(super) fn abort(call: &Call, target: &Target, upload_id: &str) -> Result<()> {
    let request = RequestBuilder::about(Method::Delete, target, request::nothing);
    call.ask(&request.query("uploadId", upload_id).non_idempotent())
}

/// The same of one that must be there.
pub(super) fn abort_existing(call: &Call, target: &Target, upload_id: &str) -> Result<()> {
    let parts = RequestBuilder::about(Method::Get, target, request::nothing)
        .query("uploadId", upload_id)
        .query("max-parts", "1");
    let was_there = request::was_there(call, &parts)?;
    let outcome = abort(call, target, upload_id);
    request::done_once(outcome, "NoSuchUpload", was_there == Some(true))
}

/// The unfinished uploads of a folder and of those below it.
pub(super) fn list_uploads(call: &Call, folder: &Target) -> Result<Vec<UnfinishedUpload>> {
    let bucket = folder.beside(Path::root(folder.path.param()));
    let mut uploads: Vec<UnfinishedUpload> = Vec::new();
    let mut pages = Pages::default();
    let mut after: Option<(Key, String)> = None;
    loop {
        let mut request = RequestBuilder::about(Method::Get, &bucket, read_uploads)
            .query("uploads", "")
            .query("encoding-type", "url")
            .query("prefix", folder.path.plain())
            .reply_cap(LIST_REPLY_CAP);
        if let Some((key, id)) = &after {
            request = request
                .query("key-marker", key.bytes())
                .query("upload-id-marker", id.as_str());
        }
        let (page, next) = call.ask(&request)?;
        let more = uploads.len();
        uploads.extend(page);
        let Some((key, id)) = next else {
            return Ok(uploads);
        };
        let page = uploads[more..].iter();
        pages.go_on(
            [key.bytes(), id.as_bytes()].join(&b'\n'),
            page.map(|upload| (&upload.key, &upload.session)),
        )?;
        after = Some((key, id));
    }
}

/// A page, and where the next one begins: behind an upload of this key and name.
type UploadsPage = (Vec<UnfinishedUpload>, Option<(Key, String)>);

fn read_uploads(response: &Response) -> Result<UploadsPage> {
    let tree = request::document(response, "ListMultipartUploadsResult")?;
    // Both spellings are about (xml-api.md §3.7).
    let names = ["EncodingType", "Encoding-Type"];
    let is_encoded = names.iter().any(|name| tree.text_of(name) == "url");
    let mut uploads = Vec::new();
    for node in tree.all("Upload") {
        let key = request::key(node, "Key", is_encoded);
        let ids = ["UploadId", "UploadID"].map(|name| node.text_of(name));
        let id = ids.into_iter().find(|id| !id.is_empty());
        uploads.push(UnfinishedUpload {
            key,
            session: request::needed(response, "UploadId", id)?.to_owned(),
            begun: time::iso(node.text_of("Initiated")),
        });
    }
    if !request::is_truncated(response, &tree)? {
        return Ok((uploads, None));
    }
    // Left out by some servers: then it is the last upload.
    let key = request::key(&tree, "NextKeyMarker", is_encoded);
    let next = match uploads.last() {
        Some(last) if key.is_empty() => Some((last.key.clone(), last.session.clone())),
        _ => {
            let ids = ["NextUploadIdMarker", "NextUploadIDMarker"];
            let id = ids.map(|name| tree.text_of(name));
            let id = id.into_iter().find(|id| !id.is_empty());
            (!key.is_empty()).then(|| (key, id.unwrap_or_default().to_owned()))
        }
    };
    let next = request::needed(response, "NextKeyMarker", next)?;
    Ok((uploads, Some(next)))
}
