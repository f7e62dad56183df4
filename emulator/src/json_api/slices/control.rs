//! Control requests: they announce a file, and are told where to go on.

use serde_json::{Value, json};

use super::session::{Found, find, finish};
use crate::json_api::upload::{exists, expected_sha, may_overwrite};
use crate::json_api::{Call, reply};
use crate::refusal::{Refusal, code};
use crate::store::{Digests, FileState, NewBlob, Session, Tx, random_id};

/// The lawful sizes of a slice; the first is the default (json-api.md §2.9).
const SLICE_SIZES: [u64; 4] = [512 << 10, 1 << 20, 2 << 20, 3 << 20];

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

pub fn open_or_resume(call: &Call) -> Result<Value, Refusal> {
    let file = Announced::read(call)?;
    let store = &call.service.store;
    let (session, offset) = match store.transaction(|tx| start(tx, call, &file))? {
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
    let open = match call.params.given("session") {
        Some(id) => match find(tx, call, id)? {
            Found::Open(session) => Some(session),
            Found::Finished(sha) if sha == file.sha => return Ok(Start::Done),
            Found::Finished(_) => return Err(other_sha()),
        },
        None => tx.session_at(&call.location.bucket, &call.location.key)?,
    };
    match open {
        Some(session) => resume(tx, session, file),
        None => begin(tx, call, file),
    }
}

fn resume(tx: &Tx, session: Session, file: &Announced) -> Result<Start, Refusal> {
    if session.sha != file.sha {
        return Err(other_sha());
    }
    if session.filesize != file.size {
        let message = format!("the unfinished upload has {} bytes", session.filesize);
        return Err(Refusal::new(code::SIZE_MISMATCH, message));
    }
    let offset = tx.first_gap(&session)?;
    Ok(Start::Resumed(session, offset))
}

fn begin(tx: &mut Tx, call: &Call, file: &Announced) -> Result<Start, Refusal> {
    let (bucket, key) = (&call.location.bucket, &call.location.key);
    let mut new = FileState {
        size: file.size,
        received: 0,
        digests: Digests::announced(&file.sha),
        etag: String::new(),
        blob: None,
        session: None,
    };
    let old = tx.entry(bucket, key)?;
    match &old {
        Some(old) if !file.overwrite => return Err(exists(old, &new)),
        _ => {}
    }
    // The content may be in the bucket under any name (json-api.md §6, 22).
    if let Some((blob, digests)) = tx.find_content(bucket, &file.sha, file.size)? {
        let new = FileState::complete(file.size, digests, &blob);
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
