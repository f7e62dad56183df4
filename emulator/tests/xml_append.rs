//! Appendable objects (xml-api.md §3.19).

mod common;

use common::http::Reply;
use common::versions::enabled;
use common::xml::{Ask, copy_source, md5_hex};
use common::{Emulator, noise};

fn ask(path: &str, position: &str, piece: &[u8]) -> Ask {
    let ask = Ask::new("POST", path).query("append", "");
    ask.query("position", position).body(piece)
}

fn append(emulator: &Emulator, path: &str, position: usize, piece: &[u8]) -> Reply {
    ask(path, &position.to_string(), piece).send(emulator)
}

#[test]
fn pieces_make_an_object() {
    let emulator = Emulator::start(&[]);
    let pieces = [noise(100, 1), noise(70_000, 2), Vec::new(), noise(1, 3)];
    let (mut whole, mut etags) = (Vec::new(), Vec::new());
    for piece in &pieces {
        let reply = append(&emulator, "/log/a b", whole.len(), piece);
        whole.extend_from_slice(piece);
        let next = whole.len().to_string();
        assert_eq!(reply.is(200).text(), "");
        assert_eq!(reply.header("x-cos-next-append-position"), Some(&*next));
        assert_eq!(reply.header("x-cos-content-sha1"), Some(&*md5_hex(piece)));
        let head = emulator.head_object("/log/a b");
        assert_eq!(head.header("x-cos-object-type"), Some("appendable"));
        assert_eq!(head.header("content-length"), Some(&*next));
        let crc64 = head.header("x-cos-hash-crc64ecma");
        assert_eq!(crc64, reply.header("x-cos-hash-crc64ecma"));
        assert_eq!(head.header("etag"), reply.header("etag"));
        etags.push(reply.header("etag").unwrap().to_owned());
        assert!(emulator.get_object("/log/a b").content() == whole);
    }
    etags.dedup();
    assert_eq!(etags.len(), pieces.len());
    assert!(etags[0] != format!("\"{}\"", md5_hex(&pieces[0])));
    // As if it had come at once.
    emulator.put_object("/whole", &whole).is(200);
    let crc64 = |path: &str| {
        let head = emulator.head_object(path);
        head.header("x-cos-hash-crc64ecma").unwrap().to_owned()
    };
    assert_eq!(crc64("/log/a b"), crc64("/whole"));
    // Over a kill it stays what it is.
    let emulator = emulator.kill_and_restart(&[]);
    append(&emulator, "/log/a b", whole.len(), b"more").is(200);
}

#[test]
fn only_at_the_end_of_what_can_be_appended_to() {
    let emulator = Emulator::start(&[]);
    append(&emulator, "/a", 1, b"x").xml_error(409, "AppendPositionErr");
    append(&emulator, "/a", 0, b"12345").is(200);
    for position in [0, 4, 6] {
        append(&emulator, "/a", position, b"x").xml_error(409, "AppendPositionErr");
    }
    for position in ["", "-1", "x"] {
        ask("/a", position, b"x")
            .send(&emulator)
            .xml_error(400, "InvalidArgument");
    }
    let most = (5_u64 << 30).to_string();
    let far = ask("/a", &most, b"x").send(&emulator);
    far.xml_error(409, "AppendPositionErr");
    let bad = ask("/a", "5", b"x").header("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==");
    bad.send(&emulator).xml_error(400, "BadDigest");
    assert_eq!(emulator.get_object("/a").is(200).text(), "12345");
    emulator.put_object("/normal", b"x").is(200);
    append(&emulator, "/normal", 1, b"x").xml_error(409, "ObjectNotAppendable");
    // Any other upload makes it normal.
    emulator.put_object("/a", b"12345").is(200);
    assert_eq!(emulator.head_object("/a").header("x-cos-object-type"), None);
    append(&emulator, "/a", 5, b"x").xml_error(409, "ObjectNotAppendable");
    // Deleted, it begins anew.
    emulator.delete_object("/a").is(204);
    append(&emulator, "/a", 0, b"x").is(200);
    let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &copy_source("/a"));
    copy.send(&emulator).xml_error(409, "InvalidObjectState");
    let writer = Emulator::start(&["--allow", "name/cos:PutObject"]);
    append(&writer, "/a", 0, b"x").xml_error(403, "AccessDenied");
}

#[test]
fn the_first_says_what_it_is() {
    let emulator = Emulator::start(&[]);
    let first = ask("/a", "0", b"1")
        .header("Content-Type", "text/x-log")
        .header("x-cos-meta-of", "first")
        .header("x-cos-acl", "private")
        .header("x-cos-storage-class", "STANDARD_IA");
    first.send(&emulator).is(200);
    let second = ask("/a", "1", b"2")
        .header("Content-Type", "text/html")
        .header("x-cos-meta-of", "second")
        .header("x-cos-storage-class", "STANDARD");
    second.send(&emulator).is(200);
    let head = emulator.head_object("/a");
    assert_eq!(head.header("content-type"), Some("text/x-log"));
    assert_eq!(head.header("x-cos-meta-of"), Some("first"));
    assert_eq!(head.header("x-cos-storage-class"), Some("STANDARD_IA"));
    let anonymous = Ask::new("GET", "/a").anonymous(&emulator);
    anonymous.xml_error(403, "AccessDenied");
    let tiers = ask("/b", "0", b"1").header("x-cos-storage-class", "INTELLIGENT_TIERING");
    tiers
        .send(&emulator)
        .xml_error(400, "NotSupportedStorageClass");
}

#[test]
fn appends_make_no_versions() {
    let emulator = enabled();
    append(&emulator, "/a", 0, b"x").is(200);
    append(&emulator, "/a", 1, b"y").is(200);
    emulator.set_versioning("Suspended");
    append(&emulator, "/a", 2, b"z").is(200);
    let versions = emulator.all_versions();
    assert_eq!(versions.len(), 1, "{versions:?}");
    assert!(format!("{versions:?}").contains("null"), "{versions:?}");
    assert_eq!(emulator.get_object("/a").is(200).text(), "xyz");
}
