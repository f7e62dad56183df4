//! Uploads in parts over the XML API, and the measured defects of the official C SDK
//! (xml-api.md §5.1), none of which may be ours.

mod common;

use common::emulator::Emulator;
use common::library::{Client, code, kind, ok};
use common::{TempDir, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn open(emulator: &Emulator, options: Value) -> Client {
    Client::speaking("xml", &emulator.url, options)
}

/// A client that keeps its checkpoints in the folder "kept", and sends one part after the other.
fn remembering(emulator: &Emulator, dir: &TempDir) -> Client {
    let kept = dir.join("kept");
    std::fs::create_dir_all(&kept).unwrap();
    let options = json!({"checkpoint_dir": kept, "parallel": 1, "slice_size": MIB});
    open(emulator, options)
}

/// Plays a fault once.
fn once(emulator: &Emulator, op: &str, fault: Value) {
    emulator.set_faults(&json!([{"match": {"op": op, "count": 1}, "fault": fault}]));
}

/// Uploads a file of seven parts, and stops when some have arrived; the session to go on with.
fn begun(client: &Client, file: &std::path::Path, path: &str) -> String {
    let stop = &mut |done, _| i32::from(done >= 3 * MIB as u64);
    let reply = client.upload_slice(file, path, MIB as u64, "", stop);
    assert_eq!(code(&reply), -5, "{reply}");
    reply["data"]["session"].as_str().unwrap().to_owned()
}

#[test]
fn a_file_in_parts_arrives_whatever_the_sizes() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    let files = TempDir::new();
    for (number, size) in [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB, 5 * MIB + 7]
        .into_iter()
        .enumerate()
    {
        let content = noise(size, number as u64 + 1);
        let file = files.file("f", &content);
        let path = format!("sizes/{number}");
        let mut seen = Vec::new();
        ok(
            client.upload_slice(&file, &path, MIB as u64, "", &mut |done, total| {
                seen.push((done, total));
                0
            }),
        );
        let size = size as u64;
        assert!(seen.is_sorted_by_key(|(done, _)| *done), "{seen:?}");
        let ends = seen.iter().filter(|(done, total)| done == total);
        assert_eq!(ends.count(), 1);
        assert_eq!(seen.last(), Some(&(size, size)));
        client.holds(&path, &content);
    }
}

#[test]
fn the_classic_slice_size_is_taken_as_the_nearest() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    let content = noise(3 * MIB + 5, 3);
    let file = TempDir::new();
    let file = file.file("f", &content);
    ok(client.upload_slice(&file, "f", 512 << 10, "", &mut |_, _| 0));
    assert_eq!(emulator.count("upload_part"), 4);
    client.holds("f", &content);
}

#[test]
fn a_session_is_gone_on_with() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({"parallel": 1}));
    let files = TempDir::new();
    let content = noise(7 * MIB + 9, 4);
    let file = files.file("f", &content);
    let session = begun(&client, &file, "f");
    let mut first = None;
    ok(
        client.upload_slice(&file, "f", MIB as u64, &session, &mut |done, _| {
            if done > 0 {
                first.get_or_insert(done);
            }
            0
        }),
    );
    assert!(first.unwrap() >= 3 * MIB as u64);
    assert_eq!(emulator.count("initiate"), 1);
    // Eight parts; one may have been on its way when the callback said stop.
    assert!((8..=9).contains(&emulator.count("upload_part")));
    client.holds("f", &content);
}

#[test]
fn parts_of_other_content_are_sent_again() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({"parallel": 1}));
    let files = TempDir::new();
    let session = begun(&client, &files.file("f", &noise(7 * MIB, 5)), "f");
    let other = noise(7 * MIB, 6);
    let file = files.file("f", &other);
    ok(client.upload_slice(&file, "f", MIB as u64, &session, &mut |_, _| 0));
    client.holds("f", &other);
}

#[test]
fn of_a_file_that_has_changed_since_only_the_changes_are_sent() {
    let emulator = Emulator::start();
    let dir = TempDir::new();
    let client = remembering(&emulator, &dir);
    begun(&client, &dir.file("f", &noise(7 * MIB, 30)), "f");
    let sent = emulator.count("upload_part");
    // Only the end of it has changed.
    let mut content = noise(7 * MIB, 30);
    content[7 * MIB - 1] ^= 1;
    let file = dir.file("f", &content);
    ok(client.upload_slice(&file, "f", MIB as u64, "", &mut |_, _| 0));
    client.holds("f", &content);
    assert_eq!(emulator.count("initiate"), 1);
    assert!(emulator.count("upload_part") < sent + 7);
}

#[test]
fn a_checkpoint_of_an_upload_with_other_attributes_is_given_up() {
    let emulator = Emulator::start();
    let dir = TempDir::new();
    let client = remembering(&emulator, &dir);
    let content = noise(9 * MIB, 31);
    let file = dir.file("f", &content);
    let session = begun(&client, &file, "f");
    ok(client.upload_with(&file, "f", &json!({"biz_attr": "another"})));
    client.holds("f", &content);
    let stat = ok(client.stat_file("f"));
    assert_eq!(stat["data"]["biz_attr"], "another");
    assert_eq!(emulator.count("abort"), 1, "nothing stays behind");
    assert_eq!(code(&client.abort_upload("f", &session)), -290);
}

#[test]
fn a_file_in_parts_replaces_nothing_unless_it_may() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    let files = TempDir::new();
    let content = noise(2 * MIB, 7);
    let file = files.file("f", &content);
    ok(client.upload_slice(&file, "f", 0, "", &mut |_, _| 0));
    assert_eq!(
        code(&client.upload_slice(&file, "f", 0, "", &mut |_, _| 0)),
        -4018
    );
    let other = files.file("g", &noise(2 * MIB, 8));
    assert_eq!(
        code(&client.upload_slice(&other, "f", 0, "", &mut |_, _| 0)),
        -177
    );
    client.holds("f", &content);
    let may = open(&emulator, json!({"overwrite": true}));
    ok(may.upload_slice(&other, "f", 0, "", &mut |_, _| 0));
    client.holds("f", &noise(2 * MIB, 8));
}

#[test]
fn an_answer_to_complete_that_was_lost_is_settled() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    let files = TempDir::new();
    for (number, fault) in [
        json!({"reset": "after"}),
        json!({"close": "after"}),
        json!({"cut": 60}),
        json!({"status": 502, "body": "<html>", "after": true}),
        json!({"error_in_200": {"code": "InternalError", "message": "m"}, "after": true}),
    ]
    .into_iter()
    .enumerate()
    {
        let content = noise(2 * MIB, 20 + number as u64);
        let (file, path) = (files.file("f", &content), format!("lost/{number}"));
        once(&emulator, "complete", fault.clone());
        let reply = client.upload_slice(&file, &path, 0, "", &mut |_, _| 0);
        assert_eq!(code(&reply), 0, "{fault}: {reply}");
        assert_eq!(emulator.end_faults(), 1, "{fault}");
        client.holds(&path, &content);
    }
}

// The thirteen defects of §5.1, by their numbers.

#[test]
fn defect_1_a_busy_answer_does_not_stick() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    ok(client.upload_buffer(b"hello", "f", ""));
    once(&emulator, "head_object", json!({"status": 503, "body": ""}));
    ok(client.stat_file("f"));
    assert_eq!(emulator.end_faults(), 1);
    once(&emulator, "get_object", json!({"status": 503, "body": ""}));
    client.holds("f", b"hello");
    assert_eq!(emulator.end_faults(), 1);
}

#[test]
fn defects_2_and_3_a_body_is_sent_again_from_its_beginning() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    let files = TempDir::new();
    let content = noise(300_000, 9);
    once(&emulator, "put_object", json!({"status": 503, "body": ""}));
    ok(client.upload(&files.file("f", &content), "from-file"));
    once(&emulator, "put_object", json!({"status": 503, "body": ""}));
    ok(client.upload_buffer(&content, "from-buffer", ""));
    assert_eq!(emulator.end_faults(), 1);
    client.holds("from-file", &content);
    client.holds("from-buffer", &content);
}

#[test]
fn defect_4_a_failure_does_not_poison_the_client() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({"retries": 0}));
    ok(client.upload_buffer(b"hello", "f", ""));
    emulator.set_faults(&json!([{"fault": {"reset": "before"}}]));
    assert_eq!(code(&client.stat_file("f")), -2);
    emulator.set_faults(&json!([]));
    ok(client.stat_file("f"));
}

#[test]
fn defect_5_a_cut_download_is_no_success() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let content = noise(9 * MIB, 10);
    let calm = open(&emulator, json!({}));
    ok(calm.upload(&files.file("f", &content), "large"));
    ok(calm.upload_buffer(&content[..1000], "small", ""));
    let client = open(&emulator, json!({"retries": 0}));
    for path in ["small", "large"] {
        let target = files.join("got");
        emulator.set_faults(&json!([
            {"match": {"op": "get_object"}, "fault": {"cut": 700}}]));
        let reply = client.download(path, &target);
        assert_ne!(code(&reply), 0, "{reply}");
        assert!(!target.exists(), "a part of {path} passes for the whole");
        // Without a digest to compare, the length alone must tell.
        emulator.set_faults(&json!([
            {"match": {"op": "head_object"}, "fault": {"headers": {"x-cos-hash-crc64ecma": null}}},
            {"match": {"op": "get_object"}, "fault": {"cut": 700}}]));
        assert_ne!(code(&client.download(path, &target)), 0);
        assert!(!target.exists());
    }
    emulator.set_faults(&json!([]));
    calm.holds("large", &content);
}

#[test]
fn defect_6_a_checkpoint_is_of_one_place() {
    let emulator = Emulator::start();
    let dir = TempDir::new();
    let client = remembering(&emulator, &dir);
    let content = noise(7 * MIB, 11);
    let file = dir.file("f", &content);
    begun(&client, &file, "one");
    ok(client.upload_slice(&file, "another", MIB as u64, "", &mut |_, _| 0));
    client.holds("another", &content);
    let mut first = None;
    ok(
        client.upload_slice(&file, "one", MIB as u64, "", &mut |done, _| {
            if done > 0 {
                first.get_or_insert(done);
            }
            0
        }),
    );
    assert!(first.unwrap() >= 3 * MIB as u64, "its own was gone on with");
    client.holds("one", &content);
    assert_eq!(std::fs::read_dir(dir.join("kept")).unwrap().count(), 0);
}

#[test]
fn defect_7_a_forgotten_upload_is_begun_again() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({"parallel": 1}));
    let files = TempDir::new();
    let content = noise(7 * MIB, 12);
    let file = files.file("f", &content);
    let session = begun(&client, &file, "f");
    once(&emulator, "list_parts", json!({"forget_session": true}));
    ok(client.upload_slice(&file, "f", MIB as u64, &session, &mut |_, _| 0));
    assert_eq!(emulator.end_faults(), 1);
    client.holds("f", &content);
    // Forgotten in the midst of it.
    let content = noise(7 * MIB, 13);
    let file = files.file("g", &content);
    once(&emulator, "complete", json!({"forget_session": true}));
    ok(client.upload_slice(&file, "g", MIB as u64, "", &mut |_, _| 0));
    assert_eq!(emulator.end_faults(), 1);
    client.holds("g", &content);
}

#[test]
fn defect_8_a_checkpoint_stays_until_the_object_is_there() {
    let emulator = Emulator::start();
    let dir = TempDir::new();
    let kept = dir.join("kept");
    std::fs::create_dir_all(&kept).unwrap();
    let options = json!({"checkpoint_dir": kept, "retries": 0, "slice_size": MIB});
    let client = open(&emulator, options);
    let content = noise(3 * MIB, 14);
    let file = dir.file("f", &content);
    let refusal = "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>no</Message>\
                   <Resource>r</Resource><RequestId>i</RequestId><TraceId>t</TraceId></Error>";
    once(
        &emulator,
        "complete",
        json!({"status": 403, "body": refusal}),
    );
    let reply = client.upload_slice(&file, "f", MIB as u64, "", &mut |_, _| 0);
    assert_eq!(reply["error"]["service_code"], "AccessDenied", "{reply}");
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 1);
    let sent = emulator.count("upload_part");
    ok(client.upload_slice(&file, "f", MIB as u64, "", &mut |_, _| 0));
    assert_eq!(emulator.count("upload_part"), sent, "nothing goes twice");
    client.holds("f", &content);
}

#[test]
fn defect_9_an_error_with_status_200_is_one_and_is_tried_again() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let file = files.file("f", &noise(2 * MIB, 15));
    let fault = json!({"error_in_200": {"code": "InternalError", "message": "merging failed"}});
    let always = json!([{"match": {"op": "complete"}, "fault": fault}]);
    emulator.set_faults(&always);
    let impatient = open(&emulator, json!({"retries": 0}));
    let reply = impatient.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
    assert_eq!(reply["error"]["service_code"], "InternalError", "{reply}");
    assert_eq!(
        (kind(&reply), &reply["message"]),
        ("service", &json!("merging failed"))
    );
    assert_eq!(reply["error"]["retryable"], true);
    emulator.set_faults(&json!([]));
    let client = open(&emulator, json!({}));
    ok(client.upload_buffer(b"source", "s", ""));
    for op in ["complete", "copy_object"] {
        once(&emulator, op, fault.clone());
        match op {
            "complete" => ok(client.upload_slice(&file, "g", 0, "", &mut |_, _| 0)),
            _ => ok(client.move_file("s", "t", 0)),
        };
        assert_eq!(emulator.end_faults(), 1, "{op}");
    }
    // A copy that failed late must not cost the source.
    emulator.set_faults(&json!([{"match": {"op": "copy_object"}, "fault": fault}]));
    assert_ne!(code(&impatient.move_file("t", "u", 0)), 0);
    emulator.set_faults(&json!([]));
    client.holds("t", b"source");
    assert_eq!(code(&client.stat_file("u")), -166);
}

#[test]
fn defect_11_a_copys_source_may_have_any_name() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    for name in ["a b", "a+b", "a%2Bb", "腾讯", "a&b=c?d"] {
        ok(client.upload_buffer(name.as_bytes(), name, ""));
        ok(client.copy_file(name, &format!("copy of {name}"), 0));
        client.holds(&format!("copy of {name}"), name.as_bytes());
    }
}

#[test]
fn defect_12_settings_are_each_clients_own() {
    let (one, other) = (Emulator::start(), Emulator::start());
    let (first, second) = (
        open(&one, json!({})),
        open(&other, json!({"overwrite": true})),
    );
    ok(first.upload_buffer(b"first", "f", ""));
    ok(second.upload_buffer(b"second", "f", ""));
    assert_eq!(code(&first.upload_buffer(b"again", "f", "")), -177);
    ok(second.upload_buffer(b"again", "f", ""));
    first.holds("f", b"first");
    second.holds("f", b"again");
}

#[test]
fn defect_13_a_long_key_is_hashed() {
    // Longer than a block of SHA-1.
    let key = "k".repeat(100);
    let emulator = Emulator::start_with(&["--secret-key", &key]);
    let options = json!({"api": "xml", "region": "ap-x", "endpoint": emulator.url});
    let (id, appid) = (common::emulator::SECRET_ID, common::emulator::APPID);
    let (reply, handle) = common::library::open(appid, id, &key, Some(&options.to_string()));
    ok(reply);
    ok(Client(handle).upload_buffer(b"hello", "f", ""));
}

#[test]
fn what_was_changed_on_its_way_is_not_kept() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({"retries": 0}));
    let files = TempDir::new();
    let file = files.file("f", &noise(3 * MIB, 16));
    once(&emulator, "upload_part", json!({"corrupt": true}));
    let reply = client.upload_slice(&file, "f", MIB as u64, "", &mut |_, _| 0);
    assert_eq!(code(&reply), -6, "{reply}");
    assert_eq!(code(&client.stat_file("f")), -166, "nothing is there");
    ok(client.upload_buffer(b"hello", "g", ""));
    once(&emulator, "get_object", json!({"corrupt": true}));
    let reply = client.download("g", &files.join("got"));
    assert_eq!(code(&reply), -6, "{reply}");
    assert!(!files.join("got").exists());
}
