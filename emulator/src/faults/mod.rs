//! Faults on request, for tests of clients: rules say which requests are treated badly, and how.

mod act;
mod endpoint;
mod falsify;
mod fields;
mod kinds;
mod late;
mod log;
mod parse;
mod raw;
mod rule;
mod script;
mod sniff;
mod spelling;
mod stale;
mod tamper;
mod target;
mod tee;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use serde_json::{Value, json};

use crate::route::dispatch;
use crate::service::Service;
use act::Hit;
use log::Log;
use rule::{Fault, Rule};
use stale::Hidden;
use target::Target;
use tee::Tee;
pub use wire::{Control, Wire};

/// The rules in force, and the log of requests.
pub struct Faults {
    rules: Mutex<Rules>,
    log: Log,
    hidden: Hidden,
    is_allowed: bool,
}

#[derive(Default)]
struct Rules {
    list: Vec<Rule>,
    seed: u64,
}

/// Every request goes through here.
pub async fn answer(service: Arc<Service>, mut request: Request) -> Response {
    let own = request.uri().path().strip_prefix("/_emulator/");
    if let Some(path) = own.map(str::to_owned) {
        return endpoint::answer(service, &path, request).await;
    }
    let control = request.extensions_mut().remove::<Arc<Control>>();
    let target = Arc::new(Target::of(&service, &request));
    stale::observe(&service, &target, request.headers()).await;
    let (parts, body) = request.into_parts();
    let mut tee = Tee::new(body);
    let number = control.as_ref().map(|control| control.number);
    let (entry, _in_flight) = service.faults.log.begin(number, &target, &tee.seen);
    if service.faults.must_know_op(&target) {
        tee.read_ahead_for_op().await;
    }
    let fault = service.faults.choose(&target, &tee);
    let (Some((rule, fault)), Some(control)) = (fault, control.clone()) else {
        let response = dispatch(service, Request::from_parts(parts, Body::new(tee))).await;
        entry.answered(response.status().as_u16());
        if let Some(control) = control.filter(|_| target.is_xml) {
            control.respell();
        }
        return response;
    };
    entry.hit(rule);
    let hit = Hit {
        service,
        target,
        control,
        entry,
        parts,
        tee,
        stale_reads: 0,
    };
    hit.suffer(fault).await
}

impl Faults {
    pub fn new(is_allowed: bool) -> Faults {
        Faults {
            rules: Mutex::default(),
            log: Log::default(),
            hidden: Hidden::default(),
            is_allowed,
        }
    }

    fn set(&self, list: Vec<Rule>, seed: u64) {
        *self.rules() = Rules { list, seed };
    }

    fn show(&self) -> Value {
        let rules = self.rules();
        let shown: Vec<Value> = rules.list.iter().map(Rule::show).collect();
        json!({"seed": rules.seed, "rules": shown})
    }

    /// Otherwise the body stays untouched until the rules have spoken.
    fn must_know_op(&self, target: &Target) -> bool {
        let rules = self.rules();
        let mut matchers = rules.list.iter().map(|rule| &rule.matcher);
        target.needs_body() && matchers.any(|m| m.op.is_some() && m.is_place(target))
    }

    /// The first rule that wants the request. Those behind it count it too.
    fn choose(&self, target: &Target, tee: &Tee) -> Option<(usize, Fault)> {
        let mut rules = self.rules();
        let op = target.op(&tee.seen.sniff());
        let mut chosen = None;
        let seed = rules.seed;
        for (index, rule) in rules.list.iter_mut().enumerate() {
            let dice = seed.wrapping_add((index as u64) << 32);
            if rule.wants(target, op, dice) && chosen.is_none() {
                rule.hits += 1;
                chosen = Some((index, rule.fault.clone()));
            }
        }
        chosen
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
