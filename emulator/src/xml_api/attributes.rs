//! What an object has beside its content: headers, metadata, storage class, ACL.

use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde_json::{Map, Value};

use super::Call;
use super::encryption::{self, put_encryption};
use super::grants::{self, Kind};
use super::headers::text;
use super::refusal::{Refusal, code};
use super::reply::put_header;
use super::{restore, tags};
use crate::names::content_type;
use crate::store::{Attributes, Object};

/// Those that an object gives back, spelt as the JSON API's `custom_headers` spell them.
const HEADERS: [&str; 6] = [
    "Cache-Control",
    "Content-Type",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Expires",
];
const META: &str = "x-cos-meta-";

/// xml-api.md §3.1: 2 KB each, 4 KB all together.
const MAX_META: usize = 2 << 10;
const MAX_ALL_META: usize = 4 << 10;
/// xml-api.md §3.1, in bits for each second.
const TRAFFIC_LIMITS: std::ops::RangeInclusive<u64> = 819_200..=838_860_800;
/// xml-api.md §3.10, in bytes.
const MAX_KEY: usize = 850;

const STORAGE_CLASSES: [&str; 9] = [
    "STANDARD",
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ARCHIVE",
    "DEEP_ARCHIVE",
    "MAZ_STANDARD",
    "MAZ_STANDARD_IA",
    "MAZ_INTELLIGENT_TIERING",
    "MAZ_ARCHIVE",
];

/// All that a request's headers give an object.
pub fn of_request(parts: &Parts) -> Result<Attributes, Refusal> {
    Ok(Attributes {
        headers: content_headers(&parts.headers)?,
        tags: tags::of_header(text(&parts.headers, tags::HEADER)?)?,
        ..of_copy(parts)?
    })
}

/// What even a copy does not take from its source (xml-api.md §3.5).
pub fn of_copy(parts: &Parts) -> Result<Attributes, Refusal> {
    let headers = &parts.headers;
    let mut attributes = Attributes::default();
    if let Some(acl) = grants::of_headers(headers, Kind::Object)? {
        authority_of_acl(&acl.word)?.clone_into(&mut attributes.authority);
        attributes.grants = acl.grants;
    }
    if let Some(class) = text(headers, "x-cos-storage-class")? {
        // One SDK writes Standard_IA.
        let known = STORAGE_CLASSES
            .iter()
            .find(|known| known.eq_ignore_ascii_case(class));
        let known = known.ok_or(code::NOT_SUPPORTED_STORAGE_CLASS)?;
        (*known).clone_into(&mut attributes.storage_class);
    }
    attributes.encryption = encryption::of_request(parts)?;
    check_traffic_limit(headers)?;
    Ok(attributes)
}

/// What a copy takes over: a type that the source's ending told is its own from then on.
pub fn headers_of_source(source: &Object) -> String {
    let mut kept: Map<String, Value> =
        serde_json::from_str(&source.attributes.headers).unwrap_or_default();
    let content_type = content_type(&source.key);
    kept.entry("Content-Type")
        .or_insert_with(|| content_type.into());
    Value::Object(kept).to_string()
}

fn content_headers(headers: &HeaderMap) -> Result<String, Refusal> {
    let mut kept = Map::new();
    for name in HEADERS {
        if let Some(value) = text(headers, name)? {
            kept.insert(name.to_owned(), value.into());
        }
    }
    let mut total = 0;
    for name in headers.keys() {
        let Some(suffix) = name.as_str().strip_prefix(META) else {
            continue;
        };
        let is_lawful = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if suffix.is_empty() || !suffix.bytes().all(is_lawful) {
            let message = format!("{name}: metadata are named with letters, digits and -");
            return Err(Refusal::new(code::INVALID_ARGUMENT, message));
        }
        let value = text(headers, name.as_str())?.unwrap_or("");
        total += suffix.len() + value.len();
        if suffix.len() + value.len() > MAX_META || total > MAX_ALL_META {
            let message = "the metadata are too large";
            return Err(Refusal::new(code::KEY_TOO_LONG, message));
        }
        kept.insert(name.to_string(), value.into());
    }
    Ok(Value::Object(kept).to_string())
}

pub fn check_traffic_limit(headers: &HeaderMap) -> Result<(), Refusal> {
    match text(headers, "x-cos-traffic-limit")?.map(str::parse::<u64>) {
        None => Ok(()),
        Some(Ok(limit)) if TRAFFIC_LIMITS.contains(&limit) => Ok(()),
        Some(_) => Err(Refusal::new(
            code::INVALID_ARGUMENT,
            "x-cos-traffic-limit is not from 819200 to 838860800",
        )),
    }
}

/// Of an object that is to be written.
pub fn check_key(call: &Call) -> Result<(), Refusal> {
    if call.service.xml.strict_keys && is_against_the_rules(&call.key) {
        return Err(code::INVALID_OBJECT_NAME.into());
    }
    check_length(&call.key)
}

pub fn check_length(key: &str) -> Result<(), Refusal> {
    if key.len() > MAX_KEY {
        return Err(code::KEY_TOO_LONG.into());
    }
    Ok(())
}

/// What the document on objects (436/13324) forbids: a slash or backslash first, line breaks, and
/// the control characters CAN, EM, SUB and ESC.
fn is_against_the_rules(key: &str) -> bool {
    key.starts_with(['/', '\\'])
        || key.contains(['\r', '\n', '\u{18}', '\u{19}', '\u{1a}', '\u{1b}'])
}

pub fn forbids_overwrite(headers: &HeaderMap) -> Result<bool, Refusal> {
    Ok(text(headers, "x-cos-forbid-overwrite")?.is_some_and(|t| t.eq_ignore_ascii_case("true")))
}

/// The JSON API's word for it.
pub fn authority_of_acl(acl: &str) -> Result<&'static str, Refusal> {
    match acl {
        "default" => Ok("eInvalid"),
        "private" => Ok("eWRPrivate"),
        "public-read" => Ok("eWPrivateRPublic"),
        _ => Err(Refusal::new(
            code::INVALID_ARGUMENT,
            "x-cos-acl is none of default, private, public-read",
        )),
    }
}

pub fn acl_of_authority(authority: &str) -> &'static str {
    match authority {
        "eWRPrivate" => "private",
        "eWPrivateRPublic" => "public-read",
        _ => "default",
    }
}

/// What answers to GET and HEAD tell of an object. `now`: in archives.
pub fn put_headers(headers: &mut HeaderMap, object: &Object, now: i64) {
    put_encryption(headers, &object.attributes);
    put_header(headers, "content-type", content_type(&object.key));
    let kept: Map<String, Value> =
        serde_json::from_str(&object.attributes.headers).unwrap_or_default();
    for (name, value) in &kept {
        put_header(headers, name, value.as_str().unwrap_or(""));
    }
    if object.attributes.storage_class != crate::store::STANDARD {
        put_header(
            headers,
            "x-cos-storage-class",
            &object.attributes.storage_class,
        );
    }
    if object.attributes.is_appendable {
        put_header(headers, "x-cos-object-type", "appendable");
    }
    tags::put_count(headers, &object.attributes);
    restore::put_headers(headers, object, now);
}
