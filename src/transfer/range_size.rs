//! How large the ranges of a download are.

use crate::base::size::{PART_SIZE_STEP, PARTS_WANTED};

/// Nothing is fetched again after a fault, and how many the line carries shows when ranges are done.
const TO_A_PLACE: (u64, u64) = (4 << 20, 8 << 20);

/// What arrives is handed out in order, so only some ranges are under way at once: on a long line they have to be larger.
const IN_ORDER: (u64, u64) = (4 << 20, 16 << 20);

/// Bytes that are asked for of an object whose size is not known yet: no range is smaller.
pub(super) const FIRST_RANGE: u64 = 4 << 20;

/// Bytes a range of `size` bytes that go to a file, or into memory.
pub(super) fn to_a_place(size: u64) -> u64 {
    within(TO_A_PLACE, size)
}

/// Bytes a range of `size` bytes that are handed out in order.
pub(super) fn in_order(size: u64) -> u64 {
    within(IN_ORDER, size)
}

fn within((least, most): (u64, u64), size: u64) -> u64 {
    let even = size.div_ceil(PARTS_WANTED).next_multiple_of(PART_SIZE_STEP);
    even.clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_with_the_object_up_to_a_limit() {
        const MIB: u64 = 1 << 20;
        for (size, place, order) in [
            (1, 4 * MIB, 4 * MIB),
            (32 * MIB + 1, 4 * MIB, 4 * MIB),
            (300 * MIB, 5 * MIB, 5 * MIB),
            (1 << 30, 8 * MIB, 16 * MIB),
            (u64::MAX, 8 * MIB, 16 * MIB),
        ] {
            assert_eq!((to_a_place(size), in_order(size)), (place, order), "{size}");
        }
    }
}
