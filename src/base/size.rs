//! Sizes: of objects, as the service tells them, and of what of them is in memory.

use crate::error::{Error, Kind, Result};

/// Largest object that there can be: 50,000 GB, 48.82 TB in the service's manual (xml-api.md §3.10).
pub(crate) const OBJECT_MAX_BYTES: u64 = 50_000 << 30;

/// Parts of an upload, numbered from 1 (xml-api.md §3.10).
pub(crate) const PARTS_MAX: u64 = 10_000;

/// The largest part that the service takes (xml-api.md §3.7).
pub(crate) const PART_SIZE_MAX: u64 = 5 << 30;

/// The largest file of a form (xml-api.md §1.5).
pub(crate) const FORM_MAX_BYTES: u64 = 5 << 30;

/// The largest object that is appended to (xml-api.md §3.19).
pub(crate) const APPENDABLE_MAX_BYTES: u64 = 5 << 30;

/// Bytes that are read or written at once: few enough for the processor's cache, enough for few system
/// calls.
pub(crate) const IO_BLOCK: usize = 256 << 10;

/// As many parts as this give all connections some to do nearly to the end.
pub(crate) const PARTS_WANTED: u64 = 64;

/// Sizes of parts that were not asked for are whole MiB.
pub(crate) const PART_SIZE_STEP: u64 = 1 << 20;

/// A size that the service tells of an object: everything that is reckoned with it later stays far
/// below what a number holds.
pub(crate) fn of_object(bytes: u64) -> Result<u64> {
    if bytes <= OBJECT_MAX_BYTES {
        return Ok(bytes);
    }
    let message = format!(
        "the service tells a size of {bytes} bytes; no object has more than {OBJECT_MAX_BYTES}"
    );
    Err(Error::new(Kind::BadReply, message))
}

/// So many of `bytes` as `room` takes.
pub(crate) fn within(room: usize, bytes: u64) -> usize {
    usize::try_from(bytes).map_or(room, |bytes| bytes.min(room))
}

/// The place in a list of what was counted by the list's own length.
pub(crate) fn index(number: u64) -> usize {
    within(usize::MAX, number)
}

/// A list of `count` times `value`, if there is memory for it.
pub(crate) fn list_of<T: Clone>(count: u64, value: T) -> Result<Vec<T>> {
    let too_many = || {
        let message = format!("there is no memory for a list of {count} entries");
        Error::new(Kind::BadReply, message)
    };
    let count = usize::try_from(count).map_err(|_| too_many())?;
    let mut list = Vec::new();
    list.try_reserve_exact(count).map_err(|_| too_many())?;
    list.resize(count, value);
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(of_object(OBJECT_MAX_BYTES).unwrap(), 53_687_091_200_000);
        for bytes in [OBJECT_MAX_BYTES + 1, 1 << 60, u64::MAX] {
            let error = of_object(bytes).unwrap_err();
            assert_eq!((error.code, error.kind), (-2, Kind::BadReply));
            assert!(error.message.contains(&bytes.to_string()));
        }
        assert_eq!((within(7, 5), within(7, u64::MAX)), (5, 7));
        assert_eq!(within(7, (1 << 32) + 5), 7, "also where 32 bits are a word");
    }

    #[test]
    fn what_memory_does_not_hold_is_an_error() {
        assert_eq!(list_of(3, 7_u64).unwrap(), [7, 7, 7]);
        for count in [1 << 60, u64::MAX] {
            assert_eq!(list_of(count, 7_u64).unwrap_err().kind, Kind::BadReply);
        }
    }
}
