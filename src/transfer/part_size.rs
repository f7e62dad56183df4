//! How large the pieces of a transfer are.

use crate::base::size::part_size_within;

/// As of an upload's parts, and less: nothing is sent again after a fault.
const DOWNLOAD: (u64, u64) = (4 << 20, 16 << 20);

/// Bytes that are asked for of an object whose size is not known yet: no range is smaller.
pub(super) const FIRST_RANGE: u64 = DOWNLOAD.0;

/// Bytes a range of an object of `size` bytes.
pub(super) fn of_download(size: u64) -> u64 {
    part_size_within(DOWNLOAD, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_with_the_object_up_to_a_limit() {
        const MIB: u64 = 1 << 20;
        for (size, range) in [
            (1, 4 * MIB),
            (32 * MIB + 1, 4 * MIB),
            (300 * MIB, 5 * MIB),
            (1 << 30, 16 * MIB),
            (u64::MAX, 16 * MIB),
        ] {
            assert_eq!(of_download(size), range, "{size}");
        }
    }
}
