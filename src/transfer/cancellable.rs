//! A call on a thread of its own, so that the thread that made it can report its progress ten times a
//! second and end it, whatever it waits for. A call that does not end when it is told to, because the
//! system holds it (a disk or a network file system that hangs), is left behind: it owns all that it
//! works with, and ends by itself as soon as the system lets it go.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::block::Block;
use super::progress::{Announced, Progress, Report, UNKNOWN};
use super::stream_reader::{Read, StreamReader};
use crate::base::caller;
use crate::base::cancel::{self, Cancel, GLANCE};
use crate::base::panics;
use crate::base::threads;
use crate::error::{Error, Kind, Result};
use crate::exchange::{Call, Exchange, Origin};
use crate::model::reply::Reply;

/// How long a call that is told to end may take to do so. It looks up every 0.1 s; with this a cancel
/// is obeyed within half a second, and the end of its time within one.
const AFTER_CANCEL: Duration = Duration::from_millis(300);
const AFTER_DEADLINE: Duration = Duration::from_millis(700);

/// What the caller wants to be asked during a call, on its own thread.
#[derive(Default)]
pub(crate) struct Callbacks<'a, 'p, 'r> {
    pub(crate) report: Option<&'a mut Report<'p>>,
    pub(crate) read: Option<&'a mut Read<'r>>,
}

/// What a call does on its thread. Boxed, so that there is one copy of what is around it.
type Work<'w> = Box<dyn FnOnce(&Call, Progress, StreamReader) -> Result<Reply> + Send + 'w>;

/// Makes a call that owns all that it works with.
pub(crate) fn run_cancellable(
    exchange: &Arc<Exchange>,
    origin: &Origin,
    callbacks: Callbacks,
    work: Work<'static>,
) -> Result<Reply> {
    let (watch, inside) = Watch::new(exchange, origin, callbacks)?;
    let thread = threads::start("call", || inside.run(work))?;
    let outcome = watch.over();
    if !matches!(outcome, Outcome::LeftBehind(_)) {
        // It has said its last word. Its panics are caught.
        let _ = thread.join();
    }
    outcome.reply()
}

/// Makes a call that works with what is the caller's: it is never left behind, so no file may be in it.
pub(crate) fn run_borrowing(
    exchange: &Arc<Exchange>,
    origin: &Origin,
    callbacks: Callbacks,
    work: Work,
) -> Result<Reply> {
    let (watch, inside) = Watch::new(exchange, origin, callbacks)?;
    thread::scope(|scope| {
        let thread = threads::start_scoped(scope, "call", || inside.run(work))?;
        let outcome = watch.over();
        // The scope waits for the work alone; this waits for the thread. Panics are caught.
        let _ = thread.join();
        outcome.reply()
    })
}

/// The call's side: what it works with, and its way to the thread that watches.
struct Inside {
    exchange: Arc<Exchange>,
    origin: Origin,
    cancel: Arc<Cancel>,
    announced: Arc<Announced>,
    is_watched: bool,
    events: Sender<Event>,
    verdicts: Receiver<bool>,
    blocks: Receiver<Result<(Block, bool)>>,
}

impl Inside {
    /// The life of the call's thread.
    fn run(self, work: Work) {
        let Inside {
            exchange,
            origin,
            events,
            verdicts,
            blocks,
            ..
        } = self;
        cancel::listen_to(&self.cancel);
        let reader = events.clone();
        let outcome = panics::catch(|| {
            let report = &mut |done, total| ask(&events, &verdicts, done, total);
            let report = self.is_watched.then_some(report as &mut Report);
            work(
                &exchange.call(origin),
                Progress::announcing(report, self.announced),
                StreamReader::new(move |block, size| fill(&reader, &blocks, block, size)),
            )
        });
        drop(exchange);
        let _ = events.send(Event::Ended(outcome.and_then(|outcome| outcome)));
    }
}

/// What the call's thread says to the one that watches.
enum Event {
    /// Bytes done and in all; it waits for a verdict.
    Moved(u64, u64),
    /// The next bytes of a stream are wanted: a block to be filled up to a size; it waits for it.
    Wanted(Block, usize),
    Ended(Result<Reply>),
}

fn ask(events: &Sender<Event>, verdicts: &Receiver<bool>, done: u64, total: u64) -> Result<()> {
    let reported = events.send(Event::Moved(done, total));
    match reported.is_ok() && verdicts.recv() == Ok(true) {
        true => Ok(()),
        false => Err(cancel::cancelled()),
    }
}

fn fill(
    events: &Sender<Event>,
    blocks: &Receiver<Result<(Block, bool)>>,
    block: Block,
    size: usize,
) -> Result<(Block, bool)> {
    let reported = events.send(Event::Wanted(block, size));
    reported.map_err(|_| cancel::cancelled())?;
    blocks.recv().unwrap_or_else(|_| Err(cancel::cancelled()))
}

enum Outcome {
    Ended(Result<Reply>),
    LeftBehind(Error),
}

impl Outcome {
    fn reply(self) -> Result<Reply> {
        match self {
            Outcome::Ended(outcome) => outcome,
            Outcome::LeftBehind(why) => Err(why),
        }
    }
}

struct Watch<'a, 'p, 'r> {
    callbacks: Callbacks<'a, 'p, 'r>,
    deadline: Option<Instant>,
    cancel: Arc<Cancel>,
    announced: Arc<Announced>,
    events: Receiver<Event>,
    answers: Sender<bool>,
    filled: Sender<Result<(Block, bool)>>,
    /// As last reported.
    done: u64,
    /// The last report of all was made.
    has_finished: bool,
    /// Why the call is to end, and when it is left behind if it does not.
    ending: Option<(Error, Instant)>,
}

impl<'a, 'p, 'r> Watch<'a, 'p, 'r> {
    fn new(
        exchange: &Arc<Exchange>,
        origin: &Origin,
        callbacks: Callbacks<'a, 'p, 'r>,
    ) -> Result<(Watch<'a, 'p, 'r>, Inside)> {
        let deadline = origin.deadline;
        let cancel = Arc::new(Cancel::below(exchange.cancel()).until(deadline));
        cancel.check()?;
        let announced = Arc::<Announced>::default();
        let (events, heard) = mpsc::channel();
        let (answers, verdicts) = mpsc::channel();
        let (filled, blocks) = mpsc::channel();
        let inside = Inside {
            exchange: exchange.clone(),
            origin: origin.clone(),
            cancel: cancel.clone(),
            announced: announced.clone(),
            is_watched: callbacks.report.is_some(),
            events,
            verdicts,
            blocks,
        };
        let watch = Watch {
            callbacks,
            deadline,
            cancel,
            announced,
            events: heard,
            answers,
            filled,
            done: 0,
            has_finished: false,
            ending: None,
        };
        Ok((watch, inside))
    }

    /// Until the call has ended, or is left behind.
    fn over(mut self) -> Outcome {
        loop {
            self.run_errands();
            match self.events.recv_timeout(self.pause()) {
                Ok(Event::Moved(done, total)) => {
                    self.done = done;
                    let go_on = self.report(total);
                    self.has_finished = done == total;
                    let _ = self.answers.send(go_on);
                }
                Ok(Event::Wanted(block, size)) => {
                    let filled = self.fill(block, size);
                    let _ = self.filled.send(filled);
                }
                Ok(Event::Ended(outcome)) => {
                    return Outcome::Ended(outcome.map_err(|error| self.blamed(error)));
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(why) = self.is_spent() {
                        return Outcome::LeftBehind(why);
                    }
                    let total = self.announced.total.load(Ordering::Relaxed);
                    self.done = self.done.max(self.announced.done.load(Ordering::Relaxed));
                    // Only the last report has done == total.
                    if !self.has_finished {
                        self.report(if total > self.done { total } else { UNKNOWN });
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let problem = "a bug in libqcos, please report it: a call ended without a word";
                    return Outcome::Ended(Err(Error::new(Kind::Panic, problem)));
                }
            }
        }
    }

    /// Does for the call what only this thread may.
    fn run_errands(&mut self) {
        if self.ending.is_none() {
            if let Err(why) = caller::run_errands() {
                self.end(why);
            }
        }
    }

    /// A callback wants no more.
    fn end(&mut self, why: Error) {
        self.cancel.request();
        self.ending = Some((why, Instant::now() + AFTER_CANCEL));
    }

    /// How long to wait for the next word.
    fn pause(&self) -> Duration {
        let until = match (&self.ending, self.deadline) {
            (Some((_, left_behind)), _) => Some(*left_behind),
            (None, deadline) => deadline,
        };
        let left = until.map(|at| at.saturating_duration_since(Instant::now()));
        left.map_or(GLANCE, |left| left.min(GLANCE))
    }

    /// Tells the caller, unless the call is to end already. Whether it goes on.
    fn report(&mut self, total: u64) -> bool {
        if matches!(&self.ending, Some((why, _)) if why.kind == Kind::Cancelled) {
            return false;
        }
        let Some(report) = &mut self.callbacks.report else {
            return true;
        };
        match report(self.done, total) {
            Ok(()) => true,
            Err(why) => {
                self.end(why);
                false
            }
        }
    }

    /// Lets the caller fill a block, for a moment.
    fn fill(&mut self, mut block: Block, size: usize) -> Result<(Block, bool)> {
        let begun = Instant::now();
        block.reserve(size)?;
        while block.filled < size && begun.elapsed() < GLANCE {
            self.cancel.check()?;
            let Some(read) = &mut self.callbacks.read else {
                return Ok((block, true));
            };
            match read(&mut block.memory[block.filled..size]) {
                Ok(0) => return Ok((block, true)),
                Ok(bytes) => block.filled += bytes,
                Err(why) => {
                    self.end(why);
                    return Err(cancel::cancelled());
                }
            }
        }
        Ok((block, false))
    }

    /// Why the call has failed: because of a callback, or of a cancel, whatever came of that.
    fn blamed(&mut self, error: Error) -> Error {
        match self.ending.take() {
            // What it has left, a later call may go on with.
            Some((mut why, _)) if why.kind == Kind::Parameter => {
                why.data = error.data.clone();
                why
            }
            _ => self.cancel.blamed(error),
        }
    }

    /// Why the call is left behind, if it is time to.
    fn is_spent(&mut self) -> Option<Error> {
        let now = Instant::now();
        if let (None, Err(why)) = (&self.ending, self.cancel.check()) {
            // It sees by itself that its time is over, or that its client was cancelled: up to a glance
            // ago.
            let grace = match why.kind {
                Kind::Cancelled => AFTER_CANCEL - GLANCE,
                _ => AFTER_DEADLINE,
            };
            self.ending = Some((why, now + grace));
        }
        self.ending
            .take_if(|(_, at)| now >= *at)
            .map(|(why, _)| why)
    }
}
