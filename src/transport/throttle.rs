//! At most so many bytes a second over all connections of a client, in one direction: a bucket of tokens, one a
//! byte, that fills as time passes.

use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::base::lock::lock;

/// What the bucket holds when nothing has moved: a pause does not become a burst that others notice.
const BURST: Duration = Duration::from_millis(100);

/// Fewer at once would cost more system calls than they are worth.
const LEAST: usize = 1024;

pub(super) struct Throttle {
    bytes_per_s: f64,
    bucket: Mutex<Bucket>,
}

struct Bucket {
    /// Bytes; below 0 when more came than was asked for.
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    pub(super) fn new(bytes_per_s: u64) -> Throttle {
        Throttle {
            bytes_per_s: bytes_per_s as f64,
            bucket: Mutex::new(Bucket {
                tokens: 0.0,
                filled: Instant::now(),
            }),
        }
    }

    /// As many of `wanted` bytes as may move now, which then count as moved; else how long to wait for some.
    pub(super) fn take(&self, wanted: usize) -> Result<usize, Duration> {
        let mut bucket = self.filled(Instant::now());
        let least = wanted.min(LEAST) as f64;
        if bucket.tokens < least {
            let wait = (least - bucket.tokens) / self.bytes_per_s;
            return Err(Duration::from_secs_f64(wait));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // at least 0, at most a burst
        let taken = wanted.min(bucket.tokens as usize);
        bucket.tokens -= taken as f64;
        Ok(taken)
    }

    /// Of those that were taken, some have not moved.
    pub(super) fn give_back(&self, bytes: usize) {
        self.filled(Instant::now()).tokens += bytes as f64;
    }

    fn filled(&self, now: Instant) -> MutexGuard<'_, Bucket> {
        let mut bucket = lock(&self.bucket);
        let most = (self.bytes_per_s * BURST.as_secs_f64()).max(LEAST as f64);
        let passed = now.saturating_duration_since(bucket.filled);
        let tokens = bucket.tokens + passed.as_secs_f64() * self.bytes_per_s;
        bucket.tokens = tokens.min(most);
        bucket.filled = now;
        bucket
    }
}

/// Of a client, each way.
pub(super) struct Throttles {
    pub(super) sending: Throttle,
    pub(super) receiving: Throttle,
}

impl Throttles {
    pub(super) fn new(bytes_per_s: u64) -> Throttles {
        Throttles {
            sending: Throttle::new(bytes_per_s),
            receiving: Throttle::new(bytes_per_s),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_as_time_passes_and_no_burst_is_saved_up() {
        let throttle = Throttle::new(100_000);
        let at = |after: u64| {
            let mut bucket = throttle.bucket.lock().unwrap();
            *bucket = Bucket {
                tokens: 0.0,
                filled: Instant::now()
                    .checked_sub(Duration::from_millis(after))
                    .unwrap(),
            };
        };
        at(0);
        let wait = throttle.take(50_000).unwrap_err();
        assert!(
            wait > Duration::from_millis(5) && wait < Duration::from_millis(11),
            "{wait:?}"
        );
        at(50);
        let taken = throttle.take(50_000).unwrap();
        assert!((5_000..6_000).contains(&taken), "{taken}");
        at(60_000);
        assert_eq!(throttle.take(50_000), Ok(10_000));
        at(60_000);
        assert_eq!(throttle.take(5), Ok(5));
        throttle.give_back(3);
        assert!(throttle.take(0).is_ok());
    }
}
