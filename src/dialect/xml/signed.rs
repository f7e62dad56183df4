//! Requests signed: where they go, and what of them the signature covers.

use std::borrow::Cow;

use super::endpoint;
use super::sign::{self, KeyTime, Signed};
use crate::dialect::REPLY_CAP;
use crate::error::Result;
use crate::exchange::Signer;
use crate::model::Target;
use crate::transport::{Header, Method, Request};

/// Carries the token of temporary credentials.
pub(super) const TOKEN: &str = "x-cos-security-token";

/// Tells the service that its usual host was asked in vain (xml-api.md §2).
const RETRIED: &str = "x-cos-sdk-retry";

/// Names a version of an object (xml-api.md §3.14).
pub(super) const VERSION: &str = "versionId";

/// What a request is about, and which of the service's hosts is asked.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// All buckets of the account.
    Account,
    /// An object; the bucket itself where the path is empty.
    Bucket(&'a Target),
    /// The same, where data is processed.
    Ci(&'a Target),
}

/// A request without a body, signed now. `length` is that of a body that follows, and signed, too. Whoever is
/// to be asked about a version is told so here, so that no request is about another by mistake.
pub(super) fn signed(
    signer: &Signer,
    method: Method,
    place: Place,
    mut query: Vec<(Cow<'static, str>, Vec<u8>)>,
    mut headers: Vec<Header>,
    length: Option<String>,
) -> Result<Request<'static>> {
    let (exchange, credentials) = (signer.exchange(), signer.credentials());
    let (at, target) = match place {
        Place::Account => (endpoint::service(exchange).all_buckets()?, None),
        Place::Bucket(target) => (endpoint::of_target(exchange, target)?, Some(target)),
        Place::Ci(target) => (endpoint::ci(exchange, &target.bucket)?, Some(target)),
    };
    let path = target.map(|target| &target.path);
    let (key, encoded) = path.map_or_else(Default::default, |path| (path.plain(), path.encoded()));
    let version = target.and_then(Target::version);
    query.extend(version.map(|version| (VERSION.into(), version.as_str().into())));
    let backup = match place {
        Place::Bucket(target) if signer.is_by_backup() => endpoint::backup_of(exchange, target)?,
        _ => None,
    };
    headers.extend(backup.iter().map(|_| (RETRIED.into(), "true".to_owned())));
    let at = backup.unwrap_or(at);
    headers.push(("host".into(), at.host));
    let token = credentials.token();
    headers.extend(token.map(|token| (TOKEN.into(), token.to_owned())));
    let path = format!("{}{key}", at.root);
    let mut signed: Vec<(&str, &str)> = headers
        .iter()
        // Of an empty one it is not sure that it arrives.
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (&**name, value.as_str()))
        .collect();
    signed.extend(length.as_deref().map(|length| ("content-length", length)));
    let signed = Signed {
        method: method.name(),
        path: &path,
        query: query.iter().map(|(n, v)| (&**n, &v[..])).collect(),
        headers: signed,
    };
    let time = KeyTime::new(exchange.now(), exchange.config().sign_expires_s);
    let signature = sign::authorization(credentials, time, &signed);
    let url = format!("{}{}{encoded}", at.origin, at.root);
    Ok(Request {
        method,
        signature,
        headers,
        ..Request::get(with_query(url, &query), REPLY_CAP)
    })
}

pub(super) fn with_query(mut url: String, query: &[(Cow<'static, str>, Vec<u8>)]) -> String {
    for (number, (name, value)) in query.iter().enumerate() {
        let sign = if number == 0 { '?' } else { '&' };
        url.push(sign);
        url.push_str(&sign::encode(&**name));
        // A sub-resource such as "uploads" has no value.
        if !value.is_empty() {
            url.push('=');
            url.push_str(&sign::encode(value));
        }
    }
    url
}
