//! Answers of the XML API that the service gives at times, and the emulator when it is asked to.

mod common;

use common::Emulator;
use common::xml::{Ask, complete, copy_source, crc64, md5_hex};
use serde_json::json;

const CRC: &str = "x-cos-hash-crc64ecma";

#[test]
fn an_acl_without_its_header() {
    let emulator = Emulator::start(&[]);
    let put = Ask::new("PUT", "/a").header("x-cos-acl", "private");
    put.body(b"x").send(&emulator).is(200);
    let acl = Ask::new("GET", "/a").query("acl", "");
    let told = acl.send(&emulator);
    assert_eq!(told.is(200).header("x-cos-acl"), Some("private"));
    emulator.fault("get_acl", &json!({"headers": {"x-cos-acl": null}}));
    let untold = acl.send(&emulator);
    assert_eq!(untold.is(200).header("x-cos-acl"), None);
    // The owner's grant alone is all that is left to say so.
    assert_eq!(untold.nodes("Permission"), ["FULL_CONTROL"]);
    assert_eq!(untold.content(), told.content());
}

#[test]
fn errors_of_any_name_and_status() {
    let emulator = Emulator::start(&[]);
    for (status, code) in [
        (409, "BucketLocked"),
        (409, "ObjectLocked"),
        (409, "OperationAborted"),
        (403, "ExpiredToken"),
        (400, "ExpiredToken"),
        (403, "InvalidToken"),
        (451, "UnavailableForLegalReasons"),
        (503, "SlowDown"),
    ] {
        let error = json!({"status": status, "code": code, "message": "a & b"});
        emulator.set_faults(&json!([{"fault": {"error": error}}]));
        let put = emulator.put_object("/a", b"hello");
        put.xml_error(status, code);
        assert_eq!(put.node("Message").as_deref(), Some("a &amp; b"));
        assert!(put.node("Resource").unwrap().ends_with("/a"));
        // The code is lost where an answer has no body.
        let head = emulator.head_object("/a");
        assert!(head.status == status && head.body.is_empty());
        assert_eq!(head.header("content-length"), Some("0"));
        assert!(head.header("x-cos-request-id").is_some());
        emulator.no_faults();
        emulator
            .head_object("/a")
            .is(if code == "SlowDown" { 200 } else { 404 });
        // The next one finds the work done all the same.
        if code == "UnavailableForLegalReasons" {
            emulator.set_faults(&json!([{
                "match": {"op": "put_object"},
                "fault": {"error": {"status": 503, "code": code}, "after": true,
                          "headers": {"Retry-After": 1, "x-cos-trace-id": null}}}]));
            let lost = emulator.put_object("/a", b"hello");
            assert_eq!(lost.status, 503);
            assert_eq!(lost.header("retry-after"), Some("1"));
            assert_eq!(lost.header("x-cos-trace-id"), None);
            // Without a message of its own, the code stands there too.
            assert_eq!(lost.node("Message").as_deref(), Some(code));
        }
    }
    for wrong in [
        json!({"error": {"code": "X"}}),
        json!({"error": {"status": 409}}),
        json!({"error": {"status": 99, "code": "X"}}),
        json!({"error": {"status": 409, "code": "X", "what": 1}}),
        json!({"error": "X"}),
        json!({"error": {"status": 409, "code": "X"}, "headers": {"a": "b\r\nc"}}),
        json!({"no_crc64": false}),
        json!({"no_crc64": 1}),
    ] {
        let rules = json!([{"fault": wrong}]).to_string();
        let refused = emulator.emulator_call("POST", "faults", &rules);
        assert_eq!(refused.status, 400, "{wrong}");
    }
}

/// Every answer that tells a CRC64: put, get, head, copy, part, part by copy, complete.
fn crc64s(emulator: &Emulator, path: &str) -> Vec<Option<String>> {
    let copy = |to: &str| Ask::new("PUT", to).header("x-cos-copy-source", &copy_source("/source"));
    let header = |reply: &common::http::Reply| reply.header(CRC).map(str::to_owned);
    let mut told = Vec::new();
    told.push(header(emulator.put_object(path, b"hello").is(200)));
    told.push(header(emulator.head_object(path).is(200)));
    told.push(header(emulator.get_object(path).is(200)));
    let etag = format!("\"{}\"", md5_hex(b"hello"));
    let unmodified = Ask::new("GET", path).header("If-None-Match", &etag);
    told.push(header(unmodified.send(emulator).is(304)));
    let upload = emulator.initiate(path);
    told.push(header(
        emulator.put_part(path, &upload, 1, b"hello").is(200),
    ));
    let part = copy(path)
        .query("partNumber", "1")
        .query("uploadId", &upload)
        .send(emulator);
    told.push(header(part.is(200)));
    told.push(part.node("CRC64"));
    let done = complete(path, &upload, &[(1, &etag)]).send(emulator);
    told.push(header(done.is(200)));
    let copied = copy(path).send(emulator);
    told.push(header(copied.is(200)));
    told.push(copied.node("CRC64"));
    told
}

#[test]
fn objects_without_crc64() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/source", b"hello").is(200);
    let crc = Some(crc64(b"hello"));
    assert_eq!(crc64s(&emulator, "/new"), vec![crc.clone(); 10]);
    // By name.
    emulator.set_faults(&json!([{"match": {"path": "/old/*"}, "fault": {"no_crc64": true}}]));
    assert_eq!(crc64s(&emulator, "/old/a"), vec![None; 10]);
    assert_eq!(crc64s(&emulator, "/new"), vec![crc; 10]);
    // Together with another fault.
    emulator.set_faults(&json!([{
        "match": {"op": "head_object"},
        "fault": {"no_crc64": true, "headers": {"x-other": "1"}}}]));
    let head = emulator.head_object("/new");
    assert_eq!(
        (head.header(CRC), head.header("x-other")),
        (None, Some("1"))
    );
    // All of them, and with no rule.
    let emulator = Emulator::start(&["--no-crc64"]);
    emulator.put_object("/source", b"hello").is(200);
    assert_eq!(crc64s(&emulator, "/new"), vec![None; 10]);
}
