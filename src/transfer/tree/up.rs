//! A folder of the disk to a folder of a bucket.

use std::collections::HashSet;
use std::path::Path as LocalPath;

use super::disk::{self, Found};
use super::ledger::{End, Ledger};
use super::{Item, each};
use crate::api::{self, Operation, Target};
use crate::cancel;
use crate::client::Call;
use crate::error::{Error, Meaning, Result};
use crate::path::Path;
use crate::reply::Reply;
use crate::transfer::progress::Progress;
use crate::transfer::source::Source;
use crate::transfer::upload::Upload;
use crate::transfer::{UploadOptions, WHOLE_MAX_BYTES};

/// The classic code of an upload whose content is there already (json-api.md §4).
const SAME_FILE: i64 = -4018;

/// What is in `dirpath` goes to the folder `to`, which may be the bucket's root.
pub(crate) fn upload(
    call: &Call,
    dirpath: &LocalPath,
    to: &Target,
    options: &UploadOptions,
    progress: &mut Progress,
) -> Result<Reply> {
    api::check(call.client(), to)?;
    let found = disk::walk(dirpath)?;
    let mut ledger = Ledger::new("uploaded");
    let outcome = plan(call, found, to, &mut ledger).and_then(|plan| {
        make_folders(call, &plan.empty, &mut ledger)?;
        send(call, plan.items, options, &mut ledger, progress)
    });
    ledger.told(outcome)
}

struct Plan {
    items: Vec<Item>,
    /// Folders that nothing else brings about, by their names.
    empty: Vec<(String, Target)>,
}

/// Checks every name before anything is sent.
fn plan(
    call: &Call,
    found: impl Iterator<Item = Found>,
    to: &Target,
    ledger: &mut Ledger,
) -> Result<Plan> {
    let place = |name: &str, make: fn(&'static str, &str) -> Result<Path>| {
        let target = Target {
            bucket: to.bucket.clone(),
            path: make("dirpath", &format!("{}{name}", to.path.plain()))?,
        };
        api::check(call.client(), &target)?;
        Ok(target)
    };
    let mut items = Vec::new();
    let mut folders = Vec::new();
    let mut filled = HashSet::new();
    let mut fill = |name: &str| {
        let (folder, _) = name.rsplit_once('/').unwrap_or_default();
        filled.insert(folder.to_owned());
    };
    for found in found {
        cancel::check()?;
        let refused = match found {
            Found::File { name, local, size } => match place(&name, Path::file) {
                Ok(target) => {
                    fill(&name);
                    items.push(Item {
                        name,
                        local,
                        target,
                        size,
                    });
                    continue;
                }
                Err(why) => (name, why),
            },
            Found::Folder { name } => match place(&name, Path::folder) {
                Ok(target) => {
                    fill(&name);
                    folders.push((name, target));
                    continue;
                }
                Err(why) => (name, why),
            },
            Found::Other { name } => {
                ledger.skip(name);
                continue;
            }
            Found::Unusable { name, why } => (name, why),
        };
        ledger.fail(&refused.0, refused.1)?;
    }
    if !to.path.is_root() {
        let target = Target {
            bucket: to.bucket.clone(),
            path: to.path.clone(),
        };
        folders.push((String::new(), target));
    }
    folders.retain(|(name, _)| !filled.contains(name));
    let empty = folders;
    Ok(Plan { items, empty })
}

fn send(
    call: &Call,
    items: Vec<Item>,
    options: &UploadOptions,
    ledger: &mut Ledger,
    progress: &mut Progress,
) -> Result<()> {
    let upload = |item: &Item| {
        let target = Target {
            bucket: item.target.bucket.clone(),
            path: item.target.path.clone(),
        };
        Upload {
            // What is there already with the same content is none of its failures.
            claims: false,
            ..Upload::new(call.client(), target, options)
        }
    };
    each(
        call,
        items,
        ledger,
        progress,
        |item, job| {
            let source = Source::open(&item.local)?;
            if source.size() > WHOLE_MAX_BYTES {
                return Err(source.changed("grew"));
            }
            end(upload(item).whole(call, &source, &mut |sent| job.moved(sent)))
        },
        |item, progress| end(upload(item).file(call, &item.local, progress)),
    )
}

fn end(outcome: Result<Reply>) -> Result<End> {
    match outcome {
        Ok(_) => Ok(End::Done),
        Err(error) if error.code == SAME_FILE => Ok(End::Same),
        Err(error) => Err(error),
    }
}

fn make_folders(call: &Call, folders: &[(String, Target)], ledger: &mut Ledger) -> Result<()> {
    for (name, target) in folders {
        let operation = Operation::CreateFolder { biz_attr: "" };
        let is_there = |error: &Error| error.means(Meaning::Exists);
        match api::ask(call, target, &operation) {
            Ok(_) => {}
            Err(error) if is_there(&error) => {}
            Err(error) => ledger.note(name, Err(error))?,
        }
    }
    Ok(())
}
