//! Complete lists, also of what is below a folder: this API gives pages of one folder.

use std::collections::VecDeque;

use super::operation::Operation;
use super::request::ask;
use super::typed;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::exchange::pages::Pages;
use crate::model::{KeyFailure, ListEntry, PageRequest, Target};

/// More failures than anybody reads, or than one cause alone should make.
const FAILURES_MAX: usize = 1000;

/// Entries that the service lists at once (json-api.md §5.3).
const PAGE: i32 = 199;

/// Everything in a folder, or what begins with a prefix in it, page by page; with `deep`, below it too. Names
/// are relative to the folder. Returns the folders whose own content cannot be listed.
pub(crate) fn each_page(
    call: &Call,
    listed: &Target,
    deep: bool,
    visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
) -> Result<Vec<KeyFailure>> {
    let mut unlisted = Vec::new();
    let mut inside = VecDeque::new();
    let folder = listed.beside(listed.path.innermost_folder());
    pages_of_one(call, listed, &mut |entries| {
        visit(named(entries, "", &mut inside))
    })?;
    while deep && !inside.is_empty() {
        let name: String = inside.pop_front().unwrap_or_default();
        let outcome = child(&folder, &name).and_then(|target| {
            pages_of_one(call, &target, &mut |entries| {
                visit(named(entries, &name, &mut inside))
            })
        });
        if let Err(why) = outcome {
            keep(&mut unlisted, name, why)?;
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

/// One of many that cannot be dealt with, as long as that is not so of all.
pub(super) fn keep(kept: &mut Vec<KeyFailure>, key: String, why: Error) -> Result<()> {
    let of_one = [ErrorClass::BadPath, ErrorClass::NotFound];
    let is_alone = why.kind == Kind::Parameter || of_one.iter().any(|class| why.is(*class));
    if !is_alone || kept.len() >= FAILURES_MAX {
        return Err(why);
    }
    kept.push(KeyFailure { key, why });
    Ok(())
}

/// The pages of one folder.
pub(super) fn pages_of_one(
    call: &Call,
    folder: &Target,
    visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
) -> Result<()> {
    let mut context = String::new();
    let mut pages = Pages::default();
    loop {
        let request = PageRequest {
            num: PAGE,
            pattern: "eListBoth",
            order: 0,
            context: &context,
        };
        let answer = ask(call, folder, &Operation::List(&request))?;
        let mut page = typed::page(answer).value;
        for entry in &mut page.entries {
            let name = entry.name().trim_end_matches('/').to_owned();
            entry.info.name = Some(name);
        }
        let next = page.context.unwrap_or_default();
        let named = page.entries.iter();
        let named = named.map(|entry| (entry.name(), entry.is_folder()));
        let leads_on = page.has_more.then(|| pages.go_on(&next, named));
        visit(page.entries)?;
        if leads_on.transpose()?.is_none() {
            return Ok(());
        }
        context = next;
    }
}
