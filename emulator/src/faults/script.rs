//! What a connection sends in place of an orderly answer, and how it ends.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Bytes;
use tokio::time::Instant;

/// Beyond any client's patience.
const LONGEST_STALL: Duration = Duration::from_secs(600);

/// The steps of one answer, in order.
pub type Script = VecDeque<Step>;

#[derive(Debug)]
pub enum Step {
    Send(Bytes),
    /// `size` bytes at a time, with a pause between two of them.
    Pieces {
        rest: Bytes,
        size: usize,
        every: Duration,
    },
    /// The same bytes until the client is gone.
    Repeat {
        bytes: Bytes,
        sent: usize,
        every: Duration,
    },
    /// Nothing, until the client is gone, or this moment. (A client that leaves in the midst of a
    /// body that nobody reads cannot be seen to go: its FIN waits behind its bytes.)
    Stall {
        latest: Instant,
    },
    /// FIN, and the connection stays.
    HalfClose,
    /// FIN, or RST if the client's bytes were not all read: as any program that closes.
    Close,
    /// RST. It may overtake bytes that the client has not taken yet.
    Reset,
}

impl Step {
    pub fn stall() -> Step {
        Step::Stall {
            latest: Instant::now() + LONGEST_STALL,
        }
    }
}

/// Whether no further request comes on the connection.
pub fn is_last(script: &Script) -> bool {
    matches!(
        script.back(),
        Some(Step::Repeat { .. } | Step::Stall { .. } | Step::Close | Step::Reset)
    )
}
