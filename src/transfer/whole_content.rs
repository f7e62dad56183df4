//! What is uploaded in one request: bytes in memory, or a file that is read as it is sent.

use super::hasher::Hasher;
use super::part_reader::PartReader;
use super::source::Source;
use crate::dialect::UploadContent;
use crate::error::Result;
use crate::transport::Content;

pub(super) struct WholeContent<'a> {
    bytes: Bytes<'a>,
    /// In hex, where the API begins with it.
    sha1: Option<String>,
}

enum Bytes<'a> {
    InMemory {
        bytes: &'a [u8],
        crc64: u64,
    },
    OfFile {
        source: &'a Source,
        reader: PartReader<'a>,
    },
}

impl<'a> WholeContent<'a> {
    pub(super) fn in_memory(bytes: &'a [u8], wants_sha1: bool) -> WholeContent<'a> {
        let mut hasher = Hasher::new(wants_sha1, false);
        hasher.update(bytes);
        let digests = hasher.digests();
        let crc64 = digests.crc64;
        WholeContent {
            bytes: Bytes::InMemory { bytes, crc64 },
            sha1: digests.sha1,
        }
    }

    pub(super) fn of_file(source: &'a Source, wants_sha1: bool) -> Result<WholeContent<'a>> {
        let mut reader = PartReader::new(source.bytes_from(0), source.size());
        let mut sha1 = None;
        if wants_sha1 {
            let digests = Hasher::new(true, false).read(source, &mut |_| Ok(()))?;
            reader = reader.known(digests.crc64);
            sha1 = digests.sha1;
        }
        Ok(WholeContent {
            bytes: Bytes::OfFile { source, reader },
            sha1,
        })
    }

    pub(super) fn to_send(&self) -> Content<'_> {
        match &self.bytes {
            Bytes::InMemory { bytes, .. } => Content::Bytes(bytes),
            Bytes::OfFile { reader, .. } => Content::Stream(reader),
        }
    }
}

impl UploadContent for WholeContent<'_> {
    fn size(&self) -> Option<u64> {
        Some(self.to_send().len())
    }

    fn sha1(&self) -> &str {
        let sha1 = self.sha1.as_deref();
        sha1.expect("reckoned where the dialect wants it")
    }

    fn crc64(&self) -> Result<u64> {
        let (source, reader) = match &self.bytes {
            Bytes::InMemory { crc64, .. } => return Ok(*crc64),
            Bytes::OfFile { source, reader } => (source, reader),
        };
        if let Some(crc64) = reader.crc64() {
            return Ok(crc64);
        }
        let digests = Hasher::new(false, false).read(source, &mut |_| Ok(()))?;
        Ok(digests.crc64)
    }
}
