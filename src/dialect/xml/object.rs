//! Single objects: asked about, uploaded.

use std::time::Instant;

use super::encryption;
use super::endpoint;
use super::head::{self, Head, Lookup, head_after_loss, head_if};
use super::metadata;
use super::request::RequestBuilder;
use super::request::{forbid_overwrite, lost_then_refused, request_id};
use super::same::is_older;
use super::sign::encode;
use super::signed::VERSION;
use super::stored::Stored;
use super::versions;
use crate::base::time;
use crate::config::service::BucketEndpoint;
use crate::dialect::{UploadContent, UploadSpec};
use crate::error::{Error, ErrorClass, Result, service_code};
use crate::exchange::{Call, Exchange};
use crate::model::{
    Addresses, Answer, ObjectInfo, Path, Target, UploadedObject, Verified, VersionId,
};
use crate::transport::{Content, Header, Method, Response};

/// What is sent in vain costs no more than a look at the place: it takes 80 ms at 100 Mbit/s, as a round trip far
/// away does.
const REFUSABLE_MAX_BYTES: u64 = 1 << 20;

/// What is known of a file that meets `conditions` before anything of it is used.
pub(super) fn known(call: &Call, target: &Target, conditions: &[Header]) -> Result<Head> {
    let head = head_if(call, target, conditions)?;
    refuse_folder(target, &head)?;
    encryption::confirm(target, &head.headers)?;
    Ok(head)
}

pub(super) fn stat(
    call: &Call,
    target: &Target,
    conditions: &[Header],
) -> Result<Answer<ObjectInfo>> {
    let head = known(call, target, conditions)?;
    let mut kept = metadata::told(&head.headers);
    // A service that repeats one must not bring it into a success.
    let secrets = call.signer()?.secrets("").with_key(target.encryption());
    secrets.hide_in_data(&mut kept.headers);
    secrets.hide_in_data(&mut kept.meta);
    if let Some(told) = &mut kept.encryption {
        secrets.hide_in_value(told);
    }
    let info = ObjectInfo {
        kept: Some(kept),
        size: Some(head.size),
        uploaded_size: Some(head.size),
        crc64: head.crc64,
        etag: Some(head.etag.clone()),
        addresses: addresses(call.exchange(), target)?,
        ..described(target, &head)
    };
    Ok(Answer::success(info).with_request_id(head.request_id))
}

/// What a stat tells of files and folders alike.
pub(super) fn described(target: &Target, head: &Head) -> ObjectInfo {
    let mtime = head.headers.text("last-modified").and_then(time::http);
    ObjectInfo {
        name: last_segment(target),
        biz_attr: Some(head.attributes.biz_attr.clone().unwrap_or_default()),
        // An object of another program's has no ctime of ours.
        ctime: head.attributes.ctime.or(mtime),
        mtime,
        ..ObjectInfo::default()
    }
}

pub(super) fn last_segment(target: &Target) -> Option<String> {
    let plain = target.path.plain();
    let name = plain.trim_end_matches('/').rsplit('/').next();
    name.map(str::to_owned)
}

/// The classic reply's URLs and names.
pub(super) fn addresses(exchange: &Exchange, target: &Target) -> Result<Addresses> {
    let url = public_url(exchange, target)?;
    Ok(Addresses {
        access_url: Some(url.clone()),
        source_url: Some(url.clone()),
        url: Some(url),
        resource_path: Some(resource_path(exchange, target)),
    })
}

pub(super) fn resource_path(exchange: &Exchange, target: &Target) -> String {
    format!(
        "/{}/{}/{}",
        exchange.appid(),
        target.bucket.as_str(),
        target.path.plain()
    )
}

/// Where anybody finds it who may read it.
fn public_url(exchange: &Exchange, target: &Target) -> Result<String> {
    let place = endpoint::public(exchange, &target.bucket)?;
    Ok(url_at(&place, &target.path, target.version()))
}

/// Of an object of the bucket there.
pub(super) fn url_at(place: &BucketEndpoint, path: &Path, version: Option<&VersionId>) -> String {
    let encoded = path.encoded();
    let version = version.map(|id| format!("?{VERSION}={}", encode(id.as_str())));
    let version = version.unwrap_or_default();
    format!("{}{}{encoded}{version}", place.origin, place.root)
}

/// A whole file in one request.
pub(super) fn upload_whole(
    call: &Call,
    upload: &UploadSpec,
    content: &dyn UploadContent,
    bytes: Content,
    sent: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Answer<UploadedObject>> {
    let (exchange, target, begun) = (call.exchange(), &upload.target, Instant::now());
    let mut headers = metadata::of_file(upload.biz_attr, exchange.now(), upload.attributes)?;
    headers.extend(encryption::of_new(target.encryption()));
    let is_same = |held: &Head| is_held(held, content);
    if !upload.overwrite {
        let is_large = bytes.len() > REFUSABLE_MAX_BYTES;
        if let Some(held) = versions::unguarded(call, target, is_large)? {
            return Err(existing(&held, is_same(&held)?));
        }
    }
    let crc64 = || content.crc64();
    let mut put = RequestBuilder::about(Method::Put, target, |response: &Response| {
        Ok((Stored::by(response), request_id(response)))
    })
    .confirms_encryption()
    .headers(headers)
    .content(bytes)
    .confirms_crc64(&crc64);
    if !upload.overwrite {
        put = put.headers([forbid_overwrite()]).non_idempotent();
    }
    let (stored, request_id) = match call.send(&put, sent) {
        Ok((stored, id)) => {
            versions::learn(call, target, &stored);
            (stored, id)
        }
        Err(error) if error.is(ErrorClass::Exists) || lost_then_refused(&error) => {
            let Some(held) = head_after_loss(call, target, &error, &is_same)? else {
                return Err(error);
            };
            let same = is_same(&held)?;
            if error.maybe_applied && same && !is_older(&held, begun) {
                // The first attempt was carried out, and its answer lost.
                encryption::confirm_written(target, &held.headers)?;
                (Stored::seen(&held), held.request_id)
            } else if error.is(ErrorClass::Exists) {
                return Err(existing(&held, same));
            } else {
                return Err(error);
            }
        }
        Err(error) => return Err(error),
    };
    let crc64 = crc64()?;
    let verified = match stored.crc64 {
        Some(_) => Verified::Crc64,
        None => match head::lookup(call, target)? {
            Lookup::There(held) => held.verify(bytes.len(), crc64)?,
            Lookup::Nothing(error) => return Err(error),
            // It has at least taken as much as was announced.
            Lookup::Forbidden(_) => Verified::Length,
        },
    };
    let answer = uploaded(exchange, target, verified, stored, crc64)?;
    Ok(answer.with_request_id(request_id))
}

/// The answer of an upload of content with this CRC64 that has succeeded.
pub(super) fn uploaded(
    exchange: &Exchange,
    target: &Target,
    verified: Verified,
    stored: Stored,
    crc64: u64,
) -> Result<Answer<UploadedObject>> {
    Ok(Answer::success(UploadedObject {
        addresses: addresses(exchange, target)?,
        verified,
        tag: stored.tag(verified, crc64),
        version_id: stored.version_id,
    }))
}

/// Whether an object is just this content.
pub(super) fn is_held(held: &Head, content: &dyn UploadContent) -> Result<bool> {
    Ok(Some(held.size) == content.size() && held.crc64 == Some(content.crc64()?))
}

/// As the classic SDK tells it.
pub(super) fn existing(held: &Head, is_same: bool) -> Error {
    let error = match is_same {
        true => Error::exists(service_code::SAME_FILE, "the same file is there already"),
        false => Error::exists(service_code::FILE_EXISTS, "another file is there already"),
    };
    error.with_request_id(held.request_id.clone())
}

/// Where a file is meant: a key that ends with `/` is a folder's when it has no content, and a file's
/// when it has some.
pub(super) fn refuse_folder(target: &Target, head: &Head) -> Result<()> {
    let may_be_folder = target.path.encoded().ends_with('/');
    if head.size > 0 || target.path.is_folder() || !may_be_folder {
        return Ok(());
    }
    let error = Error::not_found("there is no such file, but a folder");
    Err(error.with_request_id(head.request_id.clone()))
}
