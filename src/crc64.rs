//! CRC-64/XZ, the XML API's digest of content (xml-api.md §3.12).

use crc64fast::Digest;

#[derive(Default)]
pub(crate) struct Crc64(Digest);

impl Crc64 {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.sum64()
    }
}

pub(crate) fn of(bytes: &[u8]) -> u64 {
    let mut crc = Crc64::default();
    crc.update(bytes);
    crc.value()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vectors of xml-api.md §3.12; the last two are of the service itself.
    #[test]
    fn vectors() {
        for (text, expected) in [
            ("", 0),
            ("123456789", 11_051_210_869_376_104_954),
            ("hello world", 5_981_764_153_023_615_706),
            ("[Object Content]", 16_749_565_679_157_681_890),
            ("[Object Part]", 4_510_578_591_875_220_731),
        ] {
            assert_eq!(of(text.as_bytes()), expected, "{text}");
        }
    }
}
