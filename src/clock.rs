//! The service's time. A signature counts by the service's clock; when this machine's differs so
//! much that signatures are refused, the difference is learned from the service's `Date` once.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Default)]
pub(crate) struct Clock {
    /// Seconds that the service is ahead of this machine.
    ahead: AtomicI64,
}

impl Clock {
    /// Unix seconds, as the service counts them.
    pub(crate) fn now(&self) -> u64 {
        local().saturating_add_signed(self.ahead.load(Ordering::Relaxed))
    }

    /// Takes over the service's time.
    pub(crate) fn learn(&self, service: u64) {
        let ahead = service as i64 - local() as i64;
        self.ahead.store(ahead, Ordering::Relaxed);
    }
}

/// Whether two times, in seconds, are those of clocks that differ. Less is the way of an answer
/// and the rounding to a second.
pub(crate) fn differ(one: u64, another: u64) -> bool {
    one.abs_diff(another) >= 5
}

fn local() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.map_or(0, |d| d.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_time_is_learned() {
        let clock = Clock::default();
        assert!(!differ(clock.now(), local()));
        for service in [local() + 90_000, local() - 90_000, 0] {
            assert!(differ(service, clock.now()));
            clock.learn(service);
            assert!(!differ(service, clock.now()));
        }
    }
}
