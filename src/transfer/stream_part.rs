//! A part of a stream: in memory until the service has it, as nobody can read it again. Its memory serves
//! the next one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::window::Room;

/// Memory that is filled from its front.
#[derive(Default)]
pub(super) struct Block {
    /// All of it, filled or not: what was filled once need not be wiped.
    pub(super) memory: Vec<u8>,
    pub(super) filled: usize,
}

impl Block {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    /// Room for `size` bytes in all.
    pub(super) fn reserve(&mut self, size: usize) {
        if self.memory.len() < size {
            // The system's own zeros: nothing is written before it is filled.
            let mut larger = vec![0; size];
            larger[..self.filled].copy_from_slice(self.bytes());
            self.memory = larger;
        }
    }
}

/// Blocks that wait for their next part.
#[derive(Default)]
pub(super) struct FreeBlocks(Mutex<Vec<Block>>);

impl FreeBlocks {
    pub(super) fn take(&self) -> Block {
        self.lock().pop().unwrap_or_default()
    }

    pub(super) fn give_back(&self, block: Block) {
        self.lock().push(Block { filled: 0, ..block });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Block>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct StreamPart<'s> {
    block: Block,
    free: &'s FreeBlocks,
    _room: Room<'s>,
}

impl<'s> StreamPart<'s> {
    pub(super) fn new(block: Block, free: &'s FreeBlocks, room: Room<'s>) -> StreamPart<'s> {
        StreamPart {
            block,
            free,
            _room: room,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.block.bytes()
    }
}

impl Drop for StreamPart<'_> {
    fn drop(&mut self) {
        self.free.give_back(std::mem::take(&mut self.block));
    }
}
