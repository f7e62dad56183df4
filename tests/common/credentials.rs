//! Credentials that change: the calls for it, and what a request was signed with.

use std::ptr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qcos::ffi::*;
use serde_json::Value;

use super::library::{Client, c, take};
use super::listener::Received;

impl Client {
    pub fn set_credentials(&self, id: &str, key: &str, token: Option<&str>, ends: i64) -> Value {
        let (id, key, token) = (c(id), c(key), token.map(c));
        take(unsafe {
            qcos_client_set_credentials(
                self.0,
                id.as_ptr(),
                key.as_ptr(),
                token.as_ref().map_or(ptr::null(), |token| token.as_ptr()),
                ends,
            )
        })
    }
}

/// The secret id in a request's signature.
pub fn secret_id(request: &Received) -> String {
    let signature = request.header("authorization");
    let fields = match signature.starts_with("q-sign") {
        true => signature.to_owned(),
        // The text comes after its HMAC.
        false => String::from_utf8(STANDARD.decode(signature).unwrap()[20..].to_vec()).unwrap(),
    };
    let mut fields = fields.split('&').filter_map(|field| field.split_once('='));
    let (_, id) = fields
        .find(|(name, _)| ["q-ak", "k"].contains(name))
        .unwrap();
    id.to_owned()
}

/// The token that came with it; "" where none did.
pub fn token(request: &Received) -> &str {
    request.header("x-cos-security-token")
}
