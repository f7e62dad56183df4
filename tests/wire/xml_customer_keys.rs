//! Requests with keys that only the caller has: over TLS, to the same service.

use serde_json::json;

use super::common::TempDir;
use super::common::golden::Recording;
use super::common::library::{BUCKET, Client};
use super::common::listener::Listener;
use super::common::relay::behind_tls;
use super::common::tls::Certificate;

const OWN: &str = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";
pub const OWN_MD5: &str = "U5L61r7jcwdNvT7frmUG8g==";
const ANOTHER: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
pub const ANOTHER_MD5: &str = "vE7wEb+P1UX8WYzS5OTpDQ==";

pub fn record(recording: &mut Recording, listener: &Listener, files: &TempDir) {
    let certificate = Certificate::new("localhost");
    let url = behind_tls(&certificate, listener);
    let options = json!({"parallel": 1, "tls_ca": certificate.path()});
    let client = Client::speaking("xml", &url, options);
    let own = json!({"sse": {"c": OWN}});
    let overwriting = json!({"sse": {"c": OWN}, "overwrite": true});
    // Over TLS no MD5 is sent, so what is there is asked about: five bytes, as of all that is so small.
    let (small, large) = (files.file("five", b"hello"), files.join("large"));
    recording.call("upload_with, encrypted by a key of one's own", || {
        client.upload_with(&small, "sse-own", &overwriting)
    });
    recording.call("upload_with, the same in parts", || {
        client.upload_with(&large, "sse-own parts", &overwriting)
    });
    recording.call("stat_with, encrypted so", || {
        client.stat_with("sse-own", &own)
    });
    recording.call("download_with, encrypted so", || {
        client.download_with("sse-own", &files.join("got"), &own)
    });
    let changes = json!({"sse": {"c": OWN}, "meta": {"a": "b"}});
    recording.call("update_with, encrypted so", || {
        client.update_with("sse-own", &changes)
    });
    let keys = json!({"src_sse": {"c": OWN}, "sse": {"c": ANOTHER}});
    for (title, from, to) in [
        ("in one request", "sse-own", "sse-another new"),
        ("in parts", "sse-own/huge", "sse-another new/huge"),
    ] {
        recording.call(&format!("copy_with, from key to key, {title}"), || {
            client.copy_with((BUCKET, from), (BUCKET, to), &keys, &mut |_, _| 0)
        });
    }
}
