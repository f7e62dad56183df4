//! The parts of a stream that only the caller can read, once and in order. Its size may be unknown until its
//! end: parts grow with their number, so that the service's largest number of them is enough.

use std::ops::Range;
use std::sync::{Mutex, OnceLock};

use super::part_reader::PartReader;
use super::part_source::{PartSource, PartToSend, Parts};
use super::part_tracker::PartTracker;
use super::progress::Progress;
use super::stream_part::{Block, FreeBlocks, StreamPart};
use super::stream_reader::StreamReader;
use super::window::Window;
use crate::base::lock::lock;
use crate::base::size::{self, OBJECT_MAX_BYTES, PART_SIZE_MAX, PARTS_MAX};
use crate::dialect::PartRange;
use crate::error::{Error, Kind, Result};

/// Parts of the same size; those after them have twice as many bytes.
const PARTS_OF_A_SIZE: u64 = 1_000;

pub(super) struct StreamParts<'a> {
    /// Bytes, where the caller has announced them.
    announced: Option<u64>,
    /// Of the first parts.
    part_size: u64,
    window: Window,
    free: FreeBlocks,
    /// Held while the caller reads, which may take any time.
    reading: Mutex<Reading<'a>>,
    /// Bytes, once they are all there.
    size: OnceLock<u64>,
    failure: Mutex<Option<Error>>,
}

/// What was read of a stream before it was known to need parts: the first, and some of the next.
pub(super) struct Begun {
    pub(super) first: Block,
    pub(super) next: Block,
}

struct Reading<'a> {
    reader: StreamReader<'a>,
    first: Option<Block>,
    next: Option<Block>,
    parts: u64,
    /// Bytes read so far.
    read: u64,
    is_over: bool,
}

impl<'a> StreamParts<'a> {
    /// Memory holds `in_memory` parts of the first size, or one.
    pub(super) fn new(
        begun: Begun,
        reader: StreamReader<'a>,
        announced: Option<u64>,
        part_size: u64,
        in_memory: u64,
    ) -> StreamParts<'a> {
        StreamParts {
            announced,
            part_size,
            window: Window::new(part_size.saturating_mul(in_memory)),
            free: FreeBlocks::default(),
            reading: Mutex::new(Reading {
                reader,
                first: Some(begun.first),
                next: Some(begun.next),
                parts: 0,
                read: 0,
                is_over: false,
            }),
            size: OnceLock::new(),
            failure: Mutex::default(),
        }
    }

    /// The next part; none at the end, or once something has failed.
    fn next(&self) -> Option<PartToSend<'_>> {
        let mut reading = lock(&self.reading);
        if reading.is_over {
            return None;
        }
        match self.read(&mut reading) {
            Ok(part) => {
                if reading.is_over {
                    let _ = self.size.set(reading.read);
                }
                part
            }
            Err(error) => {
                reading.is_over = true;
                let mut failure = lock(&self.failure);
                *failure = Some(error);
                None
            }
        }
    }

    fn read(&self, reading: &mut Reading) -> Result<Option<PartToSend<'_>>> {
        let size = match self.announced {
            Some(_) => self.part_size,
            None => grown(self.part_size, reading.parts),
        };
        let room = self.window.enter(size)?;
        let block = match reading.first.take() {
            Some(first) => first,
            None => {
                let wanted = size::within(usize::MAX, size);
                let block = reading
                    .next
                    .take()
                    .unwrap_or_else(|| self.free.take(wanted));
                let (block, is_end) = reading.reader.fill(block, wanted)?;
                reading.is_over = is_end;
                block
            }
        };
        let (offset, length) = (reading.read, block.filled as u64);
        reading.read += length;
        check_length(self.announced, reading.read, reading.is_over)?;
        if length == 0 {
            self.free.give_back(block);
            return Ok(None);
        }
        reading.parts += 1;
        if reading.parts > PARTS_MAX || reading.read > OBJECT_MAX_BYTES {
            let problem = format!("gave more than {offset} bytes, which makes no object");
            return Err(Error::parameter("read", problem));
        }
        let range = PartRange {
            number: reading.parts,
            offset,
        };
        Ok(Some(PartToSend {
            range,
            length,
            reader: PartReader::new(StreamPart::new(block, &self.free, room), length),
        }))
    }
}

/// An error when a stream does not have the length that was announced.
pub(super) fn check_length(announced: Option<u64>, read: u64, is_over: bool) -> Result<()> {
    let problem = match announced {
        Some(length) if read > length => format!("gave more than the {length} bytes of \"length\""),
        Some(length) if is_over && read < length => {
            format!("ended after {read} bytes, \"length\" is {length}")
        }
        _ => return Ok(()),
    };
    Err(Error::parameter("read", problem))
}

fn grown(part_size: u64, parts: u64) -> u64 {
    // No more doublings than bits: the numbers of parts are bounded.
    let doublings = parts / PARTS_OF_A_SIZE;
    let grown = part_size.saturating_mul(1 << doublings.min(32));
    grown.min(PART_SIZE_MAX.max(part_size))
}

impl PartSource for StreamParts<'_> {
    fn size(&self) -> Option<u64> {
        self.size.get().copied()
    }

    fn sha1(&mut self, _: &mut Progress) -> Result<String> {
        Err(read_once())
    }

    fn cut(&mut self, _: u64) -> Result<()> {
        Ok(())
    }

    fn parts<'s>(&'s self, _: &PartTracker) -> Parts<'s> {
        Box::new(std::iter::from_fn(|| self.next()))
    }

    fn each_block(&self, _: Range<u64>, _: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        Err(read_once())
    }

    fn unchanged(&self) -> Result<()> {
        let mut failure = lock(&self.failure);
        failure.take().map_or(Ok(()), Err)
    }

    fn can_be_read_again(&self) -> bool {
        false
    }
}

fn read_once() -> Error {
    Error::new(
        Kind::Panic,
        "a bug in libqcos, please report it: a stream was to be read twice",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_to_the_largest() {
        const MIB: u64 = 1 << 20;
        for (parts, size) in [
            (0, 8 * MIB),
            (999, 8 * MIB),
            (1_000, 16 * MIB),
            (9_999, 4096 * MIB),
        ] {
            assert_eq!(grown(8 * MIB, parts), size, "{parts}");
        }
        assert_eq!(grown(5 << 30, 9_999), 5 << 30);
        let all: u64 = (0..PARTS_MAX).map(|part| grown(8 * MIB, part)).sum();
        assert!(all > 8_000_000_000_000, "8 TB");
    }

    #[test]
    fn an_announced_length_is_kept() {
        for (announced, read, is_over, is_good) in [
            (None, 7, true, true),
            (Some(7), 7, true, true),
            (Some(7), 6, false, true),
            (Some(7), 6, true, false),
            (Some(7), 8, false, false),
        ] {
            let checked = check_length(announced, read, is_over);
            assert_eq!(checked.is_ok(), is_good, "{announced:?} {read} {is_over}");
        }
    }
}
