//! A minimum speed: a byte now and then is no progress. Only time spent waiting for the peer
//! counts, so a slow disk or a callback on this side does no harm.

use std::time::Duration;

use ureq::Error;

use super::line::Limits;

/// Bytes a second, over the time that a stall may take. A tenth of the slowest modem.
const MIN_SPEED: u64 = 512;

#[derive(Default)]
pub(super) struct Pace {
    writing: bool,
    waited: Duration,
    moved: u64,
}

impl Pace {
    /// True when it did not go this way before.
    pub(super) fn turn_to_writing(&mut self) -> bool {
        let turned = !self.writing;
        if turned {
            *self = Pace {
                writing: true,
                ..Pace::default()
            };
        }
        turned
    }

    pub(super) fn turn_to_reading(&mut self) {
        if self.writing {
            *self = Pace::default();
        }
    }

    pub(super) fn add(&mut self, waited: Duration, bytes: usize) {
        if self.moved == 0 {
            // The wait for the first byte is the stall limit's concern.
            self.waited = Duration::ZERO;
        } else {
            self.waited += waited;
        }
        self.moved += bytes as u64;
    }

    pub(super) fn check(&mut self, limits: &Limits) -> Result<(), Error> {
        let Some(window) = limits.stall.filter(|window| self.waited >= *window) else {
            return Ok(());
        };
        let least = window.as_millis() as u64 * MIN_SPEED / 1000;
        if self.moved < least.max(1) {
            return Err(Error::Timeout(limits.stall_reason));
        }
        // At least one byte, so that the next window does not take its first for the first of all.
        self.waited = Duration::ZERO;
        self.moved = 1;
        Ok(())
    }
}
