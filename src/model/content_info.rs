//! What the service says of an object before it is fetched, and what has arrived, compared.

use super::{ContentTag, Digests, FileAttributes, Verified};
use crate::base::hex::hex;
use crate::error::{Error, Kind, Result};

/// Compares what the service holds with what was sent, where it tells its CRC64.
pub(crate) fn verify_crc64(held: Option<u64>, sent: u64, httpcode: u16) -> Result<()> {
    match held {
        Some(held) if held != sent => {
            let message = format!("the service holds content of CRC64 {held}, {sent} was sent");
            Err(Error::new(Kind::Integrity, message).answered(httpcode))
        }
        _ => Ok(()),
    }
}

#[derive(Default)]
pub(crate) struct ContentInfo {
    pub(crate) size: u64,
    /// In hex; not every object has one.
    pub(crate) sha1: Option<String>,
    /// Reckoned by the service itself, so it goes before a SHA-1 that an uploader has claimed.
    pub(crate) crc64: Option<u64>,
    /// In hex, of content whose ETag is one.
    pub(crate) md5: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) version_id: Option<String>,
    /// What its own headers say, in lower case, perhaps nothing; `None` where they are not told.
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    /// Of the file that it was, where it is known.
    pub(crate) file: FileAttributes,
}

impl ContentInfo {
    /// Whether content can be told from another of the same length.
    pub(crate) fn has_digest(&self) -> bool {
        self.crc64.is_some() || self.sha1.is_some() || self.md5.is_some()
    }

    /// What it is known by in a list, where its content was compared with what has this CRC64.
    pub(crate) fn tag(&self, crc64: u64) -> Option<ContentTag> {
        ContentTag::new(self.etag.as_deref()?, crc64)
    }

    /// A CRC64 is enough, and the only digest that can be put together of ranges.
    pub(crate) fn wants_all(&self) -> bool {
        self.crc64.is_none()
    }

    /// Whether both have the same content, by a digest that both have.
    pub(crate) fn is_same_as(&self, other: &ContentInfo) -> bool {
        let is_same = match (self.crc64, other.crc64) {
            (Some(one), Some(other)) => one == other,
            _ => {
                let md5 = self.md5.as_ref().zip(other.md5.as_ref());
                md5.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
            }
        };
        self.size == other.size && is_same
    }

    /// What it was compared by, when it is the object's content as far as that can be told.
    pub(crate) fn confirm(&self, arrived: &Digests) -> Result<Verified> {
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
        Err(Error::new(Kind::Integrity, message).damaged())
    }
}
