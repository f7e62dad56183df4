//! The last requests, for tests that count them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::target::Target;
use super::tee::Seen;

const KEPT: usize = 10_000;

#[derive(Default)]
pub struct Log {
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    kept: VecDeque<Arc<Entry>>,
    /// Since the start or the last clearing.
    total: u64,
    /// Dropped with the handlers.
    in_flight: Arc<()>,
}

pub struct Entry {
    number: u64,
    connection: Option<u64>,
    /// Requests that were being handled when it came, itself among them.
    in_flight: usize,
    target: Arc<Target>,
    seen: Arc<Seen>,
    outcome: Mutex<Outcome>,
}

#[derive(Default)]
struct Outcome {
    /// None while there is no answer, and if none comes.
    status: Option<u16>,
    /// The number of the rule that hit.
    rule: Option<usize>,
}

/// Kept by the handler of a request.
pub struct InFlight(#[expect(dead_code, reason = "counted, not read")] Arc<()>);

impl Log {
    pub fn begin(
        &self,
        connection: Option<u64>,
        target: &Arc<Target>,
        seen: &Arc<Seen>,
    ) -> (Arc<Entry>, InFlight) {
        let mut entries = lock(&self.entries);
        let in_flight = InFlight(Arc::clone(&entries.in_flight));
        let entry = Arc::new(Entry {
            number: entries.total,
            connection,
            in_flight: Arc::strong_count(&entries.in_flight) - 1,
            target: Arc::clone(target),
            seen: Arc::clone(seen),
            outcome: Mutex::default(),
        });
        entries.total += 1;
        entries.kept.push_back(Arc::clone(&entry));
        if entries.kept.len() > KEPT {
            entries.kept.pop_front();
        }
        (entry, in_flight)
    }

    pub fn clear(&self) {
        let mut entries = lock(&self.entries);
        entries.kept.clear();
        entries.total = 0;
    }

    pub fn show(&self) -> Value {
        let entries = lock(&self.entries);
        let requests: Vec<Value> = entries.kept.iter().map(|entry| entry.show()).collect();
        json!({"total": entries.total, "requests": requests})
    }
}

impl Entry {
    pub fn answered(&self, status: u16) {
        lock(&self.outcome).status = Some(status);
    }

    pub fn hit(&self, rule: usize) {
        lock(&self.outcome).rule = Some(rule);
    }

    fn show(&self) -> Value {
        let (outcome, sniff) = (lock(&self.outcome), self.seen.sniff());
        let offset = sniff.offset.as_ref().and_then(|o| o.parse::<u64>().ok());
        let mut shown = json!({
            "n": self.number,
            "connection": self.connection,
            "in_flight": self.in_flight,
            "op": self.target.op(&sniff),
            "method": self.target.method.as_str(),
            "bucket": self.target.bucket,
            "path": self.target.path,
            "offset": offset,
            "bytes": self.seen.bytes(),
            "status": outcome.status,
            "fault": outcome.rule,
        });
        if let Some(part) = self.target.part {
            shown["part"] = json!(part);
        }
        if let Some(upload) = &self.target.upload {
            shown["upload"] = json!(upload);
        }
        shown
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
