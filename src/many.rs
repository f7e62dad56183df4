//! Calls on many objects at once.

use serde_json::{Map, Value, json as value};

use crate::api::{self, Api, Kept, Target, json, success_of, xml};
use crate::client::{Call, Client};
use crate::error::{Error, Kind, Result};
use crate::key::Key;
use crate::operations::{folder, folder_or_root};
use crate::params;
use crate::partial::Failures;
use crate::path::{Bucket, Path};
use crate::reply::Reply;

/// How many a call takes: as many as fit a reply if all of them fail.
const FILES_MAX: usize = 100_000;

impl Client {
    /// `paths_json` is an array of strings.
    pub(crate) fn delete_files(&self, bucket: &str, paths_json: &str) -> Result<Reply> {
        let bucket = Bucket::new(bucket)?;
        let targets = targets(self, &bucket, paths_json)?;
        let call = self.call();
        let kept = match self.config().api {
            Api::Xml => {
                let key = |target: &Target| Key::new(target.path.plain());
                let keys: Vec<Key> = targets.iter().map(key).collect();
                xml::delete_many(&call, &bucket, &keys)?
            }
            Api::Json => json::delete_each(&call, &targets)?,
        };
        told(&call, targets.len(), kept)
    }

    /// Every page of a folder goes to `see`, which ends it by saying false.
    pub(crate) fn list_all(
        &self,
        bucket: &str,
        path: &str,
        deep: i32,
        see: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Reply> {
        let target = folder_or_root("path", bucket, path)?;
        api::check(self, &target)?;
        let deep = params::zero_or_one("recursive", deep)?;
        let mut count = 0;
        let see = &mut |infos: Vec<Value>| {
            count += infos.len();
            if infos.is_empty() || see(&value!({ "infos": infos }).to_string()) {
                return Ok(());
            }
            let message = "the caller has cancelled the call";
            Err(Error::new(Kind::Cancelled, message))
        };
        let call = self.call();
        let unlisted = each_page(&call, &target, deep, see)?;
        let counts = Map::from_iter([("count".to_owned(), count.into())]);
        let data = match unlisted.is_empty() {
            true => counts,
            // They are named in their pages, too, and everything else is listed.
            false => failures(unlisted).data(counts),
        };
        Ok(success_of(&call, data))
    }

    /// A folder with everything below it.
    pub(crate) fn delete_tree(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = folder(bucket, path)?;
        api::check(self, &target)?;
        let call = self.call();
        let (found, kept) = match self.config().api {
            Api::Xml => xml::delete_tree(&call, &target)?,
            Api::Json => json::delete_tree(&call, &target)?,
        };
        if found == 0 {
            let message = "there is no such folder".to_owned();
            return Err(Error::service(-166, message, 404));
        }
        told(&call, found, kept)
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
        // What ends with a slash is a folder of the JSON API, and nothing else.
        let is_folder = path.ends_with('/') && client.config().api == Api::Json;
        let path_of = if is_folder { Path::folder } else { Path::exact };
        let target = Target {
            bucket: bucket.clone(),
            path: path_of("paths_json", path)?,
        };
        api::check(client, &target)?;
        Ok(target)
    };
    paths.iter().map(target).collect()
}

/// Everything in a folder, page by page; with `deep`, below it too, with names relative to the
/// folder. Returns the folders that are listed, and whose own content cannot be.
pub(crate) fn each_page(
    call: &Call,
    folder: &Target,
    deep: bool,
    see: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<Vec<Kept>> {
    match call.client().config().api {
        Api::Xml => xml::each_page(call, folder, deep, see).map(|()| Vec::new()),
        Api::Json => json::each_page(call, folder, deep, see),
    }
}

fn failures(kept: Vec<Kept>) -> Failures {
    let mut failures = Failures::default();
    for Kept { key, why } in kept {
        failures.add(&key, why);
    }
    failures
}

fn told(call: &Call, all: usize, kept: Vec<Kept>) -> Result<Reply> {
    let deleted = all - kept.len().min(all);
    let failures = failures(kept);
    let counts = Map::from_iter([("deleted".to_owned(), deleted.into())]);
    let mut reply = failures.told(counts, all, "deleted")?;
    reply.request_id = call.request_id();
    Ok(reply)
}
