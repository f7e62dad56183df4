//! Copies made by the service (xml-api.md §3.5): of a file, of a file onto itself to change its
//! attribute, and, with the source deleted after it, a move.

use std::time::Instant;

use super::acl::{self, Acl};
use super::copy_source::{CopySpec, TAGGING_DIRECTIVE, if_match, seen, source_by, source_name};
use super::encryption;
use super::head::{Head, head_if_seen};
use super::metadata;
use super::object::{addresses, existing};
use super::removal::remove_seen;
use super::request::{self, RequestBuilder};
use super::request::{forbid_overwrite, lost_then_refused};
use super::same::{Content, compare, compared_by, describe, is_older, is_unchanged};
use super::stored::Stored;
use super::{endpoint, part_copy, versions};
use crate::dialect::{COPY_MAX_BYTES, Copied, CopyRequest};
use crate::error::{Error, ErrorClass, Kind, Result};
use crate::exchange::Call;
use crate::model::{CopiedObject, MovedObject, ObjectAttributes, Target, Verified};
use crate::transport::{Header, Method, Response};

/// The option that names it.
const SOURCE_KEY: &str = "src_sse";

/// Never deletes the source before the copy is proven, nor when it is not any more what was copied.
pub(super) fn copy(
    call: &Call,
    from: &Target,
    to: &Target,
    copy: &CopyRequest,
    copied: &mut Copied,
) -> Result<CopiedObject> {
    let exchange = call.exchange();
    endpoint::check(exchange, to)?;
    source_name(exchange, from)?;
    let source = source_by(SOURCE_KEY, call, from)?;
    copied(0, source.size)?;
    // Where it is said who may read the copy, it does not matter who may read the source.
    let access = match copy.attributes.acl {
        Some(_) => None,
        None => Some(acl::of_source(call, from)?),
    };
    let same = match copy.takes_same {
        true => head_if_seen(call, to)?.filter(|held| is_copy(to, held, &source)),
        false => None,
    };
    let (made, verified) = match &same {
        Some(held) => (Stored::seen(held), compared_by(held, &source)),
        None => {
            let spec = copy_spec((from, &source), to, access.as_ref(), copy)?;
            let made = copy_verified(call, (from, &source), to, &spec, copied)?;
            if let Some(access) = &access {
                acl::check_kept(call, to, access)?;
            }
            made
        }
    };
    if copy.is_move {
        let still = source_by(SOURCE_KEY, call, from)?;
        let is_shared_otherwise = match &access {
            Some(access) => acl::of_source(call, from)? != *access,
            None => false,
        };
        if is_shared_otherwise || !is_unchanged(&source, &still) {
            return Err(changed_while_moved());
        }
        remove_seen(call, from, &still)?;
    }
    Ok(CopiedObject {
        addresses: addresses(exchange, to)?,
        size: source.size,
        verified,
        crc64: made.crc64,
        version_id: made.version_id,
    })
}

/// A move within a bucket, of which nothing is said.
pub(super) fn rename(
    call: &Call,
    from: &Target,
    to: &Target,
    overwrite: bool,
) -> Result<MovedObject> {
    let moving = CopyRequest {
        overwrite,
        is_move: true,
        takes_same: false,
        attributes: &ObjectAttributes::default(),
        tags: None,
    };
    Ok(copy(call, from, to, &moving, &mut |_, _| Ok(()))?.moved())
}

fn changed_while_moved() -> Error {
    let message = "the file was changed by somebody else while it was moved; it is left where \
                   it was, and the copy at dst_path is of before the change";
    Error::new(Kind::Integrity, message).answered(200)
}

/// What the caller has said of the copy, and what it keeps of the source.
fn copy_spec(
    (from, source): (&Target, &Head),
    to: &Target,
    access: Option<&Acl>,
    copy: &CopyRequest,
) -> Result<CopySpec> {
    let param = from.path.param();
    let mut headers = metadata::said(copy.attributes);
    let is_said = headers.clone();
    let is_said = |header: &Header| is_said.iter().any(|(name, _)| *name == header.0);
    if from.encryption().is_none() {
        metadata::refuse_unknown_key(&source.headers, param)?;
    }
    let mut kept = metadata::not_inherited_of(to, &source.headers, param)?;
    let replaces = !copy.attributes.headers.is_empty();
    if replaces {
        kept.extend(metadata::kept(&source.headers, param)?);
    }
    headers.extend(kept.into_iter().filter(|header| !is_said(header)));
    if let Some(access) = access {
        headers.extend(access.headers(param)?);
    }
    if let Some(tags) = copy.tags {
        headers.push((TAGGING_DIRECTIVE.into(), "Replaced".to_owned()));
        headers.extend(metadata::tagging(tags));
    }
    Ok(CopySpec {
        headers,
        is_whole: replaces,
        conditions: [
            vec![if_match(source)],
            encryption::key_of_source(from.encryption()),
        ]
        .concat(),
        overwrite: copy.overwrite,
    })
}

/// What was made, once it is there and has the source's content, and by what that is known.
fn copy_verified(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    spec: &CopySpec,
    copied: &mut Copied,
) -> Result<(Stored, Verified)> {
    let begun = Instant::now();
    if !spec.overwrite {
        let is_long = source.size > COPY_MAX_BYTES;
        if let Some(held) = versions::unguarded(call, to, is_long)? {
            return Err(existing(&held, is_copy(to, &held, source)));
        }
    }
    let mut made = match copy_object(call, (from, source), to, spec, copied) {
        // Its CRC64 is the source's.
        Ok(made) if made.crc64.is_some() && source.crc64.is_some() => {
            return Ok((made, Verified::Crc64));
        }
        Ok(made) => made,
        Err(error) if error.is(ErrorClass::Exists) || lost_then_refused(&error) => {
            let is_same = |held: &Head| compare(held, source) == Content::Same;
            let held = match error.maybe_applied {
                true => seen(call, to, &is_same)?,
                false => head_if_seen(call, to)?,
            };
            let Some(held) = held else {
                return Err(error);
            };
            if !error.maybe_applied || !is_same(&held) || is_older(&held, begun) {
                return Err(match error.is(ErrorClass::Exists) {
                    true => existing(&held, is_copy(to, &held, source)),
                    false => error,
                });
            }
            encryption::confirm_written(to, &held.headers)?;
            Stored::seen(&held)
        }
        Err(error) => return Err(error),
    };
    let no_other = |held: &Head| compare(held, source) != Content::Differs;
    let Some(held) = seen(call, to, &no_other)? else {
        return Err(wrong("nothing", &describe(source)));
    };
    if compare(&held, source) == Content::Differs {
        return Err(wrong(&describe(&held), &describe(source)));
    }
    made.crc64 = made.crc64.or(held.crc64);
    Ok((made, compared_by(&held, source)))
}

/// Whether what is there is what a copy would make: the content, encrypted as it was said.
fn is_copy(to: &Target, held: &Head, source: &Head) -> bool {
    compare(held, source) == Content::Same && encryption::confirm(to, &held.headers).is_ok()
}

/// A copy that must not be taken for one. It stays: what is there may be somebody else's by now.
fn wrong(copy: &str, source: &str) -> Error {
    let message = format!(
        "the copy has {copy}, the file {source}, so they differ; \
         the copy stays where it is, and the file is left as it was"
    );
    Error::new(Kind::Integrity, message).answered(200)
}

/// Told by the service to have the source's CRC64, where both have one.
pub(super) fn copy_object(
    call: &Call,
    (from, source): (&Target, &Head),
    to: &Target,
    spec: &CopySpec,
    copied: &mut Copied,
) -> Result<Stored> {
    let made = match source.size > COPY_MAX_BYTES {
        true => part_copy::copy(call, (from, source), to, spec, copied)?,
        false => copy_at_once(call, from, to, spec)?,
    };
    versions::learn(call, to, &made);
    match (made.crc64, source.crc64) {
        (Some(copy), Some(of_source)) if copy != of_source => {
            Err(wrong(&format!("CRC64 {copy}"), &describe(source)))
        }
        _ => Ok(made),
    }
}

fn copy_at_once(call: &Call, from: &Target, to: &Target, spec: &CopySpec) -> Result<Stored> {
    let mut request = RequestBuilder::about(Method::Put, to, |response: &Response| {
        let tree = request::document(response, "CopyObjectResult")?;
        let etag = Some(tree.text_of("ETag")).filter(|etag| !etag.is_empty());
        request::needed(response, "ETag", etag)?;
        let (crc64, version) = (tree.text_of("CRC64"), tree.text_of("VersionId"));
        let stored = Stored::by(response);
        // Of a copy they may be in the document alone (xml-api.md §3.14).
        let version = Some(version.to_owned()).filter(|id| !id.is_empty());
        Ok(Stored {
            crc64: crc64.parse().ok().or(stored.crc64),
            version_id: version.or(stored.version_id),
            etag: None,
        })
    })
    .confirms_encryption()
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
