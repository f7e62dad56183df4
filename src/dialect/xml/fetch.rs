//! The bytes of objects, and URLs that others can fetch them with.

use super::codes;
use super::endpoint;
use super::request::{TOKEN, signed};
use super::sign::{self, KeyTime, Signed, encode};
use crate::dialect::answer::{bad, redirect};
use crate::dialect::{ObjectRequest, REPLY_CAP};
use crate::error::{Error, Kind, Result};
use crate::exchange::Exchange;
use crate::model::Target;
use crate::transport::{Fetched, Header, Method};

pub(crate) fn object(
    exchange: &Exchange,
    target: &Target,
    headers: Vec<Header>,
) -> Result<ObjectRequest> {
    let request = signed(exchange, Method::Get, Some(target), &[], headers, None)?;
    let secrets = exchange.secrets().with_signature(&request.signature);
    Ok(ObjectRequest { request, secrets })
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
        300..400 => redirect(&response),
        _ => codes::refusal(&response, false),
    }
}

/// The signature goes in the query (xml-api.md §1.2). Only the host is signed beside it, so that
/// whoever fetches may send what headers it likes.
pub(crate) fn object_url(exchange: &Exchange, target: &Target, expires_s: u64) -> Result<String> {
    let place = endpoint::public(exchange, &target.bucket)?;
    let path = format!("{}{}", place.root, target.path.plain());
    let token = exchange.credentials().token();
    let mut query: Vec<(&str, String)> = token
        .map(|token| (TOKEN, token.to_owned()))
        .into_iter()
        .collect();
    let signed = Signed {
        method: Method::Get.name(),
        path: &path,
        query: query.iter().map(|(n, v)| (*n, v.as_bytes())).collect(),
        headers: vec![("host", &place.host)],
    };
    let time = KeyTime::new(exchange.now(), expires_s);
    query.extend(sign::pairs(exchange.credentials(), time, &signed));
    let encoded = target.path.encoded();
    let url = format!("{}{}{encoded}", place.origin, place.root);
    let join = |(name, value): &(&str, String)| format!("{name}={}", encode(value));
    let query: Vec<String> = query.iter().map(join).collect();
    Ok(format!("{url}?{}", query.join("&")))
}
