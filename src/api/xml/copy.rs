//! Copies made by the service (xml-api.md §3.5): of a file, of a file onto itself to change its
//! attribute, and, with the source deleted after it, a move.

use serde_json::Map;

use super::ask::{self, Ask};
use super::metadata;
use super::object::{Head, crc64_of, existing, forbid_overwrite, head, head_if_there, remove};
use super::place;
use super::sign::encode;
use crate::api::{Target, success};
use crate::client::{Call, Client};
use crate::error::{Error, Kind, Meaning, Result};
use crate::path::Path;
use crate::reply::Reply;
use crate::transport::{Header, Method, Response};

/// Largest file that one copy takes.
const COPY_MAX_BYTES: u64 = 5 << 30;

/// How often somebody else may change an object while its attribute is changed here.
const RACES_MAX: u32 = 3;

/// Replaces an object's attribute, and keeps everything else of it.
pub(super) fn update(call: &Call, target: &Target, biz_attr: &str) -> Result<Reply> {
    let header = metadata::biz_attr(biz_attr)?;
    let is_done = |held: &Head| held.attributes.biz_attr.as_deref().unwrap_or_default() == biz_attr;
    replace(call, target, metadata::BIZ_ATTR, header, is_done)?;
    Ok(success(Map::new()))
}

/// Sees to it that an object tells its own SHA-1 (hex), and not that of what its upload was begun
/// with.
pub(crate) fn correct_sha1(call: &Call, target: &Target, sha1: &str) -> Result<()> {
    let is_done = |held: &Head| held.attributes.sha1.as_deref() == Some(sha1);
    if is_done(&head(call, target)?) {
        return Ok(());
    }
    let header = (metadata::SHA1.into(), sha1.to_owned());
    replace(call, target, metadata::SHA1, Some(header), is_done)
}

/// Copies an object onto itself with one header replaced, unless somebody else changes it meanwhile.
fn replace(
    call: &Call,
    target: &Target,
    name: &str,
    header: Option<Header>,
    is_done: impl Fn(&Head) -> bool,
) -> Result<()> {
    let mut races = 0;
    loop {
        let held = head(call, target)?;
        let mut headers = metadata::kept(&held.headers, name)?;
        headers.extend(header.clone());
        headers.push(("x-cos-metadata-directive".into(), "Replaced".to_owned()));
        headers.extend(acl(call, target)?);
        // An empty object's ETag is always the same; its time is not.
        if let Some(modified) = held.headers.text("last-modified") {
            let guard = "x-cos-copy-source-if-unmodified-since";
            headers.push((guard.into(), modified.to_owned()));
        }
        let error = match copy_object(call, (target, &held), target, headers) {
            Ok(()) => return Ok(()),
            Err(error) if error.means(Meaning::Changed) => error,
            Err(error) => return Err(error),
        };
        if error.perhaps_done && is_done(&head(call, target)?) {
            // Changed by the first try, whose answer was lost.
            return Ok(());
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
    let sha1 = source.attributes.sha1.as_deref();
    let mut headers = Vec::from_iter(acl(call, from)?);
    // Never inherited (xml-api.md §3.5).
    for name in ["x-cos-storage-class", "x-cos-server-side-encryption"] {
        if let Some(value) = source.headers.text(name) {
            headers.push((name.into(), value.to_owned()));
        }
    }
    if !overwrite {
        if let Some(held) = head_if_there(call, &to)? {
            return Err(existing(&held, sha1));
        }
        headers.push(forbid_overwrite());
    }
    match copy_object(call, (from, &source), &to, headers) {
        Ok(()) => {}
        Err(error) if error.means(Meaning::Exists) && !overwrite => {
            let held = head(call, &to)?;
            if !error.perhaps_done || !is_same(&held, &source) {
                return Err(existing(&held, sha1));
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

/// As far as both tell.
fn is_same(one: &Head, other: &Head) -> bool {
    let same_crc64 = match (one.crc64, other.crc64) {
        (Some(one), Some(other)) => one == other,
        _ => one.etag == other.etag,
    };
    one.size == other.size && same_crc64
}

fn copy_object(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    headers: Vec<Header>,
) -> Result<()> {
    if source.size > COPY_MAX_BYTES {
        let problem = format!("is a file of {} bytes, a copy takes 5 GiB", source.size);
        return Err(Error::parameter("path", problem));
    }
    let ask = Ask::about(Method::Put, to, |response: &Response| {
        let tree = ask::document(response, "CopyObjectResult")?;
        let etag = Some(tree.text_of("ETag")).filter(|etag| !etag.is_empty());
        ask::needed(response, "ETag", etag)?;
        let told = tree.text_of("CRC64").parse().ok();
        Ok(told.or_else(|| crc64_of(response)))
    })
    .header("x-cos-copy-source", source_name(call.client(), from)?)
    .header("x-cos-copy-source-if-match", &source.etag)
    .headers(headers)
    .once()
    .patient();
    let crc64: Option<u64> = call.ask(&ask)?;
    match (crc64, source.crc64) {
        (Some(copied), Some(source)) => super::object::verify(Some(copied), source, 200),
        _ => Ok(()),
    }
}

/// `<host>/<encoded key>`, without a scheme.
fn source_name(client: &Client, from: &Target) -> Result<String> {
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
