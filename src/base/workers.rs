//! Threads that share the jobs of one transfer, while the thread that made the call watches over
//! them: it alone reports progress and can cancel. All of them have ended when `run` returns.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::base::caller;
use crate::base::cancel::{self, Cancel, GLANCE};
use crate::base::concurrency::Concurrency;
use crate::base::lock::lock;
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
    let most = concurrency.most().min(most);
    let jobs = Mutex::new(jobs);
    // By worker: what it does, and what became of it, until the watcher knows.
    let places: Vec<Mutex<Place<J, T>>> = (0..most).map(|_| Mutex::default()).collect();
    let pool = Pool {
        next: &|place| {
            let job = lock(&jobs).next();
            let found = job.is_some();
            lock(&places[place]).job = job;
            found
        },
        work: &|place, moves| {
            let job = lock(&places[place]).job.take().expect("it has found one");
            let outcome = panics::catch(|| work(&job, moves)).and_then(|outcome| outcome);
            let is_done = outcome.is_ok();
            lock(&places[place]).outcome = Some((job, outcome));
            is_done
        },
        shared: Shared {
            concurrency,
            held: AtomicUsize::new(0),
            moved: (0..most).map(|_| AtomicU64::new(0)).collect(),
            stop: Arc::new(Cancel::below_current()),
            is_over: AtomicBool::new(false),
        },
    };
    pool.run(&mut |told| match told {
        Told::Moved(bytes) => watch(Event::Moved(bytes)),
        Told::Done(place) => match lock(&places[place]).outcome.take() {
            Some((job, outcome)) => watch(Event::Done(job, outcome?)),
            None => Ok(()),
        },
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
/// worker itself ends.
type End = (usize, Option<Sender<Infallible>>);

struct Place<J, T> {
    job: Option<J>,
    outcome: Option<(J, Result<T>)>,
}

impl<J, T> Default for Place<J, T> {
    fn default() -> Place<J, T> {
        Place {
            job: None,
            outcome: None,
        }
    }
}

/// What the watcher is told of: the bytes of all, or the place where something has come of a job.
enum Told {
    Moved(u64),
    Done(usize),
}

/// The threads, to which all jobs are alike: of `run` there is a copy for each kind of them, of this one.
struct Pool<'a> {
    /// Finds a job for the worker at a place; whether there was one.
    next: &'a (dyn Fn(usize) -> bool + Sync),
    /// Does it; whether it succeeded.
    work: &'a (dyn Fn(usize, &Job) -> bool + Sync),
    shared: Shared<'a>,
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

impl Pool<'_> {
    fn run(&self, watch: &mut dyn FnMut(Told) -> Result<()>) -> Result<()> {
        let shared = &self.shared;
        let mut most = shared.moved.len();
        thread::scope(|scope| {
            let (sender, ends) = mpsc::channel();
            let mut workers = Vec::new();
            let start = &mut || {
                while workers.len() < most && shared.wants_more_than(workers.len()) {
                    let (sender, place) = (sender.clone(), workers.len());
                    // Boxed: a thread's start is a good deal of code, which is there once.
                    let serve: Box<dyn FnOnce() + Send> =
                        Box::new(move || self.serve(place, sender));
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
            let heard = panics::catch(|| self.listen(ends, start, watch));
            let outcome = heard.and_then(|done| done);
            shared.stop.request();
            for worker in workers {
                // The scope waits for the work alone; this waits for the thread. Panics are caught.
                let _ = worker.join();
            }
            outcome
        })
    }

    /// Hears of what the workers do, to the end or to the first failure. `start` starts those that are missing, and
    /// tells how many there are, with those that have ended.
    fn listen(
        &self,
        ends: Receiver<End>,
        start: &mut dyn FnMut() -> Result<usize>,
        watch: &mut dyn FnMut(Told) -> Result<()>,
    ) -> Result<()> {
        let (shared, mut ended, mut before) = (&self.shared, 0, 0);
        // Workers end when there is no job left, or when the call was cancelled before they took one.
        while ended < start()? {
            caller::run_errands()?;
            match ends.recv_timeout(GLANCE) {
                Ok((_, None)) => ended += 1,
                Ok((place, Some(heard))) => {
                    let verdict = watch(Told::Done(place));
                    // Before the worker goes on to its next job.
                    verdict.inspect_err(|_| shared.stop.request())?;
                    drop(heard);
                }
                Err(RecvTimeoutError::Timeout) => {
                    shared.stop.check()?;
                    let moved = shared.moved();
                    shared.concurrency.moved(moved.saturating_sub(before));
                    before = moved;
                    watch(Told::Moved(moved))?;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        shared.stop.check()
    }

    /// The life of a worker.
    fn serve(&self, place: usize, ends: Sender<End>) {
        let shared = &self.shared;
        let leaving = Leaving {
            is_over: &shared.is_over,
            ends,
            place,
        };
        cancel::listen_to(&shared.stop);
        while shared.stop.check().is_ok() {
            if !(self.next)(place) {
                return;
            }
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
            let is_done = (self.work)(place, &job);
            let moved = shared.moved[place].load(Ordering::Relaxed);
            match is_done {
                true => permit.done(moved.saturating_sub(before)),
                false => drop(permit),
            }
            // No further job before this one was heard of: the watcher may want to end it all.
            let (heard, until_heard) = mpsc::channel::<Infallible>();
            if leaving.ends.send((place, Some(heard))).is_err() {
                return;
            }
            let _ = until_heard.recv();
        }
    }
}
