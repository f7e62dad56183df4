//! What is kept with an object: headers, metadata and its storage class, as the options of uploads and updates name
//! them.

use serde_json::{Map, Value};

use super::Api;
use super::options_json::{error, shown, text_of};
use crate::error::Result;
use crate::model::meta_text;
use crate::model::object::{
    HEADER_MAX_BYTES, KEPT_HEADERS, META_BIZ_ATTR, META_CTIME, META_PREFIX,
};

/// Longer than any name of a storage class.
const CLASS_MAX_BYTES: usize = 32;

/// Names in lower case, and values as they go; `None` of what is to be removed.
pub(super) type Named = Vec<(String, Option<String>)>;

/// Whether `null` stands for the removal of what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    Refused,
    Remove,
}

pub(super) fn storage_class(api: Api, key: &str, value: &Value) -> Result<String> {
    if api == Api::Json {
        return Err(error(key, "is for the XML API only"));
    }
    let text = text_of(key, value)?;
    let lawful = |b: u8| b.is_ascii_uppercase() || b == b'_';
    if text.is_empty() || text.len() > CLASS_MAX_BYTES || !text.bytes().all(lawful) {
        return Err(error(key, "must be a name such as \"STANDARD_IA\""));
    }
    Ok(text.to_owned())
}

/// Of the key `headers`: values as they go.
pub(super) fn headers(key: &str, value: &Value, nulls: Nulls, into: &mut Named) -> Result<()> {
    for (given, value) in object(key, value)? {
        let name = given.to_ascii_lowercase();
        if !is_meta(&name) && !KEPT_HEADERS.contains(&name.as_str()) {
            let names = format!(
                "must be {} or {META_PREFIX}..., of letters, digits and '-'",
                KEPT_HEADERS.join(", ")
            );
            return Err(error(&shown(given), &names));
        }
        let value = match (value, nulls) {
            // Without one the service finds one by the key's ending.
            (Value::Null, Nulls::Remove) if name == "content-type" => {
                return Err(error(
                    &shown(given),
                    "cannot be removed: every file has one",
                ));
            }
            (Value::Null, Nulls::Remove) => None,
            _ => Some(header_value(given, &name, value)?),
        };
        add(given, name, value, into)?;
    }
    Ok(())
}

/// Of the key `meta`: names without the prefix, and values of any text.
pub(super) fn meta(key: &str, value: &Value, nulls: Nulls, into: &mut Named) -> Result<()> {
    for (given, value) in object(key, value)? {
        let name = format!("{META_PREFIX}{}", given.to_ascii_lowercase());
        let named = format!("meta: {}", shown(given));
        if !is_meta(&name) {
            return Err(error(
                &named,
                "a name is of letters, digits and '-', and none of this library's own",
            ));
        }
        let value = match (value, nulls) {
            (Value::Null, Nulls::Remove) => None,
            _ => Some(meta_value(&named, given, value)?),
        };
        add(&named, name, value, into)?;
    }
    Ok(())
}

fn object<'v>(key: &str, value: &'v Value) -> Result<&'v Map<String, Value>> {
    let object = value.as_object();
    object.ok_or_else(|| error(key, "must be an object of names and values"))
}

/// Metadata of the caller's, not of this library's own.
fn is_meta(name: &str) -> bool {
    let lawful = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let suffix = name.strip_prefix(META_PREFIX).unwrap_or_default();
    let is_ours = [META_BIZ_ATTR, META_CTIME].contains(&name);
    !suffix.is_empty() && suffix.bytes().all(lawful) && !is_ours
}

fn add(given: &str, name: String, value: Option<String>, into: &mut Named) -> Result<()> {
    if into.iter().any(|(other, _)| *other == name) {
        return Err(error(&shown(given), "is given twice"));
    }
    into.push((name, value));
    Ok(())
}

fn header_value(given: &str, name: &str, value: &Value) -> Result<String> {
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
    Ok(value.to_owned())
}

fn meta_value(named: &str, given: &str, value: &Value) -> Result<String> {
    let text = value
        .as_str()
        .ok_or_else(|| error(named, "must be a string"))?;
    if text.is_empty() {
        return Err(error(named, "must not be empty"));
    }
    let value = meta_text::encode(text);
    let max = HEADER_MAX_BYTES.saturating_sub(given.len());
    if value.len() > max {
        let bytes = value.len();
        let problem = format!("is {bytes} bytes long as it is sent, the service takes {max}");
        return Err(error(named, &problem));
    }
    Ok(value.into_owned())
}
