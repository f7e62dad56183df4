//! Credentials that end: the caller is asked for others, on the thread that made the call, and the call goes
//! on with them.

#![allow(unsafe_code)] // parameters that are NULL

mod common;

use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant, UNIX_EPOCH};

use common::TempDir;
use common::credentials::{open_without, secret_id, set_credentials, there};
use common::emulator::{Emulator, SECRET_ID, SECRET_KEY};
use common::library::{APIS, Client, code, kind, message, ok, take};
use common::listener::{Listener, http};
use common::relay::relay;
use common::{noise, unix_now};
use qcos::ffi::qcos_client_on_expiry;
use serde_json::{Value, json};

/// A service that knows one secret id, and calls every other one unknown.
fn knowing(id: &'static str, api: &'static str) -> Listener {
    Listener::answering(move |_, request| {
        let is_head = request.line.starts_with("HEAD");
        match (secret_id(request) == id, api) {
            (true, "xml") if !is_head => http(200, EMPTY_LIST),
            (true, _) => there(request),
            (false, "json") => http(403, r#"{"code":-79,"message":"no such secret id"}"#),
            // Without a body, so without a name.
            (false, _) if is_head => http(403, ""),
            (false, _) => refusal("InvalidAccessKeyId"),
        }
    })
}

const EMPTY_LIST: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

fn refusal(name: &str) -> Vec<u8> {
    let text = format!("<Error><Code>{name}</Code><Message>no</Message></Error>");
    http(403, &text)
}

/// The clients and threads of the calls that were called back.
type Calls = Arc<Mutex<Vec<(u64, ThreadId)>>>;

/// Gives these credentials whenever it is asked.
fn giving(client: &Client, id: &'static str, key: &'static str) -> Calls {
    let calls = Calls::default();
    let kept = calls.clone();
    ok(client.on_expiry(move |handle| {
        kept.lock().unwrap().push((handle, thread::current().id()));
        ok(set_credentials(handle, id, key, None, 0));
        0
    }));
    calls
}

#[track_caller]
fn called_once_here(calls: &Calls, client: &Client) {
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    assert_eq!(calls, [(client.0, thread::current().id())]);
}

#[test]
fn a_refusal_asks_the_caller_for_others() {
    for api in APIS {
        let service = knowing("NEW", api);
        let client = Client::speaking(api, &service.url, json!({"retries": 0}));
        let derived = client.with(&json!({}));
        let calls = giving(&client, "NEW", "KEY");
        for client in [&client, &derived] {
            type Act = fn(&Client) -> Value;
            let acts: [Act; 2] = [
                |client| client.stat_file("f"),
                |client| client.list("d", 0, "eListBoth", 0, ""),
            ];
            for act in acts {
                ok(client.set_credentials("OLD", "KEY", None, 0));
                ok(act(client));
                called_once_here(&calls, client);
                ok(act(client));
                assert!(calls.lock().unwrap().is_empty(), "they are good now");
            }
        }
        // Nobody is asked any more.
        ok(client.set_credentials("OLD", "KEY", None, 0));
        ok(take(unsafe {
            qcos_client_on_expiry(derived.0, None, ptr::null_mut())
        }));
        let refused = client.list("d", 0, "eListBoth", 0, "");
        assert_eq!(code(&refused), -79, "{refused}");
        assert!(calls.lock().unwrap().is_empty());
    }
}

#[test]
fn a_transfer_that_they_end_under_goes_on() {
    let (emulator, files) = (Emulator::start(), TempDir::new());
    let content = noise(12 << 20, 3);
    let file = files.file("f", &content);
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 4, "retries": 0}));
        let calls = giving(&client, SECRET_ID, SECRET_KEY);
        let mut is_revoked = false;
        let mut revoke = |done, total| {
            if done > 0 && done < total && !is_revoked {
                is_revoked = true;
                ok(client.set_credentials("REVOKED", "KEY", None, 0));
            }
            0
        };
        ok(client.upload_slice(&file, api, 1 << 20, "", &mut revoke));
        called_once_here(&calls, &client);
        client.holds(api, &content);
        let mut is_revoked = false;
        let got = files.join("got");
        ok(client.download_reporting(api, &got, &mut |done, total| {
            if done > 0 && done < total && !is_revoked {
                is_revoked = true;
                ok(client.set_credentials("REVOKED", "KEY", None, 0));
            }
            0
        }));
        assert!(std::fs::read(&got).unwrap() == content);
        // Ranges on their way may have been the last.
        ok(client.stat_file(api));
        called_once_here(&calls, &client);
    }
}

/// Its slices are sent by threads that nobody is called back on.
#[test]
fn an_upload_from_memory_goes_on_too() {
    let emulator = Emulator::start();
    let content = noise(12 << 20, 4);
    for api in APIS {
        let handle = Arc::new(AtomicU64::new(0));
        let (revoked, slices) = (handle.clone(), AtomicUsize::new(0));
        let between = relay(&emulator.url, move |request| {
            let is_slice = request.body.len() > 500_000;
            if is_slice && slices.fetch_add(1, Ordering::SeqCst) == 2 {
                let handle = revoked.load(Ordering::SeqCst);
                ok(set_credentials(handle, "REVOKED", "KEY", None, 0));
            }
        });
        let options = json!({"parallel": 4, "retries": 0, "slice_size": 1 << 20});
        let client = Client::speaking(api, &between.url, options);
        handle.store(client.0, Ordering::SeqCst);
        let calls = giving(&client, SECRET_ID, SECRET_KEY);
        ok(client.upload_buffer(&content, api, ""));
        called_once_here(&calls, &client);
        Client::speaking(api, &emulator.url, json!({})).holds(api, &content);
    }
}

#[test]
fn a_caller_that_refuses_ends_the_call() {
    let (emulator, files) = (Emulator::start(), TempDir::new());
    let file = files.file("f", &noise(12 << 20, 5));
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.on_expiry(|_| 7));
        type Act = fn(&Client, &std::path::Path) -> Value;
        let acts: [Act; 5] = [
            |client, _| client.stat_file("f"),
            |client, _| client.delete_tree("d"),
            |client, _| client.upload_buffer(b"x", "f", ""),
            |client, file| client.upload(file, "f"),
            |client, file| client.download("f", &file.with_extension("got")),
        ];
        for act in acts {
            ok(client.set_credentials("OLD", "KEY", None, 0));
            let begun = Instant::now();
            let ended = act(&client, &file);
            assert_eq!((code(&ended), kind(&ended)), (-5, "cancelled"), "{ended}");
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
        // The client itself is not cancelled.
        ok(client.set_credentials(SECRET_ID, SECRET_KEY, None, 0));
        ok(client.create_folder(api, ""));
    }
}

#[test]
fn a_caller_that_gives_nothing_is_not_asked_without_end() {
    for api in APIS {
        let service = knowing("NEW", api);
        let client = Client::speaking(api, &service.url, json!({"retries": 0}));
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        ok(client.on_expiry(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            0
        }));
        for _ in 0..4 {
            let refused = client.list("d", 0, "eListBoth", 0, "");
            assert_eq!(
                (code(&refused), kind(&refused)),
                (-79, "service"),
                "{refused}"
            );
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{api}");
        assert_eq!(service.received().len(), 4, "{api}");
        // Others of its own accord.
        ok(client.set_credentials("NEW", "KEY", None, 0));
        ok(client.list("d", 0, "eListBoth", 0, ""));
    }
}

#[test]
fn many_calls_ask_the_caller_once() {
    for api in APIS {
        let service = knowing("NEW", api);
        let client = Client::speaking(api, &service.url, json!({"retries": 0}));
        let calls = giving(&client, "NEW", "KEY");
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| ok(client.stat_file("f")));
            }
        });
        assert_eq!(calls.lock().unwrap().len(), 1, "{api}");
    }
}

/// The service's clock is so far ahead that credentials of 900 s are due, and still good.
#[test]
fn the_caller_is_asked_before_they_end() {
    for api in APIS {
        let service = Listener::answering(move |number, request| {
            if number > 0 {
                return match api {
                    "xml" => http(200, EMPTY_LIST),
                    _ => there(request),
                };
            }
            let date = UNIX_EPOCH + Duration::from_secs(unix_now() + 840);
            let (status, body) = match api {
                "xml" => (403, "<Error><Code>RequestTimeTooSkewed</Code></Error>"),
                _ => (403, r#"{"code":-96,"message":"expired"}"#),
            };
            format!(
                "HTTP/1.1 {status} X\r\nDate: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                httpdate::fmt_http_date(date),
                body.len()
            )
            .into_bytes()
        });
        let client = Client::speaking(api, &service.url, json!({"retries": 0}));
        let calls = giving(&client, "NEW", "KEY");
        ok(client.set_credentials("OLD", "KEY", None, unix_now() as i64 + 900));
        let act = |client: &Client| match api {
            "xml" => client.list("d", 0, "eListBoth", 0, ""),
            _ => client.stat_file("f"),
        };
        ok(act(&client));
        called_once_here(&calls, &client);
        let ids: Vec<String> = service.received().iter().map(secret_id).collect();
        assert_eq!(ids, ["OLD", "NEW"]);
    }
}

/// While nothing moves; and where they have ended before the call begins.
#[test]
fn a_transfer_looks_at_their_end_while_it_waits() {
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    for api in APIS {
        let (asked, is_asked) = mpsc::channel();
        let is_asked = Mutex::new(is_asked);
        // Holds what it gets until the caller was asked.
        let service = Listener::answering(move |_, _| {
            let waited = is_asked
                .lock()
                .unwrap()
                .recv_timeout(Duration::from_secs(60));
            assert!(waited.is_ok());
            http(500, "")
        });
        let client = Client::speaking(api, &service.url, json!({"retries": 0}));
        let here = thread::current().id();
        ok(client.on_expiry(move |handle| {
            assert_eq!(thread::current().id(), here);
            ok(set_credentials(handle, "NEW", "KEY", None, 0));
            asked.send(()).unwrap();
            0
        }));
        ok(client.set_credentials("OLD", "KEY", None, unix_now() as i64 + 3));
        let failed = client.upload(&file, "f");
        assert_eq!(code(&failed), -2, "{failed}");
        assert_eq!(secret_id(&service.received()[0]), "OLD");
        let ends = unix_now() + 2;
        ok(client.set_credentials("OLD", "KEY", None, ends as i64));
        while unix_now() < ends {
            thread::sleep(Duration::from_millis(50));
        }
        let before = service.received().len();
        let failed = client.upload(&file, "f");
        assert_eq!(code(&failed), -2, "{failed}");
        assert_eq!(secret_id(&service.received()[before]), "NEW");
    }
}

#[test]
fn the_callback_may_make_calls_itself() {
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    for api in APIS {
        let service = knowing("NEW", api);
        let client = Client::speaking(api, &service.url, json!({"retries": 0}));
        let (asked, file) = (Arc::new(AtomicUsize::new(0)), file.clone());
        let counted = asked.clone();
        ok(client.on_expiry(move |handle| {
            counted.fetch_add(1, Ordering::SeqCst);
            let client = ManuallyDrop::new(Client(handle));
            assert_eq!(code(&client.list("d", 0, "eListBoth", 0, "")), -79);
            assert_ne!(code(&client.upload(&file, "f")), 0);
            ok(client.set_credentials("NEW", "KEY", None, 0));
            ok(client.stat_file("f"));
            0
        }));
        ok(client.list("d", 0, "eListBoth", 0, ""));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn who_cannot_be_asked_is_refused() {
    let set = |handle| take(unsafe { qcos_client_on_expiry(handle, None, ptr::null_mut()) });
    for handle in [0, 1 << 40] {
        assert_eq!(code(&set(handle)), -7);
    }
    let role = open_without(&json!({"region": "ap-x", "credentials": "cvm"}));
    let reply = role.on_expiry(|_| 0);
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).starts_with("client"), "{reply}");
}
