//! What content is compared by, reckoned in one pass over it.

use md5::{Digest, Md5};
use sha1::Sha1;

use crate::api::{Api, Digests};
use crate::crc64::Crc64;
use crate::hex::hex;

#[derive(Default)]
pub(super) struct Hasher {
    sha1: Sha1,
    crc64: Crc64,
    md5: Option<Md5>,
}

impl Hasher {
    /// Of content that is uploaded in one request, with everything that the API takes along.
    pub(super) fn of_upload(api: Api) -> Hasher {
        Hasher {
            md5: (api == Api::Xml).then(Md5::new),
            ..Hasher::default()
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.sha1.update(bytes);
        self.crc64.update(bytes);
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    pub(super) fn digests(self) -> Digests {
        Digests {
            sha1: hex(&self.sha1.finalize()),
            crc64: self.crc64.value(),
            md5: self.md5.map(|md5| md5.finalize().into()),
        }
    }
}
