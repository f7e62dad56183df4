//! Calls on many objects at once.

use serde_json::Value;

use crate::client::Client;
use crate::client::objects::folder;
use crate::error::{Error, Result};
use crate::exchange::Call;
use crate::model::reply_data::Deleted;
use crate::model::{Bucket, Failures, KeyFailure, Reply, Target};

/// How many a call takes: as many as fit a reply if all of them fail.
const FILES_MAX: usize = 100_000;

impl Client {
    /// `paths_json` is an array of strings.
    pub(crate) fn delete_files(&self, bucket: &str, paths_json: &str) -> Result<Reply> {
        let bucket = Bucket::new(bucket)?;
        let targets = targets(self, &bucket, paths_json)?;
        self.call(|call| {
            let kept = self.dialect().delete_each(call, &bucket, &targets)?;
            reported(call, targets.len(), kept)
        })
    }

    /// A folder with everything below it.
    pub(crate) fn delete_tree(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = folder(bucket, path)?;
        self.check(&target)?;
        self.call(|call| {
            let (found, kept) = self.dialect().delete_tree(call, &target)?;
            if found == 0 {
                return Err(Error::not_found("there is no such folder"));
            }
            reported(call, found, kept)
        })
    }
}

fn targets(client: &Client, bucket: &Bucket, paths_json: &str) -> Result<Vec<Target>> {
    let wrong = |problem: &str| Error::parameter("paths_json", problem);
    let expected = || wrong("must be a JSON array of strings");
    let Ok(Value::Array(paths)) = serde_json::from_str(paths_json) else {
        return Err(expected());
    };
    if paths.is_empty() || paths.len() > FILES_MAX {
        return Err(wrong(&format!("must have 1 to {FILES_MAX} paths")));
    }
    let target = |path: &Value| {
        let path = path.as_str().ok_or_else(expected)?;
        let target = Target::new(
            bucket.clone(),
            client.dialect().any_path("paths_json", path)?,
        );
        client.check(&target)?;
        Ok(target)
    };
    paths.iter().map(target).collect()
}

fn reported(call: &Call, all: usize, kept: Vec<KeyFailure>) -> Result<Reply> {
    let deleted = Deleted(all - kept.len().min(all));
    let answer = Failures::of(kept).outcome(deleted, all, "deleted")?;
    Ok(call.answer(answer).into())
}
