//! What has become of the files of a tree, for its reply.

use crate::error::{Error, Kind, Result};
use crate::model::{Answer, Failures, TreeCounts, Verified};

/// More failures than anybody reads, or than one cause alone should make.
const FAILURES_MAX: usize = 1000;

/// What is skipped stops nothing; more of it is counted only.
const NAMED_MAX: usize = 1000;

/// How it went with one file.
pub(super) enum End {
    Done {
        /// By a digest; else only its length was.
        is_compared: bool,
    },
    /// It is there already, with the same content.
    Same,
}

impl End {
    pub(super) fn of(verified: Verified) -> End {
        End::Done {
            is_compared: verified != Verified::Length,
        }
    }
}

pub(super) struct Ledger {
    counts: TreeCounts,
    failures: Failures,
}

impl Ledger {
    /// `verb` is what is done with files, as a participle.
    pub(super) fn new(verb: &'static str) -> Ledger {
        Ledger {
            counts: TreeCounts {
                verb,
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
            Err(why) if concerns_all(&why) => {
                self.failures.name(name, &why);
                return Err(why);
            }
            Err(why) => self.fail(name, why)?,
        }
        Ok(())
    }

    /// One file that nothing can be done with.
    pub(super) fn fail(&mut self, name: &str, why: Error) -> Result<()> {
        if self.failures.count() + 1 < FAILURES_MAX {
            self.failures.add(name, why);
            return Ok(());
        }
        self.failures.name(name, &why);
        Err(why)
    }

    pub(super) fn has_no_failures(&self) -> bool {
        self.failures.count() == 0
    }

    /// The call's outcome; `moving` is how the whole ended.
    pub(super) fn outcome(self, moving: Result<()>) -> Result<Answer<(TreeCounts, Failures)>> {
        let Ledger { counts, failures } = self;
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
    why.retryable() || whole.contains(&why.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_with_nothing_but_failures_ends() {
        let mut ledger = Ledger::new("uploaded");
        let failure = || Err(Error::service(-96, "refused".to_owned(), 403));
        for number in 1..FAILURES_MAX {
            ledger.note(&number.to_string(), failure()).unwrap();
        }
        let last = ledger.note("last", failure());
        let error = ledger.outcome(last).err().unwrap();
        assert_eq!(error.code, -96);
        assert_eq!(error.data["failed"].as_array().unwrap().len(), FAILURES_MAX);
        assert_eq!(error.message, "broken off after 0 files: refused");
    }
}
