//! The slices of a file on their way, several at once: each is read, checked and sent by a thread.

use serde_json::Value;

use super::digest::FileDigests;
use super::part_reader::PartReader;
use super::part_tracker::PartTracker;
use super::progress::Progress;
use super::source::Source;
use super::workers::{self, Event, Job};
use crate::dialect::json::{self, JsonOperation, JsonRequest};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::Target;
use crate::model::reply::Reply;
use crate::transport::Content;

/// What is the same for all slices.
pub(super) struct SliceSender<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) target: &'a Target,
    pub(super) source: &'a Source,
    pub(super) digests: &'a FileDigests,
    pub(super) session: &'a str,
    pub(super) slice_size: u64,
}

/// Sends everything from `offset` on, and moves `offset` to the first byte that did not arrive.
/// The reply is that of the slice that has completed the object, if one has.
pub(super) fn send(
    slices: &SliceSender,
    threads: usize,
    offset: &mut u64,
    progress: &mut Progress,
) -> Result<Option<Reply>> {
    let start = *offset;
    let mut tally = PartTracker::new(start, slices.source.size(), slices.slice_size);
    let work = |part: &u64, job: &Job| {
        let offset = start + part * slices.slice_size;
        slices.send_one(offset, &mut |sent| job.moved(sent))
    };
    let mut complete = None;
    let outcome = workers::run(threads, 0..tally.parts(), work, |event| match event {
        Event::Moved(bytes) => progress.advance(start + bytes),
        Event::Done(part, reply) => {
            tally.arrived(part);
            *offset = tally.without_gap();
            if json::complete(&reply.data) {
                complete = Some(reply);
            }
            match complete {
                // Too late to cancel; the last report is still to come.
                Some(_) => Ok(()),
                None => progress.slice_end(tally.done()),
            }
        }
    });
    match complete {
        // Slices that were still on their way are refused now, and were not needed.
        Some(reply) => Ok(Some(reply)),
        None => outcome.map(|()| None),
    }
}

impl SliceSender<'_> {
    fn send_one(&self, offset: u64, sent: &mut dyn FnMut(u64) -> Result<()>) -> Result<Reply> {
        let length = self.slice_size.min(self.source.size() - offset);
        let crc64 = self.digests.of_slice(offset, length);
        let slice = PartReader::known(self.source, offset, length, crc64);
        let ask = JsonOperation::Slice {
            session: self.session,
            offset,
            content: Content::Stream(&slice),
        };
        let target = self.target;
        let reply = self.call.send(&JsonRequest { target, ask }, sent)?;
        let echo = reply.data.get("offset").and_then(Value::as_u64);
        if echo.is_some_and(|echo| echo != offset) {
            let problem = format!("sent the slice at {offset}, the service took another");
            let error = Error::new(Kind::BadReply, problem).answered(reply.httpcode);
            return Err(error.classed(ErrorClass::AskAgain));
        }
        Ok(reply)
    }
}
