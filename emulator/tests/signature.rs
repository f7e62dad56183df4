//! The verifier: the notes' vectors, each kind of signature, and a code for each thing that can be
//! wrong with one (json-api.md §1).

mod common;

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::http::{Form, Reply, request};
use common::sign::{APPID, SECRET_ID, now, sign, sign_more, sign_once, sign_text};
use common::{BUCKET, Emulator, encode, noise, url_path};
use serde_json::json;

/// json-api.md §1.6.
const VECTOR_A: &str = "/Bm+lGULvNPrOurTbbNWENi+p1VhPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTE0ODAwMDAwNjAmdD0xNDgwMDAwMDAwJnI9MTIzNDU2Nzg5JmY9JmI9dGVzdGJ1Y2tldA==";
const VECTOR_B: &str = "6wrer9hebE7IuGZmmHRVOpT9n5phPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTAmdD0xNDgwMDAwMDAwJnI9OTg3NjU0MzIxJmY9LzEwMDAwMDAxL3Rlc3RidWNrZXQvJUU1JTlCJUJFJTIwJUU3JTg5JTg3L2ElMjBifjEudHh0JmI9dGVzdGJ1Y2tldA==";
const VECTOR_C: &str = "IFj3hwmW4atBg5lF4TWcINyZDeRhPTEwMDAwMDAxJms9VEVTVFNFQ1JFVElEMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCZlPTE0ODAwMDAzMDAmdD0xNDgwMDAwMDAwJnI9NSZmPS8lRTUlOUIlQkUlMjAlRTclODklODcvYSUyMGJ+MS50eHQmYj10ZXN0YnVja2V0";
const VECTOR_D: &str = "7mqPr0gbXMVxmxc03GSMfamM6BBhPTEwMDAwMDAxJmI9dGVzdGJ1Y2tldCZrPVRFU1RTRUNSRVRJRDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAmZT0xNDgwMDAwMDYwJnQ9MTQ4MDAwMDAwMCZyPTEyMzQ1Njc4OSZmPQ==";
const VECTOR_PATH: &str = "/图 片/a b~1.txt";

fn stat_with(emulator: &Emulator, path: &str, sign: &str) -> Reply {
    let target = format!("{}?op=stat", url_path(path));
    request(
        &emulator.address,
        "GET",
        &target,
        &[("Authorization", sign)],
        b"",
    )
}

fn delete_with(emulator: &Emulator, path: &str, sign: &str) -> Reply {
    emulator.post_signed(path, sign, br#"{"op":"delete"}"#)
}

#[test]
fn vectors_are_accepted() {
    let emulator = Emulator::start(&["--private", "--now", "1480000000"]);
    // Both orders of the fields.
    stat_with(&emulator, "/", VECTOR_A).ok();
    stat_with(&emulator, "/", VECTOR_D).ok();

    let form = Form::new(&[("op", "upload")]).content(b"in the picture");
    emulator.form_signed(VECTOR_PATH, VECTOR_A, &form).ok();
    let target = format!(
        "/{BUCKET}-{APPID}{}?sign={}",
        encode(VECTOR_PATH),
        VECTOR_C.replace('+', "%2B")
    );
    let download = request(&emulator.address, "GET", &target, &[], b"");
    assert_eq!(
        (download.status, &download.body[..]),
        (200, &b"in the picture"[..])
    );

    // Once, even over a restart.
    delete_with(&emulator, VECTOR_PATH, VECTOR_B).ok();
    delete_with(&emulator, VECTOR_PATH, VECTOR_B).refused(-77);
    let emulator = emulator.kill_and_restart(&["--now", "1480000000"]);
    delete_with(&emulator, VECTOR_PATH, VECTOR_B).refused(-77);
}

#[test]
fn every_tampered_bit_is_refused() {
    let emulator = Emulator::start(&["--now", "1480000000"]);
    for vector in [VECTOR_A, VECTOR_B, VECTOR_C, VECTOR_D] {
        let bytes = STANDARD.decode(vector).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut tampered = bytes.clone();
            tampered[bit / 8] ^= 1 << (bit % 8);
            let reply = stat_with(&emulator, VECTOR_PATH, &STANDARD.encode(&tampered));
            let code = reply.code();
            if bit < 20 * 8 {
                assert_eq!(code, -97, "bit {bit} of the HMAC");
            } else {
                // Malformed, another account, or the HMAC: whatever shows first.
                assert!(
                    [-97, -5998, -79, -82, -80, -74].contains(&code),
                    "bit {bit}: {code}"
                );
            }
            reply.refused(code);
        }
    }
}

#[test]
fn each_fault_has_its_code() {
    let emulator = Emulator::start(&[]);
    let (k, later) = (SECRET_ID, now() + 60);
    let good = format!("a={APPID}&k={k}&e={later}&t=1&r=2&f=&b={BUCKET}");
    stat_with(&emulator, "/", &sign_text(&good)).ok();

    let table = [
        (-81, String::new()),
        (-5998, "not Base64!".to_owned()),
        (-5998, STANDARD.encode("short")),
        (-5998, STANDARD.encode(noise(80, 1))),
        (-5998, sign_text(&good.replace("&r=2", ""))),
        (-5998, sign_text(&good.replace("r=2", "r="))),
        (-5998, sign_text(&good.replace("r=2", "r=two"))),
        (-5998, sign_text(&good.replace("&f=", ""))),
        (-5998, sign_text(&good.replace("t=1", "t=x"))),
        (
            -5998,
            sign_text(&good.replace(&format!("e={later}"), "e=-5")),
        ),
        (
            -5998,
            sign_text(&good.replace(&format!("e={later}"), &format!("e={}", "9".repeat(40)))),
        ),
        (-74, sign_text(&good.replace(&format!("e={later}"), "e="))),
        (-79, sign_text(&good.replace(k, "AKIDnobody"))),
        (-82, sign_text(&good.replace(APPID, "10000002"))),
        (-80, sign_text(&good.replace(APPID, "me"))),
        (-97, {
            let signed = STANDARD.decode(sign_text(&good)).unwrap();
            let other = good.replace("r=2", "r=3");
            STANDARD.encode([&signed[..20], other.as_bytes()].concat())
        }),
        (-61, sign_more("otherbucket")),
        (-96, sign(BUCKET, now() - 1, "")),
        (-96, sign(BUCKET, 1, "")),
        (-76, sign(BUCKET, 0, "")),
        (-63, sign_once(BUCKET, "/other")),
        (
            -63,
            sign(BUCKET, later, &format!("/{APPID}/{BUCKET}/other")),
        ),
        (-63, sign(BUCKET, later, "/dir/")), // the bare path is for downloads
    ];
    for (code, sign) in table {
        let reply = stat_with(&emulator, "/dir/", &sign);
        assert_eq!(reply.code(), code, "{}", plain_text(&sign));
        reply.refused(code);
    }

    // The URL's appid.
    let target = format!("/files/v1/10000002/{BUCKET}/?op=stat");
    let reply = request(
        &emulator.address,
        "GET",
        &target,
        &[("Authorization", &sign_more(BUCKET))],
        b"",
    );
    reply.refused(-70);
    // The kind.
    emulator.upload("/a", b"a").ok();
    delete_with(&emulator, "/a", &sign_more(BUCKET)).refused(-75);
    emulator
        .post_signed(
            "/a",
            &sign_more(BUCKET),
            br#"{"op":"update","biz_attr":"x"}"#,
        )
        .refused(-75);
    emulator.stat("/a").ok();
}

fn plain_text(sign: &str) -> String {
    let bytes = STANDARD.decode(sign).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(20..).unwrap_or_default()).into_owned()
}

#[test]
fn forms_that_real_clients_send_are_accepted() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/dir/a b~!.txt", b"a").ok();
    let path = "/dir/a b~!.txt";
    let later = now() + 60;
    let fileid = |path: &str| format!("/{APPID}/{BUCKET}{path}");
    for sign in [
        // Bound to a path, or to what its path begins with.
        sign(BUCKET, later, &fileid("/dir/a%20b~!.txt")),
        sign(BUCKET, later, &fileid("/dir/")),
        sign(BUCKET, later, &fileid("/")),
        // One encoder keeps less, one uses lower-case digits, one does not encode, one encodes twice.
        sign(BUCKET, later, &fileid("/dir/a%20b%7E%21.txt")),
        sign(BUCKET, later, &fileid("/dir/a%20b%7e%21.txt")),
        sign(BUCKET, later, &fileid("/dir/a b~!.txt")),
        sign(BUCKET, later, &fileid("/dir/a%2520b~!.txt")),
        sign(BUCKET, later, &fileid("//dir//a%20b~!.txt")),
        // An expiry with a fraction, wide and negative random numbers.
        sign_text(&format!(
            "a={APPID}&k={SECRET_ID}&e={later}.12&t=1.5&r=18446744073709551615999&f=&b={BUCKET}"
        )),
        sign_text(&format!(
            "a={APPID}&k={SECRET_ID}&e={later}&t=1&r=-5&f=&b={BUCKET}"
        )),
        // One-time signatures do for anything.
        sign_once(BUCKET, path),
    ] {
        let reply = stat_with(&emulator, path, &sign);
        assert_eq!(reply.code(), 0, "{} {:?}", plain_text(&sign), reply.json());
    }
    // In the query, with and without the encoding of +.
    for _ in 0..20 {
        let sign = sign_more(BUCKET);
        let encoded = sign
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        for sign in [sign, encoded] {
            let target = format!("{}?op=stat&sign={sign}", url_path(path));
            request(&emulator.address, "GET", &target, &[], b"").ok();
        }
    }
}

#[test]
fn a_one_time_signature_is_used_up_once_by_one_of_many() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"a").ok();
    let sign = sign_once(BUCKET, "/a");
    let codes: Vec<i64> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| stat_with(&emulator, "/a", &sign).code()))
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(
        codes.iter().filter(|code| **code == 0).count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|code| **code == -77).count(),
        7,
        "{codes:?}"
    );
    // Base64 in other clothes is the same signature.
    let wrapped = format!(
        "{}?op=stat&sign={}",
        url_path("/a"),
        sign.replace('+', "%2B") + "%0A"
    );
    request(&emulator.address, "GET", &wrapped, &[], b"").refused(-77);
    // One that was refused is not used up.
    let sign = sign_once(BUCKET, "/a");
    stat_with(&emulator, "/b", &sign).refused(-63);
    stat_with(&emulator, "/a", &sign).ok();
}

#[test]
fn move_takes_either_kind() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"a").ok();
    emulator
        .post("/a", &json!({"op": "move", "dest_fileid": "/b"}))
        .ok();
    let body = br#"{"op":"move","dest_fileid":"/c"}"#;
    emulator.post_signed("/b", &sign_more(BUCKET), body).ok();
    emulator.stat("/c").ok();
}

#[test]
fn the_clock_runs_on_from_where_it_was_set() {
    let emulator = Emulator::start(&["--now", "1480000059"]);
    let first = stat_with(&emulator, "/", VECTOR_A);
    first.ok();
    assert_eq!(first.header("date"), Some("Thu, 24 Nov 2016 15:07:39 GMT"));
    // It expires after 1480000060: asked until it does.
    let begun = Instant::now();
    while stat_with(&emulator, "/", VECTOR_A).code() != -96 {
        assert!(begun.elapsed().as_secs() < 20, "the clock stands");
    }
}
