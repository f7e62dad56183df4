//! Rules as JSON: what is wrong with one is said with its number and the field.

use std::time::Duration;

use serde_json::Value;

use super::fields::{Fields, Result, Wrong, wrong};
use super::rule::{Action, Canned, Fault, Matcher, Moment, Pattern, Rule, StallAt, Then};
use super::target::ops;

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
    if matches!(action, Action::None) && delay.is_none() {
        let kinds: Vec<_> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let message = format!("names none of delay_ms, {}", kinds.join(", "));
        return Err(wrong("fault", &message));
    }
    Ok(Fault {
        delay: Duration::from_millis(delay.unwrap_or(0)),
        action,
    })
}

type Read = fn(&mut Fields) -> Result<Action>;

/// In this order: `reset` also is a word of `cut`, which therefore comes first.
const KINDS: [(&str, Read); 22] = [
    ("status", |fields| {
        Ok(Action::Answer {
            answer: canned(fields, "status")?,
            after: fields.flag("after")?.unwrap_or(false),
        })
    }),
    ("cut", |fields| {
        Ok(Action::Cut {
            bytes: size(fields.needed("cut")?),
            reset: fields.flag("reset")?.unwrap_or(false),
        })
    }),
    ("reset", |fields| {
        let moment = match fields.one_of("reset", &["before", "after", "at"])? {
            0 => Moment::Before,
            1 => Moment::After,
            _ => Moment::At(fields.needed("bytes")?),
        };
        Ok(Action::Reset(moment))
    }),
    ("close", |fields| {
        let moments = [Moment::Before, Moment::After, Moment::Half];
        Ok(Action::Close(
            moments[fields.one_of("close", &["before", "after", "half"])?],
        ))
    }),
    ("dribble", |fields| {
        let mut inner = Fields::of(fields.take("dribble").unwrap_or_default(), "fault.dribble.")?;
        let bytes = inner.number("bytes")?.unwrap_or(1);
        if bytes == 0 {
            return Err(inner.wrong("bytes", "has to be 1 or more"));
        }
        let every = Duration::from_millis(inner.number("every_ms")?.unwrap_or(20));
        inner.end()?;
        Ok(Action::Dribble {
            size: size(bytes),
            every,
        })
    }),
    ("stall", |fields| {
        let places = ["before_answer", "head", "body", "request"];
        let place = match fields.one_of("stall", &places)? {
            0 => StallAt::BeforeAnswer {
                after: fields.flag("after")?.unwrap_or(false),
            },
            1 => StallAt::Head,
            2 => StallAt::Body,
            _ => StallAt::Request,
        };
        Ok(Action::Stall(place))
    }),
    ("early", |fields| {
        let answer = canned(fields, "early")?;
        let then = match fields.has("then") {
            false => 0,
            true => fields.one_of(
                "then",
                &["close", "keep_reading", "stop_reading", "half_close"],
            )?,
        };
        let then = [
            Then::Close,
            Then::KeepReading,
            Then::StopReading,
            Then::HalfClose,
        ][then];
        Ok(Action::Early { answer, then })
    }),
    ("redirect", |fields| {
        let answer = Canned {
            status: 302,
            body: String::new(),
            headers: vec![("Location".to_owned(), fields.text("redirect")?)],
        };
        check_lines(fields, "redirect", &answer.headers)?;
        Ok(Action::Answer {
            answer,
            after: false,
        })
    }),
    ("wrong_offset", |fields| {
        Ok(Action::WrongOffset(fields.integer("wrong_offset")?))
    }),
    ("slice_size", |fields| {
        Ok(Action::SliceSize(fields.integer("slice_size")?))
    }),
    ("forget_session", |fields| {
        fields.yes("forget_session", Action::ForgetSession)
    }),
    ("instant_hit", |fields| {
        fields.yes("instant_hit", Action::InstantHit)
    }),
    ("corrupt", |fields| fields.yes("corrupt", Action::Corrupt)),
    ("keep_alive_close", |fields| {
        fields.yes("keep_alive_close", Action::KeepAliveClose)
    }),
    ("continue", |fields| {
        Ok(Action::Continue(match fields.integer("continue")? {
            -1 => None,
            count => match usize::try_from(count) {
                Ok(count) if count <= 100_000 => Some(count),
                _ => return Err(fields.wrong("continue", "neither -1 nor 0 to 100000")),
            },
        }))
    }),
    ("endless_body", |fields| {
        fields.yes("endless_body", Action::EndlessBody)
    }),
    ("content_length", |fields| {
        Ok(Action::ContentLength(match fields.take("content_length") {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) if !text.contains(['\r', '\n']) => text,
            _ => return Err(fields.wrong("content_length", "neither a number nor a text")),
        }))
    }),
    ("chunked_garbage", |fields| {
        Ok(Action::Chunked(match fields.take("chunked_garbage") {
            Some(Value::Bool(true)) => "zz\r\nno chunk\r\n".to_owned(),
            Some(Value::String(text)) => text,
            _ => return Err(fields.wrong("chunked_garbage", "neither true nor a text")),
        }))
    }),
    ("error_in_200", |fields| {
        let given = fields.take("error_in_200").unwrap_or_default();
        let mut inner = Fields::of(given, "fault.error_in_200.")?;
        let code = inner.text("code")?;
        let message = inner.text("message")?;
        inner.end()?;
        Ok(Action::ErrorIn200 {
            code: code.unwrap_or_else(|| "InternalError".to_owned()),
            message: message.unwrap_or_else(|| "We encountered an internal error.".to_owned()),
            after: fields.flag("after")?.unwrap_or(false),
        })
    }),
    ("slow_complete", |fields| {
        let given = fields.take("slow_complete").unwrap_or_default();
        let mut inner = Fields::of(given, "fault.slow_complete.")?;
        let spaces = inner.needed("spaces")?;
        let every = Duration::from_millis(inner.number("every_ms")?.unwrap_or(20));
        if spaces > 100_000 {
            return Err(inner.wrong("spaces", "has to be at most 100000"));
        }
        inner.end()?;
        Ok(Action::SlowComplete {
            spaces: size(spaces),
            every,
        })
    }),
    // What an answer of its own takes is gone by now.
    ("headers", |fields| {
        let headers = headers(fields)?;
        check_lines(fields, "headers", &headers)?;
        Ok(Action::Headers(headers))
    }),
    ("raw", |fields| {
        Ok(Action::Raw(fields.text("raw")?.unwrap_or_default()))
    }),
];

/// An answer; `status` names the field of its number.
fn canned(fields: &mut Fields, status: &str) -> Result<Canned> {
    let number = fields.needed(status)?;
    let Some(code) = u16::try_from(number)
        .ok()
        .filter(|n| (200..1000).contains(n))
    else {
        return Err(fields.wrong(status, "has to be from 200 to 999"));
    };
    let answer = Canned {
        status: code,
        body: fields.text("body")?.unwrap_or_default(),
        headers: headers(fields)?,
    };
    check_lines(fields, "headers", &answer.headers)?;
    Ok(answer)
}

fn headers(fields: &mut Fields) -> Result<Vec<(String, Option<String>)>> {
    let mut headers = Vec::new();
    match fields.take("headers") {
        None => {}
        Some(Value::Object(given)) => {
            for (name, value) in given {
                match value {
                    Value::String(text) => headers.push((name, Some(text))),
                    Value::Number(number) => headers.push((name, Some(number.to_string()))),
                    Value::Null => headers.push((name, None)),
                    _ => return Err(fields.wrong("headers", "a value is no text")),
                }
            }
        }
        Some(_) => return Err(fields.wrong("headers", "has to be an object")),
    }
    Ok(headers)
}

fn check_lines(fields: &Fields, field: &str, headers: &[(String, Option<String>)]) -> Result<()> {
    let is_torn = |text: &str| text.contains(['\r', '\n']);
    let mut headers = headers.iter();
    match headers.any(|(name, value)| is_torn(name) || value.as_deref().is_some_and(is_torn)) {
        true => Err(fields.wrong(field, "holds a line break")),
        false => Ok(()),
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
