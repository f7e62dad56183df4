//! When a request is tried again, and after how long.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::base::random;
use crate::error::{Error, Kind, Sent};

/// First pause of the exponential backoff, and the longest of all.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The same where the service asks to slow down: a shorter one would only be refused again.
const FIRST_PAUSE_THROTTLED: Duration = Duration::from_secs(1);

/// Whether another attempt can help.
pub(crate) fn should_retry(error: &Error) -> bool {
    match error.sent {
        // A certificate that is not good stays so.
        Sent::No => match error.kind {
            Kind::Connect | Kind::Timeout | Kind::Dns => true,
            Kind::Proxy => error.retryable(),
            _ => false,
        },
        Sent::Unknown | Sent::Answered => error.retryable(),
    }
}

/// Whether the request may have been carried out although it failed.
pub(crate) fn outcome_unknown(error: &Error) -> bool {
    match error.sent {
        Sent::No => false,
        Sent::Unknown | Sent::Answered => error.retryable() && !is_refusal(error),
    }
}

/// The service turns a request away before any work is done, whatever comes of the rest of its answer.
fn is_refusal(error: &Error) -> bool {
    error.is_throttled() || (400..500).contains(&error.httpcode)
}

/// How long to wait after attempt number `attempt` (from 1): as long as the service asks, else
/// anything up to a bound that doubles each time, so that many clients do not come back at once.
pub(crate) fn pause(attempt: u32, error: &Error) -> Duration {
    if let Some(seconds) = error.retry_after {
        return Duration::from_secs(seconds).min(LONGEST_PAUSE);
    }
    let (first, least) = match error.is_throttled() {
        true => (FIRST_PAUSE_THROTTLED, 0.5),
        false => (FIRST_PAUSE, 0.0),
    };
    let bound = first
        .saturating_mul(1 << (attempt - 1).min(16))
        .min(LONGEST_PAUSE);
    let chance = f64::from(random::word()) / f64::from(u32::MAX);
    bound.mul_f64(least + (1.0 - least) * chance)
}

/// What a client may spend on further attempts. A service that is down for everybody is not
/// hammered: after about a hundred attempts in vain only first ones are left, until calls succeed
/// again (the numbers of the AWS SDKs).
pub(crate) struct RetryBudget(AtomicU32);

impl RetryBudget {
    const FULL: u32 = 500;
    const TRY: u32 = 5;

    pub(crate) fn full() -> RetryBudget {
        RetryBudget(AtomicU32::new(RetryBudget::FULL))
    }

    /// Pays for a further try, if there is enough.
    pub(crate) fn spend(&self) -> bool {
        let pay = |left: u32| left.checked_sub(RetryBudget::TRY);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay)
            .is_ok()
    }

    /// A call has succeeded.
    pub(crate) fn earn(&self) {
        let earn = |left: u32| (left < RetryBudget::FULL).then_some(left + 1);
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, earn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorClass;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let reset = Error::new(Kind::Reset, "");
        let busy = Error::service(-1, String::new(), 503);
        for (error, first, least) in [(&reset, 100, 0), (&busy, 1000, 500)] {
            for attempt in 1..=40 {
                let doubled = |first: u64| Duration::from_millis(first << (attempt - 1).min(16));
                let (least, most) = (doubled(least), doubled(first));
                for _ in 0..50 {
                    let pause = pause(attempt, error);
                    assert!(
                        pause >= least.min(LONGEST_PAUSE / 2),
                        "{attempt}: {pause:?}"
                    );
                    assert!(pause <= most.min(LONGEST_PAUSE), "{attempt}: {pause:?}");
                }
            }
        }
        let mut asked = busy;
        for (seconds, pauses) in [(3, Duration::from_secs(3)), (u64::MAX, LONGEST_PAUSE)] {
            asked.retry_after = Some(seconds);
            assert_eq!(pause(1, &asked), pauses);
        }
    }

    #[test]
    fn what_may_have_happened_is_told_from_what_has_not() {
        let mut reset = Error::new(Kind::Reset, "");
        reset.sent = Sent::Unknown;
        assert!(should_retry(&reset) && outcome_unknown(&reset));
        let refused = Error::new(Kind::Connect, "");
        assert!(should_retry(&refused) && !outcome_unknown(&refused));
        let busy = Error::service(-71, String::new(), 503);
        assert!(should_retry(&busy) && !outcome_unknown(&busy));
        let broken = Error::service(-5997, String::new(), 500);
        assert!(should_retry(&broken) && outcome_unknown(&broken));
        let cut = |status| {
            let error = Error::new(Kind::BadReply, "").answered(status);
            error.unknown_outcome().classed(ErrorClass::BrokenOff)
        };
        assert!(should_retry(&cut(200)) && outcome_unknown(&cut(200)));
        assert!(should_retry(&cut(409)) && !outcome_unknown(&cut(409)));
        let no = Error::service(-97, String::new(), 400);
        assert!(!should_retry(&no) && !outcome_unknown(&no));
        assert!(!should_retry(&Error::new(Kind::Tls, "")));
    }

    #[test]
    fn a_budget_runs_out_and_is_earned_again() {
        let budget = RetryBudget::full();
        assert_eq!((0..1000).filter(|_| budget.spend()).count(), 100);
        (0..4).for_each(|_| budget.earn());
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend() && !budget.spend());
        (0..10_000).for_each(|_| budget.earn());
        assert_eq!((0..1000).filter(|_| budget.spend()).count(), 100);
    }
}
