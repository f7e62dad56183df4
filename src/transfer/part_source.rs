//! Where the parts of an upload come from, and what a part is: to the engine a file, memory and a stream
//! are the same.

use std::ops::Range;

use super::part_reader::PartReader;
use super::part_tracker::PartTracker;
use super::progress::Progress;
use crate::dialect::PartRange;
use crate::error::Result;

pub(super) trait PartSource: Sync {
    /// Bytes; `None` while they are not known.
    fn size(&self) -> Option<u64>;

    /// SHA-1 of the whole, in hex, for an API that begins with it. What takes long is reported.
    fn sha1(&mut self, progress: &mut Progress) -> Result<String>;

    /// Parts have this size from now on.
    fn cut(&mut self, part_size: u64) -> Result<()>;

    /// The parts that are missing, each read when it is asked for. Nothing more comes after a failure, which
    /// `unchanged` tells.
    fn parts<'s>(&'s self, tracker: &PartTracker) -> Parts<'s>;

    /// Hands out every block of some of it, in order.
    fn each_block(
        &self,
        range: Range<u64>,
        visit: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()>;

    /// An error when it is not what it was.
    fn unchanged(&self) -> Result<()>;

    /// Whether parts that the service has lost can be sent again.
    fn can_be_read_again(&self) -> bool {
        true
    }
}

pub(super) type Parts<'s> = Box<dyn Iterator<Item = PartToSend<'s>> + Send + 's>;

/// Those of a source that can be read anywhere: `reader` is told where a part begins, and its length.
pub(super) fn missing<'s>(
    tracker: &PartTracker,
    reader: impl Fn(u64, u64) -> PartReader<'s> + Send + 's,
) -> Parts<'s> {
    Box::new(tracker.missing().map(move |(range, length)| PartToSend {
        range,
        length,
        reader: reader(range.offset, length),
    }))
}

/// A part on its way.
pub(super) struct PartToSend<'s> {
    pub(super) range: PartRange,
    pub(super) length: u64,
    pub(super) reader: PartReader<'s>,
}
