//! What may be said of an upload beside the content: JSON in, checked values out.

use std::sync::Arc;

use serde_json::Value;

use super::encryption::encryption;
use super::options_json::{bytes, error, flag, object, text_of};
use super::service::Service;
use super::tags;
use super::tree_options::TreeOptions;
use super::{Api, Config};
use crate::error::Result;
use crate::model::params;
use crate::model::{Encryption, FileAttributes, ObjectAttributes};

impl Config {
    /// Whether what is sent could be changed on its way: TLS sees to that already.
    pub(crate) fn is_plain_http(&self) -> bool {
        let is_plain = |service: &Service| !service.is_tls();
        self.service.as_ref().is_some_and(is_plain)
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
    pub(crate) encryption: Option<Arc<Encryption>>,
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
            "sse" => self.encryption = Some(encryption(api, key, value)?),
            _ if self.attributes.set(api, key, value)? => {}
            _ if uploading == Uploading::Tree && self.tree.set(api, key, value)? => {}
            _ => return Err(error(key, "is not an option")),
        }
        Ok(())
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
