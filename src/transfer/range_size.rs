//! How large the ranges of a download are.

use crate::base::size::{PART_SIZE_STEP, PARTS_WANTED};

/// Nothing is fetched again after a fault, and how many the line carries shows when ranges are done.
const LEAST: u64 = 4 << 20;
const MOST: u64 = 8 << 20;

/// Bytes that are asked for of an object whose size is not known yet: its first range is not smaller.
pub(super) const FIRST_RANGE: u64 = LEAST;

/// Bytes a range of `size` bytes.
pub(super) fn of(size: u64) -> u64 {
    let even = size.div_ceil(PARTS_WANTED).next_multiple_of(PART_SIZE_STEP);
    even.clamp(LEAST, MOST)
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
            (1 << 30, 8 * MIB),
            (u64::MAX, 8 * MIB),
        ] {
            assert_eq!(of(size), range, "{size}");
        }
    }
}
