//! The number that finds itself, on lines and services that are acted out.

use std::time::{Duration, Instant};

use super::aimd::{Aimd, FIRST};

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
            aimd: Aimd::new(now, || 2),
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

/// Parts of which each connection moves 50 MB a second.
#[test]
fn a_machine_that_has_enough_to_do_gets_no_more() {
    let machines: [(fn() -> usize, _); 3] = [(|| 1, 24), (|| 2, 24), (|| 8, 64)];
    for (processors, found) in machines {
        let (mut aimd, mut now) = (Aimd::new(Instant::now(), processors), Instant::now());
        for _ in 0..8 {
            let (begun, jobs) = (now, aimd.limit());
            now += Duration::from_millis(160);
            for _ in 0..jobs {
                aimd.done(begun, now, 8_000_000);
            }
            now += Duration::from_nanos(1);
        }
        assert_eq!(aimd.limit(), found, "{}", processors());
    }
}

/// Parts that take a minute.
#[test]
fn while_jobs_last_what_they_move_tells() {
    for (most, found) in [(64, 64..=64), (8, 24..=30), (24, 20..=32)] {
        let (mut aimd, mut now) = (Aimd::new(Instant::now(), || 2), Instant::now());
        let mut limits = vec![aimd.limit()];
        for _ in 0..600 {
            now += Duration::from_millis(100);
            // Each connection moves 100 KB a tenth of a second, if the line does not hold them up.
            aimd.moved(now, 100_000 * aimd.limit().min(most) as u64, true);
            limits.push(aimd.limit());
        }
        let limit = aimd.limit();
        assert!(found.contains(&limit), "{most}: {limit}");
        limits.dedup();
        assert_eq!(limits[..2], [8, 24], "{most}: {limits:?}");
    }
    // Nothing is learned of a service that is busy with what it has.
    let (mut aimd, now) = (Aimd::new(Instant::now(), || 2), Instant::now());
    let still = (0..100).any(|tick| aimd.moved(now + Duration::from_millis(100 * tick), 0, true));
    assert!(!still);
}

/// At first eight connections fill the line, as nothing was lost yet.
#[test]
fn a_line_that_fades_is_tried_anew() {
    let (mut aimd, mut now) = (Aimd::new(Instant::now(), || 2), Instant::now());
    for tick in 0..100 {
        now += Duration::from_millis(100);
        let each = if tick < 20 { 150_000 } else { 60_000 };
        aimd.moved(now, (each * aimd.limit() as u64).min(1_200_000), true);
    }
    assert!((16..=28).contains(&aimd.limit()), "{}", aimd.limit());
}

#[test]
fn nearby_it_stays_as_it_is() {
    let mut line = Line::new(usize::MAX);
    for _ in 0..200 {
        line.generation(|_| Duration::from_millis(2));
        assert_eq!(line.aimd.limit(), FIRST);
    }
}

/// Twice as many at once take twice as long, or longer.
#[test]
fn only_the_first_leap_may_bring_nothing_and_none_may_cost_something() {
    for (slower, found) in [(1.0, (30, 24)), (1.3, (24, 8))] {
        let mut line = Line::new(usize::MAX);
        let mut most = 0;
        for _ in 0..200 {
            line.generation(|at_once| Duration::from_secs_f64((at_once as f64).powf(slower) / 1e3));
            most = most.max(line.aimd.limit());
        }
        assert_eq!((most, line.aimd.limit()), found, "{slower}");
    }
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
    let (begun, mut aimd) = (Instant::now(), Aimd::new(Instant::now(), || 2));
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
