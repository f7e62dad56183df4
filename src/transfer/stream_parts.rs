//! The parts of a stream that only the caller can read, once and in order. Its size may be unknown until its
//! end: parts grow with their number, so that the service's largest number of them is enough.

use std::array;
use std::ops::Range;
use std::sync::{Mutex, OnceLock};

use super::block::Block;
use super::part_reader::PartReader;
use super::part_source::{PartSource, PartToSend, Parts};
use super::part_tracker::PartTracker;
use super::progress::Progress;
use super::stream_memory::StreamMemory;
use super::stream_part::StreamPart;
use super::stream_reader::StreamReader;
use crate::base::lock::lock;
use crate::base::size::{self, OBJECT_MAX_BYTES, PART_SIZE_MAX, PARTS_MAX};
use crate::dialect::PartRange;
use crate::error::{Error, Kind, Result};

/// Where the size is unknown, parts have at least twice as many bytes after so many of them.
const PARTS_OF_A_SIZE: u64 = 800;

pub(super) struct StreamParts<'a> {
    /// Bytes, where the caller has announced them.
    announced: Option<u64>,
    memory: StreamMemory,
    /// Held while the caller reads, which may take any time.
    reading: Mutex<Reading<'a>>,
    /// Bytes, once they are all there.
    size: OnceLock<u64>,
    failure: Mutex<Option<Error>>,
}

struct Reading<'a> {
    reader: StreamReader<'a>,
    /// What was read before the stream was known to need parts: the first, and some of the next.
    begun: array::IntoIter<Block, 2>,
    parts: u64,
    /// Bytes read so far.
    read: u64,
    is_over: bool,
}

impl<'a> StreamParts<'a> {
    pub(super) fn new(
        begun: [Block; 2],
        reader: StreamReader<'a>,
        announced: Option<u64>,
        memory: StreamMemory,
    ) -> StreamParts<'a> {
        StreamParts {
            announced,
            memory,
            reading: Mutex::new(Reading {
                reader,
                begun: begun.into_iter(),
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
        let begun = reading.begun.next();
        let least = match self.announced {
            Some(length) => even(length.saturating_sub(reading.read), reading.parts),
            None => grown(self.memory.least(), reading.parts),
        };
        let size = self.memory.piece().max(least);
        // What was begun may hold more than there is room for: it is in memory already.
        let room = self.memory.enter(size)?;
        let wanted = size::index(size);
        let block = begun.unwrap_or_else(|| self.memory.take(wanted));
        let (block, is_end) = reading.reader.fill(block, wanted)?;
        reading.is_over = is_end;
        let (offset, length) = (reading.read, block.filled as u64);
        reading.read += length;
        check_length(self.announced, reading.read, reading.is_over)?;
        if length == 0 {
            self.memory.give_back(block);
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
            reader: PartReader::new(StreamPart::new(block, &self.memory, room), length),
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

/// Bytes a part with which the largest number of them is enough for what is left.
fn even(left: u64, parts: u64) -> u64 {
    left.div_ceil(PARTS_MAX.saturating_sub(parts).max(1))
}

/// The same where nobody knows how much is left.
fn grown(least: u64, parts: u64) -> u64 {
    // No more doublings than bits: the numbers of parts are bounded.
    let doublings = parts / PARTS_OF_A_SIZE;
    let grown = least.saturating_mul(1 << doublings.min(32));
    grown.min(PART_SIZE_MAX)
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
            (0, 2 * MIB),
            (799, 2 * MIB),
            (800, 4 * MIB),
            (8_799, 2048 * MIB),
            (9_999, 5120 * MIB),
        ] {
            assert_eq!(grown(2 * MIB, parts), size, "{parts}");
        }
        let all: u64 = (0..PARTS_MAX).map(|part| grown(2 * MIB, part)).sum();
        assert!(all > 8_000_000_000_000, "8 TB");
    }

    #[test]
    fn parts_of_an_announced_length_are_enough() {
        let (mut left, mut parts) = (OBJECT_MAX_BYTES, 0);
        while left > 0 {
            let part = even(left, parts).min(left);
            assert!(part <= PART_SIZE_MAX);
            (left, parts) = (left - part, parts + 1);
        }
        assert_eq!(parts, PARTS_MAX);
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
