//! Deletions of many files, and of a folder with everything in it.

use super::operation::Operation;
use super::request::ask;
use super::walk::{child, keep, pages_of_one};
use crate::base::workers::{self, Event, Job};
use crate::error::service_code::NOT_EMPTY;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::{KeyFailure, Target};

/// What cannot be deleted is told; that the service cannot be reached ends it. What is not there counts
/// as deleted.
pub(crate) fn delete_each(call: &Call, targets: &[Target]) -> Result<Vec<KeyFailure>> {
    let mut deletion = Deletion::of(call);
    // A folder alone: it must be empty, and what is in it may be named before.
    let is_folder = |target: &Target| target.path.plain().ends_with('/');
    for beside in targets.chunk_by(|one, next| !is_folder(one) && !is_folder(next)) {
        deletion.delete_all(beside)?;
    }
    Ok(deletion.kept)
}

/// From the innermost folders outwards: this API deletes empty ones only. How much there was, and
/// what is still there.
pub(crate) fn delete_tree(call: &Call, folder: &Target) -> Result<(usize, Vec<KeyFailure>)> {
    let mut deletion = Deletion::of(call);
    let mut left = Vec::new();
    deletion.enter(folder.clone(), &mut left)?;
    while let Some(step) = left.pop() {
        match step {
            Step::Leave(folder, kept) => deletion.leave(&folder, kept)?,
            Step::Enter(folder) => {
                let name = folder.path.plain();
                match deletion.enter(folder, &mut left) {
                    // Somebody else has deleted it.
                    Err(why) if why.is(ErrorClass::NotFound) => {}
                    Err(why) => keep(&mut deletion.kept, name, why)?,
                    Ok(()) => {}
                }
            }
        }
    }
    Ok((deletion.found, deletion.kept))
}

enum Step {
    /// A folder whose content is to be found.
    Enter(Target),
    /// A folder that was gone through; so many things had been kept before.
    Leave(Target, usize),
}

struct Deletion<'c> {
    call: &'c Call<'c>,
    found: usize,
    /// Asked for, whatever became of it.
    asked: usize,
    kept: Vec<KeyFailure>,
}

impl<'c> Deletion<'c> {
    fn of(call: &'c Call) -> Deletion<'c> {
        Deletion {
            call,
            found: 0,
            asked: 0,
            kept: Vec::new(),
        }
    }

    /// Deletes the files of a folder; the folders in it come next, and then it itself.
    fn enter(&mut self, folder: Target, left: &mut Vec<Step>) -> Result<()> {
        self.found += 1;
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        // All of it before anything is deleted: a list need not survive that.
        pages_of_one(self.call, &folder, &mut |entries| {
            for entry in entries {
                match entry.is_folder() {
                    true => folders.push(format!("{}/", entry.name())),
                    false => files.push(entry.name().to_owned()),
                }
            }
            Ok(())
        })?;
        left.push(Step::Leave(folder.clone(), self.kept.len()));
        let mut targets = Vec::with_capacity(files.len());
        for name in files {
            self.found += 1;
            match child(&folder, &name) {
                Ok(file) => targets.push(file),
                Err(why) => self.refuse(&folder, &name, why),
            }
        }
        self.delete_all(&targets)?;
        for name in folders {
            match child(&folder, &name) {
                Ok(inside) => left.push(Step::Enter(inside)),
                Err(why) => {
                    self.found += 1;
                    self.refuse(&folder, &name, why);
                }
            }
        }
        Ok(())
    }

    fn leave(&mut self, folder: &Target, kept_before: usize) -> Result<()> {
        let kept = self.kept.len();
        self.delete(folder)?;
        let Some(refused) = self.kept.get_mut(kept) else {
            return Ok(());
        };
        if refused.why.code == NOT_EMPTY && kept == kept_before {
            let mut is_empty = true;
            pages_of_one(self.call, folder, &mut |entries| {
                is_empty &= entries.is_empty();
                Ok(())
            })?;
            if is_empty {
                let hint = "; this API lists nothing in it: it holds keys that only the XML API can \
                            see and delete, such as those with \"//\"";
                refused.why.message.push_str(hint);
            }
        }
        Ok(())
    }

    fn refuse(&mut self, folder: &Target, name: &str, why: Error) {
        let key = format!("{}{name}", folder.path.plain());
        self.kept.push(KeyFailure { key, why });
    }

    /// Several at once; what is kept is in their order.
    fn delete_all(&mut self, targets: &[Target]) -> Result<()> {
        let [_, _, ..] = targets else {
            // One alone needs no other thread.
            return targets.iter().try_for_each(|target| self.delete(target));
        };
        let (call, mut kept) = (self.call, Vec::new());
        kept.resize_with(targets.len(), || None);
        let concurrency = call.exchange().concurrency();
        let work = |at: &usize, _: &Job| delete(call, &targets[*at]);
        let outcome = workers::run(&concurrency, 0..targets.len(), work, |event| {
            if let Event::Done(at, left) = event {
                self.asked += 1;
                kept[at] = left;
            }
            Ok(())
        });
        self.kept.extend(kept.into_iter().flatten());
        outcome.map_err(|why| self.broken_off(why))
    }

    fn delete(&mut self, target: &Target) -> Result<()> {
        let left = delete(self.call, target).map_err(|why| self.broken_off(why))?;
        self.asked += 1;
        self.kept.extend(left);
        Ok(())
    }

    fn broken_off(&self, why: Error) -> Error {
        why.context(format!("{} were asked for, then", self.asked))
    }
}

/// Why it is still there, if it is.
fn delete(call: &Call, target: &Target) -> Result<Option<KeyFailure>> {
    match ask(call, target, &Operation::Delete) {
        Ok(_) => Ok(None),
        Err(why) if why.is(ErrorClass::NotFound) => Ok(None),
        // A path that no URL can say is one that this API cannot touch.
        Err(why) if matches!(why.kind, Kind::Service | Kind::Parameter) => {
            let key = target.path.plain();
            Ok(Some(KeyFailure { key, why }))
        }
        Err(why) => Err(why),
    }
}
