//! What has become of the files of a tree, for its reply.

use crate::base::quoted::quoted;
use crate::config::TreeOptions;
use crate::error::service_code::NO_SUCH_BUCKET;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::model::{Answer, Failures, TreeCounts, TreePlan, Verified};

/// More names than anybody reads; what is beyond is counted.
const NAMED_MAX: usize = 1000;

/// How it went with one file.
pub(super) enum End {
    Done {
        /// By a digest; else only its length was.
        is_compared: bool,
    },
    /// It is there already, with the same content.
    Same,
    /// It would be done if this was no dry run.
    Planned,
}

impl End {
    pub(super) fn of(verified: Verified) -> End {
        End::Done {
            is_compared: verified != Verified::Length,
        }
    }
}

pub(super) struct Ledger {
    /// What is done with files.
    action: &'static str,
    counts: TreeCounts,
    failures: Failures,
}

impl Ledger {
    /// `verb` is the participle of the action.
    pub(super) fn new(action: &'static str, verb: &'static str, options: &TreeOptions) -> Ledger {
        Ledger {
            action,
            counts: TreeCounts {
                verb,
                deleted: options.delete.then_some(0),
                plan: options.dry_run.then(TreePlan::default),
                ..TreeCounts::default()
            },
            failures: Failures::default(),
        }
    }

    /// It is nothing that can be moved.
    pub(super) fn skip(&mut self, name: String) {
        match self.counts.skipped.len() < NAMED_MAX {
            true => self.counts.skipped.push(name),
            false => self.counts.skipped_more += 1,
        }
    }

    /// An error of one that would be that of all others, too, ends the call.
    pub(super) fn note(&mut self, name: &str, end: Result<End>) -> Result<()> {
        match end {
            Ok(End::Done { is_compared }) => {
                self.counts.done += 1;
                self.counts.unverified += usize::from(!is_compared);
            }
            Ok(End::Same) => self.counts.same += 1,
            Ok(End::Planned) => self.plan(name, self.action),
            Err(why) if concerns_all(&why) => {
                self.failures.name(name, &why);
                return Err(why);
            }
            Err(why) => self.fail(name, why),
        }
        Ok(())
    }

    /// How it went with a folder, of which nothing is told unless it failed.
    pub(super) fn folder(&mut self, name: &str, end: Result<()>) -> Result<()> {
        match end {
            Ok(()) => Ok(()),
            Err(why) => self.note(name, Err(why)),
        }
    }

    /// One file that nothing can be done with.
    pub(super) fn fail(&mut self, name: &str, why: Error) {
        self.failures.add_within(NAMED_MAX, name, why);
    }

    /// What this call would do with the file.
    pub(super) fn plan(&mut self, name: &str, action: &'static str) {
        if let Some(plan) = &mut self.counts.plan {
            match plan.steps.len() < NAMED_MAX {
                true => plan.steps.push((name.to_owned(), action)),
                false => plan.more += 1,
            }
        }
    }

    /// Files of the target are deleted.
    pub(super) fn deleted(&mut self, files: usize) {
        *self.counts.deleted.get_or_insert(0) += files;
    }

    pub(super) fn has_no_failures(&self) -> bool {
        self.failures.count() == 0
    }

    /// Why the target may hold what this call has not seen the source of, if so.
    pub(super) fn doubt(&self) -> Option<String> {
        if let Some(name) = self.counts.skipped.first() {
            return Some(format!("{} was skipped", quoted(name)));
        }
        let planned = self.counts.plan.as_ref().map_or(0, |plan| plan.steps.len());
        match self.counts.done + self.counts.same + planned {
            0 => Some("the source has no files".to_owned()),
            _ => None,
        }
    }

    /// The call's outcome; `moving` is how the whole ended.
    pub(super) fn outcome(self, moving: Result<()>) -> Result<Answer<(TreeCounts, Failures)>> {
        let Ledger {
            counts, failures, ..
        } = self;
        let (over, verb) = (counts.done + counts.same, counts.verb);
        match moving {
            Ok(()) => {
                let all = over + failures.count();
                failures.outcome(counts, all, verb)
            }
            Err(mut why) => {
                let cause = std::mem::take(&mut why.message);
                why.message = format!("broken off after {over} files: {cause}");
                Err(failures.told_by(why, counts))
            }
        }
    }
}

/// Whether it makes no sense to go on with the other files.
fn concerns_all(why: &Error) -> bool {
    let whole = [
        Kind::Tls,
        Kind::Cancelled,
        Kind::Handle,
        Kind::Panic,
        Kind::DiskFull,
    ];
    let is_of_all = why.code == NO_SUCH_BUCKET || why.is(ErrorClass::InvalidCredentials);
    why.retryable() || whole.contains(&why.kind) || is_of_all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_end_nothing_and_are_named_as_far_as_anybody_reads() {
        let mut ledger = Ledger::new("upload", "uploaded", &TreeOptions::default());
        let failure = || Err(Error::service(-96, "refused".to_owned(), 403));
        // They end in any order, and are named in that of their names.
        for number in (0..NAMED_MAX + 5).map(|number| (number * 7) % (NAMED_MAX + 5)) {
            ledger.note(&number.to_string(), failure()).unwrap();
        }
        let error = ledger.outcome(Ok(())).err().unwrap();
        assert_eq!(error.code, -96);
        let mut names: Vec<_> = (0..NAMED_MAX + 5)
            .map(|number| number.to_string())
            .collect();
        names.sort_unstable();
        let failed = error.data["failed"].as_array().unwrap().iter();
        let failed: Vec<_> = failed.map(|one| one["path"].as_str().unwrap()).collect();
        assert_eq!(failed, names[..NAMED_MAX]);
        assert_eq!(error.data["failed_more"], 5);
        let why = "1005 of 1005 were not uploaded; 0 because: refused";
        assert_eq!(error.message, why);
    }
}
