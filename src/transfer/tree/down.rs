//! A folder of a bucket to a folder of the disk.

use std::fs;
use std::path::{Component, Path as LocalPath, PathBuf};

use serde_json::Value;

use super::ledger::{End, Ledger};
use super::{Item, disk, each};
use crate::api::{self, Digests, Kept, Operation, Target};
use crate::client::Call;
use crate::error::{Error, Kind, Result};
use crate::many::each_page;
use crate::path::Path;
use crate::quoted::quoted;
use crate::reply::Reply;
use crate::transfer::DownloadOptions;
use crate::transfer::download::content;
use crate::transfer::fetch::Object;
use crate::transfer::hasher::Hasher;
use crate::transfer::known::Known;
use crate::transfer::progress::Progress;
use crate::transfer::sink::Sink;
use crate::transfer::source::Source;
use crate::transfer::workers::Job;

/// What is in the folder `from`, which may be the bucket's root, goes to `dirpath`.
pub(crate) fn download(
    call: &Call,
    from: &Target,
    dirpath: &LocalPath,
    options: &DownloadOptions,
    progress: &mut Progress,
) -> Result<Reply> {
    api::check(call.client(), from)?;
    disk::make_folder(dirpath)?;
    let mut ledger = Ledger::new("downloaded");
    let outcome = plan(call, from, dirpath, &mut ledger)
        .and_then(|items| fetch(call, items, options, &mut ledger, progress));
    ledger.told(outcome)
}

/// Makes the folders, and lists the files.
fn plan(call: &Call, from: &Target, dirpath: &LocalPath, ledger: &mut Ledger) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    let mut has_folders = false;
    let unlisted = each_page(call, from, true, &mut |infos| {
        for info in infos {
            let name = info["name"].as_str().unwrap_or_default().to_owned();
            let Some(local) = place(dirpath, &name) else {
                let problem = "is no name for a local file";
                ledger.fail(
                    &name,
                    Error::parameter("path", format!("{} {problem}", quoted(&name))),
                )?;
                continue;
            };
            if let Some(why) = info.get("unusable").and_then(Value::as_str) {
                ledger.fail(&name, Error::parameter("path", why))?;
                continue;
            }
            match info.get("filesize").and_then(Value::as_u64) {
                Some(size) => {
                    let path = match Path::of_key(&format!("{}{name}", from.path.plain())) {
                        Ok(path) => path,
                        Err(why) => {
                            ledger.fail(&name, why)?;
                            continue;
                        }
                    };
                    let bucket = from.bucket.clone();
                    items.push(Item {
                        target: Target { bucket, path },
                        name,
                        local,
                        size,
                    });
                }
                None => {
                    has_folders = true;
                    let made = disk::make_folder(&local);
                    if let Err(why) = made {
                        ledger.note(&name, Err(why))?;
                    }
                }
            }
        }
        Ok(())
    })?;
    // What is in them is not there: that must not pass for the whole tree.
    for Kept { key, why } in unlisted {
        ledger.fail(&key, why)?;
    }
    if items.is_empty() && !has_folders && ledger.is_empty() && !from.path.is_root() {
        // An empty folder, or none at all.
        api::ask(call, from, &Operation::Stat)?;
    }
    Ok(items)
}

/// Where it goes: below `dirpath`, whatever the service calls it.
fn place(dirpath: &LocalPath, name: &str) -> Option<PathBuf> {
    let plain = |part: Component| matches!(part, Component::Normal(_));
    // `components` passes over "//" and "/./", where a file of another name would be.
    let is_exact = name.split('/').all(|part| !part.is_empty() && part != ".");
    let lawful = is_exact && !name.contains('\0') && LocalPath::new(name).components().all(plain);
    lawful.then(|| dirpath.join(name))
}

fn fetch(
    call: &Call,
    items: Vec<Item>,
    options: &DownloadOptions,
    ledger: &mut Ledger,
    progress: &mut Progress,
) -> Result<()> {
    each(
        call,
        items,
        ledger,
        progress,
        |item, job| match begin(call, item, options, &mut |bytes| job.moved(bytes))? {
            Some((known, sink)) => small(call, item, &known, sink, job),
            None => Ok(End::Same),
        },
        |item, mut progress| {
            let look = &mut |_| progress.advance(0);
            match begin(call, item, options, look)? {
                Some((known, sink)) => {
                    content(call, &item.target, &known, sink, progress)?;
                    Ok(End::Done)
                }
                None => Ok(End::Same),
            }
        },
    )
}

/// What is to be fetched and where to, unless it is there already. `look` is called while a file
/// that is there is read, with the bytes so far.
fn begin(
    call: &Call,
    item: &Item,
    options: &DownloadOptions,
    look: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Option<(Known, Sink)>> {
    let known = Known::of(call, &item.target)?;
    if disk::size(&item.local)? == Some(known.size)
        && known.has_digest()
        && is_same(&item.local, &known, look)?
    {
        return Ok(None);
    }
    if !options.overwrite && fs::symlink_metadata(&item.local).is_ok() {
        let message = format!("{} is there already, and differs", item.local.display());
        return Err(Error::new(Kind::Exists, message));
    }
    if let Some(folder) = item.local.parent() {
        disk::make_folder(folder)?;
    }
    Ok(Some((known, Sink::create(&item.local)?)))
}

fn is_same(
    local: &LocalPath,
    known: &Known,
    look: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<bool> {
    let source = Source::open(local)?;
    let mut hasher = Hasher::new(known.wants_sha1());
    source.each_block(|bytes, done| {
        hasher.update(bytes);
        look(done)
    })?;
    Ok(known.confirm(&hasher.digests()).is_ok())
}

fn small(call: &Call, item: &Item, known: &Known, sink: Sink, job: &Job) -> Result<End> {
    let object = Object::new(call, &item.target, known);
    let crc64 = object.fetch(0..known.size, &sink, job)?;
    let digests = match known.wants_sha1() {
        true => {
            let mut hasher = Hasher::new(true);
            sink.read(0, known.size, |bytes| hasher.update(bytes))?;
            hasher.digests()
        }
        false => Digests {
            sha1: None,
            crc64,
            md5: None,
        },
    };
    known.confirm(&digests)?;
    sink.keep()?;
    Ok(End::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_outside_the_folder() {
        let place = |name| place(LocalPath::new("/d"), name);
        assert_eq!(place("a/b..c"), Some("/d/a/b..c".into()));
        for name in [
            "",
            "/",
            "/a",
            "a//b",
            "../a",
            "a/../../b",
            "a/.",
            "./a",
            "a/",
        ] {
            assert_eq!(place(name), None, "{name:?}");
        }
        assert_eq!(place("a\0b"), None);
    }
}
