//! A folder of a bucket to a folder of the disk.

use std::ffi::OsStr;
use std::path::Path as LocalPath;

use super::ledger::{End, Ledger};
use super::place::{self, Root};
use super::{Item, Moves};
use crate::base::size;
use crate::base::workers::Job;
use crate::config::ReadOptions;
use crate::dialect;
use crate::error::{Error, Kind, Result};
use crate::exchange::Call;
use crate::local::{Folder, Place};
use crate::model::{
    Answer, ContentInfo, Digests, Failures, KeyFailure, ListEntry, Path, Target, TreeCounts,
};
use crate::transfer::download::content;
use crate::transfer::fetch::Object;
use crate::transfer::hasher::Hasher;
use crate::transfer::progress::Progress;
use crate::transfer::sink::Sink;
use crate::transfer::source::Source;

/// What is in the folder `from`, which may be the bucket's root, goes to `dirpath`.
pub(crate) fn download(
    call: &Call,
    from: &Target,
    dirpath: &LocalPath,
    options: &ReadOptions,
    progress: &mut Progress,
) -> Result<Answer<(TreeCounts, Failures)>> {
    dialect::of(call.exchange()).check(call.exchange(), from)?;
    let root = Root::make(Place::new("dirpath", dirpath))?;
    let mut moves = Moves::new(call, Ledger::new("downloaded"), progress);
    let outcome = each(call, from, &root, options, &mut moves);
    moves.ledger.outcome(outcome)
}

/// Page by page: the folders are made, then the files come.
fn each(
    call: &Call,
    from: &Target,
    root: &Root,
    options: &ReadOptions,
    moves: &mut Moves,
) -> Result<()> {
    let mut is_empty = true;
    let unlisted = dialect::of(call.exchange()).each_page(call, from, true, &mut |entries| {
        is_empty &= entries.is_empty();
        let items = plan(from, root, &entries, &mut moves.ledger)?;
        fetch(call, root, items, options, moves)
    })?;
    // What is in them is not there: that must not pass for the whole tree.
    is_empty &= unlisted.is_empty();
    for KeyFailure { key, why } in unlisted {
        moves.ledger.fail(&key, why)?;
    }
    if is_empty && !from.path.is_root() {
        // An empty folder, or none at all.
        dialect::of(call.exchange()).stat(call, from, &[])?;
    }
    moves.finish();
    Ok(())
}

/// Makes the folders, and checks the files.
fn plan(
    from: &Target,
    root: &Root,
    entries: &[ListEntry],
    ledger: &mut Ledger,
) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for entry in entries {
        let name = entry.name();
        let item = |bytes| {
            Ok(Item {
                name: name.to_owned(),
                local: root.place(name),
                target: from.beside(Path::of_key(&format!("{}{name}", from.path.plain()))?),
                size: size::of_object(bytes)?,
            })
        };
        let checked = match entry.unusable {
            Some(why) => Err(Error::parameter("path", format!("the key {why}"))),
            None => place::check(name),
        };
        match checked.and_then(|()| entry.info.size.map(item).transpose()) {
            Ok(Some(item)) => items.push(item),
            Ok(None) => {
                if let Err(why) = root.reach(name) {
                    ledger.note(name, Err(why))?;
                }
            }
            Err(why) => ledger.fail(name, why)?,
        }
    }
    Ok(items)
}

fn fetch(
    call: &Call,
    root: &Root,
    items: Vec<Item>,
    options: &ReadOptions,
    moves: &mut Moves,
) -> Result<()> {
    moves.page(
        items,
        |item, job| {
            let tick = &mut |bytes| job.moved(bytes);
            match begin(call, root, item, options, tick)? {
                Some((known, sink)) => small(call, item, &known, sink, job),
                None => Ok(End::Same),
            }
        },
        |item, mut progress| {
            let tick = &mut |_| progress.advance(0);
            match begin(call, root, item, options, tick)? {
                Some((known, sink)) => {
                    let answer = content(call, &item.target, (&known, None), sink, progress)?;
                    Ok(End::of(answer.value.verified))
                }
                None => Ok(End::Same),
            }
        },
    )
}

/// What is to be fetched and where to, unless it is there already. `tick` is called while a file
/// that is there is read, with the bytes so far.
fn begin(
    call: &Call,
    root: &Root,
    item: &Item,
    options: &ReadOptions,
    tick: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Option<(ContentInfo, Sink)>> {
    let known = dialect::of(call.exchange()).content_info(call, &item.target, &[])?;
    let (folder, name) = item.name.rsplit_once('/').unwrap_or(("", &item.name));
    let (folder, name) = (root.reach(folder)?, OsStr::new(name));
    let there = folder.stat(name).map_err(|e| item.local.unwritable(&e))?;
    if let Some(there) = there {
        let may_be_same = there.is_file() && there.len() == known.size && known.has_digest();
        if may_be_same && is_same(&folder, name, item, &known, tick)? {
            return Ok(None);
        }
        if !options.overwrite {
            let problem = "is there already, and differs";
            return Err(item.local.error(Kind::Exists, problem));
        }
    }
    let sink = Sink::within(folder, name, item.local.clone())?;
    Ok(Some((known, sink)))
}

fn is_same(
    folder: &Folder,
    name: &OsStr,
    item: &Item,
    known: &ContentInfo,
    tick: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<bool> {
    let source = Source::within(folder, name, item.local.clone())?;
    let mut hasher = Hasher::of_download(known);
    source.each_block(|bytes, done| {
        hasher.update(bytes);
        tick(done)
    })?;
    Ok(known.confirm(&hasher.digests()).is_ok())
}

fn small(call: &Call, item: &Item, known: &ContentInfo, sink: Sink, job: &Job) -> Result<End> {
    let object = Object::new(call, &item.target, known);
    let crc64 = object.fetch(0..known.size, &sink, &mut |bytes| job.moved(bytes))?;
    let digests = match known.wants_all() {
        true => {
            let mut hasher = Hasher::of_download(known);
            sink.read(0, known.size, |bytes| hasher.update(bytes))?;
            hasher.digests()
        }
        false => Digests::of_crc64(crc64),
    };
    let verified = known.confirm(&digests)?;
    sink.keep()?;
    Ok(End::of(verified))
}
