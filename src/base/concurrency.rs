//! Permits for the jobs of transfers: so many as one transfer was told to do at once, or as all transfers of a
//! client share, of which the number finds itself.

use std::cell::Cell;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::base::aimd::{self, Aimd};
use crate::base::cancel::{Cancel, GLANCE};
use crate::base::lock::{self, lock};
use crate::error::Result;

thread_local! {
    /// Spent on connections since this thread has got its last permit.
    static CONNECTING: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// A job that made its connection and took less tells nothing: the start of threads has held it up, and the next one
/// comes soon.
const FAR: Duration = Duration::from_millis(10);

/// Makes a connection for a job of this thread. The time that it takes tells nothing of how many jobs the line carries:
/// the next one has the connection.
pub(crate) fn connecting<T>(connect: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let outcome = connect();
    CONNECTING.set(CONNECTING.get() + begun.elapsed());
    outcome
}

/// The option `parallel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parallel {
    /// Jobs of one transfer.
    Fixed(usize),
    /// Finds itself, for all transfers.
    Auto,
}

impl Parallel {
    /// How many of the largest parts or ranges of a stream memory holds.
    pub(crate) fn in_memory(self) -> u64 {
        let parts = match self {
            Parallel::Fixed(jobs) => jobs,
            Parallel::Auto => aimd::FIRST,
        };
        parts as u64
    }
}

pub(crate) struct Concurrency {
    state: Mutex<State>,
    freed: Condvar,
}

struct State {
    limit: Limit,
    in_flight: usize,
    /// The most of them since the limit has changed.
    peak: usize,
    waiting: usize,
}

enum Limit {
    Fixed(usize),
    Found(Aimd),
}

impl Limit {
    fn jobs(&self) -> usize {
        match self {
            Limit::Fixed(jobs) => *jobs,
            Limit::Found(aimd) => aimd.limit(),
        }
    }
}

impl Concurrency {
    pub(crate) fn fixed(jobs: usize) -> Concurrency {
        Concurrency::limited(Limit::Fixed(jobs))
    }

    pub(crate) fn adaptive() -> Concurrency {
        let processors = || thread::available_parallelism().map_or(1, NonZero::get);
        Concurrency::limited(Limit::Found(Aimd::new(Instant::now(), processors)))
    }

    fn limited(limit: Limit) -> Concurrency {
        Concurrency {
            state: Mutex::new(State {
                limit,
                in_flight: 0,
                peak: 0,
                waiting: 0,
            }),
            freed: Condvar::new(),
        }
    }

    /// How many jobs may be done at once, by now.
    pub(crate) fn limit(&self) -> usize {
        self.lock().limit.jobs()
    }

    /// What it never exceeds.
    pub(crate) fn most(&self) -> usize {
        match self.lock().limit {
            Limit::Fixed(jobs) => jobs,
            Limit::Found(_) => aimd::MOST,
        }
    }

    /// How many permits are left.
    pub(crate) fn left(&self) -> usize {
        let state = self.lock();
        state.limit.jobs().saturating_sub(state.in_flight)
    }

    /// Waits for a permit, or until the work is to end. A transfer that holds none gets one at once, whatever
    /// others do: theirs may stand still for as long as their caller likes.
    pub(crate) fn permit<'c>(&'c self, held: &'c AtomicUsize, stop: &Cancel) -> Result<Permit<'c>> {
        let mut state = self.lock();
        loop {
            stop.check()?;
            if held.load(Ordering::Relaxed) == 0 || state.in_flight < state.limit.jobs() {
                held.fetch_add(1, Ordering::Relaxed);
                CONNECTING.set(Duration::ZERO);
                state.in_flight += 1;
                state.peak = state.peak.max(state.in_flight);
                return Ok(Permit {
                    concurrency: self,
                    held,
                    begun: Instant::now(),
                    moved: None,
                });
            }
            state.waiting += 1;
            // In steps: a cancel rings no bell here.
            state = lock::wait(&self.freed, state, GLANCE);
            state.waiting -= 1;
        }
    }

    /// The jobs of a transfer have moved so many bytes since it was last asked, and are not done.
    pub(crate) fn moved(&self, bytes: u64) {
        let mut state = self.lock();
        // Neither fewer, nor those that began when more were allowed.
        let is_all = state.in_flight == state.limit.jobs();
        if let Limit::Found(aimd) = &mut state.limit {
            if aimd.moved(Instant::now(), bytes, is_all) {
                state.peak = state.in_flight;
            }
        }
    }

    /// The service has refused an attempt that `begun` then because it has too much to do, or has not answered it
    /// in time.
    pub(crate) fn congested(&self, begun: Instant) {
        let mut state = self.lock();
        let in_flight = state.in_flight;
        match &mut state.limit {
            Limit::Found(aimd) if in_flight > 0 => aimd.congested(begun, Instant::now(), in_flight),
            _ => {}
        }
        state.peak = in_flight;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// To do one job, until it is dropped.
pub(crate) struct Permit<'c> {
    concurrency: &'c Concurrency,
    held: &'c AtomicUsize,
    begun: Instant,
    moved: Option<u64>,
}

impl Permit<'_> {
    /// The job has moved so many bytes, and its time tells something of the line.
    pub(crate) fn done(mut self, bytes: u64) {
        self.moved = Some(bytes);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.concurrency.lock();
        // As long as there is less to do than is allowed, nothing is learned.
        let is_used_up = state.peak >= state.limit.jobs();
        let (in_flight, now) = (state.in_flight, Instant::now());
        let begun = reckoned_from(self.begun, CONNECTING.get(), now).filter(|_| is_used_up);
        if let (Limit::Found(aimd), Some(bytes), Some(begun)) =
            (&mut state.limit, self.moved, begun)
        {
            if aimd.done(begun, now, bytes) {
                state.peak = in_flight;
            }
        }
        state.in_flight -= 1;
        self.held.fetch_sub(1, Ordering::Relaxed);
        if state.waiting > 0 {
            self.concurrency.freed.notify_all();
        }
    }
}

/// When a job of this time began that has the connection; none where it tells nothing.
fn reckoned_from(begun: Instant, connecting: Duration, now: Instant) -> Option<Instant> {
    let tells = connecting.is_zero() || now - begun >= FAR;
    tells.then(|| begun + connecting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_transfer_always_has_one_and_waits_for_more() {
        let shared = Concurrency::adaptive();
        let [first, second] = [(); 2].map(|()| AtomicUsize::new(0));
        let stop = Cancel::default();
        let mut taken: Vec<_> = (0..aimd::FIRST)
            .map(|_| shared.permit(&first, &stop).unwrap())
            .collect();
        assert_eq!(shared.left(), 0);
        let own = shared.permit(&second, &stop).unwrap();
        thread::scope(|scope| {
            let more = scope.spawn(|| shared.permit(&second, &stop).map(drop).is_ok());
            taken.truncate(2);
            assert!(more.join().unwrap());
        });
        drop((taken, own));
        assert_eq!(shared.left(), aimd::FIRST);
        assert_eq!((first.into_inner(), second.into_inner()), (0, 0));
    }

    #[test]
    fn a_cancel_ends_the_waiting() {
        let fixed = Concurrency::fixed(1);
        let (held, stop) = (AtomicUsize::new(0), Arc::new(Cancel::default()));
        let _all = fixed.permit(&held, &stop).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| fixed.permit(&held, &stop).err().unwrap().code);
            stop.request();
            assert_eq!(waiting.join().unwrap(), -5);
        });
    }

    #[test]
    fn the_time_of_a_connection_is_not_the_jobs() {
        let begun = Instant::now();
        let after = |millis| begun + Duration::from_millis(millis);
        for (connecting, took, reckoned) in [
            (0, 1, Some(0)),
            (0, 160, Some(0)),
            (80, 160, Some(80)),
            (1, 9, None),
            (1, 10, Some(1)),
        ] {
            let got = reckoned_from(begun, Duration::from_millis(connecting), after(took));
            assert_eq!(got, reckoned.map(after), "{connecting} {took}");
        }
    }

    #[test]
    fn each_job_begins_without_a_connection() {
        let shared = Concurrency::adaptive();
        let (held, stop) = (AtomicUsize::new(0), Cancel::default());
        CONNECTING.set(Duration::from_millis(80));
        let _permit = shared.permit(&held, &stop).unwrap();
        assert!(CONNECTING.get().is_zero());
    }
}
