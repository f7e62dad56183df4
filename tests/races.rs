//! Somebody else changes an object in the midst of a call that reads it and writes it again.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::TempDir;
use common::emulator::Emulator;
use common::library::{Client, code, kind, message, ok};
use common::listener::{Listener, Received};
use common::relay::relay;
use common::shelf::{Object, acl, changes, changing, reply, service, to};
use serde_json::json;

/// How a service weighs two conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weighs {
    Both,
    /// Beside a tag that matches, the time is not looked at (RFC 9110 §13.2.2).
    TheTag,
}

/// An object whose ETag stays, as only its metadata are changed.
struct State {
    mine: String,
    theirs: String,
    modified: SystemTime,
    size: u64,
    /// What an upload in parts is to make of it.
    begun: Option<Received>,
}

/// The other's write: before the copy is looked at, or after it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Before,
    After,
}

fn shared(size: u64, weighs: Weighs, when: When) -> (Listener, Arc<Mutex<State>>) {
    let state = Arc::new(Mutex::new(State {
        mine: "old".to_owned(),
        theirs: "old".to_owned(),
        // In the very second in which it is updated.
        modified: SystemTime::now(),
        size,
        begun: None,
    }));
    let (held, raced) = (state.clone(), Mutex::new(false));
    let service = Listener::answering(move |_, request| {
        let mut state = held.lock().unwrap();
        let changes = is_change(request);
        let races = || {
            let mut raced = raced.lock().unwrap();
            changes && !std::mem::replace(&mut *raced, true)
        };
        if when == When::Before && races() {
            state.theirs = "new".to_owned();
            state.modified = SystemTime::now();
        }
        let answer = answer(request, &mut state, weighs);
        if when == When::After && races() {
            state.mine = "overwritten".to_owned();
            state.modified = SystemTime::now() + Duration::from_secs(1);
        }
        answer
    });
    (service, state)
}

/// What makes the new object: a copy at once, or the last request of one in parts.
fn is_change(request: &Received) -> bool {
    match request.line.contains("uploadId") {
        true => request.line.contains("partNumber=6"),
        false => request.line.starts_with("PUT"),
    }
}

fn answer(request: &Received, state: &mut State, weighs: Weighs) -> Vec<u8> {
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let set = |state: &mut State, request: &Received| {
        state.mine = request.header("x-cos-meta-biz-attr").to_owned();
        state.theirs = request.header("x-cos-meta-theirs").to_owned();
        state.modified = SystemTime::now();
    };
    let line = &request.line;
    if line.starts_with("HEAD") {
        let State {
            mine,
            theirs,
            modified,
            size,
            ..
        } = state;
        let modified = httpdate::fmt_http_date(*modified);
        let now = httpdate::fmt_http_date(SystemTime::now());
        let head = format!(
            "HTTP/1.1 200 X\r\nConnection: close\r\nETag: \"same\"\r\nContent-Length: {size}\r\n\
             Date: {now}\r\nLast-Modified: {modified}\r\nx-cos-meta-theirs: {theirs}\r\n\
             x-cos-meta-biz-attr: {mine}\r\n\r\n"
        );
        return head.into_bytes();
    }
    if line.contains("?acl") {
        let (status, headers, document) = acl("", "");
        return reply(status, &headers, &document);
    }
    if !request.header("x-cos-copy-source").is_empty() {
        let since = request.header("x-cos-copy-source-if-unmodified-since");
        let tag = request.header("x-cos-copy-source-if-match");
        let is_old = httpdate::parse_http_date(since)
            .is_ok_and(|since| seconds(state.modified) > seconds(since));
        let is_looked_at = weighs == Weighs::Both || tag.is_empty();
        if (is_old && is_looked_at) || !(tag.is_empty() || tag == "\"same\"") {
            return reply(412, "", "<Error><Code>PreconditionFailed</Code></Error>");
        }
        if line.contains("partNumber") {
            return reply(
                200,
                "",
                "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>",
            );
        }
        set(state, request);
        return reply(
            200,
            "",
            "<CopyObjectResult><ETag>\"same\"</ETag></CopyObjectResult>",
        );
    }
    match line.split(' ').next().unwrap() {
        "POST" if line.contains("?uploads") => {
            state.begun = Some(request.clone());
            reply(
                200,
                "",
                "<InitiateMultipartUploadResult><UploadId>u</UploadId>\
                 </InitiateMultipartUploadResult>",
            )
        }
        "POST" => {
            let begun = state.begun.take().unwrap();
            set(state, &begun);
            let done = "<CompleteMultipartUploadResult><ETag>\"same\"</ETag>\
                        </CompleteMultipartUploadResult>";
            reply(200, "", done)
        }
        _ => reply(204, "", ""),
    }
}

fn client(service: &Listener) -> Client {
    Client::speaking("xml", &service.url, json!({"retries": 0}))
}

#[test]
fn an_update_loses_nobodys_metadata() {
    for weighs in [Weighs::Both, Weighs::TheTag] {
        for size in [5, (5 << 30) + 1] {
            let (service, state) = shared(size, weighs, When::Before);
            ok(client(&service).update_file("f", "new"));
            let state = state.lock().unwrap();
            assert_eq!(
                (&*state.mine, &*state.theirs),
                ("new", "new"),
                "{weighs:?} {size}"
            );
        }
    }
}

#[test]
fn an_update_that_was_overwritten_says_so() {
    let (service, _state) = shared(5, Weighs::Both, When::After);
    let reply = client(&service).update_file("f", "new");
    assert_eq!((code(&reply), kind(&reply)), (-412, "service"), "{reply}");
    assert!(message(&reply).contains("somebody else"), "{reply}");
}

#[test]
fn an_update_keeps_what_another_program_writes_to_the_emulator() {
    let emulator = Emulator::start();
    let (url, raced) = (emulator.url.clone(), AtomicBool::new(false));
    // In front of the first copy another program writes the same content with another header.
    let relay = relay(&emulator.url, move |request| {
        let copies = !request.header("x-cos-copy-source").is_empty();
        if copies && !raced.swap(true, Ordering::SeqCst) {
            let files = TempDir::new();
            let other = Client::speaking("xml", &url, json!({}));
            let options = json!({"overwrite": true, "headers": {"cache-control": "max-age=1"}});
            ok(other.upload_with(&files.file("f", b"text"), "f", &options));
        }
    });
    let client = Client::speaking("xml", &emulator.url, json!({}));
    ok(client.upload_buffer(b"text", "f", "one"));
    ok(Client::speaking("xml", &relay.url, json!({})).update_file("f", "two"));
    let stat = ok(client.stat_file("f"));
    assert_eq!(stat["data"]["biz_attr"], "two");
    let url = stat["data"]["access_url"].as_str().unwrap();
    let head = ureq::head(url).call().unwrap();
    assert_eq!(head.headers()["cache-control"], "max-age=1");
}

#[test]
fn a_source_that_was_changed_during_a_move_is_left() {
    let head = |further: &str| {
        format!(
            "ETag: \"same\"\r\nx-cos-hash-crc64ecma: 7\r\n\
             Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n{further}"
        )
    };
    let before = Object {
        headers: head("x-cos-meta-a: 1\r\n"),
        ..Object::new()
    };
    let metadata = Object {
        headers: head("x-cos-meta-a: 2\r\n"),
        ..before.clone()
    };
    let class = Object {
        headers: head("x-cos-meta-a: 1\r\nx-cos-storage-class: STANDARD_IA\r\n"),
        ..before.clone()
    };
    let access = Object {
        acl: acl("", &to(2, "READ")),
        ..before.clone()
    };
    for after in [metadata, class, access] {
        let service = changing(before.clone(), None, Some(after));
        let reply = client(&service).move_file("from", "to", 1);
        assert_eq!(code(&reply), -6, "{reply}");
        assert!(message(&reply).contains("left where it was"), "{reply}");
        assert!(
            !changes(&service)
                .iter()
                .any(|r| r.line.starts_with("DELETE"))
        );
    }
    let service = service(before, None);
    ok(client(&service).move_file("from", "to", 1));
    assert_eq!(
        changes(&service).last().unwrap().line,
        "DELETE /from HTTP/1.1"
    );
}
