//! Tags of objects (xml-api.md §3.17).

mod common;

use common::Emulator;
use common::http::Reply;
use common::versions::enabled;
use common::xml::{Ask, complete, copy_source};

fn document(tags: &[(&str, &str)]) -> String {
    let tag =
        |(key, value): &(&str, &str)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
    let tags: String = tags.iter().map(tag).collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

fn put(emulator: &Emulator, path: &str, body: &str) -> Reply {
    let ask = Ask::new("PUT", path).query("tagging", "");
    ask.body(body.as_bytes()).send(emulator)
}

fn of(emulator: &Emulator, path: &str) -> Vec<(String, String)> {
    let reply = Ask::new("GET", path).query("tagging", "").send(emulator);
    if reply.status == 404 {
        reply.xml_error(404, "NoSuchTagSet");
        return Vec::new();
    }
    // Each is a pair; an empty value is there, too.
    let text = reply.is(200).text().replace("<Value/>", "<Value></Value>");
    let inside = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>")).unwrap();
        rest.split_once(&format!("</{name}>")).unwrap().0.to_owned()
    };
    let tags = text.split("<Tag>").skip(1);
    tags.map(|tag| (inside(tag, "Key"), inside(tag, "Value")))
        .collect()
}

fn pairs(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    tags.iter().map(owned).collect()
}

#[test]
fn tags_are_set_told_counted_and_deleted() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    assert_eq!(
        emulator.head_object("/a").header("x-cos-tagging-count"),
        None
    );
    let tags = [("a b", "18"), ("名+-=._:/@", "")];
    assert_eq!(put(&emulator, "/a", &document(&tags)).is(200).text(), "");
    assert_eq!(of(&emulator, "/a"), pairs(&tags));
    for reply in [emulator.head_object("/a"), emulator.get_object("/a")] {
        assert_eq!(reply.is(200).header("x-cos-tagging-count"), Some("2"));
    }
    // All of them are replaced.
    put(&emulator, "/a", &document(&[("k", "v")])).is(200);
    assert_eq!(of(&emulator, "/a"), pairs(&[("k", "v")]));
    let delete = || {
        Ask::new("DELETE", "/a")
            .query("tagging", "")
            .send(&emulator)
    };
    for _ in 0..2 {
        delete().is(204);
        assert_eq!(of(&emulator, "/a"), []);
    }
    put(&emulator, "/none", &document(&[])).xml_error(404, "NoSuchKey");
}

#[test]
fn other_tags_are_refused() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    let key = |length: usize| "k".repeat(length);
    let many: Vec<String> = (0..11).map(|n| format!("k{n}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "v")).collect();
    for tags in [
        &many[..],
        &[("", "v")],
        &[(&key(129), "v")],
        &[("k", &key(257))],
        &[("k", "a,b")],
        &[("k!", "v")],
        &[("k", "1"), ("k", "2")],
    ] {
        put(&emulator, "/a", &document(tags)).xml_error(400, "InvalidTag");
    }
    for body in ["", "<Tagging/>", "<Tags><TagSet/></Tags>"] {
        put(&emulator, "/a", body).xml_error(400, "MalformedXML");
    }
    put(&emulator, "/a", &document(&many[..10])).is(200);
    put(&emulator, "/a", &document(&[(&key(128), &key(256))])).is(200);
    let asked = Ask::new("PUT", "/b").header("x-cos-tagging", "k=a%2Cb");
    asked.send(&emulator).xml_error(400, "InvalidTag");
}

#[test]
fn uploads_and_copies_bring_tags() {
    let emulator = Emulator::start(&[]);
    let header = "a%20b=1%2B1&c=";
    let tags = [("a b", "1+1"), ("c", "")];
    let upload = Ask::new("PUT", "/a").header("x-cos-tagging", header);
    upload.body(b"x").send(&emulator).is(200);
    assert_eq!(of(&emulator, "/a"), pairs(&tags));
    let initiate = Ask::new("POST", "/p").query("uploads", "");
    let initiate = initiate.header("x-cos-tagging", header).send(&emulator);
    let upload = initiate.is(200).node("UploadId").unwrap();
    let part = emulator.put_part("/p", &upload, 1, b"hello");
    let etag = part.is(200).header("etag").unwrap().to_owned();
    complete("/p", &upload, &[(1, &etag)])
        .send(&emulator)
        .is(200);
    assert_eq!(of(&emulator, "/p"), pairs(&tags));
    let copy = |path: &str| Ask::new("PUT", path).header("x-cos-copy-source", &copy_source("/a"));
    copy("/b").send(&emulator).is(200);
    assert_eq!(of(&emulator, "/b"), pairs(&tags));
    let replaced = |path: &str| copy(path).header("x-cos-tagging-directive", "Replaced");
    replaced("/c")
        .header("x-cos-tagging", "d=e")
        .send(&emulator)
        .is(200);
    assert_eq!(of(&emulator, "/c"), pairs(&[("d", "e")]));
    // Metadata that are replaced leave the tags as they are.
    let itself = copy("/a").header("x-cos-metadata-directive", "Replaced");
    itself.send(&emulator).is(200);
    assert_eq!(of(&emulator, "/a"), pairs(&tags));
    // A new upload has none.
    emulator.put_object("/a", b"y").is(200);
    assert_eq!(of(&emulator, "/a"), []);
}

#[test]
fn versions_have_tags_of_their_own() {
    let emulator = enabled();
    let version = |content: &[u8]| {
        let put = emulator.put_object("/a", content);
        put.is(200).header("x-cos-version-id").unwrap().to_owned()
    };
    let (first, second) = (version(b"1"), version(b"2"));
    let ask = |method: &str, id: &str| {
        Ask::new(method, "/a")
            .query("tagging", "")
            .query("versionId", id)
    };
    for (id, value) in [(&first, "1"), (&second, "2")] {
        let body = document(&[("k", value)]);
        ask("PUT", id).body(body.as_bytes()).send(&emulator).is(200);
    }
    for (id, value) in [(&first, "1"), (&second, "2")] {
        let told = ask("GET", id).send(&emulator);
        assert_eq!(told.is(200).nodes("Value"), [value]);
    }
    ask("DELETE", &first).send(&emulator).is(204);
    ask("GET", &first)
        .send(&emulator)
        .xml_error(404, "NoSuchTagSet");
    assert_eq!(of(&emulator, "/a"), pairs(&[("k", "2")]));
    // They are kept over a kill, too.
    let emulator = emulator.kill_and_restart(&[]);
    assert_eq!(of(&emulator, "/a"), pairs(&[("k", "2")]));
}

/// By its documentation (xml-api.md §3.17).
#[test]
fn what_is_set_for_the_version_null_the_newest_gets() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"old").is(200);
    emulator.set_versioning("Enabled");
    emulator.put_object("/a", b"new").is(200);
    let ask = |method: &str| {
        Ask::new(method, "/a")
            .query("tagging", "")
            .query("versionId", "null")
    };
    let tags = document(&[("k", "v")]);
    ask("PUT").body(tags.as_bytes()).send(&emulator).is(200);
    ask("GET").send(&emulator).xml_error(404, "NoSuchTagSet");
    assert_eq!(of(&emulator, "/a"), pairs(&[("k", "v")]));
}

#[test]
fn tags_need_rights_of_their_own() {
    let emulator = Emulator::start(&["--allow", "name/cos:PutObject,name/cos:GetObject*"]);
    emulator.put_object("/a", b"x").is(200);
    put(&emulator, "/a", &document(&[("k", "v")])).xml_error(403, "AccessDenied");
    assert_eq!(of(&emulator, "/a"), []);
    let anonymous = Ask::new("GET", "/a").query("tagging", "");
    anonymous
        .anonymous(&emulator)
        .xml_error(403, "AccessDenied");
}
