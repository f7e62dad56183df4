//! Rules as JSON: what is wrong with one is said with its number and the field.

use std::time::Duration;

use serde_json::Value;

use super::fields::{Fields, Result, Wrong, wrong};
use super::kinds::KINDS;
use super::rule::{Action, Fault, Matcher, Pattern, Rule};
use super::target::ops;
use crate::xml_options::Traits;

/// The rules, and the seed of their dice.
pub fn rules(text: &[u8]) -> Result<(Vec<Rule>, u64)> {
    let value: Value =
        serde_json::from_slice(text).map_err(|error| wrong("", &format!("no JSON: {error}")))?;
    let (list, seed) = match value {
        Value::Array(list) => (list, 0),
        Value::Object(fields) => {
            let mut fields = Fields::new(fields, "");
            let seed = fields.number("seed")?.unwrap_or(0);
            let Some(Value::Array(list)) = fields.take("rules") else {
                return Err(wrong("rules", "has to be a list"));
            };
            fields.end()?;
            (list, seed)
        }
        _ => {
            return Err(wrong(
                "",
                "neither a list of rules nor {\"seed\", \"rules\"}",
            ));
        }
    };
    let rule = |(index, value)| {
        rule(value).map_err(|wrong| Wrong {
            rule: Some(index),
            ..wrong
        })
    };
    let rules = list.into_iter().enumerate().map(rule);
    Ok((rules.collect::<Result<_>>()?, seed))
}

/// What may stand beside any kind, or alone.
const WITH_ANY: [&str; 4] = ["delay_ms", "no_crc64", "opaque_etag", "stale_reads"];

fn rule(value: Value) -> Result<Rule> {
    let text = value.clone();
    let mut fields = Fields::of(value, "")?;
    let matcher = match fields.take("match") {
        None => Matcher::default(),
        Some(value) => matcher(Fields::of(value, "match.")?)?,
    };
    let Some(given) = fields.take("fault") else {
        return Err(wrong("fault", "is missing"));
    };
    fields.end()?;
    let fault = fault(Fields::of(given, "fault.")?)?;
    Ok(Rule::new(matcher, fault, text))
}

fn matcher(mut fields: Fields) -> Result<Matcher> {
    let op = fields.text("op")?.filter(|op| op != "any");
    if op.as_ref().is_some_and(|op| ops().all(|known| known != op)) {
        let known: Vec<&str> = ops().collect();
        return Err(fields.wrong("op", &format!("none of {}, any", known.join(", "))));
    }
    let path = fields.text("path")?.map(|path| {
        let path = format!("/{}", path.trim_start_matches('/'));
        match path.strip_suffix('*') {
            Some(prefix) => Pattern::Prefix(prefix.to_owned()),
            None => Pattern::Exact(path),
        }
    });
    let matcher = Matcher {
        op,
        path,
        bucket: fields.text("bucket")?,
        from: fields.number("from")?.unwrap_or(0),
        count: fields.number("count")?,
        every: fields.number("every")?,
        chance: fields.chance("chance")?,
    };
    if matcher.every == Some(0) {
        return Err(fields.wrong("every", "has to be 1 or more"));
    }
    fields.end()?;
    Ok(matcher)
}

fn fault(mut fields: Fields) -> Result<Fault> {
    let delay = fields.number("delay_ms")?;
    let traits = Traits {
        no_crc64: fields.flag("no_crc64")?.unwrap_or(false),
        opaque_etag: fields.flag("opaque_etag")?.unwrap_or(false),
    };
    let stale_reads = fields.number("stale_reads")?.unwrap_or(0);
    let mut action = Action::None;
    // At most one of them; what else a kind may carry is taken together with it.
    for (kind, read) in KINDS {
        if !fields.has(kind) {
            continue;
        }
        if !matches!(action, Action::None) {
            return Err(fields.wrong(kind, "is a second fault in one rule"));
        }
        action = read(&mut fields)?;
    }
    fields.end()?;
    let is_alone = delay.is_none() && traits == Traits::default() && stale_reads == 0;
    if matches!(action, Action::None) && is_alone {
        let kinds: Vec<_> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let message = format!(
            "names none of {}, {}",
            WITH_ANY.join(", "),
            kinds.join(", ")
        );
        return Err(wrong("fault", &message));
    }
    Ok(Fault {
        delay: Duration::from_millis(delay.unwrap_or(0)),
        traits,
        stale_reads,
        action,
    })
}
