//! Copies between buckets and regions, with other attributes, of older versions; and moves.

mod common;

use common::emulator::Emulator;
use common::library::{BUCKET, Client, code, kind, message, ok};
use common::shelf::{Object, service};
use common::{TempDir, noise};
use serde_json::{Value, json};

const OTHER: &str = "other";

fn client(emulator: &Emulator) -> Client {
    Client::speaking("xml", &emulator.url, json!({}))
}

fn copy(client: &Client, from: (&str, &str), to: (&str, &str), options: Value) -> Value {
    client.copy_with(from, to, &options, &mut |_, _| 0)
}

/// What a request brought back of an object in the other bucket.
fn of_other(client: &Client, method: &str, path: &str) -> Value {
    client.request(Some(OTHER), path, &json!({"method": method}), b"")
}

/// The content of an object in the other bucket.
fn read_other(client: &Client, path: &str) -> String {
    let got = ok(of_other(client, "GET", path));
    got["data"]["body"].as_str().unwrap().to_owned()
}

#[test]
fn a_copy_in_another_bucket_has_all_that_is_not_said_otherwise() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    let options = json!({
        "biz_attr": "attribute", "storage_class": "STANDARD_IA", "acl": "public-read",
        "headers": {"Content-Type": "text/plain", "Cache-Control": "no-cache",
            "x-cos-meta-a": "1", "x-cos-meta-b": "2"},
    });
    ok(client.upload_with(&file, "dir/f", &options));
    let reply = ok(copy(&client, (BUCKET, "dir/f"), (OTHER, "g"), json!({})));
    let data = &reply["data"];
    assert_eq!(data["filesize"], 5, "{reply}");
    assert_eq!(data["verified"], "crc64", "{reply}");
    assert_eq!(
        data["crc64"],
        ok(client.stat_file("dir/f"))["data"]["crc64"]
    );
    assert_eq!(data["resource_path"], "/10000001/other/g");
    assert!(
        data["access_url"].as_str().unwrap().contains("other"),
        "{reply}"
    );
    assert!(data["version_id"].is_null(), "{reply}");
    let head = ok(of_other(&client, "HEAD", "g"))["data"]["headers"].clone();
    for (name, value) in [
        ("content-type", "text/plain"),
        ("cache-control", "no-cache"),
        ("x-cos-meta-a", "1"),
        ("x-cos-meta-b", "2"),
        ("x-cos-meta-biz-attr", "attribute"),
        ("x-cos-storage-class", "STANDARD_IA"),
    ] {
        assert_eq!(head[name], value, "{name}: {head}");
    }
    assert_eq!(read_other(&client, "g"), "hello");

    let said = json!({
        "overwrite": true, "storage_class": "STANDARD", "acl": "private",
        "headers": {"Cache-Control": "max-age=5", "x-cos-meta-b": "3", "x-cos-meta-c": "4"},
    });
    ok(copy(&client, (BUCKET, "dir/f"), (OTHER, "g"), said));
    let head = ok(of_other(&client, "HEAD", "g"))["data"]["headers"].clone();
    for (name, value) in [
        ("content-type", "text/plain"),
        ("cache-control", "max-age=5"),
        ("x-cos-meta-a", "1"),
        ("x-cos-meta-b", "3"),
        ("x-cos-meta-c", "4"),
        ("x-cos-meta-biz-attr", "attribute"),
    ] {
        assert_eq!(head[name], value, "{name}: {head}");
    }
    assert!(head["x-cos-storage-class"].is_null(), "{head}");
    // The source has what it had.
    let stat = ok(client.stat_file("dir/f"));
    assert_eq!(stat["data"]["headers"]["cache-control"], "no-cache");
    assert_eq!(ok(client.get_acl("dir/f"))["data"]["acl"], "public-read");
    let acl = json!({"method": "GET", "query": {"acl": ""}});
    let acl = ok(client.request(Some(OTHER), "g", &acl, b""));
    assert!(!acl.to_string().contains("AllUsers"), "{acl}");
}

#[test]
fn whoever_says_who_may_read_the_copy_need_not_know_of_the_source() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    ok(client.upload_buffer(b"hello", "f", ""));
    let refused = json!([{"match": {"op": "get_acl"}, "fault": {"error": {"status": 403, "code": "AccessDenied"}}}]);
    emulator.set_faults(&refused);
    assert_ne!(
        code(&copy(&client, (BUCKET, "f"), (BUCKET, "g"), json!({}))),
        0
    );
    ok(copy(
        &client,
        (BUCKET, "f"),
        (BUCKET, "g"),
        json!({"acl": "default"}),
    ));
    emulator.end_faults();
    client.holds("g", b"hello");
}

#[test]
fn what_is_there_is_kept_unless_it_is_to_be_replaced() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    ok(client.upload_buffer(b"hello", "f", ""));
    ok(client.upload_buffer(b"other", "g", ""));
    ok(client.upload_buffer(b"hello", "same", ""));
    let to = |to, options| copy(&client, (BUCKET, "f"), (BUCKET, to), options);
    assert_eq!(code(&to("g", json!({}))), -177);
    assert_eq!(code(&to("same", json!({}))), -4018);
    assert_eq!(code(&to("g", json!({"move": true}))), -177);
    client.holds("g", b"other");
    client.holds("f", b"hello");
    ok(to("g", json!({"overwrite": true})));
    client.holds("g", b"hello");
    // The client's option holds where nothing is said.
    let overwriting = Client::speaking("xml", &emulator.url, json!({"overwrite": true}));
    ok(client.upload_buffer(b"third", "h", ""));
    ok(copy(&overwriting, (BUCKET, "h"), (BUCKET, "g"), json!({})));
    client.holds("g", b"third");
    assert_eq!(code(&to("missing/..", json!({}))), -3);
    let none = copy(&client, (BUCKET, "none"), (BUCKET, "x"), json!({}));
    assert_eq!(code(&none), -166, "{none}");
}

#[test]
fn a_file_moves_to_another_bucket() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    ok(client.upload_buffer(b"hello", "f", "attribute"));
    ok(copy(
        &client,
        (BUCKET, "f"),
        (OTHER, "g"),
        json!({"move": true}),
    ));
    assert_eq!(code(&client.stat_file("f")), -166);
    assert_eq!(read_other(&client, "g"), "hello");
}

#[test]
fn a_source_is_asked_about_where_it_is() {
    for (options, bucket) in [
        (
            json!({"src_region": "ap-y"}),
            "testbucket-10000001.cos.ap-y",
        ),
        (
            json!({"src_region": "ap-y", "src_appid": "1259999999"}),
            "testbucket-1259999999.cos.ap-y",
        ),
        (
            json!({"src_appid": "1259999999"}),
            "testbucket-1259999999.cos.ap-guangzhou",
        ),
    ] {
        let service = service(Object::new(), None);
        let client = Client::speaking("xml", &service.url, json!({"retries": 0}));
        let mut moving = options.clone();
        moving["move"] = true.into();
        ok(copy(&client, (BUCKET, "from"), (BUCKET, "to"), moving));
        let source = format!("{bucket}.myqcloud.com");
        let mut lines = Vec::new();
        for request in service.received() {
            let is_source = request.line.contains(" /from");
            let host = match is_source {
                true => &source,
                false => "testbucket-10000001.cos.ap-guangzhou.myqcloud.com",
            };
            assert_eq!(request.header("host"), host, "{}", request.line);
            if is_source {
                lines.push(request.line.split(' ').next().unwrap().to_owned());
            } else if request.line.starts_with("PUT /to") {
                let named = request.header("x-cos-copy-source");
                assert_eq!(named, format!("{source}/from"));
            }
        }
        assert_eq!(lines, ["HEAD", "GET", "HEAD", "GET", "DELETE"], "{options}");
    }
}

/// The service knows a bucket only where it is.
#[test]
fn a_source_in_another_region_is_found_there() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    let options = json!({"api": "xml", "region": "ap-shanghai"});
    let far = Client::open_with(&emulator.url, options);
    ok(far.create_bucket(BUCKET, "private"));
    ok(far.upload_buffer(b"hello", "dir/f", ""));
    let there = json!({"src_region": "ap-shanghai"});
    for options in [json!({}), json!({"src_region": "ap-beijing"})] {
        let reply = copy(&client, (BUCKET, "dir/f"), (OTHER, "g"), options.clone());
        assert_eq!(code(&reply), -133, "{options}: {reply}");
        let tree = client.copy_tree((BUCKET, "dir"), (OTHER, "to"), &options, &mut |_, _| 0);
        assert_eq!(code(&tree), -133, "{options}: {tree}");
    }
    ok(copy(
        &client,
        (BUCKET, "dir/f"),
        (OTHER, "g"),
        there.clone(),
    ));
    assert_eq!(read_other(&client, "g"), "hello");
    let tree = client.copy_tree((BUCKET, "dir"), (OTHER, "to"), &there, &mut |_, _| 0);
    assert_eq!(ok(tree)["data"]["copied"], 1);
    assert_eq!(read_other(&client, "to/f"), "hello");
    // What goes there has to be asked of a client of that region.
    let reply = copy(&client, (OTHER, "g"), (BUCKET, "g"), json!({}));
    assert_eq!(code(&reply), -133, "{reply}");
    let moving = json!({"src_region": "ap-guangzhou", "move": true});
    ok(copy(&far, (OTHER, "g"), (BUCKET, "g"), moving));
    far.holds("g", b"hello");
}

#[test]
fn an_older_version_becomes_the_newest() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"overwrite": true}));
    let status = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let enable = json!({"method": "PUT", "query": {"versioning": ""}});
    ok(client.create_bucket(BUCKET, "private"));
    ok(client.request(Some(BUCKET), "", &enable, status.as_bytes()));
    ok(client.upload_buffer(b"first", "f", "one"));
    let id = ok(client.stat_file("f"))["data"]["version_id"].clone();
    ok(client.upload_buffer(b"second", "f", "two"));
    let reply = ok(copy(
        &client,
        (BUCKET, "f"),
        (BUCKET, "f"),
        json!({"version_id": id}),
    ));
    client.holds("f", b"first");
    let now = ok(client.stat_file("f"));
    assert_eq!(now["data"]["biz_attr"], "one");
    assert_eq!(now["data"]["version_id"], reply["data"]["version_id"]);
    assert_ne!(now["data"]["version_id"], id);
    // What was deleted comes back, and needs nothing to be replaced.
    ok(client.delete_file("f"));
    let back = json!({"version_id": id, "overwrite": false});
    ok(copy(&client, (BUCKET, "f"), (BUCKET, "f"), back));
    client.holds("f", b"first");
    let unknown = json!({"version_id": "MTg0NDUxNTc1NjIzMTQ1MDAwODg"});
    let reply = copy(&client, (BUCKET, "f"), (BUCKET, "g"), unknown);
    assert_eq!(code(&reply), -166, "{reply}");
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_sent() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    ok(client.upload_buffer(b"hello", "f", ""));
    emulator.forget_requests();
    for (to, options, named) in [
        ((BUCKET, "f"), json!({}), "dst_path"),
        (
            (BUCKET, "/f"),
            json!({"headers": {"Content-Type": "a"}}),
            "dst_path",
        ),
        // The full name is the same bucket's.
        (("testbucket-10000001", "f"), json!({}), "dst_path"),
        (("Upper", "f"), json!({}), "dst_bucket"),
        ((BUCKET, "a/"), json!({}), "dst_path"),
        (
            (BUCKET, "g"),
            json!({"version_id": "a", "move": true}),
            "version_id",
        ),
        (
            (BUCKET, "g"),
            json!({"headers": {"x-cos-meta-a": "x".repeat(2049)}}),
            "x-cos-meta-a",
        ),
    ] {
        let reply = copy(&client, (BUCKET, "f"), to, options);
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).contains(named), "{reply}");
    }
    let own = json!({"addressing": "path", "region": "ap-x", "overwrite": true});
    let own = Client::speaking("xml", &emulator.url, own);
    let reply = copy(
        &own,
        (BUCKET, "f"),
        (BUCKET, "g"),
        json!({"src_region": "ap-y"}),
    );
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("src_region"), "{reply}");
    assert!(emulator.requests().is_empty(), "{:?}", emulator.requests());
    let json = Client::speaking("json", &emulator.url, json!({}));
    for reply in [
        copy(&json, (BUCKET, "f"), (BUCKET, "g"), json!({})),
        json.copy_tree((BUCKET, "a"), (BUCKET, "b"), &json!({}), &mut |_, _| 0),
    ] {
        assert!(message(&reply).contains("XML API"), "{reply}");
    }
    assert!(emulator.requests().is_empty(), "{:?}", emulator.requests());
}

#[test]
fn the_caller_is_told_and_may_end_it() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    let content = noise(100_000, 1);
    ok(client.upload_buffer(&content, "f", ""));
    let mut reports = Vec::new();
    ok(client.copy_with(
        (BUCKET, "f"),
        (BUCKET, "g"),
        &json!({}),
        &mut |done, total| {
            reports.push((done, total));
            0
        },
    ));
    let size = content.len() as u64;
    reports.dedup(); // as often as it takes
    assert_eq!(common::library::sized(&reports), [(0, size), (size, size)]);
    let cancelled = client.copy_with((BUCKET, "f"), (BUCKET, "h"), &json!({}), &mut |_, _| 1);
    assert_eq!(kind(&cancelled), "cancelled", "{cancelled}");
    assert_eq!(code(&client.stat_file("h")), -166);
}

#[test]
fn it_is_told_what_a_copy_was_compared_by() {
    let object = |etag: &str, crc64: &str| Object {
        headers: format!(
            "ETag: \"{etag}\"\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n{crc64}"
        ),
        ..Object::new()
    };
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    let crc64 = "x-cos-hash-crc64ecma: 7\r\n";
    for (source, made, verified) in [
        (object(md5, crc64), object(md5, crc64), "crc64"),
        (object(md5, crc64), object(md5, ""), "md5"),
        (object(md5, ""), object(md5, crc64), "md5"),
        (object(md5, ""), object("a-2", ""), "length"),
        (object("a-1", ""), object("b-1", crc64), "length"),
    ] {
        let told = format!("{} {}", source.headers, made.headers);
        let service = service(source, Some(made));
        let client = Client::speaking("xml", &service.url, json!({"overwrite": true}));
        let reply = ok(copy(&client, (BUCKET, "from"), (BUCKET, "to"), json!({})));
        assert_eq!(reply["data"]["verified"], verified, "{told}");
    }
}
