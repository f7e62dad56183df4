//! What a form may upload that somebody else sends: JSON in, checked values out.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::base::size::FORM_MAX_BYTES;
use crate::config::options_json::{error, object, text_of};
use crate::error::Result;
use crate::model::params::{self, SIGN_EXPIRES_MAX_S};

/// What the service puts the sender's name for the file in the place of (xml-api.md §1.5).
pub(crate) const FILE_NAME: &str = "${filename}";

/// Longer than any type.
const TYPE_MAX_BYTES: usize = 256;

/// Where the file may go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FormKey {
    /// There and nowhere else.
    Exact(String),
    /// Where the sender wants, behind this.
    Prefix(String),
}

/// What `options_json` of a form says.
#[derive(Debug)]
pub(crate) struct FormOptions {
    pub(crate) key: FormKey,
    /// Bytes of the file.
    pub(crate) size: Option<RangeInclusive<u64>>,
    pub(crate) expires_s: u64,
    pub(crate) content_type: Option<String>,
    /// Never left to the sender.
    pub(crate) acl: String,
    /// What the service answers when all went well.
    pub(crate) success_status: Option<u16>,
}

impl FormOptions {
    /// Where the file goes and how long must be said.
    pub(crate) fn parse(options_json: Option<&str>) -> Result<FormOptions> {
        let given = object(options_json)?;
        for key in given.keys() {
            if !KEYS.contains(&key.as_str()) {
                return Err(error(key, "is not an option"));
            }
        }
        let key = match (given.get("key"), given.get("key_prefix")) {
            (Some(key), None) => FormKey::Exact(name("key", key)?),
            (None, Some(prefix)) => FormKey::Prefix(name("key_prefix", prefix)?),
            (Some(_), Some(_)) => return Err(error("key_prefix", "excludes key")),
            (None, None) => return Err(error("key", "must be given, or key_prefix")),
        };
        let Some(expires_s) = given.get("expires_s") else {
            return Err(error("expires_s", "must be given"));
        };
        let acl = given.get("acl").map(|value| text_of("acl", value));
        let acl = params::acl(acl.transpose()?.unwrap_or("default"));
        Ok(FormOptions {
            key,
            size: size(given.get("min"), given.get("max"))?,
            expires_s: self::expires_s(expires_s)?,
            content_type: given.get("content_type").map(content_type).transpose()?,
            acl: acl
                .map_err(|error| error.context("options_json"))?
                .to_owned(),
            success_status: given.get("success_status").map(status).transpose()?,
        })
    }
}

const KEYS: [&str; 8] = [
    "acl",
    "content_type",
    "expires_s",
    "key",
    "key_prefix",
    "max",
    "min",
    "success_status",
];

fn name(key: &str, value: &Value) -> Result<String> {
    let text = text_of(key, value)?;
    if text.trim_matches('/').is_empty() {
        return Err(error(
            key,
            "must not be empty: the form could write any file",
        ));
    }
    if text.contains(FILE_NAME) {
        let problem = format!(
            "must not hold {FILE_NAME}, which the service replaces; key_prefix makes it follow"
        );
        return Err(error(key, &problem));
    }
    Ok(text.to_owned())
}

fn size(min: Option<&Value>, max: Option<&Value>) -> Result<Option<RangeInclusive<u64>>> {
    if min.is_none() && max.is_none() {
        return Ok(None);
    }
    let bytes = |key: &str, value: Option<&Value>, otherwise: u64| {
        let Some(value) = value else {
            return Ok(otherwise);
        };
        let bytes = value.as_u64().filter(|bytes| *bytes <= FORM_MAX_BYTES);
        bytes.ok_or_else(|| error(key, &format!("must be 0 to {FORM_MAX_BYTES} bytes")))
    };
    let (min, max) = (bytes("min", min, 0)?, bytes("max", max, FORM_MAX_BYTES)?);
    match min <= max {
        true => Ok(Some(min..=max)),
        false => Err(error("min", &format!("is {min}, more than max, {max}"))),
    }
}

fn expires_s(value: &Value) -> Result<u64> {
    let seconds = value.as_u64();
    let seconds = seconds.filter(|seconds| (1..=SIGN_EXPIRES_MAX_S).contains(seconds));
    seconds.ok_or_else(|| {
        error(
            "expires_s",
            &format!("must be 1 to {SIGN_EXPIRES_MAX_S} seconds"),
        )
    })
}

fn content_type(value: &Value) -> Result<String> {
    let text = text_of("content_type", value)?;
    let is_lawful = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    match is_lawful && text.trim() == text && (1..=TYPE_MAX_BYTES).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err(error(
            "content_type",
            "must be a type such as \"image/png\"",
        )),
    }
}

fn status(value: &Value) -> Result<u16> {
    match value.as_u64() {
        Some(200) => Ok(200),
        Some(201) => Ok(201),
        Some(204) => Ok(204),
        _ => Err(error("success_status", "must be 200, 201 or 204")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_option_is_named() {
        for (options, name) in [
            ("", "options_json"),
            ("[]", "options_json"),
            ("{}", "key"),
            (r#"{"expires_s":60}"#, "key"),
            (r#"{"key":"a"}"#, "expires_s"),
            (r#"{"key":"a","expires_s":0}"#, "expires_s"),
            (r#"{"key":"a","expires_s":-1}"#, "expires_s"),
            (r#"{"key":"a","expires_s":7776001}"#, "expires_s"),
            (r#"{"key":"a","expires_s":"60"}"#, "expires_s"),
            (r#"{"key":"","expires_s":60}"#, "key"),
            (r#"{"key":7,"expires_s":60}"#, "key"),
            (r#"{"key_prefix":"/","expires_s":60}"#, "key_prefix"),
            (
                r#"{"key":"a","key_prefix":"a","expires_s":60}"#,
                "key_prefix",
            ),
            (r#"{"key":"a/${filename}","expires_s":60}"#, "${filename}"),
            (
                r#"{"key_prefix":"${filename}","expires_s":60}"#,
                "key_prefix",
            ),
            (r#"{"key":"a","expires_s":60,"min":-1}"#, "min"),
            (r#"{"key":"a","expires_s":60,"max":5368709121}"#, "max"),
            (r#"{"key":"a","expires_s":60,"max":1.5}"#, "max"),
            (r#"{"key":"a","expires_s":60,"min":2,"max":1}"#, "min"),
            (
                r#"{"key":"a","expires_s":60,"content_type":""}"#,
                "content_type",
            ),
            (
                r#"{"key":"a","expires_s":60,"content_type":"a\n"}"#,
                "content_type",
            ),
            (r#"{"key":"a","expires_s":60,"acl":"public"}"#, "acl"),
            (r#"{"key":"a","expires_s":60,"acl":1}"#, "acl"),
            (
                r#"{"key":"a","expires_s":60,"success_status":202}"#,
                "success_status",
            ),
            (
                r#"{"key":"a","expires_s":60,"success_status":"200"}"#,
                "success_status",
            ),
            (
                r#"{"key":"a","expires_s":60,"conditions":[]}"#,
                "conditions",
            ),
        ] {
            let error = FormOptions::parse(Some(options)).expect_err(options);
            assert_eq!(error.code, -3, "{options}");
            assert!(
                error.message.starts_with("options_json"),
                "{}",
                error.message
            );
            assert!(error.message.contains(name), "{}", error.message);
        }
        let error = FormOptions::parse(None).unwrap_err();
        assert!(
            error.message.contains("key: must be given"),
            "{}",
            error.message
        );
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let parse = |text| FormOptions::parse(Some(text)).unwrap();
        let options = parse(r#"{"key_prefix":"p/","expires_s":60,"min":7}"#);
        assert_eq!(options.key, FormKey::Prefix("p/".to_owned()));
        assert_eq!(options.size, Some(7..=5 << 30));
        assert_eq!(options.acl, "default");
        assert_eq!((options.content_type, options.success_status), (None, None));
        let options = parse(r#"{"key":"a","expires_s":1,"max":9,"acl":"private"}"#);
        assert_eq!(options.size, Some(0..=9));
        assert_eq!((options.expires_s, options.acl.as_str()), (1, "private"));
        assert_eq!(parse(r#"{"key":"a","expires_s":1}"#).size, None);
    }
}
