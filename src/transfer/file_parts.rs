//! The parts of a local file: read and hashed as they are sent, so that memory holds none of them.

use std::ops::Range;

use super::digest::FileDigests;
use super::part_reader::PartReader;
use super::part_source::{self, PartSource, Parts};
use super::part_tracker::PartTracker;
use super::progress::Progress;
use super::source::Source;
use crate::base::cancel;
use crate::error::Result;

pub(super) struct FileParts<'a> {
    source: &'a Source,
    /// Where the whole was hashed first: what is sent must be what was hashed.
    digests: Option<FileDigests>,
}

impl<'a> FileParts<'a> {
    pub(super) fn of(source: &'a Source) -> FileParts<'a> {
        FileParts {
            source,
            digests: None,
        }
    }

    fn reader(&self, offset: u64, length: u64) -> PartReader<'a> {
        let reader = PartReader::new(self.source.bytes_from(offset), length);
        match &self.digests {
            Some(digests) => reader.known(digests.of_slice(offset, length)),
            None => reader,
        }
    }
}

impl PartSource for FileParts<'_> {
    fn size(&self) -> Option<u64> {
        Some(self.source.size())
    }

    fn sha1(&mut self, progress: &mut Progress) -> Result<String> {
        let digests = FileDigests::before_upload(self.source, progress)?;
        Ok(self.digests.insert(digests).whole.clone())
    }

    fn cut(&mut self, part_size: u64) -> Result<()> {
        let Some(digests) = self.digests.as_mut().filter(|d| !d.fits(part_size)) else {
            return Ok(());
        };
        let again = FileDigests::of(self.source, part_size, &mut cancel::check)?;
        // The whole must still be what was announced.
        if again.whole != digests.whole {
            return Err(self.source.changed("changed"));
        }
        *digests = again;
        Ok(())
    }

    fn parts<'s>(&'s self, tracker: &PartTracker) -> Parts<'s> {
        part_source::missing(tracker, |offset, length| self.reader(offset, length))
    }

    fn each_block(
        &self,
        range: Range<u64>,
        visit: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.source.each_block_of(range, |bytes, _| visit(bytes))
    }

    fn unchanged(&self) -> Result<()> {
        self.source.unchanged()
    }
}
