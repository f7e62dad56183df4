//! What is uploaded in parts: where it comes from, how it is cut, and which parts the service has.

use std::collections::BTreeMap;

use super::part_source::{PartSource, PartToSend};
use crate::base::crc64::{self, Crc64};
use crate::dialect::{Part, UploadContent, UploadSession};
use crate::error::{Error, Kind, Result};
use crate::transport::Content;

/// A part that the service has, and the CRC64 of what was read for it.
pub(super) struct Held {
    pub(super) part: Part,
    pub(super) crc64: u64,
}

/// What has come of a part that was sent.
pub(super) struct Sent {
    /// `None` where parts have no tags to be kept.
    pub(super) held: Option<Held>,
    pub(super) completes: bool,
}

/// What is uploaded in parts.
pub(super) struct PartedContent<'a> {
    pub(super) source: Box<dyn PartSource + 'a>,
    /// In hex, where the API begins with it.
    pub(super) sha1: Option<String>,
    /// What the service has, by number, as far as it tells parts by tags.
    pub(super) parts: BTreeMap<u64, Held>,
    pub(super) part_size: u64,
}

impl PartedContent<'_> {
    /// Cut into parts of this size from now on, of which the service has none.
    pub(super) fn cut(&mut self, part_size: u64) -> Result<()> {
        self.part_size = part_size;
        self.parts.clear();
        self.source.cut(part_size)
    }
}

pub(super) fn send(
    session: &dyn UploadSession,
    part: &PartToSend,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Sent> {
    let number = part.range.number;
    let crc64 = || {
        let problem = format!("the service took part {number} before it was sent to its end");
        let error = || Error::new(Kind::BadReply, problem).answered(200);
        part.reader.crc64().ok_or_else(error)
    };
    let taken = session.send_part(part.range, Content::Stream(&part.reader), &crc64, sent)?;
    let crc64 = crc64()?;
    let held = taken.etag.map(|etag| Held {
        part: Part {
            number,
            size: part.length,
            etag,
        },
        crc64,
    });
    Ok(Sent {
        held,
        completes: taken.completes,
    })
}

impl UploadContent for PartedContent<'_> {
    fn size(&self) -> Option<u64> {
        self.source.size()
    }

    fn sha1(&self) -> &str {
        let sha1 = self.sha1.as_deref();
        sha1.expect("reckoned where the dialect wants it")
    }

    fn crc64(&self) -> Result<u64> {
        let held = self.parts.values().map(|held| held.part.size);
        let size = self.size();
        if size == Some(held.sum()) {
            let parts = self.parts.values();
            return Ok(crc64::joined(
                parts.map(|held| (held.crc64, held.part.size)),
            ));
        }
        let mut crc64 = Crc64::default();
        self.source.each_block(0..size.unwrap_or(0), &mut |bytes| {
            crc64.update(bytes);
            Ok(())
        })?;
        Ok(crc64.value())
    }
}
