//! A stream that the caller reads, on the thread that made the call: whoever wants bytes asks that thread.

use super::block::Block;
use crate::error::Result;

/// The caller's callback: fills memory from its front. 0 bytes are the end; its error ends the call.
pub(crate) type Read<'a> = dyn FnMut(&mut [u8]) -> Result<usize> + 'a;

/// Hands a block to the caller's thread, to be filled up to a size, or to the end, or for a moment. It comes
/// back with whether the stream is at its end.
type Ask<'a> = dyn FnMut(Block, usize) -> Result<(Block, bool)> + Send + 'a;

pub(crate) struct StreamReader<'a>(Box<Ask<'a>>);

impl<'a> StreamReader<'a> {
    pub(super) fn new(
        ask: impl FnMut(Block, usize) -> Result<(Block, bool)> + Send + 'a,
    ) -> StreamReader<'a> {
        StreamReader(Box::new(ask))
    }

    /// Fills a block up to `size` bytes, or to the stream's end; whether it is there.
    pub(super) fn fill(&mut self, block: Block, size: usize) -> Result<(Block, bool)> {
        self.fill_at_least(size, block, size)
    }

    /// The same, content with `least` bytes: the caller is asked for `size` all the same.
    pub(super) fn fill_at_least(
        &mut self,
        least: usize,
        mut block: Block,
        size: usize,
    ) -> Result<(Block, bool)> {
        let mut is_end = false;
        while block.filled < least && !is_end {
            (block, is_end) = (self.0)(block, size)?;
        }
        Ok((block, is_end))
    }
}
