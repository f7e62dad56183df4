//! What an object keeps beside its content (xml-api.md §4): our own attributes, and the headers that
//! must be said again when an object is copied onto itself.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::api::Extras;
use crate::error::{Error, Result};
use crate::transport::{Header, Headers};

const PREFIX: &str = "x-cos-meta-";
pub(super) const BIZ_ATTR: &str = "x-cos-meta-biz-attr";
const CTIME: &str = "x-cos-meta-ctime";

/// One value of metadata (xml-api.md §3.1), after encoding.
const VALUE_MAX_BYTES: usize = 2048;

/// What is kept as it was, beside metadata.
const KEPT: [&str; 8] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-cos-server-side-encryption",
    "x-cos-storage-class",
];

pub(super) fn biz_attr(text: &str) -> Result<Option<Header>> {
    let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    if encoded.len() > VALUE_MAX_BYTES {
        let problem = format!(
            "is {} bytes long when percent-encoded, the service takes {VALUE_MAX_BYTES}",
            encoded.len()
        );
        return Err(Error::parameter("biz_attr", problem));
    }
    Ok((!encoded.is_empty()).then(|| (BIZ_ATTR.into(), encoded)))
}

/// Of a new folder; `ctime` in Unix seconds.
pub(super) fn of_folder(biz_attr: &str, ctime: u64) -> Result<Vec<Header>> {
    let mut headers = vec![(CTIME.into(), ctime.to_string())];
    headers.extend(self::biz_attr(biz_attr)?);
    Ok(headers)
}

/// Of a new object.
pub(super) fn of_file(biz_attr: &str, ctime: u64, extras: &Extras) -> Result<Vec<Header>> {
    let mut headers = of_folder(biz_attr, ctime)?;
    let mut say =
        |name: &str, value: &str| headers.push((name.to_owned().into(), value.to_owned()));
    if !extras
        .headers
        .iter()
        .any(|(name, _)| name == "content-type")
    {
        say("content-type", "application/octet-stream");
    }
    for (name, value) in &extras.headers {
        say(name, value);
    }
    if let Some(acl) = &extras.acl {
        say("x-cos-acl", acl);
    }
    if let Some(class) = &extras.storage_class {
        say("x-cos-storage-class", class);
    }
    Ok(headers)
}

/// Our attributes as an answer's headers tell them.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) biz_attr: Option<String>,
    pub(crate) ctime: Option<String>,
}

impl Attributes {
    pub(super) fn of(headers: &Headers) -> Attributes {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let decimal = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        Attributes {
            biz_attr: headers.text(BIZ_ATTR).map(decoded),
            ctime: headers.text(CTIME).filter(decimal).map(str::to_owned),
        }
    }
}

/// Everything that a copy with `Replaced` must say again, but for what is changed.
pub(super) fn kept(headers: &Headers, changed: &str) -> Result<Vec<Header>> {
    let mut kept = Vec::new();
    for (name, value) in headers.iter() {
        if name != changed && (KEPT.contains(&name) || name.starts_with(PREFIX)) {
            let value = value.map_err(|()| {
                let problem = format!("has a value of {name} that cannot be kept");
                Error::parameter("path", problem)
            })?;
            kept.push((name.to_owned().into(), value.to_owned()));
        }
    }
    Ok(kept)
}
