//! What a connection sends from and receives into. Memory is taken when it is first written.

use ureq::unversioned::transport::Buffers;

use crate::base::page_aligned::PageAligned;

pub(super) struct ConnectionBuffers {
    input: PageAligned,
    /// Of the input: bytes that were received, and those of them that were taken.
    received: usize,
    taken: usize,
    /// The last look at the input took some of it: another may find more than a part of a word.
    is_advancing: bool,
    output: PageAligned,
    sizes: Sizes,
}

/// In bytes.
struct Sizes {
    input: usize,
    output: usize,
}

impl ConnectionBuffers {
    pub(super) fn new(input: usize, output: usize) -> ConnectionBuffers {
        ConnectionBuffers {
            input: PageAligned::default(),
            received: 0,
            taken: 0,
            is_advancing: false,
            output: PageAligned::default(),
            sizes: Sizes { input, output },
        }
    }

    /// Where there is room for input: what was not taken moves to the front of a buffer that is full.
    fn free_input(&mut self) -> &mut [u8] {
        if self.input.is_empty() {
            self.input = PageAligned::zeroed(self.sizes.input);
        }
        if self.taken == self.received {
            (self.taken, self.received) = (0, 0);
        } else if self.received == self.input.len() {
            self.input.copy_within(self.taken..self.received, 0);
            self.received -= self.taken;
            self.taken = 0;
        }
        &mut self.input[self.received..]
    }
}

impl Buffers for ConnectionBuffers {
    fn output(&mut self) -> &mut [u8] {
        if self.output.is_empty() {
            self.output = PageAligned::zeroed(self.sizes.output);
        }
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        &self.input[self.taken..self.received]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.free_input()
    }

    fn input_appended(&mut self, amount: usize) {
        self.received += amount;
    }

    fn input_consume(&mut self, amount: usize) {
        self.is_advancing = amount > 0;
        self.taken += amount;
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.free_input();
        self.output();
        (&mut self.input[self.received..], &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        self.is_advancing && self.taken < self.received
    }
}
