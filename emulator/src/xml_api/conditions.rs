//! Conditional requests (xml-api.md §3.2, §3.5).

use axum::http::HeaderMap;
use httpdate::parse_http_date;
use std::time::UNIX_EPOCH;

use crate::store::Object;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Met,
    NotModified,
    Failed,
}

/// Those of a download. A tag comes before a date, as RFC 9110 §13.2.2 has it.
pub fn check(headers: &HeaderMap, object: &Object) -> Outcome {
    let get = |name: &str| text(headers, name);
    let failed = match (get("if-match"), get("if-unmodified-since")) {
        (Some(tags), _) => !names(tags, &object.etag),
        (None, Some(date)) => seconds(date).is_some_and(|date| object.mtime > date),
        (None, None) => false,
    };
    if failed {
        return Outcome::Failed;
    }
    let is_old = match (get("if-none-match"), get("if-modified-since")) {
        (Some(tags), _) => names(tags, &object.etag),
        (None, Some(date)) => seconds(date).is_some_and(|date| object.mtime <= date),
        (None, None) => false,
    };
    if is_old {
        return Outcome::NotModified;
    }
    Outcome::Met
}

/// Those of a copy: all that are given have to hold, whatever comes before what in a download.
pub fn hold_of_source(headers: &HeaderMap, source: &Object) -> bool {
    let get = |name: &str| text(headers, &format!("x-cos-copy-source-{name}"));
    let date = |name: &str| get(name).and_then(seconds);
    get("if-match").is_none_or(|tags| names(tags, &source.etag))
        && get("if-none-match").is_none_or(|tags| !names(tags, &source.etag))
        && date("if-modified-since").is_none_or(|date| source.mtime > date)
        && date("if-unmodified-since").is_none_or(|date| source.mtime <= date)
}

/// A header that is not empty.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value).filter(|text| !text.is_empty())
}

/// Whether one of the tags is this.
pub fn names(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || tag.trim_matches('"').eq_ignore_ascii_case(etag)
    })
}

fn seconds(date: &str) -> Option<i64> {
    let since = parse_http_date(date)
        .ok()?
        .duration_since(UNIX_EPOCH)
        .ok()?;
    i64::try_from(since.as_secs()).ok()
}
