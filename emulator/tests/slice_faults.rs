//! A code for each thing that can be wrong with upload_slice (json-api.md §2.9).

mod common;

use common::http::{Form, request};
use common::sign::{now, sha1, sign};
use common::slices::{SLICE, begin, control, packet, slice_at};
use common::{BUCKET, Emulator, noise, url_path};

#[test]
fn the_service_chooses_the_slice_size() {
    let emulator = Emulator::start(&[]);
    let content = noise(100, 11);
    for (asked, chosen) in [
        ("", 524_288),
        ("0", 524_288),
        ("1", 524_288),
        ("524288", 524_288),
        ("524289", 1_048_576),
        ("1048576", 1_048_576),
        ("2097152", 2_097_152),
        ("3000000", 3_145_728),
        ("3145728", 3_145_728),
        ("20971520", 3_145_728),
        ("9223372036854775807", 3_145_728),
    ] {
        let data = emulator
            .form("/a", &control(&content).field("slice_size", asked))
            .data();
        assert_eq!(data["slice_size"], chosen, "{asked}");
        // A resumed upload keeps its size.
        let again = emulator
            .form("/a", &control(&content).field("slice_size", "3145728"))
            .data();
        assert_eq!(again["slice_size"], chosen);
        emulator.delete("/a").ok();
    }
    for asked in ["-1", "many", "18446744073709551615"] {
        emulator
            .form("/a", &control(&content).field("slice_size", asked))
            .refused(-182);
    }
}

#[test]
fn each_fault_of_a_control_request_has_its_code() {
    let emulator = Emulator::start(&[]);
    let content = noise(SLICE + 1, 12);
    let digest = sha1(&content);
    let table: &[(&[(&str, &str)], i64)] = &[
        (&[], -5979),
        (&[("sha", "")], -5979),
        (&[("sha", "abc"), ("filesize", "1")], -168),
        (&[("sha", &"g".repeat(40)), ("filesize", "1")], -168),
        (&[("sha", &digest)], -5971),
        (&[("sha", &digest), ("filesize", "-1")], -182),
        (
            &[("sha", &digest), ("filesize", "99999999999999999999")],
            -182,
        ),
        (
            &[("sha", &digest), ("filesize", "10"), ("insertOnly", "2")],
            -182,
        ),
        (
            &[
                ("sha", &digest),
                ("filesize", "10"),
                ("session", "no session"),
            ],
            -286,
        ),
        (
            &[
                ("sha", &digest),
                ("filesize", "10"),
                ("session", &"0".repeat(32)),
            ],
            -290,
        ),
    ];
    for (fields, code) in table {
        let form = Form::new(&[("op", "upload_slice")]);
        let form = fields
            .iter()
            .fold(form, |form, (name, value)| form.field(name, value));
        emulator.form("/a", &form).refused(*code);
    }
    emulator.form("/a/", &control(&content)).refused(-160);
    emulator.form("/", &control(&content)).refused(-164);

    let session = begin(&emulator, "/a", &content);
    let named = |content: &[u8]| control(content).field("session", &session);
    emulator.form("/b", &named(&content)).refused(-5983);
    emulator
        .form("/a", &named(&noise(SLICE + 1, 13)))
        .refused(-4016);
    let other_size = Form::new(&[("op", "upload_slice"), ("filesize", "5"), ("sha", &digest)]);
    emulator.form("/a", &other_size).refused(-175);
    emulator
        .form("/a", &named(&content).content(b"data"))
        .refused(-65);
    // An empty filecontent does no harm.
    emulator.form("/a", &named(&content).content(b"")).ok();
}

#[test]
fn each_fault_of_a_slice_has_its_code() {
    let emulator = Emulator::start(&[]);
    let content = noise(2 * SLICE + 10, 14);
    let session = begin(&emulator, "/a", &content);
    let first = slice_at(&content, 0);

    emulator.form("/a", &packet("", 0, first)).refused(-95);
    emulator
        .form("/a", &packet("no session", 0, first))
        .refused(-286);
    emulator
        .form("/a", &packet(&"f".repeat(32), 0, first))
        .refused(-290);
    emulator
        .form("/b", &packet(&session, 0, first))
        .refused(-5983);

    let fields = |offset: &str| {
        Form::new(&[
            ("op", "upload_slice"),
            ("session", &session),
            ("offset", offset),
        ])
    };
    emulator.form("/a", &fields("0")).refused(-5990);
    for offset in [
        "",
        "-1",
        "1",
        "x",
        "524287",
        "1572864",
        "9223372036854775807",
        "18446744073709551616",
    ] {
        emulator
            .form("/a", &fields(offset).content(first))
            .refused(-4005);
    }
    emulator
        .form("/a", &packet(&session, 0, &content[..SLICE + 1]))
        .refused(-5991);
    emulator
        .form("/a", &packet(&session, 0, &content[..SLICE - 1]))
        .refused(-283);
    emulator
        .form("/a", &packet(&session, 2 * SLICE, &content[..9]))
        .refused(-283);
    emulator
        .form("/a", &packet(&session, 2 * SLICE, &content[..11]))
        .refused(-5991);
    emulator.form("/a", &packet(&session, 0, b"")).refused(-283);

    let digest = sha1(&content);
    emulator
        .form("/a", &packet(&session, 0, first).field("sha", &digest))
        .refused(-5984);
    emulator
        .form("/a", &packet(&session, 0, first).field("sha", "x"))
        .refused(-168);
    // Nothing of this left a trace.
    assert_eq!(emulator.stat("/a").data()["filelen"], 0);
    emulator
        .form("/a", &packet(&session, 0, first).field("sha", &sha1(first)))
        .ok();
    assert_eq!(emulator.stat("/a").data()["filelen"], SLICE);
}

#[test]
fn a_slice_needs_a_session_more_than_a_signature() {
    let emulator = Emulator::start(&[]);
    let content = noise(3 * SLICE, 15);
    let session = begin(&emulator, "/a", &content);
    let unsigned = |form: &Form| {
        let content_type = form.content_type();
        let headers = [("Content-Type", content_type.as_str())];
        request(
            &emulator.address,
            "POST",
            &url_path("/a"),
            &headers,
            &form.body(),
        )
    };
    let expired = sign(BUCKET, now() - 100, "");

    let slice = packet(&session, 0, slice_at(&content, 0));
    unsigned(&slice).ok();
    let slice = packet(&session, SLICE, slice_at(&content, SLICE));
    emulator.form_signed("/a", &expired, &slice).ok();
    // But a wrong one is refused, and so is all that is no slice of a known session.
    emulator
        .form_signed("/a", "nonsense", &slice)
        .refused(-5998);
    emulator
        .form_signed("/a", &sign(BUCKET, 0, ""), &slice)
        .refused(-76);
    unsigned(&control(&content)).refused(-81);
    unsigned(&control(&content).field("session", &session)).refused(-81);
    unsigned(&packet(&"0".repeat(32), 0, slice_at(&content, 0))).refused(-81);
    let upload = Form::new(&[("op", "upload"), ("session", &session), ("offset", "0")]);
    unsigned(&upload.content(b"x")).refused(-81);
    unsigned(&Form::new(&[("op", "nothing")])).refused(-81);
    emulator
        .form_signed("/a", &expired, &control(&content))
        .refused(-96);
    assert_eq!(emulator.stat("/a").data()["filelen"], 2 * SLICE);
}
