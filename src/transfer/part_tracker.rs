//! Which parts of a transfer have arrived, when they go on side by side.

use std::collections::BTreeSet;

use crate::dialect::PartRange;

pub(super) struct PartTracker {
    start: u64,
    size: u64,
    part_size: u64,
    /// Bytes that have arrived.
    arrived: u64,
    /// The first part that has not arrived, and those after it that have.
    first_missing: u64,
    ahead: BTreeSet<u64>,
}

impl PartTracker {
    /// Of the bytes from `start` to `size`, in parts of `part_size` of which the last may be
    /// shorter.
    pub(super) fn new(start: u64, size: u64, part_size: u64) -> PartTracker {
        PartTracker {
            start,
            size,
            part_size,
            arrived: 0,
            first_missing: 0,
            ahead: BTreeSet::new(),
        }
    }

    /// The parts that have not arrived yet, by now.
    pub(super) fn missing(&self) -> impl Iterator<Item = PartRange> + Send + use<> {
        let (ahead, start, part_size) = (self.ahead.clone(), self.start, self.part_size);
        let missing = (self.first_missing..self.parts()).filter(move |part| !ahead.contains(part));
        missing.map(move |part| PartRange {
            number: part + 1,
            offset: start + part * part_size,
        })
    }

    pub(super) fn parts(&self) -> u64 {
        (self.size - self.start).div_ceil(self.part_size)
    }

    /// Each part counts once, however often a service lists it.
    pub(super) fn arrived(&mut self, part: u64) {
        let is_new = (self.first_missing..self.parts()).contains(&part);
        if !is_new || !self.ahead.insert(part) {
            return;
        }
        self.arrived += self.begin(part + 1) - self.begin(part);
        while self.ahead.remove(&self.first_missing) {
            self.first_missing += 1;
        }
    }

    /// Bytes done, with those before the start.
    pub(super) fn done(&self) -> u64 {
        self.start + self.arrived
    }

    /// Up to here everything has arrived.
    pub(super) fn without_gap(&self) -> u64 {
        self.begin(self.first_missing)
    }

    fn begin(&self, part: u64) -> u64 {
        (self.start + part * self.part_size).min(self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_may_arrive_in_any_order() {
        let mut tally = PartTracker::new(10, 47, 10);
        let seen = |tally: &PartTracker| (tally.done(), tally.without_gap());
        assert_eq!((tally.parts(), seen(&tally)), (4, (10, 10)));
        tally.arrived(3);
        assert_eq!(seen(&tally), (17, 10));
        tally.arrived(0);
        tally.arrived(1);
        assert_eq!(seen(&tally), (37, 30));
        tally.arrived(2);
        assert_eq!(seen(&tally), (47, 47));
    }

    #[test]
    fn a_part_counts_once_and_only_if_there_is_such_a_part() {
        let mut tally = PartTracker::new(0, 25, 10);
        for part in [1, 1, 0, 0, 3, u64::MAX] {
            tally.arrived(part);
        }
        assert_eq!((tally.done(), tally.without_gap()), (20, 20));
    }
}
