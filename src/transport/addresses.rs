//! The addresses of hosts. The system's look-up knows no time limit and cannot be ended, so it runs on
//! a thread of its own, which a call gives up when it is over. A look-up is made when a connection is,
//! and shared by all that wait for it; what it found is remembered.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use std::{fmt, process};

use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::deadline::Deadline;
use super::failure::NotConnected;
use crate::base::cancel::GLANCE;
use crate::base::lock::{self, lock};
use crate::base::threads;
use crate::config::Pin;
use crate::error::{Error, Kind};

/// Addresses of a host that are tried.
const ADDRESSES_MAX: usize = 16;

/// For how long they serve without another look-up. curl's default: a service that moves is found
/// again within a minute.
const FRESH: Duration = Duration::from_secs(60);

/// Older ones serve while a look-up takes longer than this, or fails.
const PATIENCE: Duration = Duration::from_secs(1);

/// Look-ups of a process that are under way at once. One that hangs holds its thread for as long as
/// the system waits for its name servers: 10 s to 40 s.
const AT_ONCE: usize = 4;

/// Where the HTTP library is told nothing: it would ask for every request. `Addresses` is asked where a
/// connection is made.
#[derive(Debug)]
pub(super) struct AskedLater;

impl Resolver for AskedLater {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// What a client knows of hosts, by `host:port`.
pub(super) struct Addresses {
    table: Mutex<HashMap<String, Host>>,
    /// Those that are never looked up.
    pins: Vec<Pin>,
}

#[derive(Default)]
struct Host {
    known: Vec<SocketAddr>,
    found: Option<Instant>,
    under_way: Option<Arc<LookUp>>,
}

impl Addresses {
    pub(super) fn new(pins: &[Pin]) -> Addresses {
        Addresses {
            table: Mutex::default(),
            pins: pins.to_vec(),
        }
    }

    /// `host` as it stands in a URL.
    pub(super) fn of(
        &self,
        host: &str,
        port: u16,
        deadline: &Deadline,
    ) -> Result<Vec<SocketAddr>, ureq::Error> {
        let host = host.trim_matches(['[', ']']);
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        if let Some(pinned) = self.pins.iter().find_map(|pin| pin.of(host, port)) {
            return Ok(vec![pinned]);
        }
        let name = format!("{host}:{port}");
        let (look_up, known) = {
            let mut table = self.table();
            let entry = table.entry(name.clone()).or_default();
            if entry.found.is_some_and(|found| found.elapsed() < FRESH) {
                return Ok(entry.known.clone());
            }
            let made = || Arc::new(LookUp::default());
            let look_up = entry.under_way.get_or_insert_with(made).clone();
            (look_up, entry.known.clone())
        };
        let outcome = look_up.outcome(host, port, deadline, !known.is_empty());
        let mut table = self.table();
        let entry = table.entry(name).or_default();
        if look_up.is_over() {
            // The next one is another.
            entry.under_way = None;
        }
        match outcome {
            Ok(found) => {
                entry.known.clone_from(&found);
                entry.found = Some(Instant::now());
                Ok(found)
            }
            Err(_) if !known.is_empty() => Ok(known),
            Err(error) => Err(error),
        }
    }

    /// None of them has answered.
    pub(super) fn forget(&self, host: &str, port: u16) {
        let host = host.trim_matches(['[', ']']);
        let mut table = self.table();
        if let Some(entry) = table.get_mut(&format!("{host}:{port}")) {
            entry.known.clear();
            entry.found = None;
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        lock(&self.table)
    }
}

impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Addresses")
    }
}

/// A look-up, from the first that needs it to its end, which nobody may be there to see.
#[derive(Default)]
struct LookUp {
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Default)]
struct State {
    is_started: bool,
    outcome: Option<Result<Vec<SocketAddr>, String>>,
}

impl LookUp {
    /// Waits for it, and starts it if nobody has yet. `is_spared`: there are older addresses.
    fn outcome(
        self: &Arc<LookUp>,
        host: &str,
        port: u16,
        deadline: &Deadline,
        is_spared: bool,
    ) -> Result<Vec<SocketAddr>, ureq::Error> {
        let begun = Instant::now();
        let mut state = self.state();
        loop {
            if let Some(outcome) = &state.outcome {
                return outcome
                    .clone()
                    .map_err(|why| NotConnected::error(Kind::Dns, why));
            }
            if !state.is_started {
                if let Some(slot) = Slot::take() {
                    self.start(host.to_owned(), port, slot).map_err(refused)?;
                    state.is_started = true;
                }
            }
            if is_spared && begun.elapsed() > PATIENCE {
                return Err(no_answer());
            }
            deadline.left().map_err(|error| match error {
                // Rather what was waited for than how long.
                ureq::Error::Io(io) if NotConnected::kind(&io) == Some(Kind::Timeout) => {
                    no_answer()
                }
                other => other,
            })?;
            state = lock::wait(&self.over, state, GLANCE);
        }
    }

    fn start(self: &Arc<LookUp>, host: String, port: u16, slot: Slot) -> Result<(), Error> {
        let look_up = self.clone();
        let body = move || {
            let found = (host.as_str(), port).to_socket_addrs();
            let outcome = match found.map(|found| found.take(ADDRESSES_MAX).collect::<Vec<_>>()) {
                Ok(found) if found.is_empty() => Err("the host has no address".to_owned()),
                Ok(found) => Ok(found),
                Err(e) => Err(format!("the host's address cannot be found: {e}")),
            };
            drop(slot);
            look_up.state().outcome = Some(outcome);
            look_up.over.notify_all();
        };
        threads::start("dns", body).map(drop)
    }

    fn is_over(&self) -> bool {
        self.state().outcome.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn no_answer() -> ureq::Error {
    NotConnected::error(Kind::Dns, "no answer from the name server in time")
}

fn refused(error: Error) -> ureq::Error {
    NotConnected::error(error.kind, &error.message)
}

/// The right to look a name up; given back when it is dropped.
struct Slot {
    process: u32,
}

/// Look-ups under way, and the process that counts them: a forked child has none of its parent's
/// threads.
static UNDER_WAY: Mutex<(u32, usize)> = Mutex::new((0, 0));

impl Slot {
    fn take() -> Option<Slot> {
        let process = process::id();
        let mut under_way = lock(&UNDER_WAY);
        if under_way.0 != process {
            *under_way = (process, 0);
        }
        (under_way.1 < AT_ONCE).then(|| {
            under_way.1 += 1;
            Slot { process }
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut under_way = lock(&UNDER_WAY);
        if under_way.0 == self.process {
            under_way.1 = under_way.1.saturating_sub(1);
        }
    }
}
