//! An object to a file: asked about first, fetched in ranges side by side when it is large, and
//! compared with what the service has said of it.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use sha1::{Digest, Sha1};

use super::fetch::Object;
use super::progress::Progress;
use super::sink::Sink;
use super::tally::Tally;
use super::workers::{self, Event, Job};
use crate::api::{self, Operation, Target, json};
use crate::client::{Call, Client};
use crate::crc64::Crc64;
use crate::error::{Error, Kind, Meaning, Result};
use crate::hex::hex;
use crate::reply::Reply;

/// Larger objects are fetched in ranges.
const WHOLE_MAX_BYTES: u64 = 8 << 20;

/// Long enough that asking for the next one costs little.
const RANGE_BYTES: u64 = 4 << 20;

/// `target` to the local file `filepath`, which is replaced if it is there.
pub(crate) fn download(
    client: &Client,
    target: &Target,
    filepath: &Path,
    mut progress: Progress,
) -> Result<Reply> {
    let call = client.call();
    let sink = Sink::create(filepath)?;
    let known = Known::of(&call, target)?;
    progress.set_total(known.size);
    progress.start(0)?;
    let object = Object {
        call: &call,
        target,
        size: known.size,
        etag: known
            .etag
            .clone()
            .map_or_else(OnceLock::new, OnceLock::from),
    };
    let digests = match known.size > WHOLE_MAX_BYTES {
        true => in_ranges(&object, &sink, &mut progress)?,
        false => fetch(&object, known.size, &sink, &mut progress)?,
    };
    known.confirm(&digests)?;
    sink.keep()?;
    progress.finish();
    Ok(Reply {
        message: "SUCCESS".to_owned(),
        httpcode: 200,
        data: Map::from_iter([
            ("filesize".to_owned(), known.size.into()),
            ("sha".to_owned(), digests.sha1.into()),
        ]),
        request_id: None,
    })
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

/// Of what is in the file.
struct Digests {
    /// In hex.
    sha1: String,
    crc64: u64,
}

/// Fetches everything in ranges of this size.
fn fetch(object: &Object, range: u64, sink: &Sink, progress: &mut Progress) -> Result<Digests> {
    let size = object.size;
    let mut sha1 = Sha1::new();
    let mut crc64 = Crc64::default();
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
            sink.read(hashed, whole_until, |bytes| {
                sha1.update(bytes);
                crc64.update(bytes);
            })?;
            hashed = whole_until;
            progress.slice_end(tally.done())
        }
    })?;
    Ok(Digests {
        sha1: hex(&sha1.finalize()),
        crc64: crc64.value(),
    })
}

/// What the service says of an object before it is fetched.
struct Known {
    size: u64,
    /// In hex; not every object has one.
    sha1: Option<String>,
    /// Reckoned by the service itself, so it goes before a SHA-1 that an uploader has claimed.
    crc64: Option<u64>,
    etag: Option<String>,
}

impl Known {
    fn of(call: &Call, target: &Target) -> Result<Known> {
        let stat = api::ask(call, target, &Operation::Stat)?;
        let number = |key: &str| stat.data.get(key).and_then(Value::as_u64);
        let Some(size) = number("filesize").or(number("filelen")) else {
            let problem = "the service does not tell the file's size";
            return Err(Error::new(Kind::BadReply, problem).answered(stat.httpcode));
        };
        if let Some(there) = number("filelen").filter(|there| *there < size) {
            return Err(json::unfinished(there, size, stat.httpcode));
        }
        let text = |key: &str| stat.data.get(key).and_then(Value::as_str);
        let sha1 = text("sha");
        let is_digest = |sha: &&str| {
            sha.len() == 40
                && sha.bytes().all(|b| b.is_ascii_hexdigit())
                // Uploaded without one (json-api.md §3.2).
                && sha.bytes().any(|b| b != b'0')
        };
        Ok(Known {
            size,
            sha1: sha1.filter(is_digest).map(str::to_owned),
            crc64: text("crc64").and_then(|crc64| crc64.parse().ok()),
            etag: text("etag").map(str::to_owned),
        })
    }

    fn confirm(&self, arrived: &Digests) -> Result<()> {
        let wrong = match (self.crc64, &self.sha1) {
            (Some(known), _) if known != arrived.crc64 => {
                format!("CRC64 {} arrived, {known} was announced", arrived.crc64)
            }
            (None, Some(known)) if !known.eq_ignore_ascii_case(&arrived.sha1) => {
                format!("SHA-1 {} arrived, {known} was announced", arrived.sha1)
            }
            _ => return Ok(()),
        };
        let message = format!("{} bytes with {wrong}", self.size);
        Err(Error::new(Kind::Integrity, message))
    }
}
