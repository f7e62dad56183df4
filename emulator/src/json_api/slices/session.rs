//! Sessions: finding the one that a request names, and making its file in the end.

use std::io::ErrorKind;

use serde_json::Value;

use crate::json_api::{Call, reply};
use crate::refusal::{Refusal, code};
use crate::store::{self, Digests, FileState, Session, Tx};

pub enum Found {
    Open(Session),
    /// The upload is complete; the file's sha.
    Finished(String),
}

/// The session of that id at the call's path.
pub fn find(tx: &Tx, call: &Call, id: &str) -> Result<Found, Refusal> {
    let (bucket, key) = (&call.location.bucket, &call.location.key);
    if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message = "session is not one that a control request gave";
        return Err(Refusal::new(code::SESSION_MALFORMED, message));
    }
    if let Some(session) = tx.session(id)? {
        if session.bucket != *bucket || session.key != *key {
            let message = "the session is of another path";
            return Err(Refusal::new(code::SESSION_OF_OTHER_PATH, message));
        }
        return Ok(Found::Open(session));
    }
    match tx.entry(bucket, key)?.and_then(|entry| entry.file) {
        Some(file) if file.session.as_deref() == Some(id) => Ok(Found::Finished(file.digests.sha)),
        _ => Err(unknown()),
    }
}

fn unknown() -> Refusal {
    Refusal::new(
        code::SESSION_UNKNOWN,
        "no such session: the upload was never begun, or was ended by a delete or another upload",
    )
}

/// Makes the file, now that all its slices are here. Two requests may come to this at once; the
/// second finds it done.
pub fn finish(call: &Call, session: &Session) -> Result<Value, Refusal> {
    let store = &call.service.store;
    let digests = digests_of_blob(call, session)?;
    if digests.sha != session.sha {
        store.transaction(|tx| abandon(tx, session))?;
        return Err(Refusal::new(
            code::SHA_MISMATCH,
            "the slices do not add up to the announced sha; the upload is over",
        ));
    }
    store.transaction(|tx| {
        if let Found::Finished(_) = find(tx, call, &session.id)? {
            return Ok(());
        }
        let file = FileState {
            session: Some(session.id.clone()),
            ..FileState::complete(session.filesize, digests, &session.blob)
        };
        let old = tx.entry(&session.bucket, &session.key)?;
        match old {
            // Attributes may have been updated since the upload began.
            Some(mut unfinished) if unfinished.file.as_ref().is_some_and(|f| f.blob.is_none()) => {
                unfinished.file = Some(file);
                unfinished.mtime = call.now;
                tx.write_object(&session.bucket, unfinished)?;
            }
            old => call.put_file(tx, old.as_ref(), file, session.biz_attr.clone())?,
        }
        Ok::<_, Refusal>(tx.end_session(session)?)
    })?;
    Ok(reply::uploaded(call))
}

fn digests_of_blob(call: &Call, session: &Session) -> Result<Digests, Refusal> {
    let blob = call.service.store.blobs.read(&session.blob);
    blob.and_then(Digests::of_reader)
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => unknown(),
            _ => Refusal::fault(error),
        })
}

fn abandon(tx: &mut Tx, session: &Session) -> Result<(), store::Error> {
    tx.end_session(session)?;
    let entry = tx.entry(&session.bucket, &session.key)?;
    let unfinished = entry.and_then(|e| e.file).is_some_and(|f| f.blob.is_none());
    if unfinished {
        tx.remove_entry(&session.bucket, &session.key)?;
    }
    Ok(())
}
