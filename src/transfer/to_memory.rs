//! Some bytes of an object into the caller's memory, side by side where they are many.

use std::ops::Range;
use std::sync::Mutex;

use super::WHOLE_MAX_BYTES;
use super::fetch::{Object, WriteAt};
use super::first_range::{self, FirstRange};
use super::hasher::Hasher;
use super::range_size;
use super::refetch;
use crate::base::crc64;
use crate::base::lock::lock;
use crate::base::size;
use crate::base::workers::{self, Event, Job};
use crate::config::behind_end;
use crate::error::Result;
use crate::exchange::Call;
use crate::model::{Answer, ContentInfo, Digests, ReadBytes, Target, Verified};
use crate::transport::Header;

/// As many bytes from `offset` on as the buffer holds, or as the object has.
pub(crate) fn read(
    call: &Call,
    target: &Target,
    conditions: &[Header],
    offset: u64,
    buffer: &mut [u8],
) -> Result<Answer<ReadBytes>> {
    refetch::until_sound(call, buffer.len() as u64, || {
        read_once(call, target, conditions, offset, buffer)
    })
}

fn read_once(
    call: &Call,
    target: &Target,
    conditions: &[Header],
    offset: u64,
    buffer: &mut [u8],
) -> Result<Answer<ReadBytes>> {
    let wanted = buffer.len() as u64;
    let piece = match wanted > WHOLE_MAX_BYTES {
        true => range_size::of(wanted),
        false => wanted,
    };
    let (first, rest) = buffer.split_at_mut(size::index(piece));
    let first = Piece::new(offset, first);
    let asked = first.range();
    let FirstRange {
        known,
        range,
        crc64,
    } = first_range::fetch(call, target, conditions, asked, &first)?;
    if offset > known.size {
        return Err(behind_end("offset", offset, known.size));
    }
    let end = known.size.min(offset + wanted);
    let mut pieces = vec![(crc64, range.end - range.start)];
    if end > range.end {
        let rest = &mut rest[..size::index(end - range.end)];
        let rest = fetch_rest(call, target, &known, range.end, piece, rest)?;
        pieces.extend(rest);
    }
    let length = end - offset;
    let verified = match length == known.size {
        true => confirm(&known, pieces, &buffer[..size::index(length)])?,
        // The service tells digests of whole objects alone.
        false => Verified::Length,
    };
    Ok(call.answer(Answer::success(ReadBytes {
        length,
        size: known.size,
        etag: known.etag,
        verified,
        version_id: known.version_id,
    })))
}

/// Everything from `offset` on, in pieces side by side; their CRC64s and lengths, in order.
fn fetch_rest(
    call: &Call,
    target: &Target,
    known: &ContentInfo,
    offset: u64,
    piece: u64,
    buffer: &mut [u8],
) -> Result<Vec<(u64, u64)>> {
    let object = Object::new(call, target, known);
    let count = (buffer.len() as u64).div_ceil(piece);
    let mut arrived = size::list_of(count, (0, 0))?;
    let pieces = buffer.chunks_mut(size::index(piece));
    let pieces = (0..count).zip(pieces);
    let pieces = pieces.map(|(number, bytes)| Piece::new(offset + number * piece, bytes));
    let work = |piece: &Piece, job: &Job| {
        let moved = &mut |bytes| job.moved(bytes);
        object.fetch(piece.range(), piece, moved)
    };
    let concurrency = call.exchange().concurrency();
    workers::run(&concurrency, pieces, work, |event| {
        if let Event::Done(done, crc64) = event {
            let number = (done.start - offset) / piece;
            arrived[size::index(number)] = (crc64, done.length);
        }
        Ok(())
    })?;
    Ok(arrived)
}

/// Compares a whole object with what the service knows of it.
fn confirm(known: &ContentInfo, pieces: Vec<(u64, u64)>, bytes: &[u8]) -> Result<Verified> {
    let digests = match known.wants_all() {
        true => {
            let mut hasher = Hasher::of_download(known);
            hasher.update(bytes);
            hasher.digests()
        }
        false => Digests::of_crc64(crc64::joined(pieces)),
    };
    known.confirm(&digests)
}

/// A piece of the caller's buffer, and where its bytes are in the object.
struct Piece<'b> {
    start: u64,
    length: u64,
    /// Written by one thread at a time, which is not always the same.
    bytes: Mutex<&'b mut [u8]>,
}

impl Piece<'_> {
    fn new(start: u64, bytes: &mut [u8]) -> Piece<'_> {
        Piece {
            start,
            length: bytes.len() as u64,
            bytes: Mutex::new(bytes),
        }
    }

    fn range(&self) -> Range<u64> {
        self.start..self.start + self.length
    }
}

impl WriteAt for Piece<'_> {
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        let at = size::index(offset - self.start);
        let mut held = lock(&self.bytes);
        held[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}
