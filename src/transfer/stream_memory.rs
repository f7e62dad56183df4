//! The memory of one stream: pieces of it that are on their way, or wait for their turn. They are so large that memory
//! holds as many as may be on their way at once: a far service gets more and smaller ones.

use std::sync::{Arc, Mutex, MutexGuard};

use super::block::Block;
use super::window::{Room, Window};
use crate::base::concurrency::Concurrency;
use crate::base::lock::lock;
use crate::base::size::IO_BLOCK;
use crate::error::Result;
use crate::exchange::Exchange;

/// Smaller pieces cost as much time for their requests as for their bytes.
pub(super) const PIECE_LEAST: u64 = 2 << 20;

pub(super) struct StreamMemory {
    /// Bytes in all.
    size: u64,
    window: Window,
    free: Mutex<Vec<Block>>,
    concurrency: Arc<Concurrency>,
    least: u64,
    most: u64,
}

impl StreamMemory {
    /// For pieces of `least` to `most` bytes: as many of the largest as the option "parallel" says.
    pub(super) fn new(exchange: &Exchange, least: u64, most: u64) -> StreamMemory {
        let pieces = exchange.config().parallel.in_memory();
        StreamMemory::shared_by(exchange.concurrency(), pieces, least, most)
    }

    fn shared_by(
        concurrency: Arc<Concurrency>,
        pieces: u64,
        least: u64,
        most: u64,
    ) -> StreamMemory {
        let size = most.saturating_mul(pieces);
        StreamMemory {
            size,
            window: Window::new(size),
            free: Mutex::default(),
            concurrency,
            least: least.min(most),
            most,
        }
    }

    pub(super) fn least(&self) -> u64 {
        self.least
    }

    /// Bytes of the next piece.
    pub(super) fn piece(&self) -> u64 {
        let share = self.size / self.concurrency.limit().max(1) as u64;
        let whole_blocks = share - share % IO_BLOCK as u64;
        whole_blocks.clamp(self.least, self.most)
    }

    /// Of those that bring or take the pieces.
    pub(super) fn concurrency(&self) -> &Concurrency {
        &self.concurrency
    }

    /// Waits for room, or until this thread's work is to end.
    pub(super) fn enter(&self, bytes: u64) -> Result<Room<'_>> {
        self.window.enter(bytes)
    }

    /// A block of `size` bytes, or an empty one. Those of another size serve nobody any more, or hold more than there
    /// is room for.
    pub(super) fn take(&self, size: usize) -> Block {
        let mut free = self.free();
        free.retain(|block| block.memory.len() == size);
        free.pop().unwrap_or_default()
    }

    /// Its memory serves the next piece.
    pub(super) fn give_back(&self, block: Block) {
        self.free().push(Block { filled: 0, ..block });
    }

    fn free(&self) -> MutexGuard<'_, Vec<Block>> {
        lock(&self.free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn memory(at_once: usize, least: u64, most: u64) -> StreamMemory {
        let concurrency = Arc::new(Concurrency::fixed(at_once));
        StreamMemory::shared_by(concurrency, 8, least, most)
    }

    #[test]
    fn as_many_pieces_fit_as_may_be_on_their_way() {
        for (at_once, least, most, piece) in [
            (1, 2 * MIB, 8 * MIB, 8 * MIB),
            (8, 2 * MIB, 8 * MIB, 8 * MIB),
            (24, 2 * MIB, 8 * MIB, 5 * MIB / 2),
            (64, 2 * MIB, 8 * MIB, 2 * MIB),
            (64, 9 * MIB, 9 * MIB, 9 * MIB),
            (64, 2 * MIB, MIB, MIB),
        ] {
            assert_eq!(
                memory(at_once, least, most).piece(),
                piece,
                "{at_once} {most}"
            );
        }
    }

    #[test]
    fn memory_serves_again_where_it_has_the_size() {
        let memory = memory(1, 0, 1);
        let mut block = memory.take(4);
        block.reserve(4).unwrap();
        block.push(b"abc").unwrap();
        assert_eq!(block.bytes(), b"abc");
        let first = block.memory.as_ptr();
        memory.give_back(block);
        let again = memory.take(4);
        assert_eq!((again.memory.as_ptr(), again.bytes()), (first, &b""[..]));
        memory.give_back(again);
        assert!(memory.take(3).memory.is_empty() && memory.free().is_empty());
    }
}
