//! Objects and buckets asked about by HEAD (xml-api.md §3.3). Its refusals have no body, so no name:
//! where the name matters, a small GET of the same tells it.

use super::metadata::{self, Attributes};
use super::request::{self, RequestBuilder};
use super::request::{crc64_of, request_id};
use crate::base::hex::is_hex;
use crate::base::size;
use crate::error::{Error, ErrorClass, Kind, Result, service_code};
use crate::exchange::Call;
use crate::model::{Target, Verified, verify_crc64};
use crate::transport::{Header, Headers, Method, Response};

/// What HEAD tells of an object.
pub(crate) struct Head {
    pub(crate) size: u64,
    /// With its quotes.
    pub(crate) etag: String,
    /// Objects of before 2018 have none.
    pub(crate) crc64: Option<u64>,
    pub(crate) attributes: Attributes,
    pub(super) headers: Headers,
    pub(super) request_id: Option<String>,
}

impl Head {
    /// Compares an object with what was sent of it, by its digest where it has one.
    pub(crate) fn verify(&self, size: u64, crc64: u64) -> Result<Verified> {
        verify_crc64(self.crc64, crc64, 200)?;
        if self.size != size {
            let message = format!("the service holds {} bytes, {size} were sent", self.size);
            return Err(Error::new(Kind::Integrity, message).answered(200));
        }
        Ok(match self.crc64 {
            Some(_) => Verified::Crc64,
            None => Verified::Length,
        })
    }

    pub(crate) fn md5(&self) -> Option<String> {
        md5_of(&self.headers, &self.etag)
    }
}

/// The MD5 of the content, in hex, where the ETag is one: of an object that came in one request.
/// Parts add their number to it.
pub(super) fn md5_of(headers: &Headers, etag: &str) -> Option<String> {
    let tag = etag.strip_prefix('"')?.strip_suffix('"')?;
    let is_md5 = is_hex(tag, 32) && metadata::has_md5_as_etag(headers);
    is_md5.then(|| tag.to_ascii_lowercase())
}

/// What looking at a place has found.
pub(crate) enum Lookup {
    There(Box<Head>),
    Nothing(Error),
    /// The credentials may not look; or it is encrypted with a key that the request has not.
    Forbidden(Error),
}

/// An object that must be there.
pub(crate) fn head(call: &Call, target: &Target) -> Result<Head> {
    head_if(call, target, &[])
}

/// The same, and meet `conditions`.
pub(super) fn head_if(call: &Call, target: &Target, conditions: &[Header]) -> Result<Head> {
    let request = RequestBuilder::about(Method::Head, target, read).with_key();
    let request = request.headers(conditions.iter().cloned());
    asked(call, target, &request).map_err(|error| named(call, target, error))
}

/// The same, `None` where nothing is.
pub(crate) fn head_if_there(call: &Call, target: &Target) -> Result<Option<Head>> {
    match lookup(call, target)? {
        Lookup::There(head) => Ok(Some(*head)),
        Lookup::Nothing(_) => Ok(None),
        Lookup::Forbidden(error) => Err(named(call, target, error)),
    }
}

/// `None` where nothing is, or where the credentials or their key may not look: what comes next decides.
pub(crate) fn head_if_seen(call: &Call, target: &Target) -> Result<Option<Head>> {
    match lookup(call, target)? {
        Lookup::There(head) => Ok(Some(*head)),
        Lookup::Nothing(_) | Lookup::Forbidden(_) => Ok(None),
    }
}

/// The same after an answer was lost: what that request has made may not be seen at once, so it is
/// waited for a moment until `is_so`.
pub(super) fn head_after_loss(
    call: &Call,
    target: &Target,
    error: &Error,
    is_so: &dyn Fn(&Head) -> Result<bool>,
) -> Result<Option<Head>> {
    let mut held = None;
    call.poll_until(&mut || Ok(()), &mut || {
        held = head_if_seen(call, target)?;
        Ok(!error.maybe_applied || held.as_ref().map_or(Ok(false), is_so)?)
    })?;
    Ok(held)
}

pub(crate) fn lookup(call: &Call, target: &Target) -> Result<Lookup> {
    match asked(
        call,
        target,
        &RequestBuilder::about(Method::Head, target, read).with_key(),
    ) {
        Ok(head) => Ok(Lookup::There(Box::new(head))),
        Err(error) if is_nameless(&error) && error.httpcode == 404 => Ok(Lookup::Nothing(error)),
        Err(error) if is_nameless(&error) && error.httpcode == 403 => Ok(Lookup::Forbidden(error)),
        Err(error) if is_nameless(&error) && error.httpcode == 400 && has_key(target) => {
            Ok(Lookup::Forbidden(error))
        }
        Err(error) => match named(call, target, error) {
            error if wants_key(&error) => Ok(Lookup::Forbidden(error)),
            error => Err(error),
        },
    }
}

/// Before something is written where nothing may be overwritten: `None` where nothing is, or where the
/// credentials may not look. What has a key that the request has not is there (xml-api.md §3.15).
pub(super) fn head_if_free(call: &Call, target: &Target) -> Result<Option<Head>> {
    match lookup(call, target)? {
        Lookup::There(head) => Ok(Some(*head)),
        Lookup::Nothing(_) => Ok(None),
        Lookup::Forbidden(error) if error.httpcode == 400 => {
            let other =
                "another file is there already, which is encrypted with another key, or with none";
            Err(Error::exists(service_code::FILE_EXISTS, other)
                .with_request_id(error.request_id.clone()))
        }
        Lookup::Forbidden(_) => Ok(None),
    }
}

fn wants_key(error: &Error) -> bool {
    error.httpcode == 400 && error.service_code() == "InvalidRequest"
}

fn has_key(target: &Target) -> bool {
    let encryption = target.encryption();
    encryption.is_some_and(|it| it.customer_key().is_some())
}

/// A HEAD of an object, or of the bucket itself where the path is empty.
pub(super) fn ask<T>(
    call: &Call,
    target: &Target,
    understand: fn(&Response) -> Result<T>,
) -> Result<T> {
    let request = RequestBuilder::about(Method::Head, target, understand);
    asked(call, target, &request).map_err(|error| named(call, target, error))
}

/// A refusal does not say that it is because the credentials have ended. Where there can be others, a small
/// GET finds that out, and brings them.
fn asked<T>(call: &Call, target: &Target, request: &RequestBuilder<T>) -> Result<T> {
    let before = call.signer()?;
    let refused = match call.ask(request) {
        Err(error) if is_nameless(&error) && matches!(error.httpcode, 400 | 403) => error,
        outcome => return outcome,
    };
    if !call.exchange().renews_credentials() {
        return Err(refused);
    }
    match call.ask(&small_get(target)) {
        Err(error) if error.kind == Kind::Cancelled => Err(error),
        _ if call.signer()?.is_other_than(&before) => call.ask(request),
        _ => Err(refused),
    }
}

/// Refused for the same reason as a HEAD, and says so.
fn small_get(target: &Target) -> RequestBuilder<'_, ()> {
    let get = RequestBuilder::about(Method::Get, target, request::nothing);
    match target.path.is_root() {
        true => get.query("location", ""),
        false => get.header("range", "bytes=0-0").with_key(),
    }
}

fn read(response: &Response) -> Result<Head> {
    let size = response.headers.number("content-length");
    let etag = response.headers.text("etag");
    Ok(Head {
        size: size_told(response, request::needed(response, "Content-Length", size)?)?,
        etag: request::needed(response, "ETag", etag)?.to_owned(),
        crc64: crc64_of(response),
        attributes: Attributes::of(&response.headers),
        headers: response.headers.clone(),
        request_id: request_id(response),
    })
}

fn size_told(response: &Response, bytes: u64) -> Result<u64> {
    size::of_object(bytes).map_err(|error| error.answered(response.status))
}

/// The refusal of a HEAD by the service's name for it.
pub(super) fn named(call: &Call, target: &Target, mut refused: Error) -> Error {
    if !is_nameless(&refused) {
        return refused;
    }
    let is_bucket = target.path.is_root();
    match call.ask(&small_get(target)) {
        Err(mut reported) if explains(&reported, &refused) => {
            reported.attempts += refused.attempts;
            return reported;
        }
        // Nothing, or of itself only.
        _ => {}
    }
    if is_bucket && refused.httpcode == 404 {
        refused.code = -133;
        refused.class = None;
        refused.message = "there is no such bucket (HTTP status 404)".to_owned();
    }
    refused
}

/// A refusal without a body, but for those that concern the HEAD alone.
fn is_nameless(error: &Error) -> bool {
    let of_service = error.kind == Kind::Service && matches!(error.httpcode, 400..500);
    of_service && error.service_code().is_empty() && !error.is(ErrorClass::Changed)
}

/// Whether the refusal of the GET is the reason of the HEAD's. What the credentials may not read can
/// be missing all the same, and a range is none of what was asked first.
fn explains(reported: &Error, refused: &Error) -> bool {
    let is_range = reported.httpcode == 416;
    let fits = refused.httpcode != 404 || reported.httpcode == 404;
    let named = matches!(reported.httpcode, 400..500) && !reported.service_code().is_empty();
    named && fits && !is_range
}
