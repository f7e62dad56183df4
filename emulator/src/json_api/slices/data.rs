//! Data requests: one slice each.

use std::io::{self, Seek, SeekFrom, Write};

use serde_json::{Value, json};

use super::session::{Found, find, finish};
use crate::json_api::upload::expected_sha;
use crate::json_api::{Call, reply};
use crate::refusal::{Refusal, code};
use crate::store::{Digests, Session};

pub fn receive(call: &Call) -> Result<Value, Refusal> {
    let params = &call.params;
    let Some(id) = params.given("session") else {
        let message = "the parameter session is missing";
        return Err(Refusal::new(code::SESSION_MISSING, message));
    };
    let Some(content) = &params.content else {
        let message = "the part filecontent is missing";
        return Err(Refusal::new(code::CONTENT_MISSING, message));
    };
    if expected_sha(params)?.is_some_and(|sha| sha != Digests::of(content).sha) {
        let message = "sha is not that of this slice";
        return Err(Refusal::new(code::SLICE_SHA_MISMATCH, message));
    }
    // Written and recorded under the store's lock: what is recorded is never written again, not even
    // by the same slice arriving twice at once. A crash between the two makes it come again.
    let found = call.service.store.transaction(|tx| {
        if let Found::Open(session) = find(tx, call, id)? {
            let offset = offset(call, &session, content.len() as u64)?;
            if !tx.has_slice(&session, offset)? {
                write(call, &session, offset, content).map_err(Refusal::fault)?;
                tx.record_slice(&session, offset, content.len() as u64)?;
            }
        }
        find(tx, call, id)
    })?;
    match found {
        Found::Open(session) if session.is_complete() => finish(call, &session),
        Found::Open(session) => Ok(json!({
            "session": session.id,
            "offset": call.params.number("offset")?,
        })),
        // A slice again whose first reply, the last of the upload, was lost.
        Found::Finished(_) => Ok(reply::uploaded(call)),
    }
}

/// Every slice but the last has exactly the session's size, so slices never overlap.
fn offset(call: &Call, session: &Session, length: u64) -> Result<u64, Refusal> {
    let offset = call.params.number("offset").ok().flatten();
    let offset = offset.filter(|o| *o < session.filesize && o % session.slice_size == 0);
    let Some(offset) = offset else {
        let message = "offset is missing or not where a slice of this upload begins";
        return Err(Refusal::new(code::OFFSET_INVALID, message));
    };
    let expected = session.slice_size.min(session.filesize - offset);
    let code = match length {
        _ if length > expected => code::SLICE_TOO_LARGE,
        _ if length < expected => code::SLICE_TOO_SMALL,
        _ => return Ok(offset),
    };
    let message = format!("the slice at {offset} has {expected} bytes, not {length}");
    Err(Refusal::new(code, message))
}

fn write(call: &Call, session: &Session, offset: u64, content: &[u8]) -> io::Result<()> {
    let mut file = call.service.store.blobs.write(&session.blob)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(content)
}
