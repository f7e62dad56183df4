//! An instance's role: temporary keys, as the metadata service of a machine hands them out. All that is
//! needed to check a request with them stands in their token, so they outlive a restart.

use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::Sha1;

use crate::auth::Account;
use crate::clock::iso;
use crate::store::hex;

/// Where a role's keys are; its name follows.
pub const PATH: &str = "latest/meta-data/cam/security-credentials";

pub struct Role {
    pub name: String,
    /// How long its keys are good, in seconds.
    pub life: i64,
}

/// Answers what stands behind `PATH`.
pub fn answer(role: &Role, account: &Account, now: i64, parts: &Parts, rest: &str) -> Response {
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let text = match rest.trim_start_matches('/') {
        "" => role.name.clone(),
        name if name == role.name => {
            let keys = TemporaryKeys::issue(account, now + role.life);
            match keys {
                Ok(keys) => keys.told(),
                Err(error) => {
                    let message = format!("the emulator failed: {error}");
                    return (StatusCode::INTERNAL_SERVER_ERROR, message).into_response();
                }
            }
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let mut response = text.into_response();
    let plain = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

pub struct TemporaryKeys {
    /// The account, by these keys.
    pub account: Account,
    token: String,
    /// Unix seconds.
    expires: i64,
}

impl TemporaryKeys {
    fn issue(account: &Account, expires: i64) -> Result<TemporaryKeys, getrandom::Error> {
        let mut random = [0; 16];
        getrandom::getrandom(&mut random)?;
        Ok(TemporaryKeys::new(
            account,
            &format!("AKID{}", hex(&random)),
            expires,
        ))
    }

    fn new(account: &Account, secret_id: &str, expires: i64) -> TemporaryKeys {
        let proof = mac(account, &format!("token {secret_id} {expires}"));
        TemporaryKeys {
            account: Account {
                appid: account.appid.clone(),
                secret_id: secret_id.to_owned(),
                secret_key: mac(account, &format!("key {secret_id}")),
            },
            token: STANDARD.encode(format!("{expires} {proof}")),
            expires,
        }
    }

    /// The keys that were issued with this token; None if none were.
    pub fn of(account: &Account, secret_id: &str, token: &str) -> Option<TemporaryKeys> {
        let sealed = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
        let (expires, _) = sealed.split_once(' ')?;
        let keys = TemporaryKeys::new(account, secret_id, expires.parse().ok()?);
        (keys.token == token).then_some(keys)
    }

    pub fn are_expired(&self, now: i64) -> bool {
        self.expires <= now
    }

    fn told(&self) -> String {
        json!({
            "TmpSecretId": self.account.secret_id,
            "TmpSecretKey": self.account.secret_key,
            "ExpiredTime": self.expires,
            "Expiration": iso(self.expires) + "Z",
            "Token": self.token,
            "Code": "Success",
        })
        .to_string()
    }
}

fn mac(account: &Account, text: &str) -> String {
    // A key of any length will do.
    let mac = Hmac::<Sha1>::new_from_slice(account.secret_key.as_bytes());
    mac.map_or_else(
        |_| String::new(),
        |mac| hex(mac.chain_update(text).finalize().into_bytes().as_slice()),
    )
}
