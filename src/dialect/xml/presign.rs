//! Requests that others send: the signature goes in the query (xml-api.md §1.2).

use std::borrow::Cow;

use super::sign::{self, KeyTime, Signed};
use super::signed::{TOKEN, VERSION, with_query};
use super::{endpoint, metadata};
use crate::dialect::RequestToSign;
use crate::error::Result;
use crate::exchange::Signer;
use crate::model::{Header, Method, PresignedRequest, Target};

type Query = Vec<(Cow<'static, str>, Vec<u8>)>;

/// A URL to fetch an object with. Only the host is signed beside it, so that whoever fetches may send what
/// headers it likes.
pub(super) fn object_url(signer: &Signer, target: &Target, expires_s: u64) -> Result<String> {
    url(signer, Method::Get, target, Query::new(), &[], expires_s)
}

pub(super) fn request(signer: &Signer, request: &RequestToSign) -> Result<PresignedRequest> {
    let options = request.options;
    let headers = options.headers.iter();
    let headers = headers.map(|(name, value)| (name.clone().into(), value.clone()));
    let headers: Vec<Header> = headers.collect();
    metadata::check_given("options_json: headers", &headers)?;
    let query = options.query.iter();
    let query = query.map(|(name, value)| (name.clone().into(), value.clone().into_bytes()));
    let url = url(
        signer,
        request.method,
        request.target,
        query.collect(),
        &headers,
        request.expires_s,
    )?;
    Ok(PresignedRequest { url, headers })
}

fn url(
    signer: &Signer,
    method: Method,
    target: &Target,
    mut query: Query,
    headers: &[Header],
    expires_s: u64,
) -> Result<String> {
    signer.check_life("expires_s", expires_s)?;
    let (exchange, credentials) = (signer.exchange(), signer.credentials());
    let place = endpoint::public(exchange, &target.bucket)?;
    let path = format!("{}{}", place.root, target.path.plain());
    let version = target.version();
    query.extend(version.map(|version| (VERSION.into(), version.as_str().into())));
    let token = credentials.token();
    query.extend(token.map(|token| (TOKEN.into(), token.as_bytes().to_vec())));
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| (&**name, value.as_str()));
    let signed = Signed {
        method: method.name(),
        path: &path,
        query: query.iter().map(|(n, v)| (&**n, &v[..])).collect(),
        headers: headers.chain([("host", &*place.host)]).collect(),
    };
    let time = KeyTime::new(exchange.now(), expires_s);
    let pairs = sign::pairs(credentials, time, &signed);
    let encoded = target.path.encoded();
    let url = format!("{}{}{encoded}", place.origin, place.root);
    let url = with_query(url, &query);
    let pairs = pairs.map(|(name, value)| format!("{name}={}", sign::encode(value)));
    let sign = if query.is_empty() { '?' } else { '&' };
    Ok(format!("{url}{sign}{}", pairs.join("&")))
}
