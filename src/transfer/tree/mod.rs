//! Folders with everything below them, to the service and back, page by page: the small files of a
//! page side by side, then its large ones, each with as many threads. A call that was broken off is
//! made again: what is there already is not sent again.

mod disk;
mod down;
mod ledger;
mod place;
mod up;

use super::WHOLE_MAX_BYTES;
use super::progress::Progress;
use crate::base::workers::{self, Event, Job};
use crate::error::Result;
use crate::exchange::Call;
use crate::local::Place;
use crate::model::Target;

pub(crate) use down::download;
use ledger::{End, Ledger};
pub(crate) use up::upload;

/// One file of a tree.
struct Item {
    /// Relative to the tree's folder.
    name: String,
    local: Place,
    target: Target,
    size: u64,
}

/// The files of a tree on their way.
struct Moves<'m, 'r> {
    call: &'m Call<'m>,
    ledger: Ledger,
    progress: &'m mut Progress<'r>,
    /// Bytes of the files that have had their turn.
    done: u64,
    begun: bool,
}

impl<'m, 'r> Moves<'m, 'r> {
    fn new(call: &'m Call<'m>, ledger: Ledger, progress: &'m mut Progress<'r>) -> Moves<'m, 'r> {
        Moves {
            call,
            ledger,
            progress,
            done: 0,
            begun: false,
        }
    }

    /// Moves every file of a page. `small` may run on several threads at once.
    fn page(
        &mut self,
        items: Vec<Item>,
        small: impl Fn(&Item, &Job) -> Result<End> + Sync,
        large: impl Fn(&Item, Progress) -> Result<End>,
    ) -> Result<()> {
        let bytes = items.iter().map(|item| item.size);
        self.progress
            .expect(bytes.fold(self.done, u64::saturating_add));
        // Of nothing that has a byte there is nothing to report yet.
        if !self.begun && self.progress.total() > 0 {
            self.begun = true;
            self.progress.start(0)?;
        }
        let is_small = |item: &Item| item.size <= WHOLE_MAX_BYTES;
        let (small_ones, large_ones): (Vec<Item>, Vec<Item>) =
            items.into_iter().partition(is_small);
        let concurrency = self.call.exchange().concurrency();
        let work = |item: &Item, job: &Job| Ok(small(item, job));
        let before = self.done;
        workers::run(
            &concurrency,
            small_ones.into_iter(),
            work,
            |event| match event {
                Event::Moved(bytes) => self.progress.advance(before.saturating_add(bytes)),
                Event::Done(item, end) => self.end(&item, end),
            },
        )?;
        for item in &large_ones {
            let before = self.done;
            let progress = &mut *self.progress;
            let report = &mut |moved: u64, _| progress.slice_end(before.saturating_add(moved));
            let end = large(item, Progress::new(Some(report)));
            self.end(item, end)?;
        }
        Ok(())
    }

    fn end(&mut self, item: &Item, end: Result<End>) -> Result<()> {
        self.done = self.done.saturating_add(item.size);
        self.ledger.note(&item.name, end)?;
        self.progress.slice_end(self.done)
    }

    /// All files have had their turn.
    fn finish(&mut self) {
        if self.ledger.has_no_failures() {
            self.progress.finish();
        }
    }
}
