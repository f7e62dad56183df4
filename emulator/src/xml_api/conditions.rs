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

/// `prefix` is that of the names of the four headers. A tag comes before a date, as RFC 9110
/// §13.2.2 has it.
pub fn check(headers: &HeaderMap, prefix: &str, object: &Object) -> Outcome {
    let get = |name: &str| {
        let value = headers.get(format!("{prefix}{name}"))?;
        value.to_str().ok().filter(|text| !text.is_empty())
    };
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
