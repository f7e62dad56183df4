//! Downloads (json-api.md §2.10): whole, in ranges, by host, signed.

mod common;

use common::http::{Reply, request};
use common::sign::{now, sha1, sign, sign_more, sign_once};
use common::{BUCKET, Emulator, download_path, noise};
use serde_json::json;

fn download(emulator: &Emulator, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    request(
        &emulator.address,
        method,
        &download_path(path),
        headers,
        b"",
    )
}

#[test]
fn downloads() {
    let emulator = Emulator::start(&[]);
    let content = noise(200_000, 2);
    emulator.upload("/图/a b", &content).ok();

    let whole = emulator.download("/图/a b");
    assert_eq!(
        (whole.status, whole.header("content-length")),
        (200, Some("200000"))
    );
    assert!(whole.body == content);
    let etag = whole.header("etag").unwrap().to_owned();
    assert_eq!(etag, format!("\"{}\"", sha1(&content).to_uppercase()));
    let head = download(&emulator, "HEAD", "/图/a b", &[]);
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("200000"))
    );
    assert!(head.body.is_empty());
    // By host, the port and what follows the first dot being whatever they are.
    for host in [
        "testbucket-10000001.file.myqcloud.com",
        "testbucket-10000001.localhost:8080",
    ] {
        let path = "/%E5%9B%BE/a%20b";
        let reply = request(&emulator.address, "GET", path, &[("Host", host)], b"");
        assert!(reply.status == 200 && reply.body == content);
    }

    let range = |range: &str| emulator.download_with("/图/a b", &[("Range", range)]);
    for (asked, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=100-65699", 100, 65_699),
        ("bytes=199999-", 199_999, 199_999),
        ("bytes=5-9223372036854775807", 5, 199_999),
        ("bytes=-7", 199_993, 199_999),
        ("bytes=-300000", 0, 199_999),
    ] {
        let part = range(asked);
        assert_eq!(part.status, 206, "{asked}");
        let expected = format!("bytes {first}-{last}/200000");
        assert_eq!(part.header("content-range"), Some(&expected[..]));
        assert!(part.body == content[first..=last], "{asked}");
    }
    for asked in ["bytes=200000-", "bytes=-0"] {
        let refused = range(asked);
        assert_eq!(
            (refused.status, refused.header("content-range")),
            (416, Some("bytes */200000"))
        );
        assert_eq!(refused.code(), -182);
    }
    for asked in ["bytes=5-4", "bytes=1-2,5-6", "lines=1-2", "bytes"] {
        assert_eq!(range(asked).status, 200, "{asked}");
    }
    // Ranges are for GET.
    let head = download(&emulator, "HEAD", "/图/a b", &[("Range", "bytes=0-0")]);
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("200000"))
    );
    // A part of what it was, or the whole of what it is now.
    let if_range = |tag: &str| {
        let headers = [("Range", "bytes=1-2"), ("If-Range", tag)];
        emulator.download_with("/图/a b", &headers).status
    };
    assert_eq!((if_range(&etag), if_range("\"other\"")), (206, 200));

    emulator.upload("/empty", b"").ok();
    assert_eq!(
        emulator.download("/empty").header("content-length"),
        Some("0")
    );
    assert_eq!(
        emulator
            .download_with("/empty", &[("Range", "bytes=0-")])
            .status,
        416
    );

    for path in ["/none", "/图/", "/图", "/", ""] {
        let reply = emulator.download(path);
        assert_eq!((reply.status, reply.code()), (404, -6101), "{path:?}");
    }
    let missing = download(&emulator, "HEAD", "/none", &[]);
    assert!(missing.status == 404 && missing.body.is_empty());
}

#[test]
fn a_download_goes_on_while_its_object_is_replaced() {
    use common::http::{connect, head};
    use std::io::{Read, Write};

    let emulator = Emulator::start(&[]);
    // More than the sockets' buffers hold.
    let content = noise(20 << 20, 3);
    emulator.upload("/a", &content).ok();
    let mut stream = connect(&emulator.address).unwrap();
    stream
        .write_all(head(&emulator.address, "GET", &download_path("/a"), &[], 0).as_bytes())
        .unwrap();
    let mut begun = [0; 16];
    stream.read_exact(&mut begun).unwrap();
    emulator.overwrite("/a", b"new").ok();
    emulator.delete("/a").ok();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(&content));
}

#[test]
fn private_downloads() {
    let emulator = Emulator::start(&["--private"]);
    emulator.upload("/图/a b", b"secret").ok();
    let get = |query: &str, headers: &[(&str, &str)]| {
        let target = format!("{}{query}", download_path("/图/a b"));
        request(&emulator.address, "GET", &target, headers, b"")
    };
    let refused = |reply: Reply, code: i64| assert_eq!((reply.status, reply.code()), (403, code));
    refused(get("", &[]), -81);
    refused(get("?sign=", &[]), -81);
    refused(get("?sign=nonsense", &[]), -5998);
    let later = now() + 60;
    for fileid in [
        "",
        "/%E5%9B%BE/a%20b",
        "/%E5%9B%BE/",
        "/10000001/testbucket/%E5%9B%BE/a%20b",
        "/10000001/testbucket/",
    ] {
        let sign = sign(BUCKET, later, fileid);
        assert_eq!(
            get("", &[("Authorization", &sign)]).body,
            b"secret",
            "{fileid}"
        );
        let query = format!("?sign={}", sign.replace('+', "%2B"));
        assert_eq!(get(&query, &[]).body, b"secret", "{fileid}");
    }
    refused(
        get("", &[("Authorization", &sign(BUCKET, later, "/other"))]),
        -63,
    );
    refused(get("", &[("Authorization", &sign(BUCKET, 5, ""))]), -96);
    refused(get("", &[("Authorization", &sign_more("other"))]), -61);
    let once = sign_once(BUCKET, "/图/a b");
    assert_eq!(get("", &[("Authorization", &once)]).body, b"secret");
    refused(get("", &[("Authorization", &once)]), -77);
    assert_eq!(emulator.stat("/").data()["authority"], "eWRPrivate");

    // A file's own authority comes first.
    let authority = |kind: &str| {
        let body = json!({"op": "update", "authority": kind});
        emulator.post("/图/a b", &body).ok();
    };
    authority("eWPrivateRPublic");
    assert_eq!(get("", &[]).body, b"secret");
    refused(get("?sign=nonsense", &[]), -5998);
    let emulator = emulator.kill_and_restart(&[]);
    let public = |kind: &str| {
        let body = json!({"op": "update", "authority": kind});
        emulator.post("/图/a b", &body).ok();
        emulator.download("/图/a b").status == 200
    };
    assert!(!public("eWRPrivate"));
    assert!(public("eInvalid"));
}
