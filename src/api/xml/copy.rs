//! Copies made by the service (xml-api.md §3.5): of a file, of a file onto itself to change its
//! attribute, and, with the source deleted after it, a move.

use serde_json::Map;

use super::acl::{self, Acl};
use super::ask::{self, Ask};
use super::head::{Head, head, head_if_seen, head_if_there};
use super::metadata;
use super::object::{
    crc64_of, existing, forbid_overwrite, lost_then_refused, refuse_folder, remove,
};
use super::same::{Content, compare, is_unchanged, told};
use super::sign::encode;
use super::{part_copy, place};
use crate::api::{Target, success};
use crate::client::{Call, Client};
use crate::error::{Error, Kind, Meaning, Result};
use crate::path::Path;
use crate::reply::Reply;
use crate::transport::{Header, Method, Response};

/// Largest file that one copy takes (xml-api.md §3.5).
const COPY_MAX_BYTES: u64 = 5 << 30;

pub(super) fn copy(call: &Call, from: &Target, to: &Path, overwrite: bool) -> Result<Reply> {
    copy_verified(call, from, to, overwrite)?;
    Ok(success(Map::new()))
}

/// Never deletes the source before the copy is proven, nor when it is not any more what was copied.
pub(super) fn rename(call: &Call, from: &Target, to: &Path, overwrite: bool) -> Result<Reply> {
    let (copied, access) = copy_verified(call, from, to, overwrite)?;
    let still = source(call, from)?;
    if !is_unchanged(&copied, &still) || acl::of_source(call, from)? != access {
        let message = "the file was changed by somebody else while it was moved; it is left where \
                       it was, and the copy at dst_path is of before the change";
        return Err(Error::new(Kind::Integrity, message).answered(200));
    }
    remove(call, from)?;
    Ok(success(Map::new()))
}

/// The source and who may read it, once its copy is there and is the same.
fn copy_verified(call: &Call, from: &Target, to: &Path, overwrite: bool) -> Result<(Head, Acl)> {
    let to = Target {
        bucket: from.bucket.clone(),
        path: to.clone(),
    };
    super::check(call.client(), &to)?;
    source_name(call.client(), from)?;
    let source = source(call, from)?;
    let access = acl::of_source(call, from)?;
    let mut said = Said {
        headers: access.headers(from.path.param())?,
        is_whole: false,
        conditions: vec![if_match(&source)],
        overwrite,
    };
    let inherited_by_none = metadata::not_inherited(&source.headers, from.path.param())?;
    said.headers.extend(inherited_by_none);
    if !overwrite {
        if let Some(held) = head_if_seen(call, &to)? {
            return Err(existing(&held, compare(&held, &source) == Content::Same));
        }
    }
    match copy_object(call, (from, &source), &to, &said) {
        Ok(()) => {}
        Err(error) if error.means(Meaning::Exists) || lost_then_refused(&error) => {
            let is_same = |held: &Head| compare(held, &source) == Content::Same;
            let held = match error.perhaps_done {
                true => seen(call, &to, &is_same)?,
                false => head_if_seen(call, &to)?,
            };
            let Some(held) = held else {
                return Err(error);
            };
            // Nothing was there before the first try.
            if !error.perhaps_done || !is_same(&held) {
                return Err(match error.means(Meaning::Exists) {
                    true => existing(&held, is_same(&held)),
                    false => error,
                });
            }
        }
        Err(error) => return Err(error),
    }
    let no_other = |held: &Head| compare(held, &source) != Content::Differs;
    let Some(held) = seen(call, &to, &no_other)? else {
        return Err(wrong("nothing", &told(&source)));
    };
    if compare(&held, &source) == Content::Differs {
        return Err(wrong(&told(&held), &told(&source)));
    }
    acl::check_kept(call, &to, &access)?;
    Ok((source, access))
}

/// What is there once it is seen to be as it must, or else after a moment.
pub(super) fn seen(
    call: &Call,
    target: &Target,
    is_so: &dyn Fn(&Head) -> bool,
) -> Result<Option<Head>> {
    let mut held = None;
    call.see(&mut || Ok(()), &mut || {
        held = head_if_there(call, target)?;
        Ok(held.as_ref().is_some_and(is_so))
    })?;
    Ok(held)
}

/// What is to be copied, refused where that cannot be done as it must.
pub(super) fn source(call: &Call, from: &Target) -> Result<Head> {
    let source = head(call, from).map_err(|mut error| {
        // What the service answers where a key is wanted (§3.3 tells no more).
        if error.kind == Kind::Service && error.httpcode == 400 && error.code != -60 {
            let hint = "a file that is encrypted with a key of its own (SSE-C) cannot be copied, \
                        moved or updated";
            error.message = format!("{}; {hint}", error.message);
        }
        error
    })?;
    refuse_folder(from, &source)?;
    Ok(source)
}

/// A copy that must not be taken for one. It stays: what is there may be somebody else's by now.
fn wrong(copy: &str, source: &str) -> Error {
    let message = format!(
        "the copy has {copy}, the file {source}, so they differ; \
         the copy stays where it is, and the file is left as it was"
    );
    Error::new(Kind::Integrity, message).answered(200)
}

/// What a copy is to be beside its content, and on which conditions it is made.
pub(super) struct Said {
    pub(super) headers: Vec<Header>,
    /// Whether the headers say all, or the source's metadata stay beside them.
    pub(super) is_whole: bool,
    /// Of the source.
    pub(super) conditions: Vec<Header>,
    pub(super) overwrite: bool,
}

impl Said {
    /// The headers of an object that inherits nothing.
    pub(super) fn whole(&self, source: &Head, param: &str) -> Result<Vec<Header>> {
        let mut headers = self.headers.clone();
        if !self.is_whole {
            let kept = metadata::kept(&source.headers, "", param)?;
            let is_said = |header: &Header| self.headers.iter().any(|(name, _)| *name == header.0);
            headers.extend(kept.into_iter().filter(|header| !is_said(header)));
        }
        Ok(headers)
    }
}

pub(super) fn if_match(source: &Head) -> Header {
    ("x-cos-copy-source-if-match".into(), source.etag.clone())
}

pub(super) fn copy_object(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    said: &Said,
) -> Result<()> {
    let crc64 = match source.size > COPY_MAX_BYTES {
        true => part_copy::copy(call, (from, source), to, said)?,
        false => copy_at_once(call, from, to, said)?,
    };
    match (crc64, source.crc64) {
        (Some(copy), Some(of_source)) if copy != of_source => {
            Err(wrong(&format!("CRC64 {copy}"), &told(source)))
        }
        _ => Ok(()),
    }
}

/// The copy's CRC64, if the service tells it.
fn copy_at_once(call: &Call, from: &Target, to: &Target, said: &Said) -> Result<Option<u64>> {
    let mut ask = Ask::about(Method::Put, to, |response: &Response| {
        let tree = ask::document(response, "CopyObjectResult")?;
        let etag = Some(tree.text_of("ETag")).filter(|etag| !etag.is_empty());
        ask::needed(response, "ETag", etag)?;
        let told = tree.text_of("CRC64").parse().ok();
        Ok(told.or_else(|| crc64_of(response)))
    })
    .header("x-cos-copy-source", source_name(call.client(), from)?)
    .headers(said.headers.iter().cloned())
    .headers(said.conditions.iter().cloned())
    .once()
    .patient();
    if said.is_whole {
        ask = ask.header("x-cos-metadata-directive", "Replaced");
    }
    if !said.overwrite {
        ask = ask.headers([forbid_overwrite()]);
    }
    call.ask(&ask)
}

/// `<bucket's host>/<encoded key>`, without a scheme.
pub(super) fn source_name(client: &Client, from: &Target) -> Result<String> {
    let host = place::source(client, &from.bucket)?;
    let key = from.path.plain();
    let key: Vec<String> = key.split('/').map(encode).collect();
    Ok(format!("{host}/{}", key.join("/")))
}
