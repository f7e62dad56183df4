//! What a client tells of its requests: each attempt, once, on the thread that made the call, before the
//! call returns. Compared with what the emulator and other peers have seen.

#![allow(unsafe_code)] // a callback that C calls

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::net::TcpListener;
use std::ptr;
use std::sync::{Arc, Mutex};
use std::thread;

use common::emulator::{Emulator, SECRET_KEY};
use common::library::{APIS, Client, code, ok, take};
use common::listener::{Listener, read_request};
use common::tls::{Certificate, server_config};
use common::trace::{Told, trace};
use common::{TempDir, noise};
use qcos::ffi::qcos_client_trace;
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn one(mut events: Vec<Value>) -> Value {
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

/// How often each of these was seen.
fn counted<'v>(seen: impl Iterator<Item = &'v Value>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in seen {
        let words = format!("{} {}", one["method"], one["status"]);
        *counts.entry(words).or_default() += 1;
    }
    counts
}

fn sum(events: &[Value], method: &str, key: &str) -> u64 {
    let of_method = events.iter().filter(|event| event["method"] == method);
    of_method.map(|event| event[key].as_u64().unwrap()).sum()
}

#[test]
fn every_request_of_every_call_is_told_once() {
    let (content, other) = (noise(20 * MIB, 1), noise(20 * MIB, 2));
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 3}));
        let told = Told::by(&client);
        let folder = TempDir::new();
        fs::create_dir(folder.join("tree")).unwrap();
        folder.file("tree/a", b"a");
        folder.file("tree/b", b"b");
        let file = folder.file("f", &content);
        ok(client.upload(&file, "f"));
        ok(client.download("f", &folder.join("g")));
        ok(client.upload_streamed("s", &json!({}), &other));
        ok(client.stat_file("f"));
        assert_ne!(code(&client.stat_file("none")), 0);
        ok(client.upload_tree(&folder.join("tree"), "d/", "{}", &mut |_, _| 0));
        ok(client.list("d", 0, "eListBoth", 0, ""));
        ok(client.delete_file("f"));
        let (events, seen) = (told.take(), emulator.requests());
        assert_eq!(counted(events.iter()), counted(seen.iter()), "{api}");
        let text = json!(events).to_string();
        for secret in [SECRET_KEY, "q-signature", "uthorization"] {
            assert!(!text.contains(secret), "{secret}");
        }
        let (size, whole) = (content.len() as u64, events.len() as u64);
        let uploaded = match api {
            "xml" => sum(&events, "PUT", "sent"),
            _ => sum(&events, "POST", "sent"),
        };
        assert!((2 * size..2 * size + 4096 * whole).contains(&uploaded));
        let received = sum(&events, "GET", "received");
        assert!((size..size + 4096 * whole).contains(&received));
        for event in &events {
            let query = event["query"].as_str().unwrap();
            assert!(
                !query.contains("sign=") || query == "sign=(signature)",
                "{event}"
            );
            assert_eq!(event["attempt"], 1, "{event}");
            assert_eq!(event["code"] == 0, event["error"].is_null(), "{event}");
            assert!(
                event["whole_ms"].as_f64() >= event["head_ms"].as_f64(),
                "{event}"
            );
            assert!(event["request_id"].is_string() || api == "json", "{event}");
        }
        assert!(events.iter().any(|event| event["connect_ms"].is_null()));
    }
}

#[test]
fn attempts_are_told_with_their_failures() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.upload_buffer(b"content", "f", ""));
        let told = Told::by(&client);
        emulator.set_faults(&json!([
            {"match": {"count": 2}, "fault": {"status": 503, "body": ""}},
        ]));
        ok(client.stat_file("f"));
        let events = told.take();
        let field = |name: &str| events.iter().map(|e| e[name].clone()).collect::<Vec<_>>();
        assert_eq!(field("attempt"), [1, 2, 3], "{events:?}");
        assert_eq!(field("status"), [503, 503, 200], "{events:?}");
        for failed in &events[..2] {
            assert!(failed["code"].as_i64() < Some(0), "{failed}");
            assert!(failed["error"].is_string(), "{failed}");
            assert!(failed["retry_in_ms"].as_f64() > Some(0.0), "{failed}");
        }
        assert!(events[2]["retry_in_ms"].is_null() && events[2]["error"].is_null());
    }
}

#[test]
fn what_was_not_come_to_is_left_out() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for (url, reached) in [
        ("http://none.invalid".to_owned(), ["dns_ms"].as_slice()),
        (
            format!("http://127.0.0.1:{port}"),
            &["dns_ms", "connect_ms"],
        ),
    ] {
        let client = Client::speaking("json", &url, json!({"retries": 0}));
        let told = Told::by(&client);
        assert_eq!(code(&client.stat_file("f")), -2);
        let event = one(told.take());
        let steps = ["dns_ms", "connect_ms", "tunnel_ms", "tls_ms", "head_ms"];
        let came_to = steps.into_iter().filter(|step| event[step].is_number());
        assert_eq!(came_to.collect::<Vec<_>>(), reached, "{event}");
        assert_eq!((&event["status"], &event["code"]), (&json!(0), &json!(-2)));
        assert!(event["request_id"].is_null() && event["error"].is_string());
    }
}

/// As localhost, behind a proxy that opens a tunnel to itself.
#[test]
fn a_new_connection_tells_its_steps_and_a_kept_one_none() {
    let certificate = Certificate::new("localhost");
    let config = server_config(&certificate);
    let proxy = Listener::with_connections(move |stream, _| {
        let tunnel = read_request(stream).unwrap();
        assert!(tunnel.line.starts_with("CONNECT "), "{}", tunnel.line);
        stream.write_all(b"HTTP/1.1 200 X\r\n\r\n").unwrap();
        let tls = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(tls, stream);
        while read_request(&mut stream).is_some() {
            let good = r#"{"code":0,"message":"SUCCESS","data":{}}"#;
            let head = format!("HTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n", good.len());
            let _ = stream.write_all((head + good).as_bytes());
        }
    });
    let options = json!({"tls_ca": certificate.path(), "proxy": proxy.url});
    let client = Client::speaking("json", "https://localhost", options);
    let told = Told::by(&client);
    for is_new in [true, false] {
        ok(client.stat_folder("d"));
        let event = one(told.take());
        for step in ["dns_ms", "connect_ms", "tunnel_ms", "tls_ms"] {
            assert_eq!(event[step].is_number(), is_new, "{event}");
        }
        assert_eq!(event["host"], "localhost");
    }
}

#[test]
fn a_derived_client_has_its_own_callback_or_the_other_ones() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let first = client.with(&json!({}));
    let told = Told::by(&client);
    ok(first.stat_folder(""));
    assert_eq!(told.take().len(), 1);
    let own = Told::by(&first);
    ok(first.with(&json!({})).stat_folder(""));
    ok(client.stat_folder(""));
    assert_eq!((told.take().len(), own.take().len()), (1, 1));
    let end = |client: &Client| take(unsafe { qcos_client_trace(client.0, None, ptr::null_mut()) });
    ok(end(&first));
    ok(first.stat_folder(""));
    assert_eq!((told.take().len(), own.take().len()), (1, 0));
    ok(end(&client));
    ok(first.stat_folder(""));
    assert_eq!(told.take().len(), 0);
    let closed = take(unsafe { qcos_client_trace(1 << 40, None, ptr::null_mut()) });
    assert_eq!(code(&closed), -7, "{closed}");
}

#[test]
fn calls_that_the_callback_makes_are_not_told() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.upload_buffer(b"x", "there", ""));
        let before = emulator.requests().len();
        let (told, handle) = (Arc::new(Mutex::new(0)), client.0);
        let counted = told.clone();
        trace(handle, move |_| {
            *counted.lock().unwrap() += 1;
            let client = ManuallyDrop::new(Client(handle));
            i32::from(code(&client.stat_file("there")) != 0)
        });
        ok(client.upload_buffer(&noise(9 * MIB, 3), "f", ""));
        ok(client.stat_file("f"));
        let seen = emulator.requests().len() - before;
        assert_eq!(2 * *told.lock().unwrap(), seen, "{api}");
    }
}

#[test]
fn it_can_cancel() {
    let content = noise(20 * MIB, 4);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 2}));
        ok(client.upload_buffer(b"x", "there", ""));
        trace(client.0, |_| 7);
        // What is over is over.
        ok(client.stat_file("there"));
        let cancelled = client.upload_streamed("f", &json!({}), &content);
        assert_eq!(code(&cancelled), -5, "{api}: {cancelled}");
        emulator.set_faults(&json!([{"fault": {"status": 503, "body": ""}}]));
        let before = emulator.requests().len();
        let cancelled = client.stat_file("there");
        assert_eq!(code(&cancelled), -5, "{api}: {cancelled}");
        assert_eq!(emulator.requests().len(), before + 1, "{api}");
    }
}

/// Requests wait for a callback that is slower than they are, and none is left out.
#[test]
fn a_slow_callback_is_told_of_all() {
    let emulator = Emulator::start();
    let client = Client::speaking("json", &emulator.url, json!({"parallel": 8}));
    let folder = TempDir::new();
    fs::create_dir(folder.join("tree")).unwrap();
    for number in 0..1_300 {
        folder.file(&format!("tree/{number}"), b"");
    }
    let (seen, url) = (Arc::new(Mutex::new(Vec::new())), emulator.url.clone());
    let kept = seen.clone();
    trace(client.0, move |_| {
        let mut kept = kept.lock().unwrap();
        if kept.is_empty() {
            // As many as are kept waiting, at once.
            let requests = || {
                let mut shown = ureq::get(format!("{url}/_emulator/requests"))
                    .call()
                    .unwrap();
                let shown = shown
                    .body_mut()
                    .with_config()
                    .limit(1 << 30)
                    .read_to_string();
                let shown: Value = serde_json::from_str(&shown.unwrap()).unwrap();
                shown["requests"].as_array().unwrap().len()
            };
            while requests() < 1_000 {
                thread::yield_now();
            }
            kept.push(requests());
        }
        kept.push(0);
        0
    });
    ok(client.upload_tree(&folder.join("tree"), "d/", "{}", &mut |_, _| 0));
    let told = seen.lock().unwrap().len() - 1;
    assert_eq!(told, emulator.requests().len());
}
