//! Copies made by the service (xml-api.md §3.5): of a file, of a file onto itself to change its
//! attribute, and, with the source deleted after it, a move.

use std::time::Instant;

use super::acl::{self, Acl};
use super::copy_source::{CopySpec, if_match, seen, source, source_name};
use super::head::{Head, head_if_seen};
use super::metadata;
use super::object::existing;
use super::removal::remove_seen;
use super::request::{self, RequestBuilder};
use super::request::{forbid_overwrite, lost_then_refused};
use super::same::{Content, compare, describe, is_older, is_unchanged};
use super::stored::Stored;
use super::{endpoint, part_copy, versions};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::path::Path;
use crate::model::{CopiedObject, Target};
use crate::transport::{Method, Response};

/// Largest file that one copy takes (xml-api.md §3.5).
const COPY_MAX_BYTES: u64 = 5 << 30;

pub(super) fn copy(call: &Call, from: &Target, to: &Path, overwrite: bool) -> Result<CopiedObject> {
    copy_verified(call, from, to, overwrite).map(|(_, _, copied)| copied)
}

/// Never deletes the source before the copy is proven, nor when it is not any more what was copied.
pub(super) fn rename(
    call: &Call,
    from: &Target,
    to: &Path,
    overwrite: bool,
) -> Result<CopiedObject> {
    let (source_then, access, copied) = copy_verified(call, from, to, overwrite)?;
    let still = source(call, from)?;
    if !is_unchanged(&source_then, &still) || acl::of_source(call, from)? != access {
        let message = "the file was changed by somebody else while it was moved; it is left where \
                       it was, and the copy at dst_path is of before the change";
        return Err(Error::new(Kind::Integrity, message).answered(200));
    }
    remove_seen(call, from, &still)?;
    Ok(copied)
}

/// The source, who may read it and its copy, once that is there and is the same.
fn copy_verified(
    call: &Call,
    from: &Target,
    to: &Path,
    overwrite: bool,
) -> Result<(Head, Acl, CopiedObject)> {
    let to = from.beside(to.clone());
    endpoint::check(call.exchange(), &to)?;
    source_name(call.exchange(), from)?;
    let source = source(call, from)?;
    let access = acl::of_source(call, from)?;
    let mut spec = CopySpec {
        headers: access.headers(from.path.param())?,
        is_whole: false,
        conditions: vec![if_match(&source)],
        overwrite,
    };
    let inherited_by_none = metadata::not_inherited(&source.headers, from.path.param())?;
    spec.headers.extend(inherited_by_none);
    let begun = Instant::now();
    if !overwrite {
        let is_long = source.size > COPY_MAX_BYTES;
        if let Some(held) = versions::unguarded(call, &to, is_long)? {
            return Err(existing(&held, compare(&held, &source) == Content::Same));
        }
    }
    let stored = match copy_object(call, (from, &source), &to, &spec) {
        Ok(stored) => stored,
        Err(error) if error.is(ErrorClass::Exists) || lost_then_refused(&error) => {
            let is_same = |held: &Head| compare(held, &source) == Content::Same;
            let held = match error.maybe_applied {
                true => seen(call, &to, &is_same)?,
                false => head_if_seen(call, &to)?,
            };
            let Some(held) = held else {
                return Err(error);
            };
            if !error.maybe_applied || !is_same(&held) || is_older(&held, begun) {
                return Err(match error.is(ErrorClass::Exists) {
                    true => existing(&held, is_same(&held)),
                    false => error,
                });
            }
            Stored::seen(&held)
        }
        Err(error) => return Err(error),
    };
    let no_other = |held: &Head| compare(held, &source) != Content::Differs;
    let Some(held) = seen(call, &to, &no_other)? else {
        return Err(wrong("nothing", &describe(&source)));
    };
    if compare(&held, &source) == Content::Differs {
        return Err(wrong(&describe(&held), &describe(&source)));
    }
    acl::check_kept(call, &to, &access)?;
    let version_id = stored.version_id;
    Ok((source, access, CopiedObject { version_id }))
}

/// A copy that must not be taken for one. It stays: what is there may be somebody else's by now.
fn wrong(copy: &str, source: &str) -> Error {
    let message = format!(
        "the copy has {copy}, the file {source}, so they differ; \
         the copy stays where it is, and the file is left as it was"
    );
    Error::new(Kind::Integrity, message).answered(200)
}

pub(super) fn copy_object(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    spec: &CopySpec,
) -> Result<Stored> {
    let stored = match source.size > COPY_MAX_BYTES {
        true => part_copy::copy(call, (from, source), to, spec)?,
        false => copy_at_once(call, from, to, spec)?,
    };
    versions::learn(call, to, &stored);
    match (stored.crc64, source.crc64) {
        (Some(copy), Some(of_source)) if copy != of_source => {
            Err(wrong(&format!("CRC64 {copy}"), &describe(source)))
        }
        _ => Ok(stored),
    }
}

fn copy_at_once(call: &Call, from: &Target, to: &Target, spec: &CopySpec) -> Result<Stored> {
    let mut request = RequestBuilder::about(Method::Put, to, |response: &Response| {
        let tree = request::document(response, "CopyObjectResult")?;
        let etag = Some(tree.text_of("ETag")).filter(|etag| !etag.is_empty());
        request::needed(response, "ETag", etag)?;
        let (crc64, id) = (
            tree.text_of("CRC64").parse().ok(),
            tree.text_of("VersionId"),
        );
        let stored = Stored::by(response);
        Ok(Stored {
            crc64: crc64.or(stored.crc64),
            // Of a copy it is in no header (xml-api.md §3.14).
            version_id: Some(id.to_owned())
                .filter(|id| !id.is_empty())
                .or(stored.version_id),
        })
    })
    .header("x-cos-copy-source", source_name(call.exchange(), from)?)
    .headers(spec.headers.iter().cloned())
    .headers(spec.conditions.iter().cloned())
    .non_idempotent()
    .patient();
    if spec.is_whole {
        request = request.header("x-cos-metadata-directive", "Replaced");
    }
    if !spec.overwrite {
        request = request.headers([forbid_overwrite()]);
    }
    call.ask(&request)
}
