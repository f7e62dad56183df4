//! How many requests a second the service takes.

use std::sync::Mutex;
use std::time::Instant;

/// None for any number.
#[derive(Default)]
pub struct Limit {
    per_second: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Requests that may come at once, and since when.
    left: f64,
    since: Option<Instant>,
    asked: u64,
    refused: u64,
}

impl Limit {
    pub fn new(per_second: u64) -> Limit {
        Limit {
            per_second,
            state: Mutex::default(),
        }
    }

    /// Whether a request that comes now is taken. What was not asked for in a second is not saved up.
    pub fn takes(&self, now: Instant) -> bool {
        let mut state = self.state.lock().expect("nobody panics with it");
        state.asked += 1;
        if self.per_second == 0 {
            return true;
        }
        let rate = self.per_second as f64;
        let passed = state.since.map_or(1.0, |since| {
            now.saturating_duration_since(since).as_secs_f64()
        });
        state.since = Some(now);
        state.left = (state.left + passed * rate).min(rate);
        if state.left < 1.0 {
            state.refused += 1;
            return false;
        }
        state.left -= 1.0;
        true
    }

    /// Requests, and those of them that were refused.
    pub fn counts(&self) -> (u64, u64) {
        let state = self.state.lock().expect("nobody panics with it");
        (state.asked, state.refused)
    }

    /// Begins to count anew.
    pub fn clear(&self) {
        *self.state.lock().expect("nobody panics with it") = State::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn so_many_a_second_are_taken() {
        let (limit, begun) = (Limit::new(50), Instant::now());
        let taken = |from_ms: u64, to_ms: u64, each_ms: usize| {
            let times = (from_ms..to_ms).step_by(each_ms);
            let at = times.map(|ms| begun + Duration::from_millis(ms));
            at.filter(|at| limit.takes(*at)).count()
        };
        // A burst of a second's worth, and then as many as there may be.
        assert_eq!(taken(0, 100, 1), 54);
        assert_eq!(taken(100, 2100, 1), 100);
        // Fewer are all taken, and a long pause saves up no more than a second's.
        assert_eq!(taken(2100, 4100, 25), 80);
        assert_eq!(taken(60_000, 60_100, 1), 54);
        assert_eq!(limit.counts().0, 100 + 2000 + 80 + 100);
        let without = Limit::default();
        assert!((0..1000).all(|_| without.takes(begun)));
        assert_eq!(without.counts(), (1000, 0));
    }
}
