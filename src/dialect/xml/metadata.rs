//! What an object keeps beside its content (xml-api.md §4): our own attributes, and the headers that
//! must be said again when an object is copied onto itself.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::encryption::{self, CUSTOMER, ENCRYPTION, KMS_KEY};
use super::sign::encode;
use super::version_headers::version_id;
use crate::error::{Error, Result};
use crate::model::key::shown;
use crate::model::meta_text;
use crate::model::object::{
    HEADER_MAX_BYTES, KEPT_HEADERS, META_BIZ_ATTR, META_CTIME, META_PREFIX,
};
use crate::model::{KeptHeaders, ObjectAttributes, Tags, Target};
use crate::transport::{Header, Headers};

/// As many digits as any of this century and the next two.
const A_TIME: u64 = 1_700_000_000;

/// All metadata of an object (xml-api.md §3.1): the names behind the prefix count as well as the values.
const ALL_MAX_BYTES: usize = 4 << 10;

/// How a key of SSE-C is given.
pub(super) const KEY_WANTED: &str = "it is copied with the key as option src_sse of qcos_copy_with or \
                                     qcos_copy_tree, and changed with it as option sse of qcos_update_with";

pub(super) const STORAGE_CLASS: &str = "x-cos-storage-class";

/// Of what no answer tells a class (xml-api.md §3.2).
pub(super) const STANDARD: &str = "STANDARD";

/// `normal`, of which it may not be told, or `appendable` (xml-api.md §3.3).
const OBJECT_TYPE: &str = "x-cos-object-type";

pub(super) fn biz_attr(text: &str) -> Result<Option<Header>> {
    let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let max = HEADER_MAX_BYTES - (META_BIZ_ATTR.len() - META_PREFIX.len());
    if encoded.len() > max {
        let problem = format!(
            "is {} bytes long when percent-encoded, the service takes {max}",
            encoded.len()
        );
        return Err(Error::parameter("biz_attr", problem));
    }
    Ok((!encoded.is_empty()).then(|| (META_BIZ_ATTR.into(), encoded)))
}

/// Of a new folder; `ctime` in Unix seconds.
pub(super) fn of_folder(biz_attr: &str, ctime: u64) -> Result<Vec<Header>> {
    let mut headers = vec![(META_CTIME.into(), ctime.to_string())];
    headers.extend(self::biz_attr(biz_attr)?);
    Ok(headers)
}

/// Of a new object.
pub(super) fn of_file(
    biz_attr: &str,
    ctime: u64,
    attributes: &ObjectAttributes,
) -> Result<Vec<Header>> {
    let mut headers = of_folder(biz_attr, ctime)?;
    headers.extend(said(attributes));
    Ok(headers)
}

/// What a caller has said of an object.
pub(super) fn said(attributes: &ObjectAttributes) -> Vec<Header> {
    let mut headers = Vec::new();
    let mut say =
        |name: &str, value: &str| headers.push((name.to_owned().into(), value.to_owned()));
    // Without a type the service finds one by the key's ending.
    for (name, value) in &attributes.headers {
        say(name, value);
    }
    if let Some(acl) = &attributes.acl {
        say("x-cos-acl", acl);
    }
    if let Some(class) = &attributes.storage_class {
        say(STORAGE_CLASS, class);
    }
    headers.extend(tagging(&attributes.tags));
    headers
}

/// Tags that come with an object (xml-api.md §3.17); nothing where there are none.
pub(super) fn tagging(tags: &Tags) -> Option<Header> {
    let pairs = tags.iter();
    let pairs = pairs.map(|(key, value)| format!("{}={}", encode(key), encode(value)));
    let pairs: Vec<String> = pairs.collect();
    (!pairs.is_empty()).then(|| ("x-cos-tagging".into(), pairs.join("&")))
}

/// Of a new object, checked before anything is asked or read for it.
pub(crate) fn check(biz_attr: &str, attributes: &ObjectAttributes) -> Result<()> {
    check_all(&of_file(biz_attr, A_TIME, attributes)?)
}

/// All metadata of a request, whoever has given it.
pub(super) fn check_all(headers: &[Header]) -> Result<()> {
    check_given("biz_attr", headers)
}

/// The same of headers that a caller has given; `param` is its name for them.
pub(super) fn check_given(param: &str, headers: &[Header]) -> Result<()> {
    let bytes = |(name, value): &Header| Some(name.strip_prefix(META_PREFIX)?.len() + value.len());
    let all: usize = headers.iter().filter_map(bytes).sum();
    if all <= ALL_MAX_BYTES {
        return Ok(());
    }
    let problem = format!(
        "makes {all} bytes of metadata with the other x-cos-meta-... of the file, the service takes \
         {ALL_MAX_BYTES}"
    );
    Err(Error::parameter(param, problem))
}

/// Our attributes as an answer's headers tell them.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) biz_attr: Option<String>,
    /// Unix seconds.
    pub(crate) ctime: Option<u64>,
}

impl Attributes {
    pub(super) fn of(headers: &Headers) -> Attributes {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Attributes {
            biz_attr: headers.text(META_BIZ_ATTR).map(decoded),
            ctime: headers.number(META_CTIME),
        }
    }
}

/// Whether a header is the object's own, rather than the answer's.
pub(super) fn is_own(name: &str) -> bool {
    KEPT_HEADERS.contains(&name)
        || name.starts_with(META_PREFIX)
        || name == STORAGE_CLASS
        || name.starts_with(ENCRYPTION)
}

/// What a stat tells of it, beside our own attributes.
pub(super) fn told(headers: &Headers) -> KeptHeaders {
    let text = |name| headers.text(name).map(str::to_owned);
    let mut kept = KeptHeaders {
        storage_class: text(STORAGE_CLASS).unwrap_or_else(|| STANDARD.to_owned()),
        version_id: version_id(headers).map(str::to_owned),
        object_type: text(OBJECT_TYPE).unwrap_or_else(|| "normal".to_owned()),
        restore: text("x-cos-restore"),
        encryption: encryption::told(headers),
        ..KeptHeaders::default()
    };
    for (name, value) in headers.bytes() {
        let value = || shown(value);
        if KEPT_HEADERS.contains(&name) {
            kept.headers
                .insert(name.to_owned(), value().into_owned().into());
        }
        let is_ours = || [META_BIZ_ATTR, META_CTIME].contains(&name);
        if let Some(suffix) = name.strip_prefix(META_PREFIX).filter(|_| !is_ours()) {
            let text = meta_text::decode(&value()).into_owned();
            kept.meta.insert(suffix.to_owned(), text.into());
        }
    }
    kept
}

/// Everything that a copy with `Replaced` must say again. `param` is the caller's name for the source.
pub(super) fn kept(headers: &Headers, param: &str) -> Result<Vec<Header>> {
    let is_kept = |name: &str| KEPT_HEADERS.contains(&name) || name.starts_with(META_PREFIX);
    repeated(headers, is_kept, param)
}

/// Storage class and encryption: no copy takes them from its source (xml-api.md §3.5).
fn not_inherited(headers: &Headers, param: &str) -> Result<Vec<Header>> {
    refuse_unknown_key(headers, param)?;
    let is_meant = |name: &str| name == STORAGE_CLASS || name.starts_with(ENCRYPTION);
    let headers_sent = repeated(headers, is_meant, param)?;
    let has_key = headers_sent.iter().any(|(name, _)| name == KMS_KEY);
    let by_kms =
        |(name, value): &Header| name == ENCRYPTION && value.eq_ignore_ascii_case("cos/kms");
    if headers_sent.iter().any(by_kms) && !has_key {
        let problem = format!(
            "is encrypted with a key of KMS that the service does not name ({KMS_KEY}): \
             a copy could get another key"
        );
        return Err(Error::parameter(param, problem));
    }
    Ok(headers_sent)
}

/// A key that nobody has given (SSE-C).
pub(super) fn refuse_unknown_key(headers: &Headers, param: &str) -> Result<()> {
    if headers.iter().any(|(name, _)| name.starts_with(CUSTOMER)) {
        let problem = format!("is encrypted with a key of its own (SSE-C): {KEY_WANTED}");
        return Err(Error::parameter(param, problem));
    }
    Ok(())
}

/// The same where the caller has said how `target` is to be encrypted, or is.
pub(super) fn not_inherited_of(
    target: &Target,
    headers: &Headers,
    param: &str,
) -> Result<Vec<Header>> {
    let encryption = target.encryption();
    if encryption.is_none() {
        return not_inherited(headers, param);
    }
    let mut said = repeated(headers, |name| name == STORAGE_CLASS, param)?;
    said.extend(encryption::of_new(encryption));
    Ok(said)
}

pub(super) fn is_appendable(headers: &Headers) -> bool {
    let told = headers.text(OBJECT_TYPE).unwrap_or_default();
    told.trim().eq_ignore_ascii_case("appendable")
}

/// Whether an ETag can be the MD5 of the content: not of what a key of KMS or of the caller's own has
/// encrypted, nor of an object that is appended to (xml-api.md §3.1).
pub(super) fn has_md5_as_etag(headers: &Headers) -> bool {
    let says = |name: &str| {
        headers
            .text(name)
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    };
    let is_other = |name: &str| name == KMS_KEY || name.starts_with(CUSTOMER);
    matches!(says(ENCRYPTION).as_str(), "" | "aes256")
        && matches!(says(OBJECT_TYPE).as_str(), "" | "normal")
        && !headers.iter().any(|(name, _)| is_other(name))
}

fn repeated(
    headers: &Headers,
    is_meant: impl Fn(&str) -> bool,
    param: &str,
) -> Result<Vec<Header>> {
    let mut headers_sent = Vec::new();
    for (name, value) in headers.iter().filter(|(name, _)| is_meant(name)) {
        let value = value.map_err(|()| {
            let problem = format!("has a value of {name} that cannot be kept");
            Error::parameter(param, problem)
        })?;
        headers_sent.push((name.to_owned().into(), value.to_owned()));
    }
    Ok(headers_sent)
}
