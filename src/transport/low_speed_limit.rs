//! A minimum speed: a byte now and then is no progress. Only time spent waiting for the peer
//! counts, so a slow disk or a callback on this side does no harm.

use std::cell::Cell;
use std::time::Duration;

use super::failure::TooSlow;

/// Bytes a second, over the time that a stall may take. A tenth of the slowest modem.
const MIN_SPEED: u64 = 512;

/// One direction of a request: it is sent, or its answer received.
#[derive(Default)]
pub(super) struct LowSpeedLimit {
    waited: Duration,
    /// Since the window began.
    moved: u64,
    /// Since the request began.
    all: u64,
}

impl LowSpeedLimit {
    pub(super) fn add(&mut self, waited: Duration, bytes: usize) {
        // The wait for the first byte is the stall limit's concern.
        if self.all > 0 {
            self.waited += waited;
        }
        self.moved += bytes as u64;
        self.all += bytes as u64;
    }

    /// `window` is the longest that nothing may move.
    pub(super) fn check(
        &mut self,
        window: Option<Duration>,
        is_sending: bool,
    ) -> Result<(), ureq::Error> {
        let Some(window) = window.filter(|window| self.waited >= *window) else {
            return Ok(());
        };
        let waited = u64::try_from(self.waited.as_millis()).unwrap_or(u64::MAX);
        let wanted = waited.saturating_mul(MIN_SPEED) / 1000;
        let moved = std::mem::take(&mut self.moved);
        self.waited = Duration::ZERO;
        if moved >= wanted.max(1) || window.is_zero() || is_blank_padded() && !is_sending {
            return Ok(());
        }
        Err(TooSlow {
            moved: self.all,
            least: MIN_SPEED,
            is_sending,
        }
        .error())
    }
}

thread_local! {
    static BLANK_PADDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the service sends blanks while it works (xml-api.md §3.7): as slowly as it likes, for as long
/// as that takes. For this thread's request, until its answer has begun. The HTTP library hands
/// nothing of a request down to its sockets.
pub(super) fn set_blank_padded(is_padded: bool) {
    BLANK_PADDED.set(is_padded);
}

fn is_blank_padded() -> bool {
    BLANK_PADDED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Option<Duration> = Some(Duration::from_secs(1));

    /// `bytes` every `ms`, for a minute.
    fn lasts(ms: u64, bytes: usize) -> bool {
        let mut limit = LowSpeedLimit::default();
        let steps = 60_000 / ms;
        (0..steps).all(|_| {
            limit.add(Duration::from_millis(ms), bytes);
            limit.check(WINDOW, false).is_ok()
        })
    }

    #[test]
    fn a_drip_is_too_slow_however_it_drips() {
        for (ms, bytes) in [(300, 1), (1000, 100), (999, 500), (10, 5), (5000, 2000)] {
            assert!(!lasts(ms, bytes), "{bytes} bytes every {ms} ms");
        }
        for (ms, bytes) in [(300, 200), (1000, 512), (10, 6), (5000, 2560)] {
            assert!(lasts(ms, bytes), "{bytes} bytes every {ms} ms");
        }
    }

    #[test]
    fn the_wait_for_the_first_byte_does_not_count() {
        let mut limit = LowSpeedLimit::default();
        limit.add(Duration::from_secs(100), 1000);
        assert!(limit.check(WINDOW, false).is_ok());
    }

    #[test]
    fn blanks_may_come_as_slowly_as_they_like() {
        set_blank_padded(true);
        assert!(lasts(1000, 1));
        set_blank_padded(false);
        assert!(!lasts(1000, 1));
    }
}
