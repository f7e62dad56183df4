//! GET Object and HEAD Object (xml-api.md §3.2, §3.3).

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_RANGE, IF_RANGE, RANGE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use super::Call;
use super::attributes::{self, check_traffic_limit};
use super::conditions::{self, Outcome};
use super::encryption::{self, KeyOf};
use super::refusal::{Refusal, code};
use super::reply::{empty, put_header};
use super::restore;
use super::versioning::VERSION_ID;
use crate::clock::http_date;
use crate::download::{Wanted, parse_range};
use crate::store::Object;

/// How much of a file is in memory at a time.
const PIECE: usize = 64 << 10;

/// `response-…` parameters, and the headers that they stand in for.
const OVERRIDES: [&str; 6] = [
    "content-type",
    "content-language",
    "expires",
    "cache-control",
    "content-disposition",
    "content-encoding",
];

pub async fn get_object(call: Arc<Call>) -> Result<Response, Refusal> {
    check_traffic_limit(&call.parts.headers)?;
    let Found {
        object,
        file,
        is_versioned,
    } = call.blocking(find).await?;
    encryption::check_key(&call.parts, KeyOf::Object, &object.attributes)?;
    let is_get = call.parts.method == Method::GET;
    let now = call.service.clock.now_in_archives();
    if is_get && !restore::is_readable(&object, now) {
        return Err(Refusal::new(
            code::INVALID_OBJECT_STATE,
            "The object is archived and was not restored.",
        ));
    }
    match conditions::check(&call.parts.headers, &object) {
        Outcome::Met => {}
        Outcome::Failed => return Err(code::PRECONDITION_FAILED.into()),
        Outcome::NotModified => {
            let mut response = empty(StatusCode::NOT_MODIFIED);
            call.put_digests(&mut response, &object.etag, object.digests.crc64);
            return Ok(response);
        }
    }
    let range = match wanted_range(&call, &object) {
        Wanted::All => None,
        Wanted::Part { first, last } => Some((first, last)),
        Wanted::Nothing => return Err(code::INVALID_RANGE.into()),
    };
    let (start, length) = range.map_or((0, object.size), |(first, last)| (first, last - first + 1));
    let body = match file {
        Some(mut file) if is_get => {
            file.seek(SeekFrom::Start(start)).map_err(Refusal::fault)?;
            let file = tokio::fs::File::from_std(file).take(length);
            Body::from_stream(ReaderStream::with_capacity(file, PIECE))
        }
        _ => Body::empty(),
    };
    let mut response = body.into_response();
    put_object_headers(&mut response, &call, &object, length);
    if is_versioned {
        put_header(response.headers_mut(), VERSION_ID, &object.version.id);
    }
    if let Some((first, last)) = range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {first}-{last}/{}", object.size);
        put_header(response.headers_mut(), CONTENT_RANGE.as_str(), &range);
    }
    Ok(response)
}

struct Found {
    object: Object,
    file: Option<File>,
    /// Whether its bucket ever had versions.
    is_versioned: bool,
}

/// Opened in the same transaction that finds it, lest it be removed in between.
fn find(call: &Call) -> Result<Found, Refusal> {
    call.transaction(|tx| {
        let bucket = call.service.find_bucket(tx, &call.bucket)?;
        if bucket.is_none() && !call.service.any_bucket {
            return Err(code::NO_SUCH_BUCKET.into());
        }
        call.check_region(bucket.as_ref())?;
        let found = call.find_object(tx)?;
        let object = found.as_ref().ok();
        let authority = object.map_or("", |o| &o.attributes.authority);
        if call.is_anonymous && !call.service.is_readable_by_all(bucket.as_ref(), authority) {
            return Err(code::ACCESS_DENIED.into());
        }
        let object = found?;
        let blobs = &call.service.store.blobs;
        let file = object.blob.as_ref().map(|blob| blobs.read(blob));
        Ok(Found {
            file: file.transpose().map_err(Refusal::fault)?,
            is_versioned: bucket.is_some_and(|bucket| bucket.versioning.is_some()),
            object,
        })
    })
}

fn wanted_range(call: &Call, object: &Object) -> Wanted {
    let headers = &call.parts.headers;
    // The client may hold a part of some other content.
    let tag = headers.get(IF_RANGE).and_then(|tag| tag.to_str().ok());
    let is_other = tag
        .is_some_and(|tag| !conditions::names(tag, &object.etag) && tag != http_date(object.mtime));
    match headers.get(RANGE).and_then(|range| range.to_str().ok()) {
        Some(range) if call.parts.method == Method::GET && !is_other => {
            parse_range(range, object.size)
        }
        _ => Wanted::All,
    }
}

fn put_object_headers(response: &mut Response, call: &Call, object: &Object, length: u64) {
    call.put_digests(response, &object.etag, object.digests.crc64);
    let headers = response.headers_mut();
    let now = call.service.clock.now_in_archives();
    attributes::put_headers(headers, object, now);
    for name in OVERRIDES {
        if let Some(value) = call.given(&format!("response-{name}")) {
            put_header(headers, name, value);
        }
    }
    put_header(headers, "accept-ranges", "bytes");
    put_header(headers, "last-modified", &http_date(object.mtime));
    put_header(headers, "content-length", &length.to_string());
}
