//! Where the parts of an upload come from, and what a part is: to the engine a file, memory and a stream
//! are the same.

use std::ops::Range;

use super::part_reader::PartReader;
use super::part_tracker::PartTracker;
use super::progress::Progress;
use super::stream_part::StreamPart;
use crate::base::crc64::Crc64;
use crate::dialect::PartRange;
use crate::error::Result;
use crate::transport::Content;

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
    fn each_block(&self, range: Range<u64>, see: &mut dyn FnMut(&[u8]) -> Result<()>)
    -> Result<()>;

    /// An error when it is not what it was.
    fn unchanged(&self) -> Result<()>;

    /// Whether parts that the service has lost can be sent again.
    fn can_be_read_again(&self) -> bool {
        true
    }
}

pub(super) type Parts<'s> = Box<dyn Iterator<Item = PartToSend<'s>> + Send + 's>;

/// Those of a source that can be read anywhere: `bytes` is told where a part begins, and its length.
pub(super) fn missing<'s>(
    tracker: &PartTracker,
    bytes: impl Fn(u64, u64) -> PartBytes<'s> + Send + 's,
) -> Parts<'s> {
    Box::new(tracker.missing().map(move |(range, length)| PartToSend {
        range,
        length,
        bytes: bytes(range.offset, length),
    }))
}

/// A part on its way.
pub(super) struct PartToSend<'s> {
    pub(super) range: PartRange,
    pub(super) length: u64,
    pub(super) bytes: PartBytes<'s>,
}

/// The bytes of one part.
pub(super) enum PartBytes<'s> {
    Read(PartReader<'s>),
    Held(&'s [u8]),
    Streamed(StreamPart<'s>),
}

impl PartBytes<'_> {
    pub(super) fn content(&self) -> Content<'_> {
        match self {
            PartBytes::Read(reader) => Content::Stream(reader),
            PartBytes::Held(bytes) => Content::Bytes(bytes),
            PartBytes::Streamed(part) => Content::Bytes(part.bytes()),
        }
    }

    /// Of what was sent, once it was sent to its end.
    pub(super) fn crc64(&self) -> Option<u64> {
        match self {
            PartBytes::Read(reader) => reader.crc64(),
            PartBytes::Held(bytes) => Some(crc64_of(bytes)),
            PartBytes::Streamed(part) => Some(crc64_of(part.bytes())),
        }
    }
}

fn crc64_of(bytes: &[u8]) -> u64 {
    let mut crc64 = Crc64::default();
    crc64.update(bytes);
    crc64.value()
}
