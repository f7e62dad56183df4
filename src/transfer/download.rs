//! An object to a file: asked about first, fetched in ranges side by side when it is large, and
//! compared with what the service has said of it.

use std::path::Path;

use serde_json::Map;

use super::WHOLE_MAX_BYTES;
use super::fetch::Object;
use super::hasher::Hasher;
use super::known::Known;
use super::progress::Progress;
use super::sink::Sink;
use super::tally::Tally;
use super::workers::{self, Event, Job};
use crate::api::{Digests, Target, success};
use crate::client::Call;
use crate::error::{Meaning, Result};
use crate::reply::Reply;

/// Long enough that asking for the next one costs little.
const RANGE_BYTES: u64 = 4 << 20;

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
    let digests = match known.size > WHOLE_MAX_BYTES {
        true => in_ranges(&object, &sink, &mut progress)?,
        false => fetch(&object, known.size, &sink, &mut progress)?,
    };
    known.confirm(&digests)?;
    sink.keep()?;
    progress.finish();
    Ok(success(Map::from_iter([
        ("filesize".to_owned(), known.size.into()),
        ("sha".to_owned(), digests.sha1.into()),
    ])))
}

/// Side by side, or in one piece from a service that knows no ranges.
fn in_ranges(object: &Object, sink: &Sink, progress: &mut Progress) -> Result<Digests> {
    match fetch(object, RANGE_BYTES, sink, progress) {
        Err(error) if error.means(Meaning::RangesIgnored) => {
            fetch(object, object.size, sink, progress)
        }
        outcome => outcome,
    }
}

/// Fetches everything in ranges of this size.
fn fetch(object: &Object, range: u64, sink: &Sink, progress: &mut Progress) -> Result<Digests> {
    let size = object.size;
    let mut hasher = Hasher::default();
    let mut hashed = 0;
    let work = |job: &Job| {
        let start = job.number * range;
        object.fetch(start..size.min(start + range), sink, job)
    };
    // An empty object is asked for too: it must still be there.
    let mut tally = Tally::new(0, size, range.max(1));
    let threads = object.call.client().config().parallel;
    workers::run(threads, tally.parts().max(1), work, |event| match event {
        Event::Moved(bytes) => progress.advance(bytes),
        Event::Done(part, ()) => {
            tally.arrived(part);
            let whole_until = tally.without_gap();
            sink.read(hashed, whole_until, |bytes| hasher.update(bytes))?;
            hashed = whole_until;
            progress.slice_end(tally.done())
        }
    })?;
    Ok(hasher.digests())
}
