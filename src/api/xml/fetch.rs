//! The bytes of objects, and URLs that others can fetch them with.

use super::ask::locate;
use super::codes;
use super::place;
use super::sign::{self, KeyTime, Signed, encode};
use crate::api::answer::{bad, redirect};
use crate::api::{ObjectRequest, Target};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::transport::{Fetched, Header, Method, Request};

/// A refusal is a short document.
const REPLY_CAP: usize = 1 << 20;

pub(crate) fn object(
    client: &Client,
    target: &Target,
    mut headers: Vec<Header>,
) -> Result<ObjectRequest> {
    let (place, path, encoded) = locate(client, Some(target))?;
    headers.push(("host".into(), place.host));
    if let Some(token) = &client.config().security_token {
        headers.push(("x-cos-security-token".into(), token.as_str().to_owned()));
    }
    let signed = Signed {
        method: Method::Get.name(),
        path: &path,
        query: Vec::new(),
        headers: headers.iter().map(|(n, v)| (&**n, v.as_str())).collect(),
    };
    let time = KeyTime::new(client.now(), client.config().sign_expires_s);
    let mut request = Request::get(format!("{}{encoded}", place.origin), REPLY_CAP);
    request.signature = sign::authorization(client.account(), time, &signed);
    request.headers = headers;
    let secrets = client.secrets().with_signature(&request.signature);
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
pub(crate) fn object_url(client: &Client, target: &Target, expires_s: u64) -> Result<String> {
    let place = place::public(client, &target.bucket)?;
    let path = format!("{}{}", place.root, target.path.plain());
    let token = client.config().security_token.as_ref();
    let mut query: Vec<(&str, String)> = token
        .map(|token| ("x-cos-security-token", token.as_str().to_owned()))
        .into_iter()
        .collect();
    let signed = Signed {
        method: Method::Get.name(),
        path: &path,
        query: query.iter().map(|(n, v)| (*n, v.as_bytes())).collect(),
        headers: vec![("host", &place.host)],
    };
    let time = KeyTime::new(client.now(), expires_s);
    query.extend(sign::pairs(client.account(), time, &signed));
    let encoded = target.path.encoded();
    let url = format!("{}{}{encoded}", place.origin, place.root);
    let join = |(name, value): &(&str, String)| format!("{name}={}", encode(value));
    let query: Vec<String> = query.iter().map(join).collect();
    Ok(format!("{url}?{}", query.join("&")))
}
