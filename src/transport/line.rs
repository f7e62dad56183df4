//! Sending and receiving with limits. A peer that stalls or dribbles is given up; one that answers
//! while the request is still being sent is listened to: the rest of the request then goes
//! nowhere, so that the answer is not lost in a reset (measured: quality.md §0.4).

use std::fmt;
use std::io::{self, ErrorKind};
use std::process;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, Timeout};

use super::interrupt;
use super::pace::Pace;

use super::wire::Wire;

/// How long a wait for the peer may last before something else is looked at: whether it has
/// answered early, whether this transfer is to stop.
const GLANCE: Duration = Duration::from_millis(100);

pub(super) struct Line {
    wire: Wire,
    pace: Pace,
    /// The peer has answered or hung up before the request's end: nothing more is sent, and the
    /// connection is of no use for another request.
    cut_short: bool,
    /// It has served a request before, and not a byte has come for this one yet.
    reused: bool,
    /// The process that it was made in. After a fork both have it, and their bytes would mix.
    process: u32,
}

/// A connection kept from an earlier request turned out to be closed: the peer was not there when
/// the request went out. Carried inside an `io::Error` to `failure`, which reads it.
#[derive(Debug)]
pub(super) struct Stale;

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it was closed while idle")
    }
}

impl std::error::Error for Stale {}

impl Line {
    pub(super) fn new(wire: Wire) -> Line {
        Line {
            wire,
            pace: Pace::default(),
            cut_short: false,
            reused: false,
            process: process::id(),
        }
    }

    /// Sends all of it, or as much as the peer wants.
    pub(super) fn send(&mut self, mut bytes: &[u8], timeout: NextTimeout) -> Result<(), Error> {
        let limits = Limits::new(timeout, timeout.per_write.map(|t| *t), Timeout::PerWrite);
        if self.pace.turn_to_writing() {
            self.wire.limit_writes(GLANCE)?;
        }
        let mut moved_at = Instant::now();
        while !self.cut_short && (!bytes.is_empty() || self.wire.holds_output()) {
            let before = Instant::now();
            let outcome = self.wire.write(bytes);
            let waited = before.elapsed();
            match outcome {
                Ok(written) => {
                    bytes = &bytes[written.taken..];
                    if written.sent > 0 {
                        moved_at = Instant::now();
                    }
                    self.pace.add(waited, written.sent);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if is_waiting(&e) => {
                    self.pace.add(waited, 0);
                    self.look_for_an_early_answer();
                    limits.left(moved_at)?;
                    end_if_interrupted()?;
                }
                // Closed by the peer, who has perhaps said why.
                Err(e) if is_hung_up(&e) => self.cut_short = true,
                Err(e) => return Err(Error::Io(e)),
            }
            self.pace.check(&limits)?;
        }
        Ok(())
    }

    pub(super) fn look_for_an_early_answer(&mut self) {
        self.cut_short = self.cut_short || self.wire.has_input();
    }

    /// Some bytes; 0 at the end.
    pub(super) fn receive(
        &mut self,
        buffer: &mut [u8],
        timeout: NextTimeout,
    ) -> Result<usize, Error> {
        let limits = Limits::new(timeout, timeout.per_read.map(|t| *t), Timeout::PerRead);
        self.pace.turn_to_reading();
        let start = Instant::now();
        loop {
            let left = limits.left(start)?;
            self.wire.limit_reads(match interrupt::is_possible() {
                true => Some(left.map_or(GLANCE, |left| left.min(GLANCE))),
                false => left,
            })?;
            end_if_interrupted()?;
            let before = Instant::now();
            match self.wire.read(buffer) {
                Ok(0) if self.reused => return Err(stale()),
                Ok(amount) => {
                    self.reused = false;
                    self.pace.add(before.elapsed(), amount);
                    self.pace.check(&limits)?;
                    return Ok(amount);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted || is_waiting(&e) => {}
                // The latter is TLS cut off without its closing alert.
                Err(e)
                    if self.reused && (is_hung_up(&e) || e.kind() == ErrorKind::UnexpectedEof) =>
                {
                    return Err(stale());
                }
                Err(e) => return Err(Error::Io(e)),
            }
        }
    }

    /// Whether another request may go over it. Asked when an answer has been read, and again before
    /// the next request: only then a look at the peer is worth its system calls.
    pub(super) fn is_idle(&mut self) -> bool {
        self.pace = Pace::default();
        let is_asked_again = std::mem::replace(&mut self.reused, true);
        if self.process != process::id() {
            // Even asking for input would change the other process's socket.
            return false;
        }
        !(self.cut_short || is_asked_again && self.wire.has_input())
    }

    pub(super) fn is_tls(&self) -> bool {
        self.wire.is_tls()
    }
}

/// How long a send or receive may take.
pub(super) struct Limits {
    /// Of the call or phase that it is part of.
    end: Option<Instant>,
    reason: Timeout,
    /// Without a byte moved.
    pub(super) stall: Option<Duration>,
    pub(super) stall_reason: Timeout,
}

impl Limits {
    fn new(timeout: NextTimeout, stall: Option<Duration>, stall_reason: Timeout) -> Limits {
        Limits {
            end: Instant::now().checked_add(*timeout.after),
            reason: timeout.reason,
            stall,
            stall_reason,
        }
    }

    /// The time until the nearer limit, when the last byte moved at `moved_at`.
    fn left(&self, moved_at: Instant) -> Result<Option<Duration>, Error> {
        let stalled_at = self.stall.and_then(|stall| moved_at.checked_add(stall));
        let nearer = match (self.end, stalled_at) {
            (Some(end), Some(stalled)) if stalled < end => (stalled, self.stall_reason),
            (Some(end), _) => (end, self.reason),
            (None, Some(stalled)) => (stalled, self.stall_reason),
            (None, None) => return Ok(None),
        };
        let left = nearer.0.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(Error::Timeout(nearer.1)),
            false => Ok(Some(left)),
        }
    }
}

fn stale() -> Error {
    Error::Io(io::Error::other(Stale))
}

fn end_if_interrupted() -> Result<(), Error> {
    match interrupt::is_requested() {
        true => Err(Error::Io(io::Error::other("the transfer has ended"))),
        false => Ok(()),
    }
}

/// What a socket with a time limit says when the time is over.
fn is_waiting(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn is_hung_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
    )
}
