//! What was written may not be seen at once: it is looked at again for a moment before it is called
//! missing, and nobody waits longer than he wants to.

mod common;

use std::time::{Duration, Instant};

use common::TempDir;
use common::emulator::Emulator;
use common::library::{Client, code, kind, ok};
use common::noise;
use serde_json::{Value, json};

const MISSING: &str = r#"{"code":-166,"message":"nothing"}"#;

/// An answer of a stat as of another object.
fn old() -> String {
    let data = json!({"filesize": 3, "filelen": 3, "sha": "0".repeat(39) + "1"});
    json!({"code": 0, "message": "", "data": data}).to_string()
}

/// What a stat finds instead of what is there.
fn unseen() -> [Value; 2] {
    [
        json!({"status": 400, "body": MISSING}),
        json!({"status": 200, "body": old()}),
    ]
}

fn hide(emulator: &Emulator, op: &str, count: Option<u64>, fault: &Value) {
    let mut matching = json!({"op": op});
    if let Some(count) = count {
        matching["count"] = count.into();
    }
    emulator.set_faults(&json!([{"match": matching, "fault": fault}]));
}

#[test]
fn an_upload_that_is_seen_a_moment_later_is_a_success() {
    let emulator = Emulator::start();
    let client = Client::open_with(&emulator.url, json!({"overwrite": true}));
    let files = TempDir::new();
    let file = files.file("f", &noise(1_500_000, 1));
    for fault in unseen() {
        hide(&emulator, "stat", Some(3), &fault);
        ok(client.upload_buffer(b"content", "small", ""));
        assert_eq!(emulator.end_faults(), 3);
        hide(&emulator, "stat", Some(3), &fault);
        ok(client.upload_slice(&file, "large", 0, "", &mut |_, _| 0));
        assert_eq!(emulator.end_faults(), 3);
    }
}

#[test]
fn one_that_is_never_seen_is_an_integrity_error() {
    let emulator = Emulator::start();
    let client = Client::open_with(&emulator.url, json!({"overwrite": true}));
    for fault in unseen() {
        hide(&emulator, "stat", None, &fault);
        let start = Instant::now();
        let reply = client.upload_buffer(b"content", "f", "");
        let took = start.elapsed();
        assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
        assert!(took > Duration::from_secs(1), "{took:?}");
        assert!(took < Duration::from_secs(5), "{took:?}");
        emulator.end_faults();
    }
}

#[test]
fn looking_obeys_time_limits_and_callbacks() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let file = files.file("f", b"content");
    hide(&emulator, "stat", None, &unseen()[0]);
    let options = json!({"overwrite": true, "timeout_ms": 500});
    let start = Instant::now();
    let reply = Client::open_with(&emulator.url, options).upload(&file, "f");
    assert_ne!(code(&reply), 0, "{reply}");
    assert!(
        start.elapsed() < Duration::from_millis(1500),
        "{:?}",
        start.elapsed()
    );

    let client = Client::open_with(&emulator.url, json!({"overwrite": true}));
    let start = Instant::now();
    let mut cancelled = None;
    let reply = client.upload_reporting(&file, "f", &mut |_, _| {
        let cancels = start.elapsed() > Duration::from_millis(300);
        if cancels {
            cancelled.get_or_insert_with(Instant::now);
        }
        i32::from(cancels)
    });
    assert_eq!(code(&reply), -5, "{reply}");
    let after = cancelled.unwrap().elapsed();
    assert!(after < Duration::from_millis(500), "{after:?}");
}

/// A move that was carried out, its answer lost, is settled by what is seen a moment later.
#[test]
fn what_is_settled_is_looked_at_again() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    for (number, fault) in unseen().into_iter().enumerate() {
        let (from, to) = (format!("from{number}"), format!("to{number}"));
        ok(client.upload_buffer(b"content", &from, ""));
        emulator.set_faults(&json!([
            {"match": {"op": "move", "count": 1}, "fault": {"reset": "after"}},
            {"match": {"op": "stat", "path": format!("/{to}"), "count": 2}, "fault": fault},
        ]));
        ok(client.move_file(&from, &to, 0));
        assert_eq!(emulator.end_faults(), 3);
    }
}

/// What is read for a moment is as it was before: of a request whose answer came, or was lost.
#[test]
fn reads_that_come_too_early_change_no_outcome() {
    for api in ["json", "xml"] {
        let emulator = Emulator::start();
        for (number, lost) in [false, true].into_iter().enumerate() {
            for stale in 1..=3 {
                let client = Client::speaking(api, &emulator.url, json!({}));
                let path = |name: &str| format!("{number}/{stale}/{name}");
                let strike = |ops: &[&str]| {
                    let mut fault = json!({ "stale_reads": stale });
                    if lost {
                        fault["reset"] = "after".into();
                    }
                    let rule = |op| json!({"match": {"op": op, "count": 1}, "fault": fault});
                    emulator.set_faults(&ops.iter().map(rule).collect());
                };
                let label = format!("{api}, {lost}, {stale}");
                let run = |name: &str, ops: &[&str], call: &dyn Fn() -> Value| {
                    strike(ops);
                    let reply = call();
                    assert_eq!(code(&reply), 0, "{label}: {name}: {reply}");
                    assert_eq!(emulator.end_faults(), 1, "{label}: {name}");
                };
                let overwriting = Client::speaking(api, &emulator.url, json!({"overwrite": true}));
                let (f, g) = (path("f"), path("g"));
                run("upload", &["upload", "put_object"], &|| {
                    client.upload_buffer(b"content", &f, "")
                });
                run("upload over", &["upload", "put_object"], &|| {
                    overwriting.upload_buffer(b"new content", &f, "")
                });
                run("create", &["create", "put_object"], &|| {
                    client.create_folder(&path("d"), "attribute")
                });
                run("move", &["move", "copy_object"], &|| {
                    client.move_file(&f, &g, 0)
                });
                ok(client.upload_buffer(b"content", &f, ""));
                run("move over", &["move", "copy_object"], &|| {
                    client.move_file(&f, &g, 1)
                });
                run("delete", &["delete", "delete_object"], &|| {
                    client.delete_file(&g)
                });
                run("delete", &["delete", "delete_object"], &|| {
                    client.delete_folder(&path("d"))
                });
            }
        }
    }
}

/// The XML API tells no CRC64 of a completed upload, or none of a copy: HEAD must, and sees it late.
#[test]
fn the_xml_api_is_looked_at_again_too() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"overwrite": true}));
    let files = TempDir::new();
    let file = files.file("f", &noise(2 << 20, 1));
    let late = |op: &str| {
        emulator.set_faults(&json!([
            {"match": {"op": op, "count": 1}, "fault": {"no_crc64": true}},
            {"match": {"op": "head_object", "path": "/to", "count": 2}, "fault": {"status": 404, "body": ""}},
        ]));
    };
    late("complete");
    ok(client.upload_slice(&file, "to", 1 << 20, "", &mut |_, _| 0));
    assert_eq!(emulator.end_faults(), 3);
    ok(client.upload_buffer(b"new", "from", ""));
    for moves in [false, true] {
        late("copy_object");
        ok(match moves {
            true => client.move_file("from", "to", 1),
            false => client.copy_file("from", "to", 1),
        });
        assert_eq!(emulator.end_faults(), 3, "{moves}");
    }
}
