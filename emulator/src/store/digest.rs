//! The digests that are kept of content: SHA-1 for the JSON API, MD5 and CRC64 for the XML API.

use std::io::{self, Read, Write};

use crc::{CRC_64_XZ, Crc, Table};
use md5::Md5;
use sha1::{Digest, Sha1};

use super::blobs::NewBlob;

/// xml-api.md §3.12.
static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// 40 upper-case hexadecimal digits, as in recordings of files/v1 (json-api.md §2.4).
    pub sha: String,
    /// 32 lower-case ones; empty while the content is not all there.
    pub md5: String,
    pub crc64: u64,
}

pub struct Hasher {
    sha: Sha1,
    md5: Md5,
    crc: crc::Digest<'static, u64, Table<16>>,
}

impl Default for Hasher {
    fn default() -> Self {
        Hasher {
            sha: Sha1::new(),
            md5: Md5::new(),
            crc: CRC.digest(),
        }
    }
}

impl Hasher {
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha.update(bytes);
        self.md5.update(bytes);
        self.crc.update(bytes);
    }

    pub fn finish(self) -> Digests {
        Digests {
            sha: hex(self.sha.finalize().as_slice()).to_uppercase(),
            md5: hex(self.md5.finalize().as_slice()),
            crc64: self.crc.finalize(),
        }
    }
}

impl Digests {
    pub fn of(content: &[u8]) -> Digests {
        let mut hasher = Hasher::default();
        hasher.update(content);
        hasher.finish()
    }

    pub fn of_reader(mut reader: impl Read) -> io::Result<Digests> {
        let mut hasher = Hasher::default();
        let mut buffer = vec![0; 256 << 10];
        loop {
            match reader.read(&mut buffer)? {
                0 => return Ok(hasher.finish()),
                count => hasher.update(&buffer[..count]),
            }
        }
    }

    /// Of a file whose content has yet to come.
    pub fn announced(sha: &str) -> Digests {
        Digests {
            sha: sha.to_owned(),
            md5: String::new(),
            crc64: 0,
        }
    }
}

/// Lower case.
pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Content on its way into a new blob.
pub struct Writer {
    blob: NewBlob,
    hasher: Hasher,
    size: u64,
}

/// Content that is written, and not yet named by any row.
pub struct Written {
    pub blob: NewBlob,
    pub digests: Digests,
    pub size: u64,
}

impl Writer {
    pub fn new(blob: NewBlob) -> Writer {
        Writer {
            blob,
            hasher: Hasher::default(),
            size: 0,
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.blob.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    pub fn copy(&mut self, mut from: impl Read) -> io::Result<()> {
        let mut buffer = vec![0; 256 << 10];
        loop {
            match from.read(&mut buffer)? {
                0 => return Ok(()),
                count => self.write(&buffer[..count])?,
            }
        }
    }

    pub fn finish(self) -> Written {
        Written {
            blob: self.blob,
            digests: self.hasher.finish(),
            size: self.size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The real service's own samples among them (xml-api.md §3.12).
    #[test]
    fn digests() {
        for (content, crc64) in [
            ("", 0),
            ("123456789", 11_051_210_869_376_104_954),
            ("hello world", 5_981_764_153_023_615_706),
            ("[Object Content]", 16_749_565_679_157_681_890),
            ("[Object Part]", 4_510_578_591_875_220_731),
        ] {
            assert_eq!(Digests::of(content.as_bytes()).crc64, crc64, "{content}");
        }
        let digests = Digests::of(b"[Object Content]");
        assert_eq!(digests.md5, "ee8de918d05640145b18f70f4c3aa602");
        assert_eq!(digests.sha.len(), 40);
    }
}
