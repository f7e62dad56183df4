//! Sending and receiving with limits. A peer that stalls or dribbles is given up; one that answers
//! while the request is still being sent is listened to: the rest of the request then goes
//! nowhere, so that the answer is not lost in a reset (measured).

use std::io::{self, ErrorKind};
use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, Timeout};

use super::deadline::{interrupted, is_waiting};
use super::failure::{Interrupted, Stale};
use super::low_speed_limit::LowSpeedLimit;
use super::maybe_tls_stream::MaybeTlsStream;
use super::throttle::{Throttle, Throttles};
use crate::base::cancel::{self, GLANCE};

pub(super) struct TimedConnection {
    stream: MaybeTlsStream,
    /// What all connections of the client share of the line, where that is limited.
    throttles: Option<Arc<Throttles>>,
    sending: LowSpeedLimit,
    receiving: LowSpeedLimit,
    /// The peer has answered or hung up before the request's end: nothing more is sent, and the
    /// connection is of no use for another request.
    cut_short: bool,
    /// It has served a request before, and not a byte has come for this one yet.
    reused: bool,
    /// The process that it was made in. After a fork both have it, and their bytes would mix.
    process: u32,
}

impl TimedConnection {
    pub(super) fn new(
        stream: MaybeTlsStream,
        throttles: Option<Arc<Throttles>>,
    ) -> TimedConnection {
        TimedConnection {
            stream,
            throttles,
            sending: LowSpeedLimit::default(),
            receiving: LowSpeedLimit::default(),
            cut_short: false,
            reused: false,
            process: process::id(),
        }
    }

    /// Sends all of it, or as much as the peer wants.
    pub(super) fn send(&mut self, mut bytes: &[u8], timeout: NextTimeout) -> Result<(), Error> {
        let limits = Limits::new(timeout, timeout.per_write.map(|t| *t), Timeout::PerWrite);
        self.stream.limit_writes(GLANCE)?;
        let mut moved_at = Instant::now();
        while !self.cut_short && (!bytes.is_empty() || self.stream.holds_output()) {
            let throttle = self.throttles.as_ref().map(|both| &both.sending);
            let Some(share) = share(throttle, bytes.len(), &limits)? else {
                // This is no stall.
                moved_at = Instant::now();
                self.look_for_an_early_answer();
                continue;
            };
            let before = Instant::now();
            let outcome = self.stream.write(&bytes[..share]);
            let waited = before.elapsed();
            give_back(
                throttle,
                share,
                outcome.as_ref().map_or(0, |written| written.taken),
            );
            match outcome {
                Ok(written) => {
                    bytes = &bytes[written.taken..];
                    if written.sent > 0 {
                        moved_at = Instant::now();
                    }
                    self.sending.add(waited, written.sent);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if is_waiting(&e) => {
                    self.sending.add(waited, 0);
                    self.look_for_an_early_answer();
                    limits.left(moved_at)?;
                    interrupted()?;
                }
                // Closed by the peer, who has perhaps said why.
                Err(e) if is_hung_up(&e) => self.cut_short = true,
                Err(e) => return Err(Error::Io(e)),
            }
            self.sending.check(limits.stall, true)?;
        }
        Ok(())
    }

    pub(super) fn look_for_an_early_answer(&mut self) {
        self.cut_short = self.cut_short || self.stream.has_input();
    }

    /// Some bytes; 0 at the end.
    pub(super) fn receive(
        &mut self,
        buffer: &mut [u8],
        timeout: NextTimeout,
    ) -> Result<usize, Error> {
        let limits = Limits::new(timeout, timeout.per_read.map(|t| *t), Timeout::PerRead);
        let (mut start, mut waited) = (Instant::now(), Duration::ZERO);
        loop {
            let throttle = self.throttles.as_ref().map(|both| &both.receiving);
            let Some(share) = share(throttle, buffer.len(), &limits)? else {
                start = Instant::now();
                continue;
            };
            let left = limits.left(start)?;
            self.stream.limit_reads(match cancel::is_possible() {
                true => Some(left.map_or(GLANCE, |left| left.min(GLANCE))),
                false => left,
            })?;
            interrupted()?;
            let before = Instant::now();
            let outcome = self.stream.read(&mut buffer[..share]);
            give_back(throttle, share, *outcome.as_ref().unwrap_or(&0));
            match outcome {
                Ok(0) if self.reused => return Err(Stale::error()),
                Ok(amount) => {
                    self.reused = false;
                    self.receiving.add(waited + before.elapsed(), amount);
                    self.receiving.check(limits.stall, false)?;
                    return Ok(amount);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted || is_waiting(&e) => {
                    waited += before.elapsed();
                }
                // The latter is TLS cut off without its closing alert.
                Err(e)
                    if self.reused && (is_hung_up(&e) || e.kind() == ErrorKind::UnexpectedEof) =>
                {
                    return Err(Stale::error());
                }
                Err(e) => return Err(Error::Io(e)),
            }
        }
    }

    /// Whether another request may go over it. Asked when an answer has been read, and again before
    /// the next request: only then a look at the peer is worth its system calls.
    pub(super) fn is_idle(&mut self) -> bool {
        (self.sending, self.receiving) = (LowSpeedLimit::default(), LowSpeedLimit::default());
        let is_asked_again = std::mem::replace(&mut self.reused, true);
        if self.process != process::id() {
            // Even asking for input would change the other process's socket.
            return false;
        }
        !(self.cut_short || is_asked_again && self.stream.has_input())
    }

    /// Whether bytes that were taken over have still to leave.
    pub(super) fn holds_output(&self) -> bool {
        !self.cut_short && self.stream.holds_output()
    }

    pub(super) fn is_tls(&self) -> bool {
        self.stream.is_tls()
    }
}

/// How many of `wanted` bytes may move now; `None` after a wait for some.
fn share(
    throttle: Option<&Throttle>,
    wanted: usize,
    limits: &Limits,
) -> Result<Option<usize>, Error> {
    let Some(throttle) = throttle else {
        return Ok(Some(wanted));
    };
    match throttle.take(wanted) {
        Ok(share) => Ok(Some(share)),
        Err(wait) => {
            let left = limits.left(Instant::now())?;
            let wait = left.map_or(wait, |left| wait.min(left));
            cancel::pause(wait).map_err(|why| Interrupted::error(why.kind))?;
            Ok(None)
        }
    }
}

fn give_back(throttle: Option<&Throttle>, share: usize, moved: usize) {
    if let Some(throttle) = throttle.filter(|_| moved < share) {
        throttle.give_back(share - moved);
    }
}

/// How long a send or receive may take.
struct Limits {
    /// Of the call or phase that it is part of.
    end: Option<Instant>,
    reason: Timeout,
    /// Without a byte moved.
    stall: Option<Duration>,
    stall_reason: Timeout,
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

fn is_hung_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
    )
}
