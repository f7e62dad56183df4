//! A folder of a bucket to a folder of the disk.

use std::ffi::OsStr;
use std::path::Path as LocalPath;

use super::compare::{Comparison, compare};
use super::index::{Entry, Index};
use super::ledger::{End, Ledger};
use super::place::{self, Root};
use super::{Item, Moves, surplus};
use crate::base::size;
use crate::base::workers::Job;
use crate::config::{ReadOptions, TreeOptions};
use crate::dialect::{self, Extent};
use crate::error::{Kind, Result};
use crate::exchange::Call;
use crate::local::{FileStamp, Place};
use crate::model::{
    Answer, ContentInfo, Failures, KeyFailure, ListEntry, ListedFile, Target, TreeCounts,
};
use crate::transfer::WHOLE_MAX_BYTES;
use crate::transfer::download::{self, content};
use crate::transfer::fetch::Object;
use crate::transfer::first_range::{self, Wanted};
use crate::transfer::progress::Progress;
use crate::transfer::sink::Sink;
use crate::transfer::source::Source;

/// So many files and folders at least are moved together, if there are: a list may come in pages of a few.
const PAGE: usize = 100;

/// What is in the folder `from`, which may be the bucket's root, goes to `dirpath`.
pub(crate) fn download(
    call: &Call,
    from: &Target,
    dirpath: &LocalPath,
    options: &ReadOptions,
    progress: &mut Progress,
) -> Result<Answer<(TreeCounts, Failures)>> {
    dialect::of(call.exchange()).check(call.exchange(), from)?;
    let (place, tree) = (Place::new("dirpath", dirpath), &options.tree);
    let root = match tree.dry_run {
        true => Root::find(place.clone())?,
        false => Root::make(place.clone())?,
    };
    let mut moves = Moves::new(call, Ledger::new("download", "downloaded", tree), progress);
    let mut index = Index::of(call.exchange(), from, dirpath, tree);
    let outcome = each(call, from, (&root, &mut index), options, &mut moves);
    if let Some(index) = index {
        index.end(outcome.is_err());
    }
    let outcome = outcome.and_then(|()| match tree.delete {
        true => surplus::delete_files(call, from, (place, &root), tree, &mut moves.ledger),
        false => Ok(()),
    });
    moves.finish(&outcome);
    moves.ledger.outcome(outcome)
}

/// Page by page: the folders are made, then the files come.
fn each(
    call: &Call,
    from: &Target,
    (root, index): (&Root, &mut Option<Index>),
    options: &ReadOptions,
    moves: &mut Moves,
) -> Result<()> {
    let (mut is_empty, mut page) = (true, Vec::new());
    let mut turn = |page| {
        let items = plan(from, (root, index), page, options, &mut moves.ledger)?;
        fetch(call, (root, index.as_ref()), items, options, moves)?;
        if let Some(index) = index {
            index.turn();
        }
        Ok(())
    };
    let unlisted =
        dialect::of(call.exchange()).each_page(call, from, Extent::TREE, &mut |mut entries| {
            is_empty &= entries.is_empty();
            page.append(&mut entries);
            match page.len() < PAGE {
                true => Ok(()),
                false => turn(std::mem::take(&mut page)),
            }
        })?;
    turn(page)?;
    // What is in them is not there: that must not pass for the whole tree.
    is_empty &= unlisted.is_empty();
    for KeyFailure { key, why } in unlisted {
        moves.ledger.fail(&key, why);
    }
    if is_empty && !from.path.is_root() {
        // An empty folder, or none at all.
        dialect::of(call.exchange()).stat(call, from, &[])?;
    }
    Ok(())
}

/// Makes the folders, and checks the files.
fn plan(
    from: &Target,
    (root, index): (&Root, &mut Option<Index>),
    entries: Vec<ListEntry>,
    options: &ReadOptions,
    ledger: &mut Ledger,
) -> Result<Vec<Item>> {
    let tree = &options.tree;
    let mut items = Vec::new();
    for entry in &entries {
        let name = entry.name();
        let item = |bytes| {
            Ok(Item {
                name: name.to_owned(),
                local: root.place(name),
                target: options.of(from.beside(from.path.child(name)?)),
                size: size::of_object(bytes)?,
                listed: ListedFile::of(&entry.info),
                remembered: None,
            })
        };
        let takes_part = tree.filter.takes(name, entry.is_folder());
        if !takes_part {
            continue;
        }
        let checked = entry.check("path").and_then(|()| place::check(name));
        match checked.and_then(|()| entry.info.size.map(item).transpose()) {
            Ok(Some(item)) => items.push(Item {
                remembered: index.as_mut().and_then(|index| index.find(name)),
                ..item
            }),
            Ok(None) if tree.dry_run => {}
            Ok(None) => {
                if let Err(why) = root.reach(name) {
                    ledger.note(name, Err(why))?;
                }
            }
            Err(why) => ledger.fail(name, why),
        }
    }
    Ok(items)
}

fn fetch(
    call: &Call,
    (root, index): (&Root, Option<&Index>),
    items: Vec<Item>,
    options: &ReadOptions,
    moves: &mut Moves,
) -> Result<()> {
    moves.page(
        items,
        |item, job| {
            let tick = &mut |done| job.moved(if item.is_small() { done } else { 0 });
            let known = match compared(call, (root, index), item, options, tick)? {
                Comparison::Same => return Ok(Some(End::Same)),
                Comparison::Differs(known) => known,
            };
            if options.tree.dry_run {
                return Ok(Some(End::Planned));
            }
            match item.is_small() {
                true => small(call, (root, index), item, (known, &options.tree), job).map(Some),
                false => Ok(None),
            }
        },
        |item, progress| {
            let mut known = dialect::of(call.exchange()).content_info(call, &item.target, &[])?;
            known.file = options.tree.kept(known.file);
            let sink = sink(root, item)?;
            let (answer, kept) = content(call, &item.target, (&known, None), sink, progress)?;
            remember(index, item, kept, &known);
            Ok(End::of(answer.value.verified))
        },
    )
}

/// That what was kept is the content of the object, which was compared by its CRC64.
fn remember(index: Option<&Index>, item: &Item, kept: Option<FileStamp>, known: &ContentInfo) {
    let tag = known.crc64.and_then(|crc64| known.tag(crc64));
    if let (Some(index), Some(stamp), Some(tag)) = (index, kept, tag) {
        index.learn(&item.name, Entry::new(&stamp, tag));
    }
}

fn within(item: &Item) -> (&str, &OsStr) {
    let (folder, name) = item.name.rsplit_once('/').unwrap_or(("", &item.name));
    (folder, OsStr::new(name))
}

fn sink(root: &Root, item: &Item) -> Result<Sink> {
    let (folder, name) = within(item);
    Sink::within(root.reach(folder)?, name, item.local.clone())
}

/// Whether the file is there already. An error where one is that is not to be replaced.
fn compared(
    call: &Call,
    (root, index): (&Root, Option<&Index>),
    item: &Item,
    options: &ReadOptions,
    tick: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Comparison> {
    let (folder, name) = within(item);
    let folder = match options.tree.dry_run {
        true => root.look(folder)?,
        false => Some(root.reach(folder)?),
    };
    let there = folder.as_ref().map(|folder| folder.stat(name)).transpose();
    let there = there.map_err(|e| item.local.unwritable(&e))?.flatten();
    let (Some(folder), Some(there)) = (folder, there) else {
        return Ok(Comparison::Differs(None));
    };
    let mut found = Comparison::Differs(None);
    if let Some(listed) = item.listed.as_ref().filter(|_| there.is_file()) {
        // That it is another file can be seen without opening it.
        if there.len() == listed.size {
            let source = Source::within(&folder, name, item.local.clone())?;
            let by = (options.tree.compare, index);
            found = compare(call, item, listed, &source, by, tick)?;
        }
    }
    match found {
        Comparison::Differs(_) if !options.overwrite => {
            let problem = "is there already, and differs";
            Err(item.local.error(Kind::Exists, problem))
        }
        found => Ok(found),
    }
}

/// What is known already need not be asked; else the answer that brings the bytes tells it.
fn small(
    call: &Call,
    (root, index): (&Root, Option<&Index>),
    item: &Item,
    (known, tree): (Option<ContentInfo>, &TreeOptions),
    job: &Job,
) -> Result<End> {
    let sink = sink(root, item)?;
    let listed = || item.listed.as_ref().and_then(ListedFile::content_info);
    let (known, begun) = match known.or_else(listed) {
        Some(known) => (known, None),
        None => {
            let range = 0..WHOLE_MAX_BYTES;
            first_range::begin(call, &item.target, &[], range, Wanted::Whole)?
        }
    };
    let object = Object::new(call, &item.target, &known).begun(begun);
    let (verified, _) = download::whole(&object, &sink, &mut |bytes| job.moved(bytes))?;
    let kept = sink.keep(tree.kept(known.file))?;
    remember(index, item, kept, &known);
    Ok(End::of(verified))
}
