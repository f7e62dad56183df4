//! When a request is tried again, and after how long.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::error::{Error, Kind, Sent};
use crate::random;

/// First pause of the exponential backoff, and the longest of all.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Whether another try can help.
pub(crate) fn worthwhile(error: &Error) -> bool {
    match error.sent {
        // A certificate that is not good stays so.
        Sent::No => matches!(error.kind, Kind::Connect | Kind::Timeout | Kind::Dns),
        Sent::Unknown | Sent::Answered => error.retryable(),
    }
}

/// Whether the request may have been carried out although it failed.
pub(crate) fn leaves_open(error: &Error) -> bool {
    match error.sent {
        Sent::No => false,
        // 429 and 503 turn a request away before any work is done.
        Sent::Unknown | Sent::Answered => error.retryable() && !matches!(error.httpcode, 429 | 503),
    }
}

/// How long to wait after try number `attempt` (from 1): as long as the service asks, else
/// anything up to a bound that doubles each time, so that many clients do not come back at once.
pub(crate) fn pause(attempt: u32, retry_after_s: Option<u64>) -> Duration {
    if let Some(seconds) = retry_after_s {
        return Duration::from_secs(seconds).min(LONGEST_PAUSE);
    }
    let bound = FIRST_PAUSE
        .saturating_mul(1 << (attempt - 1).min(16))
        .min(LONGEST_PAUSE);
    bound.mul_f64(f64::from(random::word()) / f64::from(u32::MAX))
}

/// What a client may spend on further tries. A service that is down for everybody is not
/// hammered: after about a hundred tries in vain only first ones are left, until calls succeed
/// again (the numbers of the AWS SDKs: quality.md §1.3).
pub(crate) struct Budget(AtomicU32);

impl Budget {
    const FULL: u32 = 500;
    const TRY: u32 = 5;

    pub(crate) fn full() -> Budget {
        Budget(AtomicU32::new(Budget::FULL))
    }

    /// Pays for a further try, if there is enough.
    pub(crate) fn spend(&self) -> bool {
        let pay = |left: u32| left.checked_sub(Budget::TRY);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay)
            .is_ok()
    }

    /// A call has succeeded.
    pub(crate) fn earn(&self) {
        let earn = |left: u32| (left < Budget::FULL).then_some(left + 1);
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, earn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for attempt in 1..=40 {
            let bound = Duration::from_millis(100 << (attempt - 1).min(16));
            for _ in 0..50 {
                let pause = pause(attempt, None);
                assert!(pause <= bound.min(LONGEST_PAUSE), "{attempt}: {pause:?}");
            }
        }
        assert_eq!(pause(1, Some(3)), Duration::from_secs(3));
        assert_eq!(pause(1, Some(u64::MAX)), LONGEST_PAUSE);
    }

    #[test]
    fn what_may_have_happened_is_told_from_what_has_not() {
        let mut reset = Error::new(Kind::Reset, "");
        reset.sent = Sent::Unknown;
        assert!(worthwhile(&reset) && leaves_open(&reset));
        let refused = Error::new(Kind::Connect, "");
        assert!(worthwhile(&refused) && !leaves_open(&refused));
        let busy = Error::service(-71, String::new(), 503);
        assert!(worthwhile(&busy) && !leaves_open(&busy));
        let broken = Error::service(-5997, String::new(), 500);
        assert!(worthwhile(&broken) && leaves_open(&broken));
        let no = Error::service(-97, String::new(), 400);
        assert!(!worthwhile(&no) && !leaves_open(&no));
        assert!(!worthwhile(&Error::new(Kind::Tls, "")));
    }

    #[test]
    fn a_budget_runs_out_and_is_earned_again() {
        let budget = Budget::full();
        assert_eq!((0..1000).filter(|_| budget.spend()).count(), 100);
        (0..4).for_each(|_| budget.earn());
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend() && !budget.spend());
        (0..10_000).for_each(|_| budget.earn());
        assert_eq!((0..1000).filter(|_| budget.spend()).count(), 100);
    }
}
