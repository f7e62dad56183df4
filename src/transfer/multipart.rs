//! A file in parts, over a session of either API: opened, its missing parts sent side by side,
//! finished and confirmed; opened again where the service has lost something of it.

use std::collections::BTreeMap;

use md5::{Digest, Md5};

use super::checkpoint::Checkpoint;
use super::digest::FileDigests;
use super::part_reader::PartReader;
use super::part_tracker::PartTracker;
use super::progress::Progress;
use super::source::Source;
use crate::base::cancel;
use crate::base::crc64::{self, Crc64};
use crate::base::hex::hex;
use crate::base::workers::{self, Event, Job};
use crate::dialect::{
    self, Opened, Part, PartRange, Plan, TakenPart, UploadContent, UploadSession, UploadSpec,
};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::{Answer, UploadedObject, verify_crc64};
use crate::transport::Content;

/// How often the service may lose something of an upload.
const REOPENED_MAX: u32 = 3;

/// `session` is one that the caller has kept; else a checkpoint may know one.
pub(super) fn upload(
    call: &Call,
    upload: &UploadSpec,
    source: &Source,
    part_size: u64,
    session: Option<&str>,
    progress: &mut Progress,
) -> Result<Answer<UploadedObject>> {
    let exchange = call.exchange();
    let dialect = dialect::of(exchange);
    dialect.check(exchange, &upload.target)?;
    let checkpoint = Checkpoint::of(exchange, &upload.target, source, part_size);
    // Before the service is asked for anything: a file of /proc is found out here.
    source.unchanged()?;
    let digests = match dialect.wants_sha1_first() {
        true => Some(FileDigests::before_upload(source, session, progress)?),
        false => None,
    };
    let content = FileContent {
        source,
        digests,
        parts: BTreeMap::new(),
        part_size,
    };
    let mut opened = dialect.upload_session(call, upload, part_size, session);
    let earlier = checkpoint.as_ref().and_then(Checkpoint::recall);
    if let Some(earlier) = earlier {
        opened.recall(&content, earlier);
    }
    let mut multipart = MultipartUpload {
        call,
        checkpoint,
        tracker: PartTracker::new(0, source.size(), part_size),
        content,
        session: opened,
    };
    let outcome = multipart.run(progress);
    outcome.map_err(|error| multipart.resumable(error))
}

struct MultipartUpload<'a> {
    call: &'a Call<'a>,
    checkpoint: Option<Checkpoint>,
    content: FileContent<'a>,
    tracker: PartTracker,
    session: Box<dyn UploadSession + 'a>,
}

impl MultipartUpload<'_> {
    fn run(&mut self, progress: &mut Progress) -> Result<Answer<UploadedObject>> {
        let mut reopened = 0;
        while let Opened::Incomplete(plan) = self.open(progress)? {
            let one_at_a_time = plan.one_at_a_time;
            self.follow(plan, progress)?;
            progress.start(self.tracker.done())?;
            match self.send_and_finish(one_at_a_time, progress) {
                Ok(()) => break,
                Err(failure) if self.session.can_reopen(&failure) && reopened < REOPENED_MAX => {
                    reopened += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
        let look = &mut || progress.advance(0);
        let answer = self.session.confirm(&self.content, look)?;
        self.forget();
        progress.finish();
        Ok(answer)
    }

    fn open(&mut self, progress: &mut Progress) -> Result<Opened> {
        let look = &mut || progress.advance(0);
        let opened = self.session.open(&self.content, look)?;
        if let (Some(checkpoint), Some(id)) = (&self.checkpoint, self.session.id()) {
            checkpoint.remember(id, &self.session.begun_with(&self.content))?;
        }
        Ok(opened)
    }

    /// Takes over what the service has, and how it wants the rest.
    fn follow(&mut self, plan: Plan, progress: &mut Progress) -> Result<()> {
        self.content.cut(plan.part_size)?;
        self.tracker = PartTracker::new(plan.offset, self.content.size(), plan.part_size);
        for part in plan.listed {
            self.keep_if_same(part, progress)?;
        }
        Ok(())
    }

    /// Parts of an earlier call count only when size and MD5 are those of the file as it is now.
    fn keep_if_same(&mut self, part: Part, progress: &mut Progress) -> Result<()> {
        let (index, part_size) = (part.number - 1, self.content.part_size);
        if index >= self.tracker.parts() || part.size != self.content.length_at(index * part_size) {
            return Ok(());
        }
        let (mut md5, mut crc64) = (Md5::new(), Crc64::default());
        let range = index * part_size..index * part_size + part.size;
        self.content.source.each_block_of(range, |bytes, _| {
            md5.update(bytes);
            crc64.update(bytes);
            // Reading takes its time, and can be cancelled.
            progress.advance(0)
        })?;
        if part.has_md5(&hex(&md5.finalize())) {
            self.tracker.arrived(index);
            let crc64 = crc64.value();
            self.content.parts.insert(part.number, Held { part, crc64 });
        }
        Ok(())
    }

    fn send_and_finish(&mut self, one_at_a_time: bool, progress: &mut Progress) -> Result<()> {
        if self.send_parts(one_at_a_time, progress)? {
            return Ok(());
        }
        self.content.source.unchanged()?;
        let parts = &mut self.content.parts.values().map(|held| &held.part);
        let look = &mut || progress.advance(0);
        let finished = self.session.finish(&self.content, parts, look);
        // Somebody was faster: the parts can never become this object.
        let is_lost = |error: &Error| error.is(ErrorClass::Exists);
        if finished.as_ref().is_err_and(is_lost) && self.session.abandon(&self.content).is_ok() {
            self.forget();
        }
        finished
    }

    /// Sends every part that is missing; whether the object is complete with one of them.
    fn send_parts(&mut self, one_at_a_time: bool, progress: &mut Progress) -> Result<bool> {
        let threads = match one_at_a_time {
            true => 1,
            false => self.call.exchange().config().parallel,
        };
        let (content, session, tracker) = (&self.content, &*self.session, &mut self.tracker);
        let before = tracker.done();
        let first = tracker.start();
        let work = |index: &u64, job: &Job| {
            let range = PartRange {
                number: index + 1,
                offset: first + index * content.part_size,
            };
            let sent = &mut |bytes| job.moved(bytes);
            content.send_part(session, range, sent)
        };
        let (mut arrived, mut is_complete) = (Vec::new(), false);
        let missing = tracker.missing();
        let outcome = workers::run(threads, missing, work, |event| match event {
            Event::Moved(bytes) => progress.advance(before + bytes),
            Event::Done(index, sent) => {
                tracker.arrived(index);
                arrived.extend(sent.held);
                is_complete |= sent.completes;
                match is_complete {
                    // Too late to cancel; the last report is still to come.
                    true => Ok(()),
                    false => progress.slice_end(tracker.done()),
                }
            }
        });
        let held = arrived.into_iter().map(|held| (held.part.number, held));
        self.content.parts.extend(held);
        match is_complete {
            // Parts that were still on their way are refused now, and were not needed.
            true => Ok(true),
            false => outcome.map(|()| false),
        }
    }

    fn forget(&self) {
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.forget();
        }
    }

    /// The reply to a failure tells where a later call can go on.
    fn resumable(&self, error: Error) -> Error {
        match self.session.id() {
            Some(session) => error
                .with_data("session", session)
                .with_data("offset", self.tracker.without_gap()),
            None => error,
        }
    }
}

/// A part that the service has, and the CRC64 of what was read for it.
struct Held {
    part: Part,
    crc64: u64,
}

/// What has come of a part that was sent.
struct Sent {
    /// `None` where parts have no tags to be kept.
    held: Option<Held>,
    completes: bool,
}

/// A file that is uploaded in parts.
struct FileContent<'a> {
    source: &'a Source,
    /// Where the whole is hashed first.
    digests: Option<FileDigests>,
    /// What the service has, by number, as far as it tells parts by tags.
    parts: BTreeMap<u64, Held>,
    part_size: u64,
}

impl FileContent<'_> {
    /// Cut into parts of this size from now on, of which the service has none.
    fn cut(&mut self, part_size: u64) -> Result<()> {
        self.part_size = part_size;
        self.parts.clear();
        let Some(digests) = self.digests.as_mut().filter(|d| !d.fits(part_size)) else {
            return Ok(());
        };
        let again = FileDigests::of(self.source, part_size, cancel::check)?;
        // The whole must still be what was announced.
        if again.whole != digests.whole {
            return Err(self.source.changed("changed"));
        }
        *digests = again;
        Ok(())
    }

    fn length_at(&self, offset: u64) -> u64 {
        self.part_size.min(self.size().saturating_sub(offset))
    }

    fn send_part(
        &self,
        session: &dyn UploadSession,
        range: PartRange,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Sent> {
        let length = self.length_at(range.offset);
        let part = match &self.digests {
            Some(digests) => {
                let crc64 = digests.of_slice(range.offset, length);
                PartReader::known(self.source, range.offset, length, crc64)
            }
            None => PartReader::new(self.source, range.offset, length),
        };
        let taken = session.send_part(range, Content::Stream(&part), sent)?;
        self.compared(&taken, part.crc64(), range.number)?;
        let held = taken.etag.zip(part.crc64()).map(|(etag, crc64)| Held {
            part: Part {
                number: range.number,
                size: length,
                etag,
            },
            crc64,
        });
        Ok(Sent {
            held,
            completes: taken.completes,
        })
    }

    /// What the service has taken is what was read, as far as it tells.
    fn compared(&self, taken: &TakenPart, crc64: Option<u64>, number: u64) -> Result<()> {
        match crc64 {
            Some(crc64) => verify_crc64(taken.crc64, crc64, taken.httpcode),
            None => {
                let problem =
                    format!("the service took part {number} before it was sent to its end");
                Err(Error::new(Kind::BadReply, problem).answered(taken.httpcode))
            }
        }
    }
}

impl UploadContent for FileContent<'_> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    fn sha1(&self) -> &str {
        let digests = self.digests.as_ref();
        &digests.expect("hashed where the dialect wants it").whole
    }

    fn crc64(&self) -> Result<u64> {
        if self.parts.len() as u64 == self.size().div_ceil(self.part_size) {
            let parts = self.parts.values();
            return Ok(crc64::joined(
                parts.map(|held| (held.crc64, held.part.size)),
            ));
        }
        let mut crc64 = Crc64::default();
        self.source.each_block(|bytes, _| {
            crc64.update(bytes);
            Ok(())
        })?;
        Ok(crc64.value())
    }
}
