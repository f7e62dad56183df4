//! SHA-1 of a file: of the whole, which the service wants before the first slice, and of each
//! slice, which tells later whether the bytes sent are the bytes that were hashed.

use sha1::{Digest, Sha1};

use super::source::Source;
use crate::error::Result;

/// Small enough for the processor's cache, large enough for few system calls.
const BLOCK: usize = 256 << 10;

pub(super) struct Digests {
    pub(super) whole: String,
    slice_size: u64,
    slices: Vec<[u8; 20]>,
}

impl Digests {
    /// One pass over the file; `between` is called with each block done and may end it.
    pub(super) fn of(
        source: &Source,
        slice_size: u64,
        mut between: impl FnMut() -> Result<()>,
    ) -> Result<Digests> {
        let size = source.size();
        let mut whole = Sha1::new();
        let mut slices = Vec::new();
        let mut block = vec![0; BLOCK];
        let mut offset = 0;
        while offset < size {
            let end = size.min(offset + slice_size);
            let mut slice = Sha1::new();
            while offset < end {
                let length = (end - offset).min(BLOCK as u64) as usize;
                source.read_at(&mut block[..length], offset)?;
                whole.update(&block[..length]);
                slice.update(&block[..length]);
                offset += length as u64;
                between()?;
            }
            slices.push(slice.finalize().into());
        }
        source.unchanged()?;
        Ok(Digests {
            whole: hex(&whole.finalize()),
            slice_size,
            slices,
        })
    }

    /// Whether the digests are those of slices of this size.
    pub(super) fn fits(&self, slice_size: u64) -> bool {
        self.slice_size == slice_size
    }

    /// The digest, in hex, of a slice just read, if it is still what was hashed before.
    pub(super) fn confirm(&self, offset: u64, slice: &[u8]) -> Option<String> {
        let expected = self
            .slices
            .get(usize::try_from(offset / self.slice_size).ok()?)?;
        let digest = Sha1::digest(slice);
        (digest[..] == expected[..]).then(|| hex(&digest))
    }
}

/// SHA-1 of content in memory, in hex.
pub(super) fn of_bytes(content: &[u8]) -> String {
    hex(&Sha1::digest(content))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
