//! Memory of a stream that is filled from its front, by the caller or by a connection.

use crate::base::pages::Pages;
use crate::error::Result;

#[derive(Default)]
pub(super) struct Block {
    /// All of it, filled or not: what was filled once need not be wiped.
    pub(super) memory: Pages,
    pub(super) filled: usize,
}

impl Block {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let end = self.filled + bytes.len();
        self.reserve(end)?;
        self.memory[self.filled..end].copy_from_slice(bytes);
        self.filled = end;
        Ok(())
    }

    /// Room for `size` bytes in all.
    pub(super) fn reserve(&mut self, size: usize) -> Result<()> {
        if self.memory.len() < size {
            let mut larger = Pages::zeroed(size)?;
            larger[..self.filled].copy_from_slice(self.bytes());
            self.memory = larger;
        }
        Ok(())
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}
