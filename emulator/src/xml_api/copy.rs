//! PUT Object - Copy (xml-api.md §3.5), and how a copy's source is found.

use std::fs::File;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use percent_encoding::percent_decode_str;

use super::Call;
use super::append;
use super::attributes::{self, check_key};
use super::bucket::region_in;
use super::conditions;
use super::content::MAX_PUT;
use super::encryption::{self, KeyOf, put_encryption};
use super::refusal::{Refusal, code};
use super::reply::{iso_seconds, late_xml, put_header, quoted};
use super::restore;
use super::tags;
use super::xml::Xml;
use crate::names::bucket_of;
use crate::query;
use crate::store::{Attributes, FileState, Object, Tx};

/// Where a copy is from.
pub struct Source {
    bucket: String,
    key: String,
    /// As its host says it.
    region: Option<String>,
    /// None: the newest.
    version: Option<String>,
}

pub async fn copy_object(call: Arc<Call>) -> Result<Response, Refusal> {
    check_key(&call)?;
    call.blocking(copy).await
}

fn copy(call: &Call) -> Result<Response, Refusal> {
    let source = Source::read(call)?;
    let own_tags = match is_replaced(call, "x-cos-tagging-directive")? {
        true => Some(tags::of_header(call.header(tags::HEADER))?),
        false => None,
    };
    let is_replaced = is_replaced(call, "x-cos-metadata-directive")?;
    let own = match is_replaced {
        true => attributes::of_request(&call.parts)?,
        false => attributes::of_copy(&call.parts)?,
    };
    // An older version is made the newest so.
    let is_itself = source.bucket == call.bucket && source.key == call.key;
    if is_itself && !is_replaced && source.version.is_none() {
        let message = "an object is copied onto itself only to replace its metadata: \
                       x-cos-metadata-directive is not Replaced";
        return Err(Refusal::new(code::INVALID_REQUEST, message));
    }
    let (object, etag, attributes, empty, stored) = call.transaction(|tx| {
        call.use_bucket(tx)?;
        let object = source.find(call, tx)?;
        if object.size > MAX_PUT {
            let message = "the source is larger than 5 GB: copy it in parts";
            return Err(Refusal::new(code::INVALID_REQUEST, message));
        }
        call.check_overwrite(tx)?;
        let attributes = match is_replaced {
            true => own,
            false => Attributes {
                headers: attributes::headers_of_source(&object),
                ..own
            },
        };
        let attributes = Attributes {
            tags: own_tags.unwrap_or_else(|| object.attributes.tags.clone()),
            ..attributes
        };
        // A folder has no blob, and may become an object that has.
        let empty = match &object.blob {
            Some(_) => None,
            None => Some(call.service.store.blobs.create().map_err(Refusal::fault)?),
        };
        let new = empty.as_ref().map(|blob| &blob.id);
        let blob = object.blob.as_ref().or(new).map_or("", String::as_str);
        let etag = call.etag(&object.digests.md5, &attributes)?;
        let file = FileState {
            etag: etag.clone(),
            ..FileState::complete(object.size, object.digests.clone(), blob)
        };
        let stored = call.put(tx, file, attributes.clone())?;
        let empty = empty.filter(|_| stored.has_blob);
        Ok((object, etag, attributes, empty, stored))
    })?;
    if let Some(blob) = empty {
        blob.keep();
    }
    let mut xml = Xml::document();
    xml.open("CopyObjectResult");
    xml.text("ETag", &quoted(&etag));
    call.put_crc64(&mut xml, object.digests.crc64);
    xml.text("LastModified", &iso_seconds(call.now));
    if let Some(id) = stored.own_version() {
        xml.text("VersionId", id);
    }
    xml.close("CopyObjectResult");
    let mut response = late_xml(b"", xml);
    put_encryption(response.headers_mut(), &attributes);
    call.put_digests(&mut response, &etag, object.digests.crc64);
    response.headers_mut().remove("etag"); // the body has it
    source.put_version(response.headers_mut());
    Ok(response)
}

fn is_replaced(call: &Call, directive: &str) -> Result<bool, Refusal> {
    match call.header(directive) {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("copy") => Ok(false),
        // One SDK, and programs made for a like service, leave the last letter out.
        Some(text) if text.eq_ignore_ascii_case("replaced") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("replace") => Ok(true),
        Some(_) => Err(Refusal::new(
            code::INVALID_ARGUMENT,
            format!("{directive} is neither Copy nor Replaced"),
        )),
    }
}

impl Source {
    /// `<bucket>-<appid>.<host>/<key>`, or `/<bucket>-<appid>/<key>`, the key encoded. A host that
    /// does not name the bucket will not do, however the request itself is addressed.
    pub fn read(call: &Call) -> Result<Source, Refusal> {
        let appid = &call.service.account.appid;
        let text = call.header("x-cos-copy-source").unwrap_or("");
        let (text, version) = text.split_once('?').unwrap_or((text, ""));
        let text = text.strip_prefix('/').unwrap_or(text);
        let (host, key) = text.split_once('/').ok_or(code::INVALID_COPY_SOURCE)?;
        let label = host.split('.').next().unwrap_or(host);
        let bucket = bucket_of(label, appid).ok_or(code::INVALID_COPY_SOURCE)?;
        let key = percent_decode_str(key).decode_utf8();
        let key = key.map_err(|_| code::INVALID_COPY_SOURCE)?;
        if key.is_empty() || text.contains("://") {
            return Err(code::INVALID_COPY_SOURCE.into());
        }
        let version = query::pairs(version).map_err(|_| code::INVALID_COPY_SOURCE)?;
        let version = version.into_iter().find(|(name, _)| name == "versionid");
        Ok(Source {
            bucket: bucket.to_owned(),
            key: key.into_owned(),
            region: region_in(host),
            version: version.map(|(_, id)| id).filter(|id| !id.is_empty()),
        })
    }

    /// Tells the version that the request named.
    pub fn put_version(&self, headers: &mut HeaderMap) {
        if let Some(id) = &self.version {
            put_header(headers, "x-cos-copy-source-version-id", id);
        }
    }

    /// The object, if the request's conditions are met.
    pub fn find(&self, call: &Call, tx: &Tx) -> Result<Object, Refusal> {
        let service = &call.service;
        let bucket = service.find_bucket(tx, &self.bucket)?;
        let is_there = match &bucket {
            None => service.any_bucket,
            Some(bucket) => bucket.is_in(self.region.as_deref()),
        };
        if !is_there {
            return Err(code::NO_SUCH_BUCKET.into());
        }
        let object = match &self.version {
            None => tx.object(&self.bucket, &self.key)?,
            Some(id) => {
                let found = tx.version(&self.bucket, &self.key, id)?;
                let version = found.ok_or(code::NO_SUCH_VERSION)?;
                let marker = "the version of the source is a delete marker";
                let object = version.object;
                Some(object.ok_or_else(|| Refusal::new(code::INVALID_REQUEST, marker))?)
            }
        };
        let object = object.ok_or(code::NO_SUCH_KEY)?;
        if object.attributes.is_appendable {
            let message = "an appendable object cannot be copied";
            return Err(Refusal::new(append::NOT_TO_BE_COPIED, message));
        }
        if !restore::is_readable(&object, call.service.clock.now_in_archives()) {
            return Err(Refusal::new(
                code::INVALID_OBJECT_STATE,
                "The source is archived and was not restored.",
            ));
        }
        encryption::check_key(&call.parts, KeyOf::CopySource, &object.attributes)?;
        match conditions::hold_of_source(&call.parts.headers, &object) {
            true => Ok(object),
            false => Err(code::PRECONDITION_FAILED.into()),
        }
    }

    /// The same, opened for reading; None if there is nothing to read.
    pub fn open(&self, call: &Call) -> Result<(Object, Option<File>), Refusal> {
        call.transaction(|tx| {
            let object = self.find(call, tx)?;
            let blobs = &call.service.store.blobs;
            let file = object.blob.as_ref().map(|blob| blobs.read(blob));
            let file = file.transpose().map_err(Refusal::fault)?;
            Ok((object, file))
        })
    }
}
