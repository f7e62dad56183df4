//! A HEAD that the XML API refuses: it has no name for it, and is not always a reason to give up.

mod common;

use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{Client, code, message, ok, open};
use common::listener::Listener;
use common::xml::{answer, error};
use common::{TempDir, noise, unix_now};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn client(emulator: &Emulator, options: Value) -> Client {
    Client::speaking("xml", &emulator.url, options)
}

fn service_code(reply: &Value) -> &str {
    reply["error"]["service_code"].as_str().unwrap_or_default()
}

/// A client with another account.
fn with_account(emulator: &Emulator, id: &str, key: &str, mut options: Value) -> Client {
    for (name, value) in [
        ("api", "xml"),
        ("region", "ap-guangzhou"),
        ("endpoint", &emulator.url),
    ] {
        options[name] = value.into();
    }
    let (reply, handle) = open(APPID, id, key, Some(&options.to_string()));
    ok(reply);
    Client(handle)
}

#[test]
fn a_refused_head_tells_why() {
    let emulator = Emulator::start_with(&["--bucket", "testbucket", "--private"]);
    let files = TempDir::new();
    let wrong_id = "AKIDwrongwrongwrongwrongwrongwrong";
    for (id, key, expected, name) in [
        (SECRET_ID, "wrongwrongwrong", -97, "SignatureDoesNotMatch"),
        (wrong_id, SECRET_KEY, -79, "InvalidAccessKeyId"),
    ] {
        for overwrite in [false, true] {
            let options = json!({"overwrite": overwrite, "retries": 0});
            let client = with_account(&emulator, id, key, options);
            let file = files.file("f", &noise(2 * MIB, 4));
            for reply in [
                client.stat_file("f"),
                client.upload_buffer(b"x", "f", ""),
                client.upload_slice(&file, "f", 0, "", &mut |_, _| 0),
                client.download("f", &files.join("got")),
                client.delete_file("f"),
                client.update_file("f", "x"),
                client.copy_file("f", "g", 0),
                client.move_file("f", "g", 1),
                client.stat_folder("d"),
                client.stat_folder(""),
                client.create_folder("d", ""),
                client.update_folder("d", ""),
                client.delete_folder("d"),
                client.head_bucket("testbucket"),
                client.delete_files(&json!(["f"])),
            ] {
                assert_eq!(code(&reply), expected, "{reply}");
                assert_eq!(service_code(&reply), name, "{reply}");
            }
        }
    }
}

#[test]
fn a_missing_bucket_is_no_missing_file() {
    let emulator = Emulator::start_with(&["--bucket", "another"]);
    let files = TempDir::new();
    for overwrite in [false, true] {
        let client = client(&emulator, json!({"overwrite": overwrite}));
        let file = files.file("f", &noise(2 * MIB, 4));
        for reply in [
            client.stat_file("f"),
            client.upload_buffer(b"x", "f", ""),
            client.upload_slice(&file, "f", 0, "", &mut |_, _| 0),
            client.download("f", &files.join("got")),
            client.delete_file("f"),
            client.update_file("f", "x"),
            client.copy_file("f", "g", 0),
            client.stat_folder("d"),
            client.stat_folder(""),
            client.create_folder("d", ""),
            client.delete_folder("d"),
            client.head_bucket("testbucket"),
        ] {
            assert_eq!(code(&reply), -133, "{reply}");
            assert_eq!(service_code(&reply), "NoSuchBucket", "{reply}");
        }
    }
}

#[test]
fn looking_costs_no_more_than_before() {
    let emulator = Emulator::start();
    let client = client(&emulator, json!({}));
    ok(client.upload_buffer(b"x", "f", ""));
    ok(client.stat_file("f"));
    ok(client.create_folder("d", ""));
    ok(client.head_bucket("testbucket"));
    for op in ["get_object", "get_location"] {
        assert_eq!(emulator.count(op), 0, "{op}");
    }
    // The first upload, into a bucket that is not there yet, and the stat.
    assert_eq!(emulator.count("head_object"), 2);
    // What is missing is asked for by its name.
    assert_eq!(service_code(&client.stat_file("none")), "NoSuchKey");
    assert_eq!(emulator.count("get_object"), 1);
}

/// HEAD and GET answer with these statuses; the GET by a name, or with a byte.
fn refusing(head: u16, get: u16, name: &'static str) -> Listener {
    Listener::answering(move |_, request| {
        let line = &request.line;
        match line.split(' ').next().unwrap() {
            "HEAD" => answer(line, head, "", ""),
            "GET" if get < 300 => answer(line, get, "Content-Range: bytes 0-0/5\r\n", "h"),
            "GET" => answer(line, get, "", error(name, "why")),
            _ => answer(line, 403, "", error("AccessDenied", "not that either")),
        }
    })
}

#[test]
fn the_name_of_a_refusal_is_that_of_what_was_refused() {
    for (head, get, name, expected) in [
        (400, 400, "ExpiredToken", -60),
        (403, 403, "ExpiredToken", -60),
        (403, 403, "AccessDenied", -289),
        (403, 404, "NoSuchBucket", -133),
        (400, 400, "InvalidURI", -180),
        (405, 405, "MethodNotAllowed", -5996),
        (409, 409, "InvalidBucketState", -409),
        (451, 451, "DomainAuditFailed", -451),
        // It may be asked about and not be read, or the other way round.
        (404, 403, "AccessDenied", -166),
        (403, 206, "", -289),
        (403, 416, "InvalidRange", -289),
        // Busy just now, which tells nothing.
        (403, 503, "SlowDown", -289),
        (404, 503, "SlowDown", -166),
    ] {
        let listener = refusing(head, get, name);
        let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
        let reply = client.stat_file("f");
        assert_eq!(code(&reply), expected, "{head} {get} {name}: {reply}");
        let is_named =
            expected != -289 && expected != -166 || name == "AccessDenied" && head == 403;
        assert_eq!(service_code(&reply), if is_named { name } else { "" });
        let received = listener.received();
        assert_eq!(received.len(), 2);
        assert_eq!(received[1].header("range"), "bytes=0-0");
    }
    // A bucket is asked about its place.
    let listener = refusing(403, 403, "InvalidAccessKeyId");
    let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
    assert_eq!(code(&client.head_bucket("testbucket")), -79);
    let asked = &listener.received()[1].line;
    assert!(asked.starts_with("GET /?location "), "{asked}");
    let listener = refusing(404, 503, "SlowDown");
    let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
    assert_eq!(code(&client.head_bucket("testbucket")), -133);
}

#[test]
fn a_wrong_clock_is_learned_from_a_refused_head() {
    const AHEAD: u64 = 240;
    let listener = Listener::answering(|_, request| {
        let authorization = request.header("authorization");
        let (_, time) = authorization.split_once("q-sign-time=").unwrap();
        let start: u64 = time.split(';').next().unwrap().parse().unwrap();
        let now = unix_now() + AHEAD;
        let date = std::time::UNIX_EPOCH + std::time::Duration::from_secs(now);
        let date = format!("Date: {}\r\n", httpdate::fmt_http_date(date));
        match (now - 70..=now).contains(&start) {
            true => answer(
                &request.line,
                200,
                &format!("{date}Content-Length: 5\r\nETag: \"e\"\r\n"),
                "",
            ),
            false => answer(&request.line, 403, &date, ""),
        }
    });
    let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
    ok(client.stat_file("f"));
    assert_eq!(listener.received().len(), 2, "no GET is needed");
}

fn blind(path: &str) -> Value {
    json!({"match": {"op": "head_object", "path": path}, "fault": {"status": 403, "body": ""}})
}

#[test]
fn who_may_only_upload_can() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let client = client(&emulator, json!({}));
    let content = noise(2 * MIB, 5);
    let file = files.file("f", &content);
    ok(client.upload_buffer(b"there", "there", ""));
    ok(client.upload_buffer(b"source", "source", ""));
    let no_crc = json!({"match": {"op": "complete"},
        "fault": {"headers": {"x-cos-hash-crc64ecma": null}}});
    emulator.set_faults(&json!([blind("/new/*"), blind("/there"), no_crc]));
    ok(client.upload_buffer(b"x", "new/whole", ""));
    ok(client.upload_slice(&file, "new/parts", 0, "", &mut |_, _| 0));
    ok(client.create_folder("new/folder", ""));
    // The service guards what is there.
    let reply = client.upload_buffer(b"other", "there", "");
    assert_eq!(code(&reply), -177, "{reply}");
    assert_eq!(service_code(&reply), "FileAlreadyExists");
    let reply = client.upload_slice(&file, "there", 0, "", &mut |_, _| 0);
    assert_eq!(code(&reply), -177, "{reply}");
    let reply = client.copy_file("source", "there", 0);
    assert_eq!(code(&reply), -177, "{reply}");
    // A delete that is allowed needs no look, either.
    ok(client.delete_file("new/whole"));
    emulator.set_faults(&json!([]));
    assert_eq!(ok(client.stat_file("there"))["data"]["filesize"], 5);
    assert_eq!(
        ok(client.stat_file("new/parts"))["data"]["filesize"],
        2 * MIB
    );
    assert_eq!(code(&client.stat_file("new/whole")), -166);
    // Who may do nothing is told so by the service.
    let listener = refusing(403, 403, "AccessDenied");
    let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
    let reply = client.upload_buffer(b"x", "f", "");
    assert_eq!((code(&reply), message(&reply)), (-289, "not that either"));
    let methods: Vec<String> = listener.received().into_iter().map(|r| r.line).collect();
    // Whether the bucket ever had versions, then the place itself, then the upload all the same.
    let expected = ["GET /?versioning ", "HEAD /f ", "PUT /f "];
    assert!(
        methods
            .iter()
            .zip(expected)
            .all(|(line, begin)| line.starts_with(begin))
    );
    assert_eq!(methods.len(), 3);
}

/// With keys that the service itself lets do no more.
#[test]
fn keys_that_may_only_upload_are_enough() {
    let upload = "name/cos:PutObject,name/cos:InitiateMultipartUpload,name/cos:UploadPart,\
                  name/cos:CompleteMultipartUpload";
    let emulator = Emulator::start_with(&["--allow", upload, "--private"]);
    let files = TempDir::new();
    let file = files.file("f", &noise(2 * MIB, 6));
    for overwrite in [false, true] {
        let client = client(&emulator, json!({"overwrite": overwrite}));
        ok(client.upload_buffer(b"x", &format!("whole {overwrite}"), ""));
        let path = format!("parts {overwrite}");
        ok(client.upload_slice(&file, &path, 0, "", &mut |_, _| 0));
        ok(client.create_folder(&format!("folder {overwrite}"), ""));
    }
    let client = client(&emulator, json!({}));
    let reply = client.upload_buffer(b"other", "whole true", "");
    assert_eq!(code(&reply), -177, "{reply}");
    for reply in [
        client.stat_file("whole true"),
        client.delete_file("whole true"),
    ] {
        assert_eq!(code(&reply), -289, "{reply}");
        assert_eq!(service_code(&reply), "AccessDenied");
    }
}
