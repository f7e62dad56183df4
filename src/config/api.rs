//! The two interfaces of the service, and the limits in which they differ.

use crate::base::size::{PART_SIZE_MAX, PART_SIZE_STEP, PARTS_MAX, PARTS_WANTED};
use crate::error::{Error, Kind, Result};

/// `num` of a list: 1 to 199, by default 20 (json-api.md §5.3).
const NUM_MAX: i32 = 199;
const NUM_DEFAULT: i32 = 20;

/// What the XML API lists at once (xml-api.md §3.6).
const XML_NUM_MAX: i32 = 1000;

/// Sizes of a slice that the service takes (json-api.md §2.9).
const SLICE_SIZES: [u64; 4] = [512 << 10, 1 << 20, 2 << 20, 3 << 20];

/// Sizes of a part that the XML API takes; only the last may be smaller (xml-api.md §3.7).
const PART_SIZE_MIN: u64 = 1 << 20;

/// After each part a connection waits for an answer, which on a long line takes as long as some MiB; after a fault a
/// part is sent again, and how many the line carries shows when parts are done.
const PART_SIZE: u64 = 8 << 20;

/// A JSON upload in slices begins with the SHA-1 of the whole (json-api.md §2.9), so the stream is in memory
/// until its end: as much as the service takes at once (json-api.md §2.8).
const JSON_STREAM_MAX_BYTES: u64 = 20 << 20;

/// Which of the service's interfaces a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Json,
    Xml,
}

impl Api {
    /// Whether its lists have ETags.
    pub(crate) fn lists_etags(self) -> bool {
        self == Api::Xml
    }

    /// Entries a page: 0 stands for the default.
    pub(crate) fn num(self, value: i32) -> Result<i32> {
        let max = match self {
            Api::Json => NUM_MAX,
            Api::Xml => XML_NUM_MAX,
        };
        match value {
            0 => Ok(NUM_DEFAULT),
            _ if (1..=max).contains(&value) => Ok(value),
            _ => Err(Error::parameter(
                "num",
                format!("is {value}, must be 1 to {max}, or 0 for {NUM_DEFAULT}"),
            )),
        }
    }

    /// Bytes of a stream, where it must be known as a whole before the first is sent.
    pub(crate) fn stream_max(self) -> Option<u64> {
        match self {
            Api::Json => Some(JSON_STREAM_MAX_BYTES),
            Api::Xml => None,
        }
    }

    /// Only the XML API knows temporary credentials; those of its clients come with a token.
    pub(crate) fn check_token(self, token: Option<&str>) -> Result<()> {
        match (self, token) {
            (Api::Json, Some(_)) => Err(Error::parameter(
                "security_token",
                "is for the XML API only, the JSON API knows none: must be NULL",
            )),
            _ => Ok(()),
        }
    }

    /// Bytes a slice; what the service does not take has a code of its own, as in the classic SDK.
    pub(crate) fn slice_size(self, value: u64) -> Result<u64> {
        let rule = match self {
            Api::Json if SLICE_SIZES.contains(&value) => return Ok(value),
            Api::Json => {
                let sizes: Vec<String> = SLICE_SIZES.iter().map(u64::to_string).collect();
                format!("must be one of {}", sizes.join(", "))
            }
            Api::Xml if (PART_SIZE_MIN..=PART_SIZE_MAX).contains(&value) => return Ok(value),
            // Programs of the JSON API ask for it; the nearest that there is.
            Api::Xml if value == SLICE_SIZES[0] => return Ok(PART_SIZE_MIN),
            Api::Xml => format!("must be {PART_SIZE_MIN} to {PART_SIZE_MAX}"),
        };
        let problem = format!("slice_size: is {value}, {rule}");
        Err(Error::new(Kind::SliceSize, problem))
    }

    /// Bytes a slice of a file of `size` bytes: as asked, or larger where that makes more parts than
    /// the service takes. With `forced` it is an error instead.
    pub(crate) fn slice_size_within(
        self,
        size: u64,
        asked: Option<u64>,
        forced: bool,
    ) -> Result<u64> {
        let bytes = asked.unwrap_or_else(|| self.default_slice_size(size));
        if self == Api::Json || size.div_ceil(bytes) <= PARTS_MAX {
            return Ok(bytes);
        }
        let least = size.div_ceil(PARTS_MAX).next_multiple_of(PART_SIZE_STEP);
        if forced {
            let problem = format!(
                "slice_size: is {bytes}, which makes more than {PARTS_MAX} parts of this file; \
                 {least} is enough"
            );
            return Err(Error::new(Kind::SliceSize, problem));
        }
        Ok(least)
    }

    /// The same where nobody has asked for any.
    fn default_slice_size(self, size: u64) -> u64 {
        match self {
            Api::Xml => PART_SIZE,
            Api::Json => {
                let [.., largest] = SLICE_SIZES;
                let fits = |slice: &u64| size.div_ceil(*slice) <= PARTS_WANTED;
                SLICE_SIZES.into_iter().find(fits).unwrap_or(largest)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_on_both_sides() {
        for (api, max) in [(Api::Json, 199), (Api::Xml, 1000)] {
            assert_eq!(api.num(0).unwrap(), 20);
            assert_eq!((api.num(1).unwrap(), api.num(max).unwrap()), (1, max));
            for value in [-1, max + 1, i32::MIN, i32::MAX] {
                assert!(api.num(value).is_err());
            }
        }
        for value in [1, 524_287, 524_289, 4 << 20, u64::MAX] {
            assert_eq!(Api::Json.slice_size(value).unwrap_err().code, -4);
        }
        for value in [0, 1, 524_287, (1 << 20) - 1, (5 << 30) + 1, u64::MAX] {
            assert_eq!(Api::Xml.slice_size(value).unwrap_err().code, -4);
        }
        for (asked, taken) in [(524_288, 1 << 20), (1 << 20, 1 << 20), (5 << 30, 5 << 30)] {
            assert_eq!(Api::Xml.slice_size(asked).unwrap(), taken);
        }
    }

    #[test]
    fn slices_grow_with_the_file_up_to_a_limit() {
        const MIB: u64 = 1 << 20;
        for (size, json, xml) in [
            (1, MIB / 2, 8 * MIB),
            (32 * MIB, MIB / 2, 8 * MIB),
            (32 * MIB + 1, MIB, 8 * MIB),
            (300 * MIB, 3 * MIB, 8 * MIB),
            (1 << 30, 3 * MIB, 8 * MIB),
            (u64::MAX, 3 * MIB, 8 * MIB),
        ] {
            let got = [Api::Json, Api::Xml].map(|api| api.default_slice_size(size));
            assert_eq!(got, [json, xml], "{size}");
        }
    }

    #[test]
    fn slices_grow_with_the_file_unless_they_were_asked_for() {
        const MIB: u64 = 1 << 20;
        let size_of = |size, bytes, forced| Api::Xml.slice_size_within(size, Some(bytes), forced);
        assert_eq!(size_of(5, 8 * MIB, false).unwrap(), 8 * MIB);
        assert_eq!(size_of(80_000 * MIB, 8 * MIB, true).unwrap(), 8 * MIB);
        assert_eq!(size_of(80_000 * MIB + 1, 8 * MIB, false).unwrap(), 9 * MIB);
        let grown = size_of(50_000 << 30, MIB, false).unwrap();
        assert!((50_000u64 << 30).div_ceil(grown) <= PARTS_MAX);
        let error = size_of(10_000 * MIB + 1, MIB, true).unwrap_err();
        assert_eq!(error.code, -4);
        assert!(error.message.contains("2097152"), "{}", error.message);
    }
}
