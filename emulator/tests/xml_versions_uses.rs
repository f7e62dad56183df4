//! What touches versions (xml-api.md §3.14): copies, many deletions at once, ACLs, the other API, deleting
//! the bucket, and a process that is killed.

mod common;

use std::fs;

use common::http::Reply;
use common::slices::{SLICE, begin, send};
use common::versions::{enabled, version};
use common::xml::{Ask, assert_is, copy_source};
use common::{Emulator, noise};
use serde_json::json;

fn copy(emulator: &Emulator, to: &str, source: &str) -> Reply {
    let ask = Ask::new("PUT", to).header("x-cos-copy-source", source);
    ask.send(emulator)
}

#[test]
fn copies_of_a_version() {
    let emulator = enabled();
    let first = emulator.put_version("/a b", b"first");
    let second = emulator.put_version("/a b", b"second");
    let marker = emulator.put_marker("/a b");
    let from = |id: &str| format!("{}?versionId={id}", copy_source("/a b"));
    let copied = copy(&emulator, "/c", &from(&first));
    assert_eq!(
        copied.is(200).header("x-cos-copy-source-version-id"),
        Some(first.as_str())
    );
    assert!(copied.node("VersionId").is_some_and(|id| id != first));
    assert_is(&emulator.get_object("/c"), b"first");
    copy(&emulator, "/c", &copy_source("/a b")).xml_error(404, "NoSuchKey");
    copy(&emulator, "/c", &from(&marker)).xml_error(400, "InvalidRequest");
    copy(&emulator, "/c", &from("null")).xml_error(404, "NoSuchVersion");
    // An older version becomes the newest.
    let restored = copy(&emulator, "/a b", &from(&first));
    let restored = restored.is(200).node("VersionId").unwrap();
    assert_is(&emulator.get_object("/a b"), b"first");
    let ids = [&restored, &marker, &second, &first];
    let listed = emulator.list_versions(&[("prefix", "a b")]);
    assert_eq!(listed.nodes("VersionId").iter().collect::<Vec<_>>(), ids);
    copy(&emulator, "/a b", &copy_source("/a b")).xml_error(400, "InvalidRequest");
    // As a part, too.
    let upload = emulator.initiate("/parts");
    let part = |id: &str| {
        let ask = Ask::new("PUT", "/parts").query("partNumber", "1");
        let ask = ask.query("uploadId", &upload);
        ask.header("x-cos-copy-source", &from(id)).send(&emulator)
    };
    part(&marker).xml_error(400, "InvalidRequest");
    part("x").xml_error(404, "NoSuchVersion");
    let copied = part(&second);
    assert_eq!(
        copied.is(200).header("x-cos-copy-source-version-id"),
        Some(second.as_str())
    );
    let etag = copied.node("ETag").unwrap().replace("&quot;", "\"");
    emulator.complete("/parts", &upload, &[(1, &etag)]).is(200);
    assert!(emulator.get_object("/parts").is(200).body == b"second");
}

fn delete_many(emulator: &Emulator, objects: &[(&str, &str)], is_quiet: bool) -> Reply {
    let objects: String = objects
        .iter()
        .map(|(key, id)| format!("<Object><Key>{key}</Key><VersionId>{id}</VersionId></Object>"))
        .collect();
    let body = format!("<Delete><Quiet>{is_quiet}</Quiet>{objects}</Delete>");
    let body = body.replace("<VersionId></VersionId>", "");
    let ask = Ask::new("POST", "/").query("delete", "");
    ask.body(body.as_bytes()).md5().send(emulator)
}

#[test]
fn many_deletions_at_once() {
    let emulator = enabled();
    let first = emulator.put_version("/a", b"first");
    let second = emulator.put_version("/a", b"second");
    let kept = emulator.put_version("/b", b"kept");
    let lone = emulator.put_marker("/c");
    let long = "k".repeat(851);
    let done = delete_many(
        &emulator,
        &[
            ("a", &first),
            ("b", ""),
            ("c", &lone),
            ("d", "x"),
            (&long, "y"),
        ],
        false,
    );
    let marker = done.is(200).node("DeleteMarkerVersionId").unwrap();
    let marked = |id: &str| {
        format!(
            "<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>{id}</DeleteMarkerVersionId>"
        )
    };
    let wanted = [
        format!("<Key>a</Key><VersionId>{first}</VersionId>"),
        format!("<Key>b</Key>{}", marked(&marker)),
        format!("<Key>c</Key>{}<VersionId>{lone}</VersionId>", marked(&lone)),
        "<Key>d</Key><VersionId>x</VersionId>".to_owned(),
    ];
    assert_eq!(done.nodes("Deleted"), wanted);
    let error = format!("<Key>{long}</Key><VersionId>y</VersionId><Code>KeyTooLong</Code>");
    assert!(done.node("Error").unwrap().starts_with(&error));
    let all = [
        format!("a {second}*"),
        format!("!b {marker}*"),
        format!("b {kept}"),
    ];
    assert_eq!(emulator.all_versions(), all);
    // What is said twice of one object is done in order.
    let done = delete_many(
        &emulator,
        &[("b", &marker), ("b", ""), ("a", &second)],
        true,
    );
    assert!(
        done.is(200)
            .text()
            .ends_with("<DeleteResult></DeleteResult>")
    );
    let all = emulator.all_versions();
    assert_eq!((all.len(), &all[1]), (2, &format!("b {kept}")));
    assert!(all[0].starts_with("!b ") && all[0] != format!("!b {marker}*"));
    emulator.set_versioning("Suspended");
    let done = delete_many(&emulator, &[("b", "")], false);
    assert_eq!(
        done.is(200).nodes("Deleted"),
        [format!("<Key>b</Key>{}", marked("null"))]
    );
}

#[test]
fn the_acl_of_a_version() {
    let emulator = Emulator::start(&["--private"]);
    emulator.set_versioning("Enabled");
    let first = emulator.put_version("/a", b"first");
    let second = emulator.put_version("/a", b"second");
    let acl = |method: &str, id: &str| version(method, "/a", id).query("acl", "");
    let public = |id: &str| {
        acl("PUT", id)
            .header("x-cos-acl", "public-read")
            .send(&emulator)
    };
    let word = |id: &str| {
        let told = acl("GET", id).send(&emulator);
        told.is(200).header("x-cos-acl").unwrap().to_owned()
    };
    public(&first).is(200);
    assert_eq!(
        (word(&first).as_str(), word(&second).as_str()),
        ("public-read", "default")
    );
    version("GET", "/a", &first).anonymous(&emulator).is(200);
    for ask in [version("GET", "/a", &second), Ask::new("GET", "/a")] {
        ask.anonymous(&emulator).xml_error(403, "AccessDenied");
    }
    let marker = emulator.put_marker("/a");
    public(&marker).xml_error(404, "NoSuchKey");
    acl("GET", &marker)
        .send(&emulator)
        .xml_error(404, "NoSuchKey");
    public("x").xml_error(404, "NoSuchVersion");
    public("").xml_error(404, "NoSuchKey");
    // It comes back with the version.
    emulator.on_version("DELETE", "/a", &marker).is(204);
    emulator.on_version("DELETE", "/a", &second).is(204);
    assert_is(&Ask::new("GET", "/a").anonymous(&emulator), b"first");
}

#[test]
fn the_other_api_keeps_them_too() {
    let emulator = enabled();
    emulator.upload("/a", b"first").ok();
    emulator.overwrite("/a", b"second").ok();
    emulator
        .post("/a", &json!({"op": "update", "biz_attr": "x"}))
        .ok();
    emulator
        .post("/a", &json!({"op": "move", "dest_fileid": "/b"}))
        .ok();
    emulator.create("/d/").ok();
    emulator.delete("/d/").ok();
    let content = noise(SLICE + 1, 1);
    let session = begin(&emulator, "/slices", &content);
    assert!(
        !emulator
            .all_versions()
            .iter()
            .any(|entry| entry.contains("slices"))
    );
    for offset in [0, SLICE] {
        send(&emulator, "/slices", &session, &content, offset).ok();
    }
    emulator.delete("/slices").ok();
    let keys: Vec<String> = emulator
        .all_versions()
        .iter()
        .map(|entry| entry.split(' ').next().unwrap().to_owned())
        .collect();
    let wanted = ["!a", "a", "a", "b", "!d/", "d/", "!slices", "slices"];
    assert_eq!(keys, wanted);
    let ids = emulator
        .list_versions(&[("prefix", "a")])
        .nodes("VersionId");
    assert!(emulator.on_version("GET", "/a", &ids[1]).is(200).body == b"second");
    emulator.on_version("DELETE", "/a", &ids[0]).is(204);
    assert_eq!(emulator.download("/a").is(200).body, b"second");
    assert_eq!(emulator.stat("/a").data()["biz_attr"], "x");
}

#[test]
fn a_bucket_is_empty_without_versions() {
    let emulator = enabled();
    let delete = || Ask::new("DELETE", "/").send(&emulator);
    let id = emulator.put_version("/d/a", b"x");
    delete().xml_error(409, "BucketNotEmpty");
    let marker = emulator.put_marker("/d/a");
    assert_eq!(emulator.keys(), [""; 0]);
    delete().xml_error(409, "BucketNotEmpty");
    emulator.on_version("DELETE", "/d/a", &id).is(204);
    delete().xml_error(409, "BucketNotEmpty");
    emulator.on_version("DELETE", "/d/a", &marker).is(204);
    delete().is(204);
    // A new bucket of that name never had versions.
    let put = emulator.put_object("/a", b"x");
    assert_eq!(put.is(200).header("x-cos-version-id"), None);
}

#[test]
fn killed_and_started_again() {
    let emulator = enabled();
    let ids: Vec<String> = (0..5_u8)
        .map(|number| emulator.put_version("/a", &[number]))
        .collect();
    emulator.put_marker("/a");
    emulator.set_versioning("Suspended");
    emulator.put_object("/b", b"null").is(200);
    let all = emulator.all_versions();
    // The option is for buckets that never had versions.
    let emulator = emulator.kill_and_restart(&["--versioning-suspended"]);
    emulator.set_versioning("Enabled");
    let emulator = emulator.kill_and_restart(&["--versioning-suspended"]);
    let status = Ask::new("GET", "/").query("versioning", "").send(&emulator);
    assert_eq!(status.is(200).node("Status").as_deref(), Some("Enabled"));
    assert_eq!(emulator.all_versions(), all);
    for (number, id) in (0..5_u8).zip(&ids) {
        assert_eq!(emulator.on_version("GET", "/a", id).is(200).body, [number]);
    }
    // Ids go on where they were, even if the clock goes back.
    let emulator = emulator.kill_and_restart(&[]);
    let newest = emulator.put_version("/a", b"newest");
    assert_eq!(emulator.all_versions()[0], format!("a {newest}*"));
}

#[test]
fn no_content_is_left_of_versions_that_are_gone() {
    let emulator = enabled();
    let blobs = || fs::read_dir(emulator.data().join("blobs")).unwrap().count();
    let ids = [b"one", b"two"].map(|content| emulator.put_version("/a", content));
    // A copy shares, and so does a version of it.
    copy(&emulator, "/b", &copy_source("/a")).is(200);
    let copied = emulator.head_object("/b");
    let copied = copied.header("x-cos-version-id").unwrap().to_owned();
    let markers = [emulator.put_marker("/a"), emulator.put_marker("/b")];
    assert_eq!(blobs(), 2);
    emulator.on_version("DELETE", "/a", &ids[1]).is(204);
    assert_eq!(blobs(), 2);
    emulator.on_version("DELETE", "/b", &copied).is(204);
    assert_eq!(blobs(), 1);
    emulator.on_version("DELETE", "/a", &ids[0]).is(204);
    assert_eq!(blobs(), 0);
    for (path, marker) in ["/a", "/b"].iter().zip(&markers) {
        emulator.on_version("DELETE", path, marker).is(204);
    }
    emulator.set_versioning("Suspended");
    for content in [b"one", b"two"] {
        emulator.put_object("/a", content).is(200);
        assert_eq!(blobs(), 1);
    }
    emulator.put_marker("/a");
    assert_eq!(blobs(), 0);
    // An empty folder has none.
    emulator.set_versioning("Enabled");
    let folder = emulator.put_version("/f/", b"");
    emulator.put_marker("/f/");
    assert!(
        emulator
            .on_version("GET", "/f/", &folder)
            .is(200)
            .body
            .is_empty()
    );
    assert_eq!(blobs(), 0);
}
