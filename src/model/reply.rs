//! The one shape that every call answers with: the classic SDK's JSON object.

use std::fmt::Write;
use std::time::Duration;

use serde_core::Serialize;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use crate::error::{Error, Result};

/// What a successful call brings back.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) message: String,
    /// HTTP status; 0 for a call that sends nothing.
    pub(crate) httpcode: u16,
    pub(crate) data: Map<String, Value>,
    pub(crate) request_id: Option<String>,
    pub(crate) effort: Effort,
}

/// What a call has taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Effort {
    /// At requests, all together; 0 for a call that sends nothing.
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

/// What can be told as a reply's data.
pub(crate) trait ReplyData {
    /// Adds its keys.
    fn write(self, data: &mut Map<String, Value>);
}

pub(crate) fn data_of(value: impl ReplyData) -> Map<String, Value> {
    let mut data = Map::new();
    value.write(&mut data);
    data
}

impl<T: ReplyData> From<Answer<T>> for Reply {
    fn from(answer: Answer<T>) -> Reply {
        let mut data = answer.extra;
        answer.value.write(&mut data);
        Reply {
            message: answer.message,
            httpcode: answer.httpcode,
            data,
            request_id: answer.request_id,
            effort: Effort::default(),
        }
    }
}

/// Writes a call's outcome as JSON text. Keys are only ever added to it.
pub(crate) fn to_json(outcome: &Result<Reply>) -> String {
    let mut text = match outcome {
        Ok(reply) => envelope(0, &reply.message, reply.httpcode, &reply.data),
        Err(error) => envelope(error.code, &error.message, error.httpcode, &error.data),
    };
    let request_id = match outcome {
        Ok(reply) => &reply.request_id,
        Err(error) => &error.request_id,
    };
    // Writing to a string does not fail.
    if let Some(id) = request_id {
        let _ = write!(text, r#","request_id":{}"#, json(id));
    }
    match outcome {
        Ok(Reply { effort, .. }) if effort.attempts > 0 => {
            let (attempts, elapsed_ms) = (effort.attempts, effort.elapsed.as_millis());
            let _ = write!(text, r#","attempts":{attempts},"elapsed_ms":{elapsed_ms}"#);
        }
        Ok(_) => {}
        Err(error) => {
            let _ = write!(text, r#","error":{}"#, details(error));
        }
    }
    text.push('}');
    text
}

fn details(error: &Error) -> Value {
    let mut details = json!({
        "name": error.name(),
        "kind": error.kind_name(),
        "retryable": error.retryable(),
        "attempts": error.attempts,
    });
    if let Some(detail) = &error.detail {
        details["service_code"] = detail.service_code.as_str().into();
        details["trace_id"] = detail.trace_id.as_str().into();
        details["request_id"] = error.request_id.as_deref().into();
    }
    details
}

/// As far as all have it; by hand, so that `code` and `message` come first: people read these too.
fn envelope(code: i64, message: &str, httpcode: u16, data: &Map<String, Value>) -> String {
    format!(
        r#"{{"code":{code},"message":{},"httpcode":{httpcode},"data":{}"#,
        json(message),
        json(data),
    )
}

/// Of what has only strings as keys, which cannot fail. As a `Value` tells itself, through the machinery for all that can
/// be shown, it takes twice as long.
pub(crate) fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The `code` of a reply; `None` when the text is not a reply.
pub(crate) fn code(reply: &str) -> Option<i64> {
    parse(reply)?.get("code")?.as_i64()
}

/// The value at an RFC 6901 pointer: strings bare, everything else as JSON text.
pub(crate) fn get(reply: &str, pointer: &str) -> Option<String> {
    match parse(reply)?.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn parse(reply: &str) -> Option<Value> {
    serde_json::from_str(reply).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_success_reads_as_the_classic_sdk_wrote_it() {
        let mut data = Map::new();
        data.insert("ctime".into(), "1480000000".into());
        let text = to_json(&Ok(Reply {
            message: "成功".into(),
            httpcode: 200,
            data,
            request_id: Some("NTg".into()),
            effort: Effort {
                attempts: 2,
                elapsed: Duration::from_micros(12_900),
            },
        }));
        assert_eq!(
            text,
            r#"{"code":0,"message":"成功","httpcode":200,"data":{"ctime":"1480000000"},"request_id":"NTg","attempts":2,"elapsed_ms":12}"#
        );
        assert_eq!(code(&text), Some(0));
        assert_eq!(get(&text, "/data/ctime").as_deref(), Some("1480000000"));
        assert_eq!(
            get(&text, "/data").as_deref(),
            Some(r#"{"ctime":"1480000000"}"#)
        );
        assert_eq!(get(&text, "/data/none"), None);
    }

    #[test]
    fn a_failure_tells_its_name_and_kind() {
        let error = Error::new(Kind::Connect, "connect to \"h\" refused").with_data("offset", 7);
        assert_eq!(
            to_json(&Err(error)),
            concat!(
                r#"{"code":-2,"message":"connect to \"h\" refused","httpcode":0,"data":{"offset":7},"#,
                r#""error":{"attempts":0,"kind":"connect","name":"QCOS_ERR_NETWORK","retryable":true}}"#
            )
        );
    }

    #[test]
    fn what_is_no_reply_has_no_code() {
        for text in ["", "[]", "{}", r#"{"code":"0"}"#, r#"{"code":1e300}"#] {
            assert_eq!(code(text), None, "{text}");
        }
        assert_eq!(get("not json", "/code"), None);
        assert_eq!(get(r#"{"code":0}"#, "code"), None);
    }
}
