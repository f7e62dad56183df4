//! What a request says: its place from the URL, its parameters from the query, a JSON body or the
//! parts of a form, all in one bag (json-api.md §2.0).

use std::collections::BTreeMap;

use axum::body::{BodyDataStream, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use http_body_util::BodyExt;
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::Value;
use tokio::time::timeout;

use crate::body::PATIENCE;
use crate::names::{Location, decode, key_of_path};
use crate::query;
use crate::refusal::{Refusal, code};

/// The most that an upload in one piece carries (json-api.md §5.4).
pub const MAX_UPLOAD: usize = 20 << 20;
/// Everything beside the file: headers of parts, attributes.
const MAX_FIELDS: usize = 1 << 20;
/// A path that was encoded (json-api.md §5.1); the query has its own bounds.
const MAX_PATH: usize = 2048;

pub struct Address {
    pub appid: String,
    pub location: Location,
}

/// `/files/v1/<appid>/<bucket>/<path>`.
pub fn address(uri: &Uri) -> Result<Address, Refusal> {
    check_path(uri.path())?;
    let path = decode(uri.path())?;
    let unknown = || {
        Refusal::new(
            code::URL_UNKNOWN,
            "the URL is not of the form /files/v1/<appid>/<bucket>/<path>",
        )
        .with_status(StatusCode::NOT_FOUND)
    };
    let rest = path.trim_start_matches('/').strip_prefix("files/");
    let rest = rest.map(|rest| rest.trim_start_matches('/'));
    let rest = rest.and_then(|rest| rest.strip_prefix("v1/"));
    let rest = rest.ok_or_else(unknown)?.trim_start_matches('/');
    let (appid, rest) = rest.split_once('/').ok_or_else(unknown)?;
    let rest = rest.trim_start_matches('/');
    let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
    if appid.is_empty() || bucket.is_empty() {
        return Err(unknown());
    }
    Ok(Address {
        appid: appid.to_owned(),
        location: Location {
            bucket: bucket.to_owned(),
            key: key_of_path(path)?,
        },
    })
}

/// The path of a URL, as it is encoded.
pub fn check_path(path: &str) -> Result<(), Refusal> {
    if path.len() > MAX_PATH {
        let rule = format!("the URL's path is longer than {MAX_PATH} bytes");
        return Err(Refusal::new(code::PATH_INVALID, rule));
    }
    Ok(())
}

/// Parameters by lower-case name. A JSON value that is no string is kept as JSON text, so
/// `custom_headers` is the same thing in both of its spellings (json-api.md §2.3).
#[derive(Default)]
pub struct Params {
    fields: BTreeMap<String, String>,
    /// The part `filecontent`; None if there is none.
    pub content: Option<Bytes>,
}

impl Params {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The same; an empty one counts as absent.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|text| !text.is_empty())
    }

    /// A number from 0 up.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.given(name) else {
            return Ok(None);
        };
        // SQLite's integers have a sign.
        match text.parse::<u64>() {
            Ok(number) if i64::try_from(number).is_ok() => Ok(Some(number)),
            _ => Err(Refusal::new(
                code::PARAMETER_INVALID,
                format!("{name} is no number from 0 up"),
            )),
        }
    }

    fn put(&mut self, name: &str, value: String) {
        self.fields.insert(name.to_lowercase(), value);
    }
}

/// What can be refused by the headers alone, before the body is asked for.
pub fn check_length(headers: &HeaderMap) -> Result<(), Refusal> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    let (limit, refusal): (usize, fn() -> Refusal) = if boundary(headers).is_some() {
        (MAX_UPLOAD + MAX_FIELDS, file_too_large)
    } else {
        (MAX_FIELDS, body_too_large)
    };
    match length {
        Some(length) if length > limit as u64 => Err(refusal()),
        _ => Ok(()),
    }
}

pub fn is_form(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

/// Reads the body. Whatever its type says, one that is no form has to be JSON or empty.
pub async fn params(
    uri: &Uri,
    headers: &HeaderMap,
    body: &mut BodyDataStream,
) -> Result<Params, Refusal> {
    let mut params = Params::default();
    for (name, value) in query::pairs(uri.query().unwrap_or(""))? {
        params.put(&name, value);
    }
    match boundary(headers) {
        Some(boundary) => read_form(&mut params, boundary, body).await?,
        None => read_json(&mut params, body).await?,
    }
    Ok(params)
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(content_type).ok()
}

async fn read_json(params: &mut Params, body: &mut BodyDataStream) -> Result<(), Refusal> {
    let mut text = Vec::new();
    while let Some(frame) = timeout(PATIENCE, body.frame()).await.map_err(|_| cut())? {
        let frame = frame.map_err(|_| cut())?;
        text.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if text.len() > MAX_FIELDS {
            return Err(body_too_large());
        }
    }
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    let Ok(Value::Object(fields)) = serde_json::from_slice(&text) else {
        return Err(Refusal::new(
            code::JSON_MALFORMED,
            "the body is neither a form nor a JSON object",
        ));
    };
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::String(text) => params.put(&name, text),
            other => params.put(&name, other.to_string()),
        }
    }
    Ok(())
}

/// Parts come in any order, any of them with a `filename` (json-api.md §2.8).
async fn read_form(
    params: &mut Params,
    boundary: String,
    body: &mut BodyDataStream,
) -> Result<(), Refusal> {
    let limits = SizeLimit::new().whole_stream((MAX_UPLOAD + MAX_FIELDS) as u64);
    let mut form =
        Multipart::with_constraints(body, boundary, Constraints::new().size_limit(limits));
    while let Some(part) = patiently(form.next_field()).await? {
        let Some(name) = part.name().map(str::to_lowercase) else {
            return Err(malformed("a part of the form has no name"));
        };
        let value = patiently(part.bytes()).await?;
        if name == "filecontent" {
            if value.len() > MAX_UPLOAD {
                return Err(file_too_large());
            }
            params.content = Some(value);
        } else {
            let Ok(text) = std::str::from_utf8(&value) else {
                let message = format!("the part {name} is not UTF-8");
                return Err(Refusal::new(code::NOT_UTF8, message));
            };
            params.put(&name, text.to_owned());
        }
    }
    Ok(())
}

async fn patiently<T>(read: impl Future<Output = multer::Result<T>>) -> Result<T, Refusal> {
    match timeout(PATIENCE, read).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(multer::Error::StreamSizeExceeded { .. })) => Err(file_too_large()),
        Ok(Err(multer::Error::StreamReadFailed(_))) | Err(_) => Err(cut()),
        Ok(Err(error)) => Err(malformed(&format!("the form is malformed: {error}"))),
    }
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(code::FORM_MALFORMED, message.to_owned())
}

fn cut() -> Refusal {
    Refusal::new(code::BODY_CUT, "the body ended early or stalled")
        .with_status(StatusCode::REQUEST_TIMEOUT)
}

fn file_too_large() -> Refusal {
    let message = format!("an upload in one piece carries at most {MAX_UPLOAD} bytes");
    Refusal::new(code::FILE_TOO_LARGE, message).with_status(StatusCode::PAYLOAD_TOO_LARGE)
}

fn body_too_large() -> Refusal {
    let message = format!("the body is larger than {MAX_FIELDS} bytes");
    Refusal::new(code::BODY_TOO_LARGE, message).with_status(StatusCode::PAYLOAD_TOO_LARGE)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use axum::body::Body;
    use hyper::body::Frame;

    use super::*;

    /// A body of which nothing ever comes.
    struct Silent;

    impl hyper::body::Body for Silent {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    /// Paused time jumps to the next timer.
    #[tokio::test(start_paused = true)]
    async fn a_silent_client_is_not_waited_for_without_end() {
        for content_type in ["application/json", "multipart/form-data; boundary=x"] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
            let mut body = Body::new(Silent).into_data_stream();
            let read = params(&Uri::from_static("/"), &headers, &mut body).await;
            let refusal = read.err().unwrap();
            assert_eq!(
                (refusal.status, refusal.code),
                (StatusCode::REQUEST_TIMEOUT, code::BODY_CUT)
            );
        }
    }
}
