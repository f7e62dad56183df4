//! How large the pieces of a transfer are.

use crate::api::Api;
use crate::error::{Error, Kind, Result};
use crate::params::SLICE_SIZES;
use crate::size::PARTS_MAX;

/// Enough that all connections have some to do nearly to the end.
const PIECES: u64 = 64;

/// Sizes that were not asked for are whole MiB.
const STEP: u64 = 1 << 20;

/// After each piece a connection waits for an answer, which on a long line takes as long as some MiB;
/// after a fault a piece of an upload is sent again.
const SENT: (u64, u64) = (8 << 20, 16 << 20);
const FETCHED: (u64, u64) = (4 << 20, 16 << 20);

/// Bytes a slice of a file of `size` bytes, as the API takes them.
pub(super) fn of_upload(api: Api, size: u64) -> u64 {
    match api {
        Api::Xml => within(SENT, size),
        Api::Json => {
            let [.., largest] = SLICE_SIZES;
            let fits = |slice: &u64| size.div_ceil(*slice) <= PIECES;
            SLICE_SIZES.into_iter().find(fits).unwrap_or(largest)
        }
    }
}

/// As asked, or as large as it takes to stay below the service's number of parts.
pub(super) fn part_size(size: u64, bytes: u64, forced: bool) -> Result<u64> {
    if size.div_ceil(bytes) <= PARTS_MAX {
        return Ok(bytes);
    }
    let least = size.div_ceil(PARTS_MAX).next_multiple_of(STEP);
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
    within(FETCHED, size)
}

fn within((least, most): (u64, u64), size: u64) -> u64 {
    let even = size.div_ceil(PIECES).next_multiple_of(STEP);
    even.clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_grow_with_the_file_up_to_a_limit() {
        const MIB: u64 = 1 << 20;
        for (size, json, xml, fetched) in [
            (1, MIB / 2, 8 * MIB, 4 * MIB),
            (32 * MIB, MIB / 2, 8 * MIB, 4 * MIB),
            (32 * MIB + 1, MIB, 8 * MIB, 4 * MIB),
            (300 * MIB, 3 * MIB, 8 * MIB, 5 * MIB),
            (1 << 30, 3 * MIB, 16 * MIB, 16 * MIB),
            (u64::MAX, 3 * MIB, 16 * MIB, 16 * MIB),
        ] {
            let got = (of_upload(Api::Json, size), of_upload(Api::Xml, size));
            assert_eq!(
                (got.0, got.1, of_download(size)),
                (json, xml, fetched),
                "{size}"
            );
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
