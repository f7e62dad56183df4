//! The call upload_slice (json-api.md §2.9): a control request opens or resumes a session, data
//! requests bring the slices in any order, and the one that closes the last gap makes the file.

use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::upload::{exists, expected_sha, hex, may_overwrite, sha1_hex};
use super::{Call, reply};
use crate::refusal::{Refusal, code};
use crate::store::{self, FileState, NewBlob, Session, Tx, random_id};

/// The lawful sizes of a slice; the first is the default (json-api.md §2.9).
const SLICE_SIZES: [u64; 4] = [512 << 10, 1 << 20, 2 << 20, 3 << 20];

pub fn upload_slice(call: &Call) -> Result<Value, Refusal> {
    call.file_key()?;
    if is_data(call) {
        data(call)
    } else {
        control(call)
    }
}

/// Whether this is a slice of an upload that is known here: such a one needs no valid signature.
pub fn is_of_open_session(call: &Call) -> Result<bool, Refusal> {
    if !is_data(call) {
        return Ok(false);
    }
    let id = call.params.given("session").unwrap_or("");
    match call.service.store.transaction(|tx| find(tx, call, id)) {
        Ok(_) => Ok(true),
        Err(refusal) if refusal.code == code::STORE_FAILED => Err(refusal),
        Err(_) => Ok(false),
    }
}

/// A control request announces a file and carries none of it; a data request is the reverse.
fn is_data(call: &Call) -> bool {
    let has_content = call.params.content.as_ref().is_some_and(|c| !c.is_empty());
    call.params.given("offset").is_some()
        || (has_content && call.params.given("filesize").is_none())
}

// ---------------------------------------------------------------------------------------- control

/// The file that a control request announces.
struct Announced {
    sha: String,
    size: u64,
    biz_attr: String,
    slice_size: u64,
    overwrite: bool,
}

enum Start {
    /// The content is here already.
    Done,
    Resumed(Session, u64),
    Begun(Session, NewBlob),
}

fn control(call: &Call) -> Result<Value, Refusal> {
    let file = Announced::read(call)?;
    let start = call
        .service
        .store
        .transaction(|tx| start(tx, call, &file))?;
    let (session, offset) = match start {
        Start::Done => return Ok(reply::uploaded(call)),
        Start::Resumed(session, offset) => (session, offset),
        Start::Begun(session, blob) => {
            blob.keep();
            (session, 0)
        }
    };
    // Nothing to send: the file is empty, or a crash came between its last slice and its making.
    if session.is_complete() {
        return finish(call, &session);
    }
    Ok(json!({
        "session": session.id,
        "offset": offset,
        "slice_size": session.slice_size,
    }))
}

impl Announced {
    fn read(call: &Call) -> Result<Announced, Refusal> {
        let params = &call.params;
        if params.content.as_ref().is_some_and(|c| !c.is_empty()) {
            let message = "a control request of upload_slice carries data";
            return Err(Refusal::new(code::RESUME_WITH_DATA, message));
        }
        let Some(sha) = expected_sha(params)? else {
            let message = "the parameter sha (of the whole file) is missing";
            return Err(Refusal::new(code::SHA_MISSING, message));
        };
        let Some(size) = params.number("filesize")? else {
            let message = "the parameter filesize is missing";
            return Err(Refusal::new(code::FILESIZE_MISSING, message));
        };
        let asked = params.number("slice_size")?.unwrap_or(0);
        Ok(Announced {
            sha,
            size,
            biz_attr: call.biz_attr()?,
            slice_size: lawful_slice_size(asked),
            overwrite: may_overwrite(params)?,
        })
    }
}

/// The next lawful size above what was asked, at most the largest: the service's choice counts.
fn lawful_slice_size(asked: u64) -> u64 {
    let [.., largest] = SLICE_SIZES;
    SLICE_SIZES
        .into_iter()
        .find(|size| *size >= asked)
        .unwrap_or(largest)
}

fn start(tx: &mut Tx, call: &Call, file: &Announced) -> Result<Start, Refusal> {
    let (bucket, key) = (&call.location.bucket, &call.location.key);
    let open = match call.params.given("session") {
        Some(id) => match find(tx, call, id)? {
            Found::Open(session) => Some(session),
            Found::Finished(sha) if sha == file.sha => return Ok(Start::Done),
            Found::Finished(_) => return Err(other_sha()),
        },
        None => tx.session_at(bucket, key)?,
    };
    if let Some(session) = open {
        if session.sha != file.sha {
            return Err(other_sha());
        }
        if session.filesize != file.size {
            let message = format!("the unfinished upload has {} bytes", session.filesize);
            return Err(Refusal::new(code::SIZE_MISMATCH, message));
        }
        let offset = tx.first_gap(&session)?;
        return Ok(Start::Resumed(session, offset));
    }

    let mut new = FileState {
        size: file.size,
        received: 0,
        sha: file.sha.clone(),
        blob: None,
        session: None,
    };
    let old = tx.entry(bucket, key)?;
    if let Some(old) = &old
        && !file.overwrite
    {
        return Err(exists(old, &new));
    }
    // The content may be in the bucket under any name (json-api.md §6, 22).
    new.blob = tx.find_content(bucket, &file.sha, file.size)?;
    if new.blob.is_some() {
        call.put_file(tx, old.as_ref(), new, file.biz_attr.clone())?;
        return Ok(Start::Done);
    }

    let blob = call.service.store.blobs.create().map_err(Refusal::fault)?;
    let session = Session {
        id: random_id().map_err(Refusal::fault)?,
        bucket: bucket.clone(),
        key: key.clone(),
        filesize: file.size,
        slice_size: file.slice_size,
        sha: file.sha.clone(),
        biz_attr: file.biz_attr.clone(),
        blob: blob.id.clone(),
        received: 0,
    };
    tx.begin_session(&session)?;
    // A first upload shows as an unfinished file; an old file stays as it is until the end.
    if old.is_none() {
        new.session = Some(session.id.clone());
        call.put_file(tx, None, new, file.biz_attr.clone())?;
    }
    Ok(Start::Begun(session, blob))
}

fn other_sha() -> Refusal {
    Refusal::new(
        code::OTHER_SHA_UNFINISHED,
        "an unfinished upload of other content is at this path",
    )
}

// ------------------------------------------------------------------------------------------- data

fn data(call: &Call) -> Result<Value, Refusal> {
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
        Err(error) if error.kind() == ErrorKind::NotFound => Err(unknown_session()),
        other => other.map_err(Refusal::fault),
    }
}

// ---------------------------------------------------------------------------------------- sessions

enum Found {
    Open(Session),
    /// The upload is complete; the file's sha.
    Finished(String),
}

/// The session of that id at the call's path.
fn find(tx: &Tx, call: &Call, id: &str) -> Result<Found, Refusal> {
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
        Some(file) if file.session.as_deref() == Some(id) => Ok(Found::Finished(file.sha)),
        _ => Err(unknown_session()),
    }
}

fn unknown_session() -> Refusal {
    Refusal::new(
        code::SESSION_UNKNOWN,
        "no such session: the upload was never begun, or was ended by a delete or another upload",
    )
}

/// Makes the file, now that all its slices are here. Two requests may come to this at once; the
/// second finds it done.
fn finish(call: &Call, session: &Session) -> Result<Value, Refusal> {
    let store = &call.service.store;
    if sha_of_blob(call, session)? != session.sha {
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
            size: session.filesize,
            received: session.filesize,
            sha: session.sha.clone(),
            blob: Some(session.blob.clone()),
            session: Some(session.id.clone()),
        };
        let old = tx.entry(&session.bucket, &session.key)?;
        match old {
            // Attributes may have been updated since the upload began.
            Some(mut unfinished) if unfinished.file.as_ref().is_some_and(|f| f.blob.is_none()) => {
                unfinished.file = Some(file);
                unfinished.mtime = call.now;
                tx.put_entry(&session.bucket, &unfinished)?;
            }
            old => call.put_file(tx, old.as_ref(), file, session.biz_attr.clone())?,
        }
        Ok::<_, Refusal>(tx.end_session(session)?)
    })?;
    Ok(reply::uploaded(call))
}

fn sha_of_blob(call: &Call, session: &Session) -> Result<String, Refusal> {
    let hash = || {
        let mut file = call.service.store.blobs.read(&session.blob)?;
        let mut sha = Sha1::new();
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hex(sha.finalize().as_slice())),
                count => sha.update(&buffer[..count]),
            }
        }
    };
    hash().map_err(|error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => unknown_session(),
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
