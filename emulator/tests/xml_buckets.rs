//! Buckets, listings and multi-delete of the XML API (xml-api.md §3.6, §3.8, §3.9).

mod common;

use common::Emulator;
use common::xml::{Ask, full_bucket};

fn in_bucket(method: &str, bucket: &str) -> Ask {
    Ask::new(method, "/").host(&format!("{bucket}-10000001.cos.ap-beijing.myqcloud.com"))
}

fn names(emulator: &Emulator) -> Vec<String> {
    let list = Ask::new("GET", "/")
        .host("service.cos.myqcloud.com")
        .send(emulator);
    list.is(200).nodes("Name")
}

#[test]
fn buckets_come_and_go() {
    let emulator = Emulator::start(&["--bucket", "one", "--region", "ap-shanghai"]);
    assert_eq!(names(&emulator), ["one-10000001"]);
    in_bucket("HEAD", "two").send(&emulator).is(404);
    in_bucket("GET", "two")
        .send(&emulator)
        .xml_error(404, "NoSuchBucket");
    in_bucket("PUT", "two")
        .header("x-cos-acl", "private")
        .send(&emulator)
        .is(200);
    in_bucket("PUT", "two")
        .send(&emulator)
        .xml_error(409, "BucketAlreadyOwnedByYou");
    in_bucket("PUT", "one")
        .send(&emulator)
        .xml_error(409, "BucketAlreadyOwnedByYou");
    in_bucket("PUT", "three")
        .header("x-cos-acl", "x")
        .send(&emulator)
        .xml_error(400, "InvalidArgument");
    let head = in_bucket("HEAD", "two").send(&emulator);
    assert_eq!(
        head.is(200).header("x-cos-bucket-region"),
        Some("ap-beijing")
    );
    let mut put = in_bucket("PUT", "two").body(b"x");
    put.path = "/a".to_owned();
    put.send(&emulator).is(200);
    // What was made is kept.
    let emulator = emulator.kill_and_restart(&["--bucket", "one"]);
    assert_eq!(names(&emulator), ["one-10000001", "two-10000001"]);
    put.method = "GET".to_owned();
    put.body.clear();
    put.anonymous(&emulator).xml_error(403, "AccessDenied");

    in_bucket("DELETE", "two")
        .send(&emulator)
        .xml_error(409, "BucketNotEmpty");
    put.method = "DELETE".to_owned();
    put.send(&emulator).is(204);
    let mut begin = in_bucket("POST", "two").query("uploads", "");
    begin.path = "/dir/a".to_owned();
    let id = begin.send(&emulator).node("UploadId").unwrap();
    in_bucket("DELETE", "two")
        .send(&emulator)
        .xml_error(409, "BucketNotEmpty");
    let mut abort = in_bucket("DELETE", "two").query("uploadId", &id);
    abort.path = "/dir/a".to_owned();
    abort.send(&emulator).is(204);
    in_bucket("DELETE", "two").send(&emulator).is(204);
    in_bucket("DELETE", "two")
        .send(&emulator)
        .xml_error(404, "NoSuchBucket");
    in_bucket("DELETE", "one").send(&emulator).is(204);
    assert_eq!(names(&emulator), Vec::<String>::new());
    in_bucket("HEAD", "one").send(&emulator).is(404);
    // Another account's.
    let other = Ask::new("GET", "/").host("one-999999.cos.ap-beijing.myqcloud.com");
    other.send(&emulator).xml_error(404, "NoSuchBucket");
}

#[test]
fn any_bucket_comes_with_its_first_use() {
    let emulator = Emulator::start(&["--region", "ap-shanghai"]);
    for ask in [
        in_bucket("HEAD", "one"),
        in_bucket("DELETE", "one"),
        in_bucket("GET", "one").query("acl", ""),
        in_bucket("GET", "one").query("location", ""),
    ] {
        assert_eq!(ask.send(&emulator).status, 404);
    }
    let mut get = in_bucket("GET", "one");
    get.path = "/a".to_owned();
    get.send(&emulator).xml_error(404, "NoSuchKey");
    assert_eq!(names(&emulator), Vec::<String>::new());
    in_bucket("GET", "one").send(&emulator).is(200);
    emulator.put_object("/a", b"x").is(200);
    assert_eq!(names(&emulator), ["one-10000001", "testbucket-10000001"]);

    // By page and region; the host tells the region, else the command line does.
    let list = |host: &str, query: &[(&str, &str)]| {
        let ask = Ask::new("GET", "/").host(host);
        query
            .iter()
            .fold(ask, |ask, (name, value)| ask.query(name, value))
            .send(&emulator)
    };
    let service = "service.cos.myqcloud.com";
    let page = list(service, &[("max-keys", "1")]);
    assert_eq!(page.nodes("Name"), ["one-10000001"]);
    assert_eq!(page.node("IsTruncated").as_deref(), Some("true"));
    assert_eq!(page.node("Location").as_deref(), Some("ap-shanghai"));
    let next = page.node("NextMarker").unwrap();
    assert_eq!(
        list(service, &[("marker", &next)]).nodes("Name"),
        ["testbucket-10000001"]
    );
    assert_eq!(
        list(service, &[("region", "ap-nanjing")])
            .nodes("Name")
            .len(),
        0
    );
    let there = list("cos.ap-nanjing.myqcloud.com", &[("region", "ap-nanjing")]);
    assert_eq!(there.node("Location").as_deref(), Some("ap-nanjing"));
    let nobody = Ask::new("GET", "/").host(service);
    nobody.anonymous(&emulator).xml_error(403, "AccessDenied");

    let location = in_bucket("GET", "one")
        .query("location", "")
        .send(&emulator);
    assert_eq!(
        location.node("LocationConstraint").as_deref(),
        Some("ap-beijing")
    );
    let versioning = in_bucket("GET", "one")
        .query("versioning", "")
        .send(&emulator);
    assert!(
        versioning
            .is(200)
            .text()
            .ends_with("<VersioningConfiguration/>")
    );
}

/// A bucket that is made at a host which names a region is nowhere else; all others are everywhere.
#[test]
fn a_bucket_is_in_the_region_that_it_was_made_in() {
    let emulator = Emulator::start(&["--region", "ap-shanghai"]);
    let at = |method: &str, bucket: &str, region: &str, key: &str| {
        let host = format!("{bucket}-10000001.cos.{region}.myqcloud.com");
        Ask::new(method, key).host(&host)
    };
    at("PUT", "one", "ap-beijing", "/").send(&emulator).is(200);
    let put = |bucket: &str, region: &str| at("PUT", bucket, region, "/a").body(b"x");
    put("one", "ap-beijing").send(&emulator).is(200);
    // The first use makes one that is in all regions.
    put("two", "ap-beijing").send(&emulator).is(200);

    let elsewhere = |emulator: &Emulator| {
        for ask in [
            put("one", "ap-nanjing"),
            at("GET", "one", "ap-nanjing", "/a"),
            at("DELETE", "one", "ap-nanjing", "/a"),
            at("GET", "one", "ap-nanjing", "/"),
            at("DELETE", "one", "ap-nanjing", "/"),
            at("GET", "one", "ap-nanjing", "/").query("location", ""),
            at("GET", "one", "ap-nanjing", "/").query("acl", ""),
            at("GET", "one", "ap-nanjing", "/").query("versions", ""),
            at("GET", "one", "ap-nanjing", "/").query("uploads", ""),
            at("POST", "one", "ap-nanjing", "/a").query("uploads", ""),
        ] {
            ask.send(emulator).xml_error(404, "NoSuchBucket");
        }
        at("HEAD", "one", "ap-nanjing", "/").send(emulator).is(404);
        at("HEAD", "one", "ap-nanjing", "/a").send(emulator).is(404);
        at("GET", "two", "ap-nanjing", "/a").send(emulator).is(200);
        let got = at("GET", "one", "ap-beijing", "/a").send(emulator);
        assert_eq!(got.is(200).body, b"x");
        // A host without a region is everywhere, too, and told where the bucket is.
        let path = |path: &str| Ask::new("GET", path).host(&emulator.address);
        path("/one-10000001/a").send(emulator).is(200);
        let list = path("/one-10000001").send(emulator);
        assert_eq!(list.header("x-cos-bucket-region"), Some("ap-beijing"));
        let location = path("/one-10000001").query("location", "").send(emulator);
        assert_eq!(
            location.node("LocationConstraint").as_deref(),
            Some("ap-beijing")
        );
        let list = Ask::new("GET", "/").host("service.cos.myqcloud.com");
        let list = list.send(emulator);
        assert_eq!(list.nodes("Name"), ["one-10000001", "two-10000001"]);
        assert_eq!(list.nodes("Location"), ["ap-beijing", "ap-shanghai"]);

        // A copy's source is where its host says.
        for (region, status) in [("ap-beijing", 200), ("ap-nanjing", 404)] {
            let source = format!("one-10000001.cos.{region}.myqcloud.com/a");
            let copy = at("PUT", "two", "ap-nanjing", "/b").header("x-cos-copy-source", &source);
            let copied = copy.send(emulator);
            copied.is(status);
            assert_eq!(copied.text().contains("NoSuchBucket"), status == 404);
        }
    };
    elsewhere(&emulator);
    elsewhere(&emulator.kill_and_restart(&["--region", "ap-shanghai"]));
}

#[test]
fn requests_whose_host_names_no_bucket() {
    let emulator = Emulator::start(&[]);
    let at = |method: &str, path: &str| Ask::new(method, path).host(&emulator.address);
    let path = format!("/{}/dir/a b", full_bucket());
    at("PUT", &path).body(b"x").send(&emulator).is(200);
    assert_eq!(emulator.get_object("/dir/a b").body, b"x");
    let list = at("GET", &format!("/{}", full_bucket())).send(&emulator);
    assert_eq!(list.is(200).nodes("Key"), ["dir/a b"]);
    let service = Ask::new("GET", &path).host("cos.ap-beijing.myqcloud.com");
    service.anonymous(&emulator).is(200);
    at("PUT", "/a")
        .body(b"x")
        .send(&emulator)
        .xml_error(404, "NoSuchBucket");
    let emulator = emulator.kill_and_restart(&["--default-bucket", "testbucket"]);
    let at = |method: &str, path: &str| Ask::new(method, path).host(&emulator.address);
    assert_eq!(at("GET", "/dir/a b").send(&emulator).is(200).body, b"x");
    assert_eq!(
        at("GET", "/dir/a b").anonymous(&emulator).is(200).body,
        b"x"
    );
    assert_eq!(
        at("GET", "/").send(&emulator).is(200).nodes("Key"),
        ["dir/a b"]
    );
    assert_eq!(at("GET", &path).send(&emulator).is(200).body, b"x");
}
