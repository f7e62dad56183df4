//! A file in parts (xml-api.md §3.7): begun or gone on with, sent side by side, and completed once
//! every part is known to be there. What the service has of an earlier try is used only where its
//! content is the file's.

use std::sync::{Mutex, PoisonError};

use md5::{Digest, Md5};

use super::checkpoint::Checkpoint;
use super::digest::{Digests, SliceDigest};
use super::progress::Progress;
use super::source::Source;
use super::tally::Tally;
use super::upload::{SliceSize, Upload};
use super::workers::{self, Event, Job};
use crate::api::xml::{self, Part};
use crate::api::{self, Api, Target};
use crate::client::Call;
use crate::error::{Error, Kind, Meaning, Result};
use crate::hex::hex;
use crate::reply::Reply;

/// xml-api.md §3.10.
const PARTS_MAX: u64 = 10_000;

/// Part sizes that were not asked for are whole MiB.
const STEP: u64 = 1 << 20;

/// How often the service may find parts missing that it had taken.
const RESTARTS_MAX: u32 = 3;

/// `session` is an upload's name that the caller has kept; else a checkpoint may know one.
pub(super) fn upload(
    upload: &Upload,
    call: &Call,
    source: &Source,
    slice_size: SliceSize,
    session: Option<&str>,
    progress: &mut Progress,
) -> Result<Reply> {
    let client = call.client();
    api::check(client, &upload.target)?;
    let part_size = part_size(source.size(), slice_size)?;
    let checkpoint = Checkpoint::of(client, &upload.target, source, part_size);
    let digests = Digests::before_upload(source, part_size, Api::Xml, session, progress)?;
    let mut earlier = session.map(str::to_owned);
    if let (None, Some(kept)) = (&earlier, checkpoint.as_ref().and_then(Checkpoint::recall)) {
        match kept.sha1 == digests.whole {
            true => earlier = Some(kept.session),
            // It was begun as an upload of other content, which nobody will go on with.
            false => drop(xml::abort(call, &upload.target, &kept.session)),
        }
    }
    let mut multipart = Multipart {
        upload,
        call,
        source,
        checkpoint,
        part_size,
        tally: Tally::new(0, source.size(), part_size),
        digests,
        is_callers: session.is_some(),
        session: earlier,
        parts: Vec::new(),
    };
    let outcome = multipart.run(progress);
    outcome.map_err(|error| multipart.resumable(error))
}

/// As asked, or as large as it takes to stay below the service's number of parts.
fn part_size(size: u64, asked: SliceSize) -> Result<u64> {
    if size.div_ceil(asked.bytes) <= PARTS_MAX {
        return Ok(asked.bytes);
    }
    let least = size.div_ceil(PARTS_MAX).next_multiple_of(STEP);
    if asked.forced {
        let problem = format!(
            "slice_size: is {}, which makes more than {PARTS_MAX} parts of this file; {least} is enough",
            asked.bytes
        );
        return Err(Error::new(Kind::SliceSize, problem));
    }
    Ok(least)
}

struct Multipart<'a> {
    upload: &'a Upload<'a>,
    call: &'a Call<'a>,
    source: &'a Source,
    checkpoint: Option<Checkpoint>,
    part_size: u64,
    digests: Digests,
    session: Option<String>,
    /// Whether the caller has kept it: what it was begun with is not known.
    is_callers: bool,
    /// What the service has, in order once all is there.
    parts: Vec<Part>,
    tally: Tally,
}

impl Multipart<'_> {
    fn run(&mut self, progress: &mut Progress) -> Result<Reply> {
        let mut restarts = 0;
        let crc64 = loop {
            if let Some(crc64) = self.resume_or_begin(progress)? {
                break Some(crc64);
            }
            progress.start(self.tally.done())?;
            self.send_parts(progress)?;
            self.source.unchanged()?;
            match self.complete() {
                // A part is not there any more, or the whole upload is not.
                Err(error) if error.means(Meaning::AskAgain) && restarts < RESTARTS_MAX => {
                    restarts += 1;
                }
                outcome => break outcome?,
            }
        };
        self.confirm(crc64)?;
        if self.is_callers {
            xml::correct_sha1(self.call, self.target(), &self.digests.whole)?;
        }
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.forget();
        }
        progress.finish();
        xml::uploaded(self.call.client(), self.target())
    }

    fn target(&self) -> &Target {
        &self.upload.target
    }

    fn overwrite(&self) -> bool {
        self.upload.overwrite
    }

    /// Finds what the service has already, or begins anew. A CRC64 means that the object is complete.
    fn resume_or_begin(&mut self, progress: &mut Progress) -> Result<Option<u64>> {
        self.parts.clear();
        self.tally = Tally::new(0, self.source.size(), self.part_size);
        if let Some(session) = self.session.clone() {
            let listed = workers::attend(progress, |_| {
                xml::listed_parts(self.call, self.target(), &session)
            });
            match listed {
                Ok(listed) => {
                    self.keep_what_fits(listed)?;
                    return Ok(None);
                }
                // Completed by a call whose end nobody saw, aborted, or of another place.
                Err(error) if error.means(Meaning::AskAgain) => {
                    if let Some(crc64) = self.complete_already()? {
                        return Ok(Some(crc64));
                    }
                    self.session = None;
                    self.is_callers = false;
                }
                Err(error) => return Err(error),
            }
        }
        let (overwrite, sha1) = (self.overwrite(), &self.digests.whole);
        let session = workers::attend(progress, |_| {
            if !overwrite {
                xml::refuse_existing(self.call, self.target(), Some(sha1))?;
            }
            let (said, extras) = ((sha1.as_str(), self.upload.biz_attr), self.upload.extras);
            xml::begin(self.call, self.target(), said, extras, overwrite)
        })?;
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.remember(&session, sha1)?;
        }
        self.session = Some(session);
        Ok(None)
    }

    /// Parts of an earlier call count only when size and MD5 are those of the file as it is now.
    fn keep_what_fits(&mut self, listed: Vec<Part>) -> Result<()> {
        let mut content = Vec::new();
        for part in listed {
            let Some(index) = part.number.checked_sub(1) else {
                continue;
            };
            if index >= self.tally.parts() || part.size != self.length(index) {
                continue;
            }
            self.read(index, &mut content)?;
            if part.etag.trim_matches('"') == hex(&Md5::digest(&content)) {
                self.tally.arrived(index);
                self.parts.push(part);
            }
        }
        Ok(())
    }

    /// Sends every part that is missing, several at once.
    fn send_parts(&mut self, progress: &mut Progress) -> Result<()> {
        let missing: Vec<u64> = (0..self.tally.parts())
            .filter(|index| !self.parts.iter().any(|part| part.number == index + 1))
            .collect();
        let session = self.session.clone().unwrap_or_default();
        let threads = self.call.client().config().parallel;
        let before = self.tally.done();
        let mut arrived = Vec::new();
        let mut tally = std::mem::replace(&mut self.tally, Tally::new(0, 0, self.part_size));
        // Kept from part to part.
        let buffers = Mutex::new(Vec::new());
        let this = &*self;
        let work = |job: &Job| {
            let kept = || buffers.lock().unwrap_or_else(PoisonError::into_inner);
            let mut buffer: Vec<u8> = kept().pop().unwrap_or_default();
            let index = missing[job.number as usize];
            let outcome = this.send_one(&session, index, &mut buffer, job);
            kept().push(buffer);
            outcome
        };
        let outcome = workers::run(threads, missing.len() as u64, work, |event| match event {
            Event::Moved(bytes) => progress.advance(before + bytes),
            Event::Done(_, part) => {
                tally.arrived(part.number - 1);
                arrived.push(part);
                progress.slice_end(tally.done())
            }
        });
        self.tally = tally;
        self.parts.extend(arrived);
        self.parts.sort_by_key(|part| part.number);
        outcome
    }

    fn send_one(&self, session: &str, index: u64, buffer: &mut Vec<u8>, job: &Job) -> Result<Part> {
        let crc64 = self.read(index, buffer)?;
        self.source.unchanged()?;
        let number = index + 1;
        let sent = &mut |sent| job.moved(sent);
        let content = (buffer.as_slice(), crc64);
        let etag = xml::send_part(self.call, self.target(), session, number, content, sent)?;
        Ok(Part {
            number,
            size: buffer.len() as u64,
            etag,
        })
    }

    /// A part's bytes, and their CRC64; they must be those that were hashed.
    fn read(&self, index: u64, buffer: &mut Vec<u8>) -> Result<u64> {
        buffer.resize(self.length(index) as usize, 0);
        let offset = index * self.part_size;
        self.source.read_at(buffer, offset)?;
        match self.digests.confirm(offset, buffer) {
            Some(SliceDigest::Crc64(crc64)) => Ok(crc64),
            _ => Err(self.source.changed("changed")),
        }
    }

    fn length(&self, index: u64) -> u64 {
        let offset = index * self.part_size;
        self.part_size
            .min(self.source.size().saturating_sub(offset))
    }

    /// The object's CRC64, if the service tells it.
    fn complete(&mut self) -> Result<Option<u64>> {
        let (call, target) = (self.call, self.target());
        let session = self.session.as_deref().unwrap_or_default();
        let error = match xml::complete(call, target, session, &self.parts, self.overwrite()) {
            Ok(crc64) => return Ok(crc64),
            Err(error) => error,
        };
        if error.perhaps_done && (error.means(Meaning::AskAgain) || error.means(Meaning::Exists)) {
            // The first try was carried out, and its answer lost.
            if let Some(crc64) = self.complete_already()? {
                return Ok(Some(crc64));
            }
        }
        if error.means(Meaning::Exists) {
            // Somebody was faster: the parts can never become this object.
            let _ = xml::abort(call, target, session);
            self.session = None;
            if let Some(checkpoint) = &self.checkpoint {
                checkpoint.forget();
            }
        }
        Err(error)
    }

    /// The CRC64 of what is there, if it is just this file.
    fn complete_already(&self) -> Result<Option<u64>> {
        let held = xml::head_if_there(self.call, self.target())?;
        let same = held.filter(|held| held.size == self.source.size());
        let crc64 = same.and_then(|held| held.crc64);
        Ok(crc64.filter(|crc64| *crc64 == self.digests.crc64))
    }

    /// The service must hold just what was read.
    fn confirm(&self, told: Option<u64>) -> Result<()> {
        let held = match told {
            Some(crc64) => Some(crc64),
            None => xml::head(self.call, self.target())?.crc64,
        };
        // Where nothing is told: every part was compared when it was sent.
        xml::verify(held, self.digests.crc64, 200)
    }

    /// The reply to a failure tells where a later call can go on.
    fn resumable(&self, error: Error) -> Error {
        match &self.session {
            Some(session) => error
                .with_data("session", session.as_str())
                .with_data("offset", self.tally.without_gap()),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_sizes_grow_with_the_file_unless_they_were_asked_for() {
        const MIB: u64 = 1 << 20;
        let of = |size, bytes, forced| part_size(size, SliceSize { bytes, forced });
        assert_eq!(of(5, 8 * MIB, false).unwrap(), 8 * MIB);
        assert_eq!(of(80_000 * MIB, 8 * MIB, true).unwrap(), 8 * MIB);
        assert_eq!(of(80_000 * MIB + 1, 8 * MIB, false).unwrap(), 9 * MIB);
        let grown = of(50_000 << 30, MIB, false).unwrap();
        assert!((50_000u64 << 30).div_ceil(grown) <= PARTS_MAX);
        let error = of(10_000 * MIB + 1, MIB, true).unwrap_err();
        assert_eq!(error.code, -4);
        assert!(error.message.contains("2097152"), "{}", error.message);
    }
}
