//! Bytes that are appended to a file exactly once, whatever becomes of the answers (docs/objects.md).

#![allow(unsafe_code)] // a callback that C calls

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::emulator::Emulator;
use common::library::{Client, code, message, ok};
use common::noise;
use common::trace::trace;
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn xml(emulator: &Emulator, options: Value) -> Client {
    Client::speaking("xml", &emulator.url, options)
}

fn end_of(reply: Value) -> usize {
    let position = ok(reply)["data"]["position"].as_u64().unwrap();
    usize::try_from(position).unwrap()
}

fn refused(reply: &Value, name: &str) {
    let named = reply["error"]["service_code"].as_str();
    assert_eq!((code(reply), named), (-409, Some(name)), "{reply}");
}

/// The first request of an operation fails so.
fn strike(emulator: &Emulator, op: &str, fault: &Value) {
    emulator.set_faults(&json!([{"match": {"op": op, "count": 1}, "fault": fault}]));
}

#[test]
fn pieces_add_up() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    for path in ["log", "目录/日 志+%"] {
        let mut whole = Vec::new();
        for (number, size) in [5, 0, 100_000, 5 * MIB, 1].into_iter().enumerate() {
            let piece = noise(size, number as u64);
            let end = end_of(client.append(&piece, path, whole.len(), &json!({})));
            whole.extend_from_slice(&piece);
            assert_eq!(end, whole.len());
            client.holds(path, &whole);
        }
        let stat = ok(client.stat_file(path));
        assert_eq!(stat["data"]["type"], "appendable");
    }
    // One that begins with nothing.
    assert_eq!(end_of(client.append(b"", "empty", 0, &json!({}))), 0);
    assert_eq!(end_of(client.append(b"x", "empty", 0, &json!({}))), 1);
    client.holds("empty", b"x");
}

#[test]
fn the_first_says_what_the_file_is() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    let options = json!({"biz_attr": "属性", "acl": "public-read", "storage_class": "STANDARD_IA",
        "headers": {"Content-Type": "text/x-log", "x-cos-meta-of": "first"}});
    end_of(client.append(b"1", "log", 0, &options));
    for key in ["biz_attr", "acl", "storage_class", "headers"] {
        let mut later = json!({});
        later[key] = options[key].clone();
        let reply = client.append(b"2", "log", 1, &later);
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).contains("first append"), "{reply}");
    }
    end_of(client.append(b"2", "log", 1, &json!({})));
    let stat = &ok(client.stat_file("log"))["data"];
    assert_eq!(stat["biz_attr"], "属性");
    assert_eq!(stat["storage_class"], "STANDARD_IA");
    assert_eq!(stat["headers"]["content-type"], "text/x-log");
    assert_eq!(stat["meta"], json!({"of": "first"}));
    assert_eq!(ok(client.get_acl("log"))["data"]["acl"], "public-read");
}

#[test]
fn what_cannot_be_appended_is_the_services_to_say() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    refused(
        &client.append(b"x", "none", 1, &json!({})),
        "AppendPositionErr",
    );
    end_of(client.append(b"12345", "log", 0, &json!({})));
    emulator.forget_requests();
    for position in [0, 4, 6] {
        refused(
            &client.append(b"x", "log", position, &json!({})),
            "AppendPositionErr",
        );
    }
    // Where no answer was lost, nothing is looked at.
    assert_eq!(
        (emulator.count("append"), emulator.requests().len()),
        (3, 3)
    );
    client.holds("log", b"12345");
    ok(client.upload_buffer(b"12345", "normal", ""));
    refused(
        &client.append(b"x", "normal", 5, &json!({})),
        "ObjectNotAppendable",
    );
    ok(client
        .with(&json!({"overwrite": true}))
        .upload_buffer(b"12345", "log", ""));
    refused(
        &client.append(b"x", "log", 5, &json!({})),
        "ObjectNotAppendable",
    );
}

#[test]
fn appends_make_no_versions() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    ok(client.create_bucket("testbucket", "private"));
    ok(client.set_versioning("Enabled"));
    ok(client.append(b"12", "log", 0, &json!({})));
    ok(client.append(b"345", "log", 2, &json!({})));
    client.holds("log", b"12345");
    let mut infos = Vec::new();
    ok(client.list_versions("", 1, &mut |page| {
        infos.extend(page["infos"].as_array().unwrap().clone());
        0
    }));
    assert_eq!(infos.len(), 1, "{infos:?}");
}

/// Each way in which the service can have appended or not without saying so.
#[test]
fn each_piece_is_there_once_whatever_becomes_of_the_answer() {
    let faults = [
        json!({"reset": "before"}),
        json!({"reset": "after"}),
        json!({"close": "after"}),
        json!({"reset": "at", "bytes": 3}),
        json!({"cut": 40, "reset": true}),
        json!({"error": {"code": "InternalError", "status": 500}}),
        json!({"error": {"code": "InternalError", "status": 500}, "after": true}),
        json!({"error": {"code": "SlowDown", "status": 503}}),
        // Reads are behind what was written.
        json!({"reset": "after", "stale_reads": 2}),
    ];
    for flags in [&[][..], &["--no-crc64"]] {
        let emulator = Emulator::start_with(flags);
        let calm = xml(&emulator, json!({}));
        let mut number = 0;
        for fault in &faults {
            for (retries, before) in [(0, 0), (0, 9), (3, 0), (3, 9)] {
                for size in [10, 5 * MIB] {
                    number += 1;
                    let (path, piece) = (format!("log{number}"), noise(size, number));
                    let mut whole = noise(before, 99);
                    if before > 0 {
                        end_of(calm.append(&whole, &path, 0, &json!({})));
                    }
                    let client = xml(&emulator, json!({"retries": retries}));
                    strike(&emulator, "append", fault);
                    let reply = client.append(&piece, &path, before, &json!({}));
                    assert_eq!(emulator.end_faults(), 1, "{fault}");
                    let what = format!("{fault} {flags:?} {before} {size} {retries}: {reply}");
                    if retries > 0 {
                        assert_eq!(code(&reply), 0, "{what}");
                    }
                    whole.extend_from_slice(&piece);
                    let held = calm.stat_file(&path);
                    let held = held["data"]["filesize"].as_u64().unwrap_or(0);
                    if code(&reply) == 0 {
                        assert_eq!(reply["data"]["position"], whole.len(), "{what}");
                        calm.holds(&path, &whole);
                    } else {
                        // It was not carried out, or nobody could see that it was.
                        let is_behind = fault["stale_reads"].is_number();
                        assert!(held == before as u64 || is_behind, "{what}: {held}");
                    }
                }
            }
        }
    }
}

/// Another writer appends between the attempts, of which the first was carried out or not.
#[test]
fn others_that_append_meanwhile_are_told_apart() {
    // The first attempt, what the other appends (at the end of the file as it is then), what comes of it.
    for (moment, other, expected) in [
        // Its piece stands where ours was to go.
        ("before", &b"other"[..], Err("AppendPositionErr")),
        ("before", b"theirs", Err("AppendPositionErr")),
        ("before", b"much longer than ours", Err("AppendPositionErr")),
        // It follows ours.
        ("after", b"other", Ok(())),
        ("after", b"o", Ok(())),
    ] {
        for before in [&b""[..], b"begun"] {
            let emulator = Emulator::start();
            let (client, writer) = (xml(&emulator, json!({})), xml(&emulator, json!({})));
            if !before.is_empty() {
                end_of(writer.append(before, "log", 0, &json!({})));
            }
            let is_begun = Arc::new(AtomicBool::new(false));
            let place = before.len() + if moment == "after" { 5 } else { 0 };
            let writing = is_begun.clone();
            trace(client.0, move |_| {
                if !writing.swap(true, Ordering::SeqCst) {
                    end_of(writer.append(other, "log", place, &json!({})));
                }
                0
            });
            strike(&emulator, "append", &json!({"reset": moment}));
            let reply = client.append(b"piece", "log", before.len(), &json!({}));
            assert!(is_begun.load(Ordering::SeqCst));
            let reader = xml(&emulator, json!({}));
            match expected {
                Ok(()) => {
                    assert_eq!(end_of(reply), before.len() + 5);
                    reader.holds("log", &[before, b"piece", other].concat());
                }
                Err(name) => {
                    refused(&reply, name);
                    reader.holds("log", &[before, other].concat());
                }
            }
        }
    }
}

/// An upload of the same bytes is no append.
#[test]
fn a_file_of_another_kind_is_not_taken_for_the_appended_one() {
    let emulator = Emulator::start();
    let (client, other) = (xml(&emulator, json!({})), xml(&emulator, json!({})));
    let is_begun = AtomicBool::new(false);
    trace(client.0, move |_| {
        if !is_begun.swap(true, Ordering::SeqCst) {
            ok(other.upload_buffer(b"piece", "log", ""));
        }
        0
    });
    strike(&emulator, "append", &json!({"reset": "before"}));
    refused(
        &client.append(b"piece", "log", 0, &json!({})),
        "ObjectNotAppendable",
    );
}

/// The same bytes at the same place, from long before.
#[test]
fn what_was_there_before_is_not_taken_for_what_was_appended() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    end_of(client.append(b"piece", "log", 0, &json!({})));
    let then = json!({"last-modified": "Wed, 21 Oct 2015 07:28:00 GMT"});
    emulator.set_faults(&json!([
        {"match": {"op": "append", "count": 1}, "fault": {"reset": "before"}},
        {"match": {"op": "head_object"}, "fault": {"headers": then}},
    ]));
    let reply = client.append(b"piece", "log", 0, &json!({}));
    refused(&reply, "AppendPositionErr");
}

/// Who may append and not look is told what is not known.
#[test]
fn without_the_right_to_look_nothing_is_claimed() {
    let emulator = Emulator::start_with(&["--allow", "name/cos:AppendObject"]);
    let client = xml(&emulator, json!({}));
    assert_eq!(end_of(client.append(b"12345", "log", 0, &json!({}))), 5);
    for retries in [0, 3] {
        let path = format!("log{retries}");
        strike(&emulator, "append", &json!({"reset": "after"}));
        let client = client.with(&json!({"retries": retries}));
        let reply = client.append(b"12345", &path, 0, &json!({}));
        assert_ne!(code(&reply), 0, "{reply}");
        assert!(message(&reply).contains("is not known"), "{reply}");
        emulator.end_faults();
        // It is there once.
        refused(
            &client.append(b"x", &path, 0, &json!({})),
            "AppendPositionErr",
        );
        assert_eq!(end_of(client.append(b"x", &path, 5, &json!({}))), 6);
    }
}
