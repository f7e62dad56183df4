//! When a request is tried again, and after how long.

use std::time::Duration;

use crate::api::Operation;
use crate::error::{Error, Kind, Sent};
use crate::random;

/// First pause of the exponential backoff, and the longest of all.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Whether another try can help and can do no harm.
pub(crate) fn worthwhile(error: &Error, operation: &Operation) -> bool {
    // Asked to wait: the service did not begin the work (503, 429).
    let turned_away = matches!(error.httpcode, 429 | 503);
    match error.sent {
        // A name that is not known, a certificate that is not good: waiting changes nothing.
        Sent::No => matches!(error.kind, Kind::Connect | Kind::Timeout | Kind::Dns),
        Sent::Unknown | Sent::Answered => {
            error.retryable() && (turned_away || operation.repeatable())
        }
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
    fn an_unknown_outcome_is_repeated_only_where_that_is_harmless() {
        let mut reset = Error::new(Kind::Reset, "");
        reset.sent = Sent::Unknown;
        assert!(worthwhile(&reset, &Operation::Stat));
        assert!(!worthwhile(&reset, &Operation::Delete));
        let refused = Error::new(Kind::Connect, "");
        assert!(worthwhile(&refused, &Operation::Delete));
        let busy = Error::service(-71, String::new(), 503);
        assert!(worthwhile(&busy, &Operation::Delete));
        let broken = Error::service(-5997, String::new(), 500);
        assert!(!worthwhile(&broken, &Operation::Delete));
        assert!(worthwhile(&broken, &Operation::Stat));
        let no = Error::service(-97, String::new(), 400);
        assert!(!worthwhile(&no, &Operation::Stat));
        assert!(!worthwhile(&Error::new(Kind::Tls, ""), &Operation::Stat));
    }
}
