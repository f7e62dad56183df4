//! PUT of objects over the XML API: what a key and a request may be, and what becomes of one that
//! loses a race or ends early (xml-api.md §3.1).

mod common;

use common::xml::{Ask, assert_is};
use common::{Emulator, noise};

#[test]
fn any_key_is_a_key() {
    let emulator = Emulator::start(&[]);
    let long = "图".repeat(283) + "x";
    let keys = [
        "a",
        "a b",
        "a+b",
        "a\\b",
        "a%b",
        "a%2Fb",
        "*~'()!",
        "\"quoted\"",
        "//",
        "/lead",
        "a//b",
        "a//",
        "a/",
        "腾讯(1)+~.txt",
        "\u{1}control\t\n\r",
        "nul\0",
        "<&>",
        "?#[]",
        ".",
        "..",
        "a/../b",
        " ",
        "😀",
        &long,
    ];
    for key in keys {
        let path = format!("/{key}");
        emulator.put_object(&path, key.as_bytes()).is(200);
    }
    for key in keys {
        let path = format!("/{key}");
        assert_is(&emulator.get_object(&path), key.as_bytes());
    }
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    assert_eq!(emulator.keys(), sorted);
    for key in keys {
        emulator.delete_object(&format!("/{key}")).is(204);
    }
    assert_eq!(emulator.keys(), Vec::<String>::new());
    // A slash that is encoded is a slash.
    emulator.put_object("/x/y", b"1").is(200);
    let ask = Ask::new("GET", "/x/y");
    let bytes = String::from_utf8(ask.bytes())
        .unwrap()
        .replacen("/x/y", "/x%2Fy", 1);
    assert_eq!(
        common::http::raw(&emulator.address, bytes.as_bytes())
            .is(200)
            .body,
        b"1"
    );

    let too_long = format!("/{long}x");
    emulator
        .put_object(&too_long, b"x")
        .xml_error(400, "KeyTooLong");
}

#[test]
fn what_a_put_must_be_like() {
    let emulator = Emulator::start(&[]);
    let put = || Ask::new("PUT", "/a").body(b"hello world");
    put()
        .header("Content-MD5", "XrY7u+Ae7tCTyyK7j1rNww==")
        .send(&emulator)
        .is(200);
    put()
        .header("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")
        .send(&emulator)
        .xml_error(400, "BadDigest");
    for md5 in ["nonsense", "AAAA", ""] {
        let refused = put().header("Content-MD5", md5).send(&emulator);
        refused.xml_error(400, "InvalidDigest");
    }
    for (name, value, code) in [
        ("x-cos-acl", "public", "InvalidArgument"),
        ("x-cos-storage-class", "FAST", "NotSupportedStorageClass"),
        ("x-cos-meta-a_b", "x", "InvalidArgument"),
        ("x-cos-meta-", "x", "InvalidArgument"),
        ("x-cos-meta-a", &"x".repeat(2048), "KeyTooLong"),
        ("x-cos-traffic-limit", "819199", "InvalidArgument"),
    ] {
        put()
            .header(name, value)
            .send(&emulator)
            .xml_error(400, code);
    }
    let mut much = put();
    for number in 0..5 {
        much = much.header(&format!("x-cos-meta-{number}"), &"x".repeat(1000));
    }
    much.send(&emulator).xml_error(400, "KeyTooLong");

    put()
        .header("x-cos-forbid-overwrite", "true")
        .send(&emulator)
        .xml_error(409, "FileAlreadyExists");
    let other = Ask::new("PUT", "/b")
        .header("x-cos-forbid-overwrite", "true")
        .body(b"x");
    other.send(&emulator).is(200);
    other.send(&emulator).xml_error(409, "FileAlreadyExists");

    // Neither length nor chunks; chunks.
    let ask = Ask::new("PUT", "/c").header("Transfer-Encoding", "chunked");
    let bytes = ask.body(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n").bytes();
    common::http::raw(&emulator.address, &bytes).is(200);
    assert_eq!(emulator.get_object("/c").body, b"hello world");
    let sign = {
        let mut unframed = Ask::new("GET", "/c"); // which gets no length
        unframed.method = "put".to_owned();
        unframed.sign()
    };
    let bytes = Ask::new("GET", "/c").bytes_signed(&sign);
    let bytes = String::from_utf8(bytes).unwrap().replacen("GET", "PUT", 1);
    common::http::raw(&emulator.address, bytes.as_bytes()).xml_error(411, "MissingContentLength");
    // Announced to be too much.
    let huge = Ask::new("PUT", "/d").header("Content-Length", "5368709121");
    huge.send(&emulator).xml_error(400, "EntityTooLarge");
    assert_eq!(emulator.keys(), ["a", "b", "c"]);
}

#[test]
fn one_of_many_is_the_first() {
    let emulator = Emulator::start(&[]);
    let put = |client: usize| {
        let ask = Ask::new("PUT", "/a").header("x-cos-forbid-overwrite", "true");
        ask.body(&noise(300_000, client as u64)).send(&emulator)
    };
    let replies: Vec<_> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..6)
            .map(|client| scope.spawn(move || put(client)))
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    });
    let first: Vec<usize> = (0..6)
        .filter(|client| replies[*client].status == 200)
        .collect();
    assert_eq!(first.len(), 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        reply.xml_error(409, "FileAlreadyExists");
    }
    assert!(emulator.get_object("/a").body == noise(300_000, first[0] as u64));
}

#[test]
fn a_body_that_ends_early_leaves_nothing() {
    use std::io::{Read, Write};
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"old").is(200);
    let bytes = Ask::new("PUT", "/a").body(&noise(100_000, 1)).bytes();
    let mut stream = common::http::connect(&emulator.address).unwrap();
    stream.write_all(&bytes[..50_000]).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    // Whatever it says, it ends.
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(emulator.get_object("/a").body, b"old");
    let blobs = std::fs::read_dir(emulator.data().join("blobs"))
        .unwrap()
        .count();
    assert_eq!(blobs, 1);
}
