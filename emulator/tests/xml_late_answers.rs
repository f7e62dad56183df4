//! Answers that begin before the work is done (xml-api.md §3.5, §3.7), played as faults.

mod common;

use common::Emulator;
use common::http::{Reply, connect};
use common::xml::{Ask, complete, copy_source, quoted};
use serde_json::json;
use std::io::Read;
use std::io::Write;
use std::time::{Duration, Instant};

/// An upload with one part, `x`, and what completes it.
fn upload_of_one(emulator: &Emulator, path: &str) -> Ask {
    let upload = emulator.initiate(path);
    emulator.put_part(path, &upload, 1, b"x").is(200);
    complete(path, &upload, &[(1, &quoted(b"x"))])
}

fn assert_error_in_200(reply: &Reply, code: &str) {
    let text = reply.is(200).text();
    assert!(
        text.contains(&format!("<Error><Code>{code}</Code><Message>")),
        "{text}"
    );
    assert!(
        reply
            .node("RequestId")
            .is_some_and(|id| Some(id.as_str()) == reply.header("x-cos-request-id"))
    );
    assert_eq!(reply.header("content-type"), Some("application/xml"));
}

#[test]
fn an_error_behind_a_200() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    let fault = json!({"error_in_200": {"code": "SlowDown", "message": "later"}});
    let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &copy_source("/a"));
    emulator.fault("copy_object", &fault);
    assert_error_in_200(&copy.send(&emulator), "SlowDown");
    emulator.head_object("/b").is(404);
    let done = upload_of_one(&emulator, "/c");
    emulator.fault("complete", &fault);
    assert_error_in_200(&done.send(&emulator), "SlowDown");
    // The upload is still there.
    emulator.no_faults();
    done.send(&emulator).is(200);

    let done = upload_of_one(&emulator, "/d");
    emulator.fault("complete", &json!({"error_in_200": {}, "after": true}));
    assert_error_in_200(&done.send(&emulator), "InternalError");
    emulator.no_faults();
    done.send(&emulator).xml_error(404, "NoSuchUpload");
    assert_eq!(emulator.get_object("/d").body, b"x");
}

#[test]
fn blanks_before_a_late_answer() {
    let emulator = Emulator::start(&[]);
    let done = upload_of_one(&emulator, "/a");
    emulator.fault(
        "complete",
        &json!({"slow_complete": {"spaces": 5, "every_ms": 30}}),
    );
    let begun = Instant::now();
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(&done.bytes()).unwrap();
    // The head is there long before the rest.
    let mut said = Vec::new();
    while !said.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        said.extend(byte);
    }
    assert!(said.starts_with(b"HTTP/1.1 200"));
    let reply = read_chunks(&mut stream);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert!(reply.starts_with("     "), "{reply}");
    assert!(
        reply
            .trim_start()
            .starts_with("<CompleteMultipartUploadResult ")
    );
    assert!(reply.ends_with("</CompleteMultipartUploadResult>"));
    emulator.no_faults();
    assert_eq!(emulator.get_object("/a").body, b"x");
    let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &copy_source("/a"));
    emulator.fault(
        "copy_object",
        &json!({"slow_complete": {"spaces": 2, "every_ms": 1}}),
    );
    let text = copy.send(&emulator).is(200).text();
    let document = text.trim_start();
    assert!(text.starts_with("  ") && document.starts_with("<CopyObjectResult>"));
    // An error does not come late.
    emulator.fault("complete", &json!({"slow_complete": {"spaces": 5}}));
    done.send(&emulator).xml_error(404, "NoSuchUpload");
}

/// The content of a chunked body.
fn read_chunks(stream: &mut impl Read) -> String {
    let mut content = String::new();
    loop {
        let mut line = String::new();
        while !line.ends_with("\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            line.push(char::from(byte[0]));
        }
        let size = usize::from_str_radix(line.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk).unwrap();
        if size == 0 {
            return content;
        }
        content += std::str::from_utf8(&chunk[..size]).unwrap();
    }
}
