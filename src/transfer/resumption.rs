//! A download that goes on where an earlier call stopped, and that leaves what has arrived to a later one.

use std::collections::BTreeMap;
use std::ops::Range;

use super::download_checkpoint::DownloadCheckpoint;
use super::range_size;
use super::sink::Sink;
use crate::base::cancel;
use crate::base::crc64::Crc64;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Exchange;
use crate::local::Reopened;
use crate::model::{ContentInfo, Target};

pub(super) struct Resumption {
    checkpoint: DownloadCheckpoint,
    /// Ranges that an earlier call has written down, and their CRC64s.
    earlier: Vec<(u64, u64)>,
    has_something: bool,
}

impl Resumption {
    /// `None` without the option `checkpoint_dir`, where another call is at the same download, and where nothing
    /// can be left.
    pub(super) fn of(
        exchange: &Exchange,
        target: &Target,
        known: &ContentInfo,
        sink: &mut Sink,
    ) -> Result<Option<Resumption>> {
        let range = range_size::of(known.size);
        let local = sink.canonical_path();
        let checkpoint = DownloadCheckpoint::of(exchange, target, known, &local, range);
        let Some(mut checkpoint) = checkpoint else {
            return Ok(None);
        };
        let mut earlier = Vec::new();
        let left = checkpoint.recall();
        let reopened = left.as_ref().filter(|left| left.is_same);
        match reopened.map(|left| (left, sink.reopen(&left.draft))) {
            Some((_, Reopened::Busy)) => return Ok(None),
            Some((left, Reopened::Mine)) => {
                checkpoint.go_on(left)?;
                earlier.clone_from(&left.ranges);
            }
            Some((_, Reopened::Gone)) | None => {
                if let Some(left) = left {
                    sink.remove_left(&left.draft);
                }
                // Killed in between, it leaves no draft that nobody knows.
                let draft = sink.mark()?;
                checkpoint.begin(&draft)?;
                if !sink.stay(&draft) {
                    checkpoint.forget();
                    return Ok(None);
                }
            }
        }
        Ok(Some(Resumption {
            checkpoint,
            has_something: !earlier.is_empty(),
            earlier,
        }))
    }

    /// The ranges that are in the draft as they were written down, and their CRC64s. What a crash of the
    /// system has left of a file need not be what was written to it.
    pub(super) fn read_back(
        &mut self,
        sink: &Sink,
        ranges: u64,
        bounds: impl Fn(u64) -> Range<u64>,
    ) -> Result<BTreeMap<u64, u64>> {
        let mut there = BTreeMap::new();
        for &(range, crc64) in self.earlier.iter().filter(|(range, _)| *range < ranges) {
            let Range { start, end } = bounds(range);
            let mut read = Crc64::default();
            let outcome = sink.read(start, end, |bytes| read.update(bytes));
            cancel::check()?;
            if outcome.is_ok() && read.value() == crc64 {
                there.insert(range, crc64);
            }
        }
        self.has_something = !there.is_empty();
        Ok(there)
    }

    pub(super) fn arrived(&mut self, range: u64, crc64: u64) {
        self.checkpoint.arrived(range, crc64);
        self.has_something = true;
    }

    /// After a failure: what nobody can go on with goes.
    pub(super) fn end(&self, error: &Error, sink: &mut Sink) {
        let is_useless = error.kind == Kind::Integrity || error.is(ErrorClass::NotFound);
        if is_useless || !self.has_something {
            sink.discard();
            self.forget();
        }
    }

    /// The download is complete.
    pub(super) fn forget(&self) {
        self.checkpoint.forget();
    }
}
