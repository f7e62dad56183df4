//! The caller's view of a transfer: a number of bytes that never falls and ends at the total.

use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};

/// At most about ten reports a second, beside those at the ends of slices.
const BETWEEN_REPORTS: Duration = Duration::from_millis(100);

/// The caller's callback: bytes done and in all; `false` cancels.
pub(crate) type Report<'a> = dyn FnMut(u64, u64) -> bool + 'a;

pub(crate) struct Progress<'a> {
    report: Option<&'a mut Report<'a>>,
    total: u64,
    done: u64,
    reported: Option<u64>,
    last: Instant,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(report: Option<&'a mut Report<'a>>) -> Progress<'a> {
        Progress {
            report,
            total: 0,
            done: 0,
            reported: None,
            last: Instant::now(),
        }
    }

    pub(crate) fn set_total(&mut self, total: u64) {
        self.total = total;
    }

    /// The transfer begins, or goes on, at `offset`.
    pub(crate) fn start(&mut self, offset: u64) -> Result<()> {
        self.done = self.done.max(offset);
        self.tell(self.done)
    }

    /// `done` bytes are on their way, and some time may have passed since the last report.
    pub(crate) fn advance(&mut self, done: u64) -> Result<()> {
        self.done = self.done.max(done);
        if self.last.elapsed() < BETWEEN_REPORTS {
            return Ok(());
        }
        // All of it is on its way: the service's word is still to come, and can be cancelled.
        self.tell(self.done.min(self.total.saturating_sub(1)))
    }

    /// Whether anybody looks on, and could cancel.
    pub(crate) fn is_watched(&self) -> bool {
        self.report.is_some()
    }

    /// A slice has arrived: worth a report of its own.
    pub(crate) fn slice_end(&mut self, done: u64) -> Result<()> {
        self.done = self.done.max(done);
        if self.reported == Some(self.done) {
            return Ok(());
        }
        self.tell(self.done)
    }

    /// Everything has arrived. Too late to cancel.
    pub(crate) fn finish(&mut self) {
        let Some(report) = &mut self.report else {
            return;
        };
        if self.reported != Some(self.total) {
            self.reported = Some(self.total);
            report(self.total, self.total);
        }
    }

    fn tell(&mut self, done: u64) -> Result<()> {
        let Some(report) = &mut self.report else {
            return Ok(());
        };
        // The total is told once, by finish, when the service has confirmed it.
        if done >= self.total && self.total > 0 {
            return Ok(());
        }
        // Never less than before.
        let done = done.max(self.reported.unwrap_or(0));
        self.last = Instant::now();
        self.reported = Some(done);
        if report(done, self.total) {
            Ok(())
        } else {
            Err(Error::new(
                Kind::Cancelled,
                "the progress callback cancelled the call",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_never_fall_and_the_total_comes_once() {
        let mut seen = Vec::new();
        let mut report = |done, total| {
            seen.push((done, total));
            true
        };
        let mut progress = Progress::new(Some(&mut report));
        progress.set_total(30);
        progress.start(10).unwrap();
        progress.slice_end(20).unwrap();
        // A slice sent again starts over; its bytes were counted already.
        progress.last -= BETWEEN_REPORTS;
        progress.advance(15).unwrap();
        progress.advance(25).unwrap();
        progress.slice_end(30).unwrap();
        progress.finish();
        progress.finish();
        assert_eq!(seen, [(10, 30), (20, 30), (20, 30), (30, 30)]);
    }

    #[test]
    fn an_empty_file_is_reported_once() {
        let mut seen = Vec::new();
        let mut report = |done, total| {
            seen.push((done, total));
            true
        };
        let mut progress = Progress::new(Some(&mut report));
        progress.start(0).unwrap();
        progress.finish();
        assert_eq!(seen, [(0, 0)]);
    }

    #[test]
    fn a_refusal_cancels_until_the_end() {
        let mut report = |_, _| false;
        let mut progress = Progress::new(Some(&mut report));
        progress.set_total(2);
        assert_eq!(progress.start(0).unwrap_err().code, -5);
        progress.finish();
    }
}
