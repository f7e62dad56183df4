//! Faults of the service on sound connections: answers, offsets, sessions, content, time.

mod common;

use std::time::{Duration, Instant};

use common::http::{Reply, raw};
use common::sign::{now, sha1};
use common::slices::{SLICE, assert_done, assert_echoed, begin, control, packet, send};
use common::{Emulator, noise};
use serde_json::json;

#[test]
fn statuses_come_with_their_body_and_headers() {
    let emulator = Emulator::start(&[]);
    emulator.fault(
        "upload",
        &json!({"status": 503, "body": "<html>busy</html>", "headers": {"Retry-After": "1", "Server": "x"}}),
    );
    let reply = emulator.upload("/a", b"content");
    assert_eq!(
        (reply.status, &reply.body[..]),
        (503, &b"<html>busy</html>"[..])
    );
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.header("server"), Some("x"));
    assert_eq!(reply.header("content-type"), None);
    assert!(!emulator.exists("/a"));
    assert_eq!(emulator.requests()[0]["status"], 503);

    emulator.fault("upload", &json!({"status": 500, "after": true}));
    let reply = emulator.upload("/a", b"content");
    assert_eq!((reply.status, reply.body.len()), (500, 0));
    assert!(emulator.exists("/a"));

    let body = r#"{"code":-1,"message":"m"}"#;
    emulator.fault("upload", &json!({"status": 200, "body": body}));
    assert_eq!(emulator.upload("/b", b"content").code(), -1);
    assert!(!emulator.exists("/b"));
}

#[test]
fn a_delay_is_all_that_a_delayed_request_suffers() {
    let emulator = Emulator::start(&[]);
    emulator.fault("upload", &json!({"delay_ms": 80}));
    let start = Instant::now();
    emulator.upload("/a", b"content").ok();
    assert!(start.elapsed() >= Duration::from_millis(80));
    assert_eq!(emulator.download("/a").body, b"content");
    // With another fault it comes first.
    emulator.fault("download", &json!({"delay_ms": 80, "status": 502}));
    let start = Instant::now();
    assert_eq!(emulator.download("/a").status, 502);
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[test]
fn redirects_point_elsewhere() {
    let emulator = Emulator::start(&[]);
    emulator.fault("delete", &json!({"redirect": "http://127.0.0.1:9/x"}));
    emulator.upload("/a", b"content").ok();
    let reply = emulator.delete("/a");
    assert_eq!(reply.status, 302);
    assert_eq!(reply.header("location"), Some("http://127.0.0.1:9/x"));
    assert!(emulator.exists("/a"));
}

#[test]
fn offsets_in_answers_can_be_wrong() {
    let emulator = Emulator::start(&[]);
    let content = noise(2 * SLICE, 20);
    emulator.fault("slice_control", &json!({"wrong_offset": SLICE}));
    let data = emulator.form("/a", &control(&content)).data();
    assert_eq!(data["offset"], SLICE);
    let session = data["session"].as_str().unwrap();
    emulator.fault("slice_data", &json!({"wrong_offset": -7}));
    let data = send(&emulator, "/a", session, &content, 0).data();
    assert_eq!(data["offset"], -7);
    // Only the answers: the service itself goes on well.
    let reply = send(&emulator, "/a", session, &content, SLICE);
    assert_done(&reply, "/a");
    assert_eq!(emulator.download("/a").body, content);
}

#[test]
fn the_size_of_slices_can_be_any() {
    let emulator = Emulator::start(&[]);
    let content = noise(250, 21);
    emulator.fault("slice_control", &json!({"slice_size": 100}));
    let data = emulator.form("/a", &control(&content)).data();
    assert_eq!(data["slice_size"], 100);
    let session = data["session"].as_str().unwrap();
    emulator
        .form("/a", &packet(session, 0, &content))
        .refused(-5991);
    for offset in [200, 0, 100] {
        let slice = &content[offset..content.len().min(offset + 100)];
        emulator.form("/a", &packet(session, offset, slice)).ok();
    }
    assert_eq!(emulator.download("/a").body, content);

    // Nonsense is claimed, and nothing breaks.
    for size in [0, -1, i64::MAX] {
        let path = format!("/{size}");
        emulator.fault("slice_control", &json!({"slice_size": size}));
        let other = noise(250, 22);
        let data = emulator.form(&path, &control(&other)).data();
        assert_eq!(data["slice_size"], size);
        let session = data["session"].as_str().unwrap();
        assert_done(&emulator.form(&path, &packet(session, 0, &other)), &path);
        emulator.delete(&path).ok();
    }
}

#[test]
fn sessions_are_forgotten() {
    let emulator = Emulator::start(&[]);
    let content = noise(3 * SLICE, 23);
    let session = begin(&emulator, "/a", &content);
    emulator.set_faults(&json!([
        {"match": {"op": "slice_data", "from": 1, "count": 1}, "fault": {"forget_session": true}}
    ]));
    assert_echoed(&send(&emulator, "/a", &session, &content, 0), &session, 0);
    send(&emulator, "/a", &session, &content, SLICE).refused(-290);
    emulator.stat("/a").refused(-166);
    // It begins anew, also where a file was.
    let session = begin(&emulator, "/a", &content);
    for offset in [0, SLICE, 2 * SLICE] {
        send(&emulator, "/a", &session, &content, offset).ok();
    }
    let other = noise(2 * SLICE, 24);
    let data = emulator
        .form("/a", &control(&other).field("insertOnly", "0"))
        .data();
    emulator.fault("slice_data", &json!({"forget_session": true}));
    let session = data["session"].as_str().unwrap();
    send(&emulator, "/a", session, &other, 0).refused(-290);
    assert_eq!(emulator.download("/a").body, content);
}

#[test]
fn an_instant_hit_is_claimed_for_content_that_is_not_there() {
    let emulator = Emulator::start(&[]);
    emulator.fault("slice_control", &json!({"instant_hit": true}));
    let reply = emulator.form("/dir/a", &control(&noise(SLICE, 25)));
    assert_done(&reply, "/dir/a");
    let honest = emulator.upload("/b", b"content").data();
    assert_eq!(
        reply.data().as_object().unwrap().len(),
        honest.as_object().unwrap().len()
    );
    emulator.stat("/dir/a").refused(-166);
}

#[test]
fn content_is_corrupted() {
    let emulator = Emulator::start(&[]);
    let content = noise(1000, 26);
    let flipped = |content: &[u8], at: usize| {
        let mut content = content.to_vec();
        content[at] ^= 1;
        content
    };
    emulator.fault("upload", &json!({"corrupt": true}));
    emulator.upload("/a", &content).ok();
    let stored = emulator.download("/a").body;
    assert_eq!(stored, flipped(&content, 0));
    // The service tells honestly what it has.
    let sha = sha1(&stored).to_uppercase();
    assert_eq!(emulator.stat("/a").data()["sha"], sha);

    emulator.fault("download", &json!({"corrupt": true}));
    assert_eq!(emulator.download("/a").body, content);
    let part = emulator
        .download_with("/a", &[("Range", "bytes=500-")])
        .body;
    assert_eq!(part, flipped(&content[500..], 0));
    emulator.no_faults();

    // Others that share the content keep theirs.
    let large = noise(SLICE + 9, 27);
    emulator.upload("/original", &large).ok();
    emulator.fault("slice_control", &json!({"corrupt": true}));
    assert_done(&emulator.form("/twin", &control(&large)), "/twin");
    assert_eq!(emulator.download("/original").body, large);
    assert_eq!(emulator.download("/twin").body, flipped(&large, 0));
}

#[test]
fn a_corrupted_slice_is_noticed_at_the_end() {
    let emulator = Emulator::start(&[]);
    let content = noise(2 * SLICE, 28);
    emulator.set_faults(&json!([
        {"match": {"op": "slice_data", "count": 1}, "fault": {"corrupt": true}}
    ]));
    let session = begin(&emulator, "/a", &content);
    send(&emulator, "/a", &session, &content, SLICE).ok();
    send(&emulator, "/a", &session, &content, 0).refused(-174);
    assert!(!emulator.exists("/a"));
    // The last one goes wrong behind the check.
    let session = begin(&emulator, "/b", &content);
    send(&emulator, "/b", &session, &content, 0).ok();
    emulator.fault("slice_data", &json!({"corrupt": true}));
    assert_done(&send(&emulator, "/b", &session, &content, SLICE), "/b");
    let stored = emulator.download("/b").body;
    assert_ne!(stored, content);
    assert_eq!(
        emulator.stat("/b").data()["sha"],
        sha1(&stored).to_uppercase()
    );
}

fn date(reply: &Reply) -> u64 {
    let date = httpdate::parse_http_date(reply.header("date").unwrap()).unwrap();
    date.duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[test]
fn every_answer_is_dated_by_the_emulators_clock() {
    let year_ago = now() - 365 * 24 * 3600;
    let emulator = Emulator::start(&["--now", &year_ago.to_string()]);
    let get = |target: &str| {
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        raw(&emulator.address, request.as_bytes())
    };
    let is_dated = |reply: &Reply| assert!((year_ago..year_ago + 60).contains(&date(reply)));
    is_dated(&get("/"));
    is_dated(&get("/nothing/here"));
    is_dated(&get("/files/v1/10000001/testbucket/a?op=stat"));
    is_dated(&get("/_emulator/requests"));
    is_dated(&emulator.download("/a"));
    for fault in [
        json!({"status": 503}),
        json!({"early": 403}),
        json!({"dribble": {"bytes": 500, "every_ms": 1}}),
    ] {
        emulator.fault("any", &fault);
        is_dated(&emulator.download("/a"));
    }
    // Unless a rule says otherwise.
    let statuses = json!({"Date": "yesterday"});
    emulator.fault("any", &json!({"status": 503, "headers": statuses}));
    assert_eq!(emulator.download("/a").header("date"), Some("yesterday"));
    emulator.fault("any", &json!({"status": 503, "headers": {"Date": null}}));
    assert_eq!(emulator.download("/a").header("date"), None);
    // What is no HTTP is answered without a date rather than with the machine's.
    let reply = raw(&emulator.address, b"nonsense\r\n\r\n");
    assert_eq!((reply.status, reply.header("date")), (400, None));
}
