//! What may be said of the deletion of a file: JSON in, checked values out.

use super::Api;
use super::options_json::{error, object, version_id};
use crate::error::Result;
use crate::model::VersionId;

/// What `options_json` of a deletion says.
#[derive(Default)]
pub(crate) struct DeleteOptions {
    pub(crate) version: Option<VersionId>,
}

impl DeleteOptions {
    /// `None` stands for the defaults.
    pub(crate) fn parse(api: Api, options_json: Option<&str>) -> Result<DeleteOptions> {
        let mut options = DeleteOptions::default();
        for (key, value) in &object(options_json)? {
            match key.as_str() {
                "version_id" => options.version = Some(version_id(api, key, value)?),
                // xml-api.md §3.4 knows none.
                "if_match" | "if_none_match" | "if_modified_since" | "if_unmodified_since" => {
                    return Err(error(
                        key,
                        "is no option here: the service deletes on no condition",
                    ));
                }
                _ => return Err(error(key, "is not an option")),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_all_that_can_be_said() {
        let parse = |options| DeleteOptions::parse(Api::Xml, Some(options));
        let options = parse(r#"{"version_id":"null"}"#).unwrap();
        assert_eq!(options.version.unwrap().as_str(), "null");
        assert!(
            DeleteOptions::parse(Api::Json, None)
                .unwrap()
                .version
                .is_none()
        );
        for (options, name) in [
            ("[]", "options_json"),
            (r#"{"version_id":""}"#, "version_id"),
            (r#"{"version_id":null}"#, "version_id"),
            (r#"{"if_match":"a"}"#, "if_match: is no option here"),
            (r#"{"overwrite":true}"#, "overwrite"),
        ] {
            let error = parse(options).err().expect(options);
            assert_eq!(error.code, -3, "{options}");
            assert!(error.message.contains(name), "{}", error.message);
        }
        let error = DeleteOptions::parse(Api::Json, Some(r#"{"version_id":"a"}"#))
            .err()
            .unwrap();
        assert_eq!(
            error.message,
            "options_json: version_id: is for the XML API only"
        );
    }
}
