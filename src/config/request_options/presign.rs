//! What may be said of a request that is signed for somebody else: JSON in, checked values out.

use serde_json::Value;

use super::pairs::{self, CONTENT_LENGTH, Pair};
use crate::config::options_json::{error, object, text_of};
use crate::error::Result;
use crate::model::Method;

/// The caller's name for it.
const PARAM: &str = "options_json";

/// Names a version of an object (xml-api.md §3.14).
const VERSION_ID: &str = "versionId";

/// Far longer than any.
const VERSION_MAX_BYTES: usize = 256;

/// What `options_json` of a presigned request says.
#[derive(Debug, Default)]
pub(crate) struct PresignOptions {
    /// Names and values as they are, not encoded.
    pub(crate) query: Vec<Pair>,
    /// Names in lower case; the sender has to send just these.
    pub(crate) headers: Vec<Pair>,
}

impl PresignOptions {
    /// `None` stands for the defaults.
    pub(crate) fn parse(method: Method, options_json: Option<&str>) -> Result<PresignOptions> {
        let mut options = PresignOptions::default();
        let mut version = None;
        for (key, value) in &object(options_json)? {
            match key.as_str() {
                "query" => options.query = pairs::query(PARAM, value)?,
                "headers" => options.headers = pairs::headers_to_sign(PARAM, value)?,
                "version_id" => version = Some(version_id(key, value)?),
                _ => return Err(error(key, "is not an option")),
            }
        }
        let has_body = matches!(method, Method::Put | Method::Post);
        if !has_body
            && options
                .headers
                .iter()
                .any(|(name, _)| name == CONTENT_LENGTH)
        {
            let problem = format!("\"{CONTENT_LENGTH}\": a {} has no body", method.name());
            return Err(error("headers", &problem));
        }
        if let Some(version) = version {
            let is_version = |(name, _): &Pair| name.eq_ignore_ascii_case(VERSION_ID);
            if options.query.iter().any(is_version) {
                return Err(error("version_id", "is in \"query\", too"));
            }
            options.query.push((VERSION_ID.to_owned(), version));
        }
        Ok(options)
    }
}

/// As an earlier reply gave it.
fn version_id(key: &str, value: &Value) -> Result<String> {
    let text = text_of(key, value)?;
    let is_lawful = text.bytes().all(|b| b.is_ascii_graphic());
    match is_lawful && (1..=VERSION_MAX_BYTES).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err(error(key, "must be a version's id")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_option_is_named() {
        for (method, options, name) in [
            (Method::Get, "", "options_json"),
            (Method::Get, "[]", "options_json"),
            (Method::Get, r#"{"haeders":{}}"#, "haeders"),
            (Method::Get, r#"{"headers":[]}"#, "headers"),
            (Method::Get, r#"{"headers":{"a":1}}"#, "\"a\""),
            (Method::Get, r#"{"headers":{"Host":"x"}}"#, "Host"),
            (Method::Get, r#"{"headers":{"a\r\nb":"x"}}"#, "headers"),
            (Method::Get, r#"{"headers":{"a":"x\r\ny: z"}}"#, "\"a\""),
            (Method::Get, r#"{"headers":{"a":"中"}}"#, "\"a\""),
            (
                Method::Get,
                r#"{"headers":{"X-Cos-Security-Token":"t"}}"#,
                "X-Cos-Security-Token",
            ),
            (
                Method::Put,
                r#"{"headers":{"Content-Length":"1 "}}"#,
                "Content-Length",
            ),
            (
                Method::Put,
                r#"{"headers":{"content-length":"+1"}}"#,
                "content-length",
            ),
            (
                Method::Get,
                r#"{"headers":{"content-length":"1"}}"#,
                "content-length",
            ),
            (Method::Get, r#"{"query":"a=b"}"#, "query"),
            (Method::Get, r#"{"query":{"q-ak":"x"}}"#, "q-ak"),
            (Method::Get, r#"{"query":{"sign":"x"}}"#, "sign"),
            (Method::Get, r#"{"version_id":""}"#, "version_id"),
            (Method::Get, r#"{"version_id":"a b"}"#, "version_id"),
            (Method::Get, r#"{"version_id":7}"#, "version_id"),
            (
                Method::Get,
                r#"{"version_id":"a","query":{"versionid":"a"}}"#,
                "version_id",
            ),
        ] {
            let error = PresignOptions::parse(method, Some(options)).expect_err(options);
            assert_eq!(error.code, -3, "{options}");
            assert!(
                error.message.starts_with("options_json: "),
                "{}",
                error.message
            );
            assert!(error.message.contains(name), "{}", error.message);
        }
    }

    #[test]
    fn what_is_lawful_is_kept() {
        let text = r#"{"headers":{"Content-Length":"11","x-cos-acl":"private"},
            "query":{"uploads":""},"version_id":"MTg0"}"#;
        let options = PresignOptions::parse(Method::Put, Some(text)).unwrap();
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let headers = [("content-length", "11"), ("x-cos-acl", "private")].map(pair);
        assert_eq!(options.headers, headers);
        let query = [("uploads", ""), ("versionId", "MTg0")].map(pair);
        assert_eq!(options.query, query);
        let none = PresignOptions::parse(Method::Get, None).unwrap();
        assert!(none.query.is_empty() && none.headers.is_empty());
    }
}
