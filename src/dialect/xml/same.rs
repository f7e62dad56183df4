//! What two looks at objects prove: that their content is the same, or that one object has not been
//! changed between them.

use std::time::Instant;

use super::head::Head;
use super::metadata;
use crate::base::time;
use crate::model::Verified;

/// Whether two objects have the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Same,
    Differs,
    /// Of the same size, and with no digest that both have.
    Unproven,
}

/// By what both tell: CRC64, else MD5, else the size.
pub(super) fn compare(one: &Head, other: &Head) -> Content {
    let is_equal = match (one.crc64, other.crc64) {
        (Some(one), Some(other)) => Some(one == other),
        _ => one.md5().zip(other.md5()).map(|(one, other)| one == other),
    };
    match is_equal {
        _ if one.size != other.size => Content::Differs,
        Some(true) => Content::Same,
        Some(false) => Content::Differs,
        None => Content::Unproven,
    }
}

/// What two objects of the same content were compared by.
pub(super) fn compared_by(one: &Head, other: &Head) -> Verified {
    if one.crc64.is_some() && other.crc64.is_some() {
        return Verified::Crc64;
    }
    match one.md5().is_some() && other.md5().is_some() {
        true => Verified::Md5,
        false => Verified::Length,
    }
}

/// What is known of an object's content, for a message.
pub(super) fn describe(head: &Head) -> String {
    let digest = match (head.crc64, head.md5()) {
        (Some(crc64), _) => format!("of CRC64 {crc64}"),
        (None, Some(md5)) => format!("of MD5 {md5}"),
        (None, None) => "of unknown digest".to_owned(),
    };
    format!("{} bytes {digest}", head.size)
}

/// Whether an object is what it was, content, metadata and all that a copy would take from it.
pub(crate) fn is_unchanged(before: &Head, now: &Head) -> bool {
    let reported = |head: &Head| {
        let kept = |(name, value): (&str, Result<&str, ()>)| {
            let is_kept = metadata::is_own(name) || name == "last-modified";
            is_kept.then(|| format!("{name}: {value:?}"))
        };
        let mut reported: Vec<String> = head.headers.iter().filter_map(kept).collect();
        reported.sort_unstable();
        reported
    };
    before.etag == now.etag
        && compare(before, now) != Content::Differs
        && reported(before) == reported(now)
}

/// Whether it was changed in this very second: a further change could have the same time. `now` is
/// the service's time where the answer does not tell it.
pub(super) fn is_fresh(head: &Head, now: u64) -> bool {
    let time = |name| head.headers.text(name).and_then(time::http);
    let now = time("date").unwrap_or(now);
    time("last-modified").is_some_and(|modified| now <= modified)
}

/// Whether it was there before `begun`, as far as the service's clock tells, which counts seconds.
pub(super) fn is_older(head: &Head, begun: Instant) -> bool {
    let time = |name| head.headers.text(name).and_then(time::http);
    let age = time("date").zip(time("last-modified"));
    age.is_some_and(|(now, modified)| modified + begun.elapsed().as_secs() + 1 < now)
}
