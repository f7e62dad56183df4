//! Server-side encryption (xml-api.md §3.15): the headers that ask for it and that a caller's own key is sent
//! in, and whether an answer tells of what was asked for.

use serde_json::{Value, json};

use crate::error::{Error, Kind, Result};
use crate::model::Target;
use crate::model::encryption::{CustomerKey, Encryption, KEY_HEADERS};
use crate::transport::{Header, Headers};

/// `AES256` or `cos/kms`; details come in headers whose names begin with it.
pub(super) const ENCRYPTION: &str = "x-cos-server-side-encryption";
pub(super) const KMS_KEY: &str = "x-cos-server-side-encryption-cos-kms-key-id";
const KMS_CONTEXT: &str = "x-cos-server-side-encryption-context";

/// Of keys that only callers have (SSE-C).
pub(super) const CUSTOMER: &str = "x-cos-server-side-encryption-customer-";
const ALGORITHM: &str = "x-cos-server-side-encryption-customer-algorithm";
const KEY_MD5: &str = "x-cos-server-side-encryption-customer-key-md5";
const SOURCE_ALGORITHM: &str = "x-cos-copy-source-server-side-encryption-customer-algorithm";
const SOURCE_KEY_MD5: &str = "x-cos-copy-source-server-side-encryption-customer-key-md5";

const AES: &str = "AES256";
const KMS: &str = "cos/kms";

/// What a request says that makes an object.
pub(super) fn of_new(encryption: Option<&Encryption>) -> Vec<Header> {
    match encryption {
        None => Vec::new(),
        Some(Encryption::Service) => vec![(ENCRYPTION.into(), AES.to_owned())],
        Some(Encryption::Kms { key_id, context }) => {
            let said = |name: &'static str, value: &Option<String>| {
                Some((name.into(), value.clone()?)) as Option<Header>
            };
            let mut headers = vec![(ENCRYPTION.into(), KMS.to_owned())];
            headers.extend(said(KMS_KEY, key_id));
            headers.extend(said(KMS_CONTEXT, context));
            headers
        }
        Some(Encryption::Customer(key)) => key_headers(key),
    }
}

/// What every other request about the content says: a key that only the caller has, and nothing else.
pub(super) fn key_of(encryption: Option<&Encryption>) -> Vec<Header> {
    let key = encryption.and_then(Encryption::customer_key);
    key.map(key_headers).unwrap_or_default()
}

fn key_headers(key: &CustomerKey) -> Vec<Header> {
    with_names([ALGORITHM, KEY_HEADERS[0], KEY_MD5], key)
}

/// The key of the source of a copy.
pub(super) fn key_of_source(encryption: Option<&Encryption>) -> Vec<Header> {
    let names = [SOURCE_ALGORITHM, KEY_HEADERS[1], SOURCE_KEY_MD5];
    let key = encryption.and_then(Encryption::customer_key);
    key.map(|key| with_names(names, key)).unwrap_or_default()
}

fn with_names([algorithm, key_name, md5]: [&'static str; 3], key: &CustomerKey) -> Vec<Header> {
    vec![
        (algorithm.into(), AES.to_owned()),
        (key_name.into(), key.key().to_owned()),
        (md5.into(), key.md5().to_owned()),
    ]
}

/// Whether the ETags of what is encrypted so are no MD5s (xml-api.md §3.1).
pub(super) fn hides_md5(target: &Target) -> bool {
    matches!(
        target.encryption(),
        Some(Encryption::Kms { .. } | Encryption::Customer(_))
    )
}

/// What answers tell of an object that is encrypted, in the words of the option, with the MD5 of a caller's
/// own key.
pub(super) fn told(headers: &Headers) -> Option<Value> {
    let text = |name| headers.text(name).unwrap_or_default();
    if headers.iter().any(|(name, _)| name.starts_with(CUSTOMER)) {
        return Some(json!({"c_md5": text(KEY_MD5)}));
    }
    match text(ENCRYPTION) {
        "" => None,
        word if word.eq_ignore_ascii_case(AES) => Some(json!("cos")),
        word if word.eq_ignore_ascii_case(KMS) => Some(json!({"kms": text(KMS_KEY)})),
        word => Some(json!({"cos": word})),
    }
}

/// The service tells how an object is encrypted wherever it is written or read (§3.15): an answer that does
/// not is of one that is not encrypted so, whatever the service has done.
pub(super) fn confirm(target: &Target, headers: &Headers) -> Result<()> {
    confirm_by("sse", target, headers)
}

/// The same; `option` is what the caller has said it by.
pub(super) fn confirm_by(option: &str, target: &Target, headers: &Headers) -> Result<()> {
    let Some(wanted) = target.encryption() else {
        return Ok(());
    };
    let text = |name| headers.text(name).unwrap_or_default();
    let is = |name, value| str::eq_ignore_ascii_case(text(name), value);
    let is_so = match wanted {
        Encryption::Service => is(ENCRYPTION, AES),
        Encryption::Kms { key_id, .. } => {
            let key_id = key_id.as_deref();
            is(ENCRYPTION, KMS) && key_id.is_none_or(|id| text(KMS_KEY) == id)
        }
        Encryption::Customer(key) => is(ALGORITHM, AES) && text(KEY_MD5) == key.md5(),
    };
    if is_so {
        return Ok(());
    }
    let message = format!(
        "options_json: {option}: the service does not confirm it: by its answer the file is {}",
        described(headers)
    );
    Err(Error::new(Kind::Integrity, message).answered(200))
}

fn described(headers: &Headers) -> String {
    match told(headers) {
        None => "not encrypted".to_owned(),
        Some(told) => format!("encrypted as {told}"),
    }
}

/// The same of an object that was written just now.
pub(super) fn confirm_written(target: &Target, headers: &Headers) -> Result<()> {
    confirm(target, headers).map_err(|mut error| {
        error.message += "; it is there all the same";
        error
    })
}
