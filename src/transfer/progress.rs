//! The caller's view of a transfer: a number of bytes that never falls and ends at the total.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::base::cancel::{self, GLANCE};
use crate::error::Result;

/// The total as long as it is not known: more than any has, so that no caller takes it for the end or
/// half of it, and exact in JavaScript.
pub(super) const UNKNOWN: u64 = (1 << 53) - 1;

/// The caller's callback: bytes done and in all; its error ends the call.
pub(crate) type Report<'a> = dyn FnMut(u64, u64) -> Result<()> + 'a;

/// What the thread that made the call can tell by itself, when nothing comes for a while.
#[derive(Default)]
pub(super) struct Announced {
    /// Bytes, less than the total.
    pub(super) done: AtomicU64,
    pub(super) total: AtomicU64,
}

pub(crate) struct Progress<'a> {
    report: Option<&'a mut Report<'a>>,
    total: u64,
    announced: Option<Arc<Announced>>,
    done: u64,
    /// Bytes done and in all, as last reported.
    reported: Option<(u64, u64)>,
    last: Instant,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(report: Option<&'a mut Report<'a>>) -> Progress<'a> {
        Progress {
            report,
            total: 0,
            announced: None,
            done: 0,
            reported: None,
            last: Instant::now(),
        }
    }

    /// The same, for a call that another thread watches.
    pub(super) fn announcing(
        report: Option<&'a mut Report<'a>>,
        announced: Arc<Announced>,
    ) -> Progress<'a> {
        Progress {
            announced: Some(announced),
            ..Progress::new(report)
        }
    }

    pub(crate) fn set_total(&mut self, total: u64) {
        self.total = total;
        if let Some(announced) = &self.announced {
            announced.total.store(total, Ordering::Relaxed);
        }
    }

    /// So much there will be at least.
    pub(crate) fn expect(&mut self, total: u64) {
        self.set_total(self.total.max(total));
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The transfer begins, or goes on, at `offset`.
    pub(crate) fn start(&mut self, offset: u64) -> Result<()> {
        self.done = self.done.max(offset);
        self.tell(self.done)
    }

    /// `done` bytes are on their way, and some time may have passed since the last report.
    pub(crate) fn advance(&mut self, done: u64) -> Result<()> {
        cancel::check()?;
        self.done = self.done.max(done);
        // All of it is on its way: the service's word is still to come, and can be cancelled.
        let done = self.done.min(self.total.saturating_sub(1));
        if let Some(announced) = &self.announced {
            announced.done.store(done, Ordering::Relaxed);
        }
        if self.last.elapsed() < GLANCE {
            return Ok(());
        }
        self.tell(done)
    }

    /// A slice has arrived: worth a report of its own.
    pub(crate) fn slice_end(&mut self, done: u64) -> Result<()> {
        self.done = self.done.max(done);
        if self.reported.is_some_and(|(done, _)| done == self.done) {
            return Ok(());
        }
        self.tell(self.done)
    }

    /// Everything has arrived. Too late to cancel.
    pub(crate) fn finish(&mut self) {
        let Some(report) = &mut self.report else {
            return;
        };
        let end = Some((self.total, self.total));
        if self.reported != end {
            self.reported = end;
            let _ = report(self.total, self.total);
        }
    }

    fn tell(&mut self, done: u64) -> Result<()> {
        let Some(report) = &mut self.report else {
            return Ok(());
        };
        // The total is told once, by finish, when the service has confirmed it.
        if done >= self.total {
            return Ok(());
        }
        // Never less than before.
        let done = done.max(self.reported.map_or(0, |(done, _)| done));
        self.last = Instant::now();
        self.reported = Some((done, self.total));
        report(done, self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Kind};

    #[test]
    fn reports_never_fall_and_the_total_comes_once() {
        let mut seen = Vec::new();
        let mut report = |done, total| {
            seen.push((done, total));
            Ok(())
        };
        let mut progress = Progress::new(Some(&mut report));
        progress.set_total(30);
        progress.start(10).unwrap();
        progress.slice_end(20).unwrap();
        // A slice sent again starts over; its bytes were counted already.
        progress.last -= GLANCE;
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
            Ok(())
        };
        let mut progress = Progress::new(Some(&mut report));
        progress.start(0).unwrap();
        progress.finish();
        assert_eq!(seen, [(0, 0)]);
    }

    #[test]
    fn a_stream_that_turns_out_empty_is_reported_to_its_end() {
        let mut seen = Vec::new();
        let mut report = |done, total| {
            seen.push((done, total));
            Ok(())
        };
        let mut progress = Progress::new(Some(&mut report));
        progress.set_total(UNKNOWN);
        progress.start(0).unwrap();
        progress.set_total(0);
        progress.finish();
        assert_eq!(seen, [(0, UNKNOWN), (0, 0)]);
    }

    #[test]
    fn a_refusal_cancels_until_the_end() {
        let mut report = |_, _| Err(Error::new(Kind::Cancelled, "enough"));
        let mut progress = Progress::new(Some(&mut report));
        progress.set_total(2);
        assert_eq!(progress.start(0).unwrap_err().code, -5);
        progress.finish();
    }
}
