//! Calls on many objects at once.

use serde_json::{Map, Value, json};

use crate::api::{self, Api, Kept, Operation, Target, success, xml};
use crate::client::{Call, Client};
use crate::error::{Error, Kind, Meaning, Result};
use crate::operations::{file, folder, folder_or_root};
use crate::params;
use crate::partial::Failures;
use crate::path::{Bucket, Path};
use crate::reply::Reply;

/// How many a call takes: as many as fit a reply if all of them fail.
const FILES_MAX: usize = 100_000;

/// Entries that the JSON API lists at once (json-api.md §5.3).
const PAGE: i32 = 199;

impl Client {
    /// `paths_json` is an array of strings.
    pub(crate) fn delete_files(&self, bucket: &str, paths_json: &str) -> Result<Reply> {
        let bucket = Bucket::new(bucket)?;
        let targets = targets(self, &bucket, paths_json)?;
        let call = self.call();
        let kept = match self.config().api {
            Api::Xml => {
                let keys: Vec<String> = targets.iter().map(|t| t.path.plain()).collect();
                xml::delete_many(&call, &bucket, &keys)?
            }
            Api::Json => delete_each(&call, &targets, targets.len())?,
        };
        told(targets.len(), kept)
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
            if infos.is_empty() || see(&json!({ "infos": infos }).to_string()) {
                return Ok(());
            }
            let message = "the page callback cancelled the call";
            Err(Error::new(Kind::Cancelled, message))
        };
        each_page(&self.call(), &target, deep, see)?;
        Ok(success(Map::from_iter([(
            "count".to_owned(),
            count.into(),
        )])))
    }

    /// A folder with everything below it.
    pub(crate) fn delete_tree(&self, bucket: &str, path: &str) -> Result<Reply> {
        let target = folder(bucket, path)?;
        api::check(self, &target)?;
        let call = self.call();
        let (found, kept) = match self.config().api {
            Api::Xml => xml::delete_tree(&call, &target)?,
            Api::Json => delete_walking(&call, &target)?,
        };
        if found == 0 {
            let message = "there is no such folder".to_owned();
            return Err(Error::service(-166, message, 404));
        }
        told(found, kept)
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
        let target = file("paths_json", bucket.as_str(), path)?;
        api::check(client, &target)?;
        Ok(target)
    };
    paths.iter().map(target).collect()
}

/// What cannot be deleted is told; that the service cannot be reached ends it.
fn delete_each(call: &Call, targets: &[Target], all: usize) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for (number, target) in targets.iter().enumerate() {
        match api::ask(call, target, &Operation::Delete) {
            Ok(_) => {}
            Err(why) if why.means(Meaning::NotFound) => {}
            Err(why) if why.kind == Kind::Service => kept.push(Kept {
                key: target.path.plain(),
                why,
            }),
            Err(mut why) => {
                why.message = format!("{number} of {all} were asked for, then: {}", why.message);
                return Err(why);
            }
        }
    }
    Ok(kept)
}

/// From the innermost folders outwards; the JSON API deletes empty ones only.
fn delete_walking(call: &Call, folder: &Target) -> Result<(usize, Vec<Kept>)> {
    let (mut folders, mut files) = (vec![folder.path.clone()], Vec::new());
    walk(call, folder, true, &mut |infos| {
        for info in infos {
            let name = info["name"].as_str().unwrap_or_default();
            match info.get("filesize") {
                Some(_) => files.push(folder.path.child(name)?),
                None => folders.push(folder.path.child(&format!("{name}/"))?),
            }
        }
        Ok(())
    })?;
    let of = |path: Path| Target {
        bucket: folder.bucket.clone(),
        path,
    };
    // Folders were found from the outermost inwards.
    let inside = files.into_iter().chain(folders.into_iter().rev());
    let inside: Vec<Target> = inside.map(of).collect();
    let kept = delete_each(call, &inside, inside.len())?;
    Ok((inside.len(), kept))
}

/// Everything in a folder, page by page; with `deep`, below it too, with names relative to the
/// folder.
pub(crate) fn each_page(
    call: &Call,
    folder: &Target,
    deep: bool,
    see: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<()> {
    match call.client().config().api {
        Api::Xml => xml::each_page(call, folder, deep, see),
        Api::Json => walk(call, folder, deep, see),
    }
}

/// What the JSON API does not do by itself.
fn walk(
    call: &Call,
    folder: &Target,
    deep: bool,
    see: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<()> {
    let (mut folders, mut next) = (vec![String::new()], 0);
    while next < folders.len() {
        let inner = folders[next].clone();
        next += 1;
        let target = Target {
            bucket: folder.bucket.clone(),
            path: folder.path.child(&inner)?,
        };
        each_page_of_one(call, &target, &mut |mut infos| {
            for info in &mut infos {
                let name = info["name"].as_str().unwrap_or_default();
                let name = format!("{inner}{}", name.trim_end_matches('/'));
                if deep && info.get("filesize").is_none() {
                    folders.push(format!("{name}/"));
                }
                info["name"] = name.into();
            }
            see(infos)
        })?;
    }
    Ok(())
}

/// The pages of one folder of the JSON API.
fn each_page_of_one(
    call: &Call,
    folder: &Target,
    see: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<()> {
    let mut context = String::new();
    loop {
        let operation = Operation::List {
            num: PAGE,
            pattern: "eListBoth",
            order: 0,
            context: &context,
        };
        let mut page = api::ask(call, folder, &operation)?.data;
        if let Some(Value::Array(infos)) = page.remove("infos") {
            see(infos)?;
        }
        let text = page.get("context").and_then(Value::as_str);
        let next = text.unwrap_or_default();
        if page.get("has_more") != Some(&Value::Bool(true)) || next == context {
            return Ok(());
        }
        context = next.to_owned();
    }
}

fn told(all: usize, kept: Vec<Kept>) -> Result<Reply> {
    let deleted = all - kept.len().min(all);
    let mut failures = Failures::default();
    for Kept { key, why } in kept {
        failures.add(&key, why);
    }
    let counts = Map::from_iter([("deleted".to_owned(), deleted.into())]);
    failures.told(counts, all, "deleted")
}
