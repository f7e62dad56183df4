//! What the service says of an object before it is fetched, and what has arrived, compared.

use serde_json::Value;

use crate::api::{self, Digests, Operation, Target, json};
use crate::client::Call;
use crate::error::{Error, Kind, Result};

pub(super) struct Known {
    pub(super) size: u64,
    /// In hex; not every object has one.
    sha1: Option<String>,
    /// Reckoned by the service itself, so it goes before a SHA-1 that an uploader has claimed.
    crc64: Option<u64>,
    pub(super) etag: Option<String>,
}

impl Known {
    pub(super) fn of(call: &Call, target: &Target) -> Result<Known> {
        let stat = api::ask(call, target, &Operation::Stat)?;
        let number = |key: &str| stat.data.get(key).and_then(Value::as_u64);
        let Some(size) = number("filesize").or(number("filelen")) else {
            let problem = "the service does not tell the file's size";
            return Err(Error::new(Kind::BadReply, problem).answered(stat.httpcode));
        };
        if let Some(there) = number("filelen").filter(|there| *there < size) {
            return Err(json::unfinished(there, size, stat.httpcode));
        }
        let text = |key: &str| stat.data.get(key).and_then(Value::as_str);
        let sha1 = text("sha");
        let is_digest = |sha: &&str| {
            sha.len() == 40
                && sha.bytes().all(|b| b.is_ascii_hexdigit())
                // Uploaded without one (json-api.md §3.2).
                && sha.bytes().any(|b| b != b'0')
        };
        Ok(Known {
            size,
            sha1: sha1.filter(is_digest).map(str::to_owned),
            crc64: text("crc64").and_then(|crc64| crc64.parse().ok()),
            etag: text("etag").map(str::to_owned),
        })
    }

    /// Whether content can be told from another of the same length.
    pub(super) fn has_digest(&self) -> bool {
        self.crc64.is_some() || self.sha1.is_some()
    }

    /// A CRC64 is enough.
    pub(super) fn wants_sha1(&self) -> bool {
        self.crc64.is_none()
    }

    pub(super) fn confirm(&self, arrived: &Digests) -> Result<()> {
        let wrong = match (self.crc64, &self.sha1, &arrived.sha1) {
            (Some(known), _, _) if known != arrived.crc64 => {
                format!("CRC64 {} arrived, {known} was announced", arrived.crc64)
            }
            (None, Some(known), Some(sha1)) if !known.eq_ignore_ascii_case(sha1) => {
                format!("SHA-1 {sha1} arrived, {known} was announced")
            }
            _ => return Ok(()),
        };
        let message = format!("{} bytes with {wrong}", self.size);
        Err(Error::new(Kind::Integrity, message))
    }
}
