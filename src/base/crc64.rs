//! CRC-64/XZ, the XML API's digest of content (xml-api.md §3.12).

#[cfg(not(target_arch = "x86"))]
pub(crate) use carryless::Crc64;
#[cfg(target_arch = "x86")]
pub(crate) use tables::Crc64;

/// By the processor's carry-less multiplication, where it has one.
#[cfg(not(target_arch = "x86"))]
mod carryless {
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
}

/// crc64fast does not compile for 32-bit x86.
#[cfg(target_arch = "x86")]
mod tables {
    use crc::{CRC_64_XZ, Crc, Digest, Table};

    static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

    pub(crate) struct Crc64(Digest<'static, u64, Table<16>>);

    impl Default for Crc64 {
        fn default() -> Crc64 {
            Crc64(CRC.digest())
        }
    }

    impl Crc64 {
        pub(crate) fn update(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        pub(crate) fn value(&self) -> u64 {
            self.0.clone().finalize()
        }
    }
}

/// The digest of pieces one after the other, of which the digests and lengths are given.
pub(crate) fn joined(pieces: impl IntoIterator<Item = (u64, u64)>) -> u64 {
    let join = |all, (crc64, length)| combine(all, crc64, length);
    pieces.into_iter().fold(0, join)
}

/// The digest of bytes with the digest `first`, followed by `length` bytes with the digest `second`.
///
/// A CRC is the remainder of a polynomial. Bytes that follow shift the first remainder by as many
/// powers of x; the inversions at both ends cancel out between the two.
fn combine(first: u64, second: u64, length: u64) -> u64 {
    let mut shifted = first;
    // x to the power of 8, then of 16, 32 and so on: the bits of `length` say which are needed.
    let mut power = ONE >> 8;
    let mut left = length;
    while left > 0 {
        if left & 1 == 1 {
            shifted = product(shifted, power);
        }
        power = product(power, power);
        left >>= 1;
    }
    shifted ^ second
}

/// The polynomial of ECMA-182 and 1, as their reflected form has them: the highest power is the
/// lowest bit.
const POLYNOMIAL: u64 = 0xC96C_5795_D787_0F42;
const ONE: u64 = 1 << 63;

/// The product of two remainders.
fn product(a: u64, b: u64) -> u64 {
    let (mut sum, mut shifted) = (0, b);
    for power in 0..64 {
        if a & (ONE >> power) != 0 {
            sum ^= shifted;
        }
        let carry = if shifted & 1 == 1 { POLYNOMIAL } else { 0 };
        shifted = (shifted >> 1) ^ carry;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> u64 {
        let mut crc = Crc64::default();
        crc.update(bytes);
        crc.value()
    }

    #[test]
    fn digests_of_pieces_make_that_of_the_whole() {
        let bytes: Vec<u8> = (0..100_003u32)
            .map(|n| (n.wrapping_mul(n) >> 7) as u8)
            .collect();
        for middle in [0, 1, 7, 8, 4096, 65_537, bytes.len()] {
            let (first, second) = bytes.split_at(middle);
            let combined = combine(of(first), of(second), second.len() as u64);
            assert_eq!(combined, of(&bytes), "{middle}");
        }
        // Longer than memory: 2^40 zeros twice are 2^41, in whichever order they are put together.
        let mut zeros = of(&[0]);
        for power in 0..40 {
            zeros = combine(zeros, zeros, 1 << power);
        }
        let more = combine(zeros, zeros, 1 << 40);
        assert_eq!(
            combine(more, of(b"x"), 1),
            combine(zeros, combine(zeros, of(b"x"), 1), (1 << 40) + 1)
        );
    }

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
