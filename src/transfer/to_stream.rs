//! An object, or some of it, handed out in order while it arrives. Ranges are fetched ahead side by side,
//! as many as the window takes: a caller that takes its time holds no connection up.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::iter;
use std::ops::Range;
use std::sync::Mutex;

use super::block::Block;
use super::fetch::{Object, WriteAt};
use super::first_range::{self, Wanted};
use super::hasher::Hasher;
use super::range_size;
use super::stream_memory::{PIECE_LEAST, StreamMemory};
use super::window::Room;
use crate::base::cancel;
use crate::base::crc64;
use crate::base::lock::lock;
use crate::base::size;
use crate::base::workers::{self, Event, Job};
use crate::config::ReadOptions;
use crate::error::{ErrorClass, Result};
use crate::exchange::Call;
use crate::model::{Answer, Digests, ReadBytes, Target, Verified};

/// Takes the next bytes; its error ends the call.
pub(crate) type Write<'a> = dyn FnMut(&[u8]) -> Result<()> + 'a;

pub(crate) fn read(
    call: &Call,
    target: &Target,
    options: &ReadOptions,
    write: &mut Write,
) -> Result<Answer<ReadBytes>> {
    let first = options.range.first(range_size::FIRST_RANGE);
    let of_what = match first.start {
        0 => Wanted::Whole,
        _ => Wanted::Bytes,
    };
    let (known, begun) = first_range::begin(call, target, &options.conditions, first, of_what)?;
    let wanted = options.range.of(known.size)?;
    let length = wanted.end - wanted.start;
    let is_whole = length == known.size;
    let object = Object::new(call, target, &known).begun(begun);
    let mut out = InOrder {
        next: wanted.start,
        crc64: 0,
        hasher: (is_whole && known.wants_all()).then(|| Hasher::of_download(&known)),
        write,
    };
    // An empty object is asked for too: it must still be there.
    if length > 0 || is_whole {
        fetch(&object, wanted, &mut out)?;
    }
    let verified = match is_whole {
        true => known.confirm(&out.digests())?,
        // The service tells digests of whole objects alone.
        false => Verified::Length,
    };
    Ok(call.answer(Answer::success(ReadBytes {
        length,
        size: known.size,
        etag: known.etag.clone(),
        verified,
        version_id: known.version_id.clone(),
    })))
}

fn fetch(object: &Object, wanted: Range<u64>, out: &mut InOrder) -> Result<()> {
    let begin = out.next;
    let most = range_size::of(wanted.end - wanted.start);
    if wanted.end - wanted.start <= most {
        return in_one_piece(object, wanted, out);
    }
    let memory = &StreamMemory::new(object.call.exchange(), PIECE_LEAST, most);
    match in_ranges(object, wanted.clone(), memory, out) {
        Err(error) if error.is(ErrorClass::RangesIgnored) && out.next == begin => {
            in_one_piece(object, wanted, out)
        }
        outcome => outcome,
    }
}

/// On this thread, as it arrives.
fn in_one_piece(object: &Object, wanted: Range<u64>, out: &mut InOrder) -> Result<()> {
    let direct = Direct(RefCell::new(&mut *out));
    out.crc64 = object.fetch(wanted, &direct, &mut |_| cancel::check())?;
    Ok(())
}

fn in_ranges(
    object: &Object,
    wanted: Range<u64>,
    memory: &StreamMemory,
    out: &mut InOrder,
) -> Result<()> {
    let mut left = wanted.clone();
    let pieces = iter::from_fn(|| {
        let least = match left.start == wanted.start {
            true => range_size::FIRST_RANGE,
            false => 0,
        };
        let length = memory.piece().max(least).min(left.end - left.start);
        if length == 0 {
            return None;
        }
        // No room: the call is to end.
        let room = memory.enter(length).ok()?;
        let range = left.start..left.start + length;
        left.start = range.end;
        Some(Piece {
            range,
            block: Mutex::new(memory.take(size::index(length))),
            _room: room,
        })
    });
    let work = |piece: &Piece, job: &Job| {
        let moved = &mut |bytes| job.moved(bytes);
        let length = piece.range.end - piece.range.start;
        lock(&piece.block).reserve(size::index(length))?;
        object.fetch(piece.range.clone(), piece, moved)
    };
    let mut ahead = BTreeMap::new();
    workers::run(memory.concurrency(), pieces, work, |event| {
        if let Event::Done(piece, crc64) = event {
            ahead.insert(piece.range.start, (piece, crc64));
        }
        while let Some((piece, crc64)) = ahead.remove(&out.next) {
            let block = std::mem::take(&mut *lock(&piece.block));
            out.hand_out(block.bytes())?;
            out.crc64 = crc64::joined([(out.crc64, 0), (crc64, block.filled as u64)]);
            memory.give_back(block);
        }
        Ok(())
    })?;
    match out.next == wanted.end {
        true => Ok(()),
        false => Err(cancel::check().err().unwrap_or_else(cancel::cancelled)),
    }
}

/// Hands bytes to the caller, and knows their digests.
struct InOrder<'w, 'a> {
    /// Where the next byte is in the object.
    next: u64,
    /// Put together of the ranges'.
    crc64: u64,
    /// For digests that can only be reckoned in order.
    hasher: Option<Hasher>,
    write: &'w mut Write<'a>,
}

impl InOrder<'_, '_> {
    fn digests(self) -> Digests {
        match self.hasher {
            Some(hasher) => hasher.digests(),
            None => Digests::of_crc64(self.crc64),
        }
    }

    fn hand_out(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        self.next += bytes.len() as u64;
        (self.write)(bytes)
    }
}

/// Hands out what one thread fetches.
struct Direct<'o, 'w, 'a>(RefCell<&'o mut InOrder<'w, 'a>>);

impl WriteAt for Direct<'_, '_, '_> {
    fn write_at(&self, bytes: &[u8], _: u64) -> Result<()> {
        self.0.borrow_mut().hand_out(bytes)
    }
}

/// A range that is fetched ahead.
struct Piece<'w> {
    range: Range<u64>,
    block: Mutex<Block>,
    _room: Room<'w>,
}

impl WriteAt for Piece<'_> {
    fn write_at(&self, bytes: &[u8], _: u64) -> Result<()> {
        lock(&self.block).push(bytes)
    }
}
