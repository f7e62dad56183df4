//! An object that is not to be seen for a moment, or still as it was: `stale_reads`.

mod common;

use common::http::Reply;
use common::slices::{SLICE, begin, send};
use common::xml::{Ask, assert_is, complete, copy_source};
use common::{Emulator, noise};
use serde_json::json;

/// Hits the next request of that operation, and no other.
fn stale(emulator: &Emulator, op: &str, reads: u64) {
    emulator
        .set_faults(&json!([{"match": {"op": op, "count": 1}, "fault": {"stale_reads": reads}}]));
}

/// A way to look, and what it finds; of some the size alone.
type Look<'a> = (&'static str, Box<dyn Fn() -> Option<Vec<u8>> + 'a>);

/// All that looks at `/f/a`: in each API, the object itself and lists that hold it.
fn looks(emulator: &Emulator) -> Vec<Look<'_>> {
    let found = |reply: Reply| match reply.status {
        200 => Some(reply.content()),
        404 => None,
        other => panic!("{other}: {}", reply.text()),
    };
    let sized = |size: Option<&str>| size.map(|size| vec![0; size.parse().unwrap()]);
    let listed = move |list: Reply| {
        list.is(200);
        sized(list.node("Size").as_deref())
    };
    vec![
        ("GET", Box::new(move || found(emulator.get_object("/f/a")))),
        (
            "HEAD",
            Box::new(move || {
                let head = emulator.head_object("/f/a");
                sized(head.header("content-length").filter(|_| head.status == 200))
            }),
        ),
        (
            "list_objects",
            Box::new(move || listed(emulator.list_objects(&[("prefix", "f/a")]))),
        ),
        (
            "list_versions",
            Box::new(move || {
                let ask = Ask::new("GET", "/").query("versions", "");
                listed(ask.query("prefix", "f/a").send(emulator))
            }),
        ),
        (
            "download",
            Box::new(move || found(emulator.download("/f/a"))),
        ),
        (
            "stat",
            Box::new(move || {
                let stat = emulator.stat("/f/a").json();
                let size = &stat["data"]["filesize"];
                size.as_u64()
                    .map(|size| vec![0; usize::try_from(size).unwrap()])
            }),
        ),
        (
            "list",
            Box::new(move || {
                let list = emulator.get("/f/", "op=list&prefix=a").json();
                let size = &list["data"]["infos"][0]["filesize"];
                size.as_u64()
                    .map(|size| vec![0; usize::try_from(size).unwrap()])
            }),
        ),
    ]
}

/// Each way to look finds `old` so many times, and then `new`. `make` brings about the change, `undo`
/// what was before it.
fn check(emulator: &Emulator, op: &str, old: Option<&[u8]>, make: &dyn Fn(), undo: &dyn Fn()) {
    for (how, look) in looks(emulator) {
        for reads in [1, 3] {
            let what = format!("{op}, {how}, {reads}");
            undo();
            stale(emulator, op, reads);
            make();
            for _ in 0..reads {
                let size = look().map(|content| content.len());
                assert_eq!(size, old.map(<[u8]>::len), "{what}");
            }
            let size = look().map(|content| content.len());
            assert_eq!(size, Some(5), "{what}");
            assert_eq!(emulator.get_object("/f/a").is(200).body, b"hello");
        }
    }
}

#[test]
fn what_was_uploaded_is_not_there_yet() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/source", b"hello").is(200);
    emulator.create("/f/").ok(); // which stays
    let gone = || {
        emulator.no_faults();
        emulator.delete_object("/f/a").is(204);
    };
    let put = || assert_eq!(emulator.put_object("/f/a", b"hello").status, 200);
    check(&emulator, "put_object", None, &put, &gone);
    let copy = || {
        let ask = Ask::new("PUT", "/f/a").header("x-cos-copy-source", &copy_source("/source"));
        ask.send(&emulator).is(200);
    };
    check(&emulator, "copy_object", None, &copy, &gone);
    let parts = || {
        let upload = emulator.initiate("/f/a");
        let part = emulator.put_part("/f/a", &upload, 1, b"hello");
        let etag = part.is(200).header("etag").unwrap().to_owned();
        let done = complete("/f/a", &upload, &[(1, &etag)]).send(&emulator);
        done.is(200);
    };
    check(&emulator, "complete", None, &parts, &gone);
    let upload = || emulator.upload("/f/a", b"hello").ok();
    check(&emulator, "upload", None, &upload, &gone);
}

#[test]
fn what_was_overwritten_is_still_there() {
    let emulator = Emulator::start(&[]);
    let before = || {
        emulator.no_faults();
        emulator.put_object("/f/a", b"the old one").is(200);
    };
    let put = || assert_eq!(emulator.put_object("/f/a", b"hello").status, 200);
    check(&emulator, "put_object", Some(b"the old one"), &put, &before);
    let overwrite = || emulator.overwrite("/f/a", b"hello").ok();
    check(
        &emulator,
        "upload",
        Some(b"the old one"),
        &overwrite,
        &before,
    );
    // Old content comes with its own digests, byte for byte.
    before();
    stale(&emulator, "put_object", 1);
    put();
    assert_is(&emulator.get_object("/f/a"), b"the old one");
    assert_is(&emulator.get_object("/f/a"), b"hello");
    // Nothing is left of what was replaced.
    let blobs = std::fs::read_dir(emulator.data().join("blobs")).unwrap();
    assert_eq!(blobs.count(), 1);
}

#[test]
fn what_was_removed_is_still_there() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"hello").is(200);
    stale(&emulator, "delete_object", 2);
    emulator.delete_object("/a").is(204);
    assert_is(&emulator.get_object("/a"), b"hello");
    assert_eq!(emulator.keys(), ["a"]);
    emulator.get_object("/a").xml_error(404, "NoSuchKey");
    assert_eq!(emulator.keys(), Vec::<String>::new());
    let blobs = std::fs::read_dir(emulator.data().join("blobs")).unwrap();
    assert_eq!(blobs.count(), 0);
}

#[test]
fn a_file_in_slices() {
    let emulator = Emulator::start(&[]);
    let content = noise(2 * SLICE, 7);
    // Every slice but the last leaves nothing that could be seen.
    emulator.fault("slice_data", &json!({"stale_reads": 1}));
    let session = begin(&emulator, "/s", &content);
    for offset in [0, SLICE] {
        send(&emulator, "/s", &session, &content, offset).ok();
    }
    assert!(!emulator.exists("/s"));
    assert_is(&emulator.get_object("/s"), &content);
}

#[test]
fn who_sees_it_and_who_makes_it_seen() {
    let emulator = Emulator::start(&[]);
    let put = |reads: u64| {
        emulator.no_faults();
        emulator.delete_object("/a").is(204);
        stale(&emulator, "put_object", reads);
        emulator.put_object("/a", b"hello").is(200);
    };
    // Looking elsewhere does not count.
    put(1);
    emulator.get_object("/b").is(404);
    Ask::new("GET", "/")
        .query("location", "")
        .send(&emulator)
        .is(200);
    let other = Ask::new("GET", "/").host("other-10000001.cos.x-y.myqcloud.com");
    other.send(&emulator).is(200);
    assert_eq!(emulator.keys(), Vec::<String>::new());
    assert_eq!(emulator.keys(), ["a"]);
    // A copy looks at its source.
    put(1);
    let copy = Ask::new("PUT", "/c").header("x-cos-copy-source", &copy_source("/a"));
    copy.send(&emulator).xml_error(404, "NoSuchKey");
    copy.send(&emulator).is(200);
    // Who writes there finds what is there.
    put(9);
    let guarded = Ask::new("PUT", "/a").header("x-cos-forbid-overwrite", "true");
    let guarded = guarded.body(b"x");
    guarded.send(&emulator).xml_error(409, "FileAlreadyExists");
    assert_is(&emulator.get_object("/a"), b"hello");
    put(9);
    let many = b"<Delete><Object><Key>a</Key></Object></Delete>";
    let many = Ask::new("POST", "/").query("delete", "").body(many).md5();
    many.send(&emulator).is(200);
    emulator.get_object("/a").xml_error(404, "NoSuchKey");
    // So does everybody once the rules go; and what was refused hides nothing.
    put(9);
    emulator.no_faults();
    assert_is(&emulator.get_object("/a"), b"hello");
    stale(&emulator, "put_object", 9);
    guarded.send(&emulator).xml_error(409, "FileAlreadyExists");
    assert_is(&emulator.get_object("/a"), b"hello");
    // With another fault: done, hidden, and the answer lost.
    emulator.set_faults(&json!([{"match": {"op": "put_object"},
        "fault": {"stale_reads": 1, "status": 500, "after": true}}]));
    emulator.put_object("/d", b"hello").is(500);
    emulator.get_object("/d").xml_error(404, "NoSuchKey");
    assert_is(&emulator.get_object("/d"), b"hello");
}

#[test]
fn where_there_are_versions() {
    let emulator = Emulator::start(&[]);
    emulator.set_versioning("Enabled");
    let old = emulator.put_version("/a", b"old");
    let listed = [format!("a {old}*")];
    // A new version, its list and its own id are behind alike.
    stale(&emulator, "put_object", 3);
    let new = emulator.put_version("/a", b"hello");
    assert_is(&emulator.get_object("/a"), b"old");
    assert_eq!(emulator.all_versions(), listed);
    emulator
        .on_version("GET", "/a", &new)
        .xml_error(404, "NoSuchVersion");
    let both = [format!("a {new}*"), format!("a {old}")];
    assert_eq!(emulator.all_versions(), both);
    assert_is(&emulator.get_object("/a"), b"hello");
    // So is a delete marker.
    stale(&emulator, "delete_object", 2);
    let marker = emulator.put_marker("/a");
    assert_is(&emulator.get_object("/a"), b"hello");
    assert_eq!(emulator.all_versions(), both);
    let all = [
        format!("!a {marker}*"),
        format!("a {new}"),
        format!("a {old}"),
    ];
    assert_eq!(emulator.all_versions(), all);
    emulator.get_object("/a").xml_error(404, "NoSuchKey");
}
