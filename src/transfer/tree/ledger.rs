//! What has become of the files of a tree, for its reply.

use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};
use crate::model::Verified;
use crate::model::partial_failure::Failures;
use crate::model::reply::Reply;

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
    /// Of a file whose own call had this reply.
    pub(super) fn of(reply: &Reply) -> End {
        let verified = reply.data.get("verified").and_then(Value::as_str);
        End::Done {
            is_compared: verified != Some(Verified::Length.name()),
        }
    }
}

pub(super) struct Ledger {
    /// What is done with files, as a participle.
    verb: &'static str,
    done: usize,
    /// Of those, files of which only the length could be compared.
    unverified: usize,
    same: usize,
    skipped: Vec<String>,
    skipped_more: usize,
    failures: Failures,
}

impl Ledger {
    pub(super) fn new(verb: &'static str) -> Ledger {
        Ledger {
            verb,
            done: 0,
            unverified: 0,
            same: 0,
            skipped: Vec::new(),
            skipped_more: 0,
            failures: Failures::default(),
        }
    }

    /// It is nothing that can be moved.
    pub(super) fn skip(&mut self, name: String) {
        match self.skipped.len() < NAMED_MAX {
            true => self.skipped.push(name),
            false => self.skipped_more += 1,
        }
    }

    /// An error of one that would be that of all others, too, ends the call.
    pub(super) fn note(&mut self, name: &str, end: Result<End>) -> Result<()> {
        match end {
            Ok(End::Done { is_compared }) => {
                self.done += 1;
                self.unverified += usize::from(!is_compared);
            }
            Ok(End::Same) => self.same += 1,
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
    pub(super) fn told(self, moving: Result<()>) -> Result<Reply> {
        let mut counts: Map<String, Value> = Map::from_iter([
            (self.verb.to_owned(), self.done.into()),
            ("same".to_owned(), self.same.into()),
            ("skipped".to_owned(), self.skipped.into()),
        ]);
        for (name, count) in [
            ("skipped_more", self.skipped_more),
            ("unverified", self.unverified),
        ] {
            if count > 0 {
                counts.insert(name.to_owned(), count.into());
            }
        }
        let over = self.done + self.same;
        match moving {
            Ok(()) => {
                let all = over + self.failures.count();
                self.failures.told(counts, all, self.verb)
            }
            Err(mut why) => {
                let cause = std::mem::take(&mut why.message);
                why.message = format!("broken off after {over} files: {cause}");
                why.data = self.failures.data(counts);
                Err(why)
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
        let error = ledger.told(last).unwrap_err();
        assert_eq!(error.code, -96);
        assert_eq!(error.data["failed"].as_array().unwrap().len(), FAILURES_MAX);
        assert_eq!(error.message, "broken off after 0 files: refused");
    }
}
