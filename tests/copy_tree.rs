//! Folders copied and renamed by the service: what is copied, what is not again, and that nothing is lost.

mod common;

use std::collections::BTreeMap;
use std::ffi::OsStr;

use common::child::killed_once_done;
use common::emulator::Emulator;
use common::library::{BUCKET, Client, code, kind, message, ok};
use serde_json::{Value, json};

const OTHER: &str = "other";

fn client(emulator: &Emulator) -> Client {
    Client::speaking("xml", &emulator.url, json!({"retries": 0}))
}

fn put(client: &Client, files: &[(&str, &str)]) {
    for (path, content) in files {
        ok(client.upload_buffer(content.as_bytes(), path, path));
    }
}

fn copy(client: &Client, from: (&str, &str), to: (&str, &str), options: Value) -> Value {
    client.copy_tree(from, to, &options, &mut |_, _| 0)
}

/// Every key of a bucket, with its content's CRC64 or ETag.
fn keys(client: &Client, bucket: &str) -> BTreeMap<String, String> {
    let list = json!({"method": "GET"});
    let listed = ok(client.request(Some(bucket), "", &list, b""));
    let contents = &listed["data"]["xml"]["ListBucketResult"]["Contents"];
    let all = match contents {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    all.iter()
        .map(|entry| (text(entry, "Key"), text(entry, "ETag")))
        .collect()
}

fn names(keys: &BTreeMap<String, String>) -> Vec<&str> {
    keys.keys().map(String::as_str).collect()
}

const FILES: [(&str, &str); 5] = [
    ("from/a", "one"),
    ("from/b c/d", "two"),
    ("from/b c/目录/e", "three"),
    ("from/z", ""),
    ("from-other", "not of it"),
];

#[test]
fn a_folder_is_copied_once() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    put(&client, &FILES);
    ok(client.create_folder("from/empty", "its attribute"));
    let mut reports = Vec::new();
    let reply = ok(client.copy_tree(
        (BUCKET, "from"),
        (OTHER, "to/x"),
        &json!({}),
        &mut |d, t| {
            reports.push((d, t));
            0
        },
    ));
    assert_eq!(
        reply["data"],
        json!({"copied": 4, "same": 0, "failed": [], "skipped": []})
    );
    assert_eq!(reports.last(), Some(&(11, 11)), "{reports:?}");
    let there = keys(&client, OTHER);
    let copied = [
        "to/x/a",
        "to/x/b c/d",
        "to/x/b c/目录/e",
        "to/x/empty/",
        "to/x/z",
    ];
    assert_eq!(names(&there), copied);
    let here = keys(&client, BUCKET);
    assert_eq!(names(&here).len(), 6);
    for (key, etag) in &there {
        assert_eq!(here[&key.replace("to/x/", "from/")], *etag, "{key}");
    }
    let head = json!({"method": "HEAD"});
    let head = ok(client.request(Some(OTHER), "to/x/a", &head, b""));
    let attribute = &head["data"]["headers"]["x-cos-meta-biz-attr"];
    assert_eq!(attribute, "from%2Fa", "{head}");

    emulator.forget_requests();
    let again = ok(copy(&client, (BUCKET, "from"), (OTHER, "to/x"), json!({})));
    assert_eq!(
        again["data"],
        json!({"copied": 0, "same": 4, "failed": [], "skipped": []})
    );
    assert_eq!(emulator.count("copy_object"), 0);
    assert_eq!(emulator.count("head_object"), 3, "of the folders alone");
}

#[test]
fn what_differs_is_told_or_replaced() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    put(
        &client,
        &[
            ("f/a", "one"),
            ("f/b", "two"),
            ("g/a", "another"),
            ("g/b", "TWO"),
        ],
    );
    let reply = copy(&client, (BUCKET, "f"), (BUCKET, "g"), json!({}));
    assert_eq!(code(&reply), -177, "{reply}");
    assert_eq!(
        reply["data"]["failed"].as_array().unwrap().len(),
        2,
        "{reply}"
    );
    client.holds("g/a", b"another");
    let planned = ok(copy(
        &client,
        (BUCKET, "f"),
        (BUCKET, "g"),
        json!({"dry_run": true}),
    ));
    let plan = json!([{"path": "a", "action": "copy"}, {"path": "b", "action": "copy"}]);
    assert_eq!(planned["data"]["plan"], plan);
    client.holds("g/a", b"another");
    let by_size = json!({"compare": "size", "overwrite": true});
    let reply = ok(copy(&client, (BUCKET, "f"), (BUCKET, "g"), by_size));
    assert_eq!([&reply["data"]["copied"], &reply["data"]["same"]], [1, 1]);
    let reply = ok(copy(
        &client,
        (BUCKET, "f"),
        (BUCKET, "g"),
        json!({"overwrite": true}),
    ));
    assert_eq!([&reply["data"]["copied"], &reply["data"]["same"]], [1, 1]);
    client.holds("g/a", b"one");
    client.holds("g/b", b"two");
}

#[test]
fn a_folder_is_renamed() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    put(&client, &FILES);
    ok(client.create_folder("from", "mine"));
    ok(client.create_folder("from/empty", ""));
    let planned = json!({"move": true, "dry_run": true});
    let planned = ok(copy(&client, (BUCKET, "from"), (BUCKET, "to"), planned));
    // In the order of names, though files are looked at side by side.
    let plan =
        ["a", "b c/d", "b c/目录/e", "z"].map(|path| json!({"path": path, "action": "move"}));
    assert_eq!(planned["data"]["plan"], json!(plan));
    assert_eq!(names(&keys(&client, BUCKET)).len(), 7);
    let reply = ok(copy(
        &client,
        (BUCKET, "from"),
        (BUCKET, "to"),
        json!({"move": true}),
    ));
    assert_eq!(
        reply["data"],
        json!({"moved": 4, "same": 0, "failed": [], "skipped": []})
    );
    let moved = [
        "from-other",
        "to/",
        "to/a",
        "to/b c/d",
        "to/b c/目录/e",
        "to/empty/",
        "to/z",
    ];
    assert_eq!(names(&keys(&client, BUCKET)), moved);
    assert_eq!(ok(client.stat_folder("to"))["data"]["biz_attr"], "mine");
    let gone = copy(
        &client,
        (BUCKET, "from"),
        (BUCKET, "to"),
        json!({"move": true}),
    );
    assert_eq!(code(&gone), -166, "{gone}");
}

#[test]
fn patterns_leave_the_others_where_they_are() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    put(
        &client,
        &[("f/a.o", "1"), ("f/a.c", "2"), ("f/old/b.c", "3")],
    );
    let options = json!({"move": true, "include": ["*.c"], "exclude": ["old/"]});
    let reply = ok(copy(&client, (BUCKET, "f"), (BUCKET, "g"), options));
    assert_eq!(reply["data"]["moved"], 1);
    assert_eq!(
        names(&keys(&client, BUCKET)),
        ["f/a.o", "f/old/b.c", "g/a.c"]
    );
}

#[test]
fn a_source_stays_until_its_copy_is_proven() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"retries": 1}));
    put(&client, &FILES);
    // Some are not copied; the answer to one that was is lost.
    emulator.set_faults(&json!([
        {"match": {"op": "copy_object", "path": "/to/a"}, "fault": {"status": 403}},
        {"match": {"op": "copy_object", "path": "/to/z", "count": 1}, "fault": {"status": 500, "after": true}},
        {"match": {"op": "delete_object", "path": "/from/b c/d"}, "fault": {"status": 403}},
    ]));
    let before = keys(&client, BUCKET);
    let reply = copy(
        &client,
        (BUCKET, "from"),
        (BUCKET, "to"),
        json!({"move": true}),
    );
    assert_ne!(code(&reply), 0, "{reply}");
    let content = |keys: &BTreeMap<String, String>| {
        let etags = keys.iter().filter(|(key, _)| !key.ends_with('/'));
        let mut etags: Vec<String> = etags.map(|(_, etag)| etag.clone()).collect();
        etags.sort_unstable();
        etags.dedup();
        etags
    };
    assert_eq!(content(&keys(&client, BUCKET)), content(&before));
    assert_eq!(emulator.end_faults(), 3);
    // The same call goes on.
    let reply = ok(copy(
        &client,
        (BUCKET, "from"),
        (BUCKET, "to"),
        json!({"move": true}),
    ));
    assert_eq!(reply["data"]["failed"], json!([]), "{reply}");
    let now = keys(&client, BUCKET);
    assert_eq!(
        names(&now),
        ["from-other", "to/a", "to/b c/d", "to/b c/目录/e", "to/z"]
    );
    assert_eq!(content(&now), content(&before));
}

#[test]
fn what_was_there_before_by_that_name_costs_no_source() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    // The same size, another content.
    put(
        &client,
        &[
            ("from/a", "one"),
            ("to/a", "two"),
            ("from/b", "x"),
            ("to/b", "x"),
        ],
    );
    let reply = copy(
        &client,
        (BUCKET, "from"),
        (BUCKET, "to"),
        json!({"move": true}),
    );
    assert_eq!(code(&reply), -177, "{reply}");
    assert_eq!(reply["data"]["moved"], 1, "{reply}");
    assert_eq!(reply["data"]["failed"][0]["path"], "a", "{reply}");
    client.holds("from/a", b"one");
    client.holds("to/a", b"two");
    assert_eq!(names(&keys(&client, BUCKET)), ["from/a", "to/a", "to/b"]);
    let by_size = json!({"move": true, "compare": "size"});
    assert_eq!(
        code(&copy(&client, (BUCKET, "from"), (BUCKET, "to"), by_size)),
        -177
    );
    client.holds("from/a", b"one");
}

#[test]
fn a_program_that_dies_in_the_midst_has_lost_nothing() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    let all: Vec<(String, String)> = (0..40)
        .map(|n| (format!("from/{n:02}"), format!("content of {n}")))
        .collect();
    for (path, content) in &all {
        ok(client.upload_buffer(content.as_bytes(), path, ""));
    }
    let environment = [("ENDPOINT", OsStr::new(&emulator.url))];
    killed_once_done("moves_until_killed", &environment, 100);
    let there = keys(&client, BUCKET);
    for (path, _) in &all {
        let moved = path.replace("from/", "to/");
        assert!(
            there.contains_key(path) || there.contains_key(&moved),
            "{path}"
        );
    }
    ok(copy(
        &client,
        (BUCKET, "from"),
        (BUCKET, "to"),
        json!({"move": true}),
    ));
    for (path, content) in &all {
        client.holds(&path.replace("from/", "to/"), content.as_bytes());
    }
    assert_eq!(keys(&client, BUCKET).len(), 40);
}

#[test]
#[ignore = "a_program_that_dies_in_the_midst_has_lost_nothing runs it"]
fn moves_until_killed() {
    let url = std::env::var("ENDPOINT").unwrap();
    let client = Client::speaking("xml", &url, json!({"retries": 0, "parallel": 2}));
    let options = json!({"move": true});
    client.copy_tree(
        (BUCKET, "from"),
        (BUCKET, "to"),
        &options,
        &mut |done, _| {
            println!("done {done}");
            0
        },
    );
}

#[test]
fn it_can_be_ended_by_its_caller() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    put(&client, &FILES);
    let reply = client.copy_tree((BUCKET, "from"), (BUCKET, "to"), &json!({}), &mut |_, _| 1);
    assert_eq!(kind(&reply), "cancelled", "{reply}");
    assert!(message(&reply).starts_with("broken off"), "{reply}");
}
