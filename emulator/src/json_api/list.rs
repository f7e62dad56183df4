//! The call list, which is the prefix search too (json-api.md §2.6, §5.3).
//!
//! A context marks a page by its first and last entry: `first|last|0|`, a folder's name ending in
//! `/`. Going forward continues behind the last, going backward before the first. Since it holds
//! names and no numbers of rows, it outlives what it names.

use serde_json::{Value, json};

use super::request::Params;
use super::{Call, reply};
use crate::keys::parent;
use crate::refusal::{Refusal, code};
use crate::store::{Entry, Kinds, PageRequest, Position};

/// json-api.md §5.3.
const MAX_NUM: usize = 199;
const DEFAULT_NUM: usize = 20;

pub fn list(call: &Call) -> Result<Value, Refusal> {
    let (bucket, key) = (&call.location.bucket, &call.location.key);
    let params = &call.params;
    // The last component of a path without slash is the prefix of a search.
    let (folder, prefix) = if call.location.is_folder() {
        (key.as_str(), params.get("prefix").unwrap_or(""))
    } else {
        let folder = parent(key);
        (folder, &key[folder.len()..])
    };
    let context = Context::read(params)?;
    let backward = is_backward(params)?;
    let request = PageRequest {
        bucket,
        folder,
        prefix,
        kinds: kinds(params)?,
        from: context
            .as_ref()
            .map(|page| if backward { &page.first } else { &page.last }),
        backward,
        limit: num(params)?,
    };
    let page = call.service.store.transaction(|tx| {
        if !folder.is_empty() && tx.entry(bucket, folder)?.is_none() {
            let message = format!("there is no folder /{folder}");
            return Err(Refusal::new(code::NOT_FOUND, message));
        }
        Ok(tx.page(&request)?)
    })?;
    // An empty page leaves the reader where it was.
    let context = Context::of(&page.entries, backward).or(context);
    let infos: Vec<Value> = page
        .entries
        .iter()
        .map(|entry| reply::listed(call, entry))
        .collect();
    Ok(json!({
        "context": context.map_or_else(String::new, |context| context.text()),
        "has_more": page.has_more,
        "dircount": page.folders,
        "filecount": page.files,
        "infos": infos,
    }))
}

fn num(params: &Params) -> Result<usize, Refusal> {
    let Some(text) = params.given("num") else {
        return Ok(DEFAULT_NUM);
    };
    match text.parse::<i64>() {
        Ok(num) if num < 1 => Err(Refusal::new(code::NUM_TOO_SMALL, "num is below 1")),
        Ok(num) => match usize::try_from(num) {
            Ok(num) if num <= MAX_NUM => Ok(num),
            _ => Err(Refusal::new(
                code::NUM_TOO_LARGE,
                format!("num is above {MAX_NUM}"),
            )),
        },
        Err(_) => Err(Refusal::new(code::NUM_INVALID, "num is no number")),
    }
}

/// With the `e` or without: older documents leave it out (json-api.md §2.6).
fn kinds(params: &Params) -> Result<Kinds, Refusal> {
    match params.given("pattern") {
        None | Some("eListBoth" | "ListBoth") => Ok(Kinds::Both),
        Some("eListDirOnly" | "ListDirOnly") => Ok(Kinds::Folders),
        Some("eListFileOnly" | "ListFileOnly") => Ok(Kinds::Files),
        Some(_) => Err(Refusal::new(
            code::PARAMETER_INVALID,
            "pattern is none of eListBoth, eListDirOnly, eListFileOnly",
        )),
    }
}

fn is_backward(params: &Params) -> Result<bool, Refusal> {
    match params.given("order") {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(Refusal::new(
            code::PARAMETER_INVALID,
            "order is neither 0 nor 1",
        )),
    }
}

struct Context {
    first: Position,
    last: Position,
}

impl Context {
    /// First and last in the folder's order, whichever way the page was read.
    fn of(page: &[Entry], backward: bool) -> Option<Context> {
        let (head, tail) = (page.first()?, page.last()?);
        let (first, last) = if backward { (tail, head) } else { (head, tail) };
        Some(Context {
            first: Position::of(first),
            last: Position::of(last),
        })
    }

    fn read(params: &Params) -> Result<Option<Context>, Refusal> {
        let Some(text) = params.given("context") else {
            return Ok(None);
        };
        let parts: Vec<&str> = text.split('|').collect();
        let [first, last, "0", ""] = parts[..] else {
            let message = "context is not one that a list gave";
            return Err(Refusal::new(code::PARAMETER_INVALID, message));
        };
        Ok(Some(Context {
            first: position(first),
            last: position(last),
        }))
    }

    fn text(&self) -> String {
        format!("{}|{}|0|", token(&self.first), token(&self.last))
    }
}

fn token(position: &Position) -> String {
    // No JSON name holds a bar, but keys are whatever another API writes.
    let name = position.name.replace('%', "%25").replace('|', "%7C");
    if position.is_file { name } else { name + "/" }
}

fn position(token: &str) -> Position {
    let name = token.strip_suffix('/');
    Position {
        is_file: name.is_none(),
        name: name
            .unwrap_or(token)
            .replace("%7C", "|")
            .replace("%25", "%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_survives_a_context() {
        for name in ["a", "a b", "图片", "a|b", "100%", "%7C", "%257C", ""] {
            for is_file in [true, false] {
                let here = Position {
                    is_file,
                    name: name.to_owned(),
                };
                assert_eq!(position(&token(&here)), here);
            }
        }
    }
}
