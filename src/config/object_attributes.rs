//! What may be said of an object beside its content, whichever call makes it.

use serde_json::{Map, Value};

use super::Api;
use super::options_json::{error, shown, text_of};
use crate::error::Result;
use crate::model::object::{
    HEADER_MAX_BYTES, KEPT_HEADERS, META_BIZ_ATTR, META_CTIME, META_PREFIX,
};
use crate::model::{ObjectAttributes, params};

/// Longer than any name of a storage class.
const CLASS_MAX_BYTES: usize = 32;

impl ObjectAttributes {
    /// Whether the key is one of them; then it is set.
    pub(super) fn set(&mut self, api: Api, key: &str, value: &Value) -> Result<bool> {
        match key {
            "acl" => {
                self.acl = Some(
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
                self.storage_class = Some(text.to_owned());
            }
            "headers" => match value {
                Value::Object(headers) => self.headers = checked(headers)?,
                _ => return Err(error(key, "must be an object of names and values")),
            },
            _ => return Ok(false),
        }
        Ok(true)
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
