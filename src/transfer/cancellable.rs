//! A call on a thread of its own, so that the thread that made it can report its progress ten times a
//! second and end it, whatever it waits for. A call that does not end when it is told to, because the
//! system holds it (a disk or a network file system that hangs), is left behind: it owns all that it
//! works with, and ends by itself as soon as the system lets it go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::progress::{Progress, Report};
use crate::base::cancel::{self, Cancel, GLANCE};
use crate::base::panics;
use crate::base::threads;
use crate::error::{Error, Kind, Result};
use crate::exchange::{Call, Exchange};
use crate::model::reply::Reply;

/// How long a call that is told to end may take to do so. It looks up every 0.1 s; with this a cancel
/// is obeyed within half a second, and the end of its time within one.
const AFTER_CANCEL: Duration = Duration::from_millis(300);
const AFTER_DEADLINE: Duration = Duration::from_millis(700);

/// The total as long as it is not known: more than any has, so that no caller takes it for the end or
/// half of it, and exact in JavaScript.
const UNKNOWN: u64 = (1 << 53) - 1;

/// Makes a call.
pub(crate) fn run_cancellable(
    exchange: &Arc<Exchange>,
    report: Option<&mut Report>,
    work: impl FnOnce(&Call, Progress) -> Result<Reply> + Send + 'static,
) -> Result<Reply> {
    let deadline = exchange.deadline();
    let cancel = Arc::new(Cancel::below(exchange.cancel()).until(deadline));
    cancel.check()?;
    let total = Arc::new(AtomicU64::new(0));
    let (events, heard) = mpsc::channel();
    let (answers, verdicts) = mpsc::channel();
    let is_watched = report.is_some();
    let (exchange, listened, announced) = (exchange.clone(), cancel.clone(), total.clone());
    let body = move || {
        cancel::listen_to(&listened);
        let outcome = panics::catch(|| {
            let report = &mut |done, total| ask(&events, &verdicts, done, total);
            let report = is_watched.then_some(report as &mut Report);
            work(
                &exchange.call_until(deadline),
                Progress::announcing(report, announced),
            )
        });
        drop(exchange);
        let _ = events.send(Event::Ended(outcome.and_then(|outcome| outcome)));
    };
    let thread = threads::start("call", body)?;
    let watch = Watch {
        report,
        deadline,
        cancel,
        total,
        answers,
        done: 0,
        ending: None,
    };
    let outcome = watch.over(&heard);
    if !matches!(outcome, Outcome::LeftBehind(_)) {
        // It has said its last word. Its panics are caught.
        let _ = thread.join();
    }
    match outcome {
        Outcome::Ended(outcome) => outcome,
        Outcome::LeftBehind(why) => Err(why),
    }
}

/// What the call's thread says to the one that watches.
enum Event {
    /// Bytes done and in all; it waits for a verdict.
    Moved(u64, u64),
    Ended(Result<Reply>),
}

fn ask(events: &Sender<Event>, verdicts: &Receiver<bool>, done: u64, total: u64) -> Result<()> {
    let told = events.send(Event::Moved(done, total));
    match told.is_ok() && verdicts.recv() == Ok(true) {
        true => Ok(()),
        false => Err(cancel::cancelled()),
    }
}

enum Outcome {
    Ended(Result<Reply>),
    LeftBehind(Error),
}

struct Watch<'a, 'r> {
    report: Option<&'a mut Report<'r>>,
    deadline: Option<Instant>,
    cancel: Arc<Cancel>,
    total: Arc<AtomicU64>,
    answers: Sender<bool>,
    /// As last reported.
    done: u64,
    /// Why the call is to end, and when it is left behind if it does not.
    ending: Option<(Error, Instant)>,
}

impl Watch<'_, '_> {
    fn over(mut self, heard: &Receiver<Event>) -> Outcome {
        loop {
            match heard.recv_timeout(self.pause()) {
                Ok(Event::Moved(done, total)) => {
                    self.done = done;
                    let go_on = self.report(total);
                    let _ = self.answers.send(go_on);
                }
                Ok(Event::Ended(outcome)) => {
                    return Outcome::Ended(outcome.map_err(|error| self.cancel.blamed(error)));
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(why) = self.is_spent() {
                        return Outcome::LeftBehind(why);
                    }
                    let total = self.total.load(Ordering::Relaxed);
                    // Only the last report has done == total.
                    self.report(if total > self.done { total } else { UNKNOWN });
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let problem = "a bug in libqcos, please report it: a call ended without a word";
                    return Outcome::Ended(Err(Error::new(Kind::Panic, problem)));
                }
            }
        }
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
        let Some(report) = &mut self.report else {
            return true;
        };
        match report(self.done, total) {
            Ok(()) => true,
            Err(why) => {
                self.cancel.request();
                self.ending = Some((why, Instant::now() + AFTER_CANCEL));
                false
            }
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
