//! What a caller is told of every attempt: gathered where attempts are made, and handed over on the thread
//! that made the call.

use std::cell::Cell;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::secrets::Secrets;
use super::{Signer, request_id};
use crate::base::caller;
use crate::base::cancel::{self, GLANCE};
use crate::base::lock::{self, lock};
use crate::base::replaceable::Replaceable;
use crate::base::time;
use crate::error::{Error, Result};
use crate::model::{TraceEvent, TracedFailure};
use crate::transport::{Headers, Request, steps};

/// The caller's callback, with an event as JSON text.
pub(crate) type OnTrace = dyn Fn(&str) -> Result<()> + Send + Sync;

/// Events that wait at most: some 500 bytes each. Attempts then wait for the caller's thread.
const EVENTS_MAX: usize = 1_000;

thread_local! {
    static IS_TELLING: Cell<bool> = const { Cell::new(false) };
}

/// The callback of a client, or of the one that it is derived from.
#[derive(Default)]
pub(super) struct Trace {
    own: Replaceable<OnTrace>,
    above: Option<Arc<Trace>>,
}

impl Trace {
    pub(super) fn below(above: &Arc<Trace>) -> Trace {
        Trace {
            own: Replaceable::default(),
            above: Some(above.clone()),
        }
    }

    pub(super) fn set(&self, callback: Option<Box<OnTrace>>) {
        self.own.set(callback.map(Arc::from));
    }

    fn callback(&self) -> Option<Arc<OnTrace>> {
        let above = || self.above.as_ref().and_then(|above| above.callback());
        self.own.get().or_else(above)
    }

    /// For the events of a call that begins now; none of one that such a callback makes: it would never
    /// end.
    pub(super) fn events(&self) -> Option<Arc<Events>> {
        if IS_TELLING.get() {
            return None;
        }
        let callback = self.callback()?;
        Some(Arc::new(Events {
            callback,
            waiting: Mutex::default(),
            taken: Condvar::new(),
        }))
    }
}

/// The events of one call, on their way to the thread that made it.
pub(super) struct Events {
    callback: Arc<OnTrace>,
    waiting: Mutex<Vec<TraceEvent>>,
    taken: Condvar,
}

impl Events {
    /// Called on the thread that made the call.
    pub(super) fn deliver(&self) -> Result<()> {
        let events = mem::take(&mut *self.waiting());
        self.taken.notify_all();
        let _telling = Telling::begin();
        events
            .iter()
            .try_for_each(|event| (self.callback)(&event.to_json()))
    }

    /// Waits while the caller's thread has too many of them before it; never longer than the call.
    fn add(&self, event: TraceEvent) {
        loop {
            let mut waiting = self.waiting();
            if waiting.len() < EVENTS_MAX || cancel::check().is_err() {
                waiting.push(event);
                break;
            }
            drop(lock::wait(&self.taken, waiting, GLANCE));
            told_here();
        }
        told_here();
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<TraceEvent>> {
        lock(&self.waiting)
    }
}

/// Hands over what waits, if this is the caller's thread. What ends the call there is seen by whatever
/// comes next.
fn told_here() {
    let _ = caller::run_errands();
}

/// This thread is in the callback.
struct Telling {
    before: bool,
}

impl Telling {
    fn begin() -> Telling {
        Telling {
            before: IS_TELLING.replace(true),
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        IS_TELLING.set(self.before);
    }
}

/// The attempt under way.
pub(super) struct Traced {
    events: Arc<Events>,
    event: TraceEvent,
    begun: Instant,
    secrets: Secrets,
    /// The steps are known.
    is_answered: bool,
}

impl Traced {
    pub(super) fn begin(
        events: &Arc<Events>,
        signer: &Signer,
        (request, signature): (&Request, &str),
        attempt: u32,
    ) -> Traced {
        let (_, place) = request.url.split_once("://").unwrap_or_default();
        let (host, place) = place.split_at(place.find('/').unwrap_or(place.len()));
        let (path, query) = place.split_once('?').unwrap_or((place, ""));
        let secrets = signer.secrets(signature).with_keys_of(request);
        let event = TraceEvent {
            time_ms: time::now_ms(),
            attempt,
            method: request.method,
            host: secrets.without(host),
            path: secrets.without(path),
            query: secrets.without(query),
            status: 0,
            request_id: None,
            failure: None,
            received: 0,
            steps: steps::begin(),
            whole: Duration::ZERO,
        };
        Traced {
            events: events.clone(),
            event,
            begun: Instant::now(),
            secrets,
            is_answered: false,
        }
    }

    /// On the thread that has sent the request, as the next.
    pub(super) fn answered(&mut self, status: u16, headers: &Headers) {
        self.is_answered = true;
        self.event.status = status;
        self.event.steps = steps::last();
        let number = request_id::of(headers);
        self.event.request_id = number.map(|number| self.secrets.without(number));
    }

    pub(super) fn received(&mut self, bytes: u64) {
        self.event.received = bytes;
    }

    pub(super) fn ended(mut self, failure: Option<(&Error, Option<Duration>)>) {
        if !self.is_answered {
            self.event.steps = steps::last();
        }
        self.event.failure = failure.map(|(error, pause)| TracedFailure {
            code: error.code,
            message: self.secrets.without(&error.message),
            pause,
        });
        self.event.whole = self.begun.elapsed();
        self.events.add(self.event);
    }
}
