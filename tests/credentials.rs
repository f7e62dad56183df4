//! Credentials that change: every request is signed with those of its moment, and no message tells any.

#![allow(unsafe_code)]

mod common;

use std::ptr;
use std::sync::{Arc, Mutex, mpsc};

use common::TempDir;
use common::credentials::{secret_id, there, token};
use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{APIS, BUCKET, Client, c, code, kind, message, ok, take};
use common::listener::{Listener, Received, http};
use common::relay::relay;
use common::{noise, unix_now};
use qcos::ffi::{qcos_client_close, qcos_client_set_credentials};
use serde_json::{Value, json};

#[test]
fn the_next_signature_is_of_the_new_ones_for_all_that_share_them() {
    for api in APIS {
        let service = Listener::answering(|_, request| there(request));
        let client = Client::speaking(api, &service.url, json!({}));
        let derived = client.with(&json!({"retries": 0}));
        let below = derived.with(&json!({}));
        let other = Client::speaking(api, &service.url, json!({}));
        let clients = [&client, &derived, &below];
        let token_of = |text| (api == "xml").then_some(text);
        for (number, setter) in clients.iter().enumerate() {
            let id = format!("ID{number}");
            ok(setter.set_credentials(&id, "KEY", token_of("TOKEN"), 0));
            for client in clients {
                ok(client.stat_file("f"));
                let last = service.received().pop().unwrap();
                assert_eq!(secret_id(&last), id, "{api}");
                assert_eq!(token(&last), token_of("TOKEN").unwrap_or(""));
            }
        }
        // One that came without a token leaves none behind.
        ok(client.set_credentials("ID9", "KEY", None, unix_now() as i64 + 1000));
        ok(below.stat_file("f"));
        assert_eq!(token(&service.received().pop().unwrap()), "");
        ok(other.stat_file("f"));
        let last = service.received().pop().unwrap();
        assert_eq!(secret_id(&last), SECRET_ID, "it shares nothing");
    }
}

#[test]
fn signatures_for_others_are_of_the_new_ones_too() {
    let client = Client::speaking("json", "http://127.0.0.1:1", json!({}));
    let url = |client: &Client| {
        let url = ok(client.download_url("f", 60));
        url["data"]["url"].as_str().unwrap().to_owned()
    };
    let signed = |reply: Value| Received {
        line: String::new(),
        headers: vec![(
            "authorization".to_owned(),
            ok(reply)["data"]["sign"].as_str().unwrap().to_owned(),
        )],
        body: Vec::new(),
    };
    ok(client.set_credentials("ID1", "KEY", None, 0));
    let expired = unix_now() as i64 + 60;
    assert_eq!(secret_id(&signed(client.sign_more(expired))), "ID1");
    assert_eq!(
        secret_id(&signed(client.sign_once(&format!("/{APPID}/{BUCKET}/f")))),
        "ID1"
    );
    let xml = Client::speaking("xml", "http://127.0.0.1:1", json!({"security_token": "T1"}));
    assert!(url(&xml).contains("x-cos-security-token=T1"));
    ok(xml.set_credentials("ID1", "KEY", Some("T2"), 0));
    let signed = url(&xml);
    assert!(signed.contains("x-cos-security-token=T2") && signed.contains("q-ak=ID1"));
}

/// Slices of an upload, each with the credentials of its moment.
#[test]
fn they_change_in_the_midst_of_an_upload() {
    let (emulator, files) = (Emulator::start(), TempDir::new());
    let content = noise(12 << 20, 1);
    let file = files.file("f", &content);
    let tokens = Arc::new(Mutex::new(Vec::new()));
    let seen = tokens.clone();
    let between = relay(&emulator.url, move |request| {
        if request.line.contains("partNumber=") {
            seen.lock().unwrap().push(token(request).to_owned());
        }
    });
    let client = Client::speaking("xml", &between.url, json!({"parallel": 1}));
    let uploaded = client.upload_slice(&file, "f", 1 << 20, "", &mut |done, total| {
        if done > 0 && done < total {
            let token = format!("T{}", done >> 20);
            ok(client.set_credentials(SECRET_ID, SECRET_KEY, Some(&token), 0));
        }
        0
    });
    ok(uploaded);
    client.holds("f", &content);
    let tokens = tokens.lock().unwrap();
    assert!(tokens.first().is_some_and(String::is_empty), "{tokens:?}");
    assert!(tokens.contains(&"T4".to_owned()), "{tokens:?}");
    assert_ne!(tokens.first(), tokens.last());
}

#[test]
fn an_upload_that_they_ended_goes_on_with_others() {
    let (emulator, files) = (Emulator::start(), TempDir::new());
    let content = noise(12 << 20, 2);
    let file = files.file("f", &content);
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 1}));
        let mut is_set = false;
        let failed = client.upload_slice(&file, api, 1 << 20, "", &mut |done, _| {
            if done > 0 && !is_set {
                is_set = true;
                ok(client.set_credentials("REVOKED", "KEY", None, 0));
            }
            0
        });
        assert_eq!(code(&failed), -79, "{failed}");
        let session = failed["data"]["session"].as_str().unwrap();
        ok(client.set_credentials(SECRET_ID, SECRET_KEY, None, 0));
        ok(client.upload_slice(&file, api, 1 << 20, session, &mut |_, _| 0));
        client.holds(api, &content);
    }
}

/// A refusal that comes after a change tells neither what it was signed with nor what came then.
#[test]
fn a_message_tells_neither_the_old_ones_nor_the_new_ones() {
    const OLD: [&str; 3] = ["OLDIDENTIFIER", "OLDKEYOLDKEY", "OLDTOKEN+/=="];
    const NEW: [&str; 3] = ["NEWIDENTIFIER", "NEWKEYNEWKEY", "NEWTOKEN+/=="];
    for (api, is_download) in [
        ("json", false),
        ("xml", false),
        ("json", true),
        ("xml", true),
    ] {
        let (asked, is_asked) = mpsc::channel();
        let (changed, is_changed) = mpsc::channel();
        let (asked, is_changed) = (Mutex::new(asked), Mutex::new(is_changed));
        let service = Listener::answering(move |number, request| {
            if is_download && api == "json" && number == 0 {
                // Of the object that is to be fetched; over the XML API its bytes are asked for at once.
                return there(request);
            }
            asked.lock().unwrap().send(()).unwrap();
            is_changed.lock().unwrap().recv().unwrap();
            let said = [OLD, NEW].concat().join(" ");
            match api {
                "json" => http(400, &json!({"code": -97, "message": said}).to_string()),
                _ => http(
                    403,
                    &format!("<Error><Code>AccessDenied</Code><Message>{said}</Message></Error>"),
                ),
            }
        });
        let token = |text| (api == "xml").then_some(text);
        let client = Client::speaking(api, &service.url, json!({"retries": 0}));
        ok(client.set_credentials(OLD[0], OLD[1], token(OLD[2]), 0));
        let files = TempDir::new();
        let reply = std::thread::scope(|scope| {
            let call = scope.spawn(|| match is_download {
                true => client.download("f", &files.join("f")),
                false => client.list("d", 0, "eListBoth", 0, ""),
            });
            is_asked.recv().unwrap();
            ok(client.set_credentials(NEW[0], NEW[1], token(NEW[2]), 0));
            changed.send(()).unwrap();
            call.join().unwrap()
        });
        assert!(message(&reply).contains("(secret id)"), "{api}: {reply}");
        for secret in [&OLD[..2], &NEW[..2]].concat() {
            assert!(!reply.to_string().contains(secret), "{api}: {reply}");
        }
        if api == "xml" {
            assert!(!reply.to_string().contains("TOKEN+/"), "{reply}");
        }
    }
}

#[test]
fn what_is_wrong_with_new_ones_is_named_and_the_old_ones_stay() {
    for api in APIS {
        let service = Listener::answering(|_, request| there(request));
        let client = Client::speaking(api, &service.url, json!({}));
        let soon = unix_now() as i64 + 1000;
        let long = "k".repeat(257);
        for (id, key, token, ends, name) in [
            ("", "KEY", None, 0, "secret_id"),
            ("a b", "KEY", None, 0, "secret_id"),
            ("a&b", "KEY", None, 0, "secret_id"),
            (long.as_str(), "KEY", None, 0, "secret_id"),
            ("ID", "", None, 0, "secret_key"),
            ("ID", "hid\nden", None, 0, "secret_key"),
            ("ID", "KEY", Some(""), soon, "security_token"),
            ("ID", "KEY", Some("hid den"), soon, "security_token"),
            ("ID", "KEY", None, -1, "expires_at"),
            ("ID", "KEY", None, i64::MIN, "expires_at"),
            ("ID", "KEY", None, 1, "expires_at"),
            ("ID", "KEY", None, unix_now() as i64 - 1, "expires_at"),
        ] {
            let reply = client.set_credentials(id, key, token, ends);
            assert_eq!((code(&reply), kind(&reply)), (-3, "parameter"), "{reply}");
            assert!(message(&reply).starts_with(name), "{name}: {reply}");
            assert!(!message(&reply).contains("hid"), "{reply}");
        }
        let unknown = client.set_credentials("ID", "KEY", Some("TOKEN"), soon);
        if api == "json" {
            assert_eq!(code(&unknown), -3);
            assert!(message(&unknown).starts_with("security_token"), "{unknown}");
        } else {
            ok(unknown);
            ok(client.set_credentials(SECRET_ID, SECRET_KEY, None, 0));
        }
        ok(client.stat_file("f"));
        assert_eq!(secret_id(&service.received()[0]), SECRET_ID);
    }
}

#[test]
fn missing_parameters_and_closed_clients_are_refused() {
    let client = Client::speaking("xml", "http://127.0.0.1:1", json!({}));
    let (id, key) = (c("ID"), c("KEY"));
    let set = |handle, id: *const _, key: *const _, token: *const _| unsafe {
        take(qcos_client_set_credentials(handle, id, key, token, 0))
    };
    let (id, key, none) = (id.as_ptr(), key.as_ptr(), ptr::null());
    let not_utf8 = c"\xff".as_ptr();
    for (reply, name) in [
        (set(client.0, none, key, none), "secret_id"),
        (set(client.0, id, none, none), "secret_key"),
        (set(client.0, not_utf8, key, none), "secret_id"),
        (set(client.0, id, not_utf8, none), "secret_key"),
        (set(client.0, id, key, not_utf8), "security_token"),
    ] {
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).starts_with(name), "{reply}");
    }
    for handle in [0, 1 << 40, client.0] {
        qcos_client_close(client.0);
        assert_eq!(code(&set(handle, id, key, none)), -7);
    }
}
