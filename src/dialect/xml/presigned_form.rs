//! Forms that others send: what such a form may upload stands in its policy, which is signed
//! (xml-api.md §1.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::endpoint;
use super::sign::{self, KeyTime};
use super::signed::TOKEN;
use crate::base::time;
use crate::config::request_options::form::{FILE_NAME, FormKey};
use crate::dialect::FormToSign;
use crate::error::Result;
use crate::exchange::Signer;
use crate::model::PresignedForm;

pub(super) fn form(signer: &Signer, form: &FormToSign) -> Result<PresignedForm> {
    let options = form.options;
    signer.check_life("options_json: expires_s", options.expires_s)?;
    let (exchange, credentials) = (signer.exchange(), signer.credentials());
    endpoint::check(exchange, form.target)?;
    let bucket = &form.target.bucket;
    let place = endpoint::public(exchange, bucket)?;
    let key = form.target.path.plain();

    // As the form has them, and what the policy says of them: every field that it could say something of.
    let mut fields = vec![("acl", options.acl.clone())];
    fields.extend(
        options
            .content_type
            .iter()
            .map(|it| ("Content-Type", it.clone())),
    );
    let status = options.success_status.iter();
    fields.extend(status.map(|it| ("success_action_status", it.to_string())));
    let exactly = |(name, value): &(&str, String)| json!({ (*name): value });
    let mut conditions: Vec<Value> = fields.iter().map(exactly).collect();
    conditions.push(json!({"bucket": endpoint::full_name(exchange, bucket)?}));
    match options.key {
        FormKey::Exact(_) => {
            conditions.push(json!({"key": key}));
            fields.push(("key", key));
        }
        FormKey::Prefix(_) => {
            conditions.push(json!(["starts-with", "$key", key]));
            fields.push(("key", format!("{key}{FILE_NAME}")));
        }
    }
    if let Some(size) = &options.size {
        conditions.push(json!(["content-length-range", size.start(), size.end()]));
    }

    let key_time = KeyTime::new(exchange.now(), options.expires_s);
    let mut identity = [
        ("q-sign-algorithm", "sha1".to_owned()),
        ("q-ak", credentials.secret_id().to_owned()),
        // The policy's name for the form's q-key-time.
        ("q-sign-time", key_time.to_string()),
    ];
    conditions.extend(identity.iter().map(exactly));
    let expiration = time::to_iso(key_time.end());
    let policy = json!({"expiration": expiration, "conditions": conditions}).to_string();
    identity[2].0 = "q-key-time";
    fields.extend(identity);
    fields.push(("q-signature", sign::policy(credentials, key_time, &policy)));
    fields.push(("policy", STANDARD.encode(policy)));
    fields.extend(credentials.token().map(|token| (TOKEN, token.to_owned())));
    Ok(PresignedForm {
        url: format!("{}{}", place.origin, place.root),
        fields,
    })
}
