//! Downloads (json-api.md §2.10): objects by plain HTTP, whole or one range, streamed from disk.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, LAST_MODIFIED,
    RANGE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use crate::auth::Claim;
use crate::clock::http_date;
use crate::names::{Location, content_type, decode};
use crate::refusal::{Refusal, code};
use crate::service::{Service, signature_text};
use crate::store::Entry;
use crate::xml_api::is_customers;

/// How much of a file is in memory at a time.
const PIECE: usize = 64 << 10;

struct Object {
    entry: Entry,
    file: File,
    size: u64,
    is_public: bool,
}

/// `path` is the object's, still encoded.
pub async fn answer(
    service: Arc<Service>,
    bucket: String,
    path: &str,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    match download(&service, bucket, path, &parts).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn download(
    service: &Arc<Service>,
    bucket: String,
    path: &str,
    parts: &Parts,
) -> Result<Response, Refusal> {
    if parts.method != Method::GET && parts.method != Method::HEAD {
        let message = format!("{} is neither GET nor HEAD", parts.method);
        return Err(
            Refusal::new(code::METHOD_WRONG, message).with_status(StatusCode::METHOD_NOT_ALLOWED)
        );
    }
    let location = Location {
        bucket,
        key: decode(path)?,
    };
    // A signature that is given is checked, needed or not.
    let is_signed = !signature_text(parts)?.is_empty();
    if is_signed {
        authorize(service, parts, &location).await?;
    }
    let object = find(service, location.clone()).await?;
    if !is_signed && !object.is_public {
        authorize(service, parts, &location).await?;
    }
    reply(object, parts).await
}

async fn authorize(
    service: &Arc<Service>,
    parts: &Parts,
    location: &Location,
) -> Result<(), Refusal> {
    let claim = Claim {
        appid: &service.account.appid,
        location,
        is_download: true,
    };
    match service.authorize(parts, &claim).await {
        Ok(_) => Ok(()),
        Err(refusal) => Err(refusal.with_status(StatusCode::FORBIDDEN)),
    }
}

/// Opened in the same transaction that finds it, lest it be removed in between.
async fn find(service: &Arc<Service>, location: Location) -> Result<Object, Refusal> {
    service
        .blocking(move |service| {
            service.store.transaction(|tx| {
                let entry = tx.entry(&location.bucket, &location.key)?;
                let found = entry.and_then(|e| Some((e.as_file()?.clone(), e)));
                let Some((state, entry)) = found else {
                    return Err(missing(code::DOWNLOAD_NOT_FOUND, "the file does not exist"));
                };
                // Its requests cannot name a key.
                if is_customers(&entry.attributes) {
                    let message = "the file is encrypted with a customer's key";
                    return Err(Refusal::new(code::PARAMETER_INVALID, message));
                }
                let Some(blob) = state.blob else {
                    return Err(missing(
                        code::NOT_COMPLETE,
                        "the file is not completely uploaded",
                    ));
                };
                let file = service.store.blobs.read(&blob).map_err(Refusal::fault)?;
                let bucket = tx.bucket(&location.bucket)?;
                let authority = &entry.attributes.authority;
                Ok(Object {
                    is_public: service.is_readable_by_all(bucket.as_ref(), authority),
                    entry,
                    file,
                    size: state.size,
                })
            })
        })
        .await
}

fn missing(code: i32, message: &'static str) -> Refusal {
    Refusal::new(code, message).with_status(StatusCode::NOT_FOUND)
}

async fn reply(mut object: Object, parts: &Parts) -> Result<Response, Refusal> {
    let mut headers = object_headers(&object.entry);
    let range = match wanted_range(parts, &headers, object.size) {
        Wanted::All => None,
        Wanted::Part { first, last } => Some((first, last)),
        Wanted::Nothing => {
            let message = "the range lies behind the end";
            let mut response = Refusal::new(code::PARAMETER_INVALID, message)
                .with_status(StatusCode::RANGE_NOT_SATISFIABLE)
                .into_response();
            put(
                response.headers_mut(),
                CONTENT_RANGE,
                &format!("bytes */{}", object.size),
            );
            return Ok(response);
        }
    };
    let (status, start, length) = match range {
        None => (StatusCode::OK, 0, object.size),
        Some((first, last)) => {
            let text = format!("bytes {first}-{last}/{}", object.size);
            put(&mut headers, CONTENT_RANGE, &text);
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
        }
    };
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    let body = if parts.method == Method::HEAD {
        Body::empty()
    } else {
        object
            .file
            .seek(SeekFrom::Start(start))
            .map_err(Refusal::fault)?;
        let file = tokio::fs::File::from_std(object.file).take(length);
        Body::from_stream(ReaderStream::with_capacity(file, PIECE))
    };
    Ok((status, headers, body).into_response())
}

fn object_headers(entry: &Entry) -> HeaderMap {
    let mut headers = HeaderMap::new();
    put(&mut headers, CONTENT_TYPE, content_type(&entry.key));
    put(&mut headers, ACCEPT_RANGES, "bytes");
    put(&mut headers, LAST_MODIFIED, &http_date(entry.mtime));
    if let Some(file) = &entry.file {
        put(&mut headers, ETAG, &format!("\"{}\"", file.digests.sha));
    }
    let custom: Map<String, Value> =
        serde_json::from_str(&entry.attributes.headers).unwrap_or_default();
    for (name, value) in &custom {
        if let (Ok(name), Some(value)) = (name.parse::<HeaderName>(), value.as_str()) {
            put(&mut headers, name, value);
        }
    }
    headers
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    All,
    Part { first: u64, last: u64 },
    Nothing,
}

fn wanted_range(parts: &Parts, object: &HeaderMap, size: u64) -> Wanted {
    let wants = &parts.headers;
    // The client may hold a part of some other content.
    let is_other = wants.contains_key(IF_RANGE) && wants.get(IF_RANGE) != object.get(ETAG);
    match wants.get(RANGE).and_then(|range| range.to_str().ok()) {
        Some(range) if parts.method == Method::GET && !is_other => parse_range(range, size),
        _ => Wanted::All,
    }
}

/// One range. What is malformed, or asks for several, is answered with the whole, as RFC 9110 §14.2
/// allows.
pub fn parse_range(text: &str, size: u64) -> Wanted {
    let spec = text.strip_prefix("bytes=").and_then(|r| r.split_once('-'));
    let Some((first, last)) = spec else {
        return Wanted::All;
    };
    let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last),
        (Ok(first), Err(_)) if last.is_empty() => (first, u64::MAX),
        // The last so many bytes.
        (Err(_), Ok(0)) if first.is_empty() => return Wanted::Nothing,
        (Err(_), Ok(count)) if first.is_empty() => (size.saturating_sub(count), u64::MAX),
        _ => return Wanted::All,
    };
    if first >= size {
        return Wanted::Nothing;
    }
    Wanted::Part {
        first,
        last: last.min(size - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let part = |first, last| Wanted::Part { first, last };
        for (text, wanted) in [
            ("bytes=0-0", part(0, 0)),
            ("bytes=2-5", part(2, 5)),
            ("bytes=2-", part(2, 9)),
            ("bytes=2-9223372036854775807", part(2, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-30", part(0, 9)),
            ("bytes=9-", part(9, 9)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-2", Wanted::All),
            ("bytes=1-2,4-5", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("lines=1-2", Wanted::All),
            ("bytes=99999999999999999999-", Wanted::All),
        ] {
            assert_eq!(parse_range(text, 10), wanted, "{text}");
        }
        assert_eq!(parse_range("bytes=-3", 0), Wanted::Nothing);
    }
}
