//! Handles: only open ones work, from any thread, and closing one harms nobody.

mod common;

use std::thread;

use common::emulator::Emulator;
use common::library::{Client, code, message, ok};
use common::listener::{Listener, http};
use qcos::ffi::qcos_client_close;
use serde_json::json;

#[test]
fn forged_and_closed_handles_are_refused() {
    let listener = Listener::replying("{}");
    let closed = {
        let client = Client::open(&listener.url);
        client.0
    };
    for handle in [0, closed, closed + 1_000_000, 1 << 53, u64::MAX] {
        let reply = Client(handle).stat_file("a");
        assert_eq!(
            (code(&reply), &reply["error"]["name"]),
            (-7, &json!("QCOS_ERR_HANDLE"))
        );
        assert!(message(&reply).starts_with("client: "));
    }
    // Before any other parameter is looked at.
    assert_eq!(code(&Client(closed).stat_file("..")), -7);
    assert_eq!(listener.connections(), 0);
}

#[test]
fn handles_are_never_reused() {
    let mut last = 0;
    for _ in 0..1000 {
        let client = Client::open("http://127.0.0.1:1");
        assert!(client.0 > last && client.0 < 1 << 53);
        last = client.0;
    }
}

#[test]
fn closing_while_other_threads_call_is_safe() {
    let listener = Listener::answering(|_, _| http(200, r#"{"code":0,"data":{}}"#));
    for _ in 0..20 {
        let client = Client::open(&listener.url);
        let handle = client.0;
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    loop {
                        match code(&client.stat_file("a")) {
                            0 => {}
                            -7 => break,
                            other => panic!("code {other}"),
                        }
                    }
                });
            }
            qcos_client_close(handle);
        });
    }
}

#[test]
fn threads_share_a_client() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    thread::scope(|scope| {
        for number in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for round in 0..5 {
                    let path = format!("t{number}/{round} 图");
                    ok(client.upload_buffer(path.as_bytes(), &path, ""));
                    assert_eq!(ok(client.stat_file(&path))["data"]["filelen"], path.len());
                    ok(client.list(&format!("t{number}"), 0, "eListBoth", 0, ""));
                    ok(client.delete_file(&path));
                }
            });
        }
    });
}
