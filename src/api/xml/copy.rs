//! Copies made by the service (xml-api.md §3.5): of a file, of a file onto itself to change its
//! attribute, and, with the source deleted after it, a move.

use serde_json::Map;

use super::ask::{self, Ask};
use super::metadata;
use super::object::{
    Head, crc64_of, existing, forbid_overwrite, head, head_if_there, remove, verify,
};
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

/// How often somebody else may change an object while its attribute is changed here.
const RACES_MAX: u32 = 3;

/// Replaces an object's attribute, and keeps everything else of it. It is copied onto itself, unless
/// somebody else changes it meanwhile.
pub(super) fn update(call: &Call, target: &Target, biz_attr: &str) -> Result<Reply> {
    let header = metadata::biz_attr(biz_attr)?;
    let is_done = |held: &Head| held.attributes.biz_attr.as_deref().unwrap_or_default() == biz_attr;
    let done = || Ok(success(Map::new()));
    let mut races = 0;
    loop {
        let held = head(call, target)?;
        let mut said = Said {
            headers: metadata::kept(&held.headers, metadata::BIZ_ATTR)?,
            is_whole: true,
            conditions: Vec::new(),
            overwrite: true,
        };
        said.headers.extend(header.clone());
        said.headers.extend(acl(call, target)?);
        // An empty object's ETag is always the same; its time is not.
        if let Some(modified) = held.headers.text("last-modified") {
            let guard = "x-cos-copy-source-if-unmodified-since";
            said.conditions.push((guard.into(), modified.to_owned()));
        }
        let error = match copy_object(call, (target, &held), target, &said) {
            Ok(()) => return done(),
            Err(error) if error.means(Meaning::Changed) => error,
            Err(error) => return Err(error),
        };
        if error.perhaps_done && is_done(&head(call, target)?) {
            // Changed by the first try, whose answer was lost.
            return done();
        }
        races += 1;
        if races == RACES_MAX {
            return Err(error);
        }
    }
}

pub(super) fn copy(call: &Call, from: &Target, to: &Path, overwrite: bool) -> Result<Reply> {
    copy_verified(call, from, to, overwrite)?;
    Ok(success(Map::new()))
}

/// Never deletes the source before the copy is proven.
pub(super) fn rename(call: &Call, from: &Target, to: &Path, overwrite: bool) -> Result<Reply> {
    let copied = copy_verified(call, from, to, overwrite)?;
    let still = head(call, from)?;
    if still.etag != copied.etag {
        let message = "the file was replaced while it was moved; it is left where it was";
        return Err(Error::new(Kind::Integrity, message).answered(200));
    }
    remove(call, from)?;
    Ok(success(Map::new()))
}

/// The source, once its copy is there and is the same.
fn copy_verified(call: &Call, from: &Target, to: &Path, overwrite: bool) -> Result<Head> {
    let to = Target {
        bucket: from.bucket.clone(),
        path: to.clone(),
    };
    super::check(call.client(), &to)?;
    let source = head(call, from)?;
    let mut said = Said {
        headers: Vec::from_iter(acl(call, from)?),
        is_whole: false,
        conditions: Vec::new(),
        overwrite,
    };
    // Never inherited (xml-api.md §3.5).
    for name in ["x-cos-storage-class", "x-cos-server-side-encryption"] {
        if let Some(value) = source.headers.text(name) {
            said.headers.push((name.into(), value.to_owned()));
        }
    }
    if !overwrite {
        if let Some(held) = head_if_there(call, &to)? {
            return Err(existing(&held, is_same(&held, &source)));
        }
    }
    match copy_object(call, (from, &source), &to, &said) {
        Ok(()) => {}
        Err(error) if error.means(Meaning::Exists) && !overwrite => {
            let held = head(call, &to)?;
            let same = is_same(&held, &source);
            if !error.perhaps_done || !same {
                return Err(existing(&held, same));
            }
        }
        Err(error) => return Err(error),
    }
    let held = head(call, &to)?;
    if !is_same(&held, &source) {
        let message = format!(
            "the copy has {} bytes with CRC64 {:?}, the source {} with {:?}",
            held.size, held.crc64, source.size, source.crc64
        );
        return Err(Error::new(Kind::Integrity, message).answered(200));
    }
    Ok(source)
}

/// As far as both tell. Copied in parts, it has another ETag.
fn is_same(one: &Head, other: &Head) -> bool {
    let same_content = match (one.crc64, other.crc64) {
        (Some(one), Some(other)) => one == other,
        _ => one.etag == other.etag || one.size > COPY_MAX_BYTES,
    };
    one.size == other.size && same_content
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
    pub(super) fn whole(&self, source: &Head) -> Result<Vec<Header>> {
        let mut headers = self.headers.clone();
        if !self.is_whole {
            let kept = metadata::kept(&source.headers, "")?;
            let is_said = |header: &Header| self.headers.iter().any(|(name, _)| *name == header.0);
            headers.extend(kept.into_iter().filter(|header| !is_said(header)));
        }
        Ok(headers)
    }
}

fn copy_object(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    said: &Said,
) -> Result<()> {
    let crc64 = match source.size > COPY_MAX_BYTES {
        true => part_copy::copy(call, (from, source), to, said)?,
        false => copy_at_once(call, (from, source), to, said)?,
    };
    match source.crc64 {
        Some(source) => verify(crc64, source, 200),
        None => Ok(()),
    }
}

/// The copy's CRC64, if the service tells it.
fn copy_at_once(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    said: &Said,
) -> Result<Option<u64>> {
    let mut ask = Ask::about(Method::Put, to, |response: &Response| {
        let tree = ask::document(response, "CopyObjectResult")?;
        let etag = Some(tree.text_of("ETag")).filter(|etag| !etag.is_empty());
        ask::needed(response, "ETag", etag)?;
        let told = tree.text_of("CRC64").parse().ok();
        Ok(told.or_else(|| crc64_of(response)))
    })
    .header("x-cos-copy-source", source_name(call.client(), from)?)
    .header("x-cos-copy-source-if-match", &source.etag)
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

/// `<host>/<encoded key>`, without a scheme.
pub(super) fn source_name(client: &Client, from: &Target) -> Result<String> {
    let place = place::of_bucket(client, &from.bucket)?;
    let key = from.path.plain();
    let key: Vec<String> = key.split('/').map(encode).collect();
    Ok(format!("{}{}{}", place.host, place.root, key.join("/")))
}

/// Who may read an object, as a header that says so again.
fn acl(call: &Call, target: &Target) -> Result<Option<Header>> {
    let acl = super::acl(call, target)?;
    Ok(acl.map(|acl| ("x-cos-acl".into(), acl)))
}
