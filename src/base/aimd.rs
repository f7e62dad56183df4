//! How many requests a line and a service carry at once: multiplied while that pays, then increased step by
//! step, halved where the service is congested (additive increase, multiplicative decrease).

use std::time::{Duration, Instant};

/// More than a line with a short way needs, and few enough for any service.
pub(crate) const FIRST: usize = 8;

/// As many connections are kept for reuse.
pub(crate) const MOST: usize = 64;

/// What a request costs beside its bytes, in bytes: jobs of different sizes can be compared.
const REQUEST_BYTES: u64 = 512 << 10;

/// Bytes a second of one connection, requests counted as above. Eight that are so fast fill 10 Gbit/s: this machine
/// holds them up, not the way to the service, and more of them take its processors' time from each other.
const NEAR: f64 = 200e6;

/// As often as it was, from 8 to 24 and to 64: each leap takes two round trips, as its connections are new.
const LEAP: usize = 3;

/// A step pays if it brings this share of what it would bring if nothing else held transfers up.
const PAYS: f64 = 0.25;

/// Generations of jobs without a step after one that did not pay, or below where it was congested: trying again
/// costs something, and a service that refuses one request in a hundred is still content.
const REST: u32 = 16;
const REST_BELOW_CEILING: u32 = 32;

/// A generation of less tells nothing.
const JOBS_LEAST: usize = 4;

pub(crate) struct Aimd {
    limit: usize,
    /// Jobs that began before are those of another limit.
    since: Instant,
    generation: Generation,
    /// The limit before the last step, with its throughput; none where nothing is to be proved.
    before: Option<(usize, f64)>,
    leaps: bool,
    /// Where it was congested lies above.
    ceiling: usize,
    /// Generations until the next step.
    rest: u32,
    congested: Option<Instant>,
}

/// What jobs of one limit have done.
#[derive(Default)]
struct Generation {
    jobs: usize,
    bytes: u64,
    time: Duration,
}

impl Aimd {
    pub(crate) fn new(now: Instant) -> Aimd {
        Aimd {
            limit: FIRST,
            since: now,
            generation: Generation::default(),
            before: None,
            leaps: true,
            ceiling: MOST,
            rest: 0,
            congested: None,
        }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// A job is done. Whether the limit is another one now.
    pub(crate) fn done(&mut self, begun: Instant, now: Instant, bytes: u64) -> bool {
        if begun < self.since {
            return false;
        }
        self.generation.jobs += 1;
        self.generation.bytes += bytes + REQUEST_BYTES;
        self.generation.time += now - begun;
        let whole = match self.leaps {
            // The others had no connection yet.
            true => self.limit / LEAP,
            false => self.limit,
        };
        if self.generation.jobs < whole.max(JOBS_LEAST) {
            return false;
        }
        let limit = self.next();
        self.generation = Generation::default();
        if limit == self.limit {
            return false;
        }
        self.set(limit, now);
        true
    }

    /// What a generation says of the limit.
    fn next(&mut self) -> usize {
        let Generation { bytes, time, .. } = self.generation;
        // Each connection's speed; a wait of no time is none.
        let speed = bytes as f64 / time.as_secs_f64().max(1e-9);
        let throughput = speed * self.limit as f64;
        if let Some((smaller, then)) = self.before.take() {
            let step = self.limit as f64 / smaller as f64 - 1.0;
            if throughput < then * (1.0 + step * PAYS) {
                self.rest = if self.leaps { 1 } else { REST };
                self.leaps = false;
                return smaller;
            }
        }
        if self.rest > 0 {
            self.rest -= 1;
            return self.limit;
        }
        if speed >= NEAR && self.limit >= FIRST {
            return self.limit;
        }
        if self.limit >= self.ceiling {
            self.ceiling = MOST.min(self.limit + 1);
        }
        let step = if self.leaps {
            self.limit * (LEAP - 1)
        } else {
            self.limit.div_ceil(4)
        };
        let larger = self.ceiling.min(self.limit + step);
        if larger > self.limit {
            self.before = Some((self.limit, throughput));
        }
        if larger == self.ceiling {
            self.rest = REST_BELOW_CEILING;
        }
        larger
    }

    /// An attempt that `begun` then was refused, or its time ran out, while so many were `in_flight`. Of those that
    /// were under way together the first counts.
    pub(crate) fn congested(&mut self, begun: Instant, now: Instant, in_flight: usize) {
        if self.congested.is_some_and(|at| begun <= at) {
            return;
        }
        let at_once = self.limit.min(in_flight);
        let limit = (at_once / 2).max(1);
        // Only after a step of one it is known where the service has enough.
        let enough = match self.before.take() {
            Some((smaller, _)) if smaller + 1 == at_once => smaller,
            _ => at_once * 3 / 4,
        };
        self.congested = Some(now);
        self.leaps = false;
        self.ceiling = enough.max(1);
        self.rest = if limit >= self.ceiling {
            REST_BELOW_CEILING
        } else {
            0
        };
        self.set(limit, now);
    }

    fn set(&mut self, limit: usize, now: Instant) {
        self.limit = limit;
        self.since = now;
        self.generation = Generation::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line, and a service that takes `most` at once.
    struct Line {
        aimd: Aimd,
        now: Instant,
        most: usize,
        refused: usize,
        requests: usize,
    }

    impl Line {
        fn new(most: usize) -> Line {
            let now = Instant::now();
            Line {
                aimd: Aimd::new(now),
                now,
                most,
                refused: 0,
                requests: 0,
            }
        }

        /// As many jobs as the limit allows go out together and take `time`.
        fn generation(&mut self, time: impl Fn(usize) -> Duration) {
            let (begun, at_once) = (self.now, self.aimd.limit());
            let time = time(at_once.min(self.most));
            self.requests += at_once;
            self.now += time;
            for job in 0..at_once {
                if job < self.most {
                    self.aimd.done(begun, self.now, 16 << 10);
                } else {
                    self.refused += 1;
                    self.aimd.congested(begun, self.now, at_once);
                }
            }
            self.now += Duration::from_nanos(1);
        }
    }

    fn far_away(_: usize) -> Duration {
        Duration::from_millis(80)
    }

    #[test]
    fn far_away_it_leaps_to_the_most() {
        let mut line = Line::new(usize::MAX);
        let mut limits = vec![line.aimd.limit()];
        for _ in 0..8 {
            line.generation(far_away);
            limits.push(line.aimd.limit());
        }
        limits.dedup();
        assert_eq!(limits, [8, 24, 64]);
    }

    #[test]
    fn nearby_it_stays_as_it_is() {
        let mut line = Line::new(usize::MAX);
        for _ in 0..200 {
            line.generation(|_| Duration::from_millis(2));
            assert_eq!(line.aimd.limit(), FIRST);
        }
    }

    /// Twice as many at once take twice as long.
    #[test]
    fn what_brings_nothing_is_taken_back() {
        let mut line = Line::new(usize::MAX);
        let mut most = 0;
        for _ in 0..200 {
            line.generation(|at_once| Duration::from_millis(at_once as u64));
            most = most.max(line.aimd.limit());
        }
        assert_eq!((most, line.aimd.limit()), (24, 8));
    }

    #[test]
    fn a_line_that_is_full_at_some_number_is_used_up() {
        let mut line = Line::new(usize::MAX);
        for _ in 0..200 {
            line.generation(|at_once| Duration::from_millis(4 * at_once.max(20) as u64));
        }
        let limit = line.aimd.limit();
        assert!((16..=32).contains(&limit), "{limit}");
    }

    #[test]
    fn a_service_that_takes_no_more_is_seldom_asked_for_it() {
        for most in [1, 3, 10, 40] {
            let mut line = Line::new(most);
            for _ in 0..20 {
                line.generation(far_away);
            }
            let (refused, requests) = (line.refused, line.requests);
            for _ in 0..500 {
                line.generation(far_away);
            }
            let (refused, requests) = (line.refused - refused, line.requests - requests);
            assert!(refused * 50 <= requests, "{most}: {refused} of {requests}");
            // And is made use of.
            assert!(
                requests >= 500 * most.div_ceil(2),
                "{most}: {requests} requests"
            );
        }
    }

    #[test]
    fn attempts_that_were_under_way_together_halve_it_once() {
        let (begun, mut aimd) = (Instant::now(), Aimd::new(Instant::now()));
        let at = |ms| begun + Duration::from_millis(ms);
        for refused in [5, 6, 7] {
            aimd.congested(begun, at(refused), 8);
        }
        assert_eq!(aimd.limit(), 4);
        for later in [10, 20, 30, 40] {
            aimd.congested(at(later), at(later + 1), 8);
        }
        assert_eq!(aimd.limit(), 1);
    }
}
