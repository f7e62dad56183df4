//! One call of the library's user, of one request or many.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::trace::Events;
use super::{Attempts, Exchange, Signer, request_id};
use crate::base::cancel::{self, GLANCE};
use crate::base::lock::lock;
use crate::error::{Error, Result};
use crate::model::encryption::KEY_HEADERS;
use crate::model::{Answer, Effort};
use crate::transport::{Request, Response};

/// Longer than any.
const REQUEST_NUMBER_BYTES: usize = 64;

/// When what was written is looked at again that is not seen yet, in milliseconds: for two seconds.
const LOOKS_AGAIN_MS: [u64; 5] = [100, 200, 400, 600, 700];

/// What one request asks, in the words of a dialect.
pub(crate) trait ApiRequest {
    type Answer;

    /// The request of one attempt, signed anew: a one-time signature is never sent twice, and none
    /// grows old.
    fn request(&self, signer: &Signer) -> Result<Request<'_>>;

    /// Understands the answer. Its errors are searched for secrets by the caller; a success must hold
    /// none.
    fn read(&self, response: Response, request: &Request) -> Result<Self::Answer>;

    /// Whether carrying it out twice does no more than carrying it out once. When nobody knows what
    /// became of one that is not, the error of the next attempt is `maybe_applied`.
    fn is_idempotent(&self) -> bool;

    /// Whether another attempt may follow one that is not idempotent, and of which nobody knows what
    /// became: `reconcile` finds it out, or the refusal of the next one tells.
    fn is_reconcilable(&self) -> bool {
        true
    }

    /// Called when an earlier attempt may have been carried out and another one is to follow: its answer
    /// if it was, an error if it must not be tried again.
    fn reconcile(&self, _: &Call) -> Result<Option<Self::Answer>> {
        Ok(None)
    }
}

/// One call of the library's user, of one request or many.
pub(crate) struct Call<'c> {
    exchange: &'c Exchange,
    /// The service's number for the last request.
    request_id: Mutex<Option<String>>,
    origin: Origin,
}

/// What a call has from the thread that made it, for those that carry it out.
#[derive(Clone)]
pub(crate) struct Origin {
    /// When it must be over.
    pub(crate) deadline: Option<Instant>,
    /// Made by the callback that renews the credentials: it must not wait for that.
    pub(super) is_within_renewal: bool,
    /// Where the caller wants to be told of attempts.
    pub(super) events: Option<Arc<Events>>,
    begun: Instant,
    /// At all its requests.
    attempts: Arc<AtomicU32>,
}

impl Origin {
    /// A call of an exchange begins now.
    pub(super) fn new(
        timeout: Option<Duration>,
        is_within_renewal: bool,
        events: Option<Arc<Events>>,
    ) -> Origin {
        let begun = Instant::now();
        Origin {
            deadline: timeout.map(|timeout| begun + timeout),
            is_within_renewal,
            events,
            begun,
            attempts: Arc::default(),
        }
    }

    /// What the call has taken so far.
    pub(crate) fn effort(&self) -> Effort {
        Effort {
            attempts: self.attempts.load(Ordering::Relaxed),
            elapsed: self.begun.elapsed(),
        }
    }

    /// Tells the caller of the attempts so far; on the thread that made the call.
    pub(crate) fn tell(&self) -> Result<()> {
        let events = self.events.as_ref();
        events.map_or(Ok(()), |events| events.deliver())
    }
}

impl<'c> Call<'c> {
    pub(super) fn new(exchange: &'c Exchange, origin: Origin) -> Call<'c> {
        Call {
            exchange,
            request_id: Mutex::new(None),
            origin,
        }
    }
}

impl Call<'_> {
    pub(crate) fn exchange(&self) -> &Exchange {
        self.exchange
    }

    /// The service's number for the last request that it has answered, where it gives one.
    pub(crate) fn request_id(&self) -> Option<String> {
        lock(&self.request_id).clone()
    }

    /// What an attempt is signed with that begins now.
    pub(crate) fn signer(&self) -> Result<Signer<'_>> {
        let credentials = self.exchange.shared.provider.credentials(self)?;
        Ok(Signer::new(self.exchange, credentials))
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.origin.deadline
    }

    pub(super) fn is_within_renewal(&self) -> bool {
        self.origin.is_within_renewal
    }

    /// Another attempt begins.
    pub(super) fn count(&self) {
        self.origin.attempts.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn events(&self) -> Option<&Arc<Events>> {
        self.origin.events.as_ref()
    }

    /// What is to be done for it, with a time of its own.
    pub(crate) fn until(&self, deadline: Instant) -> Call<'_> {
        let origin = Origin {
            deadline: Some(deadline),
            ..self.origin.clone()
        };
        Call::new(self.exchange, origin)
    }

    /// What the call answers; with the number of the last request, where the answer has none of its own.
    pub(crate) fn answer<T>(&self, answer: Answer<T>) -> Answer<T> {
        let request_id = answer.request_id.clone();
        answer.with_request_id(request_id.or_else(|| self.request_id()))
    }

    /// Sends a request and reads the answer, with as many attempts as are allowed and of use. `sent` is
    /// told how many bytes of content are on their way; its error ends the call.
    pub(crate) fn send<R: ApiRequest>(
        &self,
        request: &R,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<R::Answer> {
        let mut attempts = Attempts::of(self);
        if !request.is_reconcilable() {
            attempts.end_at_unknown();
        }
        loop {
            let signer = attempts.signer(&mut || sent(0))?;
            let error = match self.attempt(request, &signer, &mut attempts, sent) {
                Ok(answer) => {
                    attempts.succeeded();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            wait_after(error, request.is_idempotent(), &mut attempts, sent)?;
            if attempts.maybe_applied() {
                if let Some(answer) = request.reconcile(self)? {
                    return Ok(answer);
                }
            }
        }
    }

    /// Sends a request without content to tell of.
    pub(crate) fn ask<R: ApiRequest>(&self, request: &R) -> Result<R::Answer> {
        self.send(request, &mut |_| Ok(()))
    }

    /// Looks at what the service holds until `is_so`, for a moment: what was written may not be seen at
    /// once. `tick` is called while it waits; false if it never was so.
    pub(crate) fn poll_until(
        &self,
        tick: &mut dyn FnMut() -> Result<()>,
        is_so: &mut dyn FnMut() -> Result<bool>,
    ) -> Result<bool> {
        for pause in LOOKS_AGAIN_MS.map(Duration::from_millis) {
            if is_so()? {
                return Ok(true);
            }
            if self.ends_within(pause) {
                return Ok(false);
            }
            wait(pause, tick)?;
        }
        is_so()
    }

    /// Whether its time is over before it has waited so long.
    pub(crate) fn ends_within(&self, pause: Duration) -> bool {
        let deadline = self.deadline();
        deadline.is_some_and(|deadline| Instant::now() + pause >= deadline)
    }

    fn attempt<R: ApiRequest>(
        &self,
        request: &R,
        signer: &Signer,
        attempts: &mut Attempts,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<R::Answer> {
        let built = request.request(signer)?;
        let response = self.exchange_once(&built, signer, attempts, sent);
        let answer = response.and_then(|response| request.read(response, &built));
        answer.map_err(|error| hidden(error, signer, &built))
    }

    /// What no request has an own way of: once in the library.
    #[inline(never)]
    fn exchange_once(
        &self,
        built: &Request,
        signer: &Signer,
        attempts: &mut Attempts,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Response> {
        cancel::check()?;
        let exchange = self.exchange;
        attempts.begin(signer, built, &built.signature);
        let limits = exchange.time_limits(self.deadline());
        let mut response = exchange.transport().send(built, limits, sent)?;
        hide_in_number(signer, built, &mut response);
        if exchange.shared.clock.is_adjusted() {
            response
                .date()
                .inspect(|date| exchange.shared.clock.check(*date));
        }
        attempts.answered(response.status, &response.headers);
        attempts.received(response.body.len() as u64);
        self.note(&response);
        Ok(response)
    }

    fn note(&self, response: &Response) {
        if let Some(id) = request_id::of(&response.headers) {
            *lock(&self.request_id) = Some(id.to_owned());
        }
    }
}

/// Waits for the next attempt, if there is to be one. Like the following once in the library, whatever the
/// request.
#[inline(never)]
fn wait_after(
    error: Error,
    is_idempotent: bool,
    attempts: &mut Attempts,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<()> {
    let pause = attempts.failed(error, is_idempotent)?;
    wait(pause, &mut || sent(0))
}

#[inline(never)]
fn hidden(error: Error, signer: &Signer, built: &Request) -> Error {
    let secrets = signer.secrets(&built.signature).with_keys_of(built);
    secrets.hide_in(error)
}

/// The request's number is told of a success, too; of an error all that is told is searched.
fn hide_in_number(signer: &Signer, request: &Request, response: &mut Response) {
    let Some(number) = request_id::of(&response.headers) else {
        return;
    };
    let (credentials, digits) = (
        signer.credentials(),
        request.signature.rsplit_once("q-signature="),
    );
    let known = [
        credentials.token().unwrap_or_default(),
        digits.map_or("", |(_, digits)| digits),
        credentials.secret_id(),
        credentials.secret_key(),
    ];
    let keys = request.headers.iter();
    let keys = keys.filter(|(name, _)| KEY_HEADERS.contains(&&**name));
    let known = known.into_iter().chain(keys.map(|(_, key)| key.as_str()));
    let holds = |secret: &str| !secret.is_empty() && number.contains(secret);
    // Every answer comes by here, and nearly none is worth a search.
    let is_odd = number.len() > REQUEST_NUMBER_BYTES || number.contains(['%', '&', '\\']);
    if is_odd || known.into_iter().any(holds) {
        let secrets = signer.secrets(&request.signature).with_keys_of(request);
        let number = secrets.without(number);
        request_id::replace(&mut response.headers, &number);
    }
}

/// Waits before another attempt; an error of `tick` ends it.
pub(crate) fn wait(pause: Duration, tick: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    let end = Instant::now() + pause;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        cancel::pause(left.min(GLANCE))?;
        tick()?;
    }
}
