//! What the content of an object is compared by, and what a reply says of it; and answers that are
//! none of the object.

mod common;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use common::TempDir;
use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok};
use common::listener::{Listener, Received, http};
use common::objects::{Place, with_head};
use common::relay::forwarded;
use common::{noise, sha1_hex};
use md5::{Digest, Md5};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn md5_hex(content: &[u8]) -> String {
    let digest = Md5::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn client(service: &Listener) -> Client {
    Client::speaking("xml", &service.url, json!({"retries": 0}))
}

/// An object of the XML API: the size and headers that are told of it, and what comes.
fn object(size: usize, headers: String, content: Vec<u8>) -> Listener {
    Listener::answering(move |_, request| {
        if request.line.starts_with("HEAD ") {
            let head = format!("Content-Length: {size}\r\nConnection: close\r\n\r\n");
            return format!("HTTP/1.1 200 OK\r\n{headers}{head}").into_bytes();
        }
        ranged(request, &headers, &content)
    })
}

fn ranged(request: &Received, headers: &str, content: &[u8]) -> Vec<u8> {
    let Some(range) = request.header("range").strip_prefix("bytes=") else {
        return with_head("200 OK", headers, content);
    };
    let (first, last) = range.split_once('-').unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let all = content.len();
    if first >= all {
        return with_head("416 Range Not Satisfiable", "", b"");
    }
    let last = last.min(all - 1);
    let headers = format!("{headers}Content-Range: bytes {first}-{last}/{all}\r\n");
    with_head("206 Partial Content", &headers, &content[first..=last])
}

#[test]
fn an_etag_that_is_an_md5_is_compared() {
    for size in [0, 5, 300_000, 9 * MIB] {
        let content = noise(size, 1);
        let digest = md5_hex(&content);
        for tag in [digest.clone(), digest.to_uppercase()] {
            let service = object(size, format!("ETag: \"{tag}\"\r\n"), content.clone());
            let place = Place::new();
            let reply = ok(client(&service).download("f", &place.file));
            assert_eq!(reply["data"]["verified"], "md5", "{reply}");
            assert_eq!(reply["data"]["sha"], sha1_hex(&content), "{reply}");
            assert!(place.content() == content);
        }
        // Other content of the same length.
        if size > 0 {
            let service = object(size, format!("ETag: \"{digest}\"\r\n"), noise(size, 2));
            let place = Place::new();
            let reply = client(&service).download("f", &place.file);
            assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
            assert!(message(&reply).contains("MD5"), "{reply}");
            assert!(message(&reply).contains(&digest), "{reply}");
            place.is_untouched();
        }
    }
}

#[test]
fn an_etag_that_is_none_is_not() {
    let content = noise(5000, 1);
    let other = md5_hex(b"something else");
    for headers in [
        format!("ETag: \"{other}-2\"\r\n"),
        format!("ETag: W/\"{other}\"\r\n"),
        format!("ETag: {other}\r\n"),
        format!("ETag: \"{}\"\r\n", &other[1..]),
        format!("ETag: \"{other}0\"\r\n"),
        format!("ETag: \"g{}\"\r\n", &other[1..]),
        format!("ETag: \"{other}\"\r\nx-cos-server-side-encryption: cos/kms\r\n"),
        format!("ETag: \"{other}\"\r\nx-cos-server-side-encryption-customer-algorithm: AES256\r\n"),
        format!("ETag: \"{other}\"\r\nx-cos-object-type: appendable\r\n"),
    ] {
        let service = object(content.len(), headers.clone(), content.clone());
        let place = Place::new();
        let reply = ok(client(&service).download("f", &place.file));
        assert_eq!(reply["data"]["verified"], "length", "{headers} {reply}");
        assert!(place.content() == content);
    }
    // With a key of the service's own the ETag stays an MD5.
    let headers = format!("ETag: \"{other}\"\r\nx-cos-server-side-encryption: AES256\r\n");
    let service = object(content.len(), headers, content);
    let reply = client(&service).download("f", &Place::new().file);
    assert_eq!(code(&reply), -6, "{reply}");
}

#[test]
fn a_crc64_goes_before_an_etag() {
    let content = b"123456789".to_vec();
    let headers = "ETag: \"00000000000000000000000000000000\"\r\n\
                   x-cos-hash-crc64ecma: 11051210869376104954\r\n";
    let service = object(9, headers.to_owned(), content);
    let reply = ok(client(&service).download("f", &Place::new().file));
    assert_eq!(reply["data"]["verified"], "crc64", "{reply}");
}

#[test]
fn replies_say_what_was_compared() {
    for (api, expected) in [("json", "sha1"), ("xml", "crc64")] {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        let folder = TempDir::new();
        let small = folder.file("small", b"hello");
        let large = folder.file("large", &noise(9 * MIB, 1));
        let silent = &mut |_, _| 0;
        for reply in [
            client.upload(&small, "small"),
            client.upload(&large, "large"),
            client.upload_slice(&small, "sliced", 0, "", silent),
            client.upload_buffer(b"hello", "buffer", ""),
            client.download("small", &folder.join("back")),
            client.download("large", &folder.join("back")),
            client.download("sliced", &folder.join("back")),
        ] {
            assert_eq!(ok(reply.clone())["data"]["verified"], expected, "{reply}");
        }
    }
}

/// What a service of the JSON API tells of an object.
fn stat(size: usize, sha: Option<&str>) -> Vec<u8> {
    let mut data = json!({"filesize": size, "filelen": size});
    if let Some(sha) = sha {
        data["sha"] = sha.into();
    }
    http(
        200,
        &json!({"code": 0, "message": "", "data": data}).to_string(),
    )
}

#[test]
fn without_a_digest_of_the_services_only_the_length_is_compared() {
    for sha in [None, Some("0000000000000000000000000000000000000000")] {
        let service = Listener::answering(move |_, request| {
            let url = r#"{"code":0,"message":"","data":{"url":"http://x/f"}}"#;
            match request.line.as_str() {
                line if line.contains("op=stat") => stat(5, sha),
                line if line.starts_with("POST ") => http(200, url),
                // Of 32 digits, and nobody says that they are an MD5.
                _ => with_head(
                    "200 OK",
                    &format!("ETag: \"{}\"\r\n", "1".repeat(32)),
                    b"hello",
                ),
            }
        });
        let client = Client::open_with(&service.url, json!({"retries": 0}));
        let reply = ok(client.download("f", &Place::new().file));
        assert_eq!(reply["data"]["verified"], "length", "{reply}");
        if sha.is_none() {
            let reply = ok(client.upload_buffer(b"hello", "f", ""));
            assert_eq!(reply["data"]["verified"], "length", "{reply}");
        }
    }
    // The XML API: a PUT that is answered without a CRC64.
    let tag = format!("ETag: \"{}\"\r\n", "1".repeat(32));
    let service = Listener::answering(move |_, request| match request.line.split(' ').next() {
        Some("HEAD") => {
            let head = format!("{tag}Content-Length: 5\r\nConnection: close\r\n\r\n");
            format!("HTTP/1.1 200 OK\r\n{head}").into_bytes()
        }
        _ => with_head("200 OK", &tag, b""),
    });
    let client = Client::speaking("xml", &service.url, json!({"overwrite": true}));
    let reply = ok(client.upload_buffer(b"hello", "f", ""));
    assert_eq!(reply["data"]["verified"], "length", "{reply}");
}

/// Lets a byte change on its way, `count` times, in requests of `op`.
fn change(emulator: &Emulator, op: &str, count: u64) {
    emulator.set_faults(&json!([
        {"match": {"op": op, "count": count}, "fault": {"corrupt": true}}
    ]));
}

/// A service that takes something else than was sent.
fn changing(op: &str, count: u64) -> Emulator {
    let emulator = Emulator::start();
    change(&emulator, op, count);
    emulator
}

#[test]
fn what_was_changed_on_its_way_is_sent_again() {
    let files = TempDir::new();
    let open = |emulator: &Emulator, options| Client::speaking("xml", &emulator.url, options);
    // In one request out of memory and out of the file, and in parts.
    for (op, size) in [
        ("put_object", 5000),
        ("put_object", 3 * MIB),
        ("upload_part", 9 * MIB),
    ] {
        let content = noise(size, 1);
        let file = files.file("f", &content);
        let emulator = changing(op, 2);
        let client = open(&emulator, json!({"overwrite": true, "retries": 2}));
        let reply = ok(client.upload(&file, "f"));
        assert_eq!(reply["data"]["verified"], "crc64", "{reply}");
        client.holds("f", &content);

        let emulator = changing(op, 100);
        let client = open(
            &emulator,
            json!({"overwrite": true, "retries": 1, "parallel": 1}),
        );
        let reply = client.upload(&file, "f");
        assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
        assert_eq!(reply["error"]["attempts"], 2, "{reply}");
        assert_eq!(reply["error"]["retryable"], true, "{reply}");
    }
}

#[test]
fn what_was_changed_on_its_way_replaces_nothing_unasked() {
    let emulator = changing("put_object", 1);
    let client = Client::speaking("xml", &emulator.url, json!({"retries": 3}));
    let reply = client.upload_buffer(b"hello", "f", "");
    assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
    assert!(message(&reply).contains("overwrite is false"), "{reply}");
    assert_eq!(reply["error"]["attempts"], 1, "{reply}");
    assert_eq!(reply["error"]["retryable"], false, "{reply}");
    assert_eq!(code(&client.upload_buffer(b"hello", "f", "")), -177);
}

#[test]
fn what_was_changed_on_its_way_is_fetched_again() {
    let content = noise(5000, 1);
    for (api, op) in [("json", "download"), ("xml", "get_object")] {
        let emulator = Emulator::start();
        let client =
            |retries: u32| Client::speaking(api, &emulator.url, json!({"retries": retries}));
        ok(client(0).upload_buffer(&content, "t/f", ""));

        change(&emulator, op, 2);
        let place = Place::new();
        let reply = ok(client(2).download("t/f", &place.file));
        assert!(fs::read(&place.file).unwrap() == content);
        let attempts = reply["attempts"].as_u64().unwrap();
        assert!(attempts >= 3, "{reply}");

        change(&emulator, op, 2);
        let mut memory = vec![0; 6000];
        let reply = ok(client(2).download_buffer("t/f", 0, &mut memory, &json!({})));
        assert_ne!(reply["data"]["verified"], "length", "{reply}");
        assert!(memory[..5000] == content);

        change(&emulator, op, 2);
        let folder = TempDir::new();
        let reply = client(2).download_tree("t", &folder.join(""), "{}", &mut |_, _| 0);
        assert_eq!(ok(reply)["data"]["downloaded"], 1);
        assert!(fs::read(folder.join("f")).unwrap() == content);

        change(&emulator, op, 100);
        let place = Place::new();
        for reply in [
            client(1).download("t/f", &place.file),
            client(1).download_buffer("t/f", 0, &mut memory, &json!({})),
        ] {
            assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
            assert_eq!(reply["error"]["attempts"], 2, "{reply}");
            assert_eq!(reply["error"]["retryable"], true, "{reply}");
        }
        place.is_untouched();
    }
}

/// A gateway that changes a byte in the midst of each long body, until it has done so as often as it is told.
fn gateway(emulator: &Emulator, times: Arc<AtomicUsize>) -> Listener {
    let address = emulator.url.trim_start_matches("http://").to_owned();
    Listener::answering(move |_, request| {
        let damage = |bytes: &mut [u8]| {
            let take = |left: usize| left.checked_sub(1);
            let is_long = bytes.len() >= 5000;
            if is_long && times.fetch_update(SeqCst, SeqCst, take).is_ok() {
                bytes[bytes.len() - 2500] ^= 1;
            }
        };
        let mut request = request.clone();
        damage(&mut request.body);
        let mut answer = forwarded(&address, &request);
        damage(&mut answer);
        answer
    })
}

#[test]
fn what_a_gateway_changes_once_is_moved_whole() {
    let content = noise(5000, 3);
    let files = TempDir::new();
    let file = files.file("f", &content);
    for api in APIS {
        let emulator = Emulator::start();
        let times = Arc::new(AtomicUsize::new(0));
        let service = gateway(&emulator, times.clone());
        let options = json!({"retries": 2, "overwrite": true});
        let client = Client::speaking(api, &service.url, options);
        for _ in 0..2 {
            times.store(2, SeqCst);
            ok(client.upload(&file, "f"));
            assert_eq!(times.load(SeqCst), 0, "{api}");
            client.holds("f", &content);
            times.store(2, SeqCst);
            client.holds("f", &content);
            assert_eq!(times.load(SeqCst), 0, "{api}");
        }
    }
}

/// What the caller has, and what would take long again, is not fetched anew.
#[test]
fn what_was_changed_on_its_way_ends_a_stream_and_a_large_download() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"retries": 3}));
    let content = noise(9 * MIB, 2);
    ok(client.upload_buffer(&content, "f", ""));
    change(&emulator, "get_object", 1);
    let place = Place::new();
    let reply = client.download("f", &place.file);
    assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
    place.is_untouched();

    ok(client.upload_buffer(&content[..5000], "g", ""));
    change(&emulator, "get_object", 1);
    let mut handed_out = 0;
    let reply = client.download_stream("g", &json!({}), &mut |bytes| {
        handed_out += bytes.len();
        0
    });
    assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
    assert_eq!(handed_out, 5000);
}

#[test]
fn a_tree_knows_files_by_their_md5() {
    let content = noise(5000, 1);
    let digest = md5_hex(&content);
    let listed = |name: &str| {
        format!(
            "<Contents><Key>t/{name}</Key><Size>5000</Size><ETag>\"{digest}\"</ETag>\
             <LastModified>2020-04-10T18:20:30.000Z</LastModified></Contents>"
        )
    };
    let page = format!(
        "<ListBucketResult><IsTruncated>false</IsTruncated>{}{}</ListBucketResult>",
        listed("other"),
        listed("same")
    );
    let headers = format!("ETag: \"{digest}\"\r\n");
    let held = content.clone();
    let service = Listener::answering(move |_, request| match request.line.split(' ').next() {
        Some("HEAD") => {
            let head = "Content-Length: 5000\r\nConnection: close\r\n\r\n";
            format!("HTTP/1.1 200 OK\r\n{headers}{head}").into_bytes()
        }
        _ if request.line.contains("prefix=") => with_head(
            "200 OK",
            "Content-Type: application/xml\r\n",
            page.as_bytes(),
        ),
        _ => ranged(request, &headers, &held),
    });
    let folder = TempDir::new();
    folder.file("same", &content);
    folder.file("other", &noise(5000, 2));
    let reply = ok(client(&service).download_tree("t", &folder.join(""), "{}", &mut |_, _| 0));
    let expected = json!({"downloaded": 1, "same": 1, "skipped": [], "failed": []});
    assert_eq!(reply["data"], expected);
    assert!(fs::read(folder.join("other")).unwrap() == content);
    let sent = service.received();
    let gets = sent
        .iter()
        .filter(|request| request.line.starts_with("GET ") && !request.line.contains("prefix="));
    assert_eq!(gets.count(), 1);
}

/// A download of 5000 bytes that is answered so.
fn answered(api: &str, answer: Vec<u8>) -> Value {
    let service = Listener::answering(move |_, request| match request.line.as_str() {
        line if line.starts_with("HEAD ") => {
            let head = "ETag: \"abc\"\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n";
            format!("HTTP/1.1 200 OK\r\n{head}Connection: close\r\n\r\n").into_bytes()
        }
        line if line.contains("op=stat") => stat(5000, Some(&"1".repeat(40))),
        _ => answer.clone(),
    });
    let client = Client::speaking(api, &service.url, json!({"retries": 0}));
    let place = Place::new();
    let reply = client.download("f", &place.file);
    place.is_untouched();
    reply
}

#[test]
fn an_answer_that_was_compressed_on_its_way_is_called_so() {
    for api in APIS {
        for (coding, tag) in [
            ("gzip", "W/\"abc\""),
            ("br", "\"abc-gzip\""),
            ("deflate", "\"abc\""),
        ] {
            for length in ["Content-Length: 3\r\n", ""] {
                let head = format!("Content-Encoding: {coding}\r\nETag: {tag}\r\n{length}");
                let answer = format!("HTTP/1.1 200 OK\r\n{head}Connection: close\r\n\r\nabc");
                let reply = answered(api, answer.into_bytes());
                assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
                for word in ["compressed", coding, "proxy"] {
                    assert!(message(&reply).contains(word), "{word}: {reply}");
                }
                assert!(!message(&reply).contains("replaced"), "{reply}");
            }
        }
    }
}

#[test]
fn a_page_in_the_objects_place_is_called_so() {
    let page = b"<html><body>Please log in</body></html>";
    let same_length = [b"<html>".to_vec(), vec![b'x'; 4994]].concat();
    for api in APIS {
        for body in [&page[..], &same_length] {
            for length in [format!("Content-Length: {}\r\n", body.len()), String::new()] {
                if api == "json" && body.len() == 5000 {
                    // Nothing tells it from an object that is a page; its digest does.
                    continue;
                }
                let head = format!("Content-Type: text/html; charset=utf-8\r\n{length}");
                let mut answer = format!("HTTP/1.1 200 OK\r\n{head}Connection: close\r\n\r\n");
                answer.push_str(std::str::from_utf8(body).unwrap());
                let reply = answered(api, answer.into_bytes());
                assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
                for word in ["a page", "text/html", "proxy"] {
                    assert!(message(&reply).contains(word), "{word}: {reply}");
                }
                assert!(!message(&reply).contains("replaced"), "{reply}");
            }
        }
    }
}

#[test]
fn objects_that_were_stored_compressed_come_as_they_are() {
    let content = noise(5000, 1);
    let headers = format!(
        "ETag: \"{}\"\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n",
        md5_hex(&content)
    );
    let service = object(5000, headers, content.clone());
    let place = Place::new();
    ok(client(&service).download("f", &place.file));
    assert!(place.content() == content);
}
