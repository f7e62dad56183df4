//! What became of a request whose answer was lost. The next try is refused because of the first
//! ("it is there already", "it is gone"); asking the service tells whether that refusal is in
//! truth the success of the first try.

use serde_json::{Map, Value};

use super::{About, Ask, place};
use crate::api::{Operation, Target, success};
use crate::client::Call;
use crate::error::{Error, Kind, Meaning, Result};
use crate::reply::Reply;

/// A success, when the refusal is explained by an earlier try of the same request.
pub(super) fn settle(
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
        (
            Operation::Upload {
                content, digests, ..
            },
            Meaning::Exists,
        ) => uploaded(call, target, content.len(), digests.sha1()),
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
    let mut data = place(call.client(), target);
    data.extend(held);
    Some(success(data))
}

/// Asks what the service holds now: it must be what was read here.
pub(crate) fn confirm(call: &Call, target: &Target, size: u64, sha1: &str) -> Result<()> {
    let stat = ask(call, target, &Operation::Stat);
    let held = match stat {
        Err(error) if error.means(Meaning::NotFound) => {
            let message = "the service said that the upload is complete, and holds nothing";
            return Err(Error::new(Kind::Integrity, message).answered(error.httpcode));
        }
        Err(mut error) => {
            let prefix = "uploaded, but asking what the service holds failed";
            error.message = format!("{prefix}: {}", error.message);
            return Err(error);
        }
        Ok(held) => held,
    };
    let text = |key: &str| held.data.get(key).and_then(Value::as_str);
    let number = |key: &str| held.data.get(key).and_then(Value::as_u64);
    let same_sha = text("sha").is_none_or(|held| held.eq_ignore_ascii_case(sha1));
    let same_size = ["filesize", "filelen"]
        .iter()
        .all(|key| number(key).is_none_or(|held| held == size));
    if same_sha && same_size {
        return Ok(());
    }
    let message = format!(
        "the service holds {} bytes with SHA-1 {}, {size} bytes with SHA-1 {sha1} were sent",
        number("filelen").map_or("?".to_owned(), |n| n.to_string()),
        text("sha").unwrap_or("?"),
    );
    Err(Error::new(Kind::Integrity, message).answered(held.httpcode))
}

fn stat(call: &Call, target: &Target) -> Option<Map<String, Value>> {
    Some(ask(call, target, &Operation::Stat).ok()?.data)
}

fn ask(call: &Call, target: &Target, operation: &Operation) -> Result<Reply> {
    let ask = Ask::Do(operation);
    call.ask(&About { target, ask })
}
