//! Folders with everything below them, to the service and back, page by page: the files of a page are compared
//! with what the service lists and the small ones moved, side by side; then the large ones, each with as many
//! threads. A call that was broken off is made again: what is there already is not sent again.

mod compare;
mod copy;
mod disk;
mod down;
mod index;
mod ledger;
mod place;
mod surplus;
mod up;

use super::WHOLE_MAX_BYTES;
use super::progress::Progress;
use crate::base::workers::{self, Event, Job};
use crate::error::Result;
use crate::exchange::Call;
use crate::local::Place;
use crate::model::{ListedFile, Target};

pub(crate) use copy::copy;
pub(crate) use down::download;
use index::Entry;
use ledger::{End, Ledger};
pub(crate) use up::upload;

/// One file of a tree, wherever it goes.
trait Movable: Send + Sync {
    fn name(&self) -> &str;
    /// Bytes.
    fn size(&self) -> u64;
}

/// One that is or becomes a local file.
struct Item {
    /// Relative to the tree's folder.
    name: String,
    local: Place,
    target: Target,
    size: u64,
    /// What the service lists at this place, as far as it tells.
    listed: Option<ListedFile>,
    /// What an earlier call has learned of both.
    remembered: Option<Entry>,
}

impl Movable for Item {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl Item {
    fn is_small(&self) -> bool {
        self.size <= WHOLE_MAX_BYTES
    }
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

    /// Moves every file of a page. `soon` may run on several threads at once; a large file that it has no end for
    /// is moved by `large`.
    fn page<I: Movable>(
        &mut self,
        items: Vec<I>,
        soon: impl Fn(&I, &Job) -> Result<Option<End>> + Sync,
        large: impl Fn(&I, Progress) -> Result<End>,
    ) -> Result<()> {
        let all: Vec<&dyn Movable> = items.iter().map(|item| item as &dyn Movable).collect();
        self.page_of(&all, &|at, job| soon(&items[at], job), &|at, progress| {
            large(&items[at], progress)
        })
    }

    /// The same by the places of the files: once in the library, whatever they are.
    fn page_of(
        &mut self,
        items: &[&dyn Movable],
        soon: &(dyn Fn(usize, &Job) -> Result<Option<End>> + Sync),
        large: &dyn Fn(usize, Progress) -> Result<End>,
    ) -> Result<()> {
        let bytes = items.iter().map(|item| item.size());
        self.progress
            .expect(bytes.fold(self.done, u64::saturating_add));
        // Of nothing that has a byte there is nothing to report yet.
        if !self.begun && self.progress.total() > 0 {
            self.begun = true;
            self.progress.start(0)?;
        }
        let concurrency = self.call.exchange().concurrency();
        let work = |at: &usize, job: &Job| Ok(soon(*at, job).transpose());
        let before = self.done;
        let (mut left, mut planned) = (Vec::new(), Vec::new());
        workers::run(&concurrency, 0..items.len(), work, |event| match event {
            Event::Moved(bytes) => self.progress.advance(before.saturating_add(bytes)),
            Event::Done(at, Some(Ok(End::Planned))) => insert(&mut planned, at),
            Event::Done(at, Some(end)) => self.end(items[at], end),
            Event::Done(at, None) => insert(&mut left, at),
        })?;
        for at in left {
            let before = self.done;
            let progress = &mut *self.progress;
            let report = &mut |moved: u64, _| progress.slice_end(before.saturating_add(moved));
            match large(at, Progress::new(Some(report))) {
                Ok(End::Planned) => insert(&mut planned, at)?,
                end => self.end(items[at], end)?,
            }
        }
        for at in planned {
            self.end(items[at], Ok(End::Planned))?;
        }
        Ok(())
    }

    fn end(&mut self, item: &dyn Movable, end: Result<End>) -> Result<()> {
        self.done = self.done.saturating_add(item.size());
        self.ledger.note(item.name(), end)?;
        self.progress.slice_end(self.done)
    }

    /// Whether all files have had their turn, and all is well.
    fn finish(&mut self, outcome: &Result<()>) {
        if outcome.is_ok() && self.ledger.has_no_failures() {
            self.progress.finish();
        }
    }
}

/// In the order of the page, which is that of the names: jobs are done in any.
fn insert(places: &mut Vec<usize>, at: usize) -> Result<()> {
    places.insert(places.partition_point(|before| *before < at), at);
    Ok(())
}
