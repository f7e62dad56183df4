//! An upload in slices of the JSON API (json-api.md §2.9): of a file whose SHA-1 is told first. The
//! service decides the size of a slice and where to go on, and makes the object with the last slice.

use std::sync::Mutex;

use serde_json::Value;

use super::fields::complete;
use super::operation::Operation;
use super::reconcile::{confirm, uploaded};
use super::request::{JsonRequest, ask};
use super::typed;
use super::upload::set_attributes_of_upload;
use crate::base::lock::lock;
use crate::dialect::{
    EarlierSession, Opened, Part, PartRange, Plan, TakenPart, UploadContent, UploadSession,
    UploadSpec,
};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::{Answer, Target, UploadedObject};
use crate::transport::Content;

/// Sizes that are believed when the service names one; others would loop or fill the memory.
const SANE_SLICE_SIZES: std::ops::RangeInclusive<u64> = (64 << 10)..=(64 << 20);

pub(super) struct JsonUpload<'a> {
    call: &'a Call<'a>,
    upload: &'a UploadSpec<'a>,
    /// What the caller asked for, then what the service decided.
    slice_size: u64,
    id: Option<String>,
    /// Of the content that an earlier call has begun to send to this place.
    earlier_sha1: Option<String>,
    was_opened: bool,
    /// The answer that has said that the object is complete.
    complete: Mutex<Option<Answer>>,
}

impl<'a> JsonUpload<'a> {
    pub(super) fn new(
        call: &'a Call<'a>,
        upload: &'a UploadSpec<'a>,
        slice_size: u64,
        id: Option<&str>,
    ) -> JsonUpload<'a> {
        JsonUpload {
            call,
            upload,
            slice_size,
            id: id.map(str::to_owned),
            earlier_sha1: None,
            was_opened: false,
            complete: Mutex::default(),
        }
    }

    /// Asks the service where to go on.
    fn control(
        &self,
        content: &dyn UploadContent,
        session: Option<&str>,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Answer> {
        let operation = Operation::StartSlices {
            filesize: size_of(content),
            sha1: content.sha1(),
            biz_attr: self.upload.biz_attr,
            slice_size: self.slice_size,
            session,
            overwrite: self.upload.overwrite,
        };
        self.send(&operation, &mut |_| tick())
    }

    fn send(
        &self,
        operation: &Operation,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Answer> {
        let target = &self.upload.target;
        self.call.send(&JsonRequest { target, operation }, sent)
    }

    /// The source has changed since an earlier call, and the upload of what it was stands in the way.
    fn give_up_earlier(&mut self) -> bool {
        let earlier_sha1 = self.earlier_sha1.take();
        let target = &self.upload.target;
        let dropped = |sha1: String| drop_unfinished(self.call, target, &sha1);
        earlier_sha1.is_some_and(|sha1| dropped(sha1).unwrap_or(false))
    }

    /// Takes over session, offset and slice size as the service gave them, once they make sense.
    fn follow(&mut self, content: &dyn UploadContent, answer: &Answer) -> Result<Plan> {
        let session = answer.extra.get("session").and_then(Value::as_str);
        let Some(session) = session.filter(|s| !s.is_empty()) else {
            return Err(nonsense(answer, "the service gave an empty session"));
        };
        // Whatever comes of it, a later call can ask for it.
        self.id = Some(session.to_owned());
        let number = |key: &str| answer.extra.get(key).and_then(Value::as_u64);
        let slice_size = number("slice_size").unwrap_or(self.slice_size);
        if !SANE_SLICE_SIZES.contains(&slice_size) {
            let problem = format!("the service asked for slices of {slice_size} bytes");
            return Err(nonsense(answer, &problem));
        }
        let (offset, size) = (number("offset").unwrap_or(0), size_of(content));
        if offset >= size || offset % slice_size != 0 {
            let problem = format!(
                "the service asked to go on at byte {offset} of {size} in slices of {slice_size}"
            );
            return Err(nonsense(answer, &problem));
        }
        self.slice_size = slice_size;
        Ok(Plan {
            part_size: slice_size,
            offset,
            listed: Vec::new(),
            // Once it has had to be asked about order.
            one_at_a_time: self.was_opened,
        })
    }

    fn completed(&self) -> std::sync::MutexGuard<'_, Option<Answer>> {
        lock(&self.complete)
    }
}

impl UploadSession for JsonUpload<'_> {
    fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn begun_with(&self, content: &dyn UploadContent) -> String {
        content.sha1().to_owned()
    }

    fn recall(&mut self, content: &dyn UploadContent, earlier: EarlierSession) {
        if self.id.is_none() && earlier.untouched && earlier.begun_with == content.sha1() {
            self.id = Some(earlier.id);
        }
        self.earlier_sha1 = Some(earlier.begun_with);
    }

    fn open(
        &mut self,
        content: &dyn UploadContent,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Opened> {
        let session = self.id.take();
        let mut outcome = self.control(content, session.as_deref(), tick);
        if session.is_some() && outcome.as_ref().is_err_and(|e| e.is(ErrorClass::AskAgain)) {
            // Forgotten or broken: the file and its place are enough to find the upload again.
            outcome = self.control(content, None, tick);
        }
        let is_in_the_way = |error: &Error| error.is(ErrorClass::Unfinished);
        if outcome.as_ref().is_err_and(is_in_the_way) && self.give_up_earlier() {
            outcome = self.control(content, None, tick);
        }
        let outcome = match outcome {
            // It is there because of us when the answer to its last slice was lost.
            Err(error) if self.was_opened && error.is(ErrorClass::Exists) => {
                let (target, size) = (&self.upload.target, size_of(content));
                uploaded(self.call, target, size, content.sha1(), tick)?.ok_or(error)
            }
            outcome => outcome,
        };
        let answer = outcome.inspect_err(|_| self.id = session)?;
        if complete(&answer.extra) {
            *self.completed() = Some(answer);
            return Ok(Opened::Complete);
        }
        let plan = self.follow(content, &answer)?;
        self.was_opened = true;
        Ok(Opened::Incomplete(plan))
    }

    fn send_part(
        &self,
        part: PartRange,
        bytes: Content,
        _: &dyn Fn() -> Result<u64>,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<TakenPart> {
        let offset = part.offset;
        let operation = Operation::Slice {
            session: self.id.as_deref().unwrap_or_default(),
            offset,
            content: bytes,
        };
        let answer = self.send(&operation, sent)?;
        let echo = answer.extra.get("offset").and_then(Value::as_u64);
        if echo.is_some_and(|echo| echo != offset) {
            let problem = format!("sent the slice at {offset}, the service took another");
            let error = Error::new(Kind::BadReply, problem).answered(answer.httpcode);
            return Err(error.classed(ErrorClass::AskAgain));
        }
        let taken = TakenPart {
            etag: None,
            completes: complete(&answer.extra),
        };
        if taken.completes {
            *self.completed() = Some(answer);
        }
        Ok(taken)
    }

    fn finish(
        &mut self,
        _: &dyn UploadContent,
        _: &mut dyn Iterator<Item = &Part>,
        _: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        match *self.completed() {
            Some(_) => Ok(()),
            None => {
                let problem =
                    "the service took every slice and does not say that the file is complete";
                Err(Error::new(Kind::BadReply, problem).classed(ErrorClass::AskAgain))
            }
        }
    }

    /// What is there may be the object, complete but for the answer that would have said so.
    fn can_reopen(&self, failure: &Error) -> bool {
        failure.is(ErrorClass::AskAgain) || failure.is(ErrorClass::Exists)
    }

    fn abandon(&mut self, call: &Call, content: &dyn UploadContent) -> Result<()> {
        if self.id.is_some() {
            drop_unfinished(call, &self.upload.target, content.sha1())?;
            self.id = None;
        }
        Ok(())
    }

    fn confirm(
        &mut self,
        content: &dyn UploadContent,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Answer<UploadedObject>> {
        let target = &self.upload.target;
        let verified = confirm(self.call, target, size_of(content), content.sha1(), tick)?;
        set_attributes_of_upload(self.call, target, self.upload.attributes)?;
        let answer = self.completed().take().unwrap_or_default();
        Ok(typed::uploaded(answer, verified))
    }
}

/// It is known before the first slice.
fn size_of(content: &dyn UploadContent) -> u64 {
    content
        .size()
        .expect("what is uploaded in slices was hashed")
}

/// An answer that is well-formed and makes no sense for this file.
fn nonsense(answer: &Answer, problem: &str) -> Error {
    Error::new(Kind::BadReply, problem).answered(answer.httpcode)
}

/// The upload of some content, if it is really that of `sha1` and really unfinished, is removed: never
/// an object. Whether there was one.
fn drop_unfinished(call: &Call, target: &Target, sha1: &str) -> Result<bool> {
    let held = ask(call, target, &Operation::Stat)?;
    let number = |key: &str| held.extra.get(key).and_then(Value::as_u64);
    let held_sha1 = held.extra.get("sha").and_then(Value::as_str);
    let ours = held_sha1.is_some_and(|held| held.eq_ignore_ascii_case(sha1));
    let unfinished = number("filelen") < number("filesize");
    if ours && unfinished {
        ask(call, target, &Operation::Delete)?;
    }
    Ok(ours && unfinished)
}
