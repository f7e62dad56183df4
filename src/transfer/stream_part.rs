//! A part of a stream: in memory until the service, or the caller, has it. Its memory serves the next one.

use std::sync::Arc;

use super::block::Block;
use super::part_reader::{PartBytes, copy};
use super::stream_memory::StreamMemory;
use super::window::Room;
use crate::base::size;
use crate::error::{Error, Result};
use crate::transport::{Lent, Memory};

pub(super) struct StreamPart<'s> {
    /// A connection may have it, too, while it sends.
    block: Arc<Block>,
    memory: &'s StreamMemory,
    _room: Room<'s>,
}

impl<'s> StreamPart<'s> {
    pub(super) fn new(block: Block, memory: &'s StreamMemory, room: Room<'s>) -> StreamPart<'s> {
        StreamPart {
            block: Arc::new(block),
            memory,
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
            self.memory.give_back(block);
        }
    }
}
