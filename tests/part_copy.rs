//! Objects of more than 5 GiB, which no single copy takes: copied, moved and updated in parts. The
//! service here says that it has such objects; `make soak` does it with the emulator and real bytes.

mod common;

use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::TempDir;
use common::emulator::Emulator;
use common::library::{Client, code, message, ok};
use common::listener::{Listener, Received};
use serde_json::json;

const GIB: u64 = 1 << 30;
const SIZE: u64 = 5 * GIB + 4;

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// A part's copy fails late: with status 200.
    LatePart,
    /// The upload is gone when its third part comes, once or again and again.
    Vanished,
    VanishedAlways,
    /// What is complete is other content.
    Mangled,
    /// Somebody replaces the source before the copy is complete.
    Replaced,
    /// The answer to Complete never comes, the second finds nothing to complete.
    LostComplete,
}

fn reply(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn service(trouble: Trouble) -> Listener {
    let (complete, parts_begun) = (AtomicBool::new(false), AtomicBool::new(false));
    let state = Arc::new((complete, parts_begun));
    let vanished = AtomicBool::new(false);
    Listener::answering(move |_, request| {
        let (complete, parts_begun) = &*state;
        let (method, rest) = request.line.split_once(' ').unwrap();
        let is = |query: &str| rest.contains(query);
        let copy = rest.starts_with("/to");
        match method {
            "HEAD" if copy && !complete.load(Ordering::SeqCst) => reply(404, "", ""),
            "HEAD" => {
                let replaced = trouble == Trouble::Replaced && parts_begun.load(Ordering::SeqCst);
                let etag = if replaced { "new" } else { "old" };
                let crc64 = if copy && trouble == Trouble::Mangled {
                    8
                } else {
                    7
                };
                let head = format!(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nETag: \"{etag}\"\r\n\
                     Content-Length: {SIZE}\r\nx-cos-hash-crc64ecma: {crc64}\r\n\
                     Last-Modified: Wed, 25 Nov 2026 00:00:00 GMT\r\nContent-Type: text/x\r\n\
                     x-cos-meta-biz-attr: a%20b\r\nx-cos-meta-mine: m\r\n\
                     x-cos-storage-class: STANDARD_IA\r\n\r\n"
                );
                head.into_bytes()
            }
            "GET" if is("?acl") => reply(
                200,
                "",
                "<AccessControlPolicy><ACL>private</ACL><Owner><ID>qcs::cam::uin/1:uin/1</ID></Owner>\
                 <AccessControlList/></AccessControlPolicy>",
            ),
            "POST" if is("?uploads") => reply(
                200,
                "",
                "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>",
            ),
            "PUT" if is("partNumber=3") && trouble == Trouble::LatePart => reply(
                200,
                "",
                "<Error><Code>AccessDenied</Code><Message>late</Message></Error>",
            ),
            "PUT"
                if is("partNumber=3")
                    && (trouble == Trouble::VanishedAlways
                        || trouble == Trouble::Vanished
                            && !vanished.swap(true, Ordering::SeqCst)) =>
            {
                reply(404, "", "<Error><Code>NoSuchUpload</Code></Error>")
            }
            "PUT" if is("partNumber=") => {
                parts_begun.store(true, Ordering::SeqCst);
                reply(
                    200,
                    "",
                    "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>",
                )
            }
            "POST" if is("uploadId=u1") => match complete.swap(true, Ordering::SeqCst) {
                // No answer.
                false if trouble == Trouble::LostComplete => Vec::new(),
                true => reply(404, "", "<Error><Code>NoSuchUpload</Code></Error>"),
                false => reply(
                    200,
                    "",
                    "<CompleteMultipartUploadResult><ETag>\"e-6\"</ETag></CompleteMultipartUploadResult>",
                ),
            },
            "DELETE" => reply(204, "", ""),
            _ => reply(400, "", "<Error><Code>InvalidArgument</Code></Error>"),
        }
    })
}

fn client(service: &Listener) -> Client {
    Client::speaking("xml", &service.url, json!({"retries": 1}))
}

/// The requests that are not questions, with their path and query.
fn changes(service: &Listener) -> Vec<(String, Received)> {
    let received = service.received().into_iter();
    let changes = received.filter(|r| !r.line.starts_with("HEAD") && !r.line.starts_with("GET"));
    let named = changes.map(|r| {
        let line = r.line.trim_end_matches(" HTTP/1.1");
        (line.to_owned(), r)
    });
    named.collect()
}

#[test]
fn a_copy_that_vanishes_in_the_midst_is_begun_anew_once() {
    for (trouble, expected) in [(Trouble::Vanished, 0), (Trouble::VanishedAlways, -290)] {
        let service = service(trouble);
        let reply = client(&service).copy_file("from", "to", 0);
        assert_eq!(code(&reply), expected, "{reply}");
        let changes = changes(&service);
        let count = |what: &str| changes.iter().filter(|(line, _)| line == what).count();
        assert_eq!(count("POST /to?uploads"), 2);
        let third = "PUT /to?partNumber=3&uploadId=u1";
        assert_eq!(count(third), 2);
    }
}

#[test]
fn a_copy_keeps_what_the_source_says_and_names_every_byte_once() {
    let service = service(Trouble::None);
    ok(client(&service).copy_file("from/大", "to", 0));
    let changes = changes(&service);
    assert_eq!(changes[0].0, "POST /to?uploads");
    let begun = &changes[0].1;
    for (name, value) in [
        ("content-type", "text/x"),
        ("x-cos-meta-biz-attr", "a%20b"),
        ("x-cos-meta-mine", "m"),
        ("x-cos-storage-class", "STANDARD_IA"),
        ("x-cos-forbid-overwrite", "true"),
    ] {
        assert_eq!(begun.header(name), value, "{name}");
    }
    let mut next = 0;
    let (last, parts) = changes[1..].split_last().unwrap();
    // They go side by side.
    let mut parts: Vec<_> = parts.iter().collect();
    parts.sort_by(|one, other| one.0.cmp(&other.0));
    for (number, (line, part)) in parts.iter().enumerate() {
        assert_eq!(
            line,
            &format!("PUT /to?partNumber={}&uploadId=u1", number + 1)
        );
        assert_eq!(part.header("x-cos-copy-source-if-match"), "\"old\"");
        let source = part.header("x-cos-copy-source");
        assert!(source.ends_with(".myqcloud.com/from/%E5%A4%A7"), "{source}");
        let range = part.header("x-cos-copy-source-range");
        let (first, last) = range
            .strip_prefix("bytes=")
            .unwrap()
            .split_once('-')
            .unwrap();
        assert_eq!(first.parse::<u64>().unwrap(), next);
        next = last.parse::<u64>().unwrap() + 1;
    }
    assert_eq!((next, parts.len()), (SIZE, 6));
    assert_eq!(last.0, "POST /to?uploadId=u1");
    assert_eq!(last.1.header("x-cos-forbid-overwrite"), "true");
    let body = String::from_utf8(last.1.body.clone()).unwrap();
    assert_eq!(body.matches("<Part>").count(), 6, "{body}");
}

#[test]
fn a_move_deletes_the_source_once_the_copy_is_there() {
    let service = service(Trouble::None);
    ok(client(&service).move_file("from", "to", 1));
    let changes = changes(&service);
    assert_eq!(changes.last().unwrap().0, "DELETE /from");
    assert_eq!(changes[changes.len() - 2].0, "POST /to?uploadId=u1");
}

#[test]
fn an_update_replaces_the_attribute_alone() {
    let service = service(Trouble::None);
    ok(client(&service).update_file("from", "x y"));
    let changes = changes(&service);
    assert_eq!(changes[0].0, "POST /from?uploads");
    assert_eq!(changes[0].1.header("x-cos-meta-biz-attr"), "x%20y");
    assert_eq!(changes[0].1.header("x-cos-meta-mine"), "m");
    for (line, part) in &changes[1..7] {
        assert!(line.starts_with("PUT /from?partNumber="), "{line}");
        let since = part.header("x-cos-copy-source-if-unmodified-since");
        assert_eq!(since, "Wed, 25 Nov 2026 00:00:00 GMT");
    }
}

#[test]
fn what_fails_leaves_the_source_and_no_parts() {
    for (trouble, expected, end) in [
        (Trouble::LatePart, "late", "DELETE /to?uploadId=u1"),
        (Trouble::Mangled, "the copy has", "POST /to?uploadId=u1"),
    ] {
        let service = service(trouble);
        let reply = client(&service).move_file("from", "to", 0);
        assert_ne!(code(&reply), 0);
        assert!(message(&reply).contains(expected), "{reply}");
        assert_eq!(changes(&service).last().unwrap().0, end);
    }
}

#[test]
fn an_update_of_what_was_replaced_meanwhile_begins_again() {
    let service = service(Trouble::Replaced);
    ok(client(&service).update_file("from", "x"));
    let changes = changes(&service);
    // Begun, six parts, given up before it was complete.
    assert_eq!(changes[7].0, "DELETE /from?uploadId=u1");
    let again = &changes[8..];
    assert_eq!(again[0].0, "POST /from?uploads");
    for (_, part) in &again[1..7] {
        assert_eq!(part.header("x-cos-copy-source-if-match"), "\"new\"");
    }
    assert_eq!(again[7].0, "POST /from?uploadId=u1");
    assert_eq!(again.len(), 8);
}

#[test]
fn a_lost_answer_to_complete_is_settled_by_looking() {
    let service = service(Trouble::LostComplete);
    ok(client(&service).copy_file("from", "to", 0));
    let changes = changes(&service);
    let completes = changes
        .iter()
        .filter(|(line, _)| line == "POST /to?uploadId=u1");
    assert_eq!(completes.count(), 2);
}

/// With real bytes; in `make soak` only, since it writes 20 GiB.
#[test]
fn real_objects_are_copied_moved_and_updated() {
    if std::env::var_os("QCOS_SOAK").is_none() {
        return;
    }
    let (emulator, files) = (Emulator::start(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({"io_timeout_ms": 600_000}));
    let path = files.join("sparse");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(SIZE).unwrap();
    file.write_all_at(b"end", SIZE - 3).unwrap();
    ok(client.upload(&path, "one"));
    let one = ok(client.stat_file("one"));
    ok(client.update_file("one", "an attribute"));
    ok(client.copy_file("one", "two", 0));
    ok(client.move_file("two", "three", 0));
    assert_ne!(code(&client.stat_file("two")), 0);
    for path in ["one", "three"] {
        let held = ok(client.stat_file(path));
        assert_eq!(held["data"]["biz_attr"], "an attribute");
        for same in ["filesize", "crc64", "sha"] {
            assert_eq!(held["data"][same], one["data"][same], "{path}");
        }
    }
}
