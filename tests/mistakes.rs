//! The mistakes that users make most, each made for real: what every call answers to it, in the same
//! way whichever option is set. docs/mistakes.md is this table for people.

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;

use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{Client, code, kind, message, ok, open};
use common::listener::{Listener, http};
use common::mount::Mount;
use common::{TempDir, noise};
use serde_json::{Value, json};

/// What a reply must say.
#[derive(Clone, Copy)]
struct Expected<'a> {
    code: i64,
    kind: &'a str,
    /// The service's own name for it.
    named: &'a str,
    /// Words of the message that tell what is wrong.
    says: &'a [&'a str],
}

impl Expected<'_> {
    #[track_caller]
    fn of(&self, what: &str, reply: &Value) {
        let got = (code(reply), kind(reply));
        assert_eq!(got, (self.code, self.kind), "{what}: {reply}");
        let named = reply["error"]["service_code"].as_str().unwrap_or_default();
        assert_eq!(named, self.named, "{what}: {reply}");
        for words in self.says {
            let message = message(reply);
            assert!(
                message.contains(words),
                "{what}: no {words:?} in {message:?}"
            );
        }
    }
}

/// The calls of a program, each with its name: every way to the service that there is.
fn every_call(client: &Client) -> Vec<(&'static str, Value)> {
    let files = TempDir::new();
    let small = files.file("small", b"small");
    let large = files.file("large", &noise(9 << 20, 1));
    let quiet = &mut |_, _| 0;
    vec![
        ("stat_file", client.stat_file("f")),
        ("upload_buffer", client.upload_buffer(b"b", "b", "")),
        ("upload", client.upload_reporting(&small, "s", quiet)),
        (
            "upload in parts",
            client.upload_reporting(&large, "l", quiet),
        ),
        (
            "download",
            client.download_reporting("f", &files.join("f"), quiet),
        ),
        ("list", client.list("", 0, "eListBoth", 0, "")),
        ("create_folder", client.create_folder("d", "")),
        ("stat_folder", client.stat_folder("d")),
        ("delete_file", client.delete_file("f")),
        ("delete_files", client.delete_files(&json!(["f"]))),
        ("update_file", client.update_file("f", "b")),
        ("move_file", client.move_file("f", "g", 0)),
        ("get_acl", client.get_acl("f")),
        ("head_bucket", client.head_bucket("testbucket")),
    ]
}

fn client(url: &str, options: &Value, id: &str, key: &str) -> Client {
    let mut all = json!({"endpoint": url, "api": "xml", "region": "ap-guangzhou", "retries": 0});
    for (name, value) in options.as_object().unwrap() {
        all[name] = value.clone();
    }
    let (reply, handle) = open(APPID, id, key, Some(&all.to_string()));
    ok(reply);
    Client(handle)
}

/// Every call, with overwriting on and off.
fn all_say(what: &str, url: &str, options: Value, id: &str, key: &str, expected: Expected) {
    for overwrite in [false, true] {
        let mut options = options.clone();
        options["overwrite"] = overwrite.into();
        let client = client(url, &options, id, key);
        for (call, reply) in every_call(&client) {
            expected.of(&format!("{what}, {call}, overwrite {overwrite}"), &reply);
        }
    }
}

#[test]
fn wrong_credentials_are_told_from_each_other() {
    let emulator = Emulator::start();
    let url = &emulator.url;
    let wrong_key = Expected {
        code: -97,
        kind: "service",
        named: "SignatureDoesNotMatch",
        says: &[],
    };
    all_say("key", url, json!({}), SECRET_ID, "wrong", wrong_key);
    let wrong_id = Expected {
        code: -79,
        named: "InvalidAccessKeyId",
        ..wrong_key
    };
    all_say("id", url, json!({}), "AKIDwrong", SECRET_KEY, wrong_id);
    for status in [400, 403] {
        let error = json!({"error": {"status": status, "code": "ExpiredToken", "message": "over"}});
        emulator.set_faults(&json!([{"fault": error}]));
        let expired = Expected {
            code: -60,
            named: "ExpiredToken",
            ..wrong_key
        };
        let token = json!({"security_token": "token"});
        all_say("token", url, token, SECRET_ID, SECRET_KEY, expired);
    }
}

#[test]
fn a_key_without_the_right_is_told_so() {
    let emulator = Emulator::start_with(&["--allow", "name/cos:ListMultipartUploads"]);
    let denied = Expected {
        code: -289,
        kind: "service",
        named: "AccessDenied",
        says: &[],
    };
    all_say(
        "rights",
        &emulator.url,
        json!({}),
        SECRET_ID,
        SECRET_KEY,
        denied,
    );
}

#[test]
fn a_bucket_that_is_not_there_is_told_from_a_file_that_is_not() {
    let emulator = Emulator::start_with(&["--bucket", "another"]);
    let missing = Expected {
        code: -133,
        kind: "service",
        named: "NoSuchBucket",
        says: &[],
    };
    all_say(
        "bucket",
        &emulator.url,
        json!({}),
        SECRET_ID,
        SECRET_KEY,
        missing,
    );
}

#[test]
fn a_bucket_that_forbids_path_style_is_told() {
    let emulator = Emulator::start_with(&["--no-path-style"]);
    let forbidden = Expected {
        code: -403,
        kind: "service",
        named: "PathStyleDomainForbidden",
        says: &[],
    };
    let options = json!({"addressing": "path"});
    all_say(
        "style",
        &emulator.url,
        options,
        SECRET_ID,
        SECRET_KEY,
        forbidden,
    );
}

#[test]
fn a_clock_that_is_wrong_is_told() {
    // Two years ahead: more than is learned.
    let ahead = (common::unix_now() + 2 * 365 * 86_400).to_string();
    let emulator = Emulator::start_with(&["--now", &ahead]);
    let wrong = Expected {
        code: -96,
        kind: "service",
        named: "RequestTimeTooSkewed",
        says: &["clock"],
    };
    let client = client(&emulator.url, &json!({}), SECRET_ID, SECRET_KEY);
    for (call, reply) in every_call(&client) {
        let named = reply["error"]["service_code"].as_str().unwrap();
        let expected = Expected {
            // The service has two names for it.
            named: if named == "AccessDenied" {
                named
            } else {
                wrong.named
            },
            ..wrong
        };
        expected.of(call, &reply);
    }
}

fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn a_service_that_cannot_be_reached_is_told_how() {
    // It speaks HTTP where TLS is expected.
    let plain = Listener::with_connections(|stream, _| {
        let _ = stream.read(&mut [0; 512]);
        let _ = stream.write_all(&http(400, "not HTTPS"));
    });
    let login = Listener::answering(|_, _| http(407, ""));
    let refused = nobody();
    let proxy = |url: &str| json!({ "proxy": url });
    let at = |url: &str| url.trim_start_matches("http://").to_owned();
    for (what, url, options, kind, says) in [
        (
            "name",
            "http://nowhere.invalid".to_owned(),
            json!({}),
            "dns",
            "nowhere.invalid",
        ),
        (
            "port",
            format!("http://{refused}"),
            json!({}),
            "connect",
            refused.as_str(),
        ),
        (
            "TLS",
            plain.url.replace("http:", "https:"),
            json!({}),
            "tls",
            "127.0.0.1",
        ),
        (
            "dead proxy",
            "http://h.invalid".to_owned(),
            proxy(&format!("http://{refused}")),
            "connect",
            "the proxy",
        ),
        (
            "login",
            "http://h.invalid".to_owned(),
            proxy(&login.url),
            "proxy",
            &at(&login.url),
        ),
        (
            "login",
            "https://h.invalid".to_owned(),
            proxy(&login.url),
            "proxy",
            &at(&login.url),
        ),
    ] {
        let expected = Expected {
            code: -2,
            kind,
            named: "",
            says: &[says],
        };
        all_say(what, &url, options, SECRET_ID, SECRET_KEY, expected);
    }
}

#[test]
fn options_that_make_no_sense_are_refused_by_name() {
    for (options, says) in [
        (r#"{"regoin":"ap-guangzhou"}"#, "regoin"),
        (r#"{"region":"Guangzhou"}"#, "region"),
        (
            r#"{"region":"ap-guangzhou","timeout_ms":"10"}"#,
            "timeout_ms",
        ),
        (
            r#"{"region":"ap-guangzhou","tls_ca":"/nonexistent.pem"}"#,
            "tls_ca",
        ),
        (
            r#"{"region":"ap-guangzhou","checkpoint_dir":"/nonexistent"}"#,
            "checkpoint_dir",
        ),
        (r#"{"region":"ap-guangzhou","proxy":"socks5://h"}"#, "proxy"),
        (
            r#"{"region":"ap-guangzhou","endpoint":"https://photos-10000001.cos.ap-guangzhou.myqcloud.com"}"#,
            "endpoint",
        ),
        (r#"{"region":"ap-guangzhou""#, "options_json"),
    ] {
        let (reply, handle) = open(APPID, SECRET_ID, SECRET_KEY, Some(options));
        assert_eq!(handle, 0);
        let expected = Expected {
            code: -3,
            kind: "parameter",
            named: "",
            says: &[says],
        };
        expected.of(options, &reply);
    }
    let (reply, _) = open("my-bucket", SECRET_ID, SECRET_KEY, None);
    assert!(
        code(&reply) == -3 && message(&reply).starts_with("appid"),
        "{reply}"
    );
}

#[test]
fn paths_that_make_no_sense_are_refused_by_name() {
    let emulator = Emulator::start();
    let client = client(&emulator.url, &json!({}), SECRET_ID, SECRET_KEY);
    let expected = |says| Expected {
        code: -3,
        kind: "parameter",
        named: "",
        says,
    };
    let files = TempDir::new();
    let file = files.file("f", b"f");
    let quiet = &mut |_, _| 0;
    for path in ["", "/", "a/../b", "b/"] {
        let reply = client.upload_reporting(&file, path, quiet);
        expected(&["dstpath"]).of(path, &reply);
    }
    let attr = "a".repeat(4000);
    let reply = client.upload_buffer(b"b", "b", &attr);
    expected(&["biz_attr"]).of("biz_attr", &reply);
    let reply = client.upload_slice(&file, "f", 1000, "", quiet);
    assert_eq!((code(&reply), kind(&reply)), (-4, "slice_size"), "{reply}");
}

/// Of files on the disk: each with its own kind, and the caller's parameter.
#[test]
fn the_disk_says_what_is_wrong() {
    let emulator = Emulator::start();
    let client = client(&emulator.url, &json!({}), SECRET_ID, SECRET_KEY);
    let quiet = &mut |_, _| 0;
    let files = TempDir::new();
    let local = |kind, says| Expected {
        code: -1,
        kind,
        named: "",
        says,
    };
    let reply = client.upload_reporting(&files.join("none"), "f", quiet);
    local("missing", &["filepath"]).of("no file", &reply);
    let reply = client.upload_reporting(&files.join(""), "f", quiet);
    local("not_regular", &["filepath", "directory"]).of("a folder", &reply);
    let socket = files.join("socket");
    let _held = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let reply = client.upload_reporting(&socket, "f", quiet);
    local("not_regular", &["filepath", "socket"]).of("a socket", &reply);
    let reply = client.upload_tree(&files.join("none"), "d", "{}", quiet);
    local("missing", &["dirpath"]).of("no folder", &reply);

    ok(client.upload_buffer(&noise(2 << 20, 7), "f", ""));
    let reply = client.download_reporting("f", &files.join("none/f"), quiet);
    local("missing", &["filepath"]).of("no folder for it", &reply);
    let disk = Mount::new("size=1m");
    let reply = client.download_reporting("f", &disk.0.join("f"), quiet);
    local("disk_full", &["filepath"]).of("full", &reply);
    disk.make_read_only();
    let reply = client.download_reporting("f", &disk.0.join("f"), quiet);
    local("unwritable", &["filepath"]).of("read-only", &reply);
    let reply = client.download_tree("", &disk.0.join("d"), "{}", quiet);
    local("unwritable", &["dirpath"]).of("read-only folder", &reply);
}

/// What is there, and what is not.
#[test]
fn what_is_there_is_told() {
    let emulator = Emulator::start();
    let client = client(&emulator.url, &json!({}), SECRET_ID, SECRET_KEY);
    ok(client.upload_buffer(b"one", "f", ""));
    let there = client.upload_buffer(b"two", "f", "");
    assert_eq!(code(&there), -177, "{there}");
    let same = client.upload_buffer(b"one", "f", "");
    assert_eq!(code(&same), -4018, "{same}");
    for (call, reply) in [
        ("stat", client.stat_file("none")),
        ("delete", client.delete_file("none")),
        ("update", client.update_file("none", "a")),
        ("move", client.move_file("none", "g", 0)),
    ] {
        assert_eq!(code(&reply), -166, "{call}: {reply}");
    }
    let closed = Client(client.0 + 1_000_000);
    assert_eq!(code(&closed.stat_file("f")), -7);
    std::mem::forget(closed);
}
