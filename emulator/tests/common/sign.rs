//! Signatures, written from the protocol notes and not from the emulator's verifier.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};

use super::encode;

pub const APPID: &str = "10000001";
pub const SECRET_ID: &str = "TESTSECRETID0000000000000000000000000";
pub const SECRET_KEY: &str = "TESTSECRETKEYDONOTUSE0000000000";

/// Signs any text.
pub fn sign_text(plain: &str) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(SECRET_KEY.as_bytes()).unwrap();
    let mac = mac.chain_update(plain).finalize().into_bytes();
    STANDARD.encode([mac.as_slice(), plain.as_bytes()].concat())
}

pub fn sign(bucket: &str, expires: u64, fileid: &str) -> String {
    let (now, random) = (now(), random());
    sign_text(&format!(
        "a={APPID}&k={SECRET_ID}&e={expires}&t={now}&r={random}&f={fileid}&b={bucket}"
    ))
}

pub fn sign_more(bucket: &str) -> String {
    sign(bucket, now() + 600, "")
}

/// `path` begins with a slash and is not encoded.
pub fn sign_once(bucket: &str, path: &str) -> String {
    sign(bucket, 0, &format!("/{APPID}/{bucket}{}", encode(path)))
}

pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// Never the same twice in a process; the time tells processes apart.
fn random() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

pub fn sha1(content: &[u8]) -> String {
    Sha1::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
