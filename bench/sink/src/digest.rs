//! CRC-64/XZ, what the XML API calls crc64ecma.

use crc_fast::{CrcAlgorithm, Digest, checksum_combine};

/// What is kept of some bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Content {
    pub size: u64,
    pub crc64: u64,
}

impl Content {
    /// This and then `next`, as one.
    pub fn then(self, next: Content) -> Content {
        Content {
            size: self.size + next.size,
            crc64: checksum_combine(CrcAlgorithm::Crc64Xz, self.crc64, next.crc64, next.size),
        }
    }
}

pub struct Hasher {
    crc64: Digest,
    size: u64,
}

impl Hasher {
    pub fn new() -> Hasher {
        Hasher {
            crc64: Digest::new(CrcAlgorithm::Crc64Xz),
            size: 0,
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.crc64.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub fn content(&self) -> Content {
        Content {
            size: self.size,
            crc64: self.crc64.finalize(),
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
    fn parts_make_a_whole() {
        assert_eq!(of("1234").then(of("56789")), of("123456789"));
        assert_eq!(Content::default().then(of("x")), of("x"));
        assert_eq!(of("x").then(Content::default()), of("x"));
    }
}
