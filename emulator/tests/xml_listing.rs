//! Lists of objects, page by page, and the deletion of many at once (xml-api.md §3.6, §3.8).

mod common;

use common::Emulator;
use common::http::{Reply, raw};
use common::xml::{Ask, full_bucket};

fn listed(reply: &Reply) -> (Vec<String>, Vec<String>, Option<String>) {
    let prefixes = reply.is(200).nodes("CommonPrefixes");
    let prefixes = prefixes.iter().map(|p| {
        p.trim_start_matches("<Prefix>")
            .trim_end_matches("</Prefix>")
            .to_owned()
    });
    (
        reply.nodes("Key"),
        prefixes.collect(),
        reply.node("NextMarker"),
    )
}

#[test]
fn listings() {
    let emulator = Emulator::start(&[]);
    for key in [
        "b",
        "a",
        "dir/",
        "dir/1",
        "dir/2",
        "dir/sub/3",
        "dir0",
        "z/z",
        "中",
        "A",
    ] {
        emulator.put_object(&format!("/{key}"), b"123").is(200);
    }
    let list = |query: &[(&str, &str)]| listed(&emulator.list_objects(query));
    let all = [
        "A",
        "a",
        "b",
        "dir/",
        "dir/1",
        "dir/2",
        "dir/sub/3",
        "dir0",
        "z/z",
        "中",
    ];
    assert_eq!(list(&[]).0, all);
    assert_eq!(list(&[("prefix", "dir/")]).0, &all[3..7]);
    assert_eq!(list(&[("marker", "dir/1")]).0, &all[5..]);
    assert_eq!(list(&[("prefix", "a"), ("marker", "a")]).0.len(), 0);
    let (keys, prefixes, _) = list(&[("delimiter", "/")]);
    assert_eq!(keys, ["A", "a", "b", "dir0", "中"]);
    assert_eq!(prefixes, ["dir/", "z/"]);
    let (keys, prefixes, _) = list(&[("delimiter", "/"), ("prefix", "dir/")]);
    assert_eq!(
        (keys, prefixes),
        (
            vec!["dir/".into(), "dir/1".into(), "dir/2".into()],
            vec!["dir/sub/".into()]
        )
    );

    // Whatever the size of a page, all of them are the whole.
    for size in 1..=8 {
        let (mut keys, mut prefixes, mut marker) = (Vec::new(), Vec::new(), String::new());
        loop {
            let size = size.to_string();
            let page = list(&[("delimiter", "/"), ("max-keys", &size), ("marker", &marker)]);
            assert!(page.0.len() + page.1.len() <= size.parse().unwrap());
            keys.extend(page.0);
            prefixes.extend(page.1);
            match page.2 {
                Some(next) => marker = next,
                None => break,
            }
        }
        assert_eq!(keys, ["A", "a", "b", "dir0", "中"], "{size}");
        assert_eq!(prefixes, ["dir/", "z/"], "{size}");
    }
    // A page that ends with the last is not cut.
    let reply = emulator.list_objects(&[("max-keys", "10")]);
    assert_eq!(reply.node("IsTruncated").as_deref(), Some("false"));

    let reply = emulator.list_objects(&[
        ("encoding-type", "url"),
        ("prefix", "中"),
        ("delimiter", "/"),
    ]);
    assert_eq!(reply.nodes("Key"), ["%E4%B8%AD"]);
    assert_eq!(reply.node("EncodingType").as_deref(), Some("url"));
    assert_eq!(reply.node("Prefix").as_deref(), Some("%E4%B8%AD"));
    assert_eq!(reply.node("Delimiter").as_deref(), Some("/"));
    assert_eq!(reply.node("Name"), Some(full_bucket()));
    assert_eq!(reply.node("Size").as_deref(), Some("3"));
    assert_eq!(reply.node("StorageClass").as_deref(), Some("STANDARD"));
    assert_eq!(reply.header("x-cos-bucket-region"), Some("ap-guangzhou"));
    assert_eq!(
        reply.node("ETag").as_deref(),
        Some("&quot;202cb962ac59075b964b07152d234b70&quot;")
    );
    for (name, value) in [("max-keys", "0"), ("max-keys", "x"), ("encoding-type", "x")] {
        emulator
            .list_objects(&[(name, value)])
            .xml_error(400, "InvalidArgument");
    }
}

fn multi_delete(body: &str) -> Ask {
    Ask::new("POST", "/")
        .query("delete", "")
        .body(body.as_bytes())
}

#[test]
fn many_are_deleted_at_once() {
    let emulator = Emulator::start(&[]);
    for key in ["a", "b+c", " d ", "<e>", "f", "dir/g"] {
        emulator.put_object(&format!("/{key}"), b"x").is(200);
    }
    let body = "<Delete><Quiet>false</Quiet><Object><Key>a</Key></Object><Object><Key>b+c</Key></Object>\
                <Object><Key> d </Key></Object><Object><Key>&lt;e&gt;</Key></Object><Object><Key>none</Key></Object></Delete>";
    multi_delete(body)
        .send(&emulator)
        .xml_error(400, "MissingContentMD5");
    let done = multi_delete(body)
        .md5()
        .header("Content-Type", "application/x-www-form-urlencoded");
    let done = done.send(&emulator);
    assert_eq!(
        done.is(200).nodes("Key"),
        ["a", "b+c", " d ", "&lt;e&gt;", "none"]
    );
    assert_eq!(done.nodes("Deleted").len(), 5);
    assert_eq!(emulator.keys(), ["dir/g", "f"]);
    // Quiet, errors are all that is said.
    let long = "x".repeat(851);
    let body = format!(
        "<Delete><Quiet>true</Quiet><Object><Key>f</Key></Object><Object><Key>{long}</Key></Object></Delete>"
    );
    let done = multi_delete(&body).md5().send(&emulator);
    assert_eq!(done.is(200).nodes("Code"), ["KeyTooLong"]);
    assert_eq!(
        (done.nodes("Key"), done.nodes("Deleted").len()),
        (vec![long], 0)
    );
    assert_eq!(emulator.keys(), ["dir/g"]);

    let of = |count: usize| {
        format!(
            "<Delete>{}</Delete>",
            "<Object><Key>x</Key></Object>".repeat(count)
        )
    };
    multi_delete(&of(1000)).md5().send(&emulator).is(200);
    for body in [
        of(1001),
        of(0),
        "<Delete><Object/></Delete>".to_owned(),
        "{}".to_owned(),
    ] {
        multi_delete(&body)
            .md5()
            .send(&emulator)
            .xml_error(400, "MalformedXML");
    }
    let mut wrong = multi_delete(&of(1)).md5();
    wrong.body.push(b' ');
    wrong.send(&emulator).xml_error(400, "BadDigest");
    let huge = multi_delete(&" ".repeat((8 << 20) + 1)).md5();
    raw(&emulator.address, &huge.bytes()).xml_error(400, "XMLSizeLimit");
}
