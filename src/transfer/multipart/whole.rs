//! An object that an upload in parts should have become, compared with the file.

use super::Multipart;
use crate::base::crc64::{self, Crc64};
use crate::dialect::xml::{self, Head, Look};
use crate::error::{Error, Kind, Result};
use crate::model::Verified;
use crate::transfer::progress::Progress;

impl Multipart<'_> {
    /// The CRC64 of what is there, if it is just this file.
    pub(super) fn complete_already(&self) -> Result<Option<u64>> {
        let before = self.before.as_ref().and_then(Option::as_ref);
        match xml::head_if_seen(self.call, self.target())? {
            // There before the upload was completed: not its doing.
            Some(held) if before.is_some_and(|before| xml::is_unchanged(before, &held)) => Ok(None),
            Some(held) if self.is_held(&held)? => Ok(held.crc64),
            _ => Ok(None),
        }
    }

    /// Whether an object is just this file.
    pub(super) fn is_held(&self, held: &Head) -> Result<bool> {
        Ok(held.size == self.source.size() && held.crc64 == Some(self.crc64()?))
    }

    /// The file's CRC64: put together of its parts, or read where some are not known.
    fn crc64(&self) -> Result<u64> {
        if self.parts.len() as u64 == self.tally.parts() {
            let parts = self.parts.values();
            return Ok(crc64::joined(
                parts.map(|held| (held.crc64, held.part.size)),
            ));
        }
        let mut crc64 = Crc64::default();
        self.source.each_block(|bytes, _| {
            crc64.update(bytes);
            Ok(())
        })?;
        Ok(crc64.value())
    }

    /// The service must hold just what was read.
    pub(super) fn confirm(&self, told: Option<u64>, progress: &mut Progress) -> Result<Verified> {
        let (size, crc64) = (self.source.size(), self.crc64()?);
        if told.is_some() {
            return xml::verify(told, crc64, 200).map(|()| Verified::Crc64);
        }
        let (mut held, mut may_look) = (None, true);
        self.call.see(&mut || progress.advance(0), &mut || {
            held = match xml::look(self.call, self.target())? {
                Look::There(held) => Some(held),
                Look::Nothing(_) => None,
                Look::Forbidden(_) => {
                    may_look = false;
                    return Ok(true);
                }
            };
            let is_same = |held: &Head| held.verify(size, crc64).is_ok();
            Ok(held.as_ref().is_some_and(|held| is_same(held)))
        })?;
        match held {
            Some(held) => held.verify(size, crc64),
            // Every part was compared when it was sent.
            None if !may_look => Ok(Verified::Length),
            None => {
                let problem = "the service said that the upload is complete, and holds nothing";
                Err(Error::new(Kind::Integrity, problem).answered(200))
            }
        }
    }
}
