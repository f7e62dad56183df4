//! The kinds of faults, as rules name them.

use std::time::Duration;

use serde_json::Value;

use super::fields::{Fields, Result};
use super::rule::{Action, Canned, Moment, StallAt, Then, XmlError};

pub type Read = fn(&mut Fields) -> Result<Action>;

/// In this order: `reset` also is a word of `cut`, which therefore comes first.
pub const KINDS: [(&str, Read); 23] = [
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
        let error = XmlError {
            status: 200,
            code: code.unwrap_or_else(|| "InternalError".to_owned()),
            message: message.unwrap_or_else(|| "We encountered an internal error.".to_owned()),
            headers: Vec::new(),
        };
        Ok(Action::Error {
            error,
            after: fields.flag("after")?.unwrap_or(false),
        })
    }),
    ("error", |fields| {
        let given = fields.take("error").unwrap_or_default();
        let mut inner = Fields::of(given, "fault.error.")?;
        let status = status(&mut inner, "status")?;
        let code = inner.text("code")?.filter(|code| !code.is_empty());
        let Some(code) = code else {
            return Err(inner.wrong("code", "is missing"));
        };
        let message = inner.text("message")?.unwrap_or_default();
        inner.end()?;
        let headers = headers(fields)?;
        check_lines(fields, "headers", &headers)?;
        let error = XmlError {
            status,
            code,
            message,
            headers,
        };
        Ok(Action::Error {
            error,
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
    let answer = Canned {
        status: self::status(fields, status)?,
        body: fields.text("body")?.unwrap_or_default(),
        headers: headers(fields)?,
    };
    check_lines(fields, "headers", &answer.headers)?;
    Ok(answer)
}

fn status(fields: &mut Fields, name: &str) -> Result<u16> {
    let number = fields.needed(name)?;
    let status = u16::try_from(number).ok();
    let status = status.filter(|status| (200..1000).contains(status));
    status.ok_or_else(|| fields.wrong(name, "has to be from 200 to 999"))
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
