//! The service's time. A signature counts by the service's clock; where this machine's differs so
//! much that signatures are refused, the difference is learned from the service's `Date`. It is
//! believed within bounds only, as it decides how long a signature is good, and no longer than the
//! service's answers bear it out.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::base::time::now as local;

/// The largest difference that is taken over from a service whose certificate was verified.
const VERIFIED_MAX_S: u64 = 24 * 3600;

/// The same over plain http, where anybody on the way can say what time it is.
const UNVERIFIED_MAX_S: u64 = 15 * 60;

/// Two clocks that differ by less are the same: the way of an answer, and the rounding to a second.
const DIFFERENT_S: u64 = 5;

/// An answer that is off by more was not given by the clock that was learned.
const CONTRADICTED_S: u64 = 60;

#[derive(Default)]
pub(crate) struct Clock {
    /// Seconds that the service is ahead of this machine.
    ahead: AtomicI64,
}

/// What the service's clock showed when it answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceTime {
    /// Unix seconds.
    pub(crate) date: u64,
    /// Over TLS.
    pub(crate) is_verified: bool,
}

impl Clock {
    /// Unix seconds, as the service counts them.
    pub(crate) fn now(&self) -> u64 {
        local().saturating_add_signed(self.ahead.load(Ordering::Relaxed))
    }

    /// Sets it right after what was signed at `signed_at` has been refused as expired. Whether the
    /// next signature will be of another time.
    pub(crate) fn correct(&self, reported: Option<ServiceTime>, signed_at: u64) -> bool {
        match reported.filter(|reported| self.is_believed(reported)) {
            Some(reported) => {
                let differ = reported.date.abs_diff(signed_at) >= DIFFERENT_S;
                if differ {
                    let here = local();
                    let ahead = i64::try_from(reported.date.abs_diff(here)).unwrap_or(0);
                    let ahead = if reported.date < here { -ahead } else { ahead };
                    self.ahead.store(ahead, Ordering::Relaxed);
                }
                differ
            }
            // Nothing better is known than this machine's own time.
            None => self.forget(),
        }
    }

    /// Drops what was learned; whether there was anything.
    pub(crate) fn forget(&self) -> bool {
        self.ahead.swap(0, Ordering::Relaxed) != 0
    }

    /// Whether a difference is in use, which every answer must bear out.
    pub(crate) fn is_adjusted(&self) -> bool {
        self.ahead.load(Ordering::Relaxed) != 0
    }

    /// Drops what was learned if an answer contradicts it.
    pub(crate) fn check(&self, date: u64) {
        if self.is_adjusted() && date.abs_diff(self.now()) > CONTRADICTED_S {
            self.forget();
        }
    }

    fn is_believed(&self, reported: &ServiceTime) -> bool {
        reported.date.abs_diff(local()) <= bound(reported)
    }

    /// For the message of a refusal for which the clocks may be the reason.
    pub(crate) fn explanation(&self, reported: ServiceTime) -> Option<String> {
        if self.is_believed(&reported) {
            return None;
        }
        let here = local();
        let direction = if here < reported.date {
            "behind"
        } else {
            "ahead of"
        };
        let difference = spoken(reported.date.abs_diff(here));
        let what = match reported.is_verified {
            true => "set it",
            false => "set it, or use https",
        };
        Some(format!(
            "this machine's clock is {difference} {direction} the service's, and more than {} is not \
             taken over: {what}",
            spoken(bound(&reported))
        ))
    }
}

fn bound(reported: &ServiceTime) -> u64 {
    match reported.is_verified {
        true => VERIFIED_MAX_S,
        false => UNVERIFIED_MAX_S,
    }
}

/// In the largest unit of which there are at least two.
fn spoken(seconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "days"), (3600, "hours"), (60, "minutes")];
    let unit = UNITS.iter().find(|(length, _)| seconds >= 2 * length);
    unit.map_or(format!("{seconds} seconds"), |(length, name)| {
        format!("{} {name}", seconds / length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(ahead: i64, is_verified: bool) -> ServiceTime {
        ServiceTime {
            date: local().saturating_add_signed(ahead),
            is_verified,
        }
    }

    /// What a clock shows, as it differs from this machine's.
    fn shown(clock: &Clock) -> i64 {
        clock.now() as i64 - local() as i64
    }

    #[test]
    fn the_services_time_is_learned_within_bounds() {
        for (is_verified, bound) in [(true, 86_400), (false, 900)] {
            for ahead in [bound - 2, 2 - bound, 60, -60] {
                let clock = Clock::default();
                assert!(clock.correct(Some(reported(ahead, is_verified)), clock.now()));
                assert!((shown(&clock) - ahead).abs() <= 1);
                // It is right now; expired is expired.
                assert!(!clock.correct(Some(reported(ahead, is_verified)), clock.now()));
            }
            for ahead in [bound + 2, -2 - bound, 1 << 40, i64::MIN] {
                let clock = Clock::default();
                assert!(!clock.correct(Some(reported(ahead, is_verified)), clock.now()));
                assert_eq!(shown(&clock), 0, "{ahead}");
            }
        }
        assert!(!Clock::default().correct(None, 0));
    }

    #[test]
    fn what_was_learned_wrongly_is_dropped() {
        let learned = || {
            let clock = Clock::default();
            assert!(clock.correct(Some(reported(80_000, true)), clock.now()));
            clock
        };
        let clock = learned();
        clock.check(local() + 80_030);
        assert!((shown(&clock) - 80_000).abs() <= 1);
        clock.check(local());
        assert_eq!(shown(&clock), 0);
        // A refusal without a time that can be believed.
        for reported in [None, Some(reported(1 << 40, true))] {
            let clock = learned();
            assert!(clock.correct(reported, clock.now()));
            assert_eq!(shown(&clock), 0);
            assert!(!clock.correct(reported, clock.now()));
        }
    }

    #[test]
    fn a_difference_is_told_in_words() {
        let clock = Clock::default();
        let text = |ahead| clock.explanation(reported(ahead, false)).unwrap();
        assert!(text(5400).contains("90 minutes behind the service's"));
        assert!(text(-200_000).contains("2 days ahead of the service's"));
        assert!(text(5400).contains("more than 15 minutes"));
        assert_eq!(spoken(119), "119 seconds");
        assert!(clock.explanation(reported(600, false)).is_none());
    }
}
