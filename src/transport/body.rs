//! The body of a request: framing around the caller's content, read in pieces, with progress.

use std::io::{self, Read};

use super::lent::{self, Lent};
use super::steps;
use crate::base::size;
use crate::error::{Error, Result};

/// Bytes before, of and after the content. A plain body has no content of the caller's.
#[derive(Default)]
pub(crate) struct Body<'a> {
    pub(crate) head: Vec<u8>,
    pub(crate) content: Content<'a>,
    pub(crate) tail: Vec<u8>,
}

/// The caller's bytes: in memory, or read only when they are sent.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    Bytes(&'a [u8]),
    Stream(&'a dyn Stream),
}

/// Bytes that are read as they are sent, and from the first on again for each attempt.
pub(crate) trait Stream: Sync {
    fn len(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on, which is where the last one ended, or 0. An
    /// error ends the request before it is whole.
    fn read(&self, buffer: &mut [u8], offset: u64) -> Result<()>;

    /// The same without a copy, where the bytes are in memory that can be lent: just `length` of them.
    fn lend(&self, _offset: u64, _length: usize) -> Result<Option<Lent>> {
        Ok(None)
    }
}

impl Content<'_> {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Stream(stream) => stream.len(),
        }
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        match self {
            Content::Bytes(bytes) => {
                let start = size::within(bytes.len(), offset);
                buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
                Ok(())
            }
            Content::Stream(stream) => stream.read(buffer, offset),
        }
    }

    fn lend(&self, offset: u64, length: usize) -> Result<Option<Lent>> {
        match self {
            Content::Bytes(_) => Ok(None),
            Content::Stream(stream) => stream.lend(offset, length),
        }
    }
}

impl Default for Content<'_> {
    fn default() -> Self {
        Content::Bytes(&[])
    }
}

impl Body<'_> {
    pub(crate) fn len(&self) -> u64 {
        (self.head.len() + self.tail.len()) as u64 + self.content.len()
    }

    pub(super) fn reader<'r>(
        &'r self,
        sent: &'r mut dyn FnMut(u64) -> Result<()>,
    ) -> BodyReader<'r> {
        BodyReader {
            head: &self.head,
            content: self.content,
            offset: 0,
            tail: &self.tail,
            sent,
            failure: None,
        }
    }
}

pub(super) struct BodyReader<'r> {
    head: &'r [u8],
    content: Content<'r>,
    /// Bytes of the content that were handed out.
    offset: u64,
    tail: &'r [u8],
    sent: &'r mut dyn FnMut(u64) -> Result<()>,
    failure: Option<Error>,
}

impl BodyReader<'_> {
    /// Why the content or `sent` ended the request, if one did.
    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    fn read_content(&mut self, buffer: &mut [u8]) -> Result<usize> {
        // What was handed out before is on its way by now.
        (self.sent)(self.offset)?;
        let left = self.content.len() - self.offset;
        let length = size::within(buffer.len(), left);
        match self.content.lend(self.offset, length)? {
            Some(lent) => lent::lend(lent),
            None => self.content.read(&mut buffer[..length], self.offset)?,
        }
        self.offset += length as u64;
        Ok(length)
    }
}

impl Drop for BodyReader<'_> {
    fn drop(&mut self) {
        lent::give_back();
    }
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let amount = if !self.head.is_empty() {
            self.head.read(buffer)?
        } else if self.offset == self.content.len() {
            self.tail.read(buffer)?
        } else {
            self.read_content(buffer).map_err(|error| {
                self.failure = Some(error);
                io::Error::other("ended by the caller")
            })?
        };
        steps::sent(amount);
        Ok(amount)
    }
}
