//! A request in the caller's own words: JSON in, checked values out.

pub(crate) mod form;
mod pairs;
pub(crate) mod presign;

use serde_json::Value;

use super::options_json::shown;
use crate::error::{Error, Result};
use crate::model::Method;
use pairs::Pair;

/// The caller's name for it.
const PARAM: &str = "request_json";

/// Which of the service's hosts is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RequestHost {
    /// The bucket's own.
    #[default]
    Bucket,
    /// That of the account's buckets.
    Service,
    /// That which processes a bucket's data.
    Ci,
}

/// What `request_json` says.
#[derive(Debug)]
pub(crate) struct RequestOptions {
    pub(crate) method: Method,
    pub(crate) host: RequestHost,
    /// Names and values as they are, not encoded.
    pub(crate) query: Vec<Pair>,
    /// Names in lower case, with values that a header takes.
    pub(crate) headers: Vec<Pair>,
    /// Whether carrying it out twice does no more than carrying it out once.
    pub(crate) is_idempotent: bool,
}

impl RequestOptions {
    pub(crate) fn parse(request_json: &str) -> Result<RequestOptions> {
        // A syntax error's text tells the place and repeats no value.
        let given = match serde_json::from_str(request_json) {
            Ok(Value::Object(given)) => given,
            Ok(_) => return Err(Error::parameter(PARAM, "must be one JSON object")),
            Err(e) => {
                let problem = format!("must be one JSON object: {e}");
                return Err(Error::parameter(PARAM, problem));
            }
        };
        let method = match given.get("method") {
            Some(value) => method(value)?,
            None => return Err(error("method", "must be given, such as \"GET\"")),
        };
        let mut options = RequestOptions {
            method,
            host: RequestHost::default(),
            query: Vec::new(),
            headers: Vec::new(),
            is_idempotent: method != Method::Post,
        };
        for (key, value) in &given {
            options.set(key, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<()> {
        match key {
            "method" => {}
            "query" => self.query = pairs::query(PARAM, value)?,
            "headers" => self.headers = pairs::headers(PARAM, value)?,
            "host" => {
                self.host = match value.as_str() {
                    Some("bucket") => RequestHost::Bucket,
                    Some("service") => RequestHost::Service,
                    Some("ci") => RequestHost::Ci,
                    _ => return Err(error(key, "must be \"bucket\", \"service\" or \"ci\"")),
                }
            }
            "idempotent" => {
                let flag = value.as_bool();
                self.is_idempotent = flag.ok_or_else(|| error(key, "must be true or false"))?;
            }
            _ => return Err(error(&shown(key), "is no key of a request")),
        }
        Ok(())
    }

    pub(crate) fn has_header(&self, wanted: &str) -> bool {
        self.headers.iter().any(|(name, _)| name == wanted)
    }
}

fn method(value: &Value) -> Result<Method> {
    let known = value.as_str().and_then(Method::named);
    known.ok_or_else(|| error("method", &format!("must be one of {}", Method::names())))
}

fn error(key: &str, problem: &str) -> Error {
    Error::parameter(PARAM, format!("{key}: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_a_default() {
        for (method, is_idempotent) in [
            ("GET", true),
            ("HEAD", true),
            ("PUT", true),
            ("DELETE", true),
            ("POST", false),
        ] {
            let text = format!(r#"{{"method":"{method}"}}"#);
            let options = RequestOptions::parse(&text).unwrap();
            assert_eq!(options.method.name(), method);
            assert_eq!(options.is_idempotent, is_idempotent);
            assert_eq!(options.host, RequestHost::Bucket);
            assert!(options.query.is_empty() && options.headers.is_empty());
        }
        let text = r#"{"idempotent":true,"method":"POST","headers":{"X-Cos-A":"b c"},
            "query":{"restore":"","versionId":"甲 &="},"host":"ci"}"#;
        let options = RequestOptions::parse(text).unwrap();
        assert!(options.is_idempotent && options.has_header("x-cos-a"));
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        assert_eq!(
            options.query,
            [("restore", ""), ("versionId", "甲 &=")].map(pair)
        );
        assert_eq!((options.host, options.headers.len()), (RequestHost::Ci, 1));
    }

    #[test]
    fn every_mistake_is_named() {
        for (text, name) in [
            ("", "request_json"),
            ("[]", "request_json"),
            ("{}", "method"),
            (r#"{"method":"get"}"#, "method"),
            (r#"{"method":"OPTIONS"}"#, "method"),
            (r#"{"method":7}"#, "method"),
            (r#"{"method":"GET","headres":{}}"#, "headres"),
            (r#"{"method":"GET","host":"cdn"}"#, "host"),
            (r#"{"method":"GET","host":null}"#, "host"),
            (r#"{"method":"GET","idempotent":1}"#, "idempotent"),
            (r#"{"method":"GET","query":[]}"#, "query"),
            (r#"{"method":"GET","query":{"a":1}}"#, "\"a\""),
            (r#"{"method":"GET","query":{"":"x"}}"#, "query"),
            (r#"{"method":"GET","query":{"a":"b\r\nc"}}"#, "U+000D"),
            (r#"{"method":"GET","query":{"a\n":""}}"#, "U+000A"),
            (r#"{"method":"GET","query":{"Q-ak":""}}"#, "Q-ak"),
            (r#"{"method":"GET","query":{"sign":"x"}}"#, "sign"),
            (
                r#"{"method":"GET","query":{"x-cos-security-token":"x"}}"#,
                "x-cos-security-token",
            ),
            (r#"{"method":"GET","headers":{"Host":"x"}}"#, "Host"),
            (
                r#"{"method":"GET","headers":{"authorization":"x"}}"#,
                "authorization",
            ),
            (
                r#"{"method":"GET","headers":{"Content-Length":"7"}}"#,
                "Content-Length",
            ),
            (
                r#"{"method":"GET","headers":{"X-COS-Security-Token":"x"}}"#,
                "X-COS-Security-Token",
            ),
            (
                r#"{"method":"GET","headers":{"Transfer-Encoding":"chunked"}}"#,
                "Transfer-Encoding",
            ),
            (r#"{"method":"GET","headers":{"a b":"x"}}"#, "a b"),
            (r#"{"method":"GET","headers":{"a:":"x"}}"#, "a:"),
            (r#"{"method":"GET","headers":{"甲":"x"}}"#, "甲"),
            (r#"{"method":"GET","headers":{"x-a":"甲"}}"#, "x-a"),
            (r#"{"method":"GET","headers":{"x-a":"b\r\nc: d"}}"#, "x-a"),
            (r#"{"method":"GET","headers":{"x-a":""}}"#, "x-a"),
            (r#"{"method":"GET","headers":{"x-a":" b"}}"#, "x-a"),
            (
                r#"{"method":"GET","headers":{"x-a":"1","X-A":"2"}}"#,
                "twice",
            ),
        ] {
            let error = RequestOptions::parse(text).expect_err(text);
            assert_eq!(error.code, -3, "{text}");
            assert!(
                error.message.starts_with("request_json: "),
                "{}",
                error.message
            );
            assert!(error.message.contains(name), "{}", error.message);
        }
        let long = format!(
            r#"{{"method":"GET","headers":{{"a":"{}"}}}}"#,
            "x".repeat(8193)
        );
        assert!(RequestOptions::parse(&long).unwrap_err().message.len() < 200);
    }
}
