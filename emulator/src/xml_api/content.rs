//! What a request carries: objects on their way to the disk, and XML.

use axum::body::{BodyDataStream, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use md5::{Digest, Md5};
use tokio::time::timeout;

use super::refusal::{Refusal, code};
use super::xml::{self, Node};
use super::{Call, Spoilt};
use crate::body::{PATIENCE, read_away, refuse_unread};
use crate::store::{Writer, Written, hex};

/// 1000 keys of 850 bytes, each letter a reference, or 10000 parts (xml-api.md §3.10).
const MAX_XML: usize = 8 << 20;
/// xml-api.md §3.10: 5 GB.
pub const MAX_PUT: u64 = 5 << 30;
/// How much is written at a time.
const PIECE: usize = 256 << 10;

pub struct Content {
    stream: Option<BodyDataStream>,
    is_begun: bool,
}

impl Content {
    pub fn new(stream: BodyDataStream) -> Content {
        Content {
            stream: Some(stream),
            is_begun: false,
        }
    }

    /// Lets a refusal reach a client that is still sending.
    pub fn refuse(&mut self, headers: &HeaderMap) {
        match self.stream.take() {
            Some(stream) if self.is_begun => read_away(stream),
            Some(stream) => refuse_unread(stream, headers),
            None => {}
        }
    }

    /// The stream itself, for those who read it by themselves.
    pub fn begun(&mut self) -> Option<&mut BodyDataStream> {
        self.is_begun = true;
        self.stream.as_mut()
    }

    /// All of it; a Content-MD5 has to fit.
    pub async fn read(&mut self, headers: &HeaderMap) -> Result<Vec<u8>, Refusal> {
        let expected = expected_md5(headers)?;
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MAX_XML {
                return Err(code::XML_SIZE_LIMIT.into());
            }
        }
        if expected.is_some_and(|expected| expected != hex(Md5::digest(&bytes).as_slice())) {
            return Err(code::BAD_DIGEST.into());
        }
        Ok(bytes)
    }

    /// The root of an XML document.
    pub async fn read_xml(&mut self, headers: &HeaderMap, root: &str) -> Result<Node, Refusal> {
        let bytes = self.read(headers).await?;
        let node = xml::read(&bytes).filter(|node| node.name == root);
        node.ok_or_else(|| code::MALFORMED_XML.into())
    }
}

/// What an object is made of, piece by piece.
pub trait Pieces {
    /// None at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, Refusal>> + Send;
}

impl Pieces for Content {
    async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        let Some(stream) = &mut self.stream else {
            return Ok(None);
        };
        self.is_begun = true;
        match timeout(PATIENCE, stream.frame()).await {
            Err(_) => Err(code::REQUEST_TIMEOUT.into()),
            Ok(Some(Err(_))) => Err(code::INCOMPLETE_BODY.into()),
            Ok(None) => Ok(None),
            Ok(Some(Ok(frame))) => Ok(Some(frame.into_data().unwrap_or_default())),
        }
    }
}

/// Into a new blob, which the Content-MD5 has to fit if there is one.
pub async fn store(call: &Call, pieces: &mut impl Pieces) -> Result<Written, Refusal> {
    let expected = expected_md5(&call.parts.headers)?;
    let mut writer = call
        .service
        .blocking(|service| service.store.blobs.create().map_err(Refusal::fault))
        .await
        .map(Writer::new)?;
    let mut piece = Vec::with_capacity(PIECE);
    let mut size = 0;
    loop {
        let next = pieces.next().await?;
        let is_end = next.is_none();
        let bytes = next.unwrap_or_default();
        size += bytes.len() as u64;
        if size > MAX_PUT {
            return Err(code::ENTITY_TOO_LARGE.into());
        }
        piece.extend_from_slice(&bytes);
        if piece.len() >= PIECE || (is_end && !piece.is_empty()) {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            let write = move |_: &_| {
                writer.write(&full).map_err(Refusal::fault)?;
                Ok::<_, Refusal>(writer)
            };
            writer = call.service.blocking(write).await?;
        }
        if is_end {
            break;
        }
    }
    let written = writer.finish();
    if expected.is_some_and(|expected| expected != written.digests.md5) {
        return Err(code::BAD_DIGEST.into());
    }
    match call.parts.extensions.get::<Spoilt>() {
        Some(_) => call.service.blocking(move |_| spoil(written)).await,
        None => Ok(written),
    }
}

/// The announced length; None for a chunked body.
pub fn length(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let length = headers.get(CONTENT_LENGTH).and_then(|l| l.to_str().ok());
    match length.and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length > MAX_PUT => Err(code::ENTITY_TOO_LARGE.into()),
        Some(length) => Ok(Some(length)),
        None if headers.contains_key(TRANSFER_ENCODING) => Ok(None),
        None => Err(code::MISSING_CONTENT_LENGTH.into()),
    }
}

/// In hexadecimal.
fn expected_md5(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("content-md5") else {
        return Ok(None);
    };
    match STANDARD.decode(value.as_bytes()) {
        Ok(md5) if md5.len() == 16 => Ok(Some(hex(&md5))),
        _ => Err(code::INVALID_DIGEST.into()),
    }
}

/// Flips a bit of what was written; the digests are those of what is there then.
fn spoil(written: Written) -> Result<Written, Refusal> {
    use std::io::{Read, Seek, SeekFrom, Write};

    let spoil = || {
        let mut file = &written.blob.file;
        let mut byte = [0];
        file.seek(SeekFrom::Start(0))?;
        if file.read(&mut byte)? == 1 {
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&[byte[0] ^ 1])?;
        }
        file.seek(SeekFrom::Start(0))?;
        crate::store::Digests::of_reader(file)
    };
    let digests = spoil().map_err(|error: std::io::Error| Refusal::fault(error))?;
    Ok(Written { digests, ..written })
}
