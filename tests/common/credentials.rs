//! Credentials that change: the calls for it, and what a request was signed with.

use std::ffi::{CString, c_void};
use std::ptr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qcos::ffi::*;
use serde_json::{Value, json};

use super::emulator::APPID;
use super::library::{Client, c, ok, take};
use super::listener::{Received, http};
use super::unix_now;

impl Client {
    pub fn set_credentials(&self, id: &str, key: &str, token: Option<&str>, ends: i64) -> Value {
        set_credentials(self.0, id, key, token, ends)
    }

    /// The callback is never freed.
    pub fn on_expiry(
        &self,
        callback: impl Fn(qcos_client) -> i32 + Send + Sync + 'static,
    ) -> Value {
        let callback: Box<OnExpiry> = Box::new(callback);
        let user_data = Box::into_raw(Box::new(callback)).cast();
        take(unsafe { qcos_client_on_expiry(self.0, Some(trampoline), user_data) })
    }
}

type OnExpiry = dyn Fn(qcos_client) -> i32 + Send + Sync;

unsafe extern "C" fn trampoline(client: qcos_client, user_data: *mut c_void) -> i32 {
    // SAFETY: `on_expiry` hands out a pointer to such a box.
    let callback = unsafe { &*user_data.cast::<Box<OnExpiry>>() };
    callback(client)
}

pub fn set_credentials(
    client: qcos_client,
    id: &str,
    key: &str,
    token: Option<&str>,
    ends: i64,
) -> Value {
    let (id, key, token) = (c(id), c(key), token.map(c));
    take(unsafe {
        qcos_client_set_credentials(
            client,
            id.as_ptr(),
            key.as_ptr(),
            token.as_ref().map_or(ptr::null(), |token| token.as_ptr()),
            ends,
        )
    })
}

/// Says that something is there, in either API.
pub fn there(request: &Received) -> Vec<u8> {
    match request.line.starts_with("HEAD") {
        true => b"HTTP/1.1 200 X\r\nETag: \"1\"\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
            .to_vec(),
        false => http(
            200,
            r#"{"code":0,"message":"SUCCESS","data":{"filesize":5,"filelen":5,"has_more":false,"infos":[]}}"#,
        ),
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

/// What a metadata service says of a role whose credentials live so long; in seconds.
pub fn role(id: &str, lives_s: u64) -> Value {
    json!({
        "TmpSecretId": id,
        "TmpSecretKey": format!("{id}-hidden-key"),
        "Token": format!("{id}-hidden-token"),
        "ExpiredTime": unix_now() + lives_s,
        "Code": "Success",
    })
}

/// Opens a client of the XML API with parameters that may be missing.
pub fn open_with(id: Option<&str>, key: Option<&str>, options: &Value) -> (Value, qcos_client) {
    let (id, key, appid) = (id.map(c), key.map(c), c(APPID));
    let pointer = |text: &Option<CString>| text.as_ref().map_or(ptr::null(), |text| text.as_ptr());
    let mut handle = 42;
    let reply = unsafe {
        qcos_client_open(
            appid.as_ptr(),
            pointer(&id),
            pointer(&key),
            c(&options.to_string()).as_ptr(),
            &mut handle,
        )
    };
    (take(reply), handle)
}

/// A client with the credentials that its options name.
pub fn open_without(options: &Value) -> Client {
    let (reply, handle) = open_with(None, None, options);
    ok(reply);
    Client(handle)
}
