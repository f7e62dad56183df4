//! CRC-64/XZ, what the XML API calls crc64ecma; and the MD5 of small objects, which is their ETag.

use crc_fast::{CrcAlgorithm, Digest, checksum_combine};
use md5::{Digest as _, Md5};

/// Of larger ones an MD5 would cost more than all the rest; their ETags are opaque, as those of multipart uploads.
const MD5_MAX_BYTES: u64 = 64 << 10;

/// What is kept of some bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Content {
    pub size: u64,
    pub crc64: u64,
    pub md5: Option<[u8; 16]>,
}

impl Content {
    /// This and then `next`, as one.
    pub fn then(self, next: Content) -> Content {
        Content {
            size: self.size + next.size,
            crc64: checksum_combine(CrcAlgorithm::Crc64Xz, self.crc64, next.crc64, next.size),
            md5: None,
        }
    }
}

pub struct Hasher {
    crc64: Digest,
    md5: Option<Md5>,
    size: u64,
}

impl Hasher {
    pub fn new() -> Hasher {
        Hasher {
            crc64: Digest::new(CrcAlgorithm::Crc64Xz),
            md5: Some(Md5::new()),
            size: 0,
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.crc64.update(bytes);
        self.size += bytes.len() as u64;
        match &mut self.md5 {
            Some(md5) if self.size <= MD5_MAX_BYTES => md5.update(bytes),
            md5 => *md5 = None,
        }
    }

    pub fn content(&self) -> Content {
        Content {
            size: self.size,
            crc64: self.crc64.finalize(),
            md5: self.md5.clone().map(|md5| md5.finalize().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Content {
        let mut hasher = Hasher::new();
        hasher.update(text.as_bytes());
        hasher.content()
    }

    #[test]
    fn is_the_service_s() {
        assert_eq!(of("123456789").crc64, 11_051_210_869_376_104_954);
        assert_eq!(of("[Object Content]").crc64, 16_749_565_679_157_681_890);
    }

    #[test]
    fn small_objects_have_an_md5() {
        let md5 = of("").md5.unwrap();
        assert_eq!(md5[..4], [0xd4, 0x1d, 0x8c, 0xd9]);
        assert!(of(&"x".repeat(64 << 10)).md5.is_some());
        assert!(of(&"x".repeat((64 << 10) + 1)).md5.is_none());
    }

    #[test]
    fn parts_make_a_whole() {
        let whole = |text| Content {
            md5: None,
            ..of(text)
        };
        assert_eq!(of("1234").then(of("56789")), whole("123456789"));
        assert_eq!(Content::default().then(of("x")), whole("x"));
        assert_eq!(of("x").then(Content::default()), whole("x"));
    }
}
