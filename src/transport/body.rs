//! The body of a request: framing around the caller's content, read in pieces, with progress.

use std::io::{self, Read};

use crate::error::{Error, Result};

/// Bytes before, of and after the content. A plain body has no content of the caller's.
#[derive(Default)]
pub(crate) struct Body<'a> {
    pub(crate) head: Vec<u8>,
    pub(crate) content: &'a [u8],
    pub(crate) tail: Vec<u8>,
}

impl Body<'_> {
    pub(crate) fn len(&self) -> usize {
        self.head.len() + self.content.len() + self.tail.len()
    }

    pub(super) fn reader<'r>(
        &'r self,
        sent: &'r mut dyn FnMut(u64) -> Result<()>,
    ) -> BodyReader<'r> {
        BodyReader {
            head: &self.head,
            content: self.content,
            tail: &self.tail,
            content_len: self.content.len() as u64,
            sent,
            failure: None,
        }
    }
}

pub(super) struct BodyReader<'r> {
    head: &'r [u8],
    content: &'r [u8],
    tail: &'r [u8],
    content_len: u64,
    sent: &'r mut dyn FnMut(u64) -> Result<()>,
    failure: Option<Error>,
}

impl BodyReader<'_> {
    /// Why `sent` ended the request, if it did.
    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(buffer);
        }
        if self.content.is_empty() {
            return self.tail.read(buffer);
        }
        // What was handed out before is on its way by now.
        let before = self.content_len - self.content.len() as u64;
        if let Err(error) = (self.sent)(before) {
            self.failure = Some(error);
            return Err(io::Error::other("ended by the caller"));
        }
        self.content.read(buffer)
    }
}
