//! What became of a request whose answer was lost. The next try is refused because of the first
//! ("it is there already", "it is gone"); asking the service tells whether that refusal is in
//! truth the success of the first try.

use serde_json::{Map, Value};

use crate::api::{Operation, Target, json};
use crate::client::Call;
use crate::error::{Error, Meaning};
use crate::reply::Reply;

/// A success, when the refusal is explained by an earlier try of the same request.
pub(crate) fn settle(
    call: &Call,
    target: &Target,
    operation: &Operation,
    refusal: &Error,
) -> Option<Reply> {
    match (operation, refusal.meaning?) {
        (Operation::Delete, Meaning::NotFound) => Some(success(Map::new())),
        // Nobody but the first try has moved it there, as far as can be told.
        (Operation::Move { to, .. }, Meaning::NotFound) => {
            let there = Target {
                bucket: target.bucket.clone(),
                path: (*to).clone(),
            };
            stat(call, &there).map(|_| success(Map::new()))
        }
        (Operation::CreateFolder { biz_attr }, Meaning::Exists) => {
            let held = stat(call, target)?;
            let same = held.get("biz_attr").and_then(Value::as_str) == Some(biz_attr);
            same.then(|| success(held))
        }
        (Operation::Upload { content, sha1, .. }, Meaning::Exists) => {
            uploaded(call, target, content.len() as u64, sha1)
        }
        _ => None,
    }
}

/// A success, when the service holds just this content.
pub(crate) fn uploaded(call: &Call, target: &Target, size: u64, sha1: &str) -> Option<Reply> {
    let held = stat(call, target)?;
    let sha = held.get("sha").and_then(Value::as_str)?;
    let length = held.get("filelen").and_then(Value::as_u64)?;
    if length != size || !sha.eq_ignore_ascii_case(sha1) {
        return None;
    }
    let mut data = json::place(call.client(), target);
    data.extend(held);
    Some(success(data))
}

fn stat(call: &Call, target: &Target) -> Option<Map<String, Value>> {
    let reply = call.ask(target, &Operation::Stat);
    Some(reply.ok()?.data)
}

fn success(data: Map<String, Value>) -> Reply {
    Reply {
        message: "SUCCESS".to_owned(),
        // That of the answer that was lost.
        httpcode: 200,
        data,
        request_id: None,
    }
}
