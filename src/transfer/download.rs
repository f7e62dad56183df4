//! An object to a file: in one request where it is small, in ranges side by side where it is large, and
//! compared with what the service has said of it.

use std::collections::BTreeMap;

use super::WHOLE_MAX_BYTES;
use super::fetch::{Begun, Moved, Object};
use super::first_range::{self, Wanted};
use super::hasher::Hasher;
use super::part_tracker::PartTracker;
use super::progress::Progress;
use super::range_size;
use super::refetch;
use super::resumption::Resumption;
use super::sink::Sink;
use crate::base::crc64;
use crate::base::size;
use crate::base::workers::{self, Event, Job};
use crate::config::ReadOptions;
use crate::dialect;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::local::{FileStamp, Place};
use crate::model::{
    Answer, ContentInfo, Digests, DownloadDigest, DownloadedObject, FileAttributes, Target,
    Verified,
};

/// `target` to the local `file`.
pub(crate) fn download(
    call: &Call,
    target: &Target,
    file: Place,
    options: &ReadOptions,
    progress: Progress,
) -> Result<Answer<DownloadedObject>> {
    let sink = Sink::create(file, options.overwrite)?;
    let conditions = &options.conditions;
    let (known, begun) = match call.exchange().config().checkpoint_dir {
        // Its first bytes may be there already.
        Some(_) => {
            let dialect = dialect::of(call.exchange());
            (dialect.content_info(call, target, conditions)?, None)
        }
        None => {
            let first = 0..range_size::FIRST_RANGE;
            first_range::begin(call, target, conditions, first, Wanted::Whole)?
        }
    };
    // A single file is as new as its download.
    let known = ContentInfo {
        file: FileAttributes::default(),
        ..known
    };
    let (answer, _) = content(call, target, (&known, begun), sink, progress)?;
    Ok(answer)
}

/// What is known of the object already is compared with what arrives; an answer may have begun to bring it. The
/// file gets the attributes that are known of it. With its stamp, where that is certain.
pub(super) fn content<'c>(
    call: &'c Call<'c>,
    target: &Target,
    (known, begun): (&ContentInfo, Option<Begun<'c>>),
    mut sink: Sink,
    mut progress: Progress,
) -> Result<(Answer<DownloadedObject>, Option<FileStamp>)> {
    progress.set_total(known.size);
    progress.start(0)?;
    let mut resumption = match known.size > WHOLE_MAX_BYTES {
        true => Resumption::of(call.exchange(), target, known, &mut sink)?,
        false => None,
    };
    let object = Object::new(call, target, known).begun(begun);
    let received = in_ranges(&object, &sink, resumption.as_mut(), &mut progress);
    let (verified, digests) = received.inspect_err(|error| {
        if let Some(resumption) = &resumption {
            resumption.end(error, &mut sink);
        }
    })?;
    let kept = sink.keep(known.file);
    // Whatever else has failed then may pass.
    let is_over = |error: &Error| error.kind == Kind::Exists;
    if let (Some(resumption), true) = (&resumption, kept.as_ref().err().is_none_or(is_over)) {
        resumption.forget();
    }
    let stamp = kept?;
    progress.finish();
    let digest = match digests.sha1 {
        Some(sha1) => DownloadDigest::Sha1(sha1),
        None => DownloadDigest::Crc64(digests.crc64),
    };
    let object = DownloadedObject {
        size: known.size,
        digest,
        verified,
        version_id: known.version_id.clone(),
    };
    Ok((Answer::success(object), stamp))
}

/// Small objects in one piece, and those of a service that knows no ranges; else side by side.
fn in_ranges(
    object: &Object,
    sink: &Sink,
    resumption: Option<&mut Resumption>,
    progress: &mut Progress,
) -> Result<(Verified, Digests)> {
    if object.known.size > WHOLE_MAX_BYTES {
        match side_by_side(object, sink, resumption, progress) {
            Err(error) if error.is(ErrorClass::RangesIgnored) => {}
            outcome => return confirmed(object.known, outcome?),
        }
    }
    whole(object, sink, &mut |bytes| progress.advance(bytes))
}

fn confirmed(known: &ContentInfo, arrived: Digests) -> Result<(Verified, Digests)> {
    Ok((known.confirm(&arrived)?, arrived))
}

/// Fetches everything in one request, on this thread. An empty object is asked for too: it must still be there.
pub(super) fn whole(
    object: &Object,
    sink: &Sink,
    moved: &mut Moved,
) -> Result<(Verified, Digests)> {
    let known = object.known;
    refetch::until_sound(object.call, known.size, || {
        confirmed(known, in_one_request(object, sink, moved)?)
    })
}

fn in_one_request(object: &Object, sink: &Sink, moved: &mut Moved) -> Result<Digests> {
    let known = object.known;
    let crc64 = object.fetch(0..known.size, sink, moved)?;
    if !known.wants_all() {
        return Ok(Digests::of_crc64(crc64));
    }
    let mut hasher = Hasher::of_download(known);
    sink.read(0, known.size, |bytes| hasher.update(bytes))?;
    Ok(hasher.digests())
}

/// Fetches everything in ranges. Their CRC64s are put together; other digests can only be reckoned in order, of what
/// is in the file already.
fn side_by_side(
    object: &Object,
    sink: &Sink,
    mut resumption: Option<&mut Resumption>,
    progress: &mut Progress,
) -> Result<Digests> {
    let size = object.known.size;
    let range = range_size::of(size);
    let bounds = |part: u64| part * range..size.min((part + 1) * range);
    let mut tally = PartTracker::new(0, Some(size), range);
    let parts = tally.parts();
    let mut crc64s = size::list_of(parts, 0)?;
    let mut in_order = object
        .known
        .wants_all()
        .then(|| Hasher::of_download(object.known));
    let mut hashed = 0;
    let there = match &mut resumption {
        Some(resumption) => resumption.read_back(sink, parts, bounds)?,
        None => BTreeMap::new(),
    };
    for (part, crc64) in &there {
        crc64s[size::index(*part)] = *crc64;
        tally.arrived(*part, bounds(*part).end - bounds(*part).start);
    }
    let mut hash = |until: u64| match &mut in_order {
        Some(hasher) => {
            sink.read(hashed, until, |bytes| hasher.update(bytes))?;
            hashed = until;
            Ok(())
        }
        None => Ok(()),
    };
    hash(tally.without_gap())?;
    if tally.done() > 0 {
        progress.start(tally.done())?;
    }
    let missing = (0..parts).filter(|part| !there.contains_key(part));
    let work = |part: &u64, job: &Job| {
        let moved = &mut |bytes| job.moved(bytes);
        object.fetch(bounds(*part), sink, moved)
    };
    let concurrency = object.call.exchange().concurrency();
    workers::run(&concurrency, missing, work, |event| match event {
        Event::Moved(bytes) => progress.advance(bytes),
        Event::Done(part, crc64) => {
            crc64s[size::index(part)] = crc64;
            tally.arrived(part, bounds(part).end - bounds(part).start);
            if let Some(resumption) = &mut resumption {
                resumption.arrived(part, crc64);
            }
            hash(tally.without_gap())?;
            progress.slice_end(tally.done())
        }
    })?;
    if let Some(hasher) = in_order {
        return Ok(hasher.digests());
    }
    let lengths = (0..parts).map(|part| bounds(part).end - bounds(part).start);
    let crc64s = crc64s.into_iter().zip(lengths);
    Ok(Digests::of_crc64(crc64::joined(crc64s)))
}
