//! Objects by plain HTTP (json-api.md §2.10): where they are, and what a refusal says.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::Uri;

use super::operation::Operation;
use super::read::read;
use super::request::check_url;
use super::sign::{self, Stamp};
use crate::dialect::{ObjectRequest, REPLY_CAP};
use crate::error::{Error, Kind, Result, service_code};
use crate::exchange::Exchange;
use crate::model::Target;
use crate::transport::{Fetched, Header, Request};

/// Objects of the service itself are at hosts of their buckets.
const SERVICE_HOST: &str = "web.file.myqcloud.com";

/// The signature goes in the query.
pub(crate) fn object(
    exchange: &Exchange,
    target: &Target,
    headers: Vec<Header>,
) -> Result<ObjectRequest> {
    let (url, signature) = signed_url(exchange, target, exchange.config().sign_expires_s)?;
    let mut request = Request::get(url, REPLY_CAP);
    request.headers = headers;
    Ok(ObjectRequest {
        request,
        secrets: exchange.secrets().with_signature(&signature),
    })
}

/// A URL that anybody can fetch an object with for some seconds.
pub(crate) fn object_url(exchange: &Exchange, target: &Target, expires_s: u64) -> Result<String> {
    signed_url(exchange, target, expires_s).map(|(url, _)| url)
}

/// The signature comes beside the URL.
fn signed_url(exchange: &Exchange, target: &Target, expires_s: u64) -> Result<(String, String)> {
    let url = url(exchange, target)?;
    let stamp = Stamp::new(exchange);
    let expires = stamp.now + expires_s;
    let sign = sign::download(exchange.credentials(), target, expires, stamp);
    let encoded = utf8_percent_encode(&sign, NON_ALPHANUMERIC).to_string();
    Ok((format!("{url}?sign={encoded}"), sign))
}

/// Never taken from a reply: the signature would go to whoever is named there.
fn url(exchange: &Exchange, target: &Target) -> Result<String> {
    let config = exchange.config();
    let place = format!(
        "{}-{}",
        target.bucket.as_str(),
        exchange.credentials().appid()
    );
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
