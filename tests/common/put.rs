//! Objects that this library would not write, written by a client of another's: curl, and a
//! signature (xml-api.md §1) that was put together here.

use std::io::Write;
use std::process::{Command, Stdio};

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};

use super::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use super::library::BUCKET;
use super::unix_now;

/// An object whose key may be anything that a URL takes as it is.
pub fn put(emulator: &Emulator, key: &str, content: &[u8]) {
    let path = format!("/{BUCKET}-{APPID}/{key}");
    let now = unix_now();
    let time = format!("{};{}", now - 60, now + 600);
    let asked = hex(&Sha1::digest(format!("put\n{path}\n\n\n")));
    let key = hex(&mac(SECRET_KEY, &time));
    let signature = hex(&mac(&key, &format!("sha1\n{time}\n{asked}\n")));
    let signed = format!(
        "authorization: q-sign-algorithm=sha1&q-ak={SECRET_ID}&q-sign-time={time}\
         &q-key-time={time}&q-header-list=&q-url-param-list=&q-signature={signature}"
    );
    let mut curl = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--fail-with-body",
            "--path-as-is",
        ])
        .args([
            "--header",
            &signed,
            "--header",
            "expect:",
            "--upload-file",
            "-",
        ])
        .arg(format!("{}{path}", emulator.url))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    curl.stdin.take().unwrap().write_all(content).unwrap();
    let output = curl.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

fn mac(key: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
