//! A file in parts (xml-api.md §3.7): begun or gone on with, sent side by side, and completed once
//! every part is known to be there. What the service has of an earlier attempt is used only where its
//! content is the file's.

mod whole;

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use serde_json::json;
use sha1::Sha1;

use super::checkpoint::Checkpoint;
use super::part_reader::PartReader;
use super::part_tracker::PartTracker;
use super::progress::Progress;
use super::source::Source;
use super::upload_spec::UploadSpec;
use super::workers::{self, Event, Job};
use crate::base::crc64::Crc64;
use crate::base::hex::hex;
use crate::dialect;
use crate::dialect::xml::{self, Head, Look, Part};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::reply::Reply;
use crate::model::{ObjectAttributes, Target};
use crate::transport::Content;

/// How often the service may find parts missing that it had taken.
const RESTARTS_MAX: u32 = 3;

/// `session` is an upload's name that the caller has kept; else a checkpoint may know one.
pub(super) fn upload(
    upload: &UploadSpec,
    call: &Call,
    source: &Source,
    part_size: u64,
    session: Option<&str>,
    progress: &mut Progress,
) -> Result<Reply> {
    let exchange = call.exchange();
    dialect::of(exchange).check(exchange, &upload.target)?;
    let checkpoint = Checkpoint::of(exchange, &upload.target, source, part_size);
    // Before the service is asked for anything: a file of /proc is found out here.
    source.unchanged()?;
    let begun_with = attributes(upload);
    let mut earlier = session.map(str::to_owned);
    if let (None, Some(kept)) = (&earlier, checkpoint.as_ref().and_then(Checkpoint::recall)) {
        match kept.begun_with == begun_with {
            true => earlier = Some(kept.session),
            // It would make an object with other attributes, and nobody else will go on with it.
            false => drop(xml::abort(call, &upload.target, &kept.session)),
        }
    }
    let mut multipart = Multipart {
        upload,
        call,
        source,
        checkpoint,
        begun_with,
        part_size,
        tally: PartTracker::new(0, source.size(), part_size),
        session: earlier,
        parts: BTreeMap::new(),
        before: None,
    };
    let outcome = multipart.run(progress);
    outcome.map_err(|error| multipart.resumable(error))
}

/// A digest of what an upload is begun with: all that is said of the object but its content.
fn attributes(upload: &UploadSpec) -> String {
    let ObjectAttributes {
        acl,
        storage_class,
        headers,
    } = upload.attributes;
    let all = json!([upload.biz_attr, acl, storage_class, headers]);
    hex(&Sha1::digest(all.to_string()))
}

struct Multipart<'a> {
    upload: &'a UploadSpec<'a>,
    call: &'a Call<'a>,
    source: &'a Source,
    checkpoint: Option<Checkpoint>,
    begun_with: String,
    part_size: u64,
    session: Option<String>,
    /// What the service has, by number.
    parts: BTreeMap<u64, Held>,
    tally: PartTracker,
    /// What was there before the first attempt to complete it, where that is known.
    before: Option<Option<Head>>,
}

/// A part that the service has, and the CRC64 of what was read for it.
struct Held {
    part: Part,
    crc64: u64,
}

impl Multipart<'_> {
    fn run(&mut self, progress: &mut Progress) -> Result<Reply> {
        let (mut restarts, mut has_vanished) = (0, false);
        let crc64 = loop {
            if let Some(crc64) = self.resume_or_begin(progress)? {
                break Some(crc64);
            }
            progress.start(self.tally.done())?;
            match self.send_parts(progress) {
                // Aborted by somebody, or expired, in the midst of it: begun anew once.
                Err(error) if error.is(ErrorClass::AskAgain) && !has_vanished => {
                    has_vanished = true;
                    continue;
                }
                outcome => outcome?,
            }
            self.source.unchanged()?;
            match self.complete(progress) {
                // A part is not there any more, or the whole upload is not.
                Err(error) if error.is(ErrorClass::AskAgain) && restarts < RESTARTS_MAX => {
                    restarts += 1;
                }
                outcome => break outcome?,
            }
        };
        let verified = self.confirm(crc64, progress)?;
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.forget();
        }
        progress.finish();
        let mut reply = xml::uploaded(self.call.exchange(), self.target(), verified)?;
        reply.request_id = self.call.request_id();
        Ok(reply)
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
        self.tally = PartTracker::new(0, self.source.size(), self.part_size);
        if let Some(session) = self.session.clone() {
            match xml::listed_parts(self.call, self.target(), &session) {
                Ok(listed) => {
                    self.keep_what_fits(listed, progress)?;
                    return Ok(None);
                }
                // Completed by a call whose end nobody saw, aborted, or of another place.
                Err(error) if error.is(ErrorClass::AskAgain) => {
                    if let Some(crc64) = self.complete_already()? {
                        return Ok(Some(crc64));
                    }
                    self.session = None;
                }
                Err(error) => return Err(error),
            }
        }
        let overwrite = self.overwrite();
        if !overwrite {
            xml::refuse_existing(self.call, self.target(), |held| self.is_held(held))?;
            self.before = Some(None);
        }
        let (biz_attr, attributes) = (self.upload.biz_attr, self.upload.attributes);
        let session = xml::begin(self.call, self.target(), biz_attr, attributes, overwrite)?;
        // Whatever comes of it, a later call can go on with it.
        let session = self.session.insert(session);
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.remember(session, &self.begun_with)?;
        }
        Ok(None)
    }

    /// Parts of an earlier call count only when size and MD5 are those of the file as it is now.
    fn keep_what_fits(&mut self, listed: Vec<Part>, progress: &mut Progress) -> Result<()> {
        for part in listed {
            let Some(index) = part.number.checked_sub(1) else {
                continue;
            };
            if index >= self.tally.parts() || part.size != self.length(index) {
                continue;
            }
            let (mut md5, mut crc64) = (Md5::new(), Crc64::default());
            let start = index * self.part_size;
            self.source
                .each_block_of(start..start + part.size, |bytes, _| {
                    md5.update(bytes);
                    crc64.update(bytes);
                    // Reading takes its time, and can be cancelled.
                    progress.advance(0)
                })?;
            if part.etag.trim_matches('"') == hex(&md5.finalize()) {
                self.tally.arrived(index);
                let crc64 = crc64.value();
                self.parts.insert(part.number, Held { part, crc64 });
            }
        }
        Ok(())
    }

    /// Sends every part that is missing, several at once.
    fn send_parts(&mut self, progress: &mut Progress) -> Result<()> {
        let missing: Vec<u64> = (0..self.tally.parts())
            .filter(|index| !self.parts.contains_key(&(index + 1)))
            .collect();
        let session = self.session.clone().unwrap_or_default();
        let threads = self.call.exchange().config().parallel;
        let before = self.tally.done();
        let mut arrived = Vec::new();
        let mut tally = std::mem::replace(&mut self.tally, PartTracker::new(0, 0, self.part_size));
        let this = &*self;
        let work = |index: &u64, job: &Job| this.send_one(&session, *index, job);
        let outcome = workers::run(threads, missing.into_iter(), work, |event| match event {
            Event::Moved(bytes) => progress.advance(before + bytes),
            Event::Done(_, held) => {
                tally.arrived(held.part.number - 1);
                arrived.push((held.part.number, held));
                progress.slice_end(tally.done())
            }
        });
        self.tally = tally;
        self.parts.extend(arrived);
        outcome
    }

    fn send_one(&self, session: &str, index: u64, job: &Job) -> Result<Held> {
        let length = self.length(index);
        let slice = PartReader::new(self.source, index * self.part_size, length);
        let (number, content) = (index + 1, Content::Stream(&slice));
        let sent = &mut |sent| job.moved(sent);
        let taken = xml::send_part(self.call, self.target(), session, number, content, sent)?;
        let Some(crc64) = slice.crc64() else {
            let problem = format!("the service took part {number} before it was sent to its end");
            return Err(Error::new(Kind::BadReply, problem).answered(taken.httpcode));
        };
        xml::verify(taken.crc64, crc64, taken.httpcode)?;
        let part = Part {
            number,
            size: length,
            etag: taken.etag,
        };
        Ok(Held { part, crc64 })
    }

    fn length(&self, index: u64) -> u64 {
        let offset = index * self.part_size;
        self.part_size
            .min(self.source.size().saturating_sub(offset))
    }

    /// The object's CRC64, if the service tells it.
    fn complete(&mut self, progress: &mut Progress) -> Result<Option<u64>> {
        if self.before.is_none() && self.call.exchange().config().retries > 0 {
            self.before = match xml::look(self.call, self.target())? {
                Look::There(held) => Some(Some(*held)),
                Look::Nothing(_) => Some(None),
                Look::Forbidden(_) => None,
            };
        }
        let (call, target) = (self.call, self.target());
        let session = self.session.as_deref().unwrap_or_default();
        let parts = self.parts.values().map(|held| &held.part);
        let error = match xml::complete(call, target, session, parts, self.overwrite()) {
            Ok(crc64) => return Ok(crc64),
            Err(error) => error,
        };
        let refused = error.is(ErrorClass::AskAgain) || error.is(ErrorClass::Exists);
        if error.maybe_applied && refused || xml::lost_then_refused(&error) {
            // The first attempt may have been carried out, and its answer lost.
            let mut crc64 = None;
            call.see(&mut || progress.advance(0), &mut || {
                crc64 = self.complete_already()?;
                Ok(crc64.is_some())
            })?;
            if crc64.is_some() {
                return Ok(crc64);
            }
        }
        if error.is(ErrorClass::Exists) {
            // Somebody was faster: the parts can never become this object.
            if xml::abort(call, target, session).is_ok() {
                self.session = None;
                if let Some(checkpoint) = &self.checkpoint {
                    checkpoint.forget();
                }
            }
        }
        Err(error)
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
