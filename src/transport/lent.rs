//! Bytes of a request that are sent from where they are. The HTTP library only knows bodies that are written into a
//! connection's buffer, so what need not be copied there goes past it: lent by the body, sent by the socket of the
//! same thread.

use std::cell::Cell;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Stays until it was sent.
pub(crate) type Memory = Arc<dyn AsRef<[u8]> + Send + Sync>;

pub(crate) struct Lent {
    memory: Memory,
    range: Range<usize>,
}

impl Lent {
    pub(crate) fn new(memory: Memory, range: Range<usize>) -> Lent {
        Lent { memory, range }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &(*self.memory).as_ref()[self.range.clone()]
    }
}

thread_local! {
    static LENT: Cell<Option<Lent>> = const { Cell::new(None) };
}

/// Stands for so many bytes at the front of the connection's buffer.
pub(super) fn lend(lent: Lent) {
    LENT.set(Some(lent));
}

/// What the socket sends instead of the `amount` bytes at its buffer's front.
pub(super) fn take(amount: usize) -> io::Result<Option<Lent>> {
    match LENT.take() {
        // The buffer holds nothing then that may be sent instead.
        Some(lent) if lent.range.len() != amount => {
            Err(io::Error::other("the body was not sent as it was read"))
        }
        lent => Ok(lent),
    }
}

/// The request has ended, sent or not.
pub(super) fn give_back() {
    LENT.take();
}
