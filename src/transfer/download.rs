//! An object to a file: asked about first, fetched in ranges side by side when it is large, and
//! compared with what the service has said of it.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use sha1::{Digest, Sha1};

use super::digest::hex;
use super::fetch::Object;
use super::progress::Progress;
use super::sink::Sink;
use super::tally::Tally;
use super::workers::{self, Event, Job};
use crate::api::{Operation, Target, json};
use crate::client::{Call, Client};
use crate::error::{Error, Kind, Meaning, Result};
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
        etag: OnceLock::new(),
    };
    let sha1 = match known.size > WHOLE_MAX_BYTES {
        true => in_ranges(&object, &sink, &mut progress)?,
        false => fetch(&object, known.size, &sink, &mut progress)?,
    };
    known.confirm(&sha1)?;
    sink.keep()?;
    progress.finish();
    Ok(Reply {
        message: "SUCCESS".to_owned(),
        httpcode: 200,
        data: Map::from_iter([
            ("filesize".to_owned(), known.size.into()),
            ("sha".to_owned(), sha1.into()),
        ]),
        request_id: None,
    })
}

/// Side by side, or in one piece from a service that knows no ranges.
fn in_ranges(object: &Object, sink: &Sink, progress: &mut Progress) -> Result<String> {
    match fetch(object, RANGE_BYTES, sink, progress) {
        Err(error) if error.meaning == Some(Meaning::RangesIgnored) => {
            fetch(object, object.size, sink, progress)
        }
        outcome => outcome,
    }
}

/// Fetches everything in ranges of this size; the SHA-1 of what is in the file then, in hex.
fn fetch(object: &Object, range: u64, sink: &Sink, progress: &mut Progress) -> Result<String> {
    let size = object.size;
    let mut digest = Sha1::new();
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
            sink.hash(&mut digest, hashed, whole_until)?;
            hashed = whole_until;
            progress.slice_end(tally.done())
        }
    })?;
    Ok(hex(&digest.finalize()))
}

/// What the service says of an object before it is fetched.
struct Known {
    size: u64,
    /// In hex; not every object has one.
    sha1: Option<String>,
}

impl Known {
    fn of(call: &Call, target: &Target) -> Result<Known> {
        let stat = call.ask(target, &Operation::Stat)?;
        let number = |key: &str| stat.data.get(key).and_then(Value::as_u64);
        let Some(size) = number("filesize").or(number("filelen")) else {
            let problem = "the service does not tell the file's size";
            return Err(Error::new(Kind::BadReply, problem).answered(stat.httpcode));
        };
        if let Some(there) = number("filelen").filter(|there| *there < size) {
            return Err(json::unfinished(there, size, stat.httpcode));
        }
        let sha1 = stat.data.get("sha").and_then(Value::as_str);
        let is_digest = |sha: &&str| {
            sha.len() == 40
                && sha.bytes().all(|b| b.is_ascii_hexdigit())
                // Uploaded without one (json-api.md §3.2).
                && sha.bytes().any(|b| b != b'0')
        };
        Ok(Known {
            size,
            sha1: sha1.filter(is_digest).map(str::to_owned),
        })
    }

    fn confirm(&self, sha1: &str) -> Result<()> {
        match &self.sha1 {
            Some(known) if !known.eq_ignore_ascii_case(sha1) => {
                let message = format!(
                    "{} bytes with SHA-1 {sha1} arrived, the service has announced {known}",
                    self.size
                );
                Err(Error::new(Kind::Integrity, message))
            }
            _ => Ok(()),
        }
    }
}
