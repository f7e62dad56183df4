//! The parts of what the caller has in memory, sent from where they are.

use std::ops::Range;

use sha1::{Digest, Sha1};

use super::part_reader::{PartBytes, PartReader, copy};
use super::part_source::{self, PartSource, Parts};
use super::part_tracker::PartTracker;
use super::progress::Progress;
use crate::base::hex::hex;
use crate::base::size::{self, IO_BLOCK};
use crate::error::{Error, Result};

pub(super) struct MemoryParts<'a>(pub(super) &'a [u8]);

impl MemoryParts<'_> {
    fn bytes(&self, range: Range<u64>) -> &[u8] {
        &self.0[size::index(range.start)..size::index(range.end)]
    }
}

impl PartSource for MemoryParts<'_> {
    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }

    fn sha1(&mut self, progress: &mut Progress) -> Result<String> {
        let mut sha1 = Sha1::new();
        for block in self.0.chunks(IO_BLOCK) {
            sha1.update(block);
            progress.advance(0)?;
        }
        Ok(hex(&sha1.finalize()))
    }

    fn cut(&mut self, _: u64) -> Result<()> {
        Ok(())
    }

    fn parts<'s>(&'s self, tracker: &PartTracker) -> Parts<'s> {
        part_source::missing(tracker, |offset, length| {
            PartReader::new(Held(self.bytes(offset..offset + length)), length)
        })
    }

    fn each_block(
        &self,
        range: Range<u64>,
        visit: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.bytes(range).chunks(IO_BLOCK).try_for_each(visit)
    }

    fn unchanged(&self) -> Result<()> {
        Ok(())
    }
}

/// The bytes of a part.
struct Held<'a>(&'a [u8]);

impl PartBytes for Held<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        copy(self.0, buffer, offset);
        Ok(())
    }

    fn changed(&self) -> Error {
        Error::parameter("data", "was changed while it was sent")
    }
}
