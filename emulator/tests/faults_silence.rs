//! A service that falls silent, or that refuses while the client is still sending.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use common::faults::{End, post, read_one, read_to_end, stat, upload};
use common::http::connect;
use common::sign::sign_more;
use common::{BUCKET, Emulator, noise};
use serde_json::json;

#[test]
fn stalls_hold_until_the_client_leaves() {
    let emulator = Emulator::start(&[]);
    let mut after = 0;
    for (fault, least, most, is_done) in [
        (json!({"stall": "before_answer"}), 0, 0, false),
        (json!({"stall": "before_answer", "after": true}), 0, 0, true),
        (json!({"stall": "head"}), 17, 150, true),
        (json!({"stall": "body"}), 150, 400, true),
        (json!({"stall": "request"}), 0, 0, false),
    ] {
        after += 1;
        let path = format!("/{after}");
        emulator.fault("upload", &fault);
        let mut stream = connect(&emulator.address).unwrap();
        stream.write_all(&upload(&path, b"content")).unwrap();
        let mut said = Vec::new();
        let mut buffer = [0; 1000];
        stream
            .set_read_timeout(Some(Duration::from_millis(100)))
            .unwrap();
        let silent = loop {
            match stream.read(&mut buffer) {
                Ok(count) => said.extend_from_slice(&buffer[..count]),
                Err(error) => break error.kind(),
            }
            assert_ne!(said.len(), 0, "{fault}: the connection was closed");
        };
        assert_eq!(silent, ErrorKind::WouldBlock);
        assert!(
            (least..=most).contains(&said.len()),
            "{fault}: {} bytes",
            said.len()
        );
        let has_head = said.windows(4).any(|four| four == b"\r\n\r\n");
        assert_eq!(has_head, fault["stall"] == "body");
        assert_eq!(emulator.exists(&path), is_done, "{fault}");
        let open = sockets(&emulator);
        drop(stream);
        wait_until(|| sockets(&emulator) < open);
    }
}

#[test]
fn a_request_that_is_not_read_fills_the_connection() {
    let emulator = Emulator::start(&[]);
    emulator.set_faults(&json!([{"match": {"path": "/a"}, "fault": {"stall": "request"}}]));
    let mut stream = connect(&emulator.address).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let request = upload("/a", &noise(16 << 20, 6));
    let mut sent = 0;
    let stopped = loop {
        match stream.write(&request[sent..]) {
            Ok(count) => sent += count,
            Err(error) => break error.kind(),
        }
        assert!(sent < request.len(), "all of it was taken");
    };
    assert_eq!(stopped, ErrorKind::WouldBlock);
    assert_eq!(emulator.last_request()["bytes"], 0);
}

/// The sockets that the emulator's process has open.
fn sockets(emulator: &Emulator) -> usize {
    let folder = std::fs::read_dir(format!("/proc/{}/fd", emulator.id())).unwrap();
    let links = folder.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    links
        .filter(|to| to.to_string_lossy().starts_with("socket:"))
        .count()
}

fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn early_refusals_reach_a_client_that_is_sending() {
    let emulator = Emulator::start(&[]);
    let content = noise(8 << 20, 7);
    let body = r#"{"code":-97,"message":"early"}"#;
    let refuse = |then: &str| {
        emulator.set_faults(&json!([
            {"match": {"path": "/a", "count": 1}, "fault": {"early": 403, "body": body, "then": then}}
        ]));
        // The head alone: the answer does not wait for the body.
        let request = upload("/a", &content);
        let head = request
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let mut stream = connect(&emulator.address).unwrap();
        stream.write_all(&request[..head]).unwrap();
        let said = read_one(&mut stream);
        assert!(
            said.starts_with("HTTP/1.1 403 Forbidden\r\n") && said.ends_with(body),
            "{said}"
        );
        (stream, request[head..].to_vec())
    };

    let (mut stream, _) = refuse("close");
    assert_eq!(read_to_end(&mut stream), (String::new(), End::Fin));

    let (mut stream, rest) = refuse("keep_reading");
    stream.write_all(&rest).unwrap();
    assert_eq!(emulator.requests().pop().unwrap()["status"], 403);
    stream.write_all(&stat("/b")).unwrap();
    assert!(read_one(&mut stream).starts_with("HTTP/1.1 400 "));

    let (mut stream, rest) = refuse("stop_reading");
    stream
        .set_write_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let error = stream.write_all(&rest).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    drop(stream);
    emulator.no_faults();
    assert!(!emulator.exists("/a"));
}

#[test]
fn early_refusals_can_be_for_one_operation() {
    let emulator = Emulator::start(&[]);
    emulator.fault("upload", &json!({"early": 413, "then": "close"}));
    let request = upload("/a", &noise(8 << 20, 8));
    let mut stream = connect(&emulator.address).unwrap();
    // The operation is named before the content.
    stream.write_all(&request[..2000]).unwrap();
    assert!(read_one(&mut stream).starts_with("HTTP/1.1 413 "));
    drop(stream);
    let sign = sign_more(BUCKET);
    let create = post("/folder/", "application/json", &sign, br#"{"op":"create"}"#);
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(&create).unwrap();
    assert!(read_one(&mut stream).starts_with("HTTP/1.1 200 "));
}

#[test]
fn one_side_of_a_connection_is_closed() {
    let emulator = Emulator::start(&[]);
    for (fault, answer) in [
        (json!({"close": "half"}), ""),
        (
            json!({"early": 403, "then": "half_close"}),
            "HTTP/1.1 403 Forbidden\r\n",
        ),
    ] {
        emulator.set_faults(&json!([{"match": {"path": "/a"}, "fault": fault}]));
        let request = upload("/a", &noise(1 << 20, 9));
        let mut stream = connect(&emulator.address).unwrap();
        stream.write_all(&request[..2000]).unwrap();
        let (said, end) = read_to_end(&mut stream);
        assert!(
            said.starts_with(answer) && said.is_empty() == answer.is_empty(),
            "{said}"
        );
        assert_eq!(end, End::Fin);
        // Sending is still possible, and nobody listens. More would not fit, nor the FIN behind it.
        stream.write_all(&request[2000..10_000]).unwrap();
        assert_eq!(emulator.last_request()["bytes"], 0);
        let open = sockets(&emulator);
        drop(stream);
        wait_until(|| sockets(&emulator) < open);
    }
}
