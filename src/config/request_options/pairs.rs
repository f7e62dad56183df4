//! Query parameters and headers of a request that a caller words: JSON in, checked pairs out.

use serde_json::Value;

use crate::base::quoted::quoted;
use crate::error::{Error, Result};
use crate::model::params;

/// A name and its value, as they are, not encoded.
pub(crate) type Pair = (String, String);

/// Longer than any that the service documents; the whole head of a request has to be shorter, too.
const VALUE_MAX_BYTES: usize = 8 << 10;

/// Longest name of a parameter or header.
const NAME_MAX_BYTES: usize = 256;

/// What whoever sends a request says of it: who asks, and how the connection is used.
const SENDERS_HEADERS: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

pub(crate) const CONTENT_LENGTH: &str = "content-length";

/// Goes with temporary credentials, as a header or as a parameter.
const TOKEN: &str = "x-cos-security-token";

/// Those of a signature are refused. `param` is the caller's name for what holds the key "query".
pub(super) fn query(param: &str, value: &Value) -> Result<Vec<Pair>> {
    pairs(param, "query", value, query_pair)
}

/// Of a request that the library sends.
pub(super) fn headers(param: &str, value: &Value) -> Result<Vec<Pair>> {
    pairs(param, "headers", value, |name, value| {
        let pair = header_pair(name, value, "is set by the library")?;
        match pair.0 == CONTENT_LENGTH {
            true => Err("is set by the library".to_owned()),
            false => Ok(pair),
        }
    })
}

/// Of a request that somebody else sends: how long its body is may be fixed beforehand.
pub(super) fn headers_to_sign(param: &str, value: &Value) -> Result<Vec<Pair>> {
    pairs(param, "headers", value, |name, value| {
        let pair = header_pair(name, value, "is for the sender and the library to set")?;
        let is_number = || value.parse::<u64>().is_ok_and(|it| it.to_string() == value);
        match pair.0 == CONTENT_LENGTH && !is_number() {
            true => Err("must be a number of bytes".to_owned()),
            false => Ok(pair),
        }
    })
}

type Checked = std::result::Result<Pair, String>;

/// An object of strings, each of them checked.
fn pairs(
    param: &str,
    key: &str,
    value: &Value,
    check: fn(&str, &str) -> Checked,
) -> Result<Vec<Pair>> {
    let error = |problem: &str| Error::parameter(param, format!("{key}: {problem}"));
    let Value::Object(given) = value else {
        return Err(error("must be an object of names and strings"));
    };
    let mut pairs: Vec<Pair> = Vec::new();
    for (name, value) in given {
        let wrong = |problem: &str| error(&format!("{} {problem}", quoted(name)));
        let value = value.as_str().ok_or_else(|| wrong("must be a string"))?;
        if name.is_empty() || name.len() > NAME_MAX_BYTES {
            return Err(wrong(&format!("must have 1 to {NAME_MAX_BYTES} bytes")));
        }
        if value.len() > VALUE_MAX_BYTES {
            let problem = format!("has {} bytes, the limit is {VALUE_MAX_BYTES}", value.len());
            return Err(wrong(&problem));
        }
        let pair = check(name, value).map_err(|problem| wrong(&problem))?;
        if pairs.iter().any(|(other, _)| *other == pair.0) {
            return Err(wrong("is given twice"));
        }
        pairs.push(pair);
    }
    Ok(pairs)
}

fn query_pair(name: &str, value: &str) -> Checked {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("q-") || lower == "sign" || lower == TOKEN {
        return Err("is part of a signature, and the library signs".to_owned());
    }
    for text in [name, value] {
        params::text("", text, VALUE_MAX_BYTES)
            .map_err(|error| error.message.trim_start_matches(": ").to_owned())?;
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn header_pair(name: &str, value: &str, not_the_callers: &str) -> Checked {
    let lower = name.to_ascii_lowercase();
    if SENDERS_HEADERS.contains(&lower.as_str()) || lower == TOKEN {
        return Err(not_the_callers.to_owned());
    }
    // The characters of a token in HTTP.
    let lawful = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if !lower.bytes().all(lawful) {
        return Err("is no name of a header".to_owned());
    }
    let printable = |b: u8| b.is_ascii_graphic() || b == b' ';
    if value.is_empty() || !value.bytes().all(printable) {
        return Err("must be printable ASCII, and not empty".to_owned());
    }
    // On its way a header loses them; what was signed would be another.
    if value.starts_with(' ') || value.ends_with(' ') {
        return Err("must not begin or end with a blank".to_owned());
    }
    Ok((lower, value.to_owned()))
}
