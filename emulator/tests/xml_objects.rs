//! Objects of the XML API that are there: GET, HEAD, DELETE, copies, conditions, ACLs (xml-api.md §3.2-3.5).

mod common;

use common::xml::{Ask, HOST, assert_is, copy_source, crc64, md5_hex};
use common::{Emulator, noise};

#[test]
fn an_object_comes_back_with_all_that_it_was_given() {
    let emulator = Emulator::start(&[]);
    let content = noise(3_000_000, 1);
    let put = Ask::new("PUT", "/图/a b")
        .header("Content-Type", "text/x; charset=utf-8")
        .header("Cache-Control", "no-cache")
        .header("Content-Disposition", "attachment; filename=\"a\"")
        .header("Content-Encoding", "identity")
        .header("Content-Language", "zh")
        .header("Expires", "Fri, 10 Apr 2020 18:20:30 GMT")
        .header("x-cos-meta-Biz-Attr", "a=b&c d/中")
        .header("x-cos-storage-class", "STANDARD_IA")
        .body(&content)
        .md5();
    let made = put.send(&emulator);
    assert!(made.is(200).body.is_empty());
    let etag = format!("\"{}\"", md5_hex(&content));
    assert_eq!(made.header("etag"), Some(etag.as_str()));
    assert_eq!(
        made.header("x-cos-hash-crc64ecma"),
        Some(crc64(&content).as_str())
    );
    assert_eq!(made.header("server"), Some("tencent-cos"));
    assert!(made.header("x-cos-request-id").is_some() && made.header("x-cos-trace-id").is_none());

    let got = emulator.get_object("/图/a b");
    assert_is(&got, &content);
    let head = emulator.head_object("/图/a b");
    assert!(head.is(200).body.is_empty());
    for reply in [&got, &head] {
        for (name, value) in [
            ("content-length", "3000000"),
            ("content-type", "text/x; charset=utf-8"),
            ("cache-control", "no-cache"),
            ("content-disposition", "attachment; filename=\"a\""),
            ("content-encoding", "identity"),
            ("content-language", "zh"),
            ("expires", "Fri, 10 Apr 2020 18:20:30 GMT"),
            ("x-cos-meta-biz-attr", "a=b&c d/中"),
            ("x-cos-storage-class", "STANDARD_IA"),
            ("accept-ranges", "bytes"),
            ("etag", &etag),
        ] {
            assert_eq!(reply.header(name), Some(value), "{name}");
        }
        assert!(reply.header("last-modified").unwrap().ends_with(" GMT"));
    }
    // What a request says stands in for what is kept.
    let overridden = Ask::new("GET", "/图/a b")
        .query("response-content-type", "text/y")
        .query(
            "response-content-disposition",
            "attachment; filename=\"图\"",
        )
        .send(&emulator);
    assert_eq!(overridden.header("content-type"), Some("text/y"));
    assert_eq!(
        overridden.header("content-disposition"),
        Some("attachment; filename=\"图\"")
    );

    // Another takes its place with nothing of it.
    emulator.put_object("/图/a b", b"").is(200);
    let empty = emulator.get_object("/图/a b");
    assert_is(&empty, b"");
    assert_eq!(
        empty.header("content-type"),
        Some("application/octet-stream")
    );
    for name in [
        "x-cos-meta-biz-attr",
        "x-cos-storage-class",
        "cache-control",
    ] {
        assert_eq!(empty.header(name), None);
    }
    emulator.delete_object("/图/a b").is(204);
    emulator.delete_object("/图/a b").is(204);
    emulator.get_object("/图/a b").xml_error(404, "NoSuchKey");
    let missing = emulator.head_object("/图/a b");
    assert!(missing.status == 404 && missing.body.is_empty());
    assert_eq!(missing.header("content-length"), Some("0"));
    assert!(
        missing.header("x-cos-request-id").is_some() && missing.header("x-cos-trace-id").is_some()
    );
}

#[test]
fn ranges_and_conditions() {
    let emulator = Emulator::start(&[]);
    let content = noise(200_000, 2);
    emulator.put_object("/a", &content).is(200);
    for (asked, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=100-65699", 100, 65_699),
        ("bytes=199999-", 199_999, 199_999),
        ("bytes=-7", 199_993, 199_999),
    ] {
        let part = Ask::new("GET", "/a").header("Range", asked).send(&emulator);
        assert_eq!(part.status, 206);
        let range = format!("bytes {first}-{last}/200000");
        assert_eq!(part.header("content-range"), Some(range.as_str()));
        // Of the whole object, whatever the range.
        assert_eq!(
            part.header("x-cos-hash-crc64ecma"),
            Some(crc64(&content).as_str())
        );
        assert!(part.body == content[first..=last]);
    }
    let beyond = Ask::new("GET", "/a").header("Range", "bytes=200000-");
    beyond.send(&emulator).xml_error(416, "InvalidRange");

    let etag = format!("\"{}\"", md5_hex(&content));
    let modified = emulator
        .head_object("/a")
        .header("last-modified")
        .unwrap()
        .to_owned();
    let old = "Fri, 10 Apr 2020 18:20:30 GMT";
    for (name, value, status) in [
        ("If-Match", etag.as_str(), 200),
        ("If-Match", "\"other\"", 412),
        ("If-None-Match", &etag, 304),
        ("If-None-Match", "*", 304),
        ("If-None-Match", "\"other\"", 200),
        ("If-Modified-Since", &modified, 304),
        ("If-Modified-Since", old, 200),
        ("If-Unmodified-Since", &modified, 200),
        ("If-Unmodified-Since", old, 412),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = Ask::new(method, "/a").header(name, value).send(&emulator);
            assert_eq!(reply.status, status, "{method} {name}: {value}");
            match status {
                304 => assert!(reply.body.is_empty() && reply.header("etag") == Some(&etag)),
                412 if method == "GET" => reply.xml_error(412, "PreconditionFailed"),
                _ => {}
            }
        }
    }
}

#[test]
fn copies() {
    let emulator = Emulator::start(&[]);
    let content = noise(100_000, 3);
    let put = Ask::new("PUT", "/dir a/src+1%.txt")
        .header("Content-Type", "text/x")
        .header("x-cos-meta-a", "1")
        .header("x-cos-storage-class", "STANDARD_IA")
        .header("x-cos-acl", "public-read")
        .body(&content);
    put.send(&emulator).is(200);
    let from = copy_source("/dir a/src+1%.txt");
    let copy = |to: &str, headers: &[(&str, &str)]| {
        let ask = Ask::new("PUT", to).header("x-cos-copy-source", &from);
        let with = |ask: Ask, (name, value): &(&str, &str)| ask.header(name, value);
        headers.iter().fold(ask, with).send(&emulator)
    };
    let copied = copy("/b", &[]);
    let etag = format!("&quot;{}&quot;", md5_hex(&content));
    assert_eq!(copied.is(200).node("ETag"), Some(etag));
    assert_eq!(copied.node("CRC64"), Some(crc64(&content)));
    assert_eq!(copied.header("transfer-encoding"), Some("chunked"));
    let got = emulator.get_object("/b");
    assert_is(&got, &content);
    // Metadata come along, class and ACL do not.
    assert_eq!(
        (got.header("content-type"), got.header("x-cos-meta-a")),
        (Some("text/x"), Some("1"))
    );
    assert_eq!(got.header("x-cos-storage-class"), None);
    copy(
        "/b",
        &[
            ("x-cos-metadata-directive", "Replaced"),
            ("x-cos-meta-b", "2"),
        ],
    )
    .is(200);
    let got = emulator.get_object("/b");
    assert_is(&got, &content);
    assert_eq!(
        (got.header("x-cos-meta-a"), got.header("x-cos-meta-b")),
        (None, Some("2"))
    );

    // The other form of a source, onto itself, and what may not be.
    let path_form = Ask::new("PUT", "/c").header("x-cos-copy-source", "/testbucket-10000001/b");
    path_form.send(&emulator).is(200);
    let onto_itself = Ask::new("PUT", "/c").header("x-cos-copy-source", &copy_source("/c"));
    onto_itself.send(&emulator).xml_error(400, "InvalidRequest");
    onto_itself
        .clone()
        .header("x-cos-metadata-directive", "Replaced")
        .send(&emulator)
        .is(200);
    assert_is(&emulator.get_object("/c"), &content);
    copy("/c", &[("x-cos-forbid-overwrite", "true")]).xml_error(409, "FileAlreadyExists");
    copy("/d", &[("x-cos-metadata-directive", "Other")]).xml_error(400, "InvalidArgument");
    for (source, status, code) in [
        (copy_source("/none"), 404, "NoSuchKey"),
        (HOST.to_owned(), 400, "InvalidCopySource"),
        (format!("{HOST}/"), 400, "InvalidCopySource"),
        (format!("http://{from}"), 400, "InvalidCopySource"),
        ("other-99.cos.x.y/a".to_owned(), 400, "InvalidCopySource"),
        ("other-10000001.cos.x.y/a".to_owned(), 404, "NoSuchKey"),
    ] {
        let ask = Ask::new("PUT", "/d").header("x-cos-copy-source", &source);
        ask.send(&emulator).xml_error(status, code);
    }
    let tag = format!("\"{}\"", md5_hex(&content));
    let old = "Fri, 10 Apr 2020 18:20:30 GMT";
    let future = "Fri, 10 Apr 2099 18:20:30 GMT";
    for (name, value, status) in [
        ("If-Match", tag.as_str(), 200),
        ("If-Match", "\"x\"", 412),
        ("If-None-Match", "\"x\"", 200),
        ("If-None-Match", &tag, 412),
        ("If-Modified-Since", old, 200),
        ("If-Modified-Since", future, 412),
        ("If-Unmodified-Since", future, 200),
        ("If-Unmodified-Since", old, 412),
    ] {
        let name = format!("x-cos-copy-source-{name}");
        assert_eq!(
            copy("/e", &[(&name, value)]).status,
            status,
            "{name}: {value}"
        );
    }
    // The copy does not need its source.
    emulator.delete_object("/dir a/src+1%.txt").is(204);
    assert_is(&emulator.get_object("/c"), &content);
}

#[test]
fn archived_objects_are_not_read() {
    let emulator = Emulator::start(&[]);
    let put = Ask::new("PUT", "/a").header("x-cos-storage-class", "ARCHIVE");
    put.body(b"x").send(&emulator).is(200);
    emulator
        .get_object("/a")
        .xml_error(403, "InvalidObjectState");
    emulator.head_object("/a").is(200);
    let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &copy_source("/a"));
    copy.send(&emulator).xml_error(403, "InvalidObjectState");
}

#[test]
fn access_control_lists() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    let get = |path: &str| {
        let reply = Ask::new("GET", path).query("acl", "").send(&emulator);
        assert_eq!(
            reply.is(200).nodes("Permission").last().unwrap(),
            "FULL_CONTROL"
        );
        reply.header("x-cos-acl").unwrap().to_owned()
    };
    let set = |path: &str, acl: &str| {
        Ask::new("PUT", path)
            .query("acl", "")
            .header("x-cos-acl", acl)
            .send(&emulator)
    };
    assert_eq!(get("/a"), "default");
    for acl in ["private", "public-read", "default"] {
        set("/a", acl).is(200);
        assert_eq!(get("/a"), acl);
    }
    set("/a", "public").xml_error(400, "InvalidArgument");
    set("/none", "private").xml_error(404, "NoSuchKey");
    assert_eq!(get("/"), "public-read");
    set("/", "private").is(200);
    assert_eq!(get("/"), "private");
    Ask::new("GET", "/a")
        .anonymous(&emulator)
        .xml_error(403, "AccessDenied");
    // As a document, which is what was read before.
    let policy = "<AccessControlPolicy><AccessControlList><Grant><Grantee><URI>http://cam.qcloud.com/groups/global/AllUsers\
                  </URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>";
    let ask = Ask::new("PUT", "/a")
        .query("acl", "")
        .body(policy.as_bytes());
    ask.send(&emulator).is(200);
    assert_eq!(get("/a"), "public-read");
    Ask::new("GET", "/a").anonymous(&emulator).is(200);
    let ask = Ask::new("PUT", "/a").query("acl", "").body(b"<Other/>");
    ask.send(&emulator).xml_error(400, "MalformedXML");
}

#[test]
fn unknown_sub_resources() {
    let emulator = Emulator::start(&[]);
    for (path, names) in [
        ("/", ["inventory", "versions", "whatever"]),
        ("/a", ["symlink", "cors", "lifecycle"]),
    ] {
        for name in names {
            let ask = Ask::new("PUT", path).query(name, "");
            ask.send(&emulator).xml_error(405, "MethodNotAllowed");
        }
    }
    // With a `=` it is none the less unknown: no object is made of what it says.
    let ask = Ask::new("PUT", "/a")
        .query("live", "")
        .body(b"<LiveChannel/>");
    let text = String::from_utf8(ask.bytes()).unwrap();
    let text = text.replacen("?live ", "?live= ", 1);
    common::http::raw(&emulator.address, text.as_bytes()).xml_error(405, "MethodNotAllowed");
    assert_eq!(emulator.keys(), Vec::<String>::new());
    Ask::new("PATCH", "/a")
        .send(&emulator)
        .xml_error(405, "MethodNotAllowed");
    Ask::new("PUT", "/")
        .query("uploads", "")
        .send(&emulator)
        .xml_error(405, "MethodNotAllowed");
}
