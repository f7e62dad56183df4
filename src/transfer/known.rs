//! What the service says of an object before it is fetched, and what has arrived, compared.

use serde_json::Value;

use super::hasher::Hasher;
use crate::api::{self, Api, Digests, Operation, Target, Verified, json, xml};
use crate::client::Call;
use crate::error::{Error, Kind, Result};
use crate::hex::hex;
use crate::size;

#[derive(Default)]
pub(super) struct Known {
    pub(super) size: u64,
    /// In hex; not every object has one.
    sha1: Option<String>,
    /// Reckoned by the service itself, so it goes before a SHA-1 that an uploader has claimed.
    crc64: Option<u64>,
    /// In hex, of content whose ETag is one.
    md5: Option<String>,
    pub(super) etag: Option<String>,
    /// What its own headers say, in lower case, perhaps nothing; `None` where they are not told.
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
}

impl Known {
    pub(super) fn of(call: &Call, target: &Target) -> Result<Known> {
        match call.client().config().api {
            Api::Json => Known::of_json(call, target),
            Api::Xml => Known::of_xml(call, target),
        }
    }

    fn of_xml(call: &Call, target: &Target) -> Result<Known> {
        api::check(call.client(), target)?;
        let head = xml::known(call, target)?;
        let text = |name: &str| head.text(name).unwrap_or_default().to_ascii_lowercase();
        Ok(Known {
            size: head.size,
            sha1: None,
            crc64: head.crc64,
            md5: head.md5(),
            content_type: Some(text("content-type")),
            content_encoding: Some(text("content-encoding")),
            etag: Some(head.etag),
        })
    }

    fn of_json(call: &Call, target: &Target) -> Result<Known> {
        let stat = api::ask(call, target, &Operation::Stat)?;
        let number = |key: &str| stat.data.get(key).and_then(Value::as_u64);
        let Some(size) = number("filesize").or(number("filelen")) else {
            let problem = "the service does not tell the file's size";
            return Err(Error::new(Kind::BadReply, problem).answered(stat.httpcode));
        };
        let size = size::of_object(size).map_err(|e| e.answered(stat.httpcode))?;
        if let Some(there) = number("filelen").filter(|there| *there < size) {
            return Err(json::unfinished(there, size, stat.httpcode));
        }
        let text = |key: &str| stat.data.get(key).and_then(Value::as_str);
        let is_digest = |sha: &&str| {
            sha.len() == 40
                && sha.bytes().all(|b| b.is_ascii_hexdigit())
                // Uploaded without one (json-api.md §3.2).
                && sha.bytes().any(|b| b != b'0')
        };
        Ok(Known {
            size,
            sha1: text("sha").filter(is_digest).map(str::to_owned),
            ..Known::default()
        })
    }

    /// Whether content can be told from another of the same length.
    pub(super) fn has_digest(&self) -> bool {
        self.crc64.is_some() || self.sha1.is_some() || self.md5.is_some()
    }

    /// A CRC64 is enough, and the only digest that can be put together of ranges.
    pub(super) fn wants_all(&self) -> bool {
        self.crc64.is_none()
    }

    /// For what `confirm` compares, and for the SHA-1 that a reply tells where there is no CRC64.
    pub(super) fn hasher(&self) -> Hasher {
        Hasher::new(self.wants_all(), self.wants_all() && self.md5.is_some())
    }

    /// What it was compared by, when it is the object's content as far as that can be told.
    pub(super) fn confirm(&self, arrived: &Digests) -> Result<Verified> {
        let same = |known: &str, came: &str| known.eq_ignore_ascii_case(came);
        let arrived_md5 = arrived.md5.map(|md5| hex(&md5)).unwrap_or_default();
        let arrived_sha1 = arrived.sha1.as_deref().unwrap_or_default();
        let (by, is_same, wrong) = match (self.crc64, &self.sha1, &self.md5) {
            (Some(known), _, _) => {
                let came = arrived.crc64;
                let wrong = format!("CRC64 {came} arrived, {known} was announced");
                (Verified::Crc64, known == came, wrong)
            }
            (None, Some(known), _) => {
                let wrong = format!("SHA-1 {arrived_sha1} arrived, {known} was announced");
                (Verified::Sha1, same(known, arrived_sha1), wrong)
            }
            (None, None, Some(known)) => {
                let wrong = format!("MD5 {arrived_md5} arrived, {known} was announced as its ETag");
                (Verified::Md5, same(known, &arrived_md5), wrong)
            }
            (None, None, None) => return Ok(Verified::Length),
        };
        if is_same {
            return Ok(by);
        }
        let message = format!("{} bytes with {wrong}", self.size);
        Err(Error::new(Kind::Integrity, message))
    }
}
