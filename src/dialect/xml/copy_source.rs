//! What a copy is made of: the object that is copied, what is said of the copy, and on which conditions.

use super::head::{Head, head, head_if_there};
use super::object::refuse_folder;
use super::sign::encode;
use super::signed::VERSION;
use super::{codes, encryption, endpoint, metadata};
use crate::error::{Error, Kind, Result, service_code};
use crate::exchange::{Call, Exchange};
use crate::model::Target;
use crate::transport::Header;

/// Whether a copy has its source's tags, or those that come with the request (xml-api.md §3.17).
pub(super) const TAGGING_DIRECTIVE: &str = "x-cos-tagging-directive";

/// What a copy is to be beside its content, and on which conditions it is made.
pub(super) struct CopySpec {
    pub(super) headers: Vec<Header>,
    /// Whether the headers say all, or the source's metadata stay beside them.
    pub(super) is_whole: bool,
    /// Of the source.
    pub(super) conditions: Vec<Header>,
    pub(super) overwrite: bool,
}

impl CopySpec {
    /// The headers of an object that inherits nothing.
    pub(super) fn whole(&self, source: &Head, param: &str) -> Result<Vec<Header>> {
        let mut headers = self.headers.clone();
        if !self.is_whole {
            let kept = metadata::kept(&source.headers, param)?;
            let is_said = |header: &Header| self.headers.iter().any(|(name, _)| *name == header.0);
            headers.extend(kept.into_iter().filter(|header| !is_said(header)));
        }
        Ok(headers)
    }
}

pub(super) fn if_match(source: &Head) -> Header {
    ("x-cos-copy-source-if-match".into(), source.etag.clone())
}

/// What is to be changed by a copy, refused where that cannot be done as it must.
pub(super) fn source(call: &Call, from: &Target) -> Result<Head> {
    source_by("sse", call, from)
}

/// What is to be copied; `option` is what the caller has said the source's key by.
pub(super) fn source_by(option: &str, call: &Call, from: &Target) -> Result<Head> {
    let source = head(call, from).map_err(|error| {
        // What the service answers where a key is wanted (§3.3 tells no more).
        let is_bad = error.kind == Kind::Service && error.httpcode == 400;
        match is_bad && error.code != service_code::EXPIRED_TOKEN {
            false => error,
            true if from.encryption().is_some() => error.hint(format!(
                "the file may have another key than that of the option {option}, or none"
            )),
            true => error.hint(format!(
                "a file may be encrypted with a key of its own (SSE-C): {}",
                metadata::KEY_WANTED
            )),
        }
    })?;
    refuse_folder(from, &source)?;
    encryption::confirm_by(option, from, &source.headers)?;
    Ok(source)
}

/// What is there once it is seen to be as it must, or else after a moment.
pub(super) fn seen(
    call: &Call,
    target: &Target,
    is_so: &dyn Fn(&Head) -> bool,
) -> Result<Option<Head>> {
    let mut held = None;
    call.poll_until(&mut || Ok(()), &mut || {
        held = head_if_there(call, target)?;
        Ok(held.as_ref().is_some_and(is_so))
    })?;
    Ok(held)
}

/// `<bucket's host>/<encoded key>`, without a scheme; a version is named behind it (xml-api.md §3.14).
pub(super) fn source_name(exchange: &Exchange, from: &Target) -> Result<String> {
    let host = endpoint::source(exchange, &from.bucket)?;
    let key = from.path.plain();
    let key: Vec<String> = key.split('/').map(encode).collect();
    let version = from.version();
    let version = version.map(|id| format!("?{VERSION}={}", encode(id.as_str())));
    Ok(format!(
        "{host}/{}{}",
        key.join("/"),
        version.unwrap_or_default()
    ))
}

/// What the service says of a condition that does not hold.
pub(super) fn changed() -> Error {
    let message = "somebody else changed the file at the same time: look at what it holds now";
    codes::named("PreconditionFailed", message, 412)
}
