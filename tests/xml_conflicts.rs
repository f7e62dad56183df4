//! Conflicts in the XML API: which of them mean that something is there, and what a conflict means after
//! an answer was lost.

mod common;

use common::emulator::Emulator;
use common::library::{Client, code, ok};
use common::xml::error;
use common::{TempDir, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn client(emulator: &Emulator, options: Value) -> Client {
    Client::speaking("xml", &emulator.url, options)
}

fn conflict(op: &str, name: &str) -> Value {
    let fault = json!({"status": 409, "body": error(name, "no")});
    json!({"match": {"op": op, "count": 1}, "fault": fault})
}

fn service_code(reply: &Value) -> &str {
    reply["error"]["service_code"].as_str().unwrap_or_default()
}

/// Whatever else conflicts, nothing is there because of it.
const OTHER_CONFLICTS: [&str; 7] = [
    "BucketLocked",
    "ObjectLocked",
    "InvalidBucketState",
    "AppendPositionErr",
    "BucketAlreadyExists",
    "UploadConflict",
    "ObjectAlreadyExists",
];

#[test]
fn a_conflict_of_another_name_is_itself() {
    let emulator = Emulator::start();
    let client = client(&emulator, json!({"retries": 0}));
    for name in OTHER_CONFLICTS {
        for (op, call) in [
            ("put_object", "upload"),
            ("put_object", "folder"),
            ("initiate", "slices"),
        ] {
            emulator.set_faults(&json!([conflict(op, name)]));
            let files = TempDir::new();
            let reply = match call {
                "upload" => client.upload_buffer(b"x", "f", ""),
                "folder" => client.create_folder("d", ""),
                _ => {
                    let file = files.file("f", &noise(2 * MIB, 1));
                    client.upload_slice(&file, "f", 0, "", &mut |_, _| 0)
                }
            };
            assert_eq!(emulator.end_faults(), 1);
            // But for a bucket that exists, which has a classic code of its own.
            let expected = if name == "BucketAlreadyExists" {
                -176
            } else {
                -409
            };
            assert_eq!(code(&reply), expected, "{call}: {reply}");
            assert_eq!(service_code(&reply), name, "{call}: {reply}");
        }
    }
}

#[test]
fn a_file_exists_only_for_who_would_not_overwrite_it() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let file = files.file("f", &noise(2 * MIB, 1));
    for (overwrite, name, expected) in [
        (false, "FileAlreadyExists", -177),
        (false, "DirAlreadyExists", -178),
        (true, "FileAlreadyExists", -409),
        (true, "DirAlreadyExists", -409),
    ] {
        let client = client(&emulator, json!({"retries": 0, "overwrite": overwrite}));
        // The service's word stands although nothing is found there.
        emulator.set_faults(&json!([conflict("put_object", name)]));
        let reply = client.upload_buffer(b"x", "f", "");
        assert_eq!(code(&reply), expected, "{overwrite} {name}: {reply}");
        assert_eq!(service_code(&reply), name);
        for op in ["initiate", "complete"] {
            emulator.set_faults(&json!([conflict(op, name)]));
            let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
            assert_eq!(code(&reply), expected, "{overwrite} {op}: {reply}");
        }
    }
}

#[test]
fn a_conflict_at_the_end_costs_no_upload() {
    let emulator = Emulator::start();
    let (files, kept) = (TempDir::new(), TempDir::new());
    let options = json!({"retries": 0, "checkpoint_dir": kept.join(""), "slice_size": MIB});
    let client = client(&emulator, options);
    let content = noise(3 * MIB, 2);
    let file = files.file("f", &content);
    emulator.set_faults(&json!([conflict("complete", "BucketLocked")]));
    let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
    assert_eq!(code(&reply), -409, "{reply}");
    assert!(reply["data"]["session"].is_string(), "{reply}");
    assert_eq!(emulator.count("abort"), 0);
    ok(client.upload_slice(&file, "f", 0, "", &mut |_, _| 0));
    assert_eq!(emulator.count("upload_part"), 3, "nothing goes twice");
}

#[test]
fn a_conflict_after_a_lost_answer_is_settled_by_looking() {
    let emulator = Emulator::start();
    let client = client(&emulator, json!({}));
    let files = TempDir::new();
    let file = files.file("f", &noise(2 * MIB, 3));
    ok(client.upload_buffer(b"source", "source", ""));
    let lost =
        |op: &str, when: &str| json!({"match": {"op": op, "count": 1}, "fault": {"reset": when}});
    // Where nothing is there, it is looked again for two seconds.
    let names = ["BucketLocked", "UploadConflict", "ObjectAlreadyExists"];
    for (number, name) in names.into_iter().enumerate() {
        for (when, expected) in [("after", true), ("before", false)] {
            for op in ["put_object", "complete", "folder", "copy_object", "update"] {
                let path = format!("{op}/{when}/{number}");
                let attribute = path.as_str();
                let on = match op {
                    "folder" => "put_object",
                    "update" => "copy_object",
                    op => op,
                };
                let mut refused = conflict(on, name);
                // Tried again as often as it is busy.
                refused["match"]["count"] = 10.into();
                emulator.set_faults(&json!([lost(on, when), refused]));
                let reply = match op {
                    "put_object" => client.upload_buffer(b"content", &path, "a"),
                    "folder" => client.create_folder(&path, "a"),
                    "copy_object" => client.copy_file("source", &path, 0),
                    "update" => client.update_file("source", attribute),
                    _ => client.upload_slice(&file, &path, 0, "", &mut |_, _| 0),
                };
                assert_eq!(code(&reply) == 0, expected, "{path} {name}: {reply}");
                if !expected {
                    assert_eq!(service_code(&reply), name, "{path}: {reply}");
                }
            }
        }
    }
}
