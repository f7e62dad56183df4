//! What became of many files: a failure of some is a failure of the call, and never hides behind
//! the success of others.

use serde_json::{Map, Value};

use super::reply::{ReplyData, data_of};
use super::{Answer, KeyFailure};
use crate::error::{Error, Result};

/// Those files of a call with which it did not succeed.
#[derive(Default)]
pub(crate) struct Failures {
    pub(super) named: Vec<FileFailure>,
    /// Those that are not named.
    pub(super) more: usize,
    /// The first one's path, and why it failed.
    first: Option<(String, Error)>,
}

/// A file as the reply names it.
pub(super) struct FileFailure {
    pub(super) path: String,
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) service_code: String,
    /// What else its error tells.
    pub(super) data: Map<String, Value>,
}

impl FileFailure {
    fn of(path: &str, why: &Error) -> FileFailure {
        let detail = why.detail.as_ref();
        FileFailure {
            path: path.to_owned(),
            code: why.code,
            message: why.message.clone(),
            service_code: detail.map_or_else(String::new, |d| d.service_code.clone()),
            data: why.data.clone(),
        }
    }
}

impl Failures {
    pub(crate) fn of(kept: impl IntoIterator<Item = KeyFailure>) -> Failures {
        let mut failures = Failures::default();
        for KeyFailure { key, why } in kept {
            failures.add(&key, why);
        }
        failures
    }

    pub(crate) fn count(&self) -> usize {
        self.named.len() + self.more
    }

    pub(crate) fn add(&mut self, path: &str, why: Error) {
        self.name(path, &why);
        self.first.get_or_insert_with(|| (path.to_owned(), why));
    }

    /// The same in the order of names, whatever that of the calls: the first `most` are named, the others counted.
    pub(crate) fn add_within(&mut self, most: usize, path: &str, why: Error) {
        let at = self
            .named
            .partition_point(|before| before.path.as_str() <= path);
        match at < most {
            true => self.named.insert(at, FileFailure::of(path, &why)),
            false => self.more += 1,
        }
        if self.named.len() > most {
            self.named.truncate(most);
            self.more += 1;
        }
        let is_before = |(first, _): &(String, Error)| path < first.as_str();
        if self.first.as_ref().is_none_or(is_before) {
            self.first = Some((path.to_owned(), why));
        }
    }

    /// What a reply's data says of the failure, beside what else the call has found out of it.
    pub(crate) fn name(&mut self, path: &str, why: &Error) {
        self.named.push(FileFailure::of(path, why));
    }

    /// The call's outcome, once all files have had their turn; the first failure is its error.
    /// `done` is what should have been done with them.
    pub(crate) fn outcome<C: ReplyData>(
        mut self,
        counts: C,
        all: usize,
        done: &str,
    ) -> Result<Answer<(C, Failures)>> {
        let count = self.count();
        match self.first.take() {
            None => Ok(Answer::success((counts, self))),
            Some((path, mut why)) => {
                let because = std::mem::take(&mut why.message);
                why.message =
                    format!("{count} of {all} were not {done}; {path} because: {because}");
                Err(self.told_by(why, counts))
            }
        }
    }

    /// The error of a call that has ended, with all that it has found out.
    pub(crate) fn told_by<C: ReplyData>(self, mut why: Error, counts: C) -> Error {
        why.data = data_of((counts, self));
        why
    }
}
