//! GET Bucket Object versions (xml-api.md §3.14). In a bucket that never had versions, each object is its
//! own only one, and its id is empty.

use axum::response::Response;

use super::Call;
use super::list::{Encoding, MAX_KEYS, Page, fill, max};
use super::refusal::{Refusal, code};
use super::reply::{iso_millis, quoted, xml};
use super::xml::Xml;
use crate::store::{NULL_VERSION, ScanFrom, Tx, Version, place_of};

pub fn list_versions(call: &Call) -> Result<Response, Refusal> {
    let encoding = Encoding::read(call)?;
    let limit = max(call, "max-keys", MAX_KEYS)?;
    let prefix = call.param("prefix").unwrap_or("");
    let marker = call.param("key-marker").unwrap_or("");
    let delimiter = call.given("delimiter");
    let mut page = Page::new(prefix, delimiter, marker, limit);
    let is_versioned = call.transaction(|tx| {
        call.list_bucket(tx)?;
        let is_versioned = tx.versioning(&call.bucket)?.is_some();
        let from = match below(call, tx, marker)? {
            Some(place) => Some(ScanFrom::Below(marker.to_owned(), place)),
            None => page.begin(),
        };
        if let Some(from) = from {
            let scan = |from: &ScanFrom, most| Ok(tx.versions(&call.bucket, prefix, from, most)?);
            fill(&mut page, from, scan, |version: &Version| {
                ScanFrom::Below(version.key.clone(), version.version.place)
            })?;
        }
        Ok(is_versioned)
    })?;
    let id = |version: &Version| match is_versioned {
        true => version.version.id.clone(),
        false => String::new(),
    };

    let mut body = Xml::document();
    body.open("ListVersionsResult");
    encoding.put(&mut body, "EncodingType");
    body.text("Name", &call.full_bucket());
    body.text("Prefix", &encoding.of(prefix));
    body.text("KeyMarker", &encoding.of(marker));
    let id_marker = call.param("version-id-marker").unwrap_or("");
    body.text("VersionIdMarker", id_marker);
    body.text("MaxKeys", &limit.to_string());
    body.text("IsTruncated", &page.is_truncated.to_string());
    if page.is_truncated {
        body.text("NextKeyMarker", &encoding.of(&page.last));
        let last = page.items.last().filter(|version| version.key == page.last);
        body.text("NextVersionIdMarker", &last.map_or(String::new(), id));
    }
    if let Some(delimiter) = delimiter {
        body.text("Delimiter", &encoding.of(delimiter));
    }
    page.put_common_prefixes(&mut body, encoding);
    for version in &page.items {
        let node = match version.object {
            Some(_) => "Version",
            None => "DeleteMarker",
        };
        body.open(node);
        body.text("Key", &encoding.of(&version.key));
        body.text("VersionId", &id(version));
        body.text("IsLatest", &version.is_latest.to_string());
        body.text("LastModified", &iso_millis(version.mtime));
        if let Some(object) = &version.object {
            body.text("ETag", &quoted(&object.etag));
            body.text("Size", &object.size.to_string());
            body.text("StorageClass", &object.attributes.storage_class);
        }
        call.put_person(&mut body, "Owner");
        body.close(node);
    }
    body.close("ListVersionsResult");
    Ok(xml(body))
}

/// The place of the version that the page before ended with. It may have been removed meanwhile; the ids
/// tell their place all the same, but for `null`: then the object's versions come again. Without a key, a
/// version says nothing.
fn below(call: &Call, tx: &Tx, key: &str) -> Result<Option<i64>, Refusal> {
    let Some(id) = call.given("version-id-marker").filter(|_| !key.is_empty()) else {
        return Ok(None);
    };
    if id == NULL_VERSION {
        let version = tx.version(&call.bucket, key, id)?;
        return Ok(Some(version.map_or(i64::MAX, |v| v.version.place)));
    }
    let place = place_of(id).ok_or_else(|| {
        let message = "version-id-marker is not the id of a version";
        Refusal::new(code::INVALID_ARGUMENT, message)
    })?;
    Ok(Some(place))
}
