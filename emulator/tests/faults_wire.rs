//! Faults of the connection, seen on a bare socket, and what the store holds afterwards.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use common::faults::{End, delete, exchange, read_one, read_to_end, stat, upload};
use common::http::connect;
use common::{Emulator, noise};
use serde_json::json;

#[test]
fn reset_and_close_come_before_or_after_the_work() {
    let emulator = Emulator::start(&[]);
    for (kind, end) in [("reset", End::Reset), ("close", End::Fin)] {
        for (moment, is_done) in [("before", false), ("after", true)] {
            let path = format!("/{kind}-{moment}");
            emulator.fault("upload", &json!({kind: moment}));
            let content = noise(100_000, 3);
            let (said, ended) = exchange(&emulator, &upload(&path, &content));
            assert_eq!((said.as_str(), &ended), ("", &end), "{path}");
            assert_eq!(emulator.exists(&path), is_done, "{path}");
            let log = emulator.requests();
            let log = log
                .iter()
                .find(|r| r["op"] == "upload" && r["path"] == path);
            let log = log.unwrap();
            assert_eq!((&log["status"], &log["fault"]), (&json!(null), &json!(0)));
            assert!(log["bytes"].as_u64().unwrap() > 100_000);

            // Deletes go the same way.
            emulator.no_faults();
            emulator.overwrite(&path, b"there").ok();
            emulator.fault("delete", &json!({kind: moment}));
            let (said, ended) = exchange(&emulator, &delete(&path));
            assert_eq!((said.as_str(), &ended), ("", &end), "{path}");
            assert_eq!(emulator.exists(&path), !is_done, "{path}");
        }
    }
}

#[test]
fn what_was_done_before_a_reset_is_durable() {
    let emulator = Emulator::start(&[]);
    emulator.fault("upload", &json!({"reset": "after"}));
    exchange(&emulator, &upload("/a", b"content"));
    let emulator = emulator.kill_and_restart(&[]);
    assert_eq!(emulator.download("/a").body, b"content");
    assert!(emulator.hits().is_empty());
}

#[test]
fn reset_at_a_byte_of_the_request() {
    let emulator = Emulator::start(&[]);
    let content = noise(4 << 20, 4);
    for bytes in [0, 1, 300, 1 << 20, (4 << 20) + 100] {
        // A rule for any operation is decided by the head: nothing of the body is needed.
        emulator.set_faults(&json!([
            {"match": {"path": "/a"}, "fault": {"reset": "at", "bytes": bytes}}
        ]));
        let mut stream = connect(&emulator.address).unwrap();
        let sent = stream.write_all(&upload("/a", &content));
        // A long body cannot all be sent to someone who is gone.
        let is_reset = match sent {
            Err(error) => matches!(
                error.kind(),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
            ),
            Ok(()) => read_to_end(&mut stream).1 == End::Reset,
        };
        assert!(is_reset, "{bytes}");
        let read = emulator.last_request()["bytes"].as_u64().unwrap();
        assert!(
            (bytes..bytes + (1 << 19)).contains(&read),
            "{read} of {bytes}"
        );
        emulator.no_faults();
        assert!(!emulator.exists("/a"), "{bytes}");
    }
}

#[test]
fn answers_are_cut_at_any_byte() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"content").ok();
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(&stat("/a")).unwrap();
    let whole = read_one(&mut stream).len();
    for bytes in [0, 1, 12, 60, whole - 1, whole, whole + 9] {
        for (reset, end) in [(false, End::Fin), (true, End::Reset)] {
            emulator.fault("stat", &json!({"cut": bytes, "reset": reset}));
            let (said, ended) = exchange(&emulator, &stat("/a"));
            assert_eq!((said.len(), ended), (bytes.min(whole), end));
            assert!(
                said.is_empty()
                    || "HTTP/1.1 200 OK\r\n".starts_with(said.get(..17).unwrap_or(&said))
            );
        }
    }
    // The work of a cut answer is done.
    emulator.fault("upload", &json!({"cut": 5}));
    exchange(&emulator, &upload("/b", b"content"));
    assert!(emulator.exists("/b"));
}

#[test]
fn downloads_are_cut_too() {
    let emulator = Emulator::start(&[]);
    let content = noise(1 << 20, 5);
    emulator.upload("/a", &content).ok();
    emulator.fault("download", &json!({"cut": 500_000}));
    let get = b"GET /testbucket-10000001/a HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(get).unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).unwrap();
    assert_eq!(said.len(), 500_000);
    let head = said
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    assert!(String::from_utf8_lossy(&said[..head]).contains("content-length: 1048576\r\n"));
    assert_eq!(said[head..], content[..said.len() - head]);
}

#[test]
fn dribbled_answers_are_whole_and_the_connection_goes_on() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"content").ok();
    emulator.fault("stat", &json!({"dribble": {"bytes": 40, "every_ms": 20}}));
    let mut stream = connect(&emulator.address).unwrap();
    for _ in 0..2 {
        let start = Instant::now();
        stream.write_all(&stat("/a")).unwrap();
        let mut first = [0; 400];
        let count = stream.read(&mut first).unwrap();
        assert!(count <= 80, "{count} at once");
        let said = String::from_utf8_lossy(&first[..count]).into_owned() + &read_rest(&mut stream);
        assert!(
            said.starts_with("HTTP/1.1 200 OK\r\n") && said.ends_with("}"),
            "{said}"
        );
        let pauses = said.len().div_ceil(40) - 1;
        assert!(start.elapsed() >= Duration::from_millis(20) * u32::try_from(pauses).unwrap());
    }
    assert_eq!(emulator.hits(), [2]);
    assert_eq!(
        emulator.requests().pop().unwrap()["connection"],
        emulator.requests()[1]["connection"]
    );
}

/// The rest of a JSON answer: its body ends with as many braces as it opened.
fn read_rest(stream: &mut std::net::TcpStream) -> String {
    let mut said = String::new();
    let mut byte = [0];
    while !said.ends_with("\"SUCCESS\"}") {
        stream.read_exact(&mut byte).unwrap();
        said.push(char::from(byte[0]));
    }
    said
}

#[test]
fn a_stale_connection_is_closed_behind_a_good_answer() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"content").ok();
    emulator.fault("stat", &json!({"keep_alive_close": true}));
    let (said, end) = exchange(&emulator, &stat("/a"));
    assert!(
        said.starts_with("HTTP/1.1 200 OK\r\n") && said.ends_with('}'),
        "{said}"
    );
    assert!(!said.to_lowercase().contains("connection:"), "{said}");
    assert_eq!(end, End::Fin);
}

#[test]
fn interim_answers_come_first() {
    let emulator = Emulator::start(&[]);
    let line = "HTTP/1.1 100 Continue\r\n\r\n";
    emulator.fault("upload", &json!({"continue": 3}));
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(&upload("/a", b"content")).unwrap();
    let mut said = vec![0; line.len() * 3];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(said, line.repeat(3).as_bytes());
    assert!(read_one(&mut stream).starts_with("HTTP/1.1 200 OK\r\n"));

    emulator.fault("upload", &json!({"continue": -1}));
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(&upload("/b", b"content")).unwrap();
    let mut said = vec![0; line.len() * 10];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(said, line.repeat(10).as_bytes());
    assert!(emulator.exists("/b"));
}

#[test]
fn lengths_and_chunks_can_lie() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"content").ok();
    let said_with = |fault| {
        emulator.fault("stat", &fault);
        exchange(&emulator, &stat("/a"))
    };
    for length in [
        json!(1),
        json!(-1),
        json!(10_737_418_240_u64),
        json!("1, 2"),
    ] {
        let (said, end) = said_with(json!({"content_length": length}));
        let text = length.as_str().map_or(length.to_string(), str::to_owned);
        assert!(
            said.contains(&format!("content-length: {text}\r\n")),
            "{said}"
        );
        assert_eq!(said.to_lowercase().matches("content-length").count(), 1);
        assert!(said.ends_with("\"SUCCESS\"}"), "{said}");
        assert_eq!(end, End::Fin);
    }
    for (garbage, body) in [
        (json!(true), "\r\n\r\nzz\r\nno chunk\r\n"),
        (
            json!("FFFFFFFFFFFFFFFFF\r\nx"),
            "\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx",
        ),
    ] {
        let (said, end) = said_with(json!({"chunked_garbage": garbage}));
        assert!(
            said.contains("transfer-encoding: chunked\r\n") && said.ends_with(body),
            "{said}"
        );
        assert!(!said.contains("content-length"));
        assert_eq!(end, End::Fin);
    }
    let (said, end) = said_with(json!({"raw": "HTTP/9.9 what\r\n"}));
    assert_eq!((said.as_str(), end), ("HTTP/9.9 what\r\n", End::Fin));
}

#[test]
fn an_endless_body_does_not_end() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"content").ok();
    emulator.fault("stat", &json!({"endless_body": true}));
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(&stat("/a")).unwrap();
    let mut said = vec![0; 3 << 20];
    stream.read_exact(&mut said).unwrap();
    let text = String::from_utf8(said).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"));
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    let (size, body) = body.split_once("\r\n").unwrap();
    let size = usize::from_str_radix(size, 16).unwrap();
    assert!(body[..size].ends_with('}') && body[size..].starts_with("\r\n10000\r\n   "));
}
