//! Tags of files, and archived files that are restored (docs/objects.md).

mod common;

use common::emulator::{Emulator, SECRET_KEY};
use common::library::{Client, code, message, ok};
use common::{TempDir, noise};
use serde_json::{Value, json};

fn xml(emulator: &Emulator, options: Value) -> Client {
    Client::speaking("xml", &emulator.url, options)
}

fn tags(client: &Client, path: &str) -> Value {
    ok(client.get_tags(path))["data"]["tags"].clone()
}

fn service_code(reply: &Value) -> &str {
    reply["error"]["service_code"].as_str().unwrap_or_default()
}

#[test]
fn tags_are_replaced_told_and_deleted() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    for path in ["f", "目录/图 片+%.jpg", "s/"] {
        ok(client.request(Some("testbucket"), path, &json!({"method": "PUT"}), b"x"));
        assert_eq!(tags(&client, path), json!({}), "{path}");
        let all = json!({"a b": "1+1=2", "c/d": "", "e:f": "@_-.", "名": "值"});
        ok(client.set_tags(path, &all));
        assert_eq!(tags(&client, path), all, "{path}");
        ok(client.set_tags(path, &json!({"k": "v"})));
        assert_eq!(tags(&client, path), json!({"k": "v"}), "{path}");
        for _ in 0..2 {
            ok(client.set_tags(path, &json!({})));
            assert_eq!(tags(&client, path), json!({}), "{path}");
        }
    }
    let most = (0..10).map(|n| (format!("{n}{}", "k".repeat(127)), json!("v".repeat(256))));
    let most = Value::Object(most.collect());
    ok(client.set_tags("f", &most));
    assert_eq!(tags(&client, "f"), most);
    for missing in [client.get_tags("none"), client.set_tags("none", &most)] {
        assert_eq!(code(&missing), -166, "{missing}");
    }
    assert_eq!(code(&client.set_tags("none", &json!({}))), -166);
}

/// Whichever way the service says that there are none.
#[test]
fn no_tags_are_no_tags() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({"retries": 0}));
    ok(client.upload_buffer(b"x", "f", ""));
    for document in [
        "<Tagging><TagSet></TagSet></Tagging>",
        "<Tagging><TagSet/></Tagging>",
        "<Tagging/>",
    ] {
        let answer = json!({"status": 200, "body": document});
        let rule = json!([{"match": {"op": "get_object_tagging"}, "fault": answer}]);
        emulator.set_faults(&rule);
        assert_eq!(tags(&client, "f"), json!({}), "{document}");
    }
    // Nor does a service that knows a secret tell it.
    let leak = format!(
        "<Tagging><TagSet><Tag><Key>k</Key><Value>{SECRET_KEY}</Value></Tag></TagSet></Tagging>"
    );
    let answer = json!({"status": 200, "body": leak});
    emulator.set_faults(&json!([{"match": {"op": "get_object_tagging"}, "fault": answer}]));
    let reply = ok(client.get_tags("f"));
    assert!(!reply.to_string().contains(SECRET_KEY), "{reply}");
    assert!(reply["data"]["tags"]["k"].is_string(), "{reply}");
    let other = json!({"status": 200, "body": "<Other/>"});
    emulator.set_faults(&json!([{"match": {"op": "get_object_tagging"}, "fault": other}]));
    assert_eq!(code(&client.get_tags("f")), -2);
}

#[test]
fn every_upload_can_bring_tags() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    let files = TempDir::new();
    let options = json!({"tags": {"a b": "1+1=2&c", "名": ""}});
    // `&` is no character of a tag.
    let refused = client.upload_buffer_with(b"x", "f", &options, &mut |_, _| 0);
    assert_eq!(code(&refused), -3);
    assert!(
        message(&refused).starts_with("options_json: tags: "),
        "{refused}"
    );
    let all = json!({"a b": "1+1=2", "名": ""});
    let options = json!({"tags": all});
    for size in [0, 1000, (8 << 20) + 1] {
        let content = noise(size, 1);
        let file = files.file("f", &content);
        let paths = ["file", "memory", "stream"].map(|from| format!("{from}{size}"));
        ok(client.upload_with(&file, &paths[0], &options));
        ok(client.upload_buffer_with(&content, &paths[1], &options, &mut |_, _| 0));
        ok(client.upload_streamed(&paths[2], &options, &content));
        for path in &paths {
            assert_eq!(tags(&client, path), all, "{path}");
            client.holds(path, &content);
        }
    }
    let folder = TempDir::new();
    folder.file("one", b"1");
    let (from, options) = (folder.join(""), options.to_string());
    ok(client.upload_tree(&from, "tree", &options, &mut |_, _| 0));
    assert_eq!(tags(&client, "tree/one"), all);

    // What the library does within the service keeps them.
    ok(client.copy_file("memory1000", "copied", 0));
    ok(client.move_file("file1000", "moved", 0));
    ok(client.update_file("stream1000", "x"));
    for path in ["copied", "moved", "stream1000"] {
        assert_eq!(tags(&client, path), all, "{path}");
    }
    // An upload without any has none.
    ok(client
        .with(&json!({"overwrite": true}))
        .upload_buffer(b"y", "copied", ""));
    assert_eq!(tags(&client, "copied"), json!({}));
}

#[test]
fn a_lost_answer_about_tags_or_a_restore_is_asked_for_again() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    let class = json!({"storage_class": "ARCHIVE"});
    ok(client.upload_buffer_with(b"x", "f", &class, &mut |_, _| 0));
    for fault in [
        json!({"reset": "before"}),
        json!({"reset": "after"}),
        json!({"error": {"code": "InternalError", "status": 500}, "after": true}),
        json!({"error": {"code": "SlowDown", "status": 503}}),
    ] {
        let strike = |op: &str| {
            emulator.set_faults(&json!([{"match": {"op": op, "count": 1}, "fault": fault}]));
        };
        strike("put_object_tagging");
        ok(client.set_tags("f", &json!({"k": "v"})));
        assert_eq!(emulator.end_faults(), 1, "{fault}");
        strike("get_object_tagging");
        assert_eq!(tags(&client, "f"), json!({"k": "v"}));
        assert_eq!(emulator.end_faults(), 1, "{fault}");
        strike("delete_object_tagging");
        ok(client.set_tags("f", &json!({})));
        assert_eq!(emulator.end_faults(), 1, "{fault}");
        assert_eq!(tags(&client, "f"), json!({}));
        strike("restore");
        let reply = ok(client.restore_file("f", 1, "Bulk"));
        let state = reply["data"]["state"].as_str().unwrap();
        assert!(["started", "in_progress"].contains(&state), "{reply}");
        assert_eq!(emulator.end_faults(), 1, "{fault}");
    }
}

#[test]
fn an_archived_file_is_restored_for_some_days() {
    const DAY: u64 = 24 * 3600;
    for (class, tier, takes) in [
        ("ARCHIVE", "Expedited", 300),
        ("ARCHIVE", "Standard", 5 * 3600),
        ("DEEP_ARCHIVE", "Bulk", 48 * 3600),
    ] {
        let emulator = Emulator::start();
        let client = xml(&emulator, json!({}));
        let files = TempDir::new();
        let content = noise(9 << 20, 1);
        let file = files.file("f", &content);
        ok(client.upload_with(&file, "f", &json!({"storage_class": class})));
        let restore = || ok(client.stat_file("f"))["data"]["restore"].clone();
        let unreadable = || {
            let reply = client.download("f", &files.join("got"));
            assert_eq!(
                (code(&reply), service_code(&reply)),
                (-403, "InvalidObjectState"),
                "{reply}"
            );
        };
        assert_eq!(restore(), Value::Null);
        unreadable();
        let state = |days| {
            let reply = ok(client.restore_file("f", days, tier));
            let state = reply["data"]["state"].as_str().unwrap().to_owned();
            (state, reply["httpcode"].as_u64().unwrap())
        };
        assert_eq!(state(2), ("started".to_owned(), 202));
        assert_eq!(restore(), "ongoing-request=\"true\"");
        unreadable();
        emulator.pass_in_archives(takes - 60);
        assert_eq!(state(9), ("in_progress".to_owned(), 409));
        unreadable();
        emulator.pass_in_archives(61);
        let until = restore();
        let begins = "ongoing-request=\"false\", expiry-date=\"";
        assert!(until.as_str().unwrap().starts_with(begins), "{until}");
        client.holds("f", &content);
        assert_eq!(ok(client.stat_file("f"))["data"]["storage_class"], class);
        assert_eq!(state(5), ("restored".to_owned(), 200));
        assert_ne!(restore(), until);
        emulator.pass_in_archives(5 * DAY - 3600);
        client.holds("f", &content);
        emulator.pass_in_archives(DAY + 3600);
        unreadable();
        assert_eq!(restore(), Value::Null);
        assert_eq!(state(1), ("started".to_owned(), 202));
    }
}

#[test]
fn what_cannot_be_restored_is_the_services_to_say() {
    let emulator = Emulator::start();
    let client = xml(&emulator, json!({}));
    ok(client.upload_buffer(b"x", "normal", ""));
    let deep = json!({"storage_class": "DEEP_ARCHIVE"});
    ok(client.upload_buffer_with(b"x", "deep", &deep, &mut |_, _| 0));
    for (path, tier, expected, name) in [
        ("normal", "Standard", -405, "RestoreNonArchiveObject"),
        ("none", "Standard", -166, "NoSuchKey"),
        ("deep", "Expedited", -182, "InvalidArgument"),
    ] {
        let reply = client.restore_file(path, 1, tier);
        assert_eq!(
            (code(&reply), service_code(&reply)),
            (expected, name),
            "{reply}"
        );
    }
}

#[test]
fn the_json_api_has_none_of_it() {
    let client = Client::open("http://127.0.0.1:1");
    let replies = [
        (client.set_tags("f", &json!({"k": "v"})), "tags of files"),
        (client.get_tags("f"), "tags of files"),
        (client.restore_file("f", 1, "Bulk"), "archived files"),
        (client.append(b"x", "f", 0, &json!({})), "appends to files"),
    ];
    for (reply, what) in replies {
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).contains(what), "{reply}");
        assert!(message(&reply).contains("the XML API has them"), "{reply}");
    }
    let tags = json!({"tags": {"k": "v"}});
    let reply = client.upload_buffer_with(b"x", "f", &tags, &mut |_, _| 0);
    assert_eq!(
        message(&reply),
        "options_json: tags: is for the XML API only"
    );
}
