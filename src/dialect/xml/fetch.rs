//! The bytes of objects.

use super::head::md5_of;
use super::request::{CRC64, traffic_limit};
use super::signed::{Place, signed};
use super::version_headers::version_id;
use super::{codes, encryption};
use crate::dialect::answer::{bad, is_redirect, redirect};
use crate::dialect::{ObjectRequest, REPLY_CAP};
use crate::error::{Error, Kind, Result};
use crate::exchange::Signer;
use crate::model::{ContentInfo, FileAttributes, Target};
use crate::transport::{Fetched, Header, Headers, Method};

pub(crate) fn object(
    signer: &Signer,
    target: &Target,
    mut headers: Vec<Header>,
) -> Result<ObjectRequest> {
    headers.extend(traffic_limit(signer.exchange()));
    headers.extend(encryption::key_of(target.encryption()));
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
        version_id: version_id(headers).map(str::to_owned),
        file: FileAttributes::of_headers(|name| headers.text(name)),
    }
}
