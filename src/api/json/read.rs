//! Reads an answer of the JSON API. Nothing in it is trusted: a reply of the wrong shape is a
//! `bad_reply`, never a success.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use ureq::http::Uri;

use super::{codes, fields};
use crate::api::Operation;
use crate::error::{Error, Kind, Result, Sent};
use crate::reply::Reply;
use crate::transport::Response;

/// How much of an unusable reply goes into the message.
const EXCERPT_CHARS: usize = 120;

/// `signature` is what the request was signed with: a service that repeats it in its answer must
/// not bring it into a message.
pub(crate) fn read(
    operation: &Operation,
    mut response: Response,
    signature: &str,
) -> Result<Reply> {
    redact(&mut response.body, signature);
    if (300..400).contains(&response.status) {
        return Err(redirect(&response));
    }
    let mut object = parse(&response)?;
    let code = match object.get("code").map(Value::as_i64) {
        Some(Some(code)) => code,
        Some(None) => return Err(bad(&response, "\"code\" is not a whole number")),
        None => return Err(bad(&response, "\"code\" is missing")),
    };
    let message = match object.remove("message") {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => String::new(),
        Some(_) => return Err(bad(&response, "\"message\" is not a string")),
    };
    let mut data = match object.remove("data") {
        Some(Value::Object(data)) => data,
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(bad(&response, "\"data\" is not an object")),
    };
    let request_id = match object.remove("request_id") {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    if code != 0 {
        let mut error = Error::service(code, message, response.status);
        error.data = data;
        error.request_id = request_id;
        error.meaning = codes::meaning(code);
        return Err(times(error, &response));
    }
    if !(200..300).contains(&response.status) {
        return Err(bad(&response, "\"code\" is 0"));
    }
    fields::check(operation, &mut data).map_err(|problem| bad(&response, &problem))?;
    Ok(Reply {
        message,
        httpcode: response.status,
        data,
        request_id,
    })
}

pub(super) fn redact(body: &mut Vec<u8>, signature: &str) {
    let signature = signature.as_bytes();
    let find = |body: &[u8]| body.windows(signature.len()).position(|w| w == signature);
    while let Some(at) = find(body) {
        body.splice(at..at + signature.len(), *b"(signature)");
    }
}

fn parse(response: &Response) -> Result<Map<String, Value>> {
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(bad(response, "not a JSON object")),
        Err(_) => Err(bad(response, "not JSON")),
    }
}

/// Never followed: the signature would go to whoever is named there. Only the host is told, the
/// rest of the URL may hold secrets.
fn redirect(response: &Response) -> Error {
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

fn bad(response: &Response, problem: &str) -> Error {
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
    let mut error = Error::new(kind, message);
    error.httpcode = response.status;
    error.sent = Sent::Unknown;
    times(error, response)
}

/// What the answer says about time: when it was, and when to come back.
fn times(mut error: Error, response: &Response) -> Error {
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let unix = |time: SystemTime| Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs());
    error.date = response.headers.text("date").and_then(date).and_then(unix);
    let wait = response.headers.text("retry-after").map(str::trim);
    error.retry_after = wait.and_then(|wait| match wait.parse() {
        Ok(seconds) => Some(seconds),
        // A date; as far away as the service's own clock says.
        Err(_) => Some(unix(date(wait)?)?.saturating_sub(error.date?)),
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
