//! Uploads from memory, of any size: in slices where they are large, complete or not there at all.

mod common;

use std::io::Read;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use common::emulator::Emulator;
use common::library::{APIS, Client, code, message, ok};
use common::listener::{Listener, read_request};
use common::noise;
use serde_json::json;

const MIB: usize = 1 << 20;

#[test]
fn memory_of_any_size_arrives_whole() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"slice_size": MIB}));
        let content = noise(21 * MIB + 5, 1);
        for length in [0, 1, 8 * MIB, 8 * MIB + 1, content.len()] {
            let (path, bytes) = (format!("f{length}"), &content[..length]);
            let sent = ok(client.upload_buffer(bytes, &path, "attribute"));
            let by = if api == "xml" { "crc64" } else { "sha1" };
            assert_eq!(sent["data"]["verified"], by, "{sent}");
            assert!(sent["data"]["access_url"].is_string(), "{sent}");
            let stat = ok(client.stat_file(&path));
            assert_eq!(stat["data"]["biz_attr"], "attribute", "{stat}");
            client.holds(&path, bytes);
        }
        if api == "xml" {
            assert_eq!(emulator.count("upload_part"), 9 + 22);
        }
        // There already: with the same content and with other.
        let same = client.upload_buffer(&content, &format!("f{}", content.len()), "");
        assert_eq!(code(&same), -4018, "{api}: {same}");
        let other = client.upload_buffer(&content[1..], &format!("f{}", content.len()), "");
        assert_eq!(code(&other), -177, "{api}: {other}");
    }
}

#[test]
fn a_failure_leaves_nothing_that_costs_money() {
    let content = noise(12 * MIB, 2);
    let refuse = json!({"status": 403, "body": ""});
    for api in APIS {
        let emulator = Emulator::start();
        let options = json!({"slice_size": MIB, "retries": 0, "parallel": 2});
        let client = Client::speaking(api, &emulator.url, options);
        let part = if api == "xml" {
            "upload_part"
        } else {
            "slice_data"
        };
        emulator.set_faults(&json!([{"match": {"op": part, "from": 3}, "fault": refuse}]));
        let failed = client.upload_buffer(&content, "f", "");
        assert_ne!(code(&failed), 0, "{api}: {failed}");
        assert!(failed["data"].get("session").is_none(), "{failed}");
        emulator.set_faults(&json!([]));
        assert_ne!(code(&client.stat_file("f")), 0, "{api}");
        if api == "xml" {
            let left = ok(client.list_uploads(""));
            assert_eq!(left["data"]["infos"], json!([]));
        }
        ok(client.upload_buffer(&content, "f", ""));
        client.holds("f", &content);
    }
}

/// Where the service cannot even be told, the reply names what is left.
#[test]
fn what_could_not_be_dropped_is_named() {
    let content = noise(9 * MIB, 3);
    let emulator = Emulator::start();
    let options = json!({"slice_size": MIB, "retries": 0});
    let client = Client::speaking("xml", &emulator.url, options);
    emulator.set_faults(&json!([
        {"match": {"op": "upload_part"}, "fault": {"status": 403, "body": ""}},
        {"match": {"op": "abort"}, "fault": {"status": 503, "body": ""}},
    ]));
    let failed = client.upload_buffer(&content, "f", "");
    let session = failed["data"]["session"]
        .as_str()
        .expect("named")
        .to_owned();
    emulator.set_faults(&json!([]));
    ok(client.abort_upload("f", &session));
}

#[test]
fn a_part_that_fails_is_sent_again_from_memory() {
    let content = noise(10 * MIB, 4);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"slice_size": MIB}));
        let part = if api == "xml" {
            "upload_part"
        } else {
            "slice_data"
        };
        emulator.set_faults(&json!([
            {"match": {"op": part, "from": 2, "count": 2}, "fault": {"status": 503, "body": ""}},
            {"match": {"op": part, "from": 6, "count": 1}, "fault": {"reset": "at", "bytes": 5000}},
        ]));
        ok(client.upload_buffer(&content, "f", ""));
        emulator.end_faults();
        client.holds("f", &content);
    }
}

/// What is sent again must be what was sent before.
#[test]
fn memory_that_changes_meanwhile_makes_no_object() {
    for api in APIS {
        let emulator = Emulator::start();
        let options = json!({"slice_size": MIB, "parallel": 1});
        let client = Client::speaking(api, &emulator.url, options);
        let part = if api == "xml" {
            "upload_part"
        } else {
            "slice_data"
        };
        // The part waits for a second before it is read again.
        emulator.set_faults(&json!([
            {"match": {"op": part, "count": 1},
             "fault": {"status": 503, "body": "", "headers": {"Retry-After": "1"}}},
        ]));
        let noise = noise(9 * MIB, 6);
        let another = noise[0] ^ 1;
        let content: Vec<AtomicU8> = noise.into_iter().map(AtomicU8::new).collect();
        let reply = client.upload_changing(&content, "f", &mut |_, _| {
            if emulator.faults_struck() == 1 {
                content[0].store(another, Ordering::SeqCst);
            }
            0
        });
        assert_eq!(code(&reply), -3, "{api}: {reply}");
        assert_eq!(message(&reply), "data: was changed while it was sent");
        assert_ne!(code(&client.stat_file("f")), 0, "{api}");
    }
}

#[test]
fn it_ends_with_its_client_within_half_a_second() {
    // Takes the upload's beginning, and answers nothing for as long as the client is there.
    let (begins, begun) = mpsc::channel();
    let begins = Mutex::new(begins);
    let service = Listener::with_connections(move |stream, _| {
        if read_request(stream).is_some() {
            begins.lock().unwrap().send(()).unwrap();
            let _ = stream.read(&mut [0]);
        }
    });
    let content = noise(9 * MIB, 5);
    for api in APIS {
        let client = Client::speaking(api, &service.url, json!({}));
        thread::scope(|scope| {
            let call = scope.spawn(|| client.upload_buffer(&content, "f", ""));
            begun.recv_timeout(Duration::from_secs(10)).unwrap();
            let cancelled = Instant::now();
            client.cancel();
            let reply = call.join().unwrap();
            assert_eq!(code(&reply), -5, "{reply}");
            assert!(
                cancelled.elapsed() < Duration::from_millis(500),
                "{api}: {:?}",
                cancelled.elapsed()
            );
        });
    }
}
