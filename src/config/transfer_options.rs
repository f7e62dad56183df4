//! What may be said of an upload beside the content: JSON in, checked values out.

use serde_json::{Map, Value};

use super::options_json::{bytes, error, flag, object, shown, text_of};
use super::service::Service;
use super::tags;
use super::tree_options::TreeOptions;
use super::{Api, Config};
use crate::error::Result;
use crate::model::object::{
    HEADER_MAX_BYTES, KEPT_HEADERS, META_BIZ_ATTR, META_CTIME, META_PREFIX,
};
use crate::model::params;
use crate::model::{FileAttributes, ObjectAttributes};

/// Longer than any name of a storage class.
const CLASS_MAX_BYTES: usize = 32;

impl Config {
    /// Whether an upload in one request wants the SHA-1 of its content, and the MD5. The JSON API knows
    /// content by nothing but its SHA-1. The XML API refuses content that was changed on its way when an
    /// MD5 comes along, which takes longer than sending; TLS sees to that already.
    pub(crate) fn upload_digests(&self) -> (bool, bool) {
        let is_plain = |service: &Service| !service.is_tls();
        (
            self.api == Api::Json,
            self.service.as_ref().is_some_and(is_plain),
        )
    }
}

/// What becomes of an upload in parts that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// A later call can go on with it.
    Keep,
    /// It is dropped.
    Abort,
}

/// What is uploaded: some options are not for all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Uploading {
    File,
    Memory,
    Stream,
    Tree,
    /// A piece that begins a file.
    Append,
}

/// What `options_json` of an upload says.
#[derive(Default)]
pub(crate) struct UploadOptions {
    pub(crate) biz_attr: String,
    pub(crate) overwrite: Option<bool>,
    pub(crate) attributes: ObjectAttributes,
    pub(crate) on_failure: Option<OnFailure>,
    /// Bytes of a stream.
    pub(crate) length: Option<u64>,
    pub(crate) tree: TreeOptions,
}

impl UploadOptions {
    /// An upload of which only the attribute is said.
    pub(crate) fn with_attribute(biz_attr: &str) -> Result<UploadOptions> {
        params::biz_attr(biz_attr)?;
        Ok(UploadOptions {
            biz_attr: biz_attr.to_owned(),
            ..UploadOptions::default()
        })
    }

    /// `None` stands for the defaults.
    pub(crate) fn parse(
        api: Api,
        uploading: Uploading,
        options_json: Option<&str>,
    ) -> Result<UploadOptions> {
        let mut options = UploadOptions::default();
        for (key, value) in &object(options_json)? {
            options.set(api, uploading, key, value)?;
        }
        let TreeOptions { times, modes, .. } = options.tree;
        let is_twice = |(name, _): &&(String, String)| FileAttributes::is_header(name);
        match options.attributes.headers.iter().find(is_twice) {
            Some((name, _)) if times || modes => {
                Err(error(name, "is set by the options times and modes"))
            }
            _ => Ok(options),
        }
    }

    fn set(&mut self, api: Api, uploading: Uploading, key: &str, value: &Value) -> Result<()> {
        match key {
            "length" if uploading == Uploading::Stream => self.length = Some(bytes(key, value)?),
            "on_failure" | "overwrite" | "tags" if uploading == Uploading::Append => {
                return Err(error(key, "is no option of an append"));
            }
            "tags" => self.attributes.tags = tags::option(api, key, value)?,
            "on_failure" if uploading != Uploading::Tree => {
                self.on_failure = Some(match text_of(key, value)? {
                    "keep" => OnFailure::Keep,
                    "abort" => OnFailure::Abort,
                    _ => return Err(error(key, "must be \"keep\" or \"abort\"")),
                });
            }
            "biz_attr" => {
                let text = text_of(key, value)?;
                params::biz_attr(text).map_err(|error| error.context("options_json"))?;
                self.biz_attr = text.to_owned();
            }
            "overwrite" => self.overwrite = Some(flag(key, value)?),
            "acl" => {
                self.attributes.acl = Some(
                    params::acl(text_of(key, value)?)
                        .map_err(|error| error.context("options_json"))?
                        .to_owned(),
                )
            }
            "storage_class" if api == Api::Json => {
                return Err(error(key, "is for the XML API only"));
            }
            "storage_class" => {
                let text = text_of(key, value)?;
                let lawful = |b: u8| b.is_ascii_uppercase() || b == b'_';
                if text.is_empty() || text.len() > CLASS_MAX_BYTES || !text.bytes().all(lawful) {
                    return Err(error(key, "must be a name such as \"STANDARD_IA\""));
                }
                self.attributes.storage_class = Some(text.to_owned());
            }
            "headers" => match value {
                Value::Object(headers) => self.attributes.headers = checked(headers)?,
                _ => return Err(error(key, "must be an object of names and values")),
            },
            _ if uploading == Uploading::Tree && self.tree.set(api, key, value)? => {}
            _ => return Err(error(key, "is not an option")),
        }
        Ok(())
    }
}

fn checked(headers: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    let mut checked = Vec::new();
    for (given, value) in headers {
        let name = given.to_ascii_lowercase();
        let is_meta = name.strip_prefix(META_PREFIX).is_some_and(|suffix| {
            let lawful = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            !suffix.is_empty() && suffix.bytes().all(lawful)
        });
        if [META_BIZ_ATTR, META_CTIME].contains(&name.as_str())
            || !is_meta && !KEPT_HEADERS.contains(&name.as_str())
        {
            let names = format!(
                "must be {} or {META_PREFIX}..., of letters, digits and '-'",
                KEPT_HEADERS.join(", ")
            );
            return Err(error(&shown(given), &names));
        }
        if checked.iter().any(|(other, _)| *other == name) {
            return Err(error(&shown(given), "is given twice"));
        }
        let value = text_of(given, value)?;
        let counted = name.strip_prefix(META_PREFIX).map_or(0, str::len);
        let max = HEADER_MAX_BYTES.saturating_sub(counted);
        let printable = |b: u8| b.is_ascii_graphic() || b == b' ';
        if value.is_empty() || value.len() > max || !value.bytes().all(printable) {
            let rule = format!("must be 1 to {max} printable ASCII characters");
            return Err(error(&shown(given), &rule));
        }
        // On its way a header loses them; what was signed would be another.
        if value.starts_with(' ') || value.ends_with(' ') {
            return Err(error(&shown(given), "must not begin or end with a blank"));
        }
        checked.push((name, value.to_owned()));
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_option_is_named() {
        for (options, name) in [
            ("", "options_json"),
            ("[]", "options_json"),
            (r#"{"x":1}"#, "x"),
            (r#"{"biz_attr":1}"#, "biz_attr"),
            (r#"{"biz_attr":"a\nb"}"#, "biz_attr"),
            (r#"{"overwrite":1}"#, "overwrite"),
            (r#"{"on_failure":"drop"}"#, "on_failure"),
            (r#"{"length":-1}"#, "length"),
            (r#"{"acl":"none"}"#, "acl"),
            (r#"{"storage_class":"a"}"#, "storage_class"),
            (r#"{"tags":[]}"#, "tags"),
            (r#"{"tags":{"a":"!"}}"#, "tags: \"a\""),
            (r#"{"headers":[]}"#, "headers"),
            (r#"{"headers":{"Host":"x"}}"#, "Host"),
            (r#"{"headers":{"x-cos-acl":"private"}}"#, "x-cos-acl"),
            (r#"{"headers":{"x-cos-meta-":"x"}}"#, "x-cos-meta-"),
            (r#"{"headers":{"x-cos-meta-a_b":"x"}}"#, "x-cos-meta-a_b"),
            (
                r#"{"headers":{"x-cos-meta-ctime":"1"}}"#,
                "x-cos-meta-ctime",
            ),
            (r#"{"headers":{"Content-Type":""}}"#, "Content-Type"),
            (r#"{"headers":{"Content-Type":"a\r\nb"}}"#, "Content-Type"),
            (r#"{"headers":{"Content-Type":"中"}}"#, "Content-Type"),
            (r#"{"headers":{"Content-Type":7}}"#, "Content-Type"),
        ] {
            let error = UploadOptions::parse(Api::Xml, Uploading::Stream, Some(options))
                .err()
                .expect(options);
            assert_eq!(error.code, -3, "{options}");
            assert!(error.message.contains(name), "{}", error.message);
        }
        let classes = Some(r#"{"storage_class":"STANDARD_IA"}"#);
        let parse = |api, uploading, options| UploadOptions::parse(api, uploading, options);
        assert!(parse(Api::Json, Uploading::File, classes).is_err());
        assert!(parse(Api::Xml, Uploading::File, classes).is_ok());
        let length = Some(r#"{"length":1}"#);
        assert!(parse(Api::Xml, Uploading::File, length).is_err());
        let on_failure = Some(r#"{"on_failure":"abort"}"#);
        assert!(parse(Api::Json, Uploading::Memory, on_failure).is_ok());
        assert!(parse(Api::Json, Uploading::Tree, on_failure).is_err());
        let tags = Some(r#"{"tags":{"a":"b"}}"#);
        assert!(parse(Api::Json, Uploading::File, tags).is_err());
        assert!(parse(Api::Xml, Uploading::Tree, tags).is_ok());
        for options in [tags, on_failure, Some(r#"{"overwrite":true}"#)] {
            assert!(parse(Api::Xml, Uploading::Append, options).is_err());
        }
        assert!(parse(Api::Xml, Uploading::Append, classes).is_ok());
    }
}
