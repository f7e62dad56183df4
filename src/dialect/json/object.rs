//! Objects by plain HTTP (json-api.md §2.10): where they are, and what a refusal says.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::Uri;

use super::operation::Operation;
use super::read::read;
use super::request::check_url;
use super::sign::{self, Account, Stamp};
use crate::dialect::{ObjectRequest, REPLY_CAP};
use crate::error::{Error, Kind, Result, service_code};
use crate::exchange::{Exchange, Signer};
use crate::model::Target;
use crate::transport::{Fetched, Header, Request};

/// Objects of the service itself are at hosts of their buckets.
const SERVICE_HOST: &str = "web.file.myqcloud.com";

/// The signature goes in the query.
pub(crate) fn object(
    signer: &Signer,
    target: &Target,
    headers: Vec<Header>,
) -> Result<ObjectRequest> {
    let expires_s = signer.exchange().config().sign_expires_s;
    let (url, signature) = signed_url(signer, target, expires_s)?;
    let mut request = Request::get(url, REPLY_CAP);
    request.headers = headers;
    Ok(ObjectRequest { request, signature })
}

/// A URL that anybody can fetch an object with for some seconds.
pub(crate) fn object_url(signer: &Signer, target: &Target, expires_s: u64) -> Result<String> {
    signed_url(signer, target, expires_s).map(|(url, _)| url)
}

/// The signature comes beside the URL.
fn signed_url(signer: &Signer, target: &Target, expires_s: u64) -> Result<(String, String)> {
    let url = url(signer.exchange(), target)?;
    let stamp = Stamp::new(signer.exchange());
    let expires = stamp.now + expires_s;
    let sign = sign::download(Account::of(signer), target, expires, stamp);
    let encoded = utf8_percent_encode(&sign, NON_ALPHANUMERIC).to_string();
    Ok((format!("{url}?sign={encoded}"), sign))
}

/// Never taken from a reply: the signature would go to whoever is named there.
fn url(exchange: &Exchange, target: &Target) -> Result<String> {
    let config = exchange.config();
    let place = format!("{}-{}", target.bucket.as_str(), exchange.appid());
    let path = target.path.encoded();
    let endpoint: Uri = config.endpoint.parse().expect("checked when it was set");
    let scheme = endpoint.scheme_str().unwrap_or("https");
    let url = match (&config.download_endpoint, endpoint.authority()) {
        (Some(given), _) => format!("{given}{place}/{path}"),
        (None, Some(host)) if host != SERVICE_HOST => format!("{scheme}://{host}/{place}/{path}"),
        (None, _) => format!("{scheme}://{place}.file.myqcloud.com/{path}"),
    };
    check_url(url, target)
}

/// What it means that something else than the object came: the service's code where it gives one,
/// else the HTTP status.
pub(crate) fn refusal(fetched: Fetched) -> Error {
    let status = fetched.status;
    let response = fetched.into_response(REPLY_CAP);
    let outcome = response.and_then(|response| read(&Operation::Stat, response, ""));
    let mut error = match outcome {
        Err(error) => error,
        Ok(_) => Error::new(Kind::BadReply, "the service answered without the object"),
    };
    error.httpcode = status;
    // A page of any kind; the status is what counts.
    if error.kind == Kind::BadReply {
        error.kind = Kind::HttpStatus;
    }
    error
}

/// An object whose upload is not over yet.
pub(crate) fn unfinished(there: u64, size: u64, httpcode: u16) -> Error {
    let message = format!("the file is not completely uploaded: {there} of {size} bytes are there");
    Error::service(service_code::NOT_COMPLETELY_UPLOADED, message, httpcode)
}
