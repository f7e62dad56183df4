//! A part of a stream: in memory until the service, or the caller, has it. Its memory serves the next one.

use std::sync::{Arc, Mutex, MutexGuard};

use super::part_reader::{PartBytes, copy};
use super::window::Room;
use crate::base::lock::lock;
use crate::base::page_aligned::PageAligned;
use crate::base::size;
use crate::error::{Error, Result};
use crate::transport::{Lent, Memory};

/// Memory that is filled from its front.
#[derive(Default)]
pub(super) struct Block {
    /// All of it, filled or not: what was filled once need not be wiped.
    pub(super) memory: PageAligned,
    pub(super) filled: usize,
}

impl Block {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len();
        self.reserve(end);
        self.memory[self.filled..end].copy_from_slice(bytes);
        self.filled = end;
    }

    /// Room for `size` bytes in all.
    pub(super) fn reserve(&mut self, size: usize) {
        if self.memory.len() < size {
            let mut larger = PageAligned::zeroed(size);
            larger[..self.filled].copy_from_slice(self.bytes());
            self.memory = larger;
        }
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

/// Blocks that wait for their next part.
#[derive(Default)]
pub(super) struct FreeBlocks(Mutex<Vec<Block>>);

impl FreeBlocks {
    /// One for `size` bytes. Smaller ones serve nobody any more, as parts only grow.
    pub(super) fn take(&self, size: usize) -> Block {
        let mut free = self.lock();
        free.retain(|block| block.memory.len() >= size);
        free.pop().unwrap_or_default()
    }

    pub(super) fn give_back(&self, block: Block) {
        self.lock().push(Block { filled: 0, ..block });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Block>> {
        lock(&self.0)
    }
}

pub(super) struct StreamPart<'s> {
    /// A connection may have it, too, while it sends.
    block: Arc<Block>,
    free: &'s FreeBlocks,
    _room: Room<'s>,
}

impl<'s> StreamPart<'s> {
    pub(super) fn new(block: Block, free: &'s FreeBlocks, room: Room<'s>) -> StreamPart<'s> {
        StreamPart {
            block: Arc::new(block),
            free,
            _room: room,
        }
    }
}

impl PartBytes for StreamPart<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        copy(self.block.bytes(), buffer, offset);
        Ok(())
    }

    fn lend(&self, offset: u64, length: usize) -> Option<Lent> {
        let start = size::index(offset);
        let memory: Memory = self.block.clone();
        Some(Lent::new(memory, start..start + length))
    }

    fn changed(&self) -> Error {
        Error::parameter("read", "its bytes were changed after it had returned")
    }
}

impl Drop for StreamPart<'_> {
    fn drop(&mut self) {
        if let Some(block) = Arc::into_inner(std::mem::take(&mut self.block)) {
            self.free.give_back(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_serves_again_until_it_is_too_small() {
        let free = FreeBlocks::default();
        let mut block = free.take(4);
        block.reserve(4);
        block.push(b"abc");
        assert_eq!(block.bytes(), b"abc");
        let memory = block.memory.as_ptr();
        free.give_back(block);
        let again = free.take(4);
        assert_eq!((again.memory.as_ptr(), again.bytes()), (memory, &b""[..]));
        free.give_back(again);
        assert!(free.take(5).memory.is_empty() && free.lock().is_empty());
    }
}
