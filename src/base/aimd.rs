//! How many requests a line and a service carry at once: multiplied while that pays, then increased step by
//! step, halved where the service is congested (additive increase, multiplicative decrease).

use std::cell::OnceCell;
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

/// Bytes of content a second that a processor has room for, to compare them and perhaps to encrypt them. Where all
/// processors are busy, more connections take their time from each other. Two of them move what 10 Gbit/s carry.
const PROCESSOR: f64 = 500e6;
const PROCESSORS_LEAST: usize = 2;

/// As often as it was, from 8 to 24 and to 64: each leap takes two round trips, as its connections are new.
const LEAP: usize = 3;

/// A step pays if it brings this share of what it would bring if nothing else held transfers up.
const PAYS: f64 = 0.25;

/// The first leap is taken back only if less than this share of the throughput is left: on a line that is full it
/// brings nothing yet, until a loss stops one connection of 24 instead of one of 8.
const HARMLESS: f64 = 0.9;

/// A line that has carried so many times as much is another one now: the first losses come after a while.
const FADED: f64 = 1.5;

/// Generations of jobs without a step after one that did not pay, or below where it was congested: trying again
/// costs something, and a service that refuses one request in a hundred is still content.
const REST: u32 = 16;
const REST_BELOW_CEILING: u32 = 32;

/// A generation of less tells nothing.
const JOBS_LEAST: usize = 4;

/// Where jobs take long, what all of them move in this time tells as much; after a while in which connections are
/// made, and buffers on the way fill.
const SLICE: Duration = Duration::from_millis(500);
const SETTLES: Duration = Duration::from_millis(500);

pub(crate) struct Aimd {
    limit: usize,
    /// How many there are. Asked only where it counts: the system may read files to tell it.
    processors: fn() -> usize,
    /// Bytes of content a second that this machine has room for.
    machine: OnceCell<f64>,
    /// Jobs that began before are those of another limit.
    since: Instant,
    generation: Generation,
    slice: Slice,
    /// The limit before the last step, with its throughput; none where nothing is to be proved.
    before: Option<(usize, f64)>,
    leaps: bool,
    /// The throughput at which no leap paid any more; 0 where it was congestion that ended them.
    enough: f64,
    /// Where it was congested lies above.
    ceiling: usize,
    /// Generations until the next step.
    rest: u32,
    congested: Option<Instant>,
}

/// What jobs have moved since then, whether they are done or not.
struct Slice {
    since: Instant,
    bytes: u64,
}

/// What jobs of one limit have done.
#[derive(Default)]
struct Generation {
    jobs: usize,
    bytes: u64,
    time: Duration,
}

impl Aimd {
    pub(crate) fn new(now: Instant, processors: fn() -> usize) -> Aimd {
        Aimd {
            limit: FIRST,
            processors,
            machine: OnceCell::new(),
            since: now,
            generation: Generation::default(),
            slice: Slice {
                since: now,
                bytes: 0,
            },
            before: None,
            leaps: true,
            enough: 0.0,
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
        self.generation.bytes += bytes;
        self.generation.time += now - begun;
        let whole = match self.leaps {
            // The others had no connection yet.
            true => self.limit / LEAP,
            false => self.limit,
        };
        if self.generation.jobs < whole.max(JOBS_LEAST) {
            return false;
        }
        let Generation { jobs, bytes, time } = std::mem::take(&mut self.generation);
        // A wait of no time is none.
        let seconds = time.as_secs_f64().max(1e-9);
        let with_requests = bytes + jobs as u64 * REQUEST_BYTES;
        let speeds = (with_requests as f64 / seconds, bytes as f64 / seconds);
        self.follow(speeds, now)
    }

    /// All jobs together have moved so much more; it tells something if `is_all` of them that are allowed were under
    /// way. The same.
    pub(crate) fn moved(&mut self, now: Instant, bytes: u64, is_all: bool) -> bool {
        if !is_all || self.slice.since < self.since + SETTLES {
            self.slice = Slice {
                since: now,
                bytes: 0,
            };
            return false;
        }
        self.slice.bytes += bytes;
        let time = now - self.slice.since;
        if time < SLICE {
            return false;
        }
        let bytes = std::mem::take(&mut self.slice.bytes);
        self.slice.since = now;
        let content = bytes as f64 / time.as_secs_f64() / self.limit as f64;
        // Nothing moves while the service puts parts together.
        bytes > 0 && self.follow((content, content), now)
    }

    /// The speed of each connection: with what its requests cost, and of their content alone.
    fn follow(&mut self, (speed, content): (f64, f64), now: Instant) -> bool {
        let limit = self.next(speed, content);
        if limit == self.limit {
            return false;
        }
        self.set(limit, now);
        true
    }

    /// What the speed of each connection says of the limit.
    fn next(&mut self, speed: f64, content: f64) -> usize {
        let throughput = speed * self.limit as f64;
        if let Some((smaller, then)) = self.before.take() {
            let step = self.limit as f64 / smaller as f64 - 1.0;
            if throughput < then * (1.0 + step * PAYS) {
                let was_leap = std::mem::replace(&mut self.leaps, false);
                self.rest = if was_leap { 1 } else { REST };
                self.enough = if was_leap { then } else { self.enough };
                let is_kept = was_leap && smaller == FIRST && throughput >= then * HARMLESS;
                return if is_kept { self.limit } else { smaller };
            }
        }
        if throughput * FADED < self.enough {
            (self.leaps, self.enough, self.rest) = (true, 0.0, 0);
        }
        if self.rest > 0 {
            self.rest -= 1;
            return self.limit;
        }
        let is_busy = || content * self.limit as f64 >= self.machine();
        if self.limit >= FIRST && (speed >= NEAR || is_busy()) {
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

    fn machine(&self) -> f64 {
        *self.machine.get_or_init(|| {
            let processors = (self.processors)().max(PROCESSORS_LEAST);
            PROCESSOR * processors as f64
        })
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
        self.enough = 0.0;
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
