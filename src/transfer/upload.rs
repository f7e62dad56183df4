//! A file or a buffer to an object, whole or in slices as its size asks for.

use super::hasher::Hasher;
use super::multipart;
use super::piece;
use super::progress::Progress;
use super::slice::Slice;
use super::slices;
use super::source::{BLOCK, Source};
use super::{UploadOptions, WHOLE_MAX_BYTES};
use crate::api::{self, Api, Digests, Extras, Operation, Target};
use crate::client::{Call, Client};
use crate::error::{Error, Result};
use crate::local::Place;
use crate::params;
use crate::reply::Reply;
use crate::size::{self, OBJECT_MAX_BYTES};
use crate::transport::Content;

/// Parameters of an upload that are the same whichever way it goes.
pub(crate) struct Upload<'a> {
    pub(crate) target: Target,
    pub(crate) biz_attr: &'a str,
    pub(crate) overwrite: bool,
    /// A success must mean that this call has put it there, not that it is there.
    pub(crate) claims: bool,
    pub(crate) extras: &'a Extras,
}

/// Bytes a slice.
#[derive(Clone, Copy)]
pub(crate) struct SliceSize {
    /// `None`: as the file's size suggests.
    bytes: Option<u64>,
    /// Asked for by just this call: another is not taken in its stead.
    forced: bool,
}

impl SliceSize {
    fn of_option(client: &Client) -> SliceSize {
        SliceSize {
            bytes: client.config().slice_size,
            forced: false,
        }
    }

    /// `given` is the caller's; 0 stands for the option's.
    pub(crate) fn of_call(client: &Client, given: u64) -> Result<SliceSize> {
        if given == 0 {
            return Ok(SliceSize::of_option(client));
        }
        let bytes = params::slice_size(client.config().api, given)?;
        Ok(SliceSize {
            bytes: Some(bytes),
            forced: bytes == given,
        })
    }
}

impl<'a> Upload<'a> {
    pub(crate) fn new(client: &Client, target: Target, options: &'a UploadOptions) -> Upload<'a> {
        Upload {
            target,
            biz_attr: &options.biz_attr,
            overwrite: options.overwrite.unwrap_or(client.config().overwrite),
            claims: true,
            extras: &options.extras,
        }
    }

    /// A file of any size.
    pub(crate) fn file(&self, call: &Call, file: Place, mut progress: Progress) -> Result<Reply> {
        let source = Source::open(file)?;
        progress.set_total(source.size());
        if source.size() <= WHOLE_MAX_BYTES {
            self.whole_reporting(call, &source, &mut progress)
        } else {
            let slice_size = SliceSize::of_option(call.client());
            self.in_slices(call, &source, slice_size, None, &mut progress)
        }
    }

    /// A file of any size, in slices; goes on with `session` where it stopped. Whatever fails, the
    /// reply tells the session that there is.
    pub(crate) fn file_in_slices(
        &self,
        call: &Call,
        file: Place,
        slice_size: SliceSize,
        session: Option<&str>,
        mut progress: Progress,
    ) -> Result<Reply> {
        let sent = Source::open(file).and_then(|source| {
            progress.set_total(source.size());
            if source.size() == 0 {
                // There is no slice to send.
                return self.whole_reporting(call, &source, &mut progress);
            }
            self.in_slices(call, &source, slice_size, session, &mut progress)
        });
        sent.map_err(|error| match session {
            Some(session) if !error.data.contains_key("session") => {
                error.with_data("session", session)
            }
            _ => error,
        })
    }

    fn in_slices(
        &self,
        call: &Call,
        source: &Source,
        slice_size: SliceSize,
        session: Option<&str>,
        progress: &mut Progress,
    ) -> Result<Reply> {
        let api = call.client().config().api;
        if source.size() > OBJECT_MAX_BYTES {
            return Err(source.too_large());
        }
        let fitting = || piece::of_upload(api, source.size());
        let bytes = slice_size.bytes.unwrap_or_else(fitting);
        if api == Api::Json {
            return slices::upload(self, call, source, bytes, session, progress);
        }
        let bytes = piece::part_size(source.size(), bytes, slice_size.forced)?;
        multipart::upload(self, call, source, bytes, session, progress)
    }

    /// Bytes in memory, in one request.
    pub(crate) fn buffer(&self, call: &Call, content: &[u8]) -> Result<Reply> {
        let max = crate::api::json::UPLOAD_MAX_BYTES;
        if content.len() > max {
            let problem = format!(
                "is {}, one request takes {max} bytes; qcos_upload_slice takes any file",
                content.len()
            );
            return Err(Error::parameter("len", problem));
        }
        self.bytes(call, content, &mut |_| Ok(()))
    }

    fn whole_reporting(
        &self,
        call: &Call,
        source: &Source,
        progress: &mut Progress,
    ) -> Result<Reply> {
        progress.start(0)?;
        let reply = self.whole(call, source, &mut |sent| progress.advance(sent))?;
        progress.finish();
        Ok(reply)
    }

    /// A file in one request. `sent` is told how many of its bytes are on their way; its error ends
    /// the call.
    pub(super) fn whole(
        &self,
        call: &Call,
        source: &Source,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Reply> {
        if source.size() <= BLOCK as u64 {
            let mut content = vec![0; size::within(BLOCK, source.size())];
            source.read_at(&mut content, 0)?;
            source.unchanged()?;
            return self.bytes(call, &content, sent);
        }
        let mut hasher = Hasher::of_upload(call.client().config());
        source.each_block(|bytes, _| {
            hasher.update(bytes);
            Ok(())
        })?;
        let digests = hasher.digests();
        let slice = Slice::known(source, 0, source.size(), digests.crc64);
        self.content(call, Content::Stream(&slice), &digests, sent)
    }

    fn bytes(
        &self,
        call: &Call,
        content: &[u8],
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Reply> {
        let mut hasher = Hasher::of_upload(call.client().config());
        hasher.update(content);
        self.content(call, Content::Bytes(content), &hasher.digests(), sent)
    }

    fn content(
        &self,
        call: &Call,
        content: Content,
        digests: &Digests,
        sent: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Reply> {
        let operation = Operation::Upload {
            content,
            digests,
            biz_attr: self.biz_attr,
            overwrite: self.overwrite,
            claims: self.claims,
            extras: self.extras,
        };
        api::perform(call, &self.target, &operation, sent)
    }
}
