//! A file, a buffer or a stream to an object, whole or in slices as its size asks for.

use super::WHOLE_MAX_BYTES;
use super::block::Block;
use super::multipart;
use super::progress::{Progress, UNKNOWN};
use super::source::Source;
use super::stream_memory::{PIECE_LEAST, StreamMemory};
use super::stream_parts::{self, StreamParts};
use super::stream_reader::StreamReader;
use super::whole_content::WholeContent;
use crate::base::page_aligned::PageAligned;
use crate::base::size::{self, IO_BLOCK, OBJECT_MAX_BYTES};
use crate::config::Config;
use crate::dialect::{self, UploadSpec};
use crate::error::{Error, Result};
use crate::exchange::Call;
use crate::local::Place;
use crate::model::{Answer, UploadedObject};

/// Bytes a slice.
#[derive(Clone, Copy)]
pub(crate) struct SliceSize {
    /// `None`: as the file's size suggests.
    bytes: Option<u64>,
    /// Asked for by just this call: another is not taken in its stead.
    forced: bool,
}

impl SliceSize {
    fn of_option(config: &Config) -> SliceSize {
        SliceSize {
            bytes: config.slice_size,
            forced: false,
        }
    }

    /// `given` is the caller's; 0 stands for the option's.
    pub(crate) fn of_call(config: &Config, given: u64) -> Result<SliceSize> {
        if given == 0 {
            return Ok(SliceSize::of_option(config));
        }
        let bytes = config.api.slice_size(given)?;
        Ok(SliceSize {
            bytes: Some(bytes),
            forced: bytes == given,
        })
    }
}

/// A file of any size.
pub(crate) fn file(
    call: &Call,
    upload: &UploadSpec,
    file: Place,
    progress: Progress,
) -> Result<Answer<UploadedObject>> {
    opened(call, upload, &Source::open(file)?, progress)
}

pub(super) fn opened(
    call: &Call,
    upload: &UploadSpec,
    source: &Source,
    mut progress: Progress,
) -> Result<Answer<UploadedObject>> {
    progress.set_total(source.size());
    if source.size() <= WHOLE_MAX_BYTES {
        whole_reporting(call, upload, source, &mut progress)
    } else {
        let slice_size = SliceSize::of_option(call.exchange().config());
        in_slices(call, upload, source, slice_size, None, &mut progress)
    }
}

/// A file of any size, in slices; goes on with `session` where it stopped. Whatever fails, the
/// reply tells the session that there is.
pub(crate) fn file_in_slices(
    call: &Call,
    upload: &UploadSpec,
    file: Place,
    slice_size: SliceSize,
    session: Option<&str>,
    mut progress: Progress,
) -> Result<Answer<UploadedObject>> {
    let sent = Source::open(file).and_then(|source| {
        progress.set_total(source.size());
        if source.size() == 0 {
            // There is no slice to send.
            return whole_reporting(call, upload, &source, &mut progress);
        }
        in_slices(call, upload, &source, slice_size, session, &mut progress)
    });
    sent.map_err(|error| match session {
        Some(session) if !error.data.contains_key("session") => error.with_data("session", session),
        _ => error,
    })
}

fn in_slices(
    call: &Call,
    upload: &UploadSpec,
    source: &Source,
    slice_size: SliceSize,
    session: Option<&str>,
    progress: &mut Progress,
) -> Result<Answer<UploadedObject>> {
    let exchange = call.exchange();
    if source.size() > OBJECT_MAX_BYTES {
        return Err(source.too_large());
    }
    let SliceSize { bytes, forced } = slice_size;
    let api = exchange.config().api;
    let part_size = api.slice_size_within(source.size(), bytes, forced)?;
    multipart::upload_file(call, upload, source, part_size, session, progress)
}

/// Bytes in memory, whole or in slices as their number asks for.
pub(crate) fn buffer(
    call: &Call,
    upload: &UploadSpec,
    content: &[u8],
    mut progress: Progress,
) -> Result<Answer<UploadedObject>> {
    let size = content.len() as u64;
    progress.set_total(size);
    if size <= WHOLE_MAX_BYTES {
        return reporting(&mut progress, |sent| bytes(call, upload, content, sent));
    }
    let config = call.exchange().config();
    let part_size = config
        .api
        .slice_size_within(size, config.slice_size, false)?;
    multipart::upload_memory(call, upload, content, part_size, &mut progress)
}

/// What the caller reads, of a size that may be known only at its end: whole where it is small, else in
/// parts.
pub(crate) fn stream(
    call: &Call,
    upload: &UploadSpec,
    length: Option<u64>,
    mut reader: StreamReader,
    mut progress: Progress,
) -> Result<Answer<UploadedObject>> {
    let config = call.exchange().config();
    let most = config.api.stream_max();
    let first = size::within(usize::MAX, most.unwrap_or(WHOLE_MAX_BYTES));
    progress.set_total(length.unwrap_or(UNKNOWN));
    progress.start(0)?;
    // One byte more tells a stream that is too long; the caller is never asked for so little.
    let least = first + usize::from(most.is_some());
    let (begun, mut is_end) =
        reader.fill_at_least(least, Block::default(), least.next_multiple_of(IO_BLOCK))?;
    if let Some(most) = most.filter(|most| begun.filled as u64 > *most) {
        let problem =
            format!("gave more than {most} bytes, the most that the JSON API takes of a stream");
        return Err(Error::parameter("read", problem));
    }
    let part_size = config
        .api
        .slice_size_within(length.unwrap_or(0), config.slice_size, false)?;
    let mut next = Block::default();
    if !is_end {
        // It may just have fitted.
        let wanted = size::within(usize::MAX, part_size);
        (next, is_end) = reader.fill_at_least(1, next, wanted)?;
    }
    let read = (begun.filled + next.filled) as u64;
    stream_parts::check_length(length, read, is_end)?;
    if is_end && next.filled == 0 {
        return buffer(call, upload, begun.bytes(), progress);
    }
    // Parts have the size that was asked for, if one was.
    let least = config.slice_size.map_or(PIECE_LEAST, |_| part_size);
    let memory = StreamMemory::new(call.exchange(), least, part_size);
    let parts = StreamParts::new([begun, next], reader, length, memory);
    multipart::upload_stream(call, upload, parts, part_size, &mut progress)
}

fn whole_reporting(
    call: &Call,
    upload: &UploadSpec,
    source: &Source,
    progress: &mut Progress,
) -> Result<Answer<UploadedObject>> {
    reporting(progress, |sent| whole(call, upload, source, sent))
}

/// One request from its begin to its end.
fn reporting(
    progress: &mut Progress,
    upload: impl FnOnce(&mut dyn FnMut(u64) -> Result<()>) -> Result<Answer<UploadedObject>>,
) -> Result<Answer<UploadedObject>> {
    progress.start(0)?;
    let answer = upload(&mut |sent| progress.advance(sent))?;
    progress.finish();
    Ok(answer)
}

/// A file in one request. `sent` is told how many of its bytes are on their way; its error ends
/// the call.
pub(super) fn whole(
    call: &Call,
    upload: &UploadSpec,
    source: &Source,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Answer<UploadedObject>> {
    if source.size() <= IO_BLOCK as u64 {
        let mut content = PageAligned::zeroed(size::within(IO_BLOCK, source.size()));
        source.read_at(&mut content, 0)?;
        source.unchanged()?;
        return bytes(call, upload, &content, sent);
    }
    let dialect = dialect::of_target(call.exchange(), &upload.target)?;
    let content = WholeContent::of_file(source, dialect.wants_sha1_first())?;
    let answer = dialect.upload_whole(call, upload, &content, content.to_send(), sent)?;
    Ok(call.answer(answer))
}

fn bytes(
    call: &Call,
    upload: &UploadSpec,
    bytes: &[u8],
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Answer<UploadedObject>> {
    let dialect = dialect::of_target(call.exchange(), &upload.target)?;
    let content = WholeContent::in_memory(bytes, dialect.wants_sha1_first());
    let answer = dialect.upload_whole(call, upload, &content, content.to_send(), sent)?;
    Ok(call.answer(answer))
}
