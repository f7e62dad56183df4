//! A file, memory or a stream in parts, over a session of either API: opened, its missing parts sent side by side,
//! finished and confirmed; opened again where the service has lost something of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use md5::{Digest, Md5};

use super::checkpoint::Checkpoint;
use super::file_parts::FileParts;
use super::memory_parts::MemoryParts;
use super::part_source::{PartSource, PartToSend};
use super::part_tracker::PartTracker;
use super::parted_content::{self, Held, PartedContent};
use super::progress::Progress;
use super::source::Source;
use super::stream_parts::StreamParts;
use crate::base::cancel;
use crate::base::concurrency::Concurrency;
use crate::base::crc64::Crc64;
use crate::base::hex::hex;
use crate::base::workers::{self, Event, Job};
use crate::config::OnFailure;
use crate::dialect::{self, Opened, Part, Plan, UploadContent, UploadSession, UploadSpec};
use crate::error::{Error, ErrorClass, Result};
use crate::exchange::Call;
use crate::model::{Answer, UploadedObject};

/// How often the service may lose something of an upload.
const REOPENED_MAX: u32 = 3;

/// How long it may take to drop what is left of a failure: little of the half second in which a cancel
/// is obeyed, where there was one.
const ABANDON: Duration = Duration::from_secs(10);
const ABANDON_SHORTLY: Duration = Duration::from_millis(250);

/// A local file. `session` is one that the caller has kept; else a checkpoint may know one.
pub(super) fn upload_file(
    call: &Call,
    upload: &UploadSpec,
    source: &Source,
    part_size: u64,
    session: Option<&str>,
    progress: &mut Progress,
) -> Result<Answer<UploadedObject>> {
    let checkpoint = Checkpoint::of(call.exchange(), &upload.target, source, part_size);
    let parts = Box::new(FileParts::of(source));
    let open = || MultipartUpload::new(call, upload, parts, part_size, session, progress);
    let mut multipart = open().map_err(|error| match session {
        // The service was not asked yet: the session is as good as it was.
        Some(session) => error.with_data("session", session),
        None => error,
    })?;
    if let Some(earlier) = checkpoint.as_ref().and_then(Checkpoint::recall) {
        multipart.session.recall(&multipart.content, earlier);
    }
    multipart.checkpoint = checkpoint;
    multipart.finish_or(OnFailure::Keep, progress)
}

/// Bytes in memory. Unless it is asked for, nothing is left of a failure: nobody could go on with it.
pub(super) fn upload_memory(
    call: &Call,
    upload: &UploadSpec,
    bytes: &[u8],
    part_size: u64,
    progress: &mut Progress,
) -> Result<Answer<UploadedObject>> {
    let parts = Box::new(MemoryParts(bytes));
    let mut multipart = MultipartUpload::new(call, upload, parts, part_size, None, progress)?;
    multipart.finish_or(OnFailure::Abort, progress)
}

/// A stream; the same holds.
pub(super) fn upload_stream(
    call: &Call,
    upload: &UploadSpec,
    parts: StreamParts,
    part_size: u64,
    progress: &mut Progress,
) -> Result<Answer<UploadedObject>> {
    let parts = Box::new(parts);
    let mut multipart = MultipartUpload::new(call, upload, parts, part_size, None, progress)?;
    multipart.finish_or(OnFailure::Abort, progress)
}

struct MultipartUpload<'a> {
    call: &'a Call<'a>,
    upload: &'a UploadSpec<'a>,
    checkpoint: Option<Checkpoint>,
    content: PartedContent<'a>,
    tracker: PartTracker,
    session: Box<dyn UploadSession + 'a>,
}

impl<'a> MultipartUpload<'a> {
    fn new(
        call: &'a Call<'a>,
        upload: &'a UploadSpec<'a>,
        mut source: Box<dyn PartSource + 'a>,
        part_size: u64,
        session: Option<&str>,
        progress: &mut Progress,
    ) -> Result<MultipartUpload<'a>> {
        let dialect = dialect::of_target(call.exchange(), &upload.target)?;
        // Before the service is asked for anything: a file of /proc is found out here.
        source.unchanged()?;
        let sha1 = match dialect.wants_sha1_first() {
            true => Some(source.sha1(progress)?),
            false => None,
        };
        Ok(MultipartUpload {
            call,
            upload,
            checkpoint: None,
            tracker: PartTracker::new(0, source.size(), part_size),
            content: PartedContent {
                source,
                sha1,
                parts: BTreeMap::new(),
                part_size,
            },
            session: dialect.upload_session(call, upload, part_size, session),
        })
    }

    /// What is left of a failure is kept or dropped as the caller says, else as `default`.
    fn finish_or(
        &mut self,
        default: OnFailure,
        progress: &mut Progress,
    ) -> Result<Answer<UploadedObject>> {
        let outcome = self.run(progress);
        outcome.map_err(|error| match self.upload.on_failure.unwrap_or(default) {
            OnFailure::Keep => self.resumable(error),
            OnFailure::Abort => self.abandon(error),
        })
    }

    fn run(&mut self, progress: &mut Progress) -> Result<Answer<UploadedObject>> {
        let mut reopened = 0;
        while let Opened::Incomplete(plan) = self.open(progress)? {
            let one_at_a_time = plan.one_at_a_time;
            self.follow(plan, progress)?;
            progress.start(self.tracker.done())?;
            match self.send_and_finish(one_at_a_time, progress) {
                Ok(()) => break,
                Err(failure) if self.can_reopen(&failure) && reopened < REOPENED_MAX => {
                    reopened += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
        let tick = &mut || progress.advance(0);
        let answer = self.session.confirm(&self.content, tick)?;
        self.forget();
        progress.finish();
        Ok(answer)
    }

    fn can_reopen(&self, failure: &Error) -> bool {
        self.session.can_reopen(failure) && self.content.source.can_be_read_again()
    }

    fn open(&mut self, progress: &mut Progress) -> Result<Opened> {
        let tick = &mut || progress.advance(0);
        let opened = self.session.open(&self.content, tick)?;
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
        let left = self
            .content
            .size()
            .unwrap_or(0)
            .saturating_sub(index * part_size);
        if index >= self.tracker.parts() || part.size != part_size.min(left) {
            return Ok(());
        }
        let (mut md5, mut crc64) = (Md5::new(), Crc64::default());
        let range = index * part_size..index * part_size + part.size;
        self.content.source.each_block(range, &mut |bytes| {
            md5.update(bytes);
            crc64.update(bytes);
            // Reading takes its time, and can be cancelled.
            progress.advance(0)
        })?;
        if self.session.is_same(&part, &hex(&md5.finalize())) {
            self.tracker.arrived(index, part.size);
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
        let tick = &mut || progress.advance(0);
        let finished = self.session.finish(&self.content, parts, tick);
        // Somebody was faster: the parts can never become this object.
        let is_lost = |error: &Error| error.is(ErrorClass::Exists);
        if finished.as_ref().is_err_and(is_lost)
            && self.session.abandon(self.call, &self.content).is_ok()
        {
            self.forget();
        }
        finished
    }

    /// Sends every part that is missing; whether the object is complete with one of them.
    fn send_parts(&mut self, one_at_a_time: bool, progress: &mut Progress) -> Result<bool> {
        let concurrency = match one_at_a_time {
            true => Arc::new(Concurrency::fixed(1)),
            false => self.call.exchange().concurrency(),
        };
        let (content, session, tracker) = (&self.content, &*self.session, &mut self.tracker);
        let before = tracker.done();
        let work = |part: &PartToSend, job: &Job| {
            let sent = &mut |bytes| job.moved(bytes);
            parted_content::send(session, part, sent)
        };
        let (mut arrived, mut is_complete) = (Vec::new(), false);
        let parts = content.source.parts(tracker);
        let outcome = workers::run(&concurrency, parts, work, |event| match event {
            Event::Moved(bytes) => progress.advance(before + bytes),
            Event::Done(part, sent) => {
                tracker.arrived(part.range.number - 1, part.length);
                arrived.extend(sent.held);
                is_complete |= sent.completes;
                // Of a stream it is known only now.
                if let Some(size) = content.size() {
                    progress.set_total(size);
                }
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

    /// Leaves nothing that costs money. Where that fails, the error names the session.
    fn abandon(&mut self, error: Error) -> Error {
        let is_over = cancel::check().is_err() || self.call.ends_within(ABANDON_SHORTLY);
        let limit = if is_over { ABANDON_SHORTLY } else { ABANDON };
        let dropped = cancel::apart(limit, || {
            let call = self.call.until(Instant::now() + limit);
            self.session.abandon(&call, &self.content)
        });
        match (dropped, self.session.id()) {
            (Err(_), Some(session)) => error.with_data("session", session),
            _ => error,
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
