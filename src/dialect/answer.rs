//! What the answers of both dialects have in common: redirects, gateways' pages and times.

use ureq::http::Uri;

use crate::base::time;
use crate::error::{Error, Kind};
use crate::transport::Response;

/// How much of an unusable reply goes into the message.
const EXCERPT_CHARS: usize = 120;

/// Whether an answer leads elsewhere; 304 answers a condition.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 300..400) && status != 304
}

/// Never followed: the signature would go to whoever is named there. Only the host is told, the
/// rest of the URL may hold secrets.
pub(super) fn redirect(response: &Response) -> Error {
    let host = response
        .headers
        .text("location")
        .and_then(|url| url.parse::<Uri>().ok())
        .and_then(|uri| uri.host().map(str::to_owned))
        .unwrap_or_else(|| "the same host".to_owned());
    let message = format!(
        "HTTP status {} redirects to {host}; redirects are not followed",
        response.status
    );
    unusable(response, Kind::Redirect, message)
}

pub(super) fn bad(response: &Response, problem: &str) -> Error {
    // A gateway's page in the service's stead; its status says more than its text.
    let busy = response.status == 429 || response.status >= 500;
    let kind = if busy {
        Kind::HttpStatus
    } else {
        Kind::BadReply
    };
    let message = format!(
        "HTTP status {} with a reply that cannot be used: {problem}: {}",
        response.status,
        excerpt(&response.body)
    );
    unusable(response, kind, message)
}

fn unusable(response: &Response, kind: Kind, message: String) -> Error {
    let error = Error::new(kind, message).answered(response.status);
    times(error.unknown_outcome(), response)
}

/// What the answer says about time: when it was, and when to come back.
pub(super) fn times(mut error: Error, response: &Response) -> Error {
    error.date = response.date();
    let wait = response.headers.text("retry-after").map(str::trim);
    error.retry_after = wait.and_then(|wait| match wait.parse() {
        Ok(seconds) => Some(seconds),
        // A date; as far away as the service's own clock says.
        Err(_) => Some(time::http(wait)?.saturating_sub(error.date?)),
    });
    error
}

/// The beginning of a reply, printable.
fn excerpt(body: &[u8]) -> String {
    if body.is_empty() {
        return "(empty)".to_owned();
    }
    let start = &body[..body.len().min(EXCERPT_CHARS * 4)];
    String::from_utf8_lossy(start)
        .chars()
        .take(EXCERPT_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
