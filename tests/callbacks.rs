//! The progress callback: where it is called, what it may do, and how it ends a transfer.

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok};
use common::{TempDir, noise, sha1_hex};
use qcos::ffi::qcos_client_close;
use serde_json::json;

const SLICE: usize = 512 << 10;

#[test]
fn it_is_called_on_the_callers_thread() {
    let emulator = Emulator::start();
    // One slice after the other, each is told of.
    let client = Client::open_with(&emulator.url, json!({"parallel": 1}));
    let files = TempDir::new();
    let file = files.file("f", &noise(16 * SLICE, 1));
    let caller = thread::current().id();
    let mut calls = 0;
    ok(client.upload_slice(&file, "f", 0, "", &mut |_, _| {
        assert_eq!(thread::current().id(), caller);
        calls += 1;
        0
    }));
    assert!(calls >= 17, "{calls}");
}

#[test]
fn any_value_but_0_cancels_at_any_call() {
    let emulator = Emulator::start();
    // One slice after the other, so that each call is known.
    let client = Client::open_with(&emulator.url, json!({"parallel": 1}));
    let files = TempDir::new();
    let file = files.file("f", &noise(4 * SLICE, 2));
    let small = files.file("small", b"small");
    for answer in [1, -1, i32::MIN, -337_120_048] {
        for stop in 0..4 {
            let path = format!("f{answer}{stop}");
            let (mut calls, mut moved) = (0, 0);
            let reply = client.upload_slice(&file, &path, 0, "", &mut |done, _| {
                (calls, moved) = (calls + 1, done);
                if calls > stop { answer } else { 0 }
            });
            assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
            assert_eq!(calls, stop + 1, "no call after the one that cancels");
            // A binding may have cancelled for a context or a signal, with no callback of anybody's.
            assert_eq!(message(&reply), "the caller has cancelled the call");
            // Before that it may not have begun at the service.
            let has_session = reply["data"]["session"].is_string();
            assert!(has_session || moved == 0, "{reply}");
        }
        let reply = client.upload_reporting(&small, "small", &mut |_, _| answer);
        assert_eq!(code(&reply), -5);
        assert_ne!(code(&client.stat_file("small")), 0);
    }
}

#[test]
fn slices_side_by_side_are_cancelled_too() {
    let emulator = Emulator::start();
    let client = Client::open_with(&emulator.url, json!({"parallel": 4}));
    let files = TempDir::new();
    let content = noise(40 * SLICE, 6);
    let file = files.file("f", &content);
    for stop in [0, 1, 7, 20] {
        let path = format!("f{stop}");
        let (mut calls, mut moved) = (0, 0);
        let reply = client.upload_slice(&file, &path, 0, "", &mut |done, _| {
            (calls, moved) = (calls + 1, done);
            i32::from(calls > stop)
        });
        assert_eq!((code(&reply), calls), (-5, stop + 1), "{reply}");
        let session = reply["data"]["session"].as_str().unwrap_or_default();
        assert!(!session.is_empty() || moved == 0, "{reply}");
        ok(client.upload_slice(&file, &path, 0, session, &mut |_, _| 0));
        let stat = ok(client.stat_file(&path));
        let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
        assert_eq!(sha, sha1_hex(&content));
        ok(client.delete_file(&path));
    }
}

#[test]
fn the_last_call_comes_too_late_to_cancel() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let file = files.file("f", &noise(2 * SLICE, 3));
    ok(client.upload_slice(&file, "f", 0, "", &mut |done, total| {
        i32::from(done == total)
    }));
}

#[test]
fn it_may_call_the_library_and_close_its_own_client() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let handle = client.0;
    let files = TempDir::new();
    let file = files.file("f", &noise(4 * SLICE, 4));
    let inner = files.file("inner", &noise(3 * SLICE, 5));
    let mut is_closed = false;
    ok(client.upload_slice(&file, "f", 0, "", &mut |done, _| {
        // It may be called again with the same number.
        if done == SLICE as u64 && !std::mem::replace(&mut is_closed, true) {
            ok(Client(handle).upload_slice(&inner, "inner", 0, "", &mut |_, _| 0));
            // Dropping that wrapper has closed the client that is uploading.
            assert_eq!(code(&Client(handle).stat_file("f")), -7);
            qcos_client_close(handle);
        }
        0
    }));
    assert_eq!(code(&client.stat_file("f")), -7);
    let another = Client::open(&emulator.url);
    assert_eq!(ok(another.stat_file("f"))["data"]["filelen"], 4 * SLICE);
    assert_eq!(ok(another.stat_file("inner"))["data"]["filelen"], 3 * SLICE);
}

/// Whatever the service is silent about, the callback is still called, and can end it.
#[test]
fn a_silent_service_is_no_reason_not_to_cancel() {
    let files = TempDir::new();
    let small = files.file("small", &noise(1000, 7));
    let large = files.file("large", &noise(9 << 20, 8));
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"io_timeout_ms": 60_000}));
        let (upload, first, last) = match api {
            "json" => ("upload", "slice_control", "slice_data"),
            _ => ("put_object", "head_object", "upload_part"),
        };
        for (op, file) in [(upload, &small), (first, &large), (last, &large)] {
            let rule = json!([{"match": {"op": op}, "fault": {"stall": "before_answer"}}]);
            emulator.set_faults(&rule);
            let (mut last, mut silent) = (0, None);
            let reply = client.upload_reporting(file, op, &mut |done, total| {
                assert!(done >= last && done < total, "{done} of {total}");
                last = done;
                // The second call in the silence is one that the service's bytes did not bring.
                let ends = silent.is_some();
                if emulator.faults_struck() > 0 {
                    silent.get_or_insert_with(Instant::now);
                }
                i32::from(ends)
            });
            assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
            assert!(silent.unwrap().elapsed() < Duration::from_secs(20), "{op}");
            emulator.end_faults();
        }
    }
}

/// What has moved before a service fell silent is told while it is silent, not when it goes on.
#[test]
fn a_silent_service_is_no_reason_not_to_tell_how_far_it_came() {
    let files = TempDir::new();
    let file = files.file("f", &noise(4 << 20, 5));
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"retries": 0}));
        ok(client.upload(&file, "f"));
        let upload = if api == "xml" { "put_object" } else { "upload" };
        let download = if api == "xml" {
            "get_object"
        } else {
            "download"
        };
        emulator.set_faults(&json!([
            {"match": {"op": upload}, "fault": {"stall": "before_answer"}},
            {"match": {"op": download}, "fault": {"stall": "body"}},
        ]));
        let mut told = 0;
        let mut until_told = |done: u64, total: u64| {
            told = done;
            i32::from(done > 0 && done < total)
        };
        let reply = client.upload_reporting(&file, "new", &mut until_told);
        assert_eq!(code(&reply), -5, "{api}: {reply}");
        let reply = client.download_reporting("f", &files.join("got"), &mut until_told);
        assert_eq!(code(&reply), -5, "{api}: {reply}");
        assert!(told > 0, "{api}");
    }
}
