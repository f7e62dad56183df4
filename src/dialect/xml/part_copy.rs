//! Copies of what one copy does not take: an upload whose parts the service copies from the source
//! (xml-api.md §3.7).

use super::acl;
use super::copy_source::{
    CopySpec, TAGGING_DIRECTIVE, changed, if_match, seen, source, source_name,
};
use super::head::{Head, head_if_seen};
use super::request::lost_then_refused;
use super::request::{self, RequestBuilder};
use super::same::{Content, compare, is_unchanged};
use super::stored::Stored;
use super::{endpoint, metadata, multipart, tags};
use crate::base::size::{self, PART_SIZE_MAX, PARTS_MAX};
use crate::base::workers::{self, Event, Job};
use crate::dialect::{Copied, Part};
use crate::error::{Error, ErrorClass, Result};
use crate::exchange::Call;
use crate::model::Target;
use crate::transport::{Header, Method, Response};

/// Few enough requests, each soon done.
const PART_BYTES: u64 = 1 << 30;

/// Copies a source that is what its head says.
pub(super) fn copy(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    spec: &CopySpec,
    copied: &mut Copied,
) -> Result<Stored> {
    let headers = whole(call, from, source, spec)?;
    match in_session(call, (from, source), to, (&headers, spec), copied) {
        // Aborted by somebody, or expired, in the midst of it: begun anew once.
        Err(error) if error.is(ErrorClass::AskAgain) && !error.maybe_applied => {
            in_session(call, (from, source), to, (&headers, spec), copied)
        }
        outcome => outcome,
    }
}

fn in_session(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    (headers, spec): (&[Header], &CopySpec),
    copied: &mut Copied,
) -> Result<Stored> {
    let session = multipart::begin_with(call, to, headers.to_vec(), spec.overwrite)?;
    let made = copy_parts(call, (from, source), to, (&session, spec), copied);
    // Its parts would be paid for, and nobody else knows of them.
    made.map_err(|error| match multipart::abort(call, to, &session) {
        Ok(()) => error,
        Err(_) => error.with_data("session", session),
    })
}

fn copy_parts(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    (session, spec): (&str, &CopySpec),
    copied: &mut Copied,
) -> Result<Stored> {
    let parts = copied_parts(call, (from, source), to, (session, spec), copied)?;
    // Completing has no condition: what somebody else has put there meanwhile must stay.
    let before = match is_itself(call, from, to) {
        true => Some(still_there(call, (from, source), spec)?),
        false => head_if_seen(call, to)?,
    };
    match multipart::complete(call, to, session, parts.iter(), spec.overwrite) {
        Err(error)
            if error.maybe_applied && error.is(ErrorClass::AskAgain)
                || lost_then_refused(&error) =>
        {
            // The first attempt may have been carried out, and its answer lost.
            let is_ours = |now: &Head| is_ours(now, source, before.as_ref());
            match seen(call, to, &is_ours)? {
                Some(now) if is_ours(&now) => Ok(Stored::seen(&now)),
                _ => Err(error),
            }
        }
        outcome => outcome,
    }
}

/// Whether an object is copied onto itself; one of its older versions is another.
fn is_itself(call: &Call, from: &Target, to: &Target) -> bool {
    from.version().is_none()
        && from.path.encoded() == to.path.encoded()
        && endpoint::is_same(call.exchange(), &from.bucket, &to.bucket)
}

/// Copies each part, several at once.
fn copied_parts(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    (session, spec): (&str, &CopySpec),
    copied: &mut Copied,
) -> Result<Vec<Part>> {
    let length = part_length(source.size);
    let conditions = conditions(source, spec);
    let from = source_name(call.exchange(), from)?;
    let copy_one = |number: &u64, _: &Job| {
        let first = (number - 1) * length;
        let last = source.size.min(first + length) - 1;
        let request = RequestBuilder::about(Method::Put, to, |response: &Response| {
            let tree = request::document(response, "CopyPartResult")?;
            let etag = Some(tree.text_of("ETag")).filter(|etag| !etag.is_empty());
            Ok(request::needed(response, "ETag", etag)?.to_owned())
        })
        .query("partNumber", number.to_string())
        .query("uploadId", session)
        .header("x-cos-copy-source", from.as_str())
        .header("x-cos-copy-source-range", format!("bytes={first}-{last}"))
        .headers(conditions.iter().cloned())
        .with_key()
        .patient();
        Ok(Part {
            number: *number,
            size: last + 1 - first,
            etag: call.ask(&request)?,
        })
    };
    let concurrency = call.exchange().concurrency();
    let count = source.size.div_ceil(length);
    let mut parts: Vec<Option<Part>> = (0..count).map(|_| None).collect();
    let mut done = 0;
    workers::run(&concurrency, 1..=count, copy_one, |event| {
        if let Event::Done(number, part) = event {
            done += part.size;
            parts[size::index(number - 1)] = Some(part);
        }
        copied(done, source.size)
    })?;
    Ok(parts.into_iter().flatten().collect())
}

/// The headers of an object that inherits nothing, not even tags.
fn whole(call: &Call, from: &Target, source: &Head, spec: &CopySpec) -> Result<Vec<Header>> {
    let param = from.path.param();
    if source.size.div_ceil(PARTS_MAX) > PART_SIZE_MAX {
        let problem = format!("has {} bytes, more than can be copied", source.size);
        return Err(Error::parameter(param, problem));
    }
    let mut headers = spec.whole(source, param)?;
    let count = headers.len();
    headers.retain(|(name, _)| name != TAGGING_DIRECTIVE);
    let are_said = headers.len() < count;
    let are_there = source.headers.text("x-cos-tagging-count");
    if !are_said && are_there.is_some_and(|count| count.trim() != "0") {
        let tags = tags::get(call, from).map_err(|error| {
            error.context(
                "the file's tags cannot be read (GET ?tagging, cos:GetObjectTagging), and a copy must \
                 keep them",
            )
        })?;
        headers.extend(metadata::tagging(&tags));
    }
    Ok(headers)
}

/// Each part is of the same content, whatever else is demanded of the source.
fn conditions(source: &Head, spec: &CopySpec) -> Vec<Header> {
    let tag = if_match(source);
    let others = spec.conditions.iter().filter(|(name, _)| *name != tag.0);
    let others: Vec<Header> = others.cloned().collect();
    [vec![tag], others].concat()
}

/// What was not there before, and has the source's content as far as both tell.
fn is_ours(now: &Head, source: &Head, before: Option<&Head>) -> bool {
    let is_new = before.is_none_or(|before| !is_unchanged(before, now));
    is_new && compare(now, source) != Content::Differs
}

/// The object as it is now, if nobody has changed it since it was looked at, nor who may read it.
fn still_there(call: &Call, (from, before): (&Target, &Head), spec: &CopySpec) -> Result<Head> {
    let now = source(call, from)?;
    let access = acl::of_source(call, from)?.headers(from.path.param())?;
    let is_said = access.iter().all(|header| spec.headers.contains(header));
    let said_access = spec.headers.iter().filter(|(name, _)| acl::is_access(name));
    match is_unchanged(before, &now) && is_said && said_access.count() == access.len() {
        true => Ok(now),
        false => Err(changed()),
    }
}

/// Parts of about the same size: the last is none that is too small to be taken.
fn part_length(size: u64) -> u64 {
    let parts = size.div_ceil(PART_BYTES).min(PARTS_MAX);
    size.div_ceil(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_neither_too_many_nor_too_small() {
        const GIB: u64 = 1 << 30;
        for size in [5 * GIB + 1, 6 * GIB, 7 * GIB - 1, 48 << 40] {
            let length = part_length(size);
            let parts = size.div_ceil(length);
            assert!(parts <= PARTS_MAX && length <= 5 * GIB, "{size}");
            assert!(size - (parts - 1) * length >= 1 << 20, "{size}");
        }
    }
}
