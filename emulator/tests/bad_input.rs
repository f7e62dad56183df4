//! What no honest client sends: the answer is JSON, and the emulator lives on.

mod common;

use std::fs;
use std::io::Write;
use std::net::{Shutdown, TcpStream};

use common::http::{Form, Reply, connect, raw, read_reply, request};
use common::sign::{APPID, sign, sign_more};
use common::{BUCKET, Emulator, noise, url_path};

fn get(emulator: &Emulator, target: &str) -> Reply {
    let sign = sign_more(BUCKET);
    request(
        &emulator.address,
        "GET",
        target,
        &[("Authorization", &sign)],
        b"",
    )
}

#[track_caller]
fn answered(reply: &Reply, status: u16, code: i64) {
    assert_eq!(
        (reply.status, reply.code()),
        (status, code),
        "{:?}",
        reply.json()
    );
}

#[test]
fn paths() {
    let emulator = Emulator::start(&[]);
    let base = format!("/files/v1/{APPID}/{BUCKET}");
    for path in [
        "/..",
        "/../x",
        "/a/../../x",
        "/./a",
        "/a/.",
        "/%2e%2e/x",
        "/a/%2E%2E",
        "/..%2f..%2fetc/passwd",
        "/a%3Fb",
        "/a%2Ab",
        "/a:b",
        "/a%7Cb",
        "/a%5Cb",
        "/a%3Cb",
        "/a%3Eb",
        "/a%22b",
        "/%20",
        "/a/%20%20/b",
        "/%E3%80%80",
        "/a%00b",
        "/a%0Ab",
        "/a%0D%0AX:1",
        "/%7F",
        "/%09",
    ] {
        get(&emulator, &format!("{base}{path}?op=stat")).refused(-180);
    }
    for path in ["/%FF", "/a%C3", "/%ED%A0%80", "/%C0%AF"] {
        get(&emulator, &format!("{base}{path}?op=stat")).refused(-147);
    }
    get(&emulator, &format!("{base}/a?op=stat&context=%FF")).refused(-147);
    // The whole path at its limit, and a byte above it.
    let fill = 2048 - base.len() - 1;
    get(&emulator, &format!("{base}/{}?op=stat", "a".repeat(fill))).refused(-166);
    get(
        &emulator,
        &format!("{base}/{}?op=stat", "a".repeat(fill + 1)),
    )
    .refused(-180);
    // A percent sign that encodes nothing is a percent sign.
    emulator.upload("/100%", b"x").ok();
    assert_eq!(
        get(&emulator, &format!("{base}/100%?op=stat")).data()["name"],
        "100%"
    );
}

#[test]
fn urls_and_methods() {
    let emulator = Emulator::start(&[]);
    for target in [
        "/files",
        "/files/",
        "/files/v1",
        "/files/v1/",
        "/files/v1/10000001",
        "/files/v1/10000001/",
        "/files/v2/10000001/testbucket/a?op=stat",
        "/files/v3/x",
        "/Files/v1/10000001/testbucket/",
        "/nowhere",
        "/bucket-999/a",
        "/-10000001x/a",
        "/favicon.ico",
    ] {
        answered(&get(&emulator, target), 404, -5994);
    }
    // Slashes in plenty are no harm.
    get(&emulator, "//files//v1///10000001//testbucket//?op=stat").ok();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "post"] {
        let sign = sign_more(BUCKET);
        let headers = [("Authorization", sign.as_str())];
        answered(
            &request(
                &emulator.address,
                method,
                &url_path("/a?op=stat"),
                &headers,
                b"",
            ),
            405,
            -5996,
        );
        answered(
            &request(
                &emulator.address,
                method,
                "/testbucket-10000001/a",
                &headers,
                b"",
            ),
            405,
            -5996,
        );
    }
    let head = request(&emulator.address, "HEAD", &url_path("/a"), &[], b"");
    assert_eq!(head.status, 405);

    let base = url_path("/a");
    get(&emulator, &base).refused(-5980);
    get(&emulator, &format!("{base}?op=")).refused(-5980);
    get(&emulator, &format!("{base}?op=format")).refused(-299);
    get(&emulator, &format!("{base}?op=copy")).refused(-299);
    for op in ["upload", "upload_slice", "create", "move"] {
        get(&emulator, &format!("{base}?op={op}")).refused(-5996);
    }
    for op in ["stat", "list"] {
        emulator
            .post("/a", &serde_json::json!({"op": op}))
            .refused(-5996);
    }
    // HTTP/1.0, absolute targets, no host at all.
    let sign = sign_more(BUCKET);
    let stat = format!("{}?op=stat", url_path("/"));
    let request = format!("GET {stat} HTTP/1.0\r\nAuthorization: {sign}\r\n\r\n");
    raw(&emulator.address, request.as_bytes()).ok();
    let request = format!(
        "GET http://web.file.myqcloud.com{stat} HTTP/1.1\r\nHost: x\r\nAuthorization: {sign}\r\nConnection: close\r\n\r\n"
    );
    raw(&emulator.address, request.as_bytes()).ok();
}

#[test]
fn hosts_do_not_get_into_replies_unchecked() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"x").ok();
    for host in ["a b", "\"><script>", "user@evil/..", "x:y:z", "", "\u{e9}"] {
        let sign = sign_more(BUCKET);
        let target = format!("{}?op=stat", url_path("/a"));
        let headers = [("Authorization", sign.as_str()), ("Host", host)];
        let reply = request(&emulator.address, "GET", &target, &headers, b"");
        if reply.status == 400 && reply.body.is_empty() {
            continue; // not HTTP at all
        }
        let url = reply.data()["access_url"].as_str().unwrap().to_owned();
        assert!(url.ends_with("/testbucket-10000001/a"), "{url}");
        assert!(!url.contains([' ', '"', '<', '>']), "{url}");
    }
}

/// The status of the answer to bytes that may be cut off in the midst, if there is one.
fn status(mut stream: TcpStream, bytes: &[u8], and_no_more: bool) -> Option<u16> {
    let _ = stream.write_all(bytes);
    if and_no_more {
        let _ = stream.shutdown(Shutdown::Write);
    }
    read_reply(&mut stream).ok().map(|reply| reply.status)
}

#[test]
fn what_is_not_http() {
    let mut emulator = Emulator::start(&[]);
    for bytes in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /files/v1/1/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /files/v1/1/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /files/v1/1/b/c HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n",
    ] {
        // An error of HTTP, or no answer at all.
        let status = status(connect(&emulator.address).unwrap(), bytes, true);
        assert!(status.is_none_or(|status| status >= 400), "{bytes:?}");
    }
    // A head that is long, and one that is too long.
    let head = |length: usize| {
        let line = format!("X-Long: {}\r\nConnection: close\r\n", "x".repeat(length));
        let head = format!("GET / HTTP/1.1\r\nHost: x\r\n{line}\r\n");
        status(connect(&emulator.address).unwrap(), head.as_bytes(), false)
    };
    assert_eq!(head(60_000), Some(200));
    assert!(matches!(head(300_000), None | Some(431)));
    assert!(emulator.is_alive());
    emulator.stat("/").ok();
}

#[test]
fn random_bytes_in_every_place() {
    let mut emulator = Emulator::start(&[]);
    emulator.upload("/a", b"x").ok();
    for seed in 0..300 {
        let random = noise(40, seed);
        let escaped: String = random[..8]
            .iter()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        let text: String = random
            .iter()
            .map(|byte| char::from(byte % 95 + 32))
            .collect();
        let word: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let replies = [
            get(&emulator, &format!("{}{escaped}?op=stat", url_path("/"))),
            get(
                &emulator,
                &format!(
                    "{}?op=list&num={word}&order={escaped}&context={escaped}",
                    url_path("/")
                ),
            ),
            get(
                &emulator,
                &format!("{}?{escaped}={escaped}", url_path("/a")),
            ),
            emulator.form_signed("/a", &text, &Form::new(&[("op", &text)])),
            emulator.form(
                "/a",
                &Form::new(&[
                    ("op", "upload_slice"),
                    ("offset", &text),
                    ("session", &word),
                ])
                .content(&random),
            ),
            emulator.form(
                "/a",
                &Form::new(&[("op", "upload_slice"), ("filesize", &word), ("sha", &text)]),
            ),
            emulator.post_signed("/a", &sign_more(BUCKET), &random),
            emulator.post_signed("/a", &sign(BUCKET, 0, &escaped), b"{\"op\":\"delete\"}"),
        ];
        for reply in replies {
            assert!(matches!(reply.status, 200 | 400), "{:?}", reply.json());
            assert_ne!(reply.code(), -181);
        }
    }
    assert!(emulator.is_alive());
    emulator.stat("/a").ok();
    // Nothing came to be beside the data folder's own files.
    let mut names: Vec<String> = fs::read_dir(emulator.data())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["blobs", "emulator.sqlite", "emulator.sqlite-wal"]);
}
