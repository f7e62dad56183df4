//! Bytes of objects without files: into memory, to a callback, and files on conditions.

mod common;

use std::fs;
use std::time::{Duration, Instant};

use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok};
use common::{TempDir, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

/// What a callback has received, with the reply.
fn streamed(client: &Client, path: &str, options: &Value) -> (Value, Vec<u8>) {
    let mut bytes = Vec::new();
    let reply = client.download_stream(path, options, &mut |more| {
        assert!(!more.is_empty());
        bytes.extend_from_slice(more);
        0
    });
    (reply, bytes)
}

#[test]
fn some_bytes_come_into_memory() {
    let content = noise(20 * MIB + 7, 1);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.upload_buffer(&content, "f", ""));
        let size = content.len();
        for (offset, length) in [
            (0, 5),
            (7, 64 << 10),
            (size - 3, 3),
            (size - 3, 100),
            (size, 10),
            (5, 0),
            (0, size),
            (3, 9 * MIB),
            (0, size + MIB),
            (size - 9 * MIB, 10 * MIB),
        ] {
            let mut buffer = vec![0x55; length];
            let place = i64::try_from(offset).unwrap();
            let reply = ok(client.download_buffer("f", place, &mut buffer, &json!({})));
            let end = size.min(offset + length);
            let expected = &content[offset..end];
            assert_eq!(reply["data"]["len"], expected.len(), "{api}: {reply}");
            assert_eq!(reply["data"]["filesize"], size, "{reply}");
            assert!(buffer[..expected.len()] == *expected, "{api}: {offset}");
            assert!(buffer[expected.len()..].iter().all(|b| *b == 0x55));
            let by = match (expected.len() == size, api) {
                (false, _) => "length",
                (true, "xml") => "crc64",
                (true, _) => "sha1",
            };
            assert_eq!(reply["data"]["verified"], by, "{reply}");
            if api == "xml" {
                let stat = ok(client.stat_file("f"));
                assert_eq!(stat["data"]["etag"], reply["data"]["etag"]);
            }
        }
    }
}

#[test]
fn a_small_read_takes_one_request() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    ok(client.upload_buffer(&noise(100_000, 2), "f", ""));
    let before = emulator.requests().len();
    ok(client.download_buffer("f", 50, &mut [0; 1000], &json!({})));
    ok(client.download_buffer("f", 99_990, &mut [0; 1000], &json!({})));
    let requests = emulator.requests();
    let operations: Vec<&Value> = requests[before..].iter().map(|r| &r["op"]).collect();
    assert_eq!(operations, ["get_object", "get_object"]);
}

#[test]
fn an_object_comes_in_order() {
    let content = noise(30 * MIB + 7, 3);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 3}));
        ok(client.upload_buffer(&content, "f", ""));
        let size = content.len();
        for (options, range) in [
            (json!({}), 0..size),
            (json!({"offset": 3, "length": 100}), 3..103),
            (json!({"offset": 5}), 5..size),
            (json!({"length": 12 * MIB}), 0..12 * MIB),
            (json!({"last": 10 * MIB}), size - 10 * MIB..size),
            (json!({"offset": size}), size..size),
        ] {
            let (reply, bytes) = streamed(&client, "f", &options);
            let reply = ok(reply);
            assert!(bytes == content[range.clone()], "{api}: {options}");
            assert_eq!(reply["data"]["len"], range.len(), "{reply}");
            assert_eq!(reply["data"]["filesize"], size, "{reply}");
            let is_whole = range.len() == size;
            assert_eq!(is_whole, reply["data"]["verified"] != "length", "{reply}");
        }
        ok(client.upload_buffer(b"", "empty", ""));
        let (reply, bytes) = streamed(&client, "empty", &json!({}));
        assert_eq!(
            (ok(reply)["data"]["len"].as_u64(), bytes.len()),
            (Some(0), 0)
        );
        let mut nothing = [1];
        let reply = ok(client.download_buffer("empty", 0, &mut nothing, &json!({})));
        assert_eq!(reply["data"]["len"], 0, "{reply}");
    }
}

#[test]
fn what_is_wrong_is_named_and_nothing_comes() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.upload_buffer(b"0123456789", "f", ""));
        let mut buffer = [0; 4];
        for (offset, problem) in [
            (-1, "offset: is -1"),
            (11, "offset: is 11, the object has 10 bytes"),
            (i64::MAX, "offset: is 9223372036854775807"),
        ] {
            let reply = client.download_buffer("f", offset, &mut buffer, &json!({}));
            assert_eq!(code(&reply), -3, "{reply}");
            assert!(message(&reply).starts_with(problem), "{reply}");
        }
        let reply = client.download_buffer("f", 0, &mut buffer, &json!({"offset": 1}));
        assert!(
            message(&reply).contains("offset: is not an option"),
            "{reply}"
        );
        let (reply, bytes) = streamed(&client, "f", &json!({"offset": 11}));
        assert_eq!((code(&reply), bytes.len()), (-3, 0), "{reply}");
        let reply = client.download_buffer("none", 0, &mut buffer, &json!({}));
        assert!(
            [-166, -197, -6101].contains(&code(&reply)),
            "{api}: {reply}"
        );
        let (reply, bytes) = streamed(&client, "none", &json!({}));
        assert!(
            [-166, -197, -6101].contains(&code(&reply)),
            "{api}: {reply}"
        );
        assert!(bytes.is_empty());
        if api == "json" {
            let (reply, _) = streamed(&client, "f", &json!({"if_match": "x"}));
            assert!(message(&reply).contains("if_match: is for the XML API only"));
        }
    }
}

#[test]
fn conditions_choose_the_object() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let files = TempDir::new();
    let file = files.join("f");
    ok(client.upload_buffer(b"content", "f", ""));
    let stat = ok(client.stat_file("f"));
    let etag = stat["data"]["etag"].as_str().unwrap().to_owned();
    let changed: u64 = stat["data"]["mtime"].as_str().unwrap().parse().unwrap();
    for (options, expected) in [
        (json!({"if_match": etag}), 0),
        (json!({"if_match": etag.trim_matches('"')}), 0),
        (json!({"if_match": "another"}), -412),
        (json!({"if_none_match": "another"}), 0),
        (json!({"if_none_match": etag}), -304),
        (json!({"if_modified_since": changed - 1}), 0),
        (json!({"if_modified_since": changed}), -304),
        (json!({"if_unmodified_since": changed}), 0),
        (json!({"if_unmodified_since": changed - 1}), -412),
    ] {
        let reply = client.download_with("f", &file, &options);
        assert_eq!(code(&reply), expected, "{options}: {reply}");
        assert_eq!(file.exists(), expected == 0, "{options}");
        let _ = fs::remove_file(&file);
        let reply = client.download_buffer("f", 0, &mut [0; 7], &options);
        assert_eq!(code(&reply), expected, "{options}: {reply}");
        let (reply, bytes) = streamed(&client, "f", &options);
        assert_eq!(code(&reply), expected, "{options}: {reply}");
        assert_eq!(bytes.len(), if expected == 0 { 7 } else { 0 });
    }
}

#[test]
fn a_local_file_stays_where_it_may_not_be_replaced() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.upload_buffer(b"new", "f", ""));
        let files = TempDir::new();
        let (there, nothing) = (files.file("there", b"old"), files.join("nothing"));
        let keep = json!({"overwrite": false});
        let reply = client.download_with("f", &there, &keep);
        assert_eq!((code(&reply), kind(&reply)), (-1, "exists"), "{reply}");
        assert_eq!(fs::read(&there).unwrap(), b"old");
        ok(client.download_with("f", &nothing, &keep));
        assert_eq!(fs::read(&nothing).unwrap(), b"new");
        ok(client.download_with("f", &there, &json!({})));
        assert_eq!(fs::read(&there).unwrap(), b"new");
    }
}

#[test]
fn a_callback_ends_it() {
    let content = noise(40 * MIB, 4);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 2}));
        ok(client.upload_buffer(&content, "f", ""));
        let mut calls = 0;
        let mut last = None;
        let reply = client.download_stream("f", &json!({}), &mut |_| {
            calls += 1;
            last = Some(Instant::now());
            i32::from(calls == 2) * 7
        });
        assert_eq!((code(&reply), calls), (-5, 2), "{reply}");
        assert!(last.unwrap().elapsed() < Duration::from_millis(500));
    }
}

/// A caller that does not take what comes gets no more into its memory than the window.
#[test]
fn no_more_is_fetched_than_the_window_takes() {
    let content = noise(60 * MIB, 5);
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"parallel": 2}));
    ok(client.upload_buffer(&content, "f", ""));
    let before = emulator.requests().len();
    let mut most = 0;
    let mut at = 0;
    let reply = client.download_stream("f", &json!({}), &mut |bytes| {
        at += bytes.len();
        let asked = emulator.requests()[before..]
            .iter()
            .filter(|request| request["op"] == "get_object")
            .count();
        // Ranges of 4 MiB: what was asked for, without what has been taken.
        most = most.max(asked * 4 * MIB - (at - bytes.len()));
        0
    });
    ok(reply);
    assert_eq!(at, content.len());
    assert!(most <= 2 * 4 * MIB + 4 * MIB, "{most}");
}

#[test]
fn a_connection_that_breaks_is_replaced_in_the_midst() {
    let content = noise(18 * MIB, 6);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.upload_buffer(&content, "f", ""));
        let get = if api == "xml" {
            "get_object"
        } else {
            "download"
        };
        let cut = |size: usize| json!({"cut": size, "reset": true});
        let rules = json!([
            {"match": {"op": get, "from": 0, "count": 1}, "fault": cut(MIB)},
            {"match": {"op": get, "from": 2, "count": 1}, "fault": cut(3 * MIB)},
        ]);
        emulator.set_faults(&rules);
        let (reply, bytes) = streamed(&client, "f", &json!({}));
        ok(reply);
        assert!(bytes == content, "{api}");
        emulator.set_faults(&rules);
        let mut buffer = vec![0; content.len()];
        ok(client.download_buffer("f", 0, &mut buffer, &json!({})));
        assert!(buffer == content, "{api}");
        emulator.set_faults(&json!([
            {"match": {"op": get, "from": 0, "count": 1}, "fault": cut(1000)},
        ]));
        let mut buffer = vec![0; 5000];
        ok(client.download_buffer("f", 9, &mut buffer, &json!({})));
        assert!(buffer == content[9..5009], "{api}");
    }
}

/// A digest that does not fit is found at the end; of a range nobody can know.
#[test]
fn wrong_bytes_are_found() {
    let content = noise(9 * MIB, 7);
    for size in [1000, content.len()] {
        let emulator = Emulator::start();
        let client = Client::speaking("xml", &emulator.url, json!({}));
        ok(client.upload_buffer(&content[..size], "f", ""));
        emulator.set_faults(&json!([
            {"match": {"op": "head_object"},
             "fault": {"headers": {"x-cos-hash-crc64ecma": "1"}}},
            {"match": {"op": "get_object"},
             "fault": {"headers": {"x-cos-hash-crc64ecma": "1"}}},
        ]));
        let (reply, _) = streamed(&client, "f", &json!({}));
        assert_eq!(code(&reply), -6, "{reply}");
        let mut buffer = vec![0; size];
        let reply = client.download_buffer("f", 0, &mut buffer, &json!({}));
        assert_eq!(code(&reply), -6, "{reply}");
        ok(client.download_buffer("f", 1, &mut buffer, &json!({})));
    }
}
