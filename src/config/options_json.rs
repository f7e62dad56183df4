//! `options_json`, and the values of one call's, each read as what it must be, or refused by its name.

use serde_json::{Map, Value};

use super::Api;
use crate::base::size::OBJECT_MAX_BYTES;
use crate::error::{Error, Result};
use crate::model::VersionId;

pub(super) fn object(options_json: Option<&str>) -> Result<Map<String, Value>> {
    object_of("options_json", options_json)
}

/// The same of another parameter.
pub(super) fn object_of(param: &str, json: Option<&str>) -> Result<Map<String, Value>> {
    let expected = |why: String| Error::parameter(param, format!("must be one JSON object{why}"));
    // A syntax error's text tells the place and repeats no value.
    match serde_json::from_str(json.unwrap_or("{}")) {
        Ok(Value::Object(given)) => Ok(given),
        Ok(_) => Err(expected(String::new())),
        Err(e) => Err(expected(format!(": {e}"))),
    }
}

pub(super) fn flag(key: &str, value: &Value) -> Result<bool> {
    let flag = value.as_bool();
    flag.ok_or_else(|| error(key, "must be true or false"))
}

/// A number of bytes of an object.
pub(super) fn bytes(key: &str, value: &Value) -> Result<u64> {
    let bytes = value.as_u64().filter(|bytes| *bytes <= OBJECT_MAX_BYTES);
    bytes.ok_or_else(|| error(key, &format!("must be 0 to {OBJECT_MAX_BYTES} bytes")))
}

pub(super) fn text_of<'v>(key: &str, value: &'v Value) -> Result<&'v str> {
    value
        .as_str()
        .ok_or_else(|| error(&shown(key), "must be a string"))
}

/// One of an object's versions.
pub(super) fn version_id(api: Api, key: &str, value: &Value) -> Result<VersionId> {
    if api == Api::Json {
        return Err(error(key, "is for the XML API only"));
    }
    VersionId::new(text_of(key, value)?).map_err(|error| error.context("options_json"))
}

pub(super) fn error(key: &str, problem: &str) -> Error {
    Error::parameter("options_json", format!("{}: {problem}", shown(key)))
}

/// As much of a name that anybody may have written as a message takes.
pub(super) fn shown(key: &str) -> String {
    let letters = key.chars().filter(|c| !c.is_control());
    letters.take(64).collect()
}
