use super::*;

/// A service with a limit and workers that ask it, in a time of their own.
struct Service {
    per_second: f64,
    burst: f64,
    left: f64,
    at: f64,
}

impl Service {
    fn takes(&mut self, at: f64) -> bool {
        self.left = (self.left + (at - self.at) * self.per_second).min(self.burst);
        self.at = at;
        let is_taken = self.left >= 1.0;
        self.left -= f64::from(u8::from(is_taken));
        is_taken
    }
}

/// What a worker does next, and when.
enum Step {
    Ask,
    Go(Turn),
    Answered { begun: f64, is_taken: bool },
}

struct Run {
    asked: u32,
    refused: u32,
    /// In vain, of one job.
    most_attempts: u32,
    seconds: f64,
}

fn run(per_second: f64, burst: f64, round_trip: f64, workers: usize, jobs: u32) -> Run {
    let (pace, start) = (Pace::default(), Instant::now());
    let instant = |at: f64| start + Duration::from_secs_f64(at);
    let mut service = Service {
        per_second,
        burst,
        left: burst,
        at: 0.0,
    };
    let mut run = Run {
        asked: 0,
        refused: 0,
        most_attempts: 0,
        seconds: 0.0,
    };
    let mut steps: Vec<(f64, u32, Step)> = (0..workers).map(|_| (0.0, 0, Step::Ask)).collect();
    let mut left = jobs;
    while left > 0 {
        let next = (0..workers).min_by(|a, b| steps[*a].0.total_cmp(&steps[*b].0));
        let (at, failed, step) = &mut steps[next.unwrap()];
        let now = instant(*at);
        match step {
            Step::Ask => {
                let is_held = pace.is_held.load(Ordering::Relaxed);
                let turn = pace.turn(now, None).unwrap().filter(|_| is_held);
                let turn = turn.unwrap_or(Turn { at: now, epoch: 0 });
                *at = at.max((turn.at - start).as_secs_f64());
                *step = Step::Go(turn);
            }
            Step::Go(turn) if !pace.holds(turn) => *step = Step::Ask,
            Step::Go(_) => {
                let (begun, is_taken) = (*at, service.takes(*at));
                run.asked += 1;
                *at += round_trip;
                *step = Step::Answered { begun, is_taken };
            }
            Step::Answered { is_taken: true, .. } => {
                pace.taken();
                run.seconds = *at;
                left -= 1;
                (*failed, *step) = (0, Step::Ask);
            }
            Step::Answered { begun, .. } => {
                pace.refused(instant(*begun), now, None);
                run.refused += 1;
                *failed += 1;
                run.most_attempts = run.most_attempts.max(*failed);
                // As a request does by itself.
                *at += 0.75 * f64::from(1_u32 << (*failed - 1).min(5));
                *step = Step::Ask;
            }
        }
    }
    run
}

#[test]
fn a_service_with_a_limit_refuses_few_and_is_used() {
    for (per_second, bursts) in [(5.0, 1.0), (50.0, 0.1), (50.0, 1.0), (500.0, 1.0)] {
        for round_trip in [0.0005, 0.02, 0.08] {
            for workers in [8, 64] {
                let jobs = per_second * 40.0;
                let run = run(
                    per_second,
                    per_second * bursts,
                    round_trip,
                    workers,
                    jobs as u32,
                );
                let what = format!("{per_second}/s, {bursts}, {round_trip} s, {workers}");
                // All that were under way when it was found out, and few later.
                let late = f64::from(run.refused) - 2.0 * workers as f64;
                assert!(
                    late <= f64::from(run.asked) / 50.0,
                    "{what}: {}",
                    run.refused
                );
                // No job fails with the three retries that there are by default.
                assert!(run.most_attempts <= 3, "{what}: {}", run.most_attempts);
                let possible = per_second.min(workers as f64 / round_trip);
                let used = jobs / run.seconds / possible;
                assert!(used >= 0.4, "{what}: {used}");
            }
        }
    }
}

/// After one refusal; times are in milliseconds.
struct Refused {
    pace: Pace,
    start: Instant,
}

impl Refused {
    fn once(retry_after: Option<u64>) -> Refused {
        let (pace, start) = (Pace::default(), Instant::now());
        pace.refused(start, start, retry_after);
        Refused { pace, start }
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    /// When one that asks then may be sent.
    fn turn(&self, ms: u64) -> Option<u128> {
        let turn = self.pace.turn(self.at(ms), None).unwrap()?;
        Some((turn.at - self.start).as_millis())
    }
}

#[test]
fn what_was_under_way_together_counts_once() {
    let refused = Refused::once(None);
    assert_eq!((refused.turn(0), refused.turn(0)), (Some(31), Some(62)));
    let turn = refused.pace.turn(refused.at(0), None).unwrap().unwrap();
    refused.pace.refused(refused.start, refused.at(1), None);
    assert!(refused.pace.holds(&turn));
    assert_eq!(refused.turn(1), Some(125));
    // Half as many, and turns that were given before are void.
    refused.pace.refused(refused.at(2), refused.at(3), None);
    assert!(!refused.pace.holds(&turn));
    assert_eq!((refused.turn(3), refused.turn(3)), (Some(65), Some(127)));
}

#[test]
fn all_wait_for_as_long_as_the_service_asks() {
    let refused = Refused::once(Some(3));
    assert_eq!(refused.turn(0), Some(3000));
    // Another refusal does not shorten it, and none lasts for ever.
    refused.pace.refused(refused.at(1), refused.at(2), None);
    assert_eq!(refused.turn(2), Some(3000));
    refused
        .pace
        .refused(refused.at(3), refused.at(4), Some(u64::MAX));
    assert_eq!(refused.turn(4), Some(20_004));
    // Whoever has less time is told at once, and takes nobody's turn.
    let early = refused.pace.turn(refused.at(4), Some(refused.at(5000)));
    assert_eq!(early.err().unwrap().kind, Kind::Timeout);
    // "Come back at once."
    let at_once = Pace::default();
    at_once.refused(refused.start, refused.start, Some(0));
    assert!(!at_once.is_held.load(Ordering::Relaxed));
}

#[test]
fn it_is_over_after_a_minute_and_does_not_grow_in_a_pause() {
    let refused = Refused::once(None);
    assert_eq!(
        (refused.turn(50_000), refused.turn(50_000)),
        (Some(50_000), Some(50_031))
    );
    assert_eq!(refused.turn(60_001), None);
    assert!(!refused.pace.is_held.load(Ordering::Relaxed));
}
