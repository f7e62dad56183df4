//! What the target of a tree has beyond its source, deleted where that was asked for: only when the source was read
//! whole, and nothing of which it is in doubt. All of it is found before the first deletion.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};

use super::disk::{Found, Walk};
use super::ledger::Ledger;
use super::place::{self, Root};
use crate::base::cancel;
use crate::config::TreeOptions;
use crate::dialect::{self, Extent};
use crate::error::service_code::NOT_EMPTY;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::local::Place;
use crate::model::{KeyFailure, Target};
use crate::system::Folder;

/// So many are deleted before the next look at what the caller wants.
const AT_ONCE: usize = 1000;

/// A folder whose content replaces another's must be the one that is meant.
pub(super) fn check_source(root: &Place) -> Result<()> {
    let there = fs::symlink_metadata(root.path()).map_err(|e| root.unreadable(&e))?;
    match there.is_symlink() {
        true => Err(root.error(
            Kind::NotFolder,
            "is a symbolic link, which \"delete\" does not take",
        )),
        false => Ok(()),
    }
}

/// Whether there may be deletions. What failed already is the call's error.
fn may_delete(ledger: &Ledger) -> Result<bool> {
    if !ledger.has_no_failures() {
        return Ok(false);
    }
    match ledger.doubt() {
        Some(doubt) => {
            let problem = format!("delete: nothing was deleted, as {doubt}");
            Err(Error::parameter("options_json", problem))
        }
        None => Ok(true),
    }
}

/// Deletes what the folder `to` has and the local folder does not.
pub(super) fn delete_objects(
    call: &Call,
    root: &Place,
    to: &Target,
    tree: &TreeOptions,
    ledger: &mut Ledger,
) -> Result<()> {
    if !may_delete(ledger)? {
        return Ok(());
    }
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let unlisted =
        dialect::of(call.exchange()).each_page(call, to, Extent::TREE, &mut |entries| {
            for entry in entries {
                cancel::check()?;
                let (name, is_folder) = (entry.name(), entry.is_folder());
                let takes_part = tree.filter.takes(name, entry.is_folder());
                if !takes_part || is_there(root, name, is_folder)? {
                    continue;
                }
                match (entry.check("dstpath"), is_folder) {
                    (Err(why), _) => ledger.fail(name, why),
                    (Ok(()), true) => folders.push(name.to_owned()),
                    (Ok(()), false) => files.push(name.to_owned()),
                }
            }
            Ok(())
        })?;
    if let Some(KeyFailure { key, why }) = unlisted.into_iter().next() {
        ledger.fail(&key, why);
        return Ok(());
    }
    if tree.dry_run {
        files
            .iter()
            .chain(&folders)
            .for_each(|name| ledger.plan(name, "delete"));
        return Ok(());
    }
    let target = |name: &String| Ok(to.beside(to.path.child(name)?));
    for names in files.chunks(AT_ONCE) {
        let targets: Vec<Target> = names.iter().map(target).collect::<Result<_>>()?;
        let kept = dialect::of(call.exchange()).delete_each(call, &to.bucket, &targets)?;
        ledger.deleted(targets.len() - kept.len());
        for KeyFailure { key, why } in kept {
            ledger.fail(&key, why);
        }
    }
    // The innermost first.
    folders.sort_unstable();
    folders.reverse();
    for name in &folders {
        let folder = target(&format!("{name}/"))?;
        match dialect::of(call.exchange()).delete(call, &folder) {
            Ok(_) => ledger.deleted(1),
            // It has what takes no part, or was never an object.
            Err(error) if error.code == NOT_EMPTY || error.is(ErrorClass::NotFound) => {}
            Err(error) => ledger.note(name, Err(error))?,
        }
    }
    Ok(())
}

/// Whether the local folder has it. What cannot be a local name is not there.
fn is_there(root: &Place, name: &str, is_folder: bool) -> Result<bool> {
    if place::check(name).is_err() {
        return Ok(false);
    }
    let place = root.join(name);
    match fs::symlink_metadata(place.path()) {
        Ok(there) => Ok(there.is_dir() == is_folder),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(e) => Err(place.unreadable(&e)),
    }
}

/// Deletes the local files that the folder `from` does not have, and then the folders that are empty. What is no
/// regular file stays, with the folders that it is in.
pub(super) fn delete_files(
    call: &Call,
    from: &Target,
    (place, root): (Place, &Root),
    tree: &TreeOptions,
    ledger: &mut Ledger,
) -> Result<()> {
    if !may_delete(ledger)? {
        return Ok(());
    }
    let (dialect, mut files, mut gone) =
        (dialect::of(call.exchange()), Vec::new(), Gone::default());
    let listing = &mut *dialect.listing(call, from);
    let walk = match Walk::of(place.clone(), &tree.filter) {
        // There is none yet that a dry run could look at.
        Err(error) if tree.dry_run && error.kind == Kind::Missing => return Ok(()),
        walk => walk?,
    };
    for found in walk {
        cancel::check()?;
        match found {
            Found::File { name, .. } if listing.find(&name)?.is_none() => files.push(name),
            Found::Empty { name } => gone.leave(&format!("{name}/")),
            Found::Unusable { name, why } => ledger.fail(&name, why),
            _ => {}
        }
    }
    for name in &files {
        let target = from.beside(from.path.child(name)?);
        // Lists lag behind: its own word counts.
        if !is_missing(dialect.content_info(call, &target, &[]), name, ledger)? {
            continue;
        }
        if tree.dry_run {
            ledger.plan(name, "delete");
            gone.take(name);
            continue;
        }
        match remove(root, name) {
            Ok(is_removed) => {
                ledger.deleted(usize::from(is_removed));
                gone.take(name);
            }
            Err(e) => ledger.fail(name, place.join(name).unwritable(&e)),
        }
    }
    delete_folders(call, from, (place, root), tree, gone, ledger)
}

/// Whether the service says that it has nothing of this name; what it says else is noted.
fn is_missing<T>(asked: Result<T>, name: &str, ledger: &mut Ledger) -> Result<bool> {
    match asked {
        Ok(_) => Ok(false),
        Err(error) if error.is(ErrorClass::NotFound) => Ok(true),
        Err(error) => ledger.note(name, Err(error)).map(|()| false),
    }
}

/// Names that are deleted, or would be.
#[derive(Default)]
struct Gone {
    names: Names,
    /// Folders that may be empty without them, with their slashes.
    folders: Names,
}

/// Each once, in order, which is nearly that in which they come.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn insert(&mut self, name: &str) {
        if let Err(at) = self.find(name) {
            self.0.insert(at, name.to_owned());
        }
    }

    fn find(&self, name: &str) -> std::result::Result<usize, usize> {
        self.0.binary_search_by(|one| one.as_str().cmp(name))
    }
}

impl Gone {
    fn take(&mut self, name: &str) {
        self.names.insert(name);
        self.leave(name);
    }

    /// All that the name is in.
    fn leave(&mut self, name: &str) {
        let slashes = name.match_indices('/').filter(|(at, _)| *at > 0);
        for (at, _) in slashes {
            self.folders.insert(&name[..=at]);
        }
    }

    /// Whether nothing else is in a folder.
    fn is_all_of(&self, folder: &str, place: &Place) -> bool {
        let is_gone = |name: &OsStr| {
            let name = name.to_str().map(|name| format!("{folder}/{name}"));
            name.is_some_and(|name| self.names.find(&name).is_ok())
        };
        let inside = fs::read_dir(place.path());
        inside.is_ok_and(|mut inside| {
            inside.all(|one| one.is_ok_and(|one| is_gone(&one.file_name())))
        })
    }
}

/// Deletes the folders that have nothing in them any more, unless the folder `from` has them.
fn delete_folders(
    call: &Call,
    from: &Target,
    (place, root): (Place, &Root),
    tree: &TreeOptions,
    mut gone: Gone,
    ledger: &mut Ledger,
) -> Result<()> {
    let dialect = dialect::of(call.exchange());
    let (listing, mut folders) = (&mut *dialect.listing(call, from), Vec::new());
    for name in std::mem::take(&mut gone.folders).0 {
        cancel::check()?;
        let folder = name.trim_end_matches('/');
        if tree.filter.takes(folder, true) && !listing.has_folder(folder)? {
            folders.push(name);
        }
    }
    // The innermost first.
    for name in folders.iter().rev() {
        let folder = name.trim_end_matches('/');
        if !gone.is_all_of(folder, &place.join(folder)) {
            continue;
        }
        let target = from.beside(from.path.child(name)?);
        // It may be there because of what takes no part, or was not listed yet.
        if !is_missing(dialect.stat(call, &target, &[]), folder, ledger)? {
            continue;
        }
        gone.names.insert(folder);
        if tree.dry_run {
            ledger.plan(folder, "delete");
            continue;
        }
        match remove_folder(root, folder) {
            Ok(()) => ledger.deleted(1),
            // Somebody else has been there meanwhile.
            Err(e) if is_filled_or_gone(&e) => {}
            Err(e) => ledger.fail(folder, place.join(folder).unwritable(&e)),
        }
    }
    Ok(())
}

fn remove_folder(root: &Root, name: &str) -> io::Result<()> {
    let (folder, name) = name.rsplit_once('/').unwrap_or(("", name));
    let name = OsStr::new(name);
    match inside(root, folder)? {
        Some(inside) if inside.stat(name)?.is_some_and(|there| there.is_dir()) => {
            inside.remove_folder(name)
        }
        _ => Err(ErrorKind::NotFound.into()),
    }
}

fn is_filled_or_gone(why: &io::Error) -> bool {
    use ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotFound};
    matches!(why.kind(), AlreadyExists | DirectoryNotEmpty | NotFound)
}

fn inside(root: &Root, folder: &str) -> io::Result<Option<Folder>> {
    let inside = root.look(folder);
    inside.map_err(|error| io::Error::other(error.message.clone()))
}

/// `false` for a link, and for what is gone already.
fn remove(root: &Root, name: &str) -> io::Result<bool> {
    let (folder, name) = name.rsplit_once('/').unwrap_or(("", name));
    let Some(inside) = inside(root, folder)? else {
        return Ok(false);
    };
    let is_file = inside
        .stat(OsStr::new(name))?
        .is_some_and(|there| there.is_file());
    if is_file {
        inside.remove(OsStr::new(name))?;
    }
    Ok(is_file)
}
