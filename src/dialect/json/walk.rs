//! Complete lists, also of what is below a folder: this API gives pages of one folder.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use super::operation::Operation;
use super::request::ask;
use super::typed;
use crate::base::workers::{self, Event, Job};
use crate::dialect::Extent;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::exchange::pages::Pages;
use crate::model::{KeyFailure, ListEntry, PageRequest, Target};

/// More failures than anybody reads, or than one cause alone should make.
const FAILURES_MAX: usize = 1000;

/// Entries that the service lists at once (json-api.md §5.3).
const PAGE: i32 = 199;

/// So many folders are read ahead, a page of each.
pub(super) const AHEAD: usize = 64;

/// Everything in a folder, or what begins with a prefix in it, page by page. Names are relative to the
/// folder. Returns the folders whose own content cannot be listed.
pub(crate) fn each_page(
    call: &Call,
    listed: &Target,
    extent: Extent,
    visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
) -> Result<Vec<KeyFailure>> {
    let mut unlisted = Vec::new();
    let mut inside = VecDeque::new();
    let folder = listed.beside(listed.path.innermost_folder());
    pages_of_one(call, listed, &mut |entries| {
        visit(named(entries, "", &mut inside))
    })?;
    // Who goes on gets more of them.
    let mut ahead = if extent.is_whole { AHEAD } else { 1 };
    while extent.is_deep && !inside.is_empty() {
        let names: Vec<String> = inside.drain(..inside.len().min(ahead)).collect();
        ahead = AHEAD.min(ahead * 2);
        let targets: Vec<_> = names.iter().map(|name| child(&folder, name)).collect();
        let first = first_pages(call, &targets)?;
        for ((name, target), first) in names.into_iter().zip(targets).zip(first) {
            let outcome = target.and_then(|target| {
                pages_from(call, &target, first, &mut |entries| {
                    visit(named(entries, &name, &mut inside))
                })
            });
            if let Err(why) = outcome {
                keep(&mut unlisted, name, why)?;
            }
        }
    }
    Ok(unlisted)
}

/// Entries of the folder `inner`, with names that begin with its own; folders are still to be listed.
fn named(
    mut entries: Vec<ListEntry>,
    inner: &str,
    folders: &mut VecDeque<String>,
) -> Vec<ListEntry> {
    for entry in &mut entries {
        let name = format!("{inner}{}", entry.name());
        if entry.is_folder() {
            folders.push_back(format!("{name}/"));
        }
        entry.info.name = Some(name);
    }
    entries
}

/// What the service has named in a folder, if a URL can say it.
pub(super) fn child(folder: &Target, name: &str) -> Result<Target> {
    // "//" would be the folder itself again.
    if name.starts_with('/') || name.is_empty() || name.contains("//") {
        return Err(Error::parameter("path", "has an entry without a name"));
    }
    Ok(folder.beside(folder.path.child(name)?))
}

/// Whether an error of one folder or file may be none of the others.
fn is_alone(why: &Error) -> bool {
    let of_one = [ErrorClass::BadPath, ErrorClass::NotFound];
    why.kind == Kind::Parameter || of_one.iter().any(|class| why.is(*class))
}

/// One of many that cannot be dealt with, as long as that is not so of all.
pub(super) fn keep(kept: &mut Vec<KeyFailure>, key: String, why: Error) -> Result<()> {
    if !is_alone(&why) || kept.len() >= FAILURES_MAX {
        return Err(why);
    }
    kept.push(KeyFailure { key, why });
    Ok(())
}

/// One page of a folder, and where the next one begins.
pub(super) struct Page {
    entries: Vec<ListEntry>,
    next: Option<String>,
}

/// The first pages of some folders, side by side; none where there is no need to, and none behind one that the service
/// did not answer: those are read when their turn comes.
pub(super) fn first_pages(
    call: &Call,
    folders: &[Result<Target>],
) -> Result<Vec<Option<Result<Page>>>> {
    let mut first: Vec<_> = folders.iter().map(|_| None).collect();
    if folders.len() < 2 {
        return Ok(first);
    }
    let is_lost = AtomicBool::new(false);
    let work = |at: &usize, _: &Job| match &folders[*at] {
        Ok(folder) if !is_lost.load(Ordering::Relaxed) => {
            let page = page(call, folder, "");
            let is_last = page.as_ref().is_err_and(|why| !is_alone(why));
            is_lost.fetch_or(is_last, Ordering::Relaxed);
            Ok(Some(page))
        }
        _ => Ok(None),
    };
    let concurrency = call.exchange().concurrency();
    workers::run(&concurrency, 0..folders.len(), work, |event| {
        if let Event::Done(at, page) = event {
            first[at] = page;
        }
        Ok(())
    })?;
    Ok(first)
}

fn page(call: &Call, folder: &Target, context: &str) -> Result<Page> {
    let request = PageRequest {
        num: PAGE,
        pattern: "eListBoth",
        order: 0,
        context,
    };
    let answer = ask(call, folder, &Operation::List(&request))?;
    let mut page = typed::page(answer).value;
    for entry in &mut page.entries {
        let name = entry.name().trim_end_matches('/').to_owned();
        entry.info.name = Some(name);
    }
    let next = page.context.unwrap_or_default();
    Ok(Page {
        entries: page.entries,
        next: page.has_more.then_some(next),
    })
}

/// The pages of one folder.
pub(super) fn pages_of_one(
    call: &Call,
    folder: &Target,
    visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
) -> Result<()> {
    pages_from(call, folder, None, visit)
}

/// The same where the first one may have been read already.
pub(super) fn pages_from(
    call: &Call,
    folder: &Target,
    mut first: Option<Result<Page>>,
    visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
) -> Result<()> {
    let mut context = String::new();
    let mut pages = Pages::default();
    loop {
        let read = first.take();
        let Page { entries, next } = read.unwrap_or_else(|| page(call, folder, &context))?;
        let named = entries.iter();
        let named = named.map(|entry| (entry.name(), entry.is_folder()));
        let leads_on = next.as_ref().map(|next| pages.go_on(next, named));
        visit(entries)?;
        match (leads_on.transpose()?, next) {
            (Some(()), Some(next)) => context = next,
            _ => return Ok(()),
        }
    }
}
