//! Data requests: one slice each.

use std::io::{ErrorKind, Seek, SeekFrom, Write};

use serde_json::{Value, json};

use super::session::{Found, find, finish, unknown};
use crate::json_api::upload::{expected_sha, sha1_hex};
use crate::json_api::{Call, reply};
use crate::refusal::{Refusal, code};
use crate::store::Session;

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
    if let Some(expected) = expected_sha(params)?
        && expected != sha1_hex(content)
    {
        let message = "sha is not that of this slice";
        return Err(Refusal::new(code::SLICE_SHA_MISMATCH, message));
    }
    let store = &call.service.store;
    let session = match store.transaction(|tx| find(tx, call, id))? {
        Found::Open(session) => session,
        // A slice again whose first reply, the last of the upload, was lost.
        Found::Finished(_) => return Ok(reply::uploaded(call)),
    };
    let offset = offset(call, &session, content.len() as u64)?;

    // Bytes first, then their record: a crash between the two makes the slice come again. One that
    // is recorded is not written again.
    if !store.transaction(|tx| tx.has_slice(&session.id, offset))? {
        write_slice(call, &session, offset, content)?;
    }
    let session = store.transaction(|tx| {
        match find(tx, call, id)? {
            Found::Open(session) => tx.record_slice(&session, offset, content.len() as u64)?,
            Found::Finished(_) => {}
        }
        Ok::<_, Refusal>(tx.session(id)?)
    })?;
    match session {
        None => Ok(reply::uploaded(call)),
        Some(session) if session.is_complete() => finish(call, &session),
        Some(_) => Ok(json!({"session": id, "offset": offset})),
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

fn write_slice(call: &Call, session: &Session, offset: u64, content: &[u8]) -> Result<(), Refusal> {
    let write = || {
        let mut file = call.service.store.blobs.write(&session.blob)?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(content)
    };
    match write() {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(unknown()),
        other => other.map_err(Refusal::fault),
    }
}
