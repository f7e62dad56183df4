//! How many requests a second a client sends once the service has asked it to slow down: all its calls together, so
//! that the retries of one are not used up by the others. One that was never asked to looks at a flag.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::call::wait;
use super::retry::LONGEST_PAUSE;
use crate::base::lock::lock;
use crate::error::{Error, Kind, Result};

/// Requests a second after the first refusal, and the fewest after any number of them.
const FIRST: f64 = 32.0;
const LEAST: f64 = 1.0;

/// Of what the service took while requests waited for their turn, so much is sent after the next refusal. Fewer requests
/// tell nothing, nor do those of less than a second: others may still have been under way.
const KEEPS: f64 = 0.8;
const TELLING: u32 = 4;

/// The number has doubled after this time without a refusal, and grows by its cube (as TCP's CUBIC, RFC 9438): slowly
/// near what the service has taken, soon where that is unknown.
const GROWS: Duration = Duration::from_secs(10);
const SEARCHES: Duration = Duration::from_secs(1);

/// Without a request for so long it does not grow, and nothing is measured.
const IDLE: Duration = Duration::from_secs(1);

/// So long after the last refusal nothing is held back any more.
const FREE: Duration = Duration::from_secs(60);

/// Of a client and those that are derived from it.
#[derive(Default)]
pub(super) struct Pace {
    is_held: AtomicBool,
    state: Mutex<Option<Held>>,
}

struct Held {
    /// Requests a second right after the last refusal.
    base: f64,
    /// What `base` comes from was measured.
    is_known: bool,
    refused: Instant,
    /// The same moment, moved on by the time without requests since.
    since: Instant,
    /// Requests that the service has taken since.
    taken: u32,
    /// When the next one may begin.
    next: Instant,
    /// What the service has asked for by itself.
    until: Instant,
    /// Turns that were given before this has changed are void.
    epoch: u32,
}

/// When a request may begin.
pub(super) struct Turn {
    pub(super) at: Instant,
    epoch: u32,
}

impl Pace {
    /// Waits until another request may be sent; an error of `tick` ends it, and so does a turn after the deadline.
    pub(super) fn wait(
        &self,
        deadline: Option<Instant>,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        while self.is_held.load(Ordering::Relaxed) {
            let now = Instant::now();
            let Some(turn) = self.turn(now, deadline)? else {
                break;
            };
            wait(turn.at.saturating_duration_since(now), tick)?;
            if self.holds(&turn) {
                break;
            }
        }
        Ok(())
    }

    /// Whose turn it is, in the order in which they ask; `None` where nobody has to wait any more.
    pub(super) fn turn(&self, now: Instant, deadline: Option<Instant>) -> Result<Option<Turn>> {
        let mut state = self.lock();
        let Some(held) = state.as_mut().filter(|held| now < held.refused + FREE) else {
            *state = None;
            self.is_held.store(false, Ordering::Relaxed);
            return Ok(None);
        };
        if now > held.next + IDLE {
            held.since += now - held.next;
        }
        let at = held.next.max(now);
        if deadline.is_some_and(|deadline| at > now && at >= deadline) {
            return Err(too_late());
        }
        held.next = at + Duration::from_secs_f64(1.0 / held.rate(now));
        let epoch = held.epoch;
        Ok(Some(Turn { at, epoch }))
    }

    /// Whether no refusal has come between.
    pub(super) fn holds(&self, turn: &Turn) -> bool {
        let state = self.lock();
        state.as_ref().is_none_or(|held| held.epoch == turn.epoch)
    }

    /// How long a request that comes now waits.
    pub(super) fn delay(&self) -> Duration {
        let state = self.lock();
        let next = state.as_ref().map(|held| held.next);
        next.map_or(Duration::ZERO, |next| {
            next.saturating_duration_since(Instant::now())
        })
    }

    /// The service has answered a request, and has not refused it for its number.
    pub(super) fn taken(&self) {
        if self.is_held.load(Ordering::Relaxed) {
            if let Some(held) = &mut *self.lock() {
                held.taken += 1;
            }
        }
    }

    /// The service has refused a request that `begun` then, perhaps with the time for which it wants to be left
    /// alone. Of those that were under way together one counts.
    pub(super) fn refused(&self, begun: Instant, now: Instant, retry_after: Option<u64>) {
        if retry_after == Some(0) {
            return;
        }
        let mut state = self.lock();
        let before = state.take();
        let mut held = match before {
            Some(held) if begun <= held.refused => held,
            before => Held::after(before, now),
        };
        if let Some(seconds) = retry_after {
            let pause = Duration::from_secs(seconds).min(LONGEST_PAUSE);
            held.until = held.until.max(now + pause);
            held.next = held.next.max(held.until);
            held.epoch = held.epoch.wrapping_add(1);
        }
        *state = Some(held);
        self.is_held.store(true, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        lock(&self.state)
    }
}

impl Held {
    /// After a refusal.
    fn after(before: Option<Held>, now: Instant) -> Held {
        let (base, is_known, epoch) = match &before {
            None => (FIRST, false, 0),
            Some(held) => {
                let rate = held.rate(now);
                let time = now.saturating_duration_since(held.since).as_secs_f64();
                let is_known = held.taken >= TELLING && time >= SEARCHES.as_secs_f64();
                let base = match is_known {
                    true => rate.min(KEEPS * f64::from(held.taken) / time.max(1e-3)),
                    false => rate / 2.0,
                };
                (base.max(LEAST), is_known, held.epoch.wrapping_add(1))
            }
        };
        let until = before.map_or(now, |held| held.until);
        Held {
            base,
            is_known,
            refused: now,
            since: now,
            taken: 0,
            next: until.max(now + Duration::from_secs_f64(1.0 / base)),
            until,
            epoch,
        }
    }

    fn rate(&self, now: Instant) -> f64 {
        let span = if self.is_known { GROWS } else { SEARCHES };
        let time = now.saturating_duration_since(self.since);
        self.base * (1.0 + (time.as_secs_f64() / span.as_secs_f64()).powi(3))
    }
}

fn too_late() -> Error {
    let problem = "the service has asked to slow down, and the time that the option timeout_ms allows is over before \
                   another request may be sent";
    Error::new(Kind::Timeout, problem)
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
