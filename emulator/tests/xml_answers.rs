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

/// Every ETag that `hello` gets, as it is put, sent in a part, and copied.
fn etags(emulator: &Emulator, path: &str, headers: &[(&str, &str)]) -> Vec<String> {
    let with = |ask: Ask, (name, value): &(&str, &str)| ask.header(name, value);
    let with = |ask: Ask| headers.iter().fold(ask, with);
    let header = |reply: &common::http::Reply| reply.header("etag").unwrap().to_owned();
    let put = with(Ask::new("PUT", path).body(b"hello")).send(emulator);
    let mut told = vec![header(put.is(200))];
    let listed = emulator.list_objects(&[("prefix", &path[1..])]);
    for other in [
        header(emulator.head_object(path).is(200)),
        header(emulator.get_object(path).is(200)),
        listed.node("ETag").unwrap().replace("&quot;", "\""),
    ] {
        assert_eq!(other, told[0]);
    }
    let unmodified = Ask::new("GET", path).header("If-None-Match", &told[0]);
    assert_eq!(unmodified.send(emulator).status, 304);
    let initiate = with(Ask::new("POST", path).query("uploads", ""));
    let upload = initiate.send(emulator).is(200).node("UploadId").unwrap();
    let part = emulator.put_part(path, &upload, 1, b"hello");
    told.push(header(part.is(200)));
    let parts = Ask::new("GET", path)
        .query("uploadId", &upload)
        .send(emulator);
    let listed = parts.is(200).node("ETag").unwrap();
    assert_eq!(listed.replace("&quot;", "\""), told[1]);
    let copy = Ask::new("PUT", path)
        .query("partNumber", "1")
        .query("uploadId", &upload)
        .header("x-cos-copy-source", &copy_source("/source"));
    let copied = copy.send(emulator).is(200).node("ETag").unwrap();
    told.push(copied.replace("&quot;", "\""));
    // What was told is what completes it.
    complete(path, &upload, &[(1, &told[2])])
        .send(emulator)
        .is(200);
    let copy = Ask::new("PUT", path).header("x-cos-copy-source", &copy_source("/source"));
    let copied = with(copy).send(emulator).is(200).node("ETag").unwrap();
    told.push(copied.replace("&quot;", "\""));
    assert_eq!(header(emulator.head_object(path).is(200)), told[3]);
    told
}

#[test]
fn etags_that_are_no_md5() {
    let md5 = format!("\"{}\"", md5_hex(b"hello"));
    let is_opaque = |etag: &String| {
        let hex = etag.trim_matches('"');
        hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()) && *etag != md5
    };
    let emulator = Emulator::start(&[]);
    emulator.put_object("/source", b"hello").is(200);
    assert_eq!(etags(&emulator, "/a", &[]), vec![md5.clone(); 4]);
    let kms = [("x-cos-server-side-encryption", "cos/kms")];
    let told = etags(&emulator, "/a", &kms);
    assert!(told.iter().all(is_opaque), "{told:?}");
    // Other keys of the service's do not change it.
    let aes = [("x-cos-server-side-encryption", "AES256")];
    assert_eq!(etags(&emulator, "/a", &aes), vec![md5.clone(); 4]);
    emulator.set_faults(&json!([{"match": {"path": "/b"}, "fault": {"opaque_etag": true}}]));
    let told = etags(&emulator, "/b", &[]);
    assert!(told.iter().all(is_opaque), "{told:?}");
    assert_eq!(etags(&emulator, "/a", &[]), vec![md5.clone(); 4]);
    // The content and its other digests are what they are.
    let got = emulator.get_object("/b");
    assert_eq!(got.is(200).body, b"hello");
    assert_eq!(got.header(CRC), Some(crc64(b"hello").as_str()));
    let emulator = Emulator::start(&["--opaque-etags"]);
    emulator.put_object("/source", b"hello").is(200);
    let told = etags(&emulator, "/a", &[]);
    assert!(told.iter().all(is_opaque), "{told:?}");
}

#[test]
fn encryption_is_told_and_not_copied() {
    const NAME: &str = "x-cos-server-side-encryption";
    const KEY: &str = "x-cos-server-side-encryption-cos-kms-key-id";
    let emulator = Emulator::start(&[]);
    let told = |reply: &common::http::Reply| {
        reply.is(200);
        (
            reply.header(NAME).map(str::to_owned),
            reply.header(KEY).map(str::to_owned),
        )
    };
    let with = |ask: Ask| ask.header(NAME, "cos/kms").header(KEY, "key-1");
    let wanted = (Some("cos/kms".to_owned()), Some("key-1".to_owned()));
    let put = with(Ask::new("PUT", "/a").body(b"hello")).send(&emulator);
    assert_eq!(told(&put), wanted);
    assert_eq!(told(&emulator.head_object("/a")), wanted);
    assert_eq!(told(&emulator.get_object("/a")), wanted);
    let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &copy_source("/a"));
    assert_eq!(told(&copy.send(&emulator)), (None, None));
    assert_eq!(told(&emulator.head_object("/b")), (None, None));
    assert_eq!(told(&with(copy).send(&emulator)), wanted);
    assert_eq!(told(&emulator.head_object("/b")), wanted);
    let initiate = with(Ask::new("POST", "/c").query("uploads", "")).send(&emulator);
    assert_eq!(told(&initiate), wanted);
    let upload = initiate.node("UploadId").unwrap();
    let part = emulator.put_part("/c", &upload, 1, b"hello");
    assert_eq!(told(&part), wanted);
    let etag = part.header("etag").unwrap();
    assert_eq!(
        told(&emulator.complete("/c", &upload, &[(1, etag)])),
        wanted
    );
    assert_eq!(told(&emulator.head_object("/c")), wanted);
    // A key that is not named is some key of the account's all the same.
    let put = Ask::new("PUT", "/d").header(NAME, "cos/kms").body(b"x");
    assert!(told(&put.send(&emulator)).1.is_some());
    let put = Ask::new("PUT", "/d").header(NAME, "AES256").body(b"x");
    assert_eq!(
        told(&put.send(&emulator)),
        (Some("AES256".to_owned()), None)
    );
    let put = Ask::new("PUT", "/d").header(NAME, "ROT13").body(b"x");
    put.send(&emulator).xml_error(400, "InvalidArgument");
}

#[test]
fn keys_that_documents_forbid() {
    let emulator = Emulator::start(&["--strict-keys"]);
    emulator.put_object("/source", b"x").is(200);
    for key in [
        "/a", "\\a", "a\nb", "a\rb", "a\u{18}", "\u{19}a", "a\u{1a}b", "a\u{1b}b",
    ] {
        let path = format!("/{key}");
        let refused = [
            Ask::new("PUT", &path).body(b"x"),
            Ask::new("POST", &path).query("uploads", ""),
            Ask::new("PUT", &path).header("x-cos-copy-source", &copy_source("/source")),
        ];
        for ask in refused {
            ask.send(&emulator).xml_error(400, "InvalidObjectName");
        }
        emulator.get_object(&path).xml_error(404, "NoSuchKey");
        emulator.delete_object(&path).is(204);
    }
    // Others are none of the document's business.
    for key in ["a\u{1}", "a//b", "a\\b", "a\u{7f}", "a\tb"] {
        emulator.put_object(&format!("/{key}"), b"x").is(200);
    }
    // Deleting says it is done, and what was meant without its slash is still there.
    let many = b"<Delete><Object><Key>/source</Key></Object></Delete>";
    let many = Ask::new("POST", "/").query("delete", "").body(many).md5();
    let many = many.send(&emulator);
    assert_eq!(many.is(200).nodes("Deleted"), ["<Key>/source</Key>"]);
    emulator.head_object("/source").is(200);
}

#[test]
fn a_type_by_the_ending() {
    let emulator = Emulator::start(&[]);
    let told = |path: &str| {
        let head = emulator.head_object(path);
        let told = head.is(200).header("content-type").unwrap().to_owned();
        let got = emulator.get_object(path);
        assert_eq!(got.header("content-type"), Some(told.as_str()));
        let download = emulator.download(path);
        assert_eq!(download.is(200).header("content-type"), Some(told.as_str()));
        told
    };
    for (path, known) in [
        ("/a.jpg", "image/jpeg"),
        ("/b/a.HTML", "text/html"),
        ("/a.json", "application/json"),
        ("/a", "application/octet-stream"),
        ("/a.jpg/a", "application/octet-stream"),
        ("/a.nosuchending", "application/octet-stream"),
    ] {
        emulator.put_object(path, b"x").is(200);
        assert_eq!(told(path), known);
        emulator.delete_object(path).is(204);
        emulator.upload(path, b"x").ok();
        assert_eq!(told(path), known);
    }
    let upload = emulator.initiate("/p.png");
    let part = emulator.put_part("/p.png", &upload, 1, b"x");
    let etag = part.is(200).header("etag").unwrap();
    emulator.complete("/p.png", &upload, &[(1, etag)]).is(200);
    assert_eq!(told("/p.png"), "image/png");
    // A type that was given stays; one that the ending told goes with a copy.
    let put = Ask::new("PUT", "/b.jpg").header("Content-Type", "text/x");
    put.body(b"x").send(&emulator).is(200);
    assert_eq!(told("/b.jpg"), "text/x");
    let copy = |from: &str, to: &str, directive: &str| {
        let ask = Ask::new("PUT", to).header("x-cos-copy-source", &copy_source(from));
        let ask = ask.header("x-cos-metadata-directive", directive);
        ask.send(&emulator).is(200);
        told(to)
    };
    assert_eq!(copy("/p.png", "/c.txt", "Copy"), "image/png");
    assert_eq!(copy("/b.jpg", "/c.txt", "Copy"), "text/x");
    assert_eq!(copy("/p.png", "/c.txt", "Replaced"), "text/plain");
}
