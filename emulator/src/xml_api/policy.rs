//! The policy of a form: what may be uploaded with it (xml-api.md §1.5).

use std::ops::RangeInclusive;

use serde_json::Value;

use super::form::Fields;
use super::refusal::{Refusal, code};
use crate::clock;

/// What a policy must say exactly, each of the form's own signature.
const NEEDED: [&str; 3] = ["q-sign-algorithm", "q-ak", "q-sign-time"];

/// What it may say a beginning of, beside metadata.
const PREFIXED: [&str; 8] = [
    "acl",
    "key",
    "cache-control",
    "content-type",
    "content-disposition",
    "content-encoding",
    "expires",
    "success_action_redirect",
];
const META: &str = "x-cos-meta-";

pub struct Policy {
    /// Unix seconds.
    expires: i64,
    conditions: Vec<Condition>,
}

enum Condition {
    Exact(String, String),
    Prefix(String, String),
    Size(RangeInclusive<u64>),
}

/// What the values of a form's fields are, where they are not as they came.
pub struct Asked<'a> {
    pub fields: &'a Fields,
    pub bucket: &'a str,
    pub key: &'a str,
}

impl Policy {
    pub fn read(text: &[u8]) -> Result<Policy, Refusal> {
        let document: Value = serde_json::from_slice(text).map_err(|_| bad("it is no JSON"))?;
        let expires = document["expiration"].as_str().and_then(clock::of_iso);
        let expires = expires.ok_or_else(|| bad("it has no expiration"))?;
        let Value::Array(given) = &document["conditions"] else {
            return Err(bad("it has no conditions"));
        };
        let mut conditions = Vec::new();
        for condition in given {
            match condition {
                Value::Object(pairs) => {
                    for (name, value) in pairs {
                        let value = value.as_str().ok_or_else(|| bad("a value is no text"))?;
                        conditions.push(Condition::Exact(name.to_lowercase(), value.to_owned()));
                    }
                }
                Value::Array(words) => conditions.push(Condition::read(words)?),
                _ => return Err(bad("a condition is neither an object nor an array")),
            }
        }
        Ok(Policy {
            expires,
            conditions,
        })
    }

    /// But for the size of the file, which is yet to come.
    pub fn check(&self, asked: &Asked, now: i64) -> Result<(), Refusal> {
        if self.expires < now {
            return Err(Refusal::new(code::ACCESS_DENIED, "Policy has expired"));
        }
        for wanted in NEEDED {
            let is_it = |it: &&Condition| matches!(it, Condition::Exact(name, _) if name == wanted);
            if self.conditions.iter().find(is_it).is_none() {
                let message = format!("the policy has no condition {wanted}");
                return Err(Refusal::new(code::ACCESS_DENIED, message));
            }
        }
        for condition in &self.conditions {
            condition.check(asked)?;
        }
        Ok(())
    }

    /// Bytes that the file may have.
    pub fn size(&self) -> Option<&RangeInclusive<u64>> {
        self.conditions
            .iter()
            .find_map(|condition| match condition {
                Condition::Size(size) => Some(size),
                _ => None,
            })
    }
}

impl Condition {
    fn read(words: &[Value]) -> Result<Condition, Refusal> {
        let [operator, first, second] = words else {
            return Err(bad("a condition has not three words"));
        };
        let operator = operator.as_str().unwrap_or_default();
        if operator == "content-length-range" {
            let (Some(min), Some(max)) = (first.as_u64(), second.as_u64()) else {
                return Err(bad("a range is not of numbers"));
            };
            return Ok(Condition::Size(min..=max));
        }
        let name = first.as_str().and_then(|name| name.strip_prefix('$'));
        let (Some(name), Some(value)) = (name.map(str::to_lowercase), second.as_str()) else {
            return Err(bad("a condition is of no field"));
        };
        let is_prefixed = || PREFIXED.contains(&name.as_str()) || name.starts_with(META);
        match operator {
            "eq" => Ok(Condition::Exact(name, value.to_owned())),
            "starts-with" if is_prefixed() => Ok(Condition::Prefix(name, value.to_owned())),
            "starts-with" => Err(bad(&format!("{name} cannot have starts-with"))),
            _ => Err(bad("a condition has an unknown operator")),
        }
    }

    fn check(&self, asked: &Asked) -> Result<(), Refusal> {
        let (name, is_met) = match self {
            Condition::Exact(name, wanted) => (name, asked.value(name) == Some(wanted)),
            Condition::Prefix(name, wanted) => {
                let value = asked.value(name);
                (
                    name,
                    value.is_some_and(|it| it.starts_with(wanted.as_str())),
                )
            }
            Condition::Size(_) => return Ok(()),
        };
        match is_met {
            true => Ok(()),
            false => Err(Refusal::new(
                code::ACCESS_DENIED,
                format!("Condition key {name} doesn't match the value"),
            )),
        }
    }
}

impl Asked<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        match name {
            "bucket" => Some(self.bucket),
            "key" => Some(self.key),
            "q-sign-time" => self.fields.field("q-key-time"),
            _ => self.fields.field(name),
        }
    }
}

fn bad(why: &str) -> Refusal {
    Refusal::new(
        code::MALFORMED_POLICY,
        format!("The policy is malformed: {why}."),
    )
}
