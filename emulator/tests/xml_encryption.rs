//! Server-side encryption (xml-api.md §3.15). What needs TLS is in tests/encryption.rs of the library, which has a client
//! for it; here by curl.

mod common;

use std::fs;
use std::process::Command;

use common::Emulator;
use common::xml::Ask;
use tempfile::TempDir;

const CUSTOMER: &str = "x-cos-server-side-encryption-customer-";
const KEY: &str = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";
const KEY_MD5: &str = "U5L61r7jcwdNvT7frmUG8g==";

fn with_key(ask: Ask) -> Ask {
    [("algorithm", "AES256"), ("key", KEY), ("key-MD5", KEY_MD5)]
        .iter()
        .fold(ask, |ask, (name, value)| {
            ask.header(&format!("{CUSTOMER}{name}"), value)
        })
}

#[test]
fn a_customers_key_in_the_open_is_refused() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"plain").is(200);
    let refused = |ask: Ask| {
        with_key(ask)
            .send(&emulator)
            .xml_error(400, "InvalidRequest")
    };
    refused(Ask::new("PUT", "/b").body(b"x"));
    refused(Ask::new("POST", "/b").query("uploads", ""));
    refused(Ask::new("GET", "/a"));
    with_key(Ask::new("HEAD", "/a")).send(&emulator).is(400);
    emulator.head_object("/b").is(404);
}

#[test]
fn a_context_is_a_json_object_in_base64() {
    let emulator = Emulator::start(&[]);
    let put = |context: &str| {
        Ask::new("PUT", "/a")
            .header("x-cos-server-side-encryption", "cos/kms")
            .header("x-cos-server-side-encryption-context", context)
            .body(b"x")
            .send(&emulator)
    };
    put("eyJhIjoiYiJ9").is(200);
    for wrong in ["{}", "W10=", "e30"] {
        put(wrong).xml_error(400, "InvalidArgument");
    }
}

#[test]
fn one_port_speaks_https_and_http() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (file("certificate.pem"), file("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .unwrap();
    assert!(made.status.success());
    let emulator = Emulator::start(&["--tls-certificate", &certificate, "--tls-key", &key]);
    emulator.put_object("/a", b"hello").is(200);
    let url = emulator
        .url
        .replace("http://127.0.0.1", "https://localhost");
    let target = format!("{url}/testbucket-10000001/a");
    let got = Command::new("curl")
        .args(["--silent", "--fail", "--cacert", &certificate, &target])
        .output()
        .unwrap();
    assert_eq!(got.stdout, b"hello", "{got:?}");
    // Without TLS it is what it was.
    assert_eq!(emulator.get_object("/a").is(200).body, b"hello");

    let none = file("none.pem");
    fs::write(&none, "no certificate").unwrap();
    for files in [(&none, &key), (&certificate, &none)] {
        let other = TempDir::new().unwrap();
        let outcome = common::command(other.path())
            .args(["--tls-certificate", files.0, "--tls-key", files.1])
            .output()
            .unwrap();
        assert_eq!(outcome.status.code(), Some(1), "{outcome:?}");
        let said = String::from_utf8(outcome.stderr).unwrap();
        assert!(said.contains("none.pem for TLS"), "{said}");
    }
}
