//! Server-side encryption (xml-api.md §3.15): what an object is written with, and whether a request has the
//! key that it is read with. Nothing is encrypted: a customer's key is known by its MD5.

use axum::http::HeaderMap;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Map, Value};

use super::headers::text;
use super::refusal::{Refusal, code};
use super::reply::put_header;
use crate::store::Attributes;
use crate::tls::Secure;

const ENCRYPTION: &str = "x-cos-server-side-encryption";
const KMS_KEY: &str = "x-cos-server-side-encryption-cos-kms-key-id";
const CONTEXT: &str = "x-cos-server-side-encryption-context";
const CUSTOMER_ALGORITHM: &str = "x-cos-server-side-encryption-customer-algorithm";
const CUSTOMER_KEY_MD5: &str = "x-cos-server-side-encryption-customer-key-md5";

const AES: &str = "AES256";
const KMS: &str = "cos/kms";
const DEFAULT_KMS_KEY: &str = "00000000-0000-0000-0000-000000000001";

const KEY_BYTES: usize = 32;

/// Whose key a request's headers name: that of the object it is about, or that of a copy's source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeyOf {
    Object,
    CopySource,
}

impl KeyOf {
    fn header(self, name: &str) -> String {
        let prefix = match self {
            KeyOf::Object => "x-cos-",
            KeyOf::CopySource => "x-cos-copy-source-",
        };
        format!("{prefix}server-side-encryption-customer-{name}")
    }
}

/// What a request has an object encrypted with, as the headers that answers tell it by. With KMS, a key that
/// is not named is one of the account's.
pub fn of_request(parts: &Parts) -> Result<String, Refusal> {
    let headers = &parts.headers;
    let mut told = Map::new();
    let kind = text(headers, ENCRYPTION)?;
    if let Some(md5) = customer_key(parts, KeyOf::Object)? {
        if kind.is_some() {
            return Err(wrong("two ways of encryption at once"));
        }
        told.insert(CUSTOMER_ALGORITHM.to_owned(), AES.into());
        told.insert(CUSTOMER_KEY_MD5.to_owned(), md5.into());
    }
    match kind {
        None => {}
        Some(kind) if kind.eq_ignore_ascii_case(AES) => {
            told.insert(ENCRYPTION.to_owned(), AES.into());
        }
        Some(kind) if kind.eq_ignore_ascii_case(KMS) => {
            check_context(headers)?;
            let key = text(headers, KMS_KEY)?.unwrap_or(DEFAULT_KMS_KEY);
            told.insert(ENCRYPTION.to_owned(), KMS.into());
            told.insert(KMS_KEY.to_owned(), key.into());
        }
        Some(_) => {
            let message = format!("{ENCRYPTION} is neither {AES} nor {KMS}");
            return Err(Refusal::new(code::INVALID_ARGUMENT, message));
        }
    }
    Ok(Value::Object(told).to_string())
}

fn check_context(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(context) = text(headers, CONTEXT)? else {
        return Ok(());
    };
    let decoded = STANDARD.decode(context).ok();
    let is_object = |bytes: Vec<u8>| serde_json::from_slice::<Map<String, Value>>(&bytes).is_ok();
    match decoded.is_some_and(is_object) {
        true => Ok(()),
        false => Err(wrong(
            "the context of the encryption is no JSON object in Base64",
        )),
    }
}

/// The MD5 of the key that a request has, in Base64.
fn customer_key(parts: &Parts, of: KeyOf) -> Result<Option<String>, Refusal> {
    let get = |name: &str| text(&parts.headers, &of.header(name));
    let (algorithm, key, md5) = (get("algorithm")?, get("key")?, get("key-MD5")?);
    if algorithm.is_none() && key.is_none() && md5.is_none() {
        return Ok(None);
    }
    if parts.extensions.get::<Secure>().is_none() {
        let message = "A request with a customer's key must come over HTTPS.";
        return Err(Refusal::new(code::INVALID_REQUEST, message));
    }
    let (Some(algorithm), Some(key), Some(md5)) = (algorithm, key, md5) else {
        return Err(wrong("algorithm, key and MD5 of the key come together"));
    };
    if algorithm != AES {
        return Err(wrong("the algorithm of a customer's key is not AES256"));
    }
    let key = STANDARD.decode(key).ok();
    let key = key.filter(|key| key.len() == KEY_BYTES);
    let key = key.ok_or_else(|| wrong("the customer's key is not Base64 of 32 bytes"))?;
    if STANDARD.encode(Md5::digest(&key)) != md5 {
        return Err(wrong("the MD5 of the customer's key is another"));
    }
    Ok(Some(md5.to_owned()))
}

fn wrong(message: &'static str) -> Refusal {
    Refusal::new(code::INVALID_ARGUMENT, message)
}

/// Whether a request has the key that an object, or an upload, is encrypted with, and no other.
pub fn check_key(parts: &Parts, of: KeyOf, attributes: &Attributes) -> Result<(), Refusal> {
    let given = customer_key(parts, of)?;
    let told = told(attributes);
    let wanted = told.get(CUSTOMER_KEY_MD5).and_then(Value::as_str);
    match (given.as_deref(), wanted) {
        (None, None) => Ok(()),
        (Some(given), Some(wanted)) if given == wanted => Ok(()),
        (Some(_), Some(_)) => Err(code::ACCESS_DENIED.into()),
        (None, Some(_)) => {
            let message =
                "The object is encrypted with a customer's key, which the request has not.";
            Err(Refusal::new(code::INVALID_REQUEST, message))
        }
        (Some(_), None) => {
            let message = "The object is not encrypted with a customer's key.";
            Err(Refusal::new(code::INVALID_REQUEST, message))
        }
    }
}

/// Whether ETags are no MD5s (xml-api.md §3.1).
pub fn hides_md5(attributes: &Attributes) -> bool {
    let told = told(attributes);
    told.contains_key(KMS_KEY) || told.contains_key(CUSTOMER_KEY_MD5)
}

pub fn is_customers(attributes: &Attributes) -> bool {
    told(attributes).contains_key(CUSTOMER_KEY_MD5)
}

pub fn put_encryption(headers: &mut HeaderMap, attributes: &Attributes) {
    for (name, value) in &told(attributes) {
        put_header(headers, name, value.as_str().unwrap_or(""));
    }
}

fn told(attributes: &Attributes) -> Map<String, Value> {
    serde_json::from_str(&attributes.encryption).unwrap_or_default()
}
