//! Ranges of an object to where they are wanted. A connection that breaks is replaced by one that goes on
//! where it stopped; bytes of another object are never taken for this one's.

use std::ops::Range;
use std::sync::{Mutex, OnceLock};

use super::get::get;
use crate::base::cancel;
use crate::base::crc64::Crc64;
use crate::base::lock::lock;
use crate::base::page_aligned::PageAligned;
use crate::base::size;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::{Attempts, Call, Signer};
use crate::model::{ContentInfo, Steps, Target};
use crate::transport::{Fetched, steps};

/// An attempt that brings less than this, and less than this share of the range, has brought nothing: a
/// service that gives a byte for each connection would be asked without end.
const PROGRESS_BYTES: u64 = 64 << 10;
const PROGRESS_SHARE: u64 = 16;

/// Bytes that are handed on at once: half of what a connection holds, which stays in the processor's cache.
const BLOCK: usize = 128 << 10;

/// Where the bytes of ranges go.
pub(super) trait WriteAt {
    /// `offset` is that in the object. Of one range they come in order.
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()>;
}

/// Is told how many bytes of a range have arrived; its error ends the fetch.
pub(super) type Moved<'a> = dyn FnMut(u64) -> Result<()> + 'a;

/// An answer that begins to bring some bytes.
pub(super) struct Begun<'a> {
    pub(super) fetched: Fetched,
    pub(super) range: Range<u64>,
    /// Those that it took so far.
    pub(super) attempts: Attempts<'a>,
    /// Of its request, which another thread may have made.
    pub(super) steps: Steps,
}

/// How much of a range is there.
struct Arrived {
    at: u64,
    crc64: Crc64,
}

/// An object that is being fetched.
pub(super) struct Object<'a> {
    pub(super) call: &'a Call<'a>,
    target: &'a Target,
    pub(super) known: &'a ContentInfo,
    /// Of the first answer; another one is another object's.
    etag: OnceLock<String>,
    /// Serves whoever fetches from where it begins.
    begun: Mutex<Option<Begun<'a>>>,
}

impl<'a> Object<'a> {
    pub(super) fn new(
        call: &'a Call<'a>,
        target: &'a Target,
        known: &'a ContentInfo,
    ) -> Object<'a> {
        let etag = known.etag.clone();
        Object {
            call,
            target,
            known,
            etag: etag.map_or_else(OnceLock::new, OnceLock::from),
            begun: Mutex::default(),
        }
    }

    /// One of which an answer is there already.
    pub(super) fn begun(self, begun: Option<Begun<'a>>) -> Object<'a> {
        let begun = Mutex::new(begun);
        Object { begun, ..self }
    }

    /// Fetches a range, with as many attempts as it takes as long as each brings a good deal of it, and as
    /// many as are allowed where they bring nothing. Returns the CRC64 of what has arrived.
    pub(super) fn fetch(
        &self,
        range: Range<u64>,
        into: &dyn WriteAt,
        moved: &mut Moved,
    ) -> Result<u64> {
        let (mut begun, mut attempts) = match self.take_begun(range.start) {
            Some(begun) => {
                steps::go_on(begun.steps);
                (Some((begun.fetched, begun.range.end)), begun.attempts)
            }
            None => (None, Attempts::of(self.call)),
        };
        let mut arrived = Arrived {
            at: range.start,
            crc64: Crc64::default(),
        };
        loop {
            let before = arrived.at;
            let (answer, end) = match begun.take() {
                Some((fetched, end)) => (Ok(fetched), end.min(range.end)),
                None => {
                    let signer = &attempts.signer(&mut || Ok(()))?;
                    let answer = self.ask(before..range.end, signer, &mut attempts);
                    (answer, range.end)
                }
            };
            let moved = &mut |at| moved(at - range.start);
            let outcome =
                answer.and_then(|fetched| self.receive(fetched, end, &mut arrived, into, moved));
            attempts.received(arrived.at - before);
            let Err(error) = outcome else {
                attempts.succeeded();
                if arrived.at < range.end {
                    // It was begun with less: what is left is another request.
                    attempts = Attempts::of(self.call);
                    continue;
                }
                return Ok(arrived.crc64.value());
            };
            let least = PROGRESS_BYTES.min((range.end - range.start) / PROGRESS_SHARE);
            if arrived.at - before >= least.max(1) {
                attempts.progressed();
            }
            cancel::pause(attempts.failed(error, true)?)?;
        }
    }

    fn take_begun(&self, start: u64) -> Option<Begun<'a>> {
        let mut begun = lock(&self.begun);
        begun.take_if(|begun| begun.range.start == start)
    }

    /// What is left up to `end`; `arrived` grows with each byte that is written, and `moved` is told where
    /// it is.
    fn receive(
        &self,
        mut fetched: Fetched,
        end: u64,
        arrived: &mut Arrived,
        into: &dyn WriteAt,
        moved: &mut Moved,
    ) -> Result<()> {
        let asked = arrived.at..end;
        let mut skip = self.surplus(&fetched, &asked)?;
        let expected = skip.saturating_add(end - arrived.at);
        // One byte at least, to see the end with.
        let mut buffer = PageAligned::zeroed(size::within(BLOCK, expected).max(1));
        while arrived.at < end {
            let amount = fetched.read(&mut buffer)?;
            if amount == 0 {
                let error = || cut_short(&fetched, arrived.at, end);
                return Err(self.foreign(&fetched).unwrap_or_else(error));
            }
            let skipped = size::within(amount, skip);
            skip -= skipped as u64;
            let bytes = &buffer[skipped..amount];
            if bytes.len() as u64 > end - arrived.at {
                return Err(self.too_long(&fetched));
            }
            into.write_at(bytes, arrived.at)?;
            arrived.crc64.update(bytes);
            arrived.at += bytes.len() as u64;
            moved(arrived.at)?;
        }
        // Reading the end frees the connection for the next request.
        match fetched.read(&mut buffer[..1]) {
            Ok(1..) => Err(self.too_long(&fetched)),
            Ok(0) | Err(_) => Ok(()),
        }
    }

    fn ask(&self, range: Range<u64>, signer: &Signer, attempts: &mut Attempts) -> Result<Fetched> {
        let whole = range == (0..self.size());
        let tag = self.etag.get().map(String::as_str);
        let same = tag.filter(|tag| !is_weak(tag));
        let same = same.map(|tag| ("if-match".into(), tag.to_owned()));
        let (range, wanted): (_, &[u16]) = match whole {
            true => (None, &[200, 412]),
            false => (Some(range), &[200, 206, 412]),
        };
        let headers = same.into_iter().collect();
        let what = (range, headers);
        let fetched = get(self.call, signer, self.target, what, attempts, wanted)?;
        match fetched.status {
            412 => Err(self.another("it has another ETag", fetched.status)),
            _ => Ok(fetched),
        }
    }

    /// Checks that the answer is about this object, and tells how many bytes come before those
    /// that were asked for.
    fn surplus(&self, fetched: &Fetched, asked: &Range<u64>) -> Result<u64> {
        if let Some(error) = self.foreign_at_once(fetched) {
            return Err(error);
        }
        let tag = fetched.headers.text("etag");
        let other_tag = |known: &String| tag.is_some_and(|tag| opaque(tag) != opaque(known));
        if self.etag.get().is_some_and(other_tag) {
            let other = || self.another("it has another ETag", fetched.status);
            return Err(self.foreign(fetched).unwrap_or_else(other));
        }
        let before = self.position(fetched, asked)?;
        // Only now it is certain to be this object's.
        if let Some(tag) = tag {
            let first = self.etag.get_or_init(|| tag.to_owned());
            if opaque(first) != opaque(tag) {
                return Err(self.another("it has another ETag", fetched.status));
            }
        }
        Ok(before)
    }

    /// How many bytes come before those that were asked for.
    fn position(&self, fetched: &Fetched, asked: &Range<u64>) -> Result<u64> {
        if fetched.status == 200 {
            let length = fetched.headers.number("content-length");
            if length.is_some_and(|length| length != self.size()) {
                let other = || self.another("it has another length", fetched.status);
                return Err(self.foreign(fetched).unwrap_or_else(other));
            }
            return match asked.end == self.size() {
                true => Ok(asked.start),
                false => Err(ranges_ignored()),
            };
        }
        let range = fetched.headers.text("content-range").and_then(parse_range);
        match range {
            Some((_, _, Some(size))) if size != self.size() => {
                Err(self.another("it has another length", fetched.status))
            }
            Some((first, last, _)) if first == asked.start && last < asked.end => Ok(0),
            _ => {
                let problem = "the service answered with another range than was asked for";
                Err(Error::new(Kind::BadReply, problem).answered(fetched.status))
            }
        }
    }

    fn another(&self, how: &str, status: u16) -> Error {
        let message = format!(
            "the object of {} bytes was replaced during its download: {how}",
            self.size()
        );
        Error::new(Kind::Integrity, message).answered(status)
    }

    fn too_long(&self, fetched: &Fetched) -> Error {
        let message = "the service sent more bytes than it had announced";
        let more = || Error::new(Kind::Integrity, message).answered(fetched.status);
        self.foreign(fetched).unwrap_or_else(more)
    }

    fn size(&self) -> u64 {
        self.known.size
    }

    /// Why an answer is none of the object, where its head alone tells: others than the service
    /// have made it.
    fn foreign_at_once(&self, fetched: &Fetched) -> Option<Error> {
        let differs = |name: &str, own: &Option<String>| {
            let own = own.as_ref();
            own.is_some_and(|own| *own != header(fetched, name))
        };
        // What is stored compressed comes with its length.
        let has_length = fetched.headers.number("content-length").is_some();
        let is_suspect = differs("content-type", &self.known.content_type)
            || differs("content-encoding", &self.known.content_encoding)
            || !has_length && !header(fetched, "content-encoding").is_empty();
        if is_suspect {
            return self.foreign(fetched);
        }
        None
    }

    /// The same for an answer that does not fit the object.
    fn foreign(&self, fetched: &Fetched) -> Option<Error> {
        let coding = header(fetched, "content-encoding");
        let page = header(fetched, "content-type");
        let problem = if !matches!(coding.as_str(), "" | "identity") {
            format!(
                "the object came compressed (Content-Encoding: {}), which was not asked for: \
                 a proxy or gateway changes answers on their way; switch that off for the \
                 service's hosts, or use https",
                excerpt(&coding)
            )
        } else if page.starts_with("text/html") && fetched.headers.text("etag").is_none() {
            format!(
                "a page (Content-Type: {}) came in the object's place: perhaps the login page \
                 of a network or proxy; look at it in a browser, or use https",
                excerpt(&page)
            )
        } else {
            return None;
        };
        Some(Error::new(Kind::BadReply, problem).answered(fetched.status))
    }
}

fn cut_short(fetched: &Fetched, at: u64, end: u64) -> Error {
    let message = format!("the object's bytes end at {at}, {end} were announced");
    let error = Error::new(Kind::BadReply, message).answered(fetched.status);
    error.unknown_outcome()
}

fn ranges_ignored() -> Error {
    let error = Error::new(Kind::BadReply, "the service sends no ranges of objects");
    error.classed(ErrorClass::RangesIgnored)
}

fn header(fetched: &Fetched, name: &str) -> String {
    let text = fetched.headers.text(name).unwrap_or_default();
    text.to_ascii_lowercase()
}

/// As much as a message takes of what anybody may have written.
fn excerpt(text: &str) -> String {
    text.chars().take(64).collect()
}

/// A tag without the mark of a weak one, which proxies add.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Such a tag may be that of different bytes, and `If-Match` refuses it (RFC 9110 §13.1.1).
fn is_weak(tag: &str) -> bool {
    !tag.starts_with('"')
}

/// `bytes 0-4/10`: first, last and, unless it is `*`, the object's size.
pub(super) fn parse_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let size = match size {
        "*" => None,
        size => Some(size.parse().ok()?),
    };
    Some((first.parse().ok()?, last.parse().ok()?, size))
}
