//! Folders with everything below them, to the service and back: small files side by side, then the
//! large ones, each with as many threads. A call that was broken off is made again: what is there
//! already is not sent again.

mod disk;
mod down;
mod ledger;
mod up;

use std::path::PathBuf;

use super::WHOLE_MAX_BYTES;
use super::progress::Progress;
use super::workers::{self, Event, Job};
use crate::api::Target;
use crate::client::Call;
use crate::error::Result;

pub(crate) use down::download;
use ledger::{End, Ledger};
pub(crate) use up::upload;

/// One file of a tree.
struct Item {
    /// Relative to the tree's folder.
    name: String,
    local: PathBuf,
    target: Target,
    size: u64,
}

/// Moves every file. `small` may run on several threads at once.
fn each(
    call: &Call,
    items: Vec<Item>,
    ledger: &mut Ledger,
    progress: &mut Progress,
    small: impl Fn(&Item, &Job) -> Result<End> + Sync,
    large: impl Fn(&Item, Progress) -> Result<End>,
) -> Result<()> {
    progress.set_total(items.iter().map(|item| item.size).sum());
    progress.start(0)?;
    let is_small = |item: &Item| item.size <= WHOLE_MAX_BYTES;
    let (small_ones, large_ones): (Vec<Item>, Vec<Item>) = items.into_iter().partition(is_small);
    let mut done = 0;
    let threads = call.client().config().parallel;
    let work = |job: &Job| Ok(small(&small_ones[job.number as usize], job));
    workers::run(
        threads,
        small_ones.len() as u64,
        work,
        |event| match event {
            Event::Moved(bytes) => progress.advance(bytes),
            Event::Done(number, end) => {
                let item = &small_ones[number as usize];
                done += item.size;
                ledger.note(&item.name, end)?;
                progress.slice_end(done)
            }
        },
    )?;
    for item in &large_ones {
        let report = &mut |moved, _| progress.slice_end(done + moved);
        let end = large(item, Progress::new(Some(report)));
        done += item.size;
        ledger.note(&item.name, end)?;
        progress.slice_end(done)?;
    }
    if ledger.has_no_failures() {
        progress.finish();
    }
    Ok(())
}
