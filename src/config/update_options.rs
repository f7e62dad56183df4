//! What is to be changed of a file that is there: JSON in, checked values out.

use std::sync::Arc;

use super::Api;
use super::encryption::encryption;
use super::object_headers::{self, Nulls, storage_class};
use super::options_json::{error, object, text_of};
use crate::error::{Error, Result};
use crate::model::{Encryption, ObjectChanges, params};

/// What `options_json` of an update says.
#[derive(Default)]
pub(crate) struct UpdateOptions {
    pub(crate) changes: ObjectChanges,
    /// The key of a file that only the caller has the key of.
    pub(crate) encryption: Option<Arc<Encryption>>,
}

impl UpdateOptions {
    /// Something must be named.
    pub(crate) fn parse(api: Api, options_json: Option<&str>) -> Result<UpdateOptions> {
        let mut options = UpdateOptions::default();
        let UpdateOptions {
            changes,
            encryption: own_key,
        } = &mut options;
        let nulls = match api {
            // Its headers are replaced all together (json-api.md §2.3).
            Api::Json => Nulls::Refused,
            Api::Xml => Nulls::Remove,
        };
        for (key, value) in &object(options_json)? {
            match key.as_str() {
                "biz_attr" => {
                    let text = text_of(key, value)?;
                    params::biz_attr(text).map_err(|error| error.context("options_json"))?;
                    changes.biz_attr = Some(text.to_owned());
                }
                "acl" => {
                    let acl = params::acl(text_of(key, value)?);
                    let acl = acl.map_err(|error| error.context("options_json"))?;
                    changes.acl = Some(acl.to_owned());
                }
                "storage_class" => changes.storage_class = Some(storage_class(api, key, value)?),
                "headers" => object_headers::headers(key, value, nulls, &mut changes.headers)?,
                "meta" => object_headers::meta(key, value, nulls, &mut changes.headers)?,
                "sse" => {
                    let given = encryption(api, key, value)?;
                    if given.customer_key().is_none() {
                        let problem = "is for the key of a file that has one of the caller's own \
                                       ({\"c\":…}): an update leaves the encryption as it is";
                        return Err(error(key, problem));
                    }
                    *own_key = Some(given);
                }
                _ => return Err(error(key, "is not an option")),
            }
        }
        if changes.is_empty() {
            let problem = "must name what to change: biz_attr, acl, storage_class, headers or meta";
            return Err(Error::parameter("options_json", problem));
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_named_and_nothing_else() {
        for (options, name) in [
            ("{}", "options_json"),
            (r#"{"headers":{}}"#, "options_json"),
            (r#"{"sse":"cos","acl":"private"}"#, "sse"),
            (r#"{"overwrite":true}"#, "overwrite"),
            (r#"{"storage_class":null}"#, "storage_class"),
            (r#"{"biz_attr":null}"#, "biz_attr"),
            (r#"{"meta":{"a":"x"},"headers":{"x-cos-meta-a":"y"}}"#, "a"),
            (r#"{"meta":{"":"x"}}"#, "meta"),
            (r#"{"meta":{"a_b":"x"}}"#, "a_b"),
            (r#"{"meta":{"biz-attr":"x"}}"#, "biz-attr"),
            (r#"{"meta":{"a":""}}"#, "meta: a"),
            (r#"{"meta":{"a":1}}"#, "meta: a"),
            (r#"{"meta":7}"#, "meta"),
        ] {
            let error = UpdateOptions::parse(Api::Xml, Some(options));
            let error = error.err().expect(options);
            assert_eq!(error.code, -3, "{options}");
            assert!(error.message.contains(name), "{}", error.message);
        }
        assert!(UpdateOptions::parse(Api::Xml, None).is_err());
        let removing = Some(r#"{"headers":{"cache-control":null},"meta":{"A":null}}"#);
        let Ok(removed) = UpdateOptions::parse(Api::Xml, removing) else {
            panic!("refused");
        };
        let names = removed.changes.headers;
        let names: Vec<_> = names.iter().map(|(n, v)| (n.as_str(), v)).collect();
        assert_eq!(names, [("cache-control", &None), ("x-cos-meta-a", &None)]);
        assert!(UpdateOptions::parse(Api::Json, removing).is_err());
        let class = Some(r#"{"storage_class":"STANDARD_IA"}"#);
        assert!(UpdateOptions::parse(Api::Json, class).is_err());
        let long = format!(r#"{{"meta":{{"a":"{}"}}}}"#, "中".repeat(230));
        assert!(UpdateOptions::parse(Api::Xml, Some(&long)).is_err());
    }
}
