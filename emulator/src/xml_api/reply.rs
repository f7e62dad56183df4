//! What answers have in common.

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::xml::Xml;
use crate::clock::iso;
use crate::service::host;

/// The names of a request (xml-api.md §3).
pub struct Ids {
    pub request: String,
    pub trace: String,
}

impl Ids {
    pub fn new(now: i64) -> Ids {
        let mut random = [0_u8; 8];
        // They need not be secret, and a request is not refused for want of them.
        let _ = getrandom::getrandom(&mut random);
        let [a, b, c, d, e, f, g, h] = random.map(u32::from);
        let word = (a << 24) | (b << 16) | (c << 8) | d;
        let text = format!("{now:x}_{word:x}_{:x}_{:x}", (e << 8) | f, (g << 8) | h);
        Ids {
            request: STANDARD.encode(&text),
            trace: STANDARD.encode(format!("{now:032x}{word:08x}{e:02x}{f:02x}{g:02x}{h:02x}")),
        }
    }

    pub fn put(&self, headers: &mut HeaderMap) {
        put_header(headers, "server", "tencent-cos");
        put_header(headers, "x-cos-request-id", &self.request);
    }
}

/// `host/key`, as error bodies name it.
pub fn resource(parts: &Parts) -> String {
    let host = host(&parts.headers).map_or_else(String::new, |host| host.to_string());
    let path = percent_encoding::percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    format!("{host}{path}")
}

/// A value that no header can have is left out.
pub fn put_header(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (
        name.parse::<HeaderName>(),
        HeaderValue::from_bytes(value.as_bytes()),
    ) {
        headers.insert(name, value);
    }
}

pub fn empty(status: StatusCode) -> Response {
    let mut response = (status, Body::empty()).into_response();
    if status != StatusCode::NO_CONTENT {
        put_header(response.headers_mut(), "content-length", "0");
    }
    response
}

pub fn xml(xml: Xml) -> Response {
    let mut response = Body::from(xml.finish()).into_response();
    put_header(
        response.headers_mut(),
        CONTENT_TYPE.as_str(),
        "application/xml",
    );
    response
}

/// Chunked, `first` before the document: the real service keeps the connection awake so
/// (xml-api.md §3.5, §3.7).
pub fn late_xml(first: &'static [u8], xml: Xml) -> Response {
    let pieces = [Bytes::from_static(first), Bytes::from(xml.finish())];
    let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
    let body = Pieces(pieces.collect());
    let mut response = Body::new(body).into_response();
    put_header(
        response.headers_mut(),
        CONTENT_TYPE.as_str(),
        "application/xml",
    );
    response
}

/// A body of unknown length.
struct Pieces(std::collections::VecDeque<Bytes>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        let next = self.0.pop_front();
        std::task::Poll::Ready(next.map(|piece| Ok(hyper::body::Frame::data(piece))))
    }
}

/// As lists write it.
pub fn iso_millis(unix_seconds: i64) -> String {
    iso(unix_seconds) + ".000Z"
}

/// As the others do.
pub fn iso_seconds(unix_seconds: i64) -> String {
    iso(unix_seconds) + "Z"
}

pub fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(iso_seconds(1_586_542_830), "2020-04-10T18:20:30Z");
        assert_eq!(iso_millis(0), "1970-01-01T00:00:00.000Z");
    }
}
