//! A folder of the disk to a folder of a bucket.

use std::borrow::Cow;
use std::path::Path as LocalPath;

use super::compare::{Comparison, compare, remember};
use super::disk::{Found, Walk};
use super::index::Index;
use super::ledger::{End, Ledger};
use super::{Item, Moves, surplus};
use crate::base::cancel;
use crate::config::{TreeOptions, UploadOptions};
use crate::dialect::{self, Listing, UploadSpec};
use crate::error::service_code::SAME_FILE;
use crate::error::{Error, ErrorClass, Result};
use crate::exchange::Call;
use crate::local::Place;
use crate::model::{Answer, Failures, ObjectAttributes, Path, Target, TreeCounts, UploadedObject};
use crate::transfer::WHOLE_MAX_BYTES;
use crate::transfer::progress::Progress;
use crate::transfer::source::Source;
use crate::transfer::upload;

/// So much of a folder is in memory at once.
const PAGE: usize = 2000;

/// What is in `dirpath` goes to the folder `to`, which may be the bucket's root.
pub(crate) fn upload(
    call: &Call,
    dirpath: &LocalPath,
    to: &Target,
    options: &UploadOptions,
    progress: &mut Progress,
) -> Result<Answer<(TreeCounts, Failures)>> {
    let dialect = dialect::of_target(call.exchange(), to)?;
    let (root, tree) = (Place::new("dirpath", dirpath), &options.tree);
    if tree.delete {
        surplus::check_source(&root)?;
    }
    let walk = Walk::of(root.clone(), &tree.filter)?;
    let mut moves = Moves::new(call, Ledger::new("upload", "uploaded", tree), progress);
    let mut known = Known {
        listing: dialect.listing(call, to),
        index: Index::of(call.exchange(), to, root.path(), tree),
    };
    let outcome = size_up(root.clone(), tree, moves.progress)
        .and_then(|()| each(walk, &mut known, to, options, &mut moves));
    if let Some(index) = known.index {
        index.end(outcome.is_err());
    }
    let outcome = outcome.and_then(|()| match tree.delete {
        true => surplus::delete_objects(call, &root, to, tree, &mut moves.ledger),
        false => Ok(()),
    });
    moves.finish(&outcome);
    moves.ledger.outcome(outcome)
}

/// Of the files, before they are looked at.
struct Known<'k> {
    listing: Box<dyn Listing + 'k>,
    index: Option<Index>,
}

/// How much it will be: a pass over the names alone.
fn size_up(root: Place, tree: &TreeOptions, progress: &mut Progress) -> Result<()> {
    let mut all: u64 = 0;
    for found in Walk::of(root, &tree.filter)? {
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
fn each(
    mut walk: Walk,
    known: &mut Known,
    to: &Target,
    options: &UploadOptions,
    moves: &mut Moves,
) -> Result<()> {
    loop {
        let page: Vec<Found> = walk.by_ref().take(PAGE).collect();
        if page.is_empty() {
            return Ok(());
        }
        let plan = plan(moves.call, page, known, (to, options), &mut moves.ledger)?;
        make_folders(moves.call, &plan.empty, options, &mut moves.ledger)?;
        send(plan.items, options, known.index.as_ref(), moves)?;
        if let Some(index) = &mut known.index {
            index.turn();
        }
    }
}

struct Plan {
    items: Vec<Item>,
    /// Folders that nothing else brings about, by their names.
    empty: Vec<(String, Target)>,
}

/// Checks every name of a page, and finds what is listed of it, before anything of it is sent.
fn plan(
    call: &Call,
    page: Vec<Found>,
    known: &mut Known,
    (to, options): (&Target, &UploadOptions),
    ledger: &mut Ledger,
) -> Result<Plan> {
    let place = |name: &str, make: fn(&'static str, &str) -> Result<Path>| {
        let target = to.beside(make("dirpath", &format!("{}{name}", to.path.plain()))?);
        dialect::of(call.exchange()).check(call.exchange(), &target)?;
        Ok(target)
    };
    known
        .listing
        .expect(&mut page.iter().filter_map(Found::name));
    let (mut items, mut empty) = (Vec::new(), Vec::new());
    for found in page {
        match found {
            Found::File { name, local, size } => match place(&name, Path::file) {
                Ok(target) => items.push(Item {
                    listed: known.listing.find(&name)?,
                    remembered: known.index.as_mut().and_then(|index| index.find(&name)),
                    name,
                    local,
                    target: target.encrypted(options.encryption.clone()),
                    size,
                }),
                Err(why) => ledger.fail(&name, why),
            },
            // The bucket is there.
            Found::Empty { name } if name.is_empty() && to.path.is_root() => {}
            Found::Empty { name } if known.listing.has_folder(&name)? => {}
            Found::Empty { name } => match place(&name, Path::folder) {
                Ok(target) => empty.push((name, target)),
                Err(why) => ledger.fail(&name, why),
            },
            Found::Other { name } => ledger.skip(name),
            Found::Unusable { name, why } => ledger.fail(&name, why),
        }
    }
    Ok(Plan { items, empty })
}

fn send(
    items: Vec<Item>,
    options: &UploadOptions,
    index: Option<&Index>,
    moves: &mut Moves,
) -> Result<()> {
    let call = moves.call;
    moves.page(
        items,
        |item, job| {
            let source = Source::open(item.local.clone())?;
            if let Some(listed) = &item.listed {
                let tick = &mut |done| job.moved(if item.is_small() { done } else { 0 });
                let by = (options.tree.compare, index);
                if let Comparison::Same = compare(call, item, listed, &source, by, tick)? {
                    return Ok(Some(End::Same));
                }
            }
            if options.tree.dry_run {
                return Ok(Some(End::Planned));
            }
            if !item.is_small() {
                return Ok(None);
            }
            if source.size() > WHOLE_MAX_BYTES {
                return Err(source.changed("grew"));
            }
            let attributes = attributes(options, &source);
            let spec = spec(call, item, options, &attributes);
            let sent = &mut |sent| job.moved(sent);
            let sent = upload::whole(call, &spec, &source, sent);
            end(sent, item, &source, index).map(Some)
        },
        |item, progress| {
            let source = Source::open(item.local.clone())?;
            let attributes = attributes(options, &source);
            let spec = spec(call, item, options, &attributes);
            let sent = upload::opened(call, &spec, &source, progress);
            end(sent, item, &source, index)
        },
    )
}

/// What is said of one file of the tree.
fn attributes<'o>(options: &'o UploadOptions, source: &Source) -> Cow<'o, ObjectAttributes> {
    let headers = options.tree.kept(source.attributes()).headers();
    let mut attributes = Cow::Borrowed(&options.attributes);
    if !headers.is_empty() {
        attributes.to_mut().headers.extend(headers);
    }
    attributes
}

fn spec<'a>(
    call: &Call,
    item: &Item,
    options: &'a UploadOptions,
    attributes: &'a ObjectAttributes,
) -> UploadSpec<'a> {
    UploadSpec {
        // What is there already with the same content is none of its failures.
        claims: false,
        attributes,
        ..UploadSpec::new(call.exchange(), item.target.clone(), options)
    }
}

fn end(
    outcome: Result<Answer<UploadedObject>>,
    item: &Item,
    source: &Source,
    index: Option<&Index>,
) -> Result<End> {
    match outcome {
        Ok(answer) => {
            remember(index, item, source, answer.value.tag);
            Ok(End::of(answer.value.verified))
        }
        Err(error) if error.code == SAME_FILE => Ok(End::Same),
        Err(error) => Err(error),
    }
}

fn make_folders(
    call: &Call,
    folders: &[(String, Target)],
    options: &UploadOptions,
    ledger: &mut Ledger,
) -> Result<()> {
    for (name, target) in folders {
        if options.tree.dry_run {
            continue;
        }
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
