//! Tags of a file: JSON in, checked values out.

use serde_json::Value;

use super::Api;
use super::options_json::{error, object_of};
use crate::error::{Error, Result};
use crate::model::Tags;

/// The parameter of a call.
pub(crate) fn tags(tags_json: &str) -> Result<Tags> {
    let given = object_of("tags_json", Some(tags_json))?;
    Tags::given(&given).map_err(|problem| Error::parameter("tags_json", problem))
}

/// The option of an upload.
pub(super) fn option(api: Api, key: &str, value: &Value) -> Result<Tags> {
    if api == Api::Json {
        return Err(error(key, "is for the XML API only"));
    }
    let Value::Object(given) = value else {
        return Err(error(key, "must be an object of names and strings"));
    };
    Tags::given(given).map_err(|problem| error(key, &problem))
}
