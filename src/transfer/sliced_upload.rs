//! A file in slices (json-api.md §2.9): begun or gone on with, sent, and begun again where the
//! service wants that. The service decides the size of a slice and where to go on.

use serde_json::Value;

use super::checkpoint::Checkpoint;
use super::digest::FileDigests;
use super::progress::Progress;
use super::slice_sender::{self, SliceSender};
use super::source::Source;
use super::upload_spec::UploadSpec;
use crate::base::cancel;
use crate::dialect::Operation;
use crate::dialect::json::{self, JsonOperation, JsonRequest};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::reply::Reply;

/// Sizes that are believed when the service names one; others would loop or fill the memory.
const SANE_SLICE_SIZES: std::ops::RangeInclusive<u64> = (64 << 10)..=(64 << 20);

/// How often the service may change its mind about where to go on.
const RESTARTS_MAX: u32 = 3;

/// `session` is one that the caller has kept; else a checkpoint may know one.
pub(super) fn upload(
    upload: &UploadSpec,
    call: &Call,
    source: &Source,
    slice_size: u64,
    session: Option<&str>,
    progress: &mut Progress,
) -> Result<Reply> {
    let exchange = call.exchange();
    let checkpoint = Checkpoint::of(exchange, &upload.target, source, slice_size);
    let digests = FileDigests::before_upload(source, session, progress)?;
    let remembered = checkpoint.as_ref().and_then(Checkpoint::recall);
    let mut session = session.map(str::to_owned);
    if let (None, Some(earlier)) = (&session, &remembered) {
        if earlier.untouched && earlier.begun_with == digests.whole {
            session = Some(earlier.session.clone());
        }
    }
    let mut sliced = SlicedUpload {
        upload,
        call,
        source,
        checkpoint,
        slice_size,
        digests,
        session,
        earlier_sha1: remembered.map(|earlier| earlier.begun_with),
        offset: 0,
        restarts: 0,
    };
    let outcome = sliced.run(progress);
    outcome.map_err(|error| sliced.resumable(error))
}

struct SlicedUpload<'a> {
    upload: &'a UploadSpec<'a>,
    call: &'a Call<'a>,
    source: &'a Source,
    checkpoint: Option<Checkpoint>,
    /// What the caller asked for, then what the service decided.
    slice_size: u64,
    digests: FileDigests,
    session: Option<String>,
    /// Of the content that a checkpoint remembers an upload of to this place.
    earlier_sha1: Option<String>,
    /// The first byte that the service does not have yet.
    offset: u64,
    restarts: u32,
}

impl SlicedUpload<'_> {
    fn run(&mut self, progress: &mut Progress) -> Result<Reply> {
        let mut reply = self.complete(progress)?;
        let (size, sha1) = (self.source.size(), &self.digests.whole);
        let look = &mut || progress.advance(0);
        let verified = json::confirm(self.call, &self.upload.target, size, sha1, look)?;
        verified.told(&mut reply.data);
        json::set_attributes(self.call, &self.upload.target, self.upload.attributes)?;
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.forget();
        }
        progress.finish();
        Ok(reply)
    }

    fn complete(&mut self, progress: &mut Progress) -> Result<Reply> {
        loop {
            if let Some(reply) = self.start(progress)? {
                return Ok(reply);
            }
            progress.start(self.offset)?;
            if let Some(reply) = self.send_slices(progress)? {
                return Ok(reply);
            }
        }
    }

    /// Asks the service where to go on; a reply means that the object is complete.
    fn start(&mut self, progress: &mut Progress) -> Result<Option<Reply>> {
        let session = self.session.take();
        let mut outcome = self.control(session.as_deref(), progress);
        if session.is_some() && outcome.as_ref().is_err_and(|e| e.is(ErrorClass::AskAgain)) {
            // Forgotten or broken: the file and its place are enough to find the upload again.
            outcome = self.control(None, progress);
        }
        if outcome
            .as_ref()
            .is_err_and(|e| e.is(ErrorClass::Unfinished))
            && self.give_up_earlier()
        {
            outcome = self.control(None, progress);
        }
        let outcome = match outcome {
            // It is there because of us when the answer to its last slice was lost.
            Err(error) if self.restarts > 0 && error.is(ErrorClass::Exists) => {
                let (size, sha1) = (self.source.size(), &self.digests.whole);
                let look = &mut || progress.advance(0);
                json::uploaded(self.call, &self.upload.target, size, sha1, look)?.ok_or(error)
            }
            outcome => outcome,
        };
        let reply = outcome.inspect_err(|_| self.session = session)?;
        if json::complete(&reply.data) {
            return Ok(Some(reply));
        }
        self.follow(&reply)?;
        Ok(None)
    }

    /// The file has changed since a checkpoint was kept, and the upload of what it was stands in
    /// the way. It is removed if it is really ours, and really unfinished: never an object.
    fn give_up_earlier(&mut self) -> bool {
        let Some(earlier_sha1) = self.earlier_sha1.take() else {
            return false;
        };
        let ask = |operation| {
            let ask = JsonOperation::Do(&operation);
            self.call.ask(&self.about(ask))
        };
        let Ok(held) = ask(Operation::Stat) else {
            return false;
        };
        let number = |key: &str| held.data.get(key).and_then(Value::as_u64);
        let sha1 = held.data.get("sha").and_then(Value::as_str);
        let ours = sha1.is_some_and(|sha1| sha1.eq_ignore_ascii_case(&earlier_sha1));
        let unfinished = number("filelen") < number("filesize");
        ours && unfinished && ask(Operation::Delete).is_ok()
    }

    fn control(&self, session: Option<&str>, progress: &mut Progress) -> Result<Reply> {
        let ask = JsonOperation::StartSlices {
            filesize: self.source.size(),
            sha1: &self.digests.whole,
            biz_attr: self.upload.biz_attr,
            slice_size: self.slice_size,
            session,
            overwrite: self.upload.overwrite,
        };
        let sent = &mut |_| progress.advance(self.offset);
        self.call.send(&self.about(ask), sent)
    }

    fn about<'s>(&'s self, ask: JsonOperation<'s>) -> JsonRequest<'s> {
        let target = &self.upload.target;
        JsonRequest { target, ask }
    }

    /// Takes over session, offset and slice size as the service gave them, once they make sense.
    fn follow(&mut self, reply: &Reply) -> Result<()> {
        let session = reply.data.get("session").and_then(Value::as_str);
        let Some(session) = session.filter(|s| !s.is_empty()) else {
            return Err(nonsense(reply, "the service gave an empty session"));
        };
        // Whatever comes of it, a later call can ask for it.
        self.session = Some(session.to_owned());
        let number = |key: &str| reply.data.get(key).and_then(Value::as_u64);
        let slice_size = number("slice_size").unwrap_or(self.slice_size);
        if !SANE_SLICE_SIZES.contains(&slice_size) {
            let problem = format!("the service asked for slices of {slice_size} bytes");
            return Err(nonsense(reply, &problem));
        }
        let offset = number("offset").unwrap_or(0);
        if offset >= self.source.size() || offset % slice_size != 0 {
            let problem = format!(
                "the service asked to go on at byte {offset} of {} in slices of {slice_size}",
                self.source.size()
            );
            return Err(nonsense(reply, &problem));
        }
        self.offset = offset;
        if !self.digests.fits(slice_size) {
            self.digests = self.digests_again(slice_size)?;
        }
        self.slice_size = slice_size;
        match &self.checkpoint {
            Some(checkpoint) => checkpoint.remember(session, &self.digests.whole),
            None => Ok(()),
        }
    }

    /// The slices' digests for another size; the whole must still be what was announced.
    fn digests_again(&self, slice_size: u64) -> Result<FileDigests> {
        let again = FileDigests::of(self.source, slice_size, cancel::check)?;
        if again.whole != self.digests.whole {
            return Err(self.source.changed("changed"));
        }
        Ok(again)
    }

    /// Sends slices up to the end; `None` means that the service is to be asked again.
    fn send_slices(&mut self, progress: &mut Progress) -> Result<Option<Reply>> {
        let slices = SliceSender {
            call: self.call,
            target: &self.upload.target,
            source: self.source,
            digests: &self.digests,
            session: self.session.as_deref().unwrap_or_default(),
            slice_size: self.slice_size,
        };
        // One at a time once the service has had to be asked about order.
        let threads = match self.restarts {
            0 => self.call.exchange().config().parallel,
            _ => 1,
        };
        let sent = slice_sender::send(&slices, threads, &mut self.offset, progress);
        let cause = match sent {
            Ok(Some(reply)) => return Ok(Some(reply)),
            Ok(None) => Error::new(
                Kind::BadReply,
                "the service took every slice and does not say that the file is complete",
            ),
            Err(error) if error.is(ErrorClass::AskAgain) => error,
            Err(error) if error.is(ErrorClass::Exists) => error,
            Err(error) => return Err(error),
        };
        self.restarts += 1;
        if self.restarts > RESTARTS_MAX {
            return Err(cause);
        }
        Ok(None)
    }

    /// The reply to a failure tells where a later call can go on.
    fn resumable(&self, error: Error) -> Error {
        match &self.session {
            Some(session) => error
                .with_data("session", session.as_str())
                .with_data("offset", self.offset),
            None => error,
        }
    }
}

/// A reply that is well-formed and makes no sense for this file.
fn nonsense(reply: &Reply, problem: &str) -> Error {
    Error::new(Kind::BadReply, problem).answered(reply.httpcode)
}
