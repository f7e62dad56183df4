//! Pieces that are appended to an object (xml-api.md §3.19), each exactly once. A second attempt is safe: where
//! the first was carried out, the position is not the object's end any more. That it was, the object itself tells.

use std::cell::Cell;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::head::{Lookup, lookup};
use super::metadata;
use super::request::{self, RequestBuilder};
use super::same::is_older;
use crate::base::crc64::{Crc64, joined};
use crate::dialect::Piece;
use crate::error::{Error, Kind, Result, Sent};
use crate::exchange::{ApiRequest, Call, Signer};
use crate::model::Target;
use crate::transport::{Content, Method, Request, Response};

/// How much of an object is compared at a time.
const COMPARED_BYTES: usize = 4 << 20;

/// Appends it; where the object ends then.
pub(super) fn append(call: &Call, target: &Target, piece: &Piece) -> Result<u64> {
    let append = Append::new(call, target, piece)?;
    let error = match call.ask(&append) {
        Ok(end) if end == piece.end() => return Ok(end),
        Ok(end) => {
            let message = format!(
                "the service says that the file ends at {end}, not at {}",
                piece.end()
            );
            return Err(Error::new(Kind::Integrity, message).answered(200));
        }
        Err(error) => error,
    };
    if !may_be_done(&error) {
        return Err(error);
    }
    let mut found = Found::NotYet;
    // What was appended may not be seen at once. An error of this is not the call's.
    let looked = call.poll_until(&mut || Ok(()), &mut || {
        found = append.look(call)?;
        Ok(found != Found::NotYet || !error.maybe_applied)
    });
    match (looked, found) {
        (Ok(_), Found::Ours) => Ok(piece.end()),
        (Ok(_), Found::NotYet) if error.httpcode != 409 => {
            Err(error.hint("so far the bytes were not appended"))
        }
        (Ok(_), Found::NotYet | Found::Other) => Err(error),
        _ => Err(error.hint("whether the bytes were appended is not known")),
    }
}

/// Whether an attempt may have been carried out, and its answer lost.
fn may_be_done(error: &Error) -> bool {
    let is_unknown = error.sent != Sent::No && error.retryable() && !error.is_throttled();
    error.maybe_applied || is_unknown
}

/// What is found where the piece was to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// The object ends there.
    NotYet,
    Ours,
    Other,
    /// It may not be looked at.
    Unknown,
}

struct Append<'a> {
    target: &'a Target,
    piece: &'a Piece<'a>,
    request: RequestBuilder<'a, u64>,
    begun: Instant,
    /// Of the object without the piece, once it is known.
    crc64_before: Cell<Option<u64>>,
}

impl<'a> Append<'a> {
    fn new(call: &Call, target: &'a Target, piece: &'a Piece) -> Result<Append<'a>> {
        let exchange = call.exchange();
        let mut request = RequestBuilder::about(Method::Post, target, |response: &Response| {
            let next = response.headers.number("x-cos-next-append-position");
            request::needed(response, "x-cos-next-append-position", next)
        })
        .query("append", "")
        .query("position", piece.position.to_string());
        if piece.position == 0 {
            let headers = metadata::of_file(piece.biz_attr, exchange.now(), piece.attributes)?;
            request = request.headers(headers);
        }
        // The service refuses what was changed on its way: once appended, it could not be replaced.
        if exchange.config().is_plain_http() {
            let md5 = STANDARD.encode(Md5::digest(piece.content));
            request = request.header("content-md5", md5);
        }
        Ok(Append {
            target,
            piece,
            request: request
                .content(Content::Bytes(piece.content))
                .non_idempotent(),
            begun: Instant::now(),
            crc64_before: Cell::new((piece.position == 0).then_some(0)),
        })
    }

    fn look(&self, call: &Call) -> Result<Found> {
        let head = match lookup(call, self.target)? {
            Lookup::There(head) => head,
            Lookup::Nothing(_) if self.piece.position == 0 => return Ok(Found::NotYet),
            Lookup::Nothing(_) => return Ok(Found::Other),
            Lookup::Forbidden(_) => return Ok(Found::Unknown),
        };
        if !metadata::is_appendable(&head.headers) {
            return Ok(Found::Other);
        }
        if head.size == self.piece.position && !self.piece.content.is_empty() {
            // As it is before the next attempt.
            self.crc64_before
                .set(self.crc64_before.get().or(head.crc64));
            return Ok(Found::NotYet);
        }
        // What was there before this call is none of its doing, whatever it holds.
        if head.size < self.piece.end() || is_older(&head, self.begun) {
            return Ok(Found::Other);
        }
        let before = self
            .crc64_before
            .get()
            .filter(|_| head.size == self.piece.end());
        let is_ours = match before.zip(head.crc64) {
            Some((before, now)) => now == self.crc64_after(before),
            // Others have appended since, or nothing is known of what was there before.
            None => self.is_there(call)?,
        };
        Ok(if is_ours { Found::Ours } else { Found::Other })
    }

    /// Of the object with the piece.
    fn crc64_after(&self, before: u64) -> u64 {
        let Piece {
            position, content, ..
        } = *self.piece;
        let mut crc64 = Crc64::default();
        crc64.update(content);
        joined([(before, position), (crc64.value(), content.len() as u64)])
    }

    /// Whether the bytes themselves are at their place.
    fn is_there(&self, call: &Call) -> Result<bool> {
        let mut start = self.piece.position;
        for bytes in self.piece.content.chunks(COMPARED_BYTES) {
            let end = start + bytes.len() as u64;
            let read = |response: &Response| Ok((response.status, response.body.clone()));
            let get = RequestBuilder::about(Method::Get, self.target, read)
                .header("range", format!("bytes={start}-{}", end - 1))
                .reply_cap(COMPARED_BYTES);
            let (status, body) = call.ask(&get)?;
            if status != 206 || body != bytes {
                return Ok(false);
            }
            start = end;
        }
        Ok(true)
    }
}

impl ApiRequest for Append<'_> {
    type Answer = u64;

    fn request(&self, signer: &Signer) -> Result<Request<'_>> {
        self.request.request(signer)
    }

    fn read(&self, response: Response, request: &Request) -> Result<u64> {
        self.request.read(response, request)
    }

    fn is_idempotent(&self) -> bool {
        false
    }

    /// Where it cannot be found out, the next attempt is refused.
    fn reconcile(&self, call: &Call) -> Result<Option<u64>> {
        match self.look(call) {
            Err(error) if error.kind == Kind::Cancelled => Err(error),
            Ok(Found::Ours) => Ok(Some(self.piece.end())),
            _ => Ok(None),
        }
    }
}
