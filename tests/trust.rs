//! Whose certificates are accepted: the system's or those of `tls_ca`, whatever the environment
//! says; and what a message tells of those that are not. As root: a test has a /etc/ssl of its own.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::io::{Read, Write};
use std::process::Command;

use common::library::{self, Client, code, kind, message, ok};
use common::listener::{Listener, http, read_request};
use common::tls::{Certificate, server_config};
use common::{TempDir, emulator};
use programs::{Programs, limited, printed, tool};
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// A service that shows this certificate, as localhost.
fn service(certificate: &Certificate) -> String {
    let config = server_config(certificate);
    let listener = Listener::with_connections(move |stream, _| {
        let tls = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(tls, stream);
        while read_request(&mut stream).is_some() {
            let _ = stream.write_all(&http(200, GOOD));
        }
    });
    listener
        .url
        .replace("http://127.0.0.1", "https://localhost")
}

const GOOD: &str = r#"{"code":0,"message":"SUCCESS","data":{"name":"a"}}"#;

/// What a process that is started like this replies.
fn replied(start: &mut Command) -> Value {
    serde_json::from_str(&printed(start)).unwrap()
}

fn options(url: &str) -> String {
    json!({ "endpoint": url, "retries": 0 }).to_string()
}

/// A process to which this folder is /etc/ssl.
fn with_etc_ssl(folder: &TempDir, program: &std::path::Path) -> Command {
    let mut command = tool("unshare");
    command
        .args(["--mount", "sh", "-euc"])
        .arg("mount --bind \"$1\" /etc/ssl; shift; exec \"$@\"")
        .arg("sh")
        .arg(folder.join(""))
        .arg(limited(program).get_program())
        .args(limited(program).get_args());
    command
}

#[test]
fn the_environment_chooses_no_roots() {
    let (programs, certificate) = (Programs::new(), Certificate::new("localhost"));
    let (program, url) = (programs.test("trust.c"), service(&certificate));
    let folder = TempDir::new();
    std::fs::copy(certificate.path(), folder.join("own.pem")).unwrap();
    for (variable, place) in [
        ("SSL_CERT_FILE", folder.join("own.pem")),
        ("SSL_CERT_DIR", folder.join("")),
    ] {
        let reply = replied(limited(&program).arg(options(&url)).env(variable, place));
        assert_eq!(
            (code(&reply), kind(&reply)),
            (-2, "tls"),
            "{variable}: {reply}"
        );
        assert!(message(&reply).contains("not accepted"), "{reply}");
    }
    // Nor does it take the system's away.
    let system = TempDir::new();
    std::fs::create_dir(system.join("certs")).unwrap();
    std::fs::copy(certificate.path(), system.join("certs/ca-certificates.crt")).unwrap();
    let reply = replied(
        with_etc_ssl(&system, &program)
            .arg(options(&url))
            .env("SSL_CERT_FILE", "/dev/null")
            .env("SSL_CERT_DIR", "/nonexistent"),
    );
    assert_eq!(message(&reply), "SUCCESS", "{reply}");
}

#[test]
fn the_systems_bundle_and_folder_are_trusted() {
    let (programs, certificate) = (Programs::new(), Certificate::new("localhost"));
    let (program, url) = (programs.test("trust.c"), service(&certificate));
    for name in ["certs/ca-certificates.crt", "certs/own.pem", "cert.pem"] {
        let system = TempDir::new();
        std::fs::create_dir(system.join("certs")).unwrap();
        // What is no certificate is passed over.
        system.file("certs/junk.pem", b"-----BEGIN CERTIFICATE-----\njunk\n");
        std::fs::copy(certificate.path(), system.join(name)).unwrap();
        let reply = replied(with_etc_ssl(&system, &program).arg(options(&url)));
        assert_eq!(message(&reply), "SUCCESS", "{name}: {reply}");
    }
}

#[test]
fn a_system_without_certificates_is_told_so() {
    let (programs, certificate) = (Programs::new(), Certificate::new("localhost"));
    let (program, url) = (programs.test("trust.c"), service(&certificate));
    let reply = replied(with_etc_ssl(&TempDir::new(), &program).arg(options(&url)));
    assert_eq!((code(&reply), kind(&reply)), (-2, "tls"), "{reply}");
    for said in ["no CA certificates", "ca-certificates", "tls_ca"] {
        assert!(message(&reply).contains(said), "{reply}");
    }
}

/// The reply of a client that trusts this certificate alone.
fn trusting(certificate: &Certificate, url: &str) -> Value {
    Client::open_with(url, json!({"tls_ca": certificate.path(), "retries": 0})).stat_file("a")
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    for (host, constraints, days, said) in [
        (
            "localhost",
            "CA:TRUE",
            "2",
            "the server needs one of its own",
        ),
        (
            "elsewhere.example",
            "CA:FALSE",
            "2",
            "it is for elsewhere.example",
        ),
    ] {
        let certificate = Certificate::made(host, constraints, days);
        let reply = trusting(&certificate, &service(&certificate));
        assert_eq!((code(&reply), kind(&reply)), (-2, "tls"), "{reply}");
        assert!(message(&reply).contains(said), "{reply}");
        let debug = ["Error(", "Context", "DnsName", "CaUsed", "Some("];
        assert!(
            !debug.iter().any(|name| message(&reply).contains(name)),
            "{reply}"
        );
    }
    let certificate = Certificate::new("localhost");
    ok(trusting(&certificate, &service(&certificate)));
    let other = Certificate::new("elsewhere.example");
    for (trusted, said) in [
        (&other, "no CA that is trusted has signed it"),
        // Of the same name, with another key.
        (&Certificate::new("localhost"), "an older one"),
    ] {
        let reply = trusting(trusted, &service(&certificate));
        assert!(message(&reply).contains(said), "{reply}");
        assert!(message(&reply).contains("tls_ca"), "{reply}");
    }
    // A service that speaks plain http.
    let plain = Listener::with_connections(|stream, _| {
        let _ = stream.read(&mut [0; 16]);
        let _ = stream.write_all(&http(400, "{}"));
    });
    let reply = trusting(&other, &plain.url.replace("http:", "https:"));
    assert!(message(&reply).contains("speaks http://"), "{reply}");
}

#[test]
fn a_file_of_certificates_is_read_when_the_client_is_opened() {
    let folder = TempDir::new();
    let good = std::fs::read_to_string(Certificate::new("localhost").path()).unwrap();
    let (begin, end) = (
        "-----BEGIN CERTIFICATE-----\n",
        "-----END CERTIFICATE-----\n",
    );
    let cut = good.split_at(good.len() / 2).0;
    let opened = |name: &str, text: &str| {
        let path = folder.file(name, text.as_bytes());
        let options = json!({ "tls_ca": path.to_str().unwrap() }).to_string();
        let account = (emulator::APPID, emulator::SECRET_ID, emulator::SECRET_KEY);
        library::open(account.0, account.1, account.2, Some(&options))
    };
    for (name, text, said) in [
        (
            "none",
            "no certificates here\n".to_owned(),
            "no PEM certificate",
        ),
        (
            "key",
            good.replace("CERTIFICATE", "PRIVATE KEY"),
            "no PEM certificate",
        ),
        ("junk", format!("{begin}junk\n{end}"), "certificate 1 "),
        (
            "later",
            format!("{good}{begin}junk\n{end}"),
            "certificate 2 ",
        ),
        ("empty", format!("{good}{begin}{end}"), "certificate 2 "),
        (
            "base64",
            format!("{good}{begin}%%%%\n{end}"),
            "certificate 2 ",
        ),
        (
            "inside",
            good.replacen('\n', "\nnot a line of Base64!\n", 1),
            "certificate 1 ",
        ),
        ("cut", cut.to_owned(), "certificate 1 "),
        ("second-cut", format!("{good}{cut}"), "certificate 2 "),
        ("unended", format!("{good}{begin}"), "certificate 2 "),
    ] {
        let (reply, handle) = opened(name, &text);
        assert_eq!((code(&reply), handle), (-3, 0), "{name}: {reply}");
        assert!(
            message(&reply).starts_with("options_json: tls_ca: "),
            "{reply}"
        );
        assert!(message(&reply).contains(said), "{name}: {reply}");
    }
    // Notes around certificates are usual.
    let (reply, handle) = opened(
        "notes",
        &format!("# mine\n{good}\nIssuer: me\n{good}# end\n"),
    );
    ok(reply);
    qcos::ffi::qcos_client_close(handle);
}
