//! One store for both APIs: what is written through one is read through the other.

mod common;

use common::sign::sha1;
use common::slices::{SLICE, begin, packet};
use common::xml::{Ask, complete, copy_source, crc64, md5_hex};
use common::{Emulator, noise};
use serde_json::json;

#[test]
fn from_json_to_xml() {
    let emulator = Emulator::start(&[]);
    let (small, content) = (noise(1000, 0), noise(2 * SLICE, 1));
    emulator.upload("/dir/a", &small).ok();
    let session = begin(&emulator, "/dir/sliced", &content);
    emulator
        .form("/dir/sliced", &packet(&session, 0, &content[..SLICE]))
        .ok();
    // Neither an unfinished file nor a folder that nobody made is an object.
    emulator
        .get_object("/dir/sliced")
        .xml_error(404, "NoSuchKey");
    emulator.head_object("/dir/").is(404);
    assert_eq!(emulator.keys(), ["dir/a"]);
    emulator
        .form("/dir/sliced", &packet(&session, SLICE, &content[SLICE..]))
        .ok();
    // The same content once more, without sending it.
    let instant = begin_or_hit(&emulator, "/dir/again", &content);
    assert!(instant);
    assert_eq!(emulator.keys(), ["dir/a", "dir/again", "dir/sliced"]);
    for (path, content) in [
        ("/dir/a", &small),
        ("/dir/sliced", &content),
        ("/dir/again", &content),
    ] {
        let got = emulator.get_object(path);
        assert!(got.is(200).body == *content);
        let etag = format!("\"{}\"", md5_hex(content));
        assert_eq!(got.header("etag"), Some(etag.as_str()));
        assert_eq!(
            got.header("x-cos-hash-crc64ecma"),
            Some(crc64(content).as_str())
        );
    }
    // Headers and authority are shared.
    let update = json!({"op": "update", "authority": "eWRPrivate",
        "custom_headers": {"Content-Type": "text/x", "x-cos-meta-a": "1"}});
    emulator.post("/dir/a", &update).ok();
    let head = emulator.head_object("/dir/a");
    assert_eq!(
        (head.header("content-type"), head.header("x-cos-meta-a")),
        (Some("text/x"), Some("1"))
    );
    let acl = Ask::new("GET", "/dir/a").query("acl", "").send(&emulator);
    assert_eq!(acl.is(200).header("x-cos-acl"), Some("private"));
    // A folder that was made is an empty object; a moved file is another.
    emulator.create("/made/").ok();
    let folder = emulator.get_object("/made/");
    assert!(folder.is(200).body.is_empty());
    assert_eq!(
        folder.header("etag"),
        Some("\"d41d8cd98f00b204e9800998ecf8427e\"")
    );
    emulator
        .post("/dir/a", &json!({"op": "move", "dest_fileid": "/made/b"}))
        .ok();
    assert_eq!(
        emulator.keys(),
        ["dir/again", "dir/sliced", "made/", "made/b"]
    );
    assert!(emulator.get_object("/made/b").body == small);
    emulator.delete("/made/b").ok();
    emulator.get_object("/made/b").xml_error(404, "NoSuchKey");
}

/// Whether a control request was all that it took.
fn begin_or_hit(emulator: &Emulator, path: &str, content: &[u8]) -> bool {
    let form = common::slices::control(content);
    emulator
        .form(path, &form)
        .data()
        .get("access_url")
        .is_some()
}

#[test]
fn from_xml_to_json() {
    let emulator = Emulator::start(&[]);
    let content = noise((1 << 20) + 10, 2);
    let put = Ask::new("PUT", "/dir/sub/a")
        .header("Content-Type", "text/x")
        .header("x-cos-meta-a", "1")
        .header("x-cos-acl", "private")
        .body(&content);
    put.send(&emulator).is(200);
    let stat = emulator.stat("/dir/sub/a").data();
    assert_eq!(stat["sha"], sha1(&content).to_uppercase());
    assert_eq!(
        (&stat["filesize"], &stat["filelen"]),
        (&json!(content.len()), &json!(content.len()))
    );
    assert_eq!(stat["authority"], "eWRPrivate");
    assert_eq!(
        stat["custom_headers"],
        json!({"Content-Type": "text/x", "x-cos-meta-a": "1"})
    );
    assert_eq!(emulator.download("/dir/sub/a").status, 403);
    Ask::new("PUT", "/dir/sub/a")
        .query("acl", "")
        .header("x-cos-acl", "default")
        .send(&emulator)
        .is(200);
    assert!(emulator.download("/dir/sub/a").body == content);

    let upload = emulator.initiate("/parts");
    let mut parts = Vec::new();
    for (number, part) in (1..).zip(content.chunks(1 << 20)) {
        emulator.put_part("/parts", &upload, number, part).is(200);
        parts.push((number, format!("\"{}\"", md5_hex(part))));
    }
    let parts: Vec<(u32, &str)> = parts.iter().map(|(n, tag)| (*n, tag.as_str())).collect();
    emulator.stat("/parts").refused(-166);
    complete("/parts", &upload, &parts).send(&emulator).is(200);
    assert_eq!(
        emulator.stat("/parts").data()["sha"],
        sha1(&content).to_uppercase()
    );
    assert!(emulator.download("/parts").body == content);
    let copy = Ask::new("PUT", "/copy").header("x-cos-copy-source", &copy_source("/parts"));
    copy.send(&emulator).is(200);
    assert!(emulator.download("/copy").body == content);

    // A folder is one whatever it holds, and names that the JSON API does not know are not listed.
    emulator.put_object("/folder/", b"").is(200);
    emulator.put_object("/odd/", b"content").is(200);
    emulator.put_object("//lead", b"x").is(200);
    let list = emulator.get("/", "op=list&num=100").data();
    let infos = list["infos"].as_array().unwrap();
    let names: Vec<&str> = infos
        .iter()
        .map(|info| info["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["dir", "folder", "odd", "copy", "parts"]);
    assert!(infos[..3].iter().all(|info| info.get("sha").is_none()));
    assert_eq!(
        (&list["dircount"], &list["filecount"]),
        (&json!(3), &json!(2))
    );
    emulator.stat("/odd/").ok();
    assert_eq!(emulator.get_object("/odd/").body, b"content");
}

#[test]
fn folders_that_nobody_made_come_and_go() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a/b/c", b"x").is(200);
    emulator.put_object("/a/d", b"x").is(200);
    emulator.stat("/a/b/").ok();
    assert_eq!(emulator.keys(), ["a/b/c", "a/d"]);
    emulator.delete_object("/a/b/c").is(204);
    emulator.stat("/a/b/").refused(-166);
    emulator.stat("/a/").ok();
    // One that was made stays, and one that holds something is there although its object is gone.
    emulator.put_object("/a/", b"").is(200);
    emulator.delete_object("/a/").is(204);
    emulator.head_object("/a/").is(404);
    emulator.stat("/a/").ok();
    emulator.put_object("/a/", b"").is(200);
    emulator.delete_object("/a/d").is(204);
    emulator.stat("/a/").ok();
    assert_eq!(emulator.keys(), ["a/"]);
    emulator.delete_object("/a/").is(204);
    emulator.stat("/a/").refused(-166);
    // What the JSON API leaves of a path is nothing in a bucket's way.
    emulator.upload("/x/y", b"x").ok();
    emulator.delete("/x/y").ok();
    emulator.stat("/x/").ok();
    Ask::new("DELETE", "/").send(&emulator).is(204);
    emulator.stat("/x/").refused(-166);
}

#[test]
fn an_upload_by_slices_gives_way_to_an_object() {
    let emulator = Emulator::start(&[]);
    let content = noise(2 * SLICE, 3);
    let session = begin(&emulator, "/a", &content);
    Ask::new("DELETE", "/")
        .send(&emulator)
        .xml_error(409, "BucketNotEmpty");
    emulator.put_object("/a", b"other").is(200);
    emulator
        .form("/a", &packet(&session, 0, &content[..SLICE]))
        .refused(-290);
    assert_eq!(emulator.download("/a").body, b"other");
    let _ = begin(&emulator, "/b", &content);
    emulator.delete_object("/b").is(204);
    emulator.stat("/b").refused(-166);
}
