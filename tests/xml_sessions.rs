//! Uploads in parts that are lost in the midst of it, and what the reply of a call of several requests
//! tells of the last one.

mod common;

use common::emulator::Emulator;
use common::library::{Client, code, ok};
use common::xml::error;
use common::{TempDir, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

#[test]
fn an_upload_that_vanishes_in_the_midst_is_begun_anew() {
    let files = TempDir::new();
    let content = noise(7 * MIB + 5, 1);
    let file = files.file("f", &content);
    for (parallel, from) in [(1, 0), (1, 3), (4, 3), (1, 7)] {
        let emulator = Emulator::start();
        let kept = TempDir::new();
        let options = json!({"parallel": parallel, "checkpoint_dir": kept.join("")});
        let client = Client::speaking("xml", &emulator.url, options);
        emulator.set_faults(
            &json!([{"match": {"op": "upload_part", "from": from, "count": 1},
            "fault": {"forget_session": true}}]),
        );
        let mut seen = Vec::new();
        ok(
            client.upload_slice(&file, "f", MIB as u64, "", &mut |done, _| {
                seen.push(done);
                0
            }),
        );
        assert_eq!(emulator.end_faults(), 1, "{parallel} {from}");
        assert!(seen.is_sorted(), "{seen:?}");
        assert_eq!(emulator.count("initiate"), 2);
        client.holds("f", &content);
        let uploads = ok(client.list_uploads(""));
        assert_eq!(uploads["data"]["infos"], json!([]), "nothing stays behind");
        let left = std::fs::read_dir(kept.join("")).unwrap().count();
        assert_eq!(left, 0, "nor a checkpoint");
    }
}

#[test]
fn it_is_begun_anew_once() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let files = TempDir::new();
    let file = files.file("f", &noise(3 * MIB, 2));
    emulator
        .set_faults(&json!([{"match": {"op": "upload_part"}, "fault": {"forget_session": true}}]));
    let reply = client.upload_slice(&file, "f", MIB as u64, "", &mut |_, _| 0);
    assert_eq!(code(&reply), -290, "{reply}");
    assert_eq!(emulator.count("initiate"), 2);
    // A part that is refused although the upload is there goes on with it.
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"parallel": 1}));
    let body = error("NoSuchUpload", "not just now");
    emulator.set_faults(
        &json!([{"match": {"op": "upload_part", "from": 1, "count": 1},
        "fault": {"status": 404, "body": body}}]),
    );
    ok(client.upload_slice(&file, "f", MIB as u64, "", &mut |_, _| 0));
    assert_eq!(emulator.count("initiate"), 1);
    assert_eq!(emulator.count("upload_part"), 4);
}

/// The operation of the last request.
fn last(emulator: &Emulator) -> String {
    let requests = emulator.requests();
    requests.last().unwrap()["op"].as_str().unwrap().to_owned()
}

#[test]
fn a_call_of_several_requests_tells_the_last_ones_number() {
    let emulator = Emulator::start();
    let options = json!({"overwrite": true, "parallel": 1});
    let client = Client::speaking("xml", &emulator.url, options);
    let files = TempDir::new();
    let file = files.file("f", &noise(2 * MIB, 3));
    // Every answer has its operation for a number.
    let rules = [
        "put_object",
        "head_object",
        "delete_object",
        "copy_object",
        "list_objects",
        "delete_objects",
        "initiate",
        "upload_part",
        "complete",
        "list_uploads",
        "get_acl",
        "put_acl",
        "list_buckets",
        "head_bucket",
    ];
    let rules = rules
        .map(|op| json!({"match": {"op": op}, "fault": {"headers": {"x-cos-request-id": op}}}));
    emulator.set_faults(&json!(rules));
    let calls: [&dyn Fn() -> Value; 17] = [
        &|| client.upload_slice(&file, "f", 0, "", &mut |_, _| 0),
        &|| client.upload_slice(&file, "e", 0, "", &mut |_, _| 0),
        &|| client.upload_buffer(b"x", "small", ""),
        &|| client.create_folder("d", ""),
        &|| client.update_file("f", "x"),
        &|| client.update_folder("d", "x"),
        &|| client.copy_file("f", "g", 0),
        &|| client.move_file("f", "h", 0),
        &|| client.set_acl("h", "private"),
        &|| client.get_acl("h"),
        &|| client.list("", 0, "eListBoth", 0, ""),
        &|| client.list_all("", 1, &mut |_| 0),
        &|| client.list_uploads(""),
        &|| client.delete_file("h"),
        &|| client.delete_folder("d"),
        &|| client.delete_files(&json!(["small"])),
        &|| client.head_bucket("testbucket"),
    ];
    for (number, call) in calls.into_iter().enumerate() {
        let reply = ok(call());
        assert_eq!(
            reply["request_id"],
            last(&emulator),
            "call {number}: {reply}"
        );
    }
}
