//! What may be said of a read: which bytes of the object, which of its versions, and what it must be. JSON in,
//! checked values out.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;

use super::Api;
use super::encryption::encryption;
use super::options_json::{bytes, error, flag, object, text_of, version_id};
use super::tree_options::TreeOptions;
use crate::error::{Error, Result};
use crate::model::{Encryption, Header, Target, VersionId};

/// Longer than any ETag.
const ETAG_MAX_BYTES: usize = 256;

/// The end of the year 9999, the last that a header can name.
const TIME_MAX_S: u64 = 253_402_300_799;

/// What `options_json` of a read says.
pub(crate) struct ReadOptions {
    pub(crate) range: WantedRange,
    pub(crate) version: Option<VersionId>,
    /// Headers that the service compares the object with (xml-api.md §3.2).
    pub(crate) conditions: Vec<Header>,
    /// Whether a local file may be replaced.
    pub(crate) overwrite: bool,
    /// How it is encrypted, and the key where only the caller has it.
    pub(crate) encryption: Option<Arc<Encryption>>,
    pub(crate) tree: TreeOptions,
}

/// Which bytes of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WantedRange {
    offset: Option<u64>,
    length: Option<u64>,
    last: Option<u64>,
}

impl WantedRange {
    /// As much of its first bytes as `most` allows; none where they depend on the object's size.
    pub(crate) fn first(self, most: u64) -> Range<u64> {
        if self.last.is_some() {
            return 0..0;
        }
        let offset = self.offset.unwrap_or(0);
        offset..offset.saturating_add(self.length.unwrap_or(most).min(most))
    }

    /// Of an object of `size` bytes.
    pub(crate) fn of(self, size: u64) -> Result<Range<u64>> {
        if let Some(last) = self.last {
            return Ok(size.saturating_sub(last)..size);
        }
        let offset = self.offset.unwrap_or(0);
        if offset > size {
            return Err(behind_end("options_json: offset", offset, size));
        }
        let length = self.length.unwrap_or(size);
        Ok(offset..size.min(offset.saturating_add(length)))
    }
}

/// A place in an object that the object does not have.
pub(crate) fn behind_end(name: &str, offset: u64, size: u64) -> Error {
    let problem = format!("is {offset}, the object has {size} bytes");
    Error::parameter(name, problem)
}

/// Which keys a call takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Whole, into a file.
    File,
    /// The files of a folder.
    Tree,
    /// In order, to a callback.
    Stream,
    /// Some bytes, which the call's parameters name.
    Memory,
    /// Nothing of its content.
    Stat,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            range: WantedRange::default(),
            version: None,
            conditions: Vec::new(),
            overwrite: true,
            encryption: None,
            tree: TreeOptions::default(),
        }
    }
}

impl ReadOptions {
    /// `None` stands for the defaults.
    pub(crate) fn parse(
        api: Api,
        reading: Reading,
        options_json: Option<&str>,
    ) -> Result<ReadOptions> {
        let mut options = ReadOptions::default();
        for (key, value) in &object(options_json)? {
            options.set(api, reading, key, value)?;
        }
        let WantedRange {
            offset,
            length,
            last,
        } = options.range;
        if last.is_some() && (offset.is_some() || length.is_some()) {
            return Err(error("last", "excludes offset and length"));
        }
        Ok(options)
    }

    /// What is to be read, as they say.
    pub(crate) fn of(&self, target: Target) -> Target {
        let target = target.at_version(self.version.clone());
        target.encrypted(self.encryption.clone())
    }

    fn set(&mut self, api: Api, reading: Reading, key: &str, value: &Value) -> Result<()> {
        let range = &mut self.range;
        match key {
            "offset" if reading == Reading::Stream => range.offset = Some(bytes(key, value)?),
            "length" if reading == Reading::Stream => range.length = Some(bytes(key, value)?),
            "last" if reading == Reading::Stream => range.last = Some(bytes(key, value)?),
            "overwrite" if matches!(reading, Reading::File | Reading::Tree) => {
                self.overwrite = flag(key, value)?;
            }
            _ if reading == Reading::Tree && self.tree.set(api, key, value)? => {}
            "sse" => self.encryption = Some(encryption(api, key, value)?),
            // A version and conditions are about one object.
            _ if reading == Reading::Tree => return Err(error(key, "is not an option")),
            "version_id" => self.version = Some(version_id(api, key, value)?),
            "if_match" => self.condition(api, key, "if-match", etag(key, value)?)?,
            "if_none_match" => self.condition(api, key, "if-none-match", etag(key, value)?)?,
            "if_modified_since" => {
                self.condition(api, key, "if-modified-since", time(key, value)?)?;
            }
            "if_unmodified_since" => {
                self.condition(api, key, "if-unmodified-since", time(key, value)?)?;
            }
            _ => return Err(error(key, "is not an option")),
        }
        Ok(())
    }

    fn condition(&mut self, api: Api, key: &str, name: &'static str, value: String) -> Result<()> {
        if api == Api::Json {
            return Err(error(key, "is for the XML API only"));
        }
        self.conditions.push((name.into(), value));
        Ok(())
    }
}

/// With its quotes, as a stat tells it, or without.
fn etag(key: &str, value: &Value) -> Result<String> {
    let text = text_of(key, value)?;
    let bare = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    let lawful = |b: u8| b.is_ascii_graphic() && b != b'"';
    if bare.is_empty() || bare.len() > ETAG_MAX_BYTES || !bare.bytes().all(lawful) {
        return Err(error(key, "must be an ETag"));
    }
    Ok(format!("\"{bare}\""))
}

fn time(key: &str, value: &Value) -> Result<String> {
    let seconds = value.as_u64().filter(|seconds| *seconds <= TIME_MAX_S);
    let seconds = seconds.ok_or_else(|| error(key, "must be a time in Unix seconds"))?;
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    Ok(httpdate::fmt_http_date(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(options: &str) -> Result<ReadOptions> {
        ReadOptions::parse(Api::Xml, Reading::Stream, Some(options))
    }

    #[test]
    fn a_range_is_cut_to_the_object() {
        for (options, range) in [
            ("{}", 0..10),
            (r#"{"offset":3}"#, 3..10),
            (r#"{"offset":3,"length":4}"#, 3..7),
            (r#"{"length":99}"#, 0..10),
            (r#"{"offset":10}"#, 10..10),
            (r#"{"length":0}"#, 0..0),
            (r#"{"last":4}"#, 6..10),
            (r#"{"last":11}"#, 0..10),
        ] {
            let given = parse(options).unwrap().range;
            assert_eq!(given.of(10).unwrap(), range, "{options}");
        }
        let error = parse(r#"{"offset":11}"#).unwrap().range.of(10).unwrap_err();
        assert_eq!(
            error.message,
            "options_json: offset: is 11, the object has 10 bytes"
        );
    }

    #[test]
    fn every_bad_option_is_named() {
        for (options, name) in [
            ("[]", "options_json"),
            (r#"{"x":1}"#, "x"),
            (r#"{"offset":-1}"#, "offset"),
            (r#"{"length":1.5}"#, "length"),
            (r#"{"last":53687091200001}"#, "last"),
            (r#"{"last":1,"offset":0}"#, "last"),
            (r#"{"overwrite":true}"#, "overwrite"),
            (r#"{"version_id":""}"#, "version_id"),
            (r#"{"version_id":"a b"}"#, "version_id"),
            (r#"{"version_id":7}"#, "version_id"),
            (r#"{"if_match":""}"#, "if_match"),
            (r#"{"if_none_match":"a b"}"#, "if_none_match"),
            (r#"{"if_modified_since":"now"}"#, "if_modified_since"),
            (r#"{"if_unmodified_since":253402300800}"#, "if_unmodified"),
        ] {
            let error = parse(options).err().expect(options);
            assert_eq!(error.code, -3, "{options}");
            assert!(error.message.contains(name), "{}", error.message);
        }
        for options in [r#"{"if_match":"a"}"#, r#"{"version_id":"null"}"#] {
            for (api, reading, is_taken) in [
                (Api::Json, Reading::Memory, false),
                (Api::Xml, Reading::Memory, true),
                (Api::Xml, Reading::Stat, true),
                (Api::Xml, Reading::Tree, false),
            ] {
                let parsed = ReadOptions::parse(api, reading, Some(options));
                assert_eq!(parsed.is_ok(), is_taken, "{api:?}: {options}");
            }
        }
        for options in [r#"{"overwrite":true}"#, r#"{"offset":0}"#] {
            assert!(ReadOptions::parse(Api::Xml, Reading::Stat, Some(options)).is_err());
        }
    }

    #[test]
    fn conditions_are_headers() {
        let options = parse(r#"{"if_match":"\"a-1\"","if_modified_since":1586542830}"#).unwrap();
        let expected = [
            ("if-match".into(), "\"a-1\"".to_owned()),
            (
                "if-modified-since".into(),
                "Fri, 10 Apr 2020 18:20:30 GMT".to_owned(),
            ),
        ];
        assert_eq!(options.conditions, expected);
    }
}
