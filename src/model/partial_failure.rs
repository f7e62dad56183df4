//! What became of many files: a failure of some is a failure of the call, and never hides behind
//! the success of others.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::model::reply::Reply;

/// Those files of a call with which it did not succeed.
#[derive(Default)]
pub(crate) struct Failures {
    /// As the reply names them.
    named: Vec<Value>,
    /// The first one's path, and why it failed.
    first: Option<(String, Error)>,
}

impl Failures {
    pub(crate) fn count(&self) -> usize {
        self.named.len()
    }

    pub(crate) fn add(&mut self, path: &str, why: Error) {
        self.name(path, &why);
        self.first.get_or_insert_with(|| (path.to_owned(), why));
    }

    /// What a reply's data says of the failure, beside what else the call has found out of it.
    pub(crate) fn name(&mut self, path: &str, why: &Error) {
        let service_code = why.detail.as_ref().map(|d| d.service_code.as_str());
        let mut named = json!({
            "path": path,
            "code": why.code,
            "message": why.message,
            "service_code": service_code.unwrap_or_default(),
        });
        for (key, value) in &why.data {
            named[key] = value.clone();
        }
        self.named.push(named);
    }

    /// The data of a reply: these counts, and what failed.
    pub(crate) fn data(&self, mut counts: Map<String, Value>) -> Map<String, Value> {
        counts.insert("failed".to_owned(), self.named.clone().into());
        counts
    }

    /// The call's outcome, once all files have had their turn; the first failure is its error.
    /// `done` is what should have been done with them.
    pub(crate) fn told(self, counts: Map<String, Value>, all: usize, done: &str) -> Result<Reply> {
        let data = self.data(counts);
        let count = self.count();
        match self.first {
            None => Ok(Reply::success(data)),
            Some((path, mut why)) => {
                let because = std::mem::take(&mut why.message);
                why.message =
                    format!("{count} of {all} were not {done}; {path} because: {because}");
                why.data = data;
                Err(why)
            }
        }
    }
}
