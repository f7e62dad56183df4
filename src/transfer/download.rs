//! An object to a file: asked about first, fetched in ranges side by side when it is large, and
//! compared with what the service has said of it.

use std::path::Path;

use serde_json::Map;
use sha1::{Digest, Sha1};

use super::WHOLE_MAX_BYTES;
use super::fetch::Object;
use super::known::Known;
use super::piece;
use super::progress::Progress;
use super::sink::Sink;
use super::tally::Tally;
use super::workers::{self, Event, Job};
use crate::api::{Digests, Target, success};
use crate::client::Call;
use crate::crc64;
use crate::error::{Meaning, Result};
use crate::hex::hex;
use crate::reply::Reply;

/// `target` to the local file `filepath`, which is replaced if it is there.
pub(crate) fn download(
    call: &Call,
    target: &Target,
    filepath: &Path,
    progress: Progress,
) -> Result<Reply> {
    let sink = Sink::create(filepath)?;
    let known = Known::of(call, target)?;
    content(call, target, &known, sink, progress)
}

/// What is known of the object already is compared with what arrives.
pub(super) fn content(
    call: &Call,
    target: &Target,
    known: &Known,
    sink: Sink,
    mut progress: Progress,
) -> Result<Reply> {
    progress.set_total(known.size);
    progress.start(0)?;
    let object = Object::new(call, target, known);
    let with_sha1 = known.wants_sha1();
    let digests = match known.size > WHOLE_MAX_BYTES {
        true => in_ranges(&object, with_sha1, &sink, &mut progress)?,
        false => fetch(&object, known.size, with_sha1, &sink, &mut progress)?,
    };
    known.confirm(&digests)?;
    sink.keep()?;
    progress.finish();
    let digest = match digests.sha1 {
        Some(sha1) => ("sha", sha1),
        None => ("crc64", digests.crc64.to_string()),
    };
    Ok(success(Map::from_iter([
        ("filesize".to_owned(), known.size.into()),
        (digest.0.to_owned(), digest.1.into()),
    ])))
}

/// Side by side, or in one piece from a service that knows no ranges.
fn in_ranges(
    object: &Object,
    with_sha1: bool,
    sink: &Sink,
    progress: &mut Progress,
) -> Result<Digests> {
    match fetch(
        object,
        piece::of_download(object.size),
        with_sha1,
        sink,
        progress,
    ) {
        Err(error) if error.means(Meaning::RangesIgnored) => {
            fetch(object, object.size, with_sha1, sink, progress)
        }
        outcome => outcome,
    }
}

/// Fetches everything in ranges of this size. Their CRC64s are put together; SHA-1 can only be
/// reckoned in order, of what is in the file already.
fn fetch(
    object: &Object,
    range: u64,
    with_sha1: bool,
    sink: &Sink,
    progress: &mut Progress,
) -> Result<Digests> {
    let size = object.size;
    let bounds = |part: u64| part * range..size.min((part + 1) * range);
    // An empty object is asked for too: it must still be there.
    let mut tally = Tally::new(0, size, range.max(1));
    let parts = tally.parts().max(1);
    let mut crc64s = vec![0; parts as usize];
    let mut sha1 = with_sha1.then(Sha1::new);
    let mut hashed = 0;
    let work = |job: &Job| object.fetch(bounds(job.number), sink, job);
    let threads = object.call.client().config().parallel;
    workers::run(threads, parts, work, |event| match event {
        Event::Moved(bytes) => progress.advance(bytes),
        Event::Done(part, crc64) => {
            crc64s[part as usize] = crc64;
            tally.arrived(part);
            if let Some(sha1) = &mut sha1 {
                let whole_until = tally.without_gap();
                sink.read(hashed, whole_until, |bytes| sha1.update(bytes))?;
                hashed = whole_until;
            }
            progress.slice_end(tally.done())
        }
    })?;
    let lengths = (0..parts).map(|part| bounds(part).end - bounds(part).start);
    Ok(Digests {
        sha1: sha1.map(|sha1| hex(&sha1.finalize())),
        crc64: crc64::joined(crc64s.into_iter().zip(lengths)),
        md5: None,
    })
}
