//! GET Bucket Object versions. The emulator keeps none: each object is its own latest version. Its id is
//! empty in a bucket that never had versions, and null once it had (document 436/35521, examples 1, 3).

use axum::response::Response;

use super::Call;
use super::list::{Encoding, MAX_KEYS, Page, fill, max};
use super::refusal::Refusal;
use super::reply::{iso_millis, quoted, xml};
use super::xml::Xml;

pub fn list_versions(call: &Call) -> Result<Response, Refusal> {
    let encoding = Encoding::read(call)?;
    let limit = max(call, "max-keys", MAX_KEYS)?;
    let prefix = call.param("prefix").unwrap_or("");
    let marker = call.param("key-marker").unwrap_or("");
    let delimiter = call.given("delimiter");
    let mut page = Page::new(prefix, delimiter, marker, limit);
    let id = match call.service.xml.versioning_suspended {
        true => "null",
        false => "",
    };
    call.transaction(|tx| {
        call.list_bucket(tx)?;
        fill(&mut page, tx, &call.bucket)
    })?;

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
        let last = page.items.last().filter(|object| object.key == page.last);
        body.text("NextVersionIdMarker", last.map_or("", |_| id));
    }
    if let Some(delimiter) = delimiter {
        body.text("Delimiter", &encoding.of(delimiter));
    }
    page.put_common_prefixes(&mut body, encoding);
    for object in &page.items {
        body.open("Version");
        body.text("Key", &encoding.of(&object.key));
        body.text("VersionId", id);
        body.text("IsLatest", "true");
        body.text("LastModified", &iso_millis(object.mtime));
        body.text("ETag", &quoted(&object.etag));
        body.text("Size", &object.size.to_string());
        body.text("StorageClass", &object.attributes.storage_class);
        call.put_person(&mut body, "Owner");
        body.close("Version");
    }
    body.close("ListVersionsResult");
    Ok(xml(body))
}
