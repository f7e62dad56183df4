//! Which parts of a transfer have arrived, when they go on side by side.

use std::collections::BTreeMap;

use crate::dialect::PartRange;

pub(super) struct PartTracker {
    start: u64,
    /// `None` while it is not known.
    size: Option<u64>,
    part_size: u64,
    /// Bytes that have arrived.
    arrived: u64,
    /// The first part that has not arrived, and where it begins.
    first_missing: u64,
    without_gap: u64,
    /// Bytes of those after it that have.
    ahead: BTreeMap<u64, u64>,
}

impl PartTracker {
    /// Of the bytes from `start` to `size`, in parts of `part_size` of which the last may be
    /// shorter. Where the size is not known, parts may have any.
    pub(super) fn new(start: u64, size: Option<u64>, part_size: u64) -> PartTracker {
        PartTracker {
            start,
            size,
            part_size,
            arrived: 0,
            first_missing: 0,
            without_gap: start,
            ahead: BTreeMap::new(),
        }
    }

    /// The parts that have not arrived yet, by now, and their lengths; none where the size is not known.
    pub(super) fn missing(&self) -> impl Iterator<Item = (PartRange, u64)> + Send + use<> {
        let ahead: Vec<u64> = self.ahead.keys().copied().collect();
        let (start, part_size) = (self.start, self.part_size);
        let size = self.size.unwrap_or(start);
        let parts = (size - start).div_ceil(part_size);
        let missing = self.first_missing..parts;
        let missing = missing.filter(move |part| ahead.binary_search(part).is_err());
        missing.map(move |part| {
            let range = PartRange {
                number: part + 1,
                offset: start + part * part_size,
            };
            (range, part_size.min(size - range.offset))
        })
    }

    /// How many there are; any number where the size is not known.
    pub(super) fn parts(&self) -> u64 {
        let size = self.size.map(|size| size - self.start);
        size.map_or(u64::MAX, |size| size.div_ceil(self.part_size))
    }

    /// Each part counts once, however often a service lists it.
    pub(super) fn arrived(&mut self, part: u64, bytes: u64) {
        let is_new = (self.first_missing..self.parts()).contains(&part);
        if !is_new || self.ahead.contains_key(&part) {
            return;
        }
        self.ahead.insert(part, bytes);
        self.arrived += bytes;
        while let Some(bytes) = self.ahead.remove(&self.first_missing) {
            self.first_missing += 1;
            self.without_gap += bytes;
        }
    }

    /// Bytes done, with those before the start.
    pub(super) fn done(&self) -> u64 {
        self.start + self.arrived
    }

    /// Up to here everything has arrived.
    pub(super) fn without_gap(&self) -> u64 {
        self.without_gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_may_arrive_in_any_order() {
        let mut tally = PartTracker::new(10, Some(47), 10);
        let seen = |tally: &PartTracker| (tally.done(), tally.without_gap());
        assert_eq!((tally.parts(), seen(&tally)), (4, (10, 10)));
        tally.arrived(3, 7);
        assert_eq!(seen(&tally), (17, 10));
        tally.arrived(0, 10);
        tally.arrived(1, 10);
        assert_eq!(seen(&tally), (37, 30));
        let missing = tally
            .missing()
            .map(|(range, length)| (range.offset, length));
        assert_eq!(missing.collect::<Vec<_>>(), [(30, 10)]);
        tally.arrived(2, 10);
        assert_eq!(seen(&tally), (47, 47));
    }

    #[test]
    fn a_part_counts_once_and_only_if_there_is_such_a_part() {
        let mut tally = PartTracker::new(0, Some(25), 10);
        for part in [1, 1, 0, 0, 3, u64::MAX] {
            tally.arrived(part, 10);
        }
        assert_eq!((tally.done(), tally.without_gap()), (20, 20));
        let last = tally
            .missing()
            .map(|(range, length)| (range.number, length));
        assert_eq!(last.collect::<Vec<_>>(), [(3, 5)]);
    }

    #[test]
    fn where_the_size_is_not_known_parts_have_any() {
        let mut tally = PartTracker::new(0, None, 10);
        assert_eq!(tally.missing().count(), 0);
        tally.arrived(1, 99);
        tally.arrived(0, 3);
        assert_eq!((tally.done(), tally.without_gap()), (102, 102));
    }
}
