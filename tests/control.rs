//! A client controlled from outside: derived ones with limits of their own, and calls that end from
//! another thread. That a cancel is obeyed whatever a call waits for is proven by the table of waits.

mod common;

use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::TempDir;
use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok};
use common::listener::{Listener, read_request};
use qcos::ffi::{qcos_client_cancel, qcos_client_close};
use serde_json::{Value, json};

/// Accepts every connection, and says nothing.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let held: Vec<_> = listener.incoming().collect();
        drop(held);
    });
    url
}

#[test]
fn a_derived_client_has_limits_of_its_own() {
    for api in APIS {
        let client = Client::speaking(api, &silent(), json!({"retries": 0}));
        let hasty = client.with(&json!({"timeout_ms": 300}));
        let begun = Instant::now();
        let late = hasty.stat_file("f");
        assert_eq!((code(&late), kind(&late)), (-2, "timeout"), "{late}");
        assert!(begun.elapsed() < Duration::from_millis(1300));
        // Without a byte for so long, and not more than once.
        let impatient = hasty.with(&json!({"timeout_ms": 0, "io_timeout_ms": 200}));
        let begun = Instant::now();
        let stalled = impatient.stat_file("f");
        assert_eq!(
            (code(&stalled), kind(&stalled)),
            (-2, "timeout"),
            "{stalled}"
        );
        assert_eq!(stalled["error"]["attempts"], 1, "{stalled}");
        assert!(
            !message(&stalled).contains("timeout_ms allows"),
            "{stalled}"
        );
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn it_shares_the_connection() {
    let service = Listener::with_connections(|stream, _| {
        while read_request(stream).is_some() {
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n\
                          {\"code\":0,\"message\":\"SUCCESS\",\"data\":{}}";
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    });
    let client = Client::speaking("json", &service.url, json!({}));
    for _ in 0..20 {
        ok(client.with(&json!({"retries": 1})).stat_folder("d"));
        ok(client.stat_folder("d"));
    }
    assert_eq!(service.connections(), 1);
}

#[test]
fn what_is_not_named_stays_as_it_was() {
    let (emulator, files) = (Emulator::start(), TempDir::new());
    let file = files.file("f", b"content");
    let client = Client::speaking("xml", &emulator.url, json!({"overwrite": true}));
    let (reply, derived) = client.try_with(None);
    ok(reply);
    let derived = Client(derived);
    for _ in 0..2 {
        ok(derived.upload(&file, "f"));
    }
    let careful = derived.with(&json!({"overwrite": false}));
    assert_eq!(code(&careful.upload(&file, "f")), -4018);
    ok(derived.upload(&file, "f"));
}

#[test]
fn it_works_on_when_the_other_is_closed() {
    let emulator = Emulator::start();
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({}));
        let derived = client.with(&json!({}));
        drop(client);
        ok(derived.create_folder(api, ""));
        let second = derived.with(&json!({}));
        drop(derived);
        ok(second.stat_folder(api));
    }
}

#[test]
fn a_cancel_ends_what_is_derived_and_nothing_else() {
    for api in APIS {
        let client = Client::speaking(api, &silent(), json!({}));
        let [one, two] = [(); 2].map(|()| client.with(&json!({})));
        let below = one.with(&json!({}));
        let (ends, ended) = mpsc::channel();
        thread::scope(|scope| {
            for (name, client) in [
                ("client", &client),
                ("one", &one),
                ("two", &two),
                ("below", &below),
            ] {
                let ends = ends.clone();
                scope.spawn(move || ends.send((name, client.stat_file("f"))).unwrap());
            }
            // Nobody ends by itself.
            assert!(ended.recv_timeout(Duration::from_millis(300)).is_err());
            let cancel = |handle: &Client, mut expected: Vec<&str>| {
                let begun = Instant::now();
                handle.cancel();
                let mut names: Vec<&str> = expected.iter().map(|_| cancelled(&ended)).collect();
                assert!(begun.elapsed() < Duration::from_millis(500), "{names:?}");
                names.sort_unstable();
                expected.sort_unstable();
                assert_eq!(names, expected);
                assert!(ended.recv_timeout(Duration::from_millis(200)).is_err());
            };
            cancel(&one, vec!["one", "below"]);
            cancel(&two, vec!["two"]);
            cancel(&client, vec!["client"]);
        });
    }
}

fn cancelled(ended: &mpsc::Receiver<(&'static str, Value)>) -> &'static str {
    let (name, reply) = ended.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
    name
}

#[test]
fn a_cancelled_client_makes_no_call_any_more() {
    let (emulator, files) = (Emulator::start(), TempDir::new());
    let file = files.file("f", b"content");
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({}));
        let derived = client.with(&json!({}));
        ok(derived.upload(&file, &format!("{api}/f")));
        client.cancel();
        client.cancel();
        let later = client.with(&json!({}));
        for client in [&client, &derived, &later] {
            for reply in [
                client.stat_file(&format!("{api}/f")),
                client.upload(&file, &format!("{api}/g")),
                client.upload_buffer(b"x", &format!("{api}/h"), ""),
                client.list_all(api, 1, &mut |_| 0),
                client.download(&format!("{api}/f"), &files.join("got")),
                client.delete_tree(api),
            ] {
                assert_eq!(code(&reply), -5, "{reply}");
                assert_eq!(reply["error"]["attempts"], 0, "nothing was sent: {reply}");
            }
        }
        assert!(!files.join("got").exists());
    }
}

#[test]
fn a_callback_may_cancel_its_own_client_and_call_another() {
    let (emulator, files) = (Emulator::start(), TempDir::new());
    let file = files.file("f", &common::noise(9 << 20, 1));
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({}));
        let other = Client::speaking(api, &emulator.url, json!({}));
        let cancelled = client.upload_reporting(&file, &format!("{api}/f"), &mut |_, _| {
            client.cancel();
            ok(other.create_folder(&format!("{api}-seen"), ""));
            // Only the first report comes.
            0
        });
        assert_eq!(code(&cancelled), -5, "{cancelled}");
    }
}

#[test]
fn wrong_handles_are_refused_or_left_alone() {
    for handle in [0, 1 << 40, u64::MAX] {
        qcos_client_cancel(handle);
        let (reply, derived) = Client(handle).try_with(None);
        assert_eq!((code(&reply), derived), (-7, 0), "{reply}");
    }
    let client = Client::speaking("json", "http://127.0.0.1:1", json!({}));
    qcos_client_close(client.0);
    qcos_client_cancel(client.0);
    assert_eq!(code(&client.try_with(None).0), -7);
}
