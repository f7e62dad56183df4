//! Threads that share the jobs of one transfer, while the thread that made the call watches over
//! them: it alone reports progress and can cancel. All of them have ended when `run` returns.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::base::caller;
use crate::base::cancel::{self, Cancel, GLANCE};
use crate::base::concurrency::Concurrency;
use crate::base::panics;
use crate::base::threads;
use crate::error::Result;

/// What the calling thread is told of.
pub(crate) enum Event<J, T> {
    /// Bytes moved by all jobs so far; fewer than before when a job has begun again.
    Moved(u64),
    /// A job is done, and what has come of it. Jobs are done in any order.
    Done(J, T),
}

/// Does jobs as they come, as many at once as `concurrency` permits, and starts no more threads than it takes.
/// `watch` is called on the calling thread; its error, or the first of a job, stops all others and is the result.
pub(crate) fn run<J: Send, T: Send>(
    concurrency: &Concurrency,
    jobs: impl Iterator<Item = J> + Send,
    work: impl Fn(&J, &Job) -> Result<T> + Sync,
    mut watch: impl FnMut(Event<J, T>) -> Result<()>,
) -> Result<()> {
    let most = jobs.size_hint().1.unwrap_or(usize::MAX);
    let mut most = concurrency.most().min(most);
    let pool = WorkerPool {
        jobs: Mutex::new(jobs),
        outcomes: (0..most).map(|_| Mutex::new(None)).collect(),
        shared: Shared {
            concurrency,
            held: AtomicUsize::new(0),
            moved: (0..most).map(|_| AtomicU64::new(0)).collect(),
            stop: Arc::new(Cancel::below_current()),
            is_over: AtomicBool::new(false),
        },
    };
    thread::scope(|scope| {
        let (sender, ends) = mpsc::channel();
        let mut workers = Vec::new();
        let start = &mut || {
            while workers.len() < most && pool.shared.wants_more_than(workers.len()) {
                let (pool, work, sender, place) = (&pool, &work, sender.clone(), workers.len());
                // Boxed: a thread's start is a good deal of code, which is there once.
                let serve: Box<dyn FnOnce() + Send> =
                    Box::new(move || pool.serve(place, work, sender));
                match threads::start_scoped(scope, "transfer", serve) {
                    Ok(worker) => workers.push(worker),
                    // Those that are there do the work.
                    Err(_) if place > 0 => most = place,
                    Err(error) => return Err(error),
                }
            }
            Ok(workers.len())
        };
        // Caught, so that the workers are stopped before a panic of `watch` goes on.
        let heard = panics::catch(|| pool.listen(ends, start, &mut watch));
        let outcome = heard.and_then(|done| done);
        pool.shared.stop.request();
        for worker in workers {
            // The scope waits for the work alone; this waits for the thread. Panics are caught.
            let _ = worker.join();
        }
        outcome
    })
}

/// A job's way to those that watch over it.
pub(crate) struct Job<'a> {
    shared: &'a Shared<'a>,
    place: usize,
    /// Bytes moved by the jobs that this worker has done before.
    before: u64,
}

impl Job<'_> {
    /// `bytes` of this job have moved so far. An error when the work is to stop; nobody sees it.
    pub(crate) fn moved(&self, bytes: u64) -> Result<()> {
        self.shared.moved[self.place].store(self.before + bytes, Ordering::Relaxed);
        self.shared.stop.check()
    }
}

/// The place of a worker whose job has ended, and what is dropped once the watcher knows; none where the
/// worker itself ends. Of each type that a channel carries there is a copy of the channel's code: this one is
/// for all jobs.
type End = (usize, Option<Sender<Infallible>>);

/// A job and what became of it, until the watcher knows.
type Outcome<J, T> = Mutex<Option<(J, Result<T>)>>;

struct WorkerPool<'c, I: Iterator, T> {
    jobs: Mutex<I>,
    /// By worker.
    outcomes: Vec<Outcome<I::Item, T>>,
    shared: Shared<'c>,
}

/// What workers and watcher both look at.
struct Shared<'c> {
    concurrency: &'c Concurrency,
    /// Permits that the workers hold.
    held: AtomicUsize,
    /// Bytes, by worker.
    moved: Vec<AtomicU64>,
    /// Looked at by the transport too, where it waits for the peer.
    stop: Arc<Cancel>,
    /// No worker finds a job any more.
    is_over: AtomicBool,
}

impl Shared<'_> {
    fn moved(&self) -> u64 {
        self.moved.iter().map(|m| m.load(Ordering::Relaxed)).sum()
    }

    /// Whether there are permits that none of so many workers will take.
    fn wants_more_than(&self, workers: usize) -> bool {
        if workers == 0 {
            return true;
        }
        let idle = workers.saturating_sub(self.held.load(Ordering::Relaxed));
        !self.is_over.load(Ordering::Relaxed) && self.concurrency.left() > idle
    }
}

/// Tells that a worker ends, however that comes.
struct Leaving<'p> {
    is_over: &'p AtomicBool,
    ends: Sender<End>,
    place: usize,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = self.ends.send((self.place, None));
    }
}

impl<J, T, I: Iterator<Item = J>> WorkerPool<'_, I, T> {
    /// Hears of what the workers do, to the end or to the first failure. `start` starts those that are missing, and
    /// tells how many there are, with those that have ended.
    fn listen(
        &self,
        ends: Receiver<End>,
        start: &mut dyn FnMut() -> Result<usize>,
        watch: &mut impl FnMut(Event<J, T>) -> Result<()>,
    ) -> Result<()> {
        let (shared, mut ended, mut before) = (&self.shared, 0, 0);
        // Workers end when there is no job left, or when the call was cancelled before they took one.
        while ended < start()? {
            caller::run_errands()?;
            match ends.recv_timeout(GLANCE) {
                Ok((_, None)) => ended += 1,
                Ok((place, Some(heard))) => {
                    let ended = locked(&self.outcomes[place]).take();
                    let verdict = ended.map_or(Ok(()), |(job, outcome)| {
                        outcome.and_then(|outcome| watch(Event::Done(job, outcome)))
                    });
                    // Before the worker goes on to its next job.
                    verdict.inspect_err(|_| shared.stop.request())?;
                    drop(heard);
                }
                Err(RecvTimeoutError::Timeout) => {
                    shared.stop.check()?;
                    let moved = shared.moved();
                    shared.concurrency.moved(moved.saturating_sub(before));
                    before = moved;
                    watch(Event::Moved(moved))?;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        shared.stop.check()
    }

    /// The life of a worker.
    fn serve(&self, place: usize, work: &impl Fn(&J, &Job) -> Result<T>, ends: Sender<End>) {
        let shared = &self.shared;
        let leaving = Leaving {
            is_over: &shared.is_over,
            ends,
            place,
        };
        cancel::listen_to(&shared.stop);
        let mut is_connected = false;
        while shared.stop.check().is_ok() {
            let Some(item) = locked(&self.jobs).next() else {
                return;
            };
            // After the job: that may come from the caller, who takes all the time that he likes.
            let Ok(permit) = shared.concurrency.permit(&shared.held, &shared.stop) else {
                return;
            };
            let before = shared.moved[place].load(Ordering::Relaxed);
            let job = Job {
                shared,
                place,
                before,
            };
            let outcome = panics::catch(|| work(&item, &job)).and_then(|outcome| outcome);
            let moved = shared.moved[place].load(Ordering::Relaxed);
            match is_connected && outcome.is_ok() {
                true => permit.done(moved.saturating_sub(before)),
                false => drop(permit),
            }
            // The first job may have waited for a connection, which later ones do not.
            is_connected = true;
            *locked(&self.outcomes[place]) = Some((item, outcome));
            // No further job before this one was heard of: the watcher may want to end it all.
            let (heard, until_heard) = mpsc::channel::<Infallible>();
            if leaving.ends.send((place, Some(heard))).is_err() {
                return;
            }
            let _ = until_heard.recv();
        }
    }
}

fn locked<V>(value: &Mutex<V>) -> MutexGuard<'_, V> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Kind};
    use std::sync::atomic::AtomicUsize;
    use std::time::{Duration, Instant};

    #[test]
    fn every_job_is_done_once() {
        for threads in [1, 3, 50] {
            let mut seen = vec![0; 40];
            let work = |number: &u64, job: &Job| {
                job.moved(7)?;
                Ok(number * 2)
            };
            run(&Concurrency::fixed(threads), 0..40, work, |event| {
                match event {
                    Event::Moved(bytes) => assert!(bytes <= 7 * 40),
                    Event::Done(job, outcome) => {
                        assert_eq!(outcome, job * 2);
                        seen[job as usize] += 1;
                    }
                }
                Ok(())
            })
            .unwrap();
            assert_eq!(seen, vec![1; 40]);
        }
        let nothing = std::iter::empty::<()>();
        run(
            &Concurrency::fixed(4),
            nothing,
            |(), _| Ok(()),
            |_| panic!("nothing happens"),
        )
        .unwrap();
    }

    /// A cancel that comes before any worker takes a job.
    #[test]
    fn jobs_that_nobody_took_are_not_taken_for_done() {
        let over = Arc::new(Cancel::default());
        over.request();
        let _listening = cancel::listening_to(&over);
        let outcome = run(
            &Concurrency::fixed(3),
            0..40,
            |_: &u64, _| Ok(()),
            |_| Ok(()),
        );
        assert_eq!(outcome.unwrap_err().kind, Kind::Cancelled);
    }

    #[test]
    fn bytes_of_done_jobs_and_of_those_under_way_are_added_up() {
        let gate = Mutex::new(mpsc::channel::<()>());
        let work = |number: &u64, job: &Job| {
            job.moved(1000)?;
            job.moved(if *number < 3 { 10 } else { 1 })?;
            if *number == 3 {
                // Goes on when the sum has been seen.
                let _ = gate.lock().unwrap().1.recv();
            }
            Ok(())
        };
        let open = gate.lock().unwrap().0.clone();
        run(&Concurrency::fixed(1), 0..4, work, |event| {
            if matches!(event, Event::Moved(31)) {
                open.send(()).unwrap();
            }
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn the_first_failure_stops_the_rest_also_in_their_pauses() {
        let begun = Instant::now();
        let started = AtomicUsize::new(0);
        let work = |number: &u64, _: &Job| {
            started.fetch_add(1, Ordering::Relaxed);
            match number {
                2 => Err(Error::new(Kind::BadReply, "on purpose")),
                _ => cancel::pause(Duration::from_secs(60)),
            }
        };
        let error = run(&Concurrency::fixed(3), 0..1000, work, |_| Ok(())).unwrap_err();
        assert_eq!(error.message, "on purpose");
        assert!(begun.elapsed() < Duration::from_secs(30));
        // The one that failed may have taken another job before it was stopped.
        assert!(started.into_inner() <= 4);
    }

    #[test]
    fn the_watcher_can_cancel_while_nothing_moves() {
        let work = |_: &u64, _: &Job| cancel::pause(Duration::from_secs(60));
        let cancelled = run(&Concurrency::fixed(2), 0..2, work, |_| {
            Err(Error::new(Kind::Cancelled, "mine"))
        });
        assert_eq!(cancelled.unwrap_err().message, "mine");
    }

    #[test]
    fn a_panic_in_a_job_is_an_error() {
        let work = |number: &u64, _: &Job| -> Result<()> { panic!("job {number}") };
        let error = run(&Concurrency::fixed(1), 0..5, work, |_| Ok(())).unwrap_err();
        assert_eq!(error.code, -8);
        assert!(error.message.contains("job 0"), "{}", error.message);
    }

    #[test]
    fn a_panic_in_a_job_prints_nothing() {
        panics::prints_nothing(
            "base::workers::tests::a_panic_in_a_job_is_an_error",
            "job 0",
        );
    }
}
