//! What is there is not overwritten, whether the bucket ever had versions or not: only in one that never had any
//! the service itself guards it.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::emulator::Emulator;
use common::library::{Client, code, ok};
use common::listener::{Listener, Received};
use common::{TempDir, noise};
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
        ok(client(&emulator).set_versioning(status));
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
    ok(self::client(&emulator).set_versioning("Enabled"));
    ok(client.upload_buffer(b"there", "g", ""));
    is_kept(&client, "f");
}

/// By the client itself, or one that is derived from it: then its next upload knows.
#[test]
fn versions_that_the_client_begins_are_known() {
    for is_derived in [false, true] {
        let emulator = Emulator::start();
        ok(client(&emulator).create_bucket("testbucket", "private"));
        let client = client(&emulator);
        ok(client.upload_buffer(b"there", "f", ""));
        let setter = client.with(&json!({"retries": 1}));
        let setter = if is_derived { &setter } else { &client };
        ok(setter.set_versioning("Enabled"));
        is_kept(&client, "f");
        assert_eq!(emulator.count("get_versioning"), 1);
    }
    // Even if the answer says that it has failed, or is lost.
    let emulator = Emulator::start();
    let client = client(&emulator);
    ok(client.upload_buffer(b"there", "f", ""));
    let op = json!({"op": "put_versioning"});
    emulator.set_faults(&json!([{"match": op, "fault": {"close": "after"}}]));
    let reply = client
        .with(&json!({"retries": 0}))
        .set_versioning("Enabled");
    assert_eq!(code(&reply), -2, "{reply}");
    emulator.end_faults();
    is_kept(&client, "f");
}

/// Asked for by the client: its next upload need not ask.
#[test]
fn what_the_client_was_told_is_not_asked_again() {
    let emulator = Emulator::start();
    ok(client(&emulator).create_bucket("testbucket", "private"));
    let client = client(&emulator);
    ok(client.get_versioning());
    ok(client.upload_buffer(b"there", "f", ""));
    assert_eq!(emulator.count("get_versioning"), 1);
    assert_eq!(emulator.count("head_object"), 0);
}

/// Parts are on their way for a while, and an upload that is gone on with was begun long ago.
#[test]
fn what_others_put_there_while_parts_are_sent_is_kept() {
    for status in ["", "Enabled", "Suspended"] {
        let emulator = Emulator::start();
        let others = client(&emulator);
        ok(others.create_bucket("testbucket", "private"));
        if !status.is_empty() {
            ok(others.set_versioning(status));
        }
        let client = client(&emulator).with(&json!({"retries": 0, "slice_size": 1 << 20}));
        let files = TempDir::new();
        let file = files.file("f", &noise(3 << 20, 1));
        let third = json!([{"match": {"op": "upload_part", "from": 2}, "fault": {"status": 500}}]);
        emulator.set_faults(&third);
        let stopped = client.upload_slice(&file, "f", 1 << 20, "", &mut |_, _| 0);
        assert!(emulator.end_faults() > 0);
        let session = stopped["data"]["session"].as_str().unwrap();
        ok(others.upload_buffer(b"there", "f", ""));
        let reply = client.upload_slice(&file, "f", 1 << 20, session, &mut |_, _| 0);
        assert_eq!(code(&reply), -177, "{status}: {reply}");
        client.holds("f", b"there");

        let counted = AtomicBool::new(false);
        let mut report = |done: u64, _: u64| {
            if done > 0 && !counted.swap(true, Ordering::Relaxed) {
                ok(others.upload_buffer(b"there", "g", ""));
            }
            0
        };
        let reply =
            client.upload_reporting(&files.file("g", &noise(20 << 20, 2)), "g", &mut report);
        assert_eq!(code(&reply), -177, "{status}: {reply}");
        client.holds("g", b"there");
    }
}

#[test]
fn files_are_moved_and_updated_as_in_other_buckets() {
    for status in ["", "Enabled", "Suspended"] {
        let emulator = Emulator::start();
        let client = client(&emulator);
        ok(client.create_bucket("testbucket", "private"));
        if !status.is_empty() {
            ok(client.set_versioning(status));
        }
        ok(client.upload_buffer(b"moved", "a", "attribute"));
        ok(client.upload_buffer(b"there", "f", ""));
        ok(client.update_file("a", "other"));
        let reply = client.move_file("a", "f", 0);
        assert_eq!(code(&reply), -177, "{status}: {reply}");
        client.holds("f", b"there");
        client.holds("a", b"moved");
        ok(client.move_file("a", "b", 0));
        assert_eq!(ok(client.stat_file("b"))["data"]["biz_attr"], "other");
        assert_eq!(code(&client.stat_file("a")), -166, "{status}");
        // What hides it is nothing that would be in the way.
        ok(client.move_file("b", "a", 0));
        client.holds("a", b"moved");
        ok(client.create_folder("d", "x"));
        ok(client.update_folder("d", "y"));
        ok(client.delete_folder("d"));
        ok(client.create_folder("d", ""));
        ok(client.move_file("f", "a", 1));
        client.holds("a", b"there");
        assert_eq!(code(&client.delete_file("f")), -166, "{status}");
    }
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
