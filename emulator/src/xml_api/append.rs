//! APPEND Object (xml-api.md §3.19): a piece that goes behind the end of what is there, or begins an object.

use std::io::{ErrorKind, Seek, SeekFrom};
use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;

use super::Call;
use super::attributes::{self, check_key};
use super::content::{self, Content, MAX_PUT};
use super::encryption::put_encryption;
use super::refusal::{Code, Refusal, code};
use super::reply::{empty, put_header};
use crate::store::{Attributes, FileState, Object, Tx, Writer, Written, random_id};

const POSITION_ERR: Code = Code(
    409,
    "AppendPositionErr",
    "The position is not the length of the object.",
);
const NOT_APPENDABLE: Code = Code(
    409,
    "ObjectNotAppendable",
    "The operation is not valid for the current state of the object.",
);
pub const NOT_TO_BE_COPIED: Code = Code(
    409,
    "InvalidObjectState",
    "The request is not valid with the current state of the object.",
);

/// A piece, but for its content.
struct Piece {
    position: u64,
    /// As an object that begins with it has them.
    attributes: Attributes,
}

pub async fn append(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    check_key(&call)?;
    let headers = &call.parts.headers;
    let position = call.given("position").unwrap_or("").parse();
    let position = position
        .map_err(|_| Refusal::new(code::INVALID_ARGUMENT, "position is no number of bytes"))?;
    if !headers.contains_key(CONTENT_LENGTH) {
        return Err(code::MISSING_CONTENT_LENGTH.into());
    }
    let length = content::length(headers)?.unwrap_or(0);
    let piece = Piece {
        position,
        attributes: attributes::of_request(&call.parts)?,
    };
    let look = move |call: &Call| {
        call.transaction(|tx| {
            call.use_bucket(tx)?;
            base(call, tx, position, length)
        })
    };
    // What is refused for this need not be read.
    call.blocking(look).await?;
    let written = content::store(&call, content).await?;
    call.blocking(move |call| join(call, &piece, written)).await
}

/// What the piece goes behind, if it may.
fn base(call: &Call, tx: &Tx, position: u64, length: u64) -> Result<Option<Object>, Refusal> {
    let object = tx.object(&call.bucket, &call.key)?;
    if object.as_ref().is_some_and(|o| !o.attributes.is_appendable) {
        return Err(NOT_APPENDABLE.into());
    }
    if object.as_ref().map_or(0, |object| object.size) != position {
        return Err(POSITION_ERR.into());
    }
    if position + length > MAX_PUT {
        return Err(code::ENTITY_TOO_LARGE.into());
    }
    Ok(object)
}

/// Another piece may come in between, or another object: then it is at the wrong position.
fn join(call: &Call, piece: &Piece, written: Written) -> Result<Response, Refusal> {
    let size = written.size;
    let before = call.transaction(|tx| base(call, tx, piece.position, size))?;
    let joined = joined(call, before.as_ref(), &written).map_err(|error| match error.kind() {
        ErrorKind::NotFound => POSITION_ERR.into(),
        _ => Refusal::fault(error),
    })?;
    let etag = random_id().map_err(Refusal::fault)?;
    let file = FileState {
        etag: etag.clone(),
        ..FileState::complete(joined.size, joined.digests.clone(), &joined.blob.id)
    };
    let attributes = match &before {
        // Whatever later requests say of it.
        Some(object) => object.attributes.clone(),
        None => Attributes {
            is_appendable: true,
            ..piece.attributes.clone()
        },
    };
    if attributes.storage_class.ends_with("INTELLIGENT_TIERING") {
        return Err(code::NOT_SUPPORTED_STORAGE_CLASS.into());
    }
    let mut response = empty(StatusCode::OK);
    put_encryption(response.headers_mut(), &attributes);
    let stored = call.transaction(|tx| {
        let now = base(call, tx, piece.position, size)?;
        let blob = |object: Option<&Object>| object.and_then(|object| object.blob.clone());
        if blob(now.as_ref()) != blob(before.as_ref()) {
            return Err(POSITION_ERR.into());
        }
        call.put(tx, file, attributes)
    })?;
    if stored.has_blob {
        joined.blob.keep();
    }
    call.put_digests(&mut response, &etag, joined.digests.crc64);
    let headers = response.headers_mut();
    put_header(
        headers,
        "x-cos-next-append-position",
        &joined.size.to_string(),
    );
    put_header(headers, "x-cos-content-sha1", &written.digests.md5);
    Ok(response)
}

fn joined(call: &Call, before: Option<&Object>, written: &Written) -> std::io::Result<Written> {
    let blobs = &call.service.store.blobs;
    let mut writer = Writer::new(blobs.create()?);
    if let Some(blob) = before.and_then(|object| object.blob.as_ref()) {
        writer.copy(blobs.read(blob)?)?;
    }
    let mut file = &written.blob.file;
    file.seek(SeekFrom::Start(0))?;
    writer.copy(file)?;
    Ok(writer.finish())
}
