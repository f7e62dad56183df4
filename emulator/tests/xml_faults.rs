//! Faults on requests of the XML API.

mod common;

use common::Emulator;
use common::faults::{End, exchange};
use common::xml::{Ask, complete, copy_source, crc64, quoted};
use serde_json::{Value, json};

#[test]
fn every_operation_has_a_name() {
    let emulator = Emulator::start(&[]);
    let put = |path: &str| Ask::new("PUT", path);
    let copy = |path: &str| put(path).header("x-cos-copy-source", &copy_source("/a"));
    let of = |ask: Ask, upload: &str| ask.query("uploadId", upload);
    let delete = "<Delete><Object><Key>x</Key></Object></Delete>";
    emulator.put_object("/a", b"x").is(200);
    let upload = emulator.initiate("/u");
    let service = || Ask::new("GET", "/").host("service.cos.myqcloud.com");
    let other = |method: &str| Ask::new(method, "/").host("other-10000001.cos.x-y.myqcloud.com");
    let part = |ask: Ask| of(ask.query("partNumber", "1"), &upload);
    for (op, ask) in [
        ("put_object", put("//a/").body(b"x")),
        ("get_object", Ask::new("GET", "/a")),
        ("head_object", Ask::new("HEAD", "/a")),
        ("copy_object", copy("/b")),
        ("delete_object", Ask::new("DELETE", "/b")),
        ("list_objects", Ask::new("GET", "/").query("prefix", "a")),
        ("initiate", Ask::new("POST", "/u").query("uploads", "")),
        ("upload_part", part(put("/u").body(b"x"))),
        ("upload_part_copy", part(copy("/u"))),
        ("list_parts", of(Ask::new("GET", "/u"), &upload)),
        ("list_uploads", Ask::new("GET", "/").query("uploads", "")),
        ("list_versions", Ask::new("GET", "/").query("versions", "")),
        ("complete", complete("/u", &upload, &[(1, &quoted(b"x"))])),
        ("abort", of(Ask::new("DELETE", "/u"), "x")),
        (
            "delete_objects",
            Ask::new("POST", "/")
                .query("delete", "")
                .body(delete.as_bytes())
                .md5(),
        ),
        ("get_acl", Ask::new("GET", "/a").query("acl", "")),
        (
            "put_acl",
            put("/a").query("acl", "").header("x-cos-acl", "private"),
        ),
        (
            "put_acl",
            put("/").query("acl", "").header("x-cos-acl", "private"),
        ),
        ("list_buckets", service()),
        ("put_bucket", other("PUT")),
        ("head_bucket", other("HEAD")),
        ("delete_bucket", other("DELETE")),
        ("other", Ask::new("GET", "/").query("inventory", "")),
    ] {
        let reply = ask.send(&emulator);
        let log = emulator.last_request();
        assert_eq!(
            (&log["op"], &log["status"]),
            (&json!(op), &json!(reply.status))
        );
        let is_good = reply.status < 300 || matches!(op, "abort" | "other");
        assert!(is_good, "{op}: {}", reply.text());
        if op != "other" {
            // A rule for it hits it.
            emulator.fault(op, &json!({"status": 503}));
            assert_eq!(ask.send(&emulator).status, 503, "{op}");
            emulator.no_faults();
        }
    }
    // A key keeps every slash, and a part says which it is.
    let paths: Vec<Value> = emulator
        .requests()
        .iter()
        .map(|r| r["path"].clone())
        .collect();
    assert!(paths.contains(&json!("//a/")));
    // One that is taken: of what is refused, nobody says how much was read when the answer came.
    let upload = emulator.initiate("/u");
    emulator.put_part("/u", &upload, 7, b"x").is(200);
    let log = emulator.last_request();
    assert_eq!((&log["part"], &log["upload"]), (&json!(7), &json!(upload)));
    assert_eq!(
        (&log["bucket"], &log["path"], &log["bytes"]),
        (&json!("testbucket"), &json!("/u"), &json!(1))
    );
}

#[test]
fn the_faults_of_connections_hit_the_xml_api_too() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"hello").is(200);
    let put = |path: &str| Ask::new("PUT", path).body(b"x").bytes();
    for (fault, is_done) in [
        (json!({"reset": "before"}), false),
        (json!({"reset": "after"}), true),
        (json!({"close": "before"}), false),
        (json!({"close": "after"}), true),
    ] {
        emulator.fault("put_object", &fault);
        let (said, end) = exchange(&emulator, &put("/done"));
        let wanted = if fault.get("reset").is_some() {
            End::Reset
        } else {
            End::Fin
        };
        assert_eq!((said.as_str(), end), ("", wanted), "{fault}");
        emulator.no_faults();
        assert_eq!(
            emulator.head_object("/done").status,
            if is_done { 200 } else { 404 }
        );
        emulator.delete_object("/done").is(204);
    }
    let get = Ask::new("GET", "/a").bytes();
    emulator.fault("get_object", &json!({"cut": 20}));
    assert_eq!(exchange(&emulator, &get).0.len(), 20);
    emulator.fault("get_object", &json!({"content_length": 9}));
    let (said, _) = exchange(&emulator, &get);
    assert!(
        said.contains("Content-Length: 9\r\n") && said.ends_with("\r\n\r\nhello"),
        "{said}"
    );
    emulator.fault("get_object", &json!({"chunked_garbage": true}));
    assert!(exchange(&emulator, &get).0.ends_with("zz\r\nno chunk\r\n"));
    emulator.fault("get_object", &json!({"raw": "nonsense"}));
    assert_eq!(exchange(&emulator, &get).0, "nonsense");
    emulator.fault("get_object", &json!({"keep_alive_close": true}));
    assert!(exchange(&emulator, &get).0.ends_with("hello"));
    emulator.fault(
        "get_object",
        &json!({"dribble": {"bytes": 50, "every_ms": 1}}),
    );
    assert_eq!(exchange_one(&emulator, &get), b"hello");
    emulator.fault(
        "put_object",
        &json!({"early": 403, "body": "<Error><Code>AccessDenied</Code></Error>"}),
    );
    let (said, _) = exchange(&emulator, &put("/b"));
    assert!(
        said.starts_with("HTTP/1.1 403") && said.contains("application/xml"),
        "{said}"
    );
    // A part by its number of bytes.
    let upload = emulator.initiate("/u");
    emulator.fault("upload_part", &json!({"reset": "at", "bytes": 1}));
    let part = Ask::new("PUT", "/u")
        .query("partNumber", "1")
        .query("uploadId", &upload);
    assert_eq!(exchange(&emulator, &part.body(b"xy").bytes()).1, End::Reset);
}

/// The content of the one answer on a connection.
fn exchange_one(emulator: &Emulator, bytes: &[u8]) -> Vec<u8> {
    common::http::raw(&emulator.address, bytes).body
}

#[test]
fn headers_that_are_changed_or_left_out() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"hello").is(200);
    let fault = json!({"headers": {"x-cos-hash-crc64ecma": null, "ETag": "\"x\"", "x-more": 1}});
    for op in ["get_object", "head_object", "put_object"] {
        emulator.fault(op, &fault);
        let reply = match op {
            "get_object" => emulator.get_object("/a"),
            "head_object" => emulator.head_object("/a"),
            _ => emulator.put_object("/b", b"x"),
        };
        assert_eq!(reply.is(200).header("x-cos-hash-crc64ecma"), None);
        assert_eq!(
            (reply.header("etag"), reply.header("x-more")),
            (Some("\"x\""), Some("1"))
        );
        assert_eq!(
            reply.body,
            if op == "get_object" {
                &b"hello"[..]
            } else {
                b""
            }
        );
    }
    for wrong in [json!({"headers": 1}), json!({"headers": {"a": "b\r\nc"}})] {
        let rules = json!([{"fault": wrong}]);
        let reply = emulator.emulator_call("POST", "faults", &rules.to_string());
        assert_eq!(reply.status, 400);
    }
}

#[test]
fn an_upload_that_is_forgotten() {
    let emulator = Emulator::start(&[]);
    let (one, two) = (emulator.initiate("/a"), emulator.initiate("/a"));
    emulator.put_part("/a", &one, 1, b"x").is(200);
    emulator.put_part("/a", &two, 1, b"x").is(200);
    emulator.set_faults(
        &json!([{"match": {"op": "upload_part", "count": 1}, "fault": {"forget_session": true}}]),
    );
    emulator
        .put_part("/a", &one, 2, b"x")
        .xml_error(404, "NoSuchUpload");
    emulator
        .complete("/a", &one, &[(1, &quoted(b"x"))])
        .xml_error(404, "NoSuchUpload");
    emulator.complete("/a", &two, &[(1, &quoted(b"x"))]).is(200);
}

#[test]
fn content_that_is_spoilt() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"hello").is(200);
    emulator.fault("get_object", &json!({"corrupt": true}));
    let got = emulator.get_object("/a");
    assert_eq!(got.is(200).body, b"iello");
    assert_eq!(
        got.header("x-cos-hash-crc64ecma"),
        Some(crc64(b"hello").as_str())
    );
    emulator.no_faults();
    assert_eq!(emulator.get_object("/a").body, b"hello");

    // What is stored is told of as it is there.
    let upload = emulator.initiate("/c");
    emulator.set_faults(&json!([{"fault": {"corrupt": true}}]));
    let put = Ask::new("PUT", "/b").body(b"hello").md5().send(&emulator);
    let part = emulator.put_part("/c", &upload, 1, b"hello");
    for reply in [put, part] {
        assert_eq!(
            reply.is(200).header("etag"),
            Some(quoted(b"iello").as_str())
        );
        assert_eq!(
            reply.header("x-cos-hash-crc64ecma"),
            Some(crc64(b"iello").as_str())
        );
    }
    emulator.no_faults();
    assert_eq!(emulator.get_object("/b").body, b"iello");
    emulator
        .complete("/c", &upload, &[(1, &quoted(b"iello"))])
        .is(200);
    assert_eq!(emulator.get_object("/c").body, b"iello");
}
