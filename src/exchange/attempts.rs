//! The attempts at one request, or at one range of bytes: whether a failed one is followed by another,
//! and after how long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::ServiceTime;
use super::trace::Traced;
use super::{Call, Signer, request_id, retry};
use crate::error::{Error, ErrorClass, Kind, Result, Sent};
use crate::model::Credentials;
use crate::transport::{Headers, Request};

pub(crate) struct Attempts<'c> {
    call: &'c Call<'c>,
    /// Attempts in vain, one after the other.
    failed: u32,
    /// The last attempt has brought a good deal of what was asked for: it costs nothing.
    has_progressed: bool,
    /// An attempt may have been carried out, its answer lost.
    maybe_applied: bool,
    /// Such a one is the last.
    ends_at_unknown: bool,
    clock_corrected: bool,
    credentials_replaced: bool,
    /// The attempt under way has got an answer that the service itself has numbered.
    is_numbered: bool,
    /// The next attempt is the last, and nothing tells that the service has seen the others.
    fails_over: bool,
    /// Of the attempt under way: the service's time when it was signed, what with, and whether it goes over TLS.
    signed_at: u64,
    signed_with: Option<Arc<Credentials>>,
    is_verified: bool,
    begun: u32,
    begun_at: Instant,
    /// Of the attempt under way, where the caller wants to be told.
    traced: Option<Traced>,
}

impl<'c> Attempts<'c> {
    pub(crate) fn of(call: &'c Call<'c>) -> Attempts<'c> {
        Attempts {
            call,
            failed: 0,
            has_progressed: false,
            maybe_applied: false,
            ends_at_unknown: false,
            clock_corrected: false,
            credentials_replaced: false,
            is_numbered: false,
            fails_over: false,
            signed_at: 0,
            signed_with: None,
            is_verified: false,
            begun: 0,
            begun_at: Instant::now(),
            traced: None,
        }
    }

    /// No attempt follows one that may have been carried out.
    pub(crate) fn end_at_unknown(&mut self) {
        self.ends_at_unknown = true;
    }

    /// What the next attempt is signed with, once the service may be asked again; `tick` is called until then.
    pub(crate) fn signer(&self, tick: &mut dyn FnMut() -> Result<()>) -> Result<Signer<'c>> {
        let pace = &self.call.exchange().shared.pace;
        pace.wait(self.call.deadline(), tick)?;
        Ok(self.call.signer()?.by_backup(self.fails_over))
    }

    /// A request has been signed and is sent next.
    pub(crate) fn begin(&mut self, signer: &Signer, request: &Request, signature: &str) {
        self.signed_with = Some(signer.shared().clone());
        self.signed_at = self.call.exchange().now();
        self.is_verified = request.url.starts_with("https://");
        self.has_progressed = false;
        self.is_numbered = false;
        self.begun += 1;
        self.begun_at = Instant::now();
        self.call.count();
        let events = self.call.events();
        self.traced =
            events.map(|events| Traced::begin(events, signer, (request, signature), self.begun));
    }

    /// The head of the answer is there.
    pub(crate) fn answered(&mut self, status: u16, headers: &Headers) {
        self.is_numbered = request_id::of(headers).is_some();
        if let Some(traced) = &mut self.traced {
            traced.answered(status, headers);
        }
    }

    /// Bytes of the answer's body, so far.
    pub(crate) fn received(&mut self, bytes: u64) {
        if let Some(traced) = &mut self.traced {
            traced.received(bytes);
        }
    }

    /// Whether the next attempt must first find out what became of an earlier one.
    pub(crate) fn maybe_applied(&self) -> bool {
        self.maybe_applied
    }

    /// The attempt has brought a good deal before it failed.
    pub(crate) fn progressed(&mut self) {
        self.has_progressed = true;
    }

    pub(crate) fn succeeded(&mut self) {
        let shared = &self.call.exchange().shared;
        shared.budget.earn();
        shared.pace.taken();
        self.tell(None);
    }

    /// How long to wait before another attempt; the error where there is to be none.
    pub(crate) fn failed(&mut self, mut error: Error, is_idempotent: bool) -> Result<Duration> {
        let is_late = || error.kind == Kind::Timeout && !self.call.ends_within(Duration::ZERO);
        if error.is_throttled() || is_late() {
            let concurrency = &self.call.exchange().shared.concurrency;
            concurrency.congested(self.begun_at);
        }
        if self.begun > 0 {
            self.note(&error);
        }
        let pause = self.pause(&mut error, is_idempotent);
        self.tell(Some((&error, pause.as_ref().ok().copied().flatten())));
        pause?.ok_or(error)
    }

    /// What the answer to an attempt says of how many the service takes.
    fn note(&self, error: &Error) {
        let pace = &self.call.exchange().shared.pace;
        match error.sent {
            _ if error.is_throttled() => {
                pace.refused(self.begun_at, Instant::now(), error.retry_after);
            }
            Sent::Answered => pace.taken(),
            _ => {}
        }
    }

    fn tell(&mut self, failure: Option<(&Error, Option<Duration>)>) {
        if let Some(traced) = self.traced.take() {
            traced.ended(failure);
        }
    }

    /// `None` where there is to be no other attempt; an error ends the call in the stead of this one.
    fn pause(&mut self, error: &mut Error, is_idempotent: bool) -> Result<Option<Duration>> {
        let exchange = self.call.exchange();
        let before = if self.has_progressed { 0 } else { self.failed };
        self.failed = before + 1;
        error.attempts = self.failed;
        error.maybe_applied = self.maybe_applied;
        if error.is(ErrorClass::Expired) && self.correct_clock(error) {
            return Ok(Some(Duration::ZERO));
        }
        if error.is(ErrorClass::InvalidCredentials) && self.replace_credentials(error)? {
            return Ok(Some(Duration::ZERO));
        }
        self.maybe_applied |= !is_idempotent && retry::outcome_unknown(error);
        if self.maybe_applied && self.ends_at_unknown {
            error.message += "; it may have been carried out, so it was not sent again";
            return Ok(None);
        }
        let is_spent = self.failed > exchange.config().retries;
        if is_spent || !retry::should_retry(error) {
            return Ok(None);
        }
        if !self.has_progressed && !exchange.shared.budget.spend() {
            return Ok(None);
        }
        let config = exchange.config();
        let is_last = self.failed == config.retries;
        self.fails_over = config.network.failover && is_last && !self.is_numbered;
        let pause = retry::pause(self.failed, error);
        let turn = pause.max(exchange.shared.pace.delay());
        Ok((!self.call.ends_within(turn)).then_some(pause))
    }

    /// Whether there are others than those that were refused; once.
    fn replace_credentials(&mut self, error: &mut Error) -> Result<bool> {
        let Some(refused) = self
            .signed_with
            .take()
            .filter(|_| !self.credentials_replaced)
        else {
            return Ok(false);
        };
        let provider = &self.call.exchange().shared.provider;
        match provider.replaced(self.call, &refused) {
            Ok(replaced) => {
                self.credentials_replaced = replaced;
                Ok(replaced)
            }
            Err(why) if why.kind == Kind::Cancelled => Err(why),
            Err(why) => {
                error.message = format!("{}; {}", error.message, why.message);
                Ok(false)
            }
        }
    }

    /// Learns the service's clock from its refusal, once; whether the next signature is of another time.
    fn correct_clock(&mut self, error: &mut Error) -> bool {
        let clock = &self.call.exchange().shared.clock;
        let is_verified = self.is_verified;
        let reported = error.date.map(|date| ServiceTime { date, is_verified });
        if self.clock_corrected {
            // It was not the clock.
            clock.forget();
        } else if clock.correct(reported, self.signed_at) {
            self.clock_corrected = true;
            return true;
        }
        let why = reported.and_then(|reported| clock.explanation(reported));
        error.message.extend(why.map(|why| format!("; {why}")));
        false
    }
}

/// An attempt whose answer was of no more use.
impl Drop for Attempts<'_> {
    fn drop(&mut self) {
        self.tell(None);
    }
}
