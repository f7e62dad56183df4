//! When a connection must be there, and how its making looks up from its waiting.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::failure::{Interrupted, NotConnected};
use crate::base::cancel::{self, GLANCE};
use crate::error::Kind;

/// Where no limit is set.
const FOREVER: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    pub(super) fn after(limit: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(limit))
    }

    /// What is left; an error when that is nothing, or when the call is to end.
    pub(super) fn left(&self) -> Result<Duration, ureq::Error> {
        interrupted()?;
        let left = match self.0 {
            Some(at) => at.saturating_duration_since(Instant::now()),
            None => FOREVER,
        };
        if left.is_zero() {
            return Err(too_late());
        }
        Ok(left)
    }

    /// A deadline within this one.
    pub(super) fn share(&self, of: u32) -> Result<Deadline, ureq::Error> {
        Ok(Deadline::after(self.left()? / of))
    }

    /// How long to wait before looking up again.
    pub(super) fn glance(&self) -> Result<Duration, ureq::Error> {
        let left = self.left()?;
        Ok(match cancel::is_possible() {
            true => left.min(GLANCE),
            false => left,
        })
    }

    /// Reads or writes, for as long as there is time.
    pub(super) fn bound(
        &self,
        tcp: &TcpStream,
        mut attempt: impl FnMut() -> io::Result<usize>,
    ) -> Result<usize, ureq::Error> {
        loop {
            let limit = Some(self.glance()?);
            tcp.set_read_timeout(limit)?;
            tcp.set_write_timeout(limit)?;
            match attempt() {
                // A signal to the host is no reason to give up.
                Err(e) if e.kind() == ErrorKind::Interrupted || is_waiting(&e) => {}
                Err(e) if e.kind() == ErrorKind::InvalidData => {
                    return Err(NotConnected::error(Kind::Tls, e));
                }
                Err(e) => return Err(NotConnected::error(Kind::Connect, e)),
                Ok(amount) => return Ok(amount),
            }
        }
    }
}

/// What a socket with a time limit says when the time is over.
pub(super) fn is_waiting(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// An error when the call is to end.
pub(super) fn interrupted() -> Result<(), ureq::Error> {
    cancel::check().map_err(|why| Interrupted::error(why.kind))
}

pub(super) fn too_late() -> ureq::Error {
    NotConnected::error(Kind::Timeout, "it took longer than allowed")
}
