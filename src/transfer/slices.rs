//! A file in slices, one after another (json-api.md §2.9). The service decides the size of a
//! slice and where to go on; a session that it has forgotten is begun again.

use serde_json::Value;

use super::digest::Digests;
use super::progress::Progress;
use super::source::Source;
use super::upload::Upload;
use crate::api::{Operation, json};
use crate::client::Call;
use crate::error::{Error, Kind, Meaning, Result};
use crate::reply::Reply;
use crate::settle;

/// Sizes that are believed when the service names one; others would loop or fill the memory.
const SANE_SLICE_SIZES: std::ops::RangeInclusive<u64> = (64 << 10)..=(64 << 20);

/// How often the service may change its mind about where to go on.
const RESTARTS_MAX: u32 = 3;

pub(super) fn upload(
    upload: &Upload,
    call: &Call,
    source: &Source,
    slice_size: u64,
    session: Option<&str>,
    progress: &mut Progress,
) -> Result<Reply> {
    let hashing = Digests::of(source, slice_size, || progress.advance(0));
    let digests = match (hashing, session) {
        (Ok(digests), _) => digests,
        // Cancelled or failed before the service was asked: the session is as good as before.
        (Err(error), Some(session)) => return Err(error.with_data("session", session)),
        (Err(error), None) => return Err(error),
    };
    let mut sliced = Sliced {
        upload,
        call,
        source,
        slice_size,
        digests,
        session: session.map(str::to_owned),
        offset: 0,
        restarts: 0,
    };
    let outcome = sliced.run(progress);
    outcome.map_err(|error| sliced.resumable(error))
}

struct Sliced<'a> {
    upload: &'a Upload<'a>,
    call: &'a Call<'a>,
    source: &'a Source,
    /// What the caller asked for, then what the service decided.
    slice_size: u64,
    digests: Digests,
    session: Option<String>,
    /// The first byte that the service does not have yet.
    offset: u64,
    restarts: u32,
}

impl Sliced<'_> {
    fn run(&mut self, progress: &mut Progress) -> Result<Reply> {
        let reply = self.complete(progress)?;
        let (size, sha1) = (self.source.size(), &self.digests.whole);
        self.upload.confirm(self.call, size, sha1)?;
        progress.finish();
        Ok(reply)
    }

    fn complete(&mut self, progress: &mut Progress) -> Result<Reply> {
        loop {
            if let Some(reply) = self.start()? {
                return Ok(reply);
            }
            progress.start(self.offset)?;
            if let Some(reply) = self.send_slices(progress)? {
                return Ok(reply);
            }
        }
    }

    /// Asks the service where to go on; a reply means that the object is complete.
    fn start(&mut self) -> Result<Option<Reply>> {
        let session = self.session.take();
        let reply = match self.control(session.as_deref()) {
            Err(error) if session.is_some() && asks_again(&error) => self.control(None),
            outcome => outcome,
        };
        let reply = match reply {
            // It is there because of us when the answer to its last slice was lost.
            Err(error) if self.restarts > 0 && exists(&error) => settle::uploaded(
                self.call,
                &self.upload.target,
                self.source.size(),
                &self.digests.whole,
            )
            .ok_or(error),
            outcome => outcome,
        };
        let reply = reply.inspect_err(|_| self.session = session)?;
        if json::complete(&reply.data) {
            return Ok(Some(reply));
        }
        self.follow(&reply)?;
        Ok(None)
    }

    fn control(&self, session: Option<&str>) -> Result<Reply> {
        let operation = Operation::StartSlices {
            filesize: self.source.size(),
            sha1: &self.digests.whole,
            biz_attr: self.upload.biz_attr,
            slice_size: self.slice_size,
            session,
            overwrite: self.call.client().config().overwrite,
        };
        self.call
            .send(&self.upload.target, &operation, &mut |_| Ok(()))
    }

    /// Takes over session, offset and slice size as the service gave them, once they make sense.
    fn follow(&mut self, reply: &Reply) -> Result<()> {
        let session = reply.data.get("session").and_then(Value::as_str);
        let Some(session) = session.filter(|s| !s.is_empty()) else {
            return Err(nonsense(reply, "the service gave an empty session"));
        };
        let slice_size = number(reply, "slice_size").unwrap_or(self.slice_size);
        if !SANE_SLICE_SIZES.contains(&slice_size) {
            let problem = format!("the service asked for slices of {slice_size} bytes");
            return Err(nonsense(reply, &problem));
        }
        let offset = number(reply, "offset").unwrap_or(0);
        if offset >= self.source.size() || offset % slice_size != 0 {
            let problem = format!(
                "the service asked to go on at byte {offset} of {} in slices of {slice_size}",
                self.source.size()
            );
            return Err(nonsense(reply, &problem));
        }
        self.session = Some(session.to_owned());
        self.offset = offset;
        if !self.digests.fits(slice_size) {
            self.digests = self.digests_again(slice_size)?;
        }
        self.slice_size = slice_size;
        Ok(())
    }

    /// The slices' digests for another size; the whole must still be what was announced.
    fn digests_again(&self, slice_size: u64) -> Result<Digests> {
        let again = Digests::of(self.source, slice_size, || Ok(()))?;
        if again.whole != self.digests.whole {
            return Err(self.source.changed("changed"));
        }
        Ok(again)
    }

    /// Sends slices up to the end; `None` means that the service is to be asked again.
    fn send_slices(&mut self, progress: &mut Progress) -> Result<Option<Reply>> {
        let size = self.source.size();
        let mut buffer = Vec::new();
        while self.offset < size {
            let length = self.slice_size.min(size - self.offset) as usize;
            buffer.resize(length, 0);
            self.source.read_at(&mut buffer, self.offset)?;
            self.source.unchanged()?;
            let reply = match self.send_slice(&buffer, progress) {
                Err(error) if asks_again(&error) || exists(&error) => return self.ask_again(error),
                outcome => outcome?,
            };
            if json::complete(&reply.data) {
                return Ok(Some(reply));
            }
            if number(&reply, "offset").is_some_and(|echo| echo != self.offset) {
                return self.ask_again(nonsense(&reply, "the service took another slice"));
            }
            self.offset += length as u64;
            progress.slice_end(self.offset)?;
        }
        let problem = "the service took every slice and does not say that the file is complete";
        self.ask_again(Error::new(Kind::BadReply, problem))
    }

    /// Goes back to asking, but not for ever: then `cause` is the answer.
    fn ask_again(&mut self, cause: Error) -> Result<Option<Reply>> {
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

    fn send_slice(&self, slice: &[u8], progress: &mut Progress) -> Result<Reply> {
        let sha1 = self
            .digests
            .confirm(self.offset, slice)
            .ok_or_else(|| self.source.changed("changed"))?;
        let operation = Operation::Slice {
            session: self.session.as_deref().unwrap_or_default(),
            offset: self.offset,
            content: slice,
            sha1: &sha1,
        };
        self.call
            .send(&self.upload.target, &operation, &mut |sent| {
                progress.advance(self.offset + sent)
            })
    }
}

/// A reply that is well-formed and makes no sense for this file.
fn nonsense(reply: &Reply, problem: &str) -> Error {
    let mut error = Error::new(Kind::BadReply, problem);
    error.httpcode = reply.httpcode;
    error
}

fn number(reply: &Reply, key: &str) -> Option<u64> {
    reply.data.get(key)?.as_u64()
}

fn exists(error: &Error) -> bool {
    error.meaning == Some(Meaning::Exists)
}

fn asks_again(error: &Error) -> bool {
    error.meaning == Some(Meaning::AskAgain)
}
