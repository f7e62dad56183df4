//! Moves, copies that the dialect does not have, and signed URLs.

mod common;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::emulator::Emulator;
use common::library::{Client, code, kind, message, ok};
use common::listener::{Listener, http};
use common::{TempDir, curl};
use serde_json::{Value, json};

#[test]
fn a_url_opens_one_file_and_no_other() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = Client::open(&emulator.url);
    ok(client.upload_buffer(b"secret", "a", ""));
    ok(client.upload_buffer(b"secret", "b", ""));
    let url = ok(client.download_url("a", 7_776_000))["data"]["url"].clone();
    let url = url.as_str().unwrap();
    assert_eq!(curl(url), (200, b"secret".to_vec()));
    assert_eq!(curl(&url.replace("/a?", "/b?")).0, 403);
    assert_eq!(curl(url.split('?').next().unwrap()).0, 403);
    for (path, expires_s, name) in [
        ("a", 0, "expires_s: "),
        ("a", -1, "expires_s: "),
        ("a", 7_776_001, "expires_s: "),
        ("", 60, "path: "),
        ("../a", 60, "path: "),
    ] {
        let reply = client.download_url(path, expires_s);
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).starts_with(name), "{reply}");
    }
}

#[test]
fn objects_are_fetched_where_the_options_say() {
    let url = |options: Value| {
        let endpoint = options["endpoint"].as_str().unwrap_or_default().to_owned();
        let client = Client::open_with(&endpoint, options);
        let reply = ok(client.download_url("a b", 60));
        let url = reply["data"]["url"].as_str().unwrap().to_owned();
        url.split_once("?sign=").unwrap().0.to_owned()
    };
    let service = "https://web.file.myqcloud.com/files/v1/";
    for (options, expected) in [
        (
            json!({"endpoint": service}),
            "https://testbucket-10000001.file.myqcloud.com/a%20b",
        ),
        (
            json!({"endpoint": "http://h:1/x/"}),
            "http://h:1/testbucket-10000001/a%20b",
        ),
        (
            json!({"endpoint": "https://[::1]/"}),
            "https://[::1]/testbucket-10000001/a%20b",
        ),
        (
            json!({"endpoint": service, "download_endpoint": "http://cdn/x"}),
            "http://cdn/x/testbucket-10000001/a%20b",
        ),
    ] {
        assert_eq!(url(options.clone()), expected, "{options}");
    }
}

#[test]
fn files_are_moved() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let content = |path: &str| {
        let files = TempDir::new();
        let reply = client.download(path, &files.join("f"));
        (code(&reply) == 0).then(|| fs::read(files.join("f")).unwrap())
    };
    ok(client.upload_buffer(b"one", "dir/一 1", "attribute"));
    let reply = ok(client.move_file("dir/一 1", "/other/二 %2F+", 0));
    assert_eq!(reply["data"], json!({}));
    assert_eq!(content("dir/一 1"), None);
    assert_eq!(content("other/二 %2F+").unwrap(), b"one");
    let stat = ok(client.stat_file("other/二 %2F+"));
    assert_eq!(stat["data"]["biz_attr"], "attribute");

    ok(client.upload_buffer(b"two", "two", ""));
    let kept = client.move_file("two", "other/二 %2F+", 0);
    assert!([-177, -178].contains(&code(&kept)), "{kept}");
    assert_eq!(content("two").unwrap(), b"two");
    assert_eq!(content("other/二 %2F+").unwrap(), b"one");
    ok(client.move_file("two", "other/二 %2F+", 1));
    assert_eq!(content("other/二 %2F+").unwrap(), b"two");
    assert_eq!(content("two"), None);

    let missing = client.move_file("two", "three", 1);
    assert!([-166, -197].contains(&code(&missing)), "{missing}");
    for (path, dst_path, overwrite, name) in [
        ("a", "b", 2, "overwrite: "),
        ("a", "b", -1, "overwrite: "),
        ("a", "/a/", 0, "dst_path: "),
        ("a", "", 0, "dst_path: "),
        ("a", "b/../c", 0, "dst_path: "),
        ("", "b", 0, "path: "),
    ] {
        for reply in [
            client.move_file(path, dst_path, overwrite),
            client.copy_file(path, dst_path, overwrite),
        ] {
            assert_eq!(code(&reply), -3, "{reply}");
            assert!(message(&reply).starts_with(name), "{reply}");
        }
    }
}

#[test]
fn a_move_whose_answer_was_lost_is_settled_by_asking() {
    let held = |sha: &str| {
        let data = json!({"filesize": 1, "filelen": 1, "sha": sha});
        http(200, &json!({"code": 0, "data": data}).to_string())
    };
    // What is at the destination then; the source was there before, or was not.
    for (there, was_there, expected) in [
        (Some("AB"), true, 0),
        (Some("ab"), true, 0),
        (Some("cd"), true, -166),
        (Some("ab"), false, -166),
        (None, true, -166),
    ] {
        let moves = AtomicUsize::new(0);
        let listener = Listener::answering(move |_, request| {
            let gone = http(400, r#"{"code":-166,"message":"gone"}"#);
            if request.line.starts_with("POST") {
                return match moves.fetch_add(1, Ordering::Relaxed) {
                    0 => Vec::new(),
                    _ => gone,
                };
            }
            if request.line.contains("/testbucket/from?op=stat") {
                let is_there = was_there && moves.load(Ordering::Relaxed) == 0;
                return if is_there { held("ab") } else { gone };
            }
            assert!(
                request.line.contains("/testbucket/to?op=stat"),
                "{}",
                request.line
            );
            there.map_or(gone, held)
        });
        let reply = Client::open(&listener.url).move_file("from", "to", 0);
        assert_eq!(code(&reply), expected, "{reply}");
    }
}

#[test]
fn the_json_api_cannot_copy() {
    let listener = Listener::replying("{}");
    let client = Client::open(&listener.url);
    let reply = client.copy_file("a", "b", 1);
    assert_eq!((code(&reply), kind(&reply)), (-3, "parameter"), "{reply}");
    assert!(message(&reply).contains("XML API"), "{reply}");
    assert_eq!(listener.connections(), 0);
}
