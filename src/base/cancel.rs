//! Ends what a call waits for: because somebody has cancelled it, or because its time is over. The
//! HTTP library hands nothing of a request down to its sockets, so a thread carries what it listens
//! to with it.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::base::lock::{self, lock};
use crate::error::{Error, Kind, Result};

/// The longest that anything waits before it looks whether it is to end.
pub(crate) const GLANCE: Duration = Duration::from_millis(100);

/// What the threads of a call listen to, and, above it, the calls of a client.
#[derive(Default)]
pub(crate) struct Cancel {
    requested: AtomicBool,
    deadline: Option<Instant>,
    /// It ends with this one, too.
    above: Option<Arc<Cancel>>,
    pausing: Mutex<()>,
    wake: Condvar,
}

impl Cancel {
    /// Ends with another one, or before.
    pub(crate) fn below(above: &Arc<Cancel>) -> Cancel {
        Cancel {
            above: Some(above.clone()),
            ..Cancel::default()
        }
    }

    /// The same with what this thread listens to.
    pub(crate) fn below_current() -> Cancel {
        Cancel {
            above: current(),
            ..Cancel::default()
        }
    }

    /// Ends by itself at `deadline`.
    pub(crate) fn until(self, deadline: Option<Instant>) -> Cancel {
        Cancel { deadline, ..self }
    }

    pub(crate) fn request(&self) {
        self.requested.store(true, Ordering::Relaxed);
        // Nobody is between its look at the flag and its waiting while this is held.
        let _pausing = lock(&self.pausing);
        self.wake.notify_all();
    }

    /// An error when the work is to end.
    pub(crate) fn check(&self) -> Result<()> {
        if self.requested.load(Ordering::Relaxed) {
            return Err(cancelled());
        }
        if self.deadline.is_some_and(|at| Instant::now() >= at) {
            return Err(too_late());
        }
        self.above.as_ref().map_or(Ok(()), |above| above.check())
    }

    /// Why a call has failed: because it was cancelled, whatever came of that. How far it came is still
    /// worth knowing.
    pub(crate) fn blamed(&self, error: Error) -> Error {
        match self.check() {
            Err(mut why) if why.kind == Kind::Cancelled && error.kind != Kind::Cancelled => {
                why.data = error.data.clone();
                why
            }
            _ => error,
        }
    }

    /// Waits for some time, or until the work is to end.
    pub(crate) fn pause(&self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            let pausing = lock(&self.pausing);
            if !self.requested.load(Ordering::Relaxed) {
                // In steps: what is above has a bell of its own.
                drop(lock::wait(&self.wake, pausing, left.min(GLANCE)));
            }
        }
    }
}

/// A callback or another thread has cancelled it.
pub(crate) fn cancelled() -> Error {
    Error::new(Kind::Cancelled, "the caller has cancelled the call")
}

/// The time of a whole call is over.
pub(crate) fn too_late() -> Error {
    Error::new(
        Kind::Timeout,
        "the call took longer than the option timeout_ms allows",
    )
}

thread_local! {
    static LISTENED: RefCell<Option<Arc<Cancel>>> = const { RefCell::new(None) };
}

/// For the rest of this thread's life.
pub(crate) fn listen_to(cancel: &Arc<Cancel>) {
    LISTENED.set(Some(cancel.clone()));
}

/// For as long as the guard lives. A callback may make another client's call meanwhile.
pub(crate) fn listening_to(cancel: &Arc<Cancel>) -> Listening {
    Listening {
        before: LISTENED.replace(Some(cancel.clone())),
    }
}

/// Does something that what this thread listens to does not end; its own time is short.
pub(crate) fn apart<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
    let own = Cancel::default().until(Some(Instant::now() + limit));
    let _listening = listening_to(&Arc::new(own));
    work()
}

pub(crate) struct Listening {
    before: Option<Arc<Cancel>>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENED.set(self.before.take());
    }
}

/// What this thread listens to, if to anything.
pub(crate) fn current() -> Option<Arc<Cancel>> {
    LISTENED.with_borrow(Clone::clone)
}

/// Whether this thread has to look up from its waiting now and then.
pub(crate) fn is_possible() -> bool {
    LISTENED.with_borrow(Option::is_some)
}

/// An error when this thread's work is to end.
pub(crate) fn check() -> Result<()> {
    LISTENED.with_borrow(|cancel| cancel.as_ref().map_or(Ok(()), |cancel| cancel.check()))
}

/// Waits for some time, or until this thread's work is to end.
pub(crate) fn pause(time: Duration) -> Result<()> {
    match current() {
        Some(cancel) => cancel.pause(time),
        None => {
            std::thread::sleep(time);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_ends_with_what_is_above() {
        let call = Arc::new(Cancel::default());
        listen_to(&call);
        let transfer = Cancel::below_current();
        assert!(transfer.check().is_ok() && check().is_ok());
        call.request();
        assert_eq!(transfer.check().unwrap_err().code, -5);
        assert_eq!(check().unwrap_err().code, -5);
        assert_eq!(
            transfer.pause(Duration::from_secs(3600)).unwrap_err().code,
            -5
        );
    }

    #[test]
    fn time_ends_it_too() {
        let over = Cancel::default().until(Some(Instant::now()));
        assert_eq!(over.check().unwrap_err().kind, Kind::Timeout);
        let later = Cancel::default().until(Some(Instant::now() + Duration::from_millis(1)));
        assert_eq!(later.pause(Duration::from_secs(60)).unwrap_err().code, -2);
    }

    #[test]
    fn a_call_within_a_callback_listens_to_its_own_client() {
        let [outer, inner] = [(); 2].map(|()| Arc::new(Cancel::default()));
        let listening = listening_to(&outer);
        outer.request();
        {
            let _listening = listening_to(&inner);
            assert!(check().is_ok());
        }
        assert!(check().is_err());
        drop(listening);
        assert!(check().is_ok());
    }
}
