//! Where the credentials of requests come from: given by the caller, or fetched from a source before the
//! first signature, and again before they end. One thread fetches them, or calls the caller back; the others
//! go on with the old ones as long as these are valid.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::{Attempts, Call, wait};
use crate::base::caller;
use crate::base::cancel::{self, GLANCE};
use crate::base::lock::{self, lock};
use crate::base::replaceable::Replaceable;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::model::Credentials;
use crate::transport::TimeLimits;

/// Gives credentials that end.
pub(crate) trait CredentialsSource: Send + Sync {
    /// `now` is the service's time.
    fn fetch(&self, now: u64, limits: TimeLimits) -> Result<Credentials>;
}

/// The caller's callback, which is told the handle of the client that makes the call.
pub(crate) type OnExpiry = dyn Fn(u64) -> Result<()> + Send + Sync;

/// A renewal that has brought nothing, while there is something to go on with, is not made again before.
const NOT_BEFORE: Duration = Duration::from_secs(10);

/// How long it may take where there is something to go on with: the call has other things to do.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) struct Provider {
    /// `None` until the source was asked.
    current: Replaceable<Credentials>,
    source: Option<Box<dyn CredentialsSource>>,
    on_expiry: Replaceable<OnExpiry>,
    renewal: Mutex<Renewal>,
    over: Condvar,
}

/// The last renewal, or the one under way.
#[derive(Default)]
struct Renewal {
    under_way: Option<ThreadId>,
    /// How many are over.
    over: u64,
    /// Why the last one has brought nothing, for all that have waited for it.
    failure: Option<Failure>,
    not_before: Option<Instant>,
}

struct Failure {
    kind: Kind,
    class: Option<ErrorClass>,
    message: String,
}

impl Provider {
    pub(crate) fn given(credentials: Credentials) -> Provider {
        Provider::new(Some(credentials), None)
    }

    pub(crate) fn fetched(source: Box<dyn CredentialsSource>) -> Provider {
        Provider::new(None, Some(source))
    }

    fn new(given: Option<Credentials>, source: Option<Box<dyn CredentialsSource>>) -> Provider {
        Provider {
            current: Replaceable::new(given.map(Arc::new)),
            source,
            on_expiry: Replaceable::default(),
            renewal: Mutex::default(),
            over: Condvar::new(),
        }
    }

    pub(super) fn current(&self) -> Option<Arc<Credentials>> {
        self.current.get()
    }

    /// From the next signature on.
    pub(super) fn set(&self, credentials: Credentials) {
        self.current.set(Some(Arc::new(credentials)));
        self.renewal().not_before = None;
        self.over.notify_all();
    }

    /// Whether others can come in the place of those that have ended.
    pub(super) fn renews(&self) -> bool {
        self.source.is_some() || self.on_expiry.get().is_some()
    }

    pub(super) fn has_source(&self) -> bool {
        self.source.is_some()
    }

    pub(super) fn set_on_expiry(&self, callback: Option<Box<OnExpiry>>) {
        self.on_expiry.set(callback.map(Arc::from));
    }

    /// Whether this thread is in a callback that renews them: it must not wait for itself.
    pub(super) fn is_renewing_here(&self) -> bool {
        self.on_expiry.get().is_some() && self.renewal().is_mine()
    }

    /// Lets the caller renew what is due; on the thread that made a call, under no lock.
    pub(super) fn call_back(&self, client: u64, now: impl FnOnce() -> u64) -> Result<()> {
        let (Some(callback), Some(due)) = (self.on_expiry.get(), self.current()) else {
            return Ok(());
        };
        if !due.is_due(now) {
            return Ok(());
        }
        let is_still_there = || self.current().is_some_and(|it| Arc::ptr_eq(&it, &due));
        let mut renewal = self.renewal();
        if renewal.under_way.is_some() || renewal.is_early() || !is_still_there() {
            return Ok(());
        }
        let mut under_way = self.begin(&mut renewal);
        drop(renewal);
        callback(client)?;
        if is_still_there() {
            under_way.not_before = later();
        }
        Ok(())
    }

    fn begin(&self, renewal: &mut Renewal) -> UnderWay<'_> {
        renewal.under_way = Some(thread::current().id());
        UnderWay {
            provider: self,
            failure: None,
            not_before: None,
        }
    }

    /// What a signature of this moment is made with.
    pub(super) fn credentials(&self, call: &Call) -> Result<Arc<Credentials>> {
        let is_good = |it: &Credentials| !it.is_due(|| call.exchange().now()) || !self.renews();
        match self.current() {
            Some(current) if is_good(&current) => Ok(current),
            _ => self.renewed(call),
        }
    }

    /// The service says that these are none, or none any more; whether there are others now.
    pub(super) fn replaced(&self, call: &Call, refused: &Arc<Credentials>) -> Result<bool> {
        refused.refuse();
        let now = self.credentials(call)?;
        Ok(!Arc::ptr_eq(&now, refused) && !now.is_refused())
    }

    fn renewed(&self, call: &Call) -> Result<Arc<Credentials>> {
        let over = self.renewal().over;
        loop {
            caller::run_errands()?;
            // Looked at while no renewal can end.
            let mut renewal = self.renewal();
            let (now, current) = (call.exchange().now(), self.current());
            if let Some(current) = current.as_ref().filter(|it| !it.is_due(|| now)) {
                return Ok(current.clone());
            }
            let valid = current.clone().filter(|it| it.is_valid(now));
            let (is_under_way, is_early) = (renewal.under_way.is_some(), renewal.is_early());
            let served = match &self.source {
                _ if is_under_way && (renewal.is_mine() || call.is_within_renewal()) => current,
                _ if is_under_way => valid.clone(),
                // A refusal may be wrong; the end of their time is not.
                Some(_) if is_early => current.filter(|it| !it.has_ended(now)),
                Some(_) => None,
                // The caller's thread has called back by now, if it was to.
                None if is_early || self.on_expiry.get().is_none() => current,
                None => valid.clone(),
            };
            if let Some(served) = served {
                return Ok(served);
            }
            match &self.source {
                Some(source) if !is_under_way => {
                    if let Some(failure) = renewal.failure.as_ref().filter(|_| renewal.over != over)
                    {
                        return Err(failure.error());
                    }
                    let under_way = self.begin(&mut renewal);
                    drop(renewal);
                    return self.renew(call, &**source, valid, under_way);
                }
                _ => {
                    drop(lock::wait(&self.over, renewal, GLANCE));
                    cancel::check()?;
                    if call.ends_within(Duration::ZERO) {
                        return Err(cancel::too_late());
                    }
                }
            }
        }
    }

    /// Asks the source; what is `valid` serves if that brings nothing.
    fn renew(
        &self,
        call: &Call,
        source: &dyn CredentialsSource,
        valid: Option<Arc<Credentials>>,
        mut under_way: UnderWay,
    ) -> Result<Arc<Credentials>> {
        let fetched = match valid {
            Some(_) => once(call, source),
            None => with_retries(call, source),
        };
        match (fetched, valid) {
            (Ok(fetched), _) => {
                let before = self.current().filter(|before| before.is_refused());
                if before.is_some_and(|before| before.is_same(&fetched)) {
                    fetched.refuse();
                    under_way.not_before = later();
                }
                let fetched = Arc::new(fetched);
                self.current.set(Some(fetched.clone()));
                Ok(fetched)
            }
            (Err(_), Some(valid)) => {
                under_way.not_before = later();
                Ok(valid)
            }
            (Err(error), None) => {
                // What ends this call alone is nobody else's failure.
                let is_own = cancel::check().is_err() || call.ends_within(Duration::ZERO);
                under_way.failure = (!is_own).then(|| Failure::of(&error));
                Err(error)
            }
        }
    }

    fn renewal(&self) -> MutexGuard<'_, Renewal> {
        lock(&self.renewal)
    }
}

fn later() -> Option<Instant> {
    Some(Instant::now() + NOT_BEFORE)
}

fn once(call: &Call, source: &dyn CredentialsSource) -> Result<Credentials> {
    let exchange = call.exchange();
    let soon = Instant::now() + PATIENCE;
    let deadline = call.deadline().map_or(soon, |deadline| deadline.min(soon));
    let mut limits = exchange.time_limits(Some(deadline));
    limits.connect = limits.connect.min(PATIENCE);
    limits.io = limits.io.min(PATIENCE);
    source.fetch(exchange.now(), limits)
}

fn with_retries(call: &Call, source: &dyn CredentialsSource) -> Result<Credentials> {
    let exchange = call.exchange();
    let mut attempts = Attempts::of(call);
    loop {
        let limits = exchange.time_limits(call.deadline());
        match source.fetch(exchange.now(), limits) {
            Ok(fetched) => {
                attempts.succeeded();
                return Ok(fetched);
            }
            Err(error) => wait(attempts.failed(error, true)?, &mut || Ok(()))?,
        }
    }
}

impl Renewal {
    fn is_mine(&self) -> bool {
        self.under_way == Some(thread::current().id())
    }

    fn is_early(&self) -> bool {
        self.not_before.is_some_and(|at| Instant::now() < at)
    }
}

impl Failure {
    fn of(error: &Error) -> Failure {
        Failure {
            kind: error.kind,
            class: error.class,
            message: error.message.clone(),
        }
    }

    fn error(&self) -> Error {
        let mut error = Error::new(self.kind, self.message.clone());
        error.class = self.class;
        error
    }
}

/// A renewal, which is over when this is dropped, whatever has ended it.
struct UnderWay<'p> {
    provider: &'p Provider,
    failure: Option<Failure>,
    not_before: Option<Instant>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut renewal = self.provider.renewal();
        renewal.under_way = None;
        renewal.over += 1;
        renewal.failure = self.failure.take();
        renewal.not_before = self.not_before;
        drop(renewal);
        self.provider.over.notify_all();
    }
}
