//! The option `sse` of uploads, reads, updates and copies, and `src_sse`: JSON in, a checked value out.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::options_json::{error, text_of};
use super::{Api, Config};
use crate::error::Result;
use crate::model::encryption::{CustomerKey, Encryption, KEY_BYTES};

/// Longer than the name of any key; and what a header takes.
const KEY_ID_MAX_BYTES: usize = 256;
const CONTEXT_MAX_BYTES: usize = 4 << 10;

const FORMS: &str = "must be \"cos\", {\"kms\":\"<key id>\"} with or without a \"context\", or \
                     {\"c\":\"<Base64 of a key>\"}";

pub(super) fn encryption(api: Api, key: &str, value: &Value) -> Result<Arc<Encryption>> {
    if api == Api::Json {
        return Err(error(key, "is for the XML API only"));
    }
    let parsed = match value {
        Value::String(word) if word == "cos" => Encryption::Service,
        Value::Object(given) if given.contains_key("kms") => of_kms(key, given)?,
        Value::Object(given) if given.len() == 1 && given.contains_key("c") => {
            Encryption::Customer(customer_key(key, &given["c"])?)
        }
        _ => return Err(error(key, FORMS)),
    };
    Ok(Arc::new(parsed))
}

fn of_kms(key: &str, given: &Map<String, Value>) -> Result<Encryption> {
    let (mut key_id, mut context) = (None, None);
    for (name, value) in given {
        match name.as_str() {
            "kms" => {
                let id = text_of(key, value)?;
                if id.len() > KEY_ID_MAX_BYTES || !id.bytes().all(|b| b.is_ascii_graphic()) {
                    return Err(error(
                        key,
                        "kms must be a key's id; \"\" is the default key",
                    ));
                }
                key_id = Some(id).filter(|id| !id.is_empty()).map(str::to_owned);
            }
            "context" => context = Some(checked_context(key, text_of(key, value)?)?),
            _ => return Err(error(key, FORMS)),
        }
    }
    Ok(Encryption::Kms { key_id, context })
}

fn checked_context(key: &str, text: &str) -> Result<String> {
    let is_object = |bytes: &[u8]| serde_json::from_slice::<Map<String, Value>>(bytes).is_ok();
    match STANDARD.decode(text) {
        Ok(bytes) if text.len() <= CONTEXT_MAX_BYTES && is_object(&bytes) => Ok(text.to_owned()),
        _ => Err(error(key, "context must be a JSON object in Base64")),
    }
}

/// What was given is never repeated.
fn customer_key(key: &str, value: &Value) -> Result<CustomerKey> {
    let parsed = value.as_str().and_then(CustomerKey::of_base64);
    let problem = format!("c must be a key of {KEY_BYTES} bytes in Base64");
    parsed.ok_or_else(|| error(key, &problem))
}

impl Config {
    pub(crate) fn check_encryption(&self, encryption: Option<&Encryption>) -> Result<()> {
        self.check_encryption_of("sse", encryption)
    }

    /// A key that only the caller has goes to nobody who could read it on its way. `key` is the option's name.
    pub(crate) fn check_encryption_of(
        &self,
        key: &str,
        encryption: Option<&Encryption>,
    ) -> Result<()> {
        let is_tls = self.service.as_ref().is_some_and(|it| it.is_tls());
        match encryption.and_then(Encryption::customer_key) {
            Some(_) if !is_tls => {
                let problem = "a key of one's own (c) goes over https alone, and the client's \
                               endpoint is http";
                Err(error(key, problem))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";

    #[test]
    fn three_forms_and_nothing_else() {
        let parse = |value: Value| encryption(Api::Xml, "sse", &value);
        let identity = |value| parse(value).unwrap().identity().map(str::to_owned);
        assert_eq!(identity(json!("cos")), ["cos", "", ""]);
        assert_eq!(identity(json!({"kms": ""})), ["kms", "", ""]);
        let kms = json!({"kms": "48ba-1", "context": "eyJhIjoiYiJ9"});
        assert_eq!(identity(kms), ["kms", "48ba-1", "eyJhIjoiYiJ9"]);
        let own = identity(json!({"c": KEY}));
        assert_eq!(own, ["c", "U5L61r7jcwdNvT7frmUG8g==", ""]);
        for wrong in [
            json!("COS"),
            json!("kms"),
            json!(true),
            json!({}),
            json!({"c": KEY, "kms": ""}),
            json!({"c": KEY, "x": 1}),
            json!({"c": 7}),
            json!({"c": "c2hvcnQ="}),
            json!({"kms": 7}),
            json!({"kms": "a b"}),
            json!({"kms": "", "x": ""}),
            json!({"kms": "", "context": "not Base64"}),
            json!({"kms": "", "context": "W10="}),
            json!({"context": "eyJhIjoiYiJ9"}),
        ] {
            let error = parse(wrong.clone()).err().expect("refused");
            assert!(error.message.contains("sse"), "{wrong}: {}", error.message);
            assert!(!error.message.contains("c2hvcnQ"), "{}", error.message);
        }
        assert!(encryption(Api::Json, "sse", &json!("cos")).is_err());
    }
}
