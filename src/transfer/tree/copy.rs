//! A folder of a bucket to a folder of the same or another one, by the service itself. To move is to copy and then
//! delete, file by file: each source goes once its copy is proven.

use super::compare::is_other;
use super::ledger::{End, Ledger};
use super::{Movable, Moves};
use crate::config::{Compare, CopyOptions};
use crate::dialect::{self, COPY_MAX_BYTES, Copied, CopyRequest, Dialect, Extent, Listing};
use crate::error::service_code::{NOT_EMPTY, SAME_FILE};
use crate::error::{ErrorClass, Result};
use crate::exchange::Call;
use crate::model::{Answer, Failures, KeyFailure, ListEntry, ListedFile, Target, TreeCounts};
use crate::transfer::progress::Progress;

/// One file of the tree.
struct Source {
    /// Relative to the tree's folder.
    name: String,
    from: Target,
    to: Target,
    size: u64,
    listed: Option<ListedFile>,
    /// What the service lists at its target, as far as it tells.
    held: Option<ListedFile>,
}

impl Movable for Source {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> u64 {
        self.size
    }
}

/// What is in the folder `from` goes to the folder `to`; neither is in the other.
pub(crate) fn copy(
    call: &Call,
    from: &Target,
    to: &Target,
    options: &CopyOptions,
    progress: &mut Progress,
) -> Result<Answer<(TreeCounts, Failures)>> {
    let (action, verb) = match options.is_move {
        true => ("move", "moved"),
        false => ("copy", "copied"),
    };
    let tree = Tree {
        call,
        dialect: dialect::of(call.exchange()),
        from,
        to,
        options,
    };
    let mut moves = Moves::new(call, Ledger::new(action, verb, &options.tree), progress);
    let mut folders = Vec::new();
    let outcome = tree.each(&mut moves, &mut folders).and_then(|()| {
        let is_over = options.is_move && !options.tree.dry_run;
        match is_over && moves.ledger.has_no_failures() {
            true => tree.delete_folders(&mut moves.ledger, folders),
            false => Ok(()),
        }
    });
    moves.finish(&outcome);
    moves.ledger.outcome(outcome)
}

struct Tree<'t> {
    call: &'t Call<'t>,
    dialect: &'static dyn Dialect,
    from: &'t Target,
    to: &'t Target,
    options: &'t CopyOptions,
}

impl Tree<'_> {
    /// Page by page: the folders are made, then the files follow. `folders` gets those that were made.
    fn each(&self, moves: &mut Moves, folders: &mut Vec<String>) -> Result<()> {
        let (call, dialect) = (self.call, self.dialect);
        let listing = &mut *dialect.listing(call, self.to);
        // Before what is in it goes; an error where there is no such folder.
        self.make_folder("")?;
        let unlisted = dialect.each_page(call, self.from, Extent::TREE, &mut |entries| {
            let files = self.plan(entries, listing, &mut moves.ledger, folders)?;
            self.send(files, moves)
        })?;
        for KeyFailure { key, why } in unlisted {
            moves.ledger.fail(&key, why);
        }
        Ok(())
    }

    /// Makes the folders, checks the files, and finds what is listed of them at the target.
    fn plan(
        &self,
        entries: Vec<ListEntry>,
        listing: &mut dyn Listing,
        ledger: &mut Ledger,
        folders: &mut Vec<String>,
    ) -> Result<Vec<Source>> {
        let mut files = Vec::new();
        for entry in &entries {
            let (name, filter) = (entry.name(), &self.options.tree.filter);
            let takes_part = filter.takes(name, entry.is_folder());
            if !takes_part {
                continue;
            }
            if let Err(why) = entry.check("path") {
                ledger.fail(name, why);
                continue;
            }
            let Some(size) = entry.info.size else {
                ledger.folder(name, self.make_folder(name))?;
                folders.push(name.to_owned());
                continue;
            };
            match self.places(name) {
                Ok((from, to)) => files.push(Source {
                    name: name.to_owned(),
                    from,
                    to,
                    size,
                    listed: ListedFile::of(&entry.info),
                    held: listing.find(name)?,
                }),
                Err(why) => ledger.fail(name, why),
            }
        }
        Ok(files)
    }

    /// Where something of this name is, and where it goes.
    fn places(&self, name: &str) -> Result<(Target, Target)> {
        let child = |folder: &Target| {
            let target = folder.beside(folder.path.child(name)?);
            self.dialect.check(self.call.exchange(), &target)?;
            Ok(target)
        };
        Ok((
            child(self.from)?.encrypted(self.options.source_key.clone()),
            child(self.to)?.encrypted(self.options.encryption()),
        ))
    }

    fn send(&self, files: Vec<Source>, moves: &mut Moves) -> Result<()> {
        moves.page(
            files,
            |file, job| {
                let may_be_same = self.may_be_same(file);
                if may_be_same && self.is_done(file)? {
                    return Ok(Some(End::Same));
                }
                if self.options.tree.dry_run {
                    return Ok(Some(End::Planned));
                }
                if file.size > COPY_MAX_BYTES {
                    return Ok(None);
                }
                // No bytes move here: it is looked up whether to go on.
                self.one(file, may_be_same, &mut |_, _| job.moved(0))
                    .map(Some)
            },
            |file, mut progress| {
                progress.set_total(file.size);
                let copied = &mut |done, _| progress.slice_end(done);
                self.one(file, self.may_be_same(file), copied)
            },
        )
    }

    /// Whether what is listed at the target may be its copy.
    fn may_be_same(&self, file: &Source) -> bool {
        file.held
            .as_ref()
            .is_some_and(|held| held.size == file.size)
    }

    /// Whether it is there already, so that nothing is left to do: a source that is to go needs more proof.
    fn is_done(&self, file: &Source) -> Result<bool> {
        if self.options.is_move {
            return Ok(false);
        }
        // No list tells how a file is encrypted.
        let is_encrypted = file.to.encryption().is_some();
        let listed = file.listed.as_ref().zip(file.held.as_ref());
        let is_told = self.options.tree.compare == Compare::Size
            || listed.is_some_and(|(listed, held)| listed.is_same_as(held));
        if is_told && !is_encrypted {
            return Ok(true);
        }
        let known = |target| self.dialect.content_info(self.call, target, &[]);
        match known(&file.to) {
            Ok(held) => match known(&file.from) {
                Ok(source) => Ok(source.is_same_as(&held)),
                // The copy tells what is wrong with its key.
                Err(error) if is_encrypted && is_other(&error) => Ok(false),
                Err(error) => Err(error),
            },
            Err(error) if is_encrypted && is_other(&error) => Ok(false),
            Err(error) if error.is(ErrorClass::NotFound) || dialect::is_forbidden(&error) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn one(&self, file: &Source, may_be_same: bool, copied: &mut Copied) -> Result<End> {
        let is_move = self.options.is_move;
        let copy = |takes_same, copied: &mut Copied| {
            let copy = CopyRequest {
                takes_same,
                ..CopyRequest::of(self.options)
            };
            self.dialect
                .copy_file(self.call, &file.from, &file.to, &copy, copied)
        };
        let answer = match copy(is_move && may_be_same, copied) {
            // The list has not told of it.
            Err(error) if error.code == SAME_FILE && is_move => copy(true, copied),
            Err(error) if error.code == SAME_FILE => return Ok(End::Same),
            outcome => outcome,
        };
        Ok(End::of(answer?.value.verified))
    }

    /// A folder of this name with the attribute that it has, unless it is there only because of what is in it.
    fn make_folder(&self, name: &str) -> Result<()> {
        let (from, to) = (folder(self.from, name)?, folder(self.to, name)?);
        if from.path.is_root() {
            return Ok(());
        }
        let info = self.dialect.stat(self.call, &from, &[])?.value;
        if info.ctime.is_none() || to.path.is_root() || self.options.tree.dry_run {
            return Ok(());
        }
        self.dialect.check(self.call.exchange(), &to)?;
        let biz_attr = info.biz_attr.unwrap_or_default();
        match self.dialect.create_folder(self.call, &to, &biz_attr) {
            Err(error) if !error.is(ErrorClass::Exists) => Err(error),
            _ => Ok(()),
        }
    }

    /// Those that the tree had, the innermost first; what is still in one keeps it.
    fn delete_folders(&self, ledger: &mut Ledger, mut folders: Vec<String>) -> Result<()> {
        folders.sort_unstable();
        folders.reverse();
        folders.push(String::new());
        for name in &folders {
            let folder = folder(self.from, name)?;
            if folder.path.is_root() {
                continue;
            }
            let gone = match self.dialect.delete(self.call, &folder) {
                Err(error) if error.code == NOT_EMPTY || error.is(ErrorClass::NotFound) => Ok(()),
                outcome => outcome.map(drop),
            };
            ledger.folder(name, gone)?;
        }
        Ok(())
    }
}

/// The folder of this name in another one; that one itself where the name is empty.
fn folder(parent: &Target, name: &str) -> Result<Target> {
    match name {
        "" => Ok(parent.clone()),
        name => Ok(parent.beside(parent.path.child(&format!("{name}/"))?)),
    }
}
