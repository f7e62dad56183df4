//! The call update: attributes of a file or folder (json-api.md §2.3).

use axum::http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::Call;
use super::request::Params;
use crate::refusal::{Refusal, code};
use crate::store::NO_GRANTS;

const BIZ_ATTR: u64 = 0x01;
const CUSTOM_HEADERS: u64 = 0x40;
const AUTHORITY: u64 = 0x80;

/// No source states a limit; this one is against nonsense alone (json-api.md §5.2).
const MAX_BIZ_ATTR: usize = 64 << 10;

/// The headers that a file may carry, beside `x-cos-meta-*`.
const HEADERS: &[&str] = &[
    "Cache-Control",
    "Content-Type",
    "Content-Disposition",
    "Content-Language",
    "Content-Encoding",
];
const META_PREFIX: &str = "x-cos-meta-";

/// What an update changes.
struct Change {
    biz_attr: Option<String>,
    authority: Option<String>,
    /// The new set; it replaces the old one.
    custom_headers: Option<String>,
}

pub fn update(call: &Call) -> Result<Value, Refusal> {
    let (bucket, key) = (&call.location.bucket, &call.location.key);
    call.refuse_root()?;
    let change = Change::read(call)?;
    if call.location.is_folder() && (change.authority.is_some() || change.custom_headers.is_some())
    {
        let message = "a folder has neither authority nor custom_headers";
        return Err(Refusal::new(code::PARAMETER_INVALID, message));
    }
    call.service.store.transaction(|tx| {
        let mut entry = tx.entry(bucket, key)?.ok_or_else(|| call.not_found())?;
        entry.biz_attr = change.biz_attr.unwrap_or(entry.biz_attr);
        let attributes = &mut entry.attributes;
        if let Some(authority) = change.authority {
            attributes.authority = authority;
            NO_GRANTS.clone_into(&mut attributes.grants);
        }
        if let Some(headers) = change.custom_headers {
            attributes.headers = headers;
        }
        entry.mtime = call.now;
        Ok::<_, Refusal>(tx.put_entry(bucket, &entry)?)
    })?;
    Ok(Value::Null)
}

impl Change {
    /// `flag` says which fields count; without it those that are there do.
    fn read(call: &Call) -> Result<Change, Refusal> {
        let params = &call.params;
        let flag = flag(params)?;
        let wanted = |bit: u64, name: &str| match flag {
            None => Ok(params.get(name).is_some()),
            Some(flag) if flag & bit == 0 => Ok(false),
            Some(_) if params.get(name).is_some() => Ok(true),
            Some(_) => Err(Refusal::new(
                code::FLAG_WITHOUT_FIELD,
                format!("flag promises {name}, which is missing"),
            )),
        };
        let mut change = Change {
            biz_attr: None,
            authority: None,
            custom_headers: None,
        };
        if wanted(BIZ_ATTR, "biz_attr")? {
            change.biz_attr = Some(call.biz_attr()?);
        }
        if wanted(AUTHORITY, "authority")? {
            change.authority = Some(authority(params)?);
        }
        if wanted(CUSTOM_HEADERS, "custom_headers")? {
            change.custom_headers = Some(custom_headers(params)?);
        }
        Ok(change)
    }
}

impl Call {
    pub fn biz_attr(&self) -> Result<String, Refusal> {
        let biz_attr = self.params.get("biz_attr").unwrap_or("");
        if biz_attr.len() > MAX_BIZ_ATTR {
            let message = format!("biz_attr is longer than {MAX_BIZ_ATTR} bytes");
            return Err(Refusal::new(code::PARAMETER_INVALID, message));
        }
        Ok(biz_attr.to_owned())
    }

    pub fn refuse_root(&self) -> Result<(), Refusal> {
        if self.location.is_root() {
            let message = "a bucket is not changed or removed by this API";
            return Err(Refusal::new(code::PATH_INVALID, message));
        }
        Ok(())
    }
}

fn flag(params: &Params) -> Result<Option<u64>, Refusal> {
    let known = BIZ_ATTR | CUSTOM_HEADERS | AUTHORITY;
    match params.given("flag").map(str::parse::<u64>) {
        None => Ok(None),
        Some(Ok(flag)) if flag != 0 && flag & !known == 0 => Ok(Some(flag)),
        Some(_) => Err(Refusal::new(
            code::FLAG_INVALID,
            "flag is made of 1 (biz_attr), 64 (custom_headers) and 128 (authority)",
        )),
    }
}

fn authority(params: &Params) -> Result<String, Refusal> {
    match params.get("authority") {
        Some(known @ ("eInvalid" | "eWRPrivate" | "eWPrivateRPublic")) => Ok(known.to_owned()),
        _ => Err(Refusal::new(
            code::PARAMETER_INVALID,
            "authority is none of eInvalid, eWRPrivate, eWPrivateRPublic",
        )),
    }
}

/// Unknown names are ignored; the known ones are kept in one spelling.
fn custom_headers(params: &Params) -> Result<String, Refusal> {
    let text = params.given("custom_headers").unwrap_or("{}");
    let Ok(Value::Object(given)) = serde_json::from_str(text) else {
        let message = "custom_headers is no JSON object";
        return Err(Refusal::new(code::JSON_MALFORMED, message));
    };
    let mut headers = Map::new();
    for (name, value) in given {
        let Some(name) = known_header(&name) else {
            continue;
        };
        match value {
            Value::String(text) if !text.is_empty() && HeaderValue::from_str(&text).is_ok() => {
                headers.insert(name, Value::String(text));
            }
            _ => {
                let message = format!("the value of {name} in custom_headers cannot be a header's");
                return Err(Refusal::new(code::PARAMETER_INVALID, message));
            }
        }
    }
    Ok(Value::Object(headers).to_string())
}

fn known_header(name: &str) -> Option<String> {
    let is_meta = name.to_ascii_lowercase().starts_with(META_PREFIX)
        && name.len() > META_PREFIX.len()
        && HeaderName::from_bytes(name.as_bytes()).is_ok();
    if is_meta {
        return Some(name.to_ascii_lowercase());
    }
    let known = HEADERS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name));
    known.map(|known| (*known).to_owned())
}
