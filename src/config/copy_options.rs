//! What may be said of a copy beside what is copied: JSON in, checked values out.

use std::sync::Arc;

use serde_json::Value;

use super::encryption::encryption;
use super::options_json::{error, flag, object, text_of, version_id};
use super::setting::{Setting, region};
use super::tree_options::TreeOptions;
use super::{Api, Config, tags};
use crate::error::Result;
use crate::model::{Encryption, Home, ObjectAttributes, Tags, VersionId, credentials};

/// What is copied: some options are not for both.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copying {
    File,
    Tree,
}

/// What `options_json` of a copy says.
pub(crate) struct CopyOptions {
    /// Where the source's bucket is.
    pub(crate) source: Home,
    pub(crate) version: Option<VersionId>,
    pub(crate) overwrite: bool,
    /// The source is deleted once its copy is proven.
    pub(crate) is_move: bool,
    /// What the copy has instead of what the source has.
    pub(crate) attributes: ObjectAttributes,
    /// `None`: those of the source.
    pub(crate) tags: Option<Tags>,
    /// `None`: as the source is encrypted.
    encryption: Option<Arc<Encryption>>,
    /// The key of a source that only the caller has the key of.
    pub(crate) source_key: Option<Arc<Encryption>>,
    pub(crate) tree: TreeOptions,
}

impl CopyOptions {
    /// `None` stands for the defaults.
    pub(crate) fn parse(
        config: &Config,
        copying: Copying,
        options_json: Option<&str>,
    ) -> Result<CopyOptions> {
        let mut options = CopyOptions {
            source: Home::default(),
            version: None,
            overwrite: config.overwrite,
            is_move: false,
            attributes: ObjectAttributes::default(),
            tags: None,
            encryption: None,
            source_key: None,
            tree: TreeOptions::default(),
        };
        for (key, value) in &object(options_json)? {
            options.set(config.api, copying, key, value)?;
        }
        match options.is_move && options.version.is_some() {
            true => Err(error(
                "version_id",
                "excludes move, which is of the file as it is now",
            )),
            false => Ok(options),
        }
    }

    fn set(&mut self, api: Api, copying: Copying, key: &str, value: &Value) -> Result<()> {
        match key {
            "src_region" => self.source.region = Some(region(&Setting { key, value })?),
            "src_appid" => {
                let appid = credentials::appid(text_of(key, value)?);
                let appid = appid.map_err(|_| error(key, "must be decimal digits"))?;
                self.source.appid = Some(appid);
            }
            "version_id" if copying == Copying::File => {
                self.version = Some(version_id(api, key, value)?);
            }
            "overwrite" => self.overwrite = flag(key, value)?,
            "tags" => self.tags = Some(tags::option(api, key, value)?),
            "move" => self.is_move = flag(key, value)?,
            "sse" => self.encryption = Some(encryption(api, key, value)?),
            "src_sse" => {
                let given = encryption(api, key, value)?;
                if given.customer_key().is_none() {
                    let problem = "is for the key of a source that has one of the caller's own \
                                   ({\"c\":…}): the service knows the others";
                    return Err(error(key, problem));
                }
                self.source_key = Some(given);
            }
            // A copy has its source's metadata, and what is beside it is the target's own business.
            "times" | "modes" | "delete" => return Err(error(key, "is not an option")),
            _ if self.attributes.set(api, key, value)? => {}
            _ if copying == Copying::Tree && self.tree.set(api, key, value)? => {}
            _ => return Err(error(key, "is not an option")),
        }
        Ok(())
    }

    /// What the copy is encrypted with, where the service cannot tell it of the source.
    pub(crate) fn encryption(&self) -> Option<Arc<Encryption>> {
        self.encryption.clone().or_else(|| self.source_key.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_option_is_named() {
        let config = Config::parse(Some(r#"{"region":"ap-x"}"#), "1250000000").unwrap();
        let parse = |copying, options| CopyOptions::parse(&config, copying, Some(options));
        for (options, name) in [
            ("[]", "options_json"),
            (r#"{"x":1}"#, "x"),
            (r#"{"src_region":"A b"}"#, "src_region"),
            (r#"{"src_region":null}"#, "src_region"),
            (r#"{"src_appid":"a"}"#, "src_appid"),
            (r#"{"src_appid":1}"#, "src_appid"),
            (r#"{"version_id":""}"#, "version_id"),
            (r#"{"version_id":"a","move":true}"#, "version_id"),
            (r#"{"overwrite":1}"#, "overwrite"),
            (r#"{"move":"yes"}"#, "move"),
            (r#"{"tags":{"a":"!"}}"#, "tags"),
            (r#"{"storage_class":"a"}"#, "storage_class"),
            (r#"{"headers":{"Host":"x"}}"#, "Host"),
            (r#"{"sse":"des"}"#, "sse"),
            (r#"{"sse":{"c":"c2hvcnQ="}}"#, "sse"),
            (r#"{"src_sse":"cos"}"#, "src_sse"),
            (r#"{"src_sse":{"kms":""}}"#, "src_sse"),
            (r#"{"src_sse":{"c":"c2hvcnQ="}}"#, "src_sse"),
            (r#"{"times":true}"#, "times"),
            (r#"{"include":["*"]}"#, "include"),
        ] {
            let error = parse(Copying::File, options).err().expect(options);
            assert_eq!(error.code, -3, "{options}");
            assert!(error.message.contains(name), "{}", error.message);
        }
        for options in [r#"{"version_id":"a"}"#, r#"{"delete":true}"#] {
            assert!(parse(Copying::Tree, options).is_err(), "{options}");
        }
        let options = parse(Copying::Tree, r#"{"include":["*"],"move":true}"#).unwrap();
        assert!(options.is_move && !options.overwrite);
    }
}
