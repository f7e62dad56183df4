//! Complete lists, also of what is below a folder: this API gives pages of one folder.

use std::collections::VecDeque;

use serde_json::Value;

use super::{JsonOperation, JsonRequest};
use crate::dialect::Operation;
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::exchange::pages::Pages;
use crate::model::{DeleteFailure, Target};

/// More failures than anybody reads, or than one cause alone should make.
const FAILURES_MAX: usize = 1000;

/// Entries that the service lists at once (json-api.md §5.3).
const PAGE: i32 = 199;

/// Everything in a folder, page by page; with `deep`, below it too. Names are relative to the folder.
/// Returns the folders whose own content cannot be listed.
pub(crate) fn each_page(
    call: &Call,
    folder: &Target,
    deep: bool,
    see: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<Vec<DeleteFailure>> {
    let mut unlisted = Vec::new();
    let mut inside = VecDeque::new();
    pages_of_one(call, folder, &mut |infos| {
        see(named(infos, "", &mut inside))
    })?;
    while deep && !inside.is_empty() {
        let name: String = inside.pop_front().unwrap_or_default();
        let outcome = child(folder, &name).and_then(|target| {
            pages_of_one(call, &target, &mut |infos| {
                see(named(infos, &name, &mut inside))
            })
        });
        if let Err(why) = outcome {
            keep(&mut unlisted, name, why)?;
        }
    }
    Ok(unlisted)
}

/// Entries of the folder `inner`, with names that begin with its own; folders are still to be listed.
fn named(mut infos: Vec<Value>, inner: &str, folders: &mut VecDeque<String>) -> Vec<Value> {
    for info in &mut infos {
        let name = format!("{inner}{}", plain_name(info));
        if is_folder(info) {
            folders.push_back(format!("{name}/"));
        }
        info["name"] = name.into();
    }
    infos
}

pub(super) fn plain_name(info: &Value) -> &str {
    let name = info["name"].as_str().unwrap_or_default();
    name.trim_end_matches('/')
}

pub(super) fn is_folder(info: &Value) -> bool {
    info.get("filesize").is_none()
}

/// What the service has named in a folder, if a URL can say it.
pub(super) fn child(folder: &Target, name: &str) -> Result<Target> {
    // "//" would be the folder itself again.
    if name.starts_with('/') || name.is_empty() || name.contains("//") {
        return Err(Error::parameter("path", "has an entry without a name"));
    }
    Ok(Target {
        bucket: folder.bucket.clone(),
        path: folder.path.child(name)?,
    })
}

/// One of many that cannot be dealt with, as long as that is not so of all.
pub(super) fn keep(kept: &mut Vec<DeleteFailure>, key: String, why: Error) -> Result<()> {
    let of_one = [ErrorClass::BadPath, ErrorClass::NotFound];
    let is_alone = why.kind == Kind::Parameter || of_one.iter().any(|class| why.is(*class));
    if !is_alone || kept.len() >= FAILURES_MAX {
        return Err(why);
    }
    kept.push(DeleteFailure { key, why });
    Ok(())
}

/// The pages of one folder.
pub(super) fn pages_of_one(
    call: &Call,
    folder: &Target,
    see: &mut dyn FnMut(Vec<Value>) -> Result<()>,
) -> Result<()> {
    let mut context = String::new();
    let mut pages = Pages::default();
    loop {
        let operation = Operation::List {
            num: PAGE,
            pattern: "eListBoth",
            order: 0,
            context: &context,
        };
        let ask = JsonOperation::Do(&operation);
        let about = JsonRequest {
            target: folder,
            ask,
        };
        let mut page = call.ask(&about)?.data;
        let infos = match page.remove("infos") {
            Some(Value::Array(infos)) => infos,
            _ => Vec::new(),
        };
        let next = page.get("context").and_then(Value::as_str);
        let next = next.unwrap_or_default().to_owned();
        let has_more = page.get("has_more") == Some(&Value::Bool(true));
        let entries = infos
            .iter()
            .map(|info| (plain_name(info).to_owned(), is_folder(info)));
        let leads_on = has_more.then(|| pages.go_on(&next, entries));
        see(infos)?;
        if leads_on.transpose()?.is_none() {
            return Ok(());
        }
        context = next;
    }
}
