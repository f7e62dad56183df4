//! Conditions of copies (xml-api.md §3.5).

mod common;

use common::Emulator;
use common::xml::{Ask, copy_source, md5_hex};

const OLD: &str = "Fri, 10 Apr 2020 18:20:30 GMT";
const FUTURE: &str = "Fri, 10 Apr 2099 18:20:30 GMT";

/// Whatever comes before what in a download: in a copy, all of them have to hold.
#[test]
fn all_of_them_have_to_hold() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"hello").is(200);
    let tag = format!("\"{}\"", md5_hex(b"hello"));
    let upload = emulator.initiate("/part");
    let copy = |headers: &[(&str, &str)]| {
        let with = |ask: Ask, (name, value): &(&str, &str)| {
            ask.header(&format!("x-cos-copy-source-{name}"), value)
        };
        let ask =
            |path: &str| Ask::new("PUT", path).header("x-cos-copy-source", &copy_source("/a"));
        let part = ask("/part")
            .query("partNumber", "1")
            .query("uploadId", &upload);
        let replies = [ask("/b"), part].map(|ask| headers.iter().fold(ask, with).send(&emulator));
        // A part by copy is no other thing.
        assert_eq!(replies[0].status, replies[1].status, "{headers:?}");
        let [reply, _] = replies;
        reply
    };
    let good = [
        ("If-Match", tag.as_str()),
        ("If-None-Match", "\"x\""),
        ("If-Modified-Since", OLD),
        ("If-Unmodified-Since", FUTURE),
    ];
    let bad = [
        ("If-Match", "\"x\""),
        ("If-None-Match", tag.as_str()),
        ("If-Modified-Since", FUTURE),
        ("If-Unmodified-Since", OLD),
    ];
    copy(&good).is(200);
    for (number, failed) in bad.iter().enumerate() {
        copy(&[*failed]).xml_error(412, "PreconditionFailed");
        for held in good.iter().filter(|held| held.0 != failed.0) {
            copy(&[*held, *failed]).xml_error(412, "PreconditionFailed");
        }
        let mut all_but_one = good;
        all_but_one[number] = *failed;
        copy(&all_but_one).xml_error(412, "PreconditionFailed");
    }
}
