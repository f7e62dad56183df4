//! Where the parts of an upload come from, and what a part is: to the engine a file and memory are the
//! same.

use std::ops::Range;

use super::part_reader::PartReader;
use super::progress::Progress;
use crate::base::crc64::Crc64;
use crate::dialect::PartRange;
use crate::error::Result;
use crate::transport::Content;

pub(super) trait PartSource: Sync {
    /// Bytes.
    fn size(&self) -> u64;

    /// SHA-1 of the whole, in hex, for an API that begins with it. What takes long is reported.
    fn sha1(&mut self, progress: &mut Progress) -> Result<String>;

    /// Parts have this size from now on.
    fn cut(&mut self, part_size: u64) -> Result<()>;

    /// A part to be sent. May be called from several threads at once.
    fn part(&self, range: PartRange, length: u64) -> PartBytes<'_>;

    /// Hands out every block of some of it, in order.
    fn each_block(&self, range: Range<u64>, see: &mut dyn FnMut(&[u8]) -> Result<()>)
    -> Result<()>;

    /// An error when it is not what it was.
    fn unchanged(&self) -> Result<()>;
}

/// The bytes of one part.
pub(super) enum PartBytes<'s> {
    Read(PartReader<'s>),
    Held(&'s [u8]),
}

impl PartBytes<'_> {
    pub(super) fn content(&self) -> Content<'_> {
        match self {
            PartBytes::Read(reader) => Content::Stream(reader),
            PartBytes::Held(bytes) => Content::Bytes(bytes),
        }
    }

    /// Of what was sent, once it was sent to its end.
    pub(super) fn crc64(&self) -> Option<u64> {
        match self {
            PartBytes::Read(reader) => reader.crc64(),
            PartBytes::Held(bytes) => {
                let mut crc64 = Crc64::default();
                crc64.update(bytes);
                Some(crc64.value())
            }
        }
    }
}
