//! What is there is not overwritten, whether the bucket ever had versions or not: only in one that never had any
//! the service itself guards it.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::emulator::Emulator;
use common::library::{Client, code, ok};
use common::listener::{Listener, Received};
use serde_json::{Value, json};

fn client(emulator: &Emulator) -> Client {
    Client::speaking("xml", &emulator.url, json!({}))
}

/// Another file than what is there, and what came of it.
#[track_caller]
fn is_kept(client: &Client, path: &str) {
    let reply = client.upload_buffer(b"another", path, "");
    assert_eq!(code(&reply), -177, "{reply}");
    client.holds(path, b"there");
}

fn set_versioning(client: &Client, status: &str) {
    let document =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    let request = json!({"method": "PUT", "query": {"versioning": ""}});
    let reply = ok(client.request(Some("testbucket"), "", &request, document.as_bytes()));
    assert_eq!(reply["data"]["status"], 200, "{reply}");
}

#[test]
fn a_bucket_is_asked_once_whether_it_had_any() {
    let emulator = Emulator::start();
    ok(client(&emulator).create_bucket("testbucket", "private"));
    let client = client(&emulator);
    for number in 0..20 {
        ok(client.upload_buffer(b"there", &format!("f{number}"), ""));
    }
    ok(client
        .with(&json!({"retries": 1}))
        .upload_buffer(b"there", "derived", ""));
    ok(client.create_folder("d", ""));
    for (op, expected) in [
        ("get_versioning", 1),
        ("head_object", 0),
        ("put_object", 22),
    ] {
        assert_eq!(emulator.count(op), expected, "{op}");
    }
    is_kept(&client, "f0");
    assert_eq!(code(&client.create_folder("d", "")), -178);
    assert_eq!(code(&client.copy_file("derived", "f0", 0)), -4018);
    client.holds("f0", b"there");
}

#[test]
fn where_it_had_some_the_place_is_looked_at() {
    for status in ["Enabled", "Suspended"] {
        let emulator = Emulator::start();
        ok(client(&emulator).upload_buffer(b"there", "f", ""));
        set_versioning(&client(&emulator), status);
        let client = client(&emulator);
        is_kept(&client, "f");
        is_kept(&client, "f");
        assert_eq!(code(&client.copy_file("f", "f2", 0)), 0, "{status}");
        assert_eq!(code(&client.copy_file("f", "f2", 0)), -4018, "{status}");
        ok(client.create_folder("d", ""));
        assert_eq!(code(&client.create_folder("d", "")), -178, "{status}");
        assert_eq!(emulator.count("get_versioning"), 2, "{status}");
    }
}

/// Switched on by somebody else after the bucket was asked: the next answer shows it.
#[test]
fn versions_that_begin_later_are_noticed() {
    let emulator = Emulator::start();
    ok(client(&emulator).create_bucket("testbucket", "private"));
    let client = client(&emulator);
    ok(client.upload_buffer(b"there", "f", ""));
    set_versioning(&client, "Enabled");
    ok(client.upload_buffer(b"there", "g", ""));
    is_kept(&client, "f");
}

/// The answer to the first PUT is lost, and the second is refused: something of the same content is there.
fn refused_after_loss(age_s: u64) -> Listener {
    let lost = AtomicBool::new(false);
    Listener::answering(move |_, request: &Received| {
        let modified = [
            "Thu, 26 Nov 2026 10:00:30 GMT",
            "Thu, 26 Nov 2026 10:00:00 GMT",
        ];
        let modified = modified[usize::from(age_s > 0)];
        let (status, headers, body) = match request.line.split(' ').next().unwrap() {
            "GET" => ("200 OK", String::new(), "<VersioningConfiguration/>"),
            "HEAD" => {
                let of_five = "11177612005948864433";
                let head = format!(
                    "Date: Thu, 26 Nov 2026 10:00:30 GMT\r\nLast-Modified: {modified}\r\nETag: \"1\"\r\n\
                     x-cos-hash-crc64ecma: {of_five}\r\nContent-Length: 5\r\n"
                );
                return format!("HTTP/1.1 200 OK\r\n{head}Connection: close\r\n\r\n").into_bytes();
            }
            _ if !lost.swap(true, Ordering::Relaxed) => return Vec::new(),
            _ => (
                "409 Conflict",
                String::new(),
                "<Error><Code>FileAlreadyExists</Code></Error>",
            ),
        };
        let length = body.len();
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
            .into_bytes()
    })
}

#[test]
fn what_was_there_before_is_not_taken_for_a_lost_success() {
    for (age_s, expected) in [(0, 0), (30, -4018)] {
        let service = refused_after_loss(age_s);
        let client = Client::speaking("xml", &service.url, json!({}));
        let reply: Value = client.upload_buffer(b"hello", "f", "");
        assert_eq!(code(&reply), expected, "{age_s}: {reply}");
    }
}
