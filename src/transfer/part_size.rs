//! How large the pieces of a transfer are.

use crate::base::size::{PART_SIZE_STEP, PARTS_MAX, part_size_within};
use crate::error::{Error, Kind, Result};

/// As of an upload's parts, and less: nothing is sent again after a fault.
const DOWNLOAD: (u64, u64) = (4 << 20, 16 << 20);

/// As asked, or as large as it takes to stay below the service's number of parts.
pub(super) fn part_size(size: u64, bytes: u64, forced: bool) -> Result<u64> {
    if size.div_ceil(bytes) <= PARTS_MAX {
        return Ok(bytes);
    }
    let least = size.div_ceil(PARTS_MAX).next_multiple_of(PART_SIZE_STEP);
    if forced {
        let problem = format!(
            "slice_size: is {bytes}, which makes more than {PARTS_MAX} parts of this file; {least} is enough"
        );
        return Err(Error::new(Kind::SliceSize, problem));
    }
    Ok(least)
}

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

    #[test]
    fn part_sizes_grow_with_the_file_unless_they_were_asked_for() {
        const MIB: u64 = 1 << 20;
        assert_eq!(part_size(5, 8 * MIB, false).unwrap(), 8 * MIB);
        assert_eq!(part_size(80_000 * MIB, 8 * MIB, true).unwrap(), 8 * MIB);
        assert_eq!(
            part_size(80_000 * MIB + 1, 8 * MIB, false).unwrap(),
            9 * MIB
        );
        let grown = part_size(50_000 << 30, MIB, false).unwrap();
        assert!((50_000u64 << 30).div_ceil(grown) <= PARTS_MAX);
        let error = part_size(10_000 * MIB + 1, MIB, true).unwrap_err();
        assert_eq!(error.code, -4);
        assert!(error.message.contains("2097152"), "{}", error.message);
    }
}
