//! What lasts from request to request: the rules in force, the log, changes that are not seen yet.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::log::Log;
use super::rule::{Fault, Rule};
use super::stale::Hidden;
use super::target::Target;
use super::tee::Tee;

pub struct Faults {
    rules: Mutex<Rules>,
    pub log: Log,
    pub hidden: Hidden,
    /// Whether clients may ask for anything.
    pub is_allowed: bool,
}

#[derive(Default)]
struct Rules {
    list: Vec<Rule>,
    seed: u64,
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

    pub fn set(&self, list: Vec<Rule>, seed: u64) {
        *self.rules() = Rules { list, seed };
    }

    pub fn show(&self) -> Value {
        let rules = self.rules();
        let shown: Vec<Value> = rules.list.iter().map(Rule::show).collect();
        json!({"seed": rules.seed, "rules": shown})
    }

    /// Otherwise the body stays untouched until the rules have spoken.
    pub fn must_know_op(&self, target: &Target) -> bool {
        let rules = self.rules();
        let mut matchers = rules.list.iter().map(|rule| &rule.matcher);
        target.needs_body() && matchers.any(|m| m.op.is_some() && m.is_place(target))
    }

    /// The first rule that wants the request. Those behind it count it too.
    pub fn choose(&self, target: &Target, tee: &Tee) -> Option<(usize, Fault)> {
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
