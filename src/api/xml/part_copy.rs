//! Copies of what one copy does not take: an upload whose parts the service copies from the source
//! (xml-api.md §3.7).

use super::ask::{self, Ask};
use super::codes;
use super::copy::{Said, source_name};
use super::multipart::{self, Part};
use super::object::{Head, head, head_if_there};
use crate::api::Target;
use crate::client::Call;
use crate::error::{Meaning, Result};
use crate::transport::{Method, Response};

/// Few enough requests, each soon done. The service takes parts of 1 MiB to 5 GiB, 10000 at most.
const PART_BYTES: u64 = 1 << 30;
const PARTS_MAX: u64 = 10_000;

/// Copies a source that is what its head says; the copy's CRC64, if the service tells it.
pub(super) fn copy(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    said: &Said,
) -> Result<Option<u64>> {
    let session = multipart::begin_with(call, to, said.whole(source)?, said.overwrite)?;
    let copied = copy_parts(call, (from, source), to, (&session, said));
    copied.inspect_err(|_| {
        // Its parts would be paid for, and nobody else knows of them.
        let _ = multipart::abort(call, to, &session);
    })
}

fn copy_parts(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    (session, said): (&str, &Said),
) -> Result<Option<u64>> {
    let length = part_length(source.size);
    let mut parts = Vec::new();
    for number in 1..=source.size.div_ceil(length) {
        let first = (number - 1) * length;
        let last = source.size.min(first + length) - 1;
        let ask = Ask::about(Method::Put, to, |response: &Response| {
            let tree = ask::document(response, "CopyPartResult")?;
            let etag = Some(tree.text_of("ETag")).filter(|etag| !etag.is_empty());
            Ok(ask::needed(response, "ETag", etag)?.to_owned())
        })
        .query("partNumber", number.to_string())
        .query("uploadId", session)
        .header("x-cos-copy-source", source_name(call.client(), from)?)
        .header("x-cos-copy-source-range", format!("bytes={first}-{last}"))
        .header("x-cos-copy-source-if-match", &source.etag)
        .headers(said.conditions.iter().cloned())
        .patient();
        parts.push(Part {
            number,
            size: last + 1 - first,
            etag: call.ask(&ask)?,
        });
    }
    if from.path == to.path {
        // Completing has no condition: what somebody else has put there meanwhile must stay.
        still_there(call, from, source)?;
    }
    match multipart::complete(call, to, session, parts.iter(), said.overwrite) {
        Err(error) if error.perhaps_done && error.means(Meaning::AskAgain) => {
            // The first try may have been carried out, and its answer lost.
            let held = head_if_there(call, to)?.filter(|held| held.size == source.size);
            let same = held.filter(|held| held.crc64 == source.crc64);
            same.map(|held| held.crc64).ok_or(error)
        }
        outcome => outcome,
    }
}

fn still_there(call: &Call, from: &Target, source: &Head) -> Result<()> {
    let modified = |head: &Head| head.headers.text("last-modified").map(str::to_owned);
    let now = head(call, from)?;
    if now.etag == source.etag && modified(&now) == modified(source) {
        return Ok(());
    }
    let message = "the file was replaced while it was copied";
    Err(codes::named("PreconditionFailed", message, 412))
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
