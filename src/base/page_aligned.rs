//! Memory that begins where a page does, as files do in the system's own memory.

use std::ops::{Deref, DerefMut};

/// Some processors copy at a third of their speed where a target is 1 to 31 bytes further into its page than
/// the source into its own (measured: docs/bench/tried.md). Allocators put large blocks 16 bytes into a page.
const PAGE: usize = 4096;

/// Bytes that are zero until they are written; the system takes no memory for them before.
#[derive(Default)]
pub(crate) struct PageAligned {
    memory: Vec<u8>,
    start: usize,
    len: usize,
}

impl PageAligned {
    pub(crate) fn zeroed(len: usize) -> PageAligned {
        if len == 0 {
            return PageAligned::default();
        }
        let memory = vec![0; len + PAGE - 1];
        let start = memory.as_ptr().align_offset(PAGE).min(PAGE - 1);
        PageAligned { memory, start, len }
    }
}

impl Deref for PageAligned {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.len]
    }
}

impl DerefMut for PageAligned {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_a_page_and_is_all_zero() {
        for len in [0, 1, PAGE, 300_000] {
            let mut bytes = PageAligned::zeroed(len);
            assert!(bytes.len() == len && bytes.iter().all(|byte| *byte == 0));
            assert!(len == 0 || bytes.as_ptr().align_offset(PAGE) == 0, "{len}");
            bytes.fill(1);
        }
    }
}
