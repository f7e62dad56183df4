//! What content is compared by, reckoned in one pass over it.

use md5::{Digest, Md5};
use sha1::Sha1;

use super::source::Source;
use crate::base::crc64::Crc64;
use crate::base::hex::hex;
use crate::error::Result;
use crate::model::{ContentInfo, Digests};

pub(super) struct Hasher {
    sha1: Option<Sha1>,
    crc64: Crc64,
    md5: Option<Md5>,
}

impl Hasher {
    /// CRC64 costs next to nothing; SHA-1 takes longer than all else.
    pub(super) fn new(with_sha1: bool, with_md5: bool) -> Hasher {
        Hasher {
            sha1: with_sha1.then(Sha1::new),
            crc64: Crc64::default(),
            md5: with_md5.then(Md5::new),
        }
    }

    /// For what is compared of an object that arrives, and for the SHA-1 that a reply tells where there is
    /// no CRC64.
    pub(super) fn of_download(info: &ContentInfo) -> Hasher {
        Hasher::new(info.wants_all(), info.wants_all() && info.md5.is_some())
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.crc64.update(bytes);
        if let Some(sha1) = &mut self.sha1 {
            sha1.update(bytes);
        }
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    /// Of a whole file. `tick` is told how much of it was read; its error ends that.
    pub(super) fn read(
        mut self,
        source: &Source,
        tick: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<Digests> {
        source.each_block(|bytes, done| {
            self.update(bytes);
            tick(done)
        })?;
        Ok(self.digests())
    }

    pub(super) fn digests(self) -> Digests {
        Digests {
            sha1: self.sha1.map(|sha1| hex(&sha1.finalize())),
            crc64: self.crc64.value(),
            md5: self.md5.map(|md5| md5.finalize().into()),
        }
    }
}
