//! The bytes of objects, and URLs that others can fetch them with.

use super::codes;
use super::endpoint;
use super::head::md5_of;
use super::request::CRC64;
use super::sign::{self, KeyTime, Signed, encode};
use super::signed::{Place, TOKEN, VERSION, signed};
use crate::dialect::answer::{bad, is_redirect, redirect};
use crate::dialect::{ObjectRequest, REPLY_CAP};
use crate::error::{Error, Kind, Result};
use crate::exchange::Signer;
use crate::model::{ContentInfo, FileAttributes, Target};
use crate::transport::{Fetched, Header, Headers, Method};

pub(crate) fn object(
    signer: &Signer,
    target: &Target,
    headers: Vec<Header>,
) -> Result<ObjectRequest> {
    let request = signed(
        signer,
        Method::Get,
        Place::Bucket(target),
        Vec::new(),
        headers,
        None,
    )?;
    let signature = request.signature.clone();
    Ok(ObjectRequest { request, signature })
}

pub(crate) fn refusal(fetched: Fetched) -> Error {
    let status = fetched.status;
    let response = match fetched.into_response(REPLY_CAP) {
        Ok(response) => response,
        Err(error) => return error,
    };
    match status {
        200..300 => {
            let mut error = bad(&response, "it is not the object");
            error.kind = Kind::BadReply;
            error
        }
        _ if is_redirect(status) => redirect(&response),
        _ => codes::refusal(&response, false),
    }
}

/// What the head of an answer tells of an object.
pub(super) fn content_info(headers: &Headers, etag: &str, size: u64) -> ContentInfo {
    let text = |name: &str| headers.text(name).unwrap_or_default().to_ascii_lowercase();
    ContentInfo {
        size,
        sha1: None,
        crc64: headers.number(CRC64),
        md5: md5_of(headers, etag),
        content_type: Some(text("content-type")),
        content_encoding: Some(text("content-encoding")),
        etag: Some(etag.to_owned()),
        file: FileAttributes::of_headers(|name| headers.text(name)),
    }
}

/// The signature goes in the query (xml-api.md §1.2). Only the host is signed beside it, so that
/// whoever fetches may send what headers it likes.
pub(crate) fn object_url(signer: &Signer, target: &Target, expires_s: u64) -> Result<String> {
    let (exchange, credentials) = (signer.exchange(), signer.credentials());
    let place = endpoint::public(exchange, &target.bucket)?;
    let path = format!("{}{}", place.root, target.path.plain());
    let token = credentials.token().map(|token| (TOKEN, token));
    let version = target.version().map(|version| (VERSION, version.as_str()));
    let mut query: Vec<(&str, String)> = token
        .into_iter()
        .chain(version)
        .map(|(name, value)| (name, value.to_owned()))
        .collect();
    let signed = Signed {
        method: Method::Get.name(),
        path: &path,
        query: query.iter().map(|(n, v)| (*n, v.as_bytes())).collect(),
        headers: vec![("host", &place.host)],
    };
    let time = KeyTime::new(exchange.now(), expires_s);
    query.extend(sign::pairs(credentials, time, &signed));
    let encoded = target.path.encoded();
    let url = format!("{}{}{encoded}", place.origin, place.root);
    let join = |(name, value): &(&str, String)| format!("{name}={}", encode(value));
    let query: Vec<String> = query.iter().map(join).collect();
    Ok(format!("{url}?{}", query.join("&")))
}
