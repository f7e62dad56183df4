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

    /// Takes over the service's time; whether that makes a difference.
    pub(crate) fn learn(&self, service: u64) -> bool {
        /// Less is the way of the answer and a second's rounding, not a wrong clock.
        const NOTABLE_S: u64 = 5;
        let differs = service.abs_diff(self.now()) >= NOTABLE_S;
        if differs {
            let ahead = service as i64 - local() as i64;
            self.ahead.store(ahead, Ordering::Relaxed);
        }
        differs
    }
}

fn local() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    since_epoch.map_or(0, |d| d.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_learned_once() {
        let clock = Clock::default();
        assert!(clock.now().abs_diff(local()) <= 1);
        for service in [local() + 90_000, local() - 90_000, 0] {
            assert!(clock.learn(service));
            assert!(clock.now().abs_diff(service) <= 1);
            assert!(!clock.learn(service));
        }
    }
}
