//! A folder of the disk to a folder of a bucket.

use std::path::Path as LocalPath;

use super::disk::{Found, Walk};
use super::ledger::{End, Ledger};
use super::{Item, Moves};
use crate::base::cancel;
use crate::config::UploadOptions;
use crate::dialect::{self, UploadSpec};
use crate::error::service_code::SAME_FILE;
use crate::error::{Error, ErrorClass, Result};
use crate::exchange::Call;
use crate::local::Place;
use crate::model::{Answer, Failures, Path, Target, TreeCounts, UploadedObject};
use crate::transfer::WHOLE_MAX_BYTES;
use crate::transfer::progress::Progress;
use crate::transfer::source::Source;
use crate::transfer::upload;

/// So much of a folder is in memory at once.
const PAGE: usize = 1000;

/// What is in `dirpath` goes to the folder `to`, which may be the bucket's root.
pub(crate) fn upload(
    call: &Call,
    dirpath: &LocalPath,
    to: &Target,
    options: &UploadOptions,
    progress: &mut Progress,
) -> Result<Answer<(TreeCounts, Failures)>> {
    dialect::of(call.exchange()).check(call.exchange(), to)?;
    let root = Place::new("dirpath", dirpath);
    let walk = Walk::of(root.clone())?;
    let mut moves = Moves::new(call, Ledger::new("uploaded"), progress);
    let outcome = size_up(root, moves.progress).and_then(|()| each(walk, to, options, &mut moves));
    moves.ledger.outcome(outcome)
}

/// How much it will be: a pass over the names alone.
fn size_up(root: Place, progress: &mut Progress) -> Result<()> {
    let mut all: u64 = 0;
    for found in Walk::of(root)? {
        cancel::check()?;
        if let Found::File { size, .. } = found {
            all = all.saturating_add(size);
            progress.expect(all);
            if all > 0 {
                progress.advance(0)?;
            }
        }
    }
    Ok(())
}

/// Page by page: the empty folders are made, then the files go.
fn each(mut walk: Walk, to: &Target, options: &UploadOptions, moves: &mut Moves) -> Result<()> {
    loop {
        let mut page: Vec<Found> = walk.by_ref().take(PAGE).collect();
        if page.is_empty() {
            break;
        }
        page.sort_unstable_by(|one, other| {
            LocalPath::new(one.name()).cmp(LocalPath::new(other.name()))
        });
        let plan = plan(moves.call, page, to, &mut moves.ledger)?;
        make_folders(moves.call, &plan.empty, &mut moves.ledger)?;
        send(plan.items, options, moves)?;
    }
    moves.finish();
    Ok(())
}

struct Plan {
    items: Vec<Item>,
    /// Folders that nothing else brings about, by their names.
    empty: Vec<(String, Target)>,
}

/// Checks every name of a page before anything of it is sent.
fn plan(call: &Call, page: Vec<Found>, to: &Target, ledger: &mut Ledger) -> Result<Plan> {
    let place = |name: &str, make: fn(&'static str, &str) -> Result<Path>| {
        let target = to.beside(make("dirpath", &format!("{}{name}", to.path.plain()))?);
        dialect::of(call.exchange()).check(call.exchange(), &target)?;
        Ok(target)
    };
    let (mut items, mut empty) = (Vec::new(), Vec::new());
    for found in page {
        match found {
            Found::File { name, local, size } => match place(&name, Path::file) {
                Ok(target) => items.push(Item {
                    name,
                    local,
                    target,
                    size,
                }),
                Err(why) => ledger.fail(&name, why)?,
            },
            // The bucket is there.
            Found::Empty { name } if name.is_empty() && to.path.is_root() => {}
            Found::Empty { name } => match place(&name, Path::folder) {
                Ok(target) => empty.push((name, target)),
                Err(why) => ledger.fail(&name, why)?,
            },
            Found::Other { name } => ledger.skip(name),
            Found::Unusable { name, why } => ledger.fail(&name, why)?,
        }
    }
    Ok(Plan { items, empty })
}

fn send(items: Vec<Item>, options: &UploadOptions, moves: &mut Moves) -> Result<()> {
    let call = moves.call;
    let spec = |item: &Item| {
        let target = item.target.clone();
        UploadSpec {
            // What is there already with the same content is none of its failures.
            claims: false,
            ..UploadSpec::new(call.exchange(), target, options)
        }
    };
    moves.page(
        items,
        |item, job| {
            let source = Source::open(item.local.clone())?;
            if source.size() > WHOLE_MAX_BYTES {
                return Err(source.changed("grew"));
            }
            end(upload::whole(call, &spec(item), &source, &mut |sent| {
                job.moved(sent)
            }))
        },
        |item, progress| {
            end(upload::file(
                call,
                &spec(item),
                item.local.clone(),
                progress,
            ))
        },
    )
}

fn end(outcome: Result<Answer<UploadedObject>>) -> Result<End> {
    match outcome {
        Ok(answer) => Ok(End::of(answer.value.verified)),
        Err(error) if error.code == SAME_FILE => Ok(End::Same),
        Err(error) => Err(error),
    }
}

fn make_folders(call: &Call, folders: &[(String, Target)], ledger: &mut Ledger) -> Result<()> {
    for (name, target) in folders {
        let is_there = |error: &Error| error.is(ErrorClass::Exists);
        let made = dialect::of_target(call.exchange(), target)
            .and_then(|dialect| dialect.create_folder(call, target, ""));
        match made {
            Ok(_) => {}
            Err(error) if is_there(&error) => {}
            Err(error) => ledger.note(name, Err(error))?,
        }
    }
    Ok(())
}
