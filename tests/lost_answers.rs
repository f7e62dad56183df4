//! Answers that are lost, before the work or after it: what was so before the call is never taken for
//! what the call has done, nor what somebody else did.

mod common;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::emulator::Emulator;
use common::library::{Client, code, message, ok};
use common::listener::{Listener, http};
use common::{TempDir, noise};
use serde_json::{Value, json};

/// Each hits the first try of an operation; the second is whether its work is done.
fn losses() -> Vec<(Value, bool)> {
    let page = |after: bool| json!({"status": 500, "body": "<html>", "after": after});
    vec![
        (json!({"reset": "before"}), false),
        (json!({"close": "before"}), false),
        (page(false), false),
        (json!({"reset": "after"}), true),
        (page(true), true),
        (json!({"cut": 20}), true),
    ]
}

/// The outcome of a call whose first request of this kind is struck.
fn struck(emulator: &Emulator, op: &str, fault: &Value, call: impl FnOnce() -> Value) -> Value {
    let matching = json!({"op": op, "count": 1});
    emulator.set_faults(&json!([{"match": matching, "fault": fault}]));
    let reply = call();
    assert_eq!(emulator.end_faults(), 1, "{op}: {fault}");
    reply
}

#[track_caller]
fn is_missing(reply: &Value) {
    assert!([-166, -197].contains(&code(reply)), "{reply}");
}

fn content(client: &Client, path: &str) -> Option<Vec<u8>> {
    let files = TempDir::new();
    let reply = client.download(path, &files.join("f"));
    (code(&reply) == 0).then(|| fs::read(files.join("f")).unwrap())
}

#[test]
fn a_move_is_a_success_only_if_it_has_moved() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    for (number, (fault, _)) in losses().iter().enumerate() {
        let path = |name: &str| format!("{number}/{name}");
        for overwrite in [0, 1] {
            // Nothing is at the source; at the destination is anything.
            let dst = path("there");
            ok(Client::open_with(&emulator.url, json!({"overwrite": true}))
                .upload_buffer(b"old", &dst, ""));
            let reply = struck(&emulator, "move", fault, || {
                client.move_file(&path("none"), &dst, overwrite)
            });
            assert!(
                [-166, -177, -178, -197].contains(&code(&reply)),
                "{fault}: {reply}"
            );
            assert_eq!(content(&client, &dst).unwrap(), b"old");
        }
        // There, and it goes onto the same content or another.
        for (name, there) in [("same", &b"new"[..]), ("other", b"old")] {
            let (src, dst) = (path(&format!("from {name}")), path(&format!("to {name}")));
            ok(client.upload_buffer(b"new", &src, ""));
            ok(client.upload_buffer(there, &dst, ""));
            ok(struck(&emulator, "move", fault, || {
                client.move_file(&src, &dst, 1)
            }));
            assert_eq!(content(&client, &src), None, "{fault}");
            assert_eq!(content(&client, &dst).unwrap(), b"new", "{fault}");
        }
        let src = path("refused");
        ok(client.upload_buffer(b"new", &src, ""));
        let reply = struck(&emulator, "move", fault, || {
            client.move_file(&src, &path("there"), 0)
        });
        assert!([-177, -178].contains(&code(&reply)), "{fault}: {reply}");
        assert_eq!(content(&client, &src).unwrap(), b"new", "{fault}");
    }
}

#[test]
fn a_delete_is_a_success_only_if_something_was_there() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    for (fault, _) in losses() {
        is_missing(&struck(&emulator, "delete", &fault, || {
            client.delete_file("none")
        }));
        is_missing(&struck(&emulator, "delete", &fault, || {
            client.delete_folder("none")
        }));
        ok(client.upload_buffer(b"x", "f", ""));
        ok(client.create_folder("d", ""));
        ok(struck(&emulator, "delete", &fault, || {
            client.delete_file("f")
        }));
        ok(struck(&emulator, "delete", &fault, || {
            client.delete_folder("d")
        }));
        is_missing(&client.stat_file("f"));
        is_missing(&client.stat_folder("d"));
    }
}

#[test]
fn what_was_there_before_was_not_made_by_this_call() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    for (number, (fault, _)) in losses().iter().enumerate() {
        let path = |name: &str| format!("{name}{number}");
        let folder = path("d");
        ok(client.create_folder(&folder, "mine"));
        let again = || client.create_folder(&folder, "mine");
        assert_eq!(
            code(&struck(&emulator, "create", fault, again)),
            -178,
            "{fault}"
        );
        ok(struck(&emulator, "create", fault, || {
            client.create_folder(&path("new"), "mine")
        }));

        // A file that says whose turn it is: only one may have made it.
        let lock = path("lock");
        ok(client.upload_buffer(b"locked", &lock, ""));
        let reply = struck(&emulator, "upload", fault, || {
            client.upload_buffer(b"locked", &lock, "")
        });
        assert_eq!(code(&reply), -4018, "{fault}: {reply}");
        let fresh = path("fresh");
        ok(struck(&emulator, "upload", fault, || {
            client.upload_buffer(b"locked", &fresh, "")
        }));
        assert_eq!(content(&client, &fresh).unwrap(), b"locked");
    }
}

#[test]
fn buckets_and_uploads_of_the_xml_api_are_settled_so_too() {
    let emulator = Emulator::start_with(&["--bucket", common::library::BUCKET]);
    let client = Client::speaking("xml", &emulator.url, json!({}));
    for (fault, _) in losses() {
        let create = || client.create_bucket("mine", "private");
        let delete = || client.delete_bucket("mine");
        assert_eq!(
            code(&struck(&emulator, "delete_bucket", &fault, delete)),
            -133,
            "{fault}"
        );
        ok(struck(&emulator, "put_bucket", &fault, create));
        assert_eq!(
            code(&struck(&emulator, "put_bucket", &fault, create)),
            -176,
            "{fault}"
        );
        ok(struck(&emulator, "delete_bucket", &fault, delete));
        let abort = || client.abort_upload("f", "0000");
        assert_eq!(
            code(&struck(&emulator, "abort", &fault, abort)),
            -290,
            "{fault}"
        );
    }
}

/// An upload in parts that was dropped before it was completed, over an object of the same content.
#[test]
fn an_object_of_the_same_content_is_not_what_was_uploaded() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let files = TempDir::new();
    let file = files.file("f", &noise((8 << 20) + 5, 1));
    for (fault, _) in losses() {
        let upload = |attribute: &str| {
            let options = json!({"overwrite": true, "biz_attr": attribute});
            client.upload_with(&file, "f", &options)
        };
        ok(upload("old"));
        emulator.set_faults(&json!([
            {"match": {"op": "complete", "count": 1}, "fault": fault},
            {"match": {"op": "complete", "count": 1}, "fault": {"forget_session": true}},
        ]));
        ok(upload("new"));
        assert_eq!(emulator.end_faults(), 2);
        let stat = ok(client.stat_file("f"));
        assert_eq!(stat["data"]["biz_attr"], "new", "{fault}");
    }
}

/// The first try is carried out and its answer lost; then somebody else puts another file there.
#[test]
fn what_others_have_put_there_since_is_left_alone() {
    let stat = |sha: &str, mtime: &str| {
        let data = json!({"sha": sha, "filesize": 1, "filelen": 1, "mtime": mtime});
        http(
            200,
            &json!({"code": 0, "message": "", "data": data}).to_string(),
        )
    };
    for (sha, mtime) in [("bb", "1"), ("aa", "2")] {
        for moves in [false, true] {
            let looks = AtomicUsize::new(0);
            let listener = Listener::answering(move |_, request| {
                if request.line.starts_with("POST") {
                    return Vec::new();
                }
                if request.line.contains("/to?") {
                    return http(400, r#"{"code":-166,"message":"nothing"}"#);
                }
                match looks.fetch_add(1, Ordering::SeqCst) {
                    0 => stat("aa", "1"),
                    _ => stat(sha, mtime),
                }
            });
            let client = Client::open(&listener.url);
            let reply = match moves {
                true => client.move_file("f", "to", 1),
                false => client.delete_file("f"),
            };
            assert_eq!(code(&reply), -2, "{reply}");
            assert!(message(&reply).starts_with("path: "), "{reply}");
            let posted = listener.received().into_iter();
            assert_eq!(posted.filter(|r| r.line.starts_with("POST")).count(), 1);
        }
    }
}

/// What the service holds is asked for only where it can matter.
#[test]
fn a_look_costs_a_request_only_where_it_is_needed() {
    let count = |options: Value, call: &dyn Fn(&Client) -> Value| {
        let listener = Listener::replying(r#"{"code":0,"message":"","data":{}}"#);
        ok(call(&Client::open_with(&listener.url, options)));
        listener.received().len()
    };
    type Run = fn(&Client) -> Value;
    let calls: [(Run, usize, usize); 6] = [
        (|c| c.move_file("a", "b", 0), 2, 1),
        (|c| c.delete_file("a"), 2, 1),
        (|c| c.create_folder("a", ""), 2, 1),
        (|c| c.update_file("a", ""), 1, 1),
        (|c| c.stat_file("a"), 1, 1),
        (|c| c.delete_files(&json!(["a", "b"])), 2, 2),
    ];
    for (number, (call, careful, once)) in calls.into_iter().enumerate() {
        assert_eq!(count(json!({}), &call), careful, "{number}");
        assert_eq!(count(json!({"retries": 0}), &call), once, "{number}");
    }
}
