//! A service that says what is not so: what it stored, what it has, where to go on.

mod common;

use std::fs;

use common::emulator::Emulator;
use common::library::{Client, code, kind, ok};
use common::{TempDir, noise, sha1_hex};
use serde_json::{Value, json};

const SLICE: usize = 512 << 10;

struct Ground {
    emulator: Emulator,
    client: Client,
    files: TempDir,
}

impl Ground {
    fn new() -> Ground {
        let emulator = Emulator::start();
        Ground {
            // One slice after the other: which is the first, and the last, is then certain.
            client: Client::open_with(&emulator.url, json!({"retries": 0, "parallel": 1})),
            emulator,
            files: TempDir::new(),
        }
    }

    fn lie(&self, op: &str, count: u64, fault: Value) {
        let matching = json!({"op": op, "count": count});
        self.emulator
            .set_faults(&json!([{"match": matching, "fault": fault}]));
    }

    fn upload_slices(&self, path: &str, content: &[u8]) -> Value {
        let file = self.files.file("f", content);
        self.client.upload_slice(&file, path, 0, "", &mut |_, _| 0)
    }

    #[track_caller]
    fn holds(&self, path: &str, content: &[u8]) {
        self.emulator.set_faults(&json!([]));
        let stat = ok(self.client.stat_file(path));
        let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
        assert_eq!(sha, sha1_hex(content));
        assert_eq!(stat["data"]["filelen"], content.len());
    }
}

#[track_caller]
fn is_integrity(reply: &Value) {
    assert_eq!((code(reply), kind(reply)), (-6, "integrity"), "{reply}");
}

#[test]
fn corrupted_content_is_no_success() {
    let ground = Ground::new();
    ground.lie("upload", 1, json!({"corrupt": true}));
    is_integrity(&ground.client.upload_buffer(&noise(5000, 1), "f", ""));
    ground.lie("slice_data", 1, json!({"corrupt": true}));
    let reply = ground.upload_slices("one", &noise(SLICE, 2));
    is_integrity(&reply);
    ground.lie("slice_data", 1, json!({"corrupt": true}));
    let reply = ground.upload_slices("many", &noise(4 * SLICE, 3));
    // Found by the service itself, when the last slice completes the object.
    assert_eq!(code(&reply), -174, "{reply}");
}

#[test]
fn a_corrupted_download_leaves_the_target_alone() {
    let ground = Ground::new();
    for size in [5000, 12 << 20] {
        let path = format!("f{size}");
        let file = ground.files.file("source", &noise(size, 4));
        ok(ground.client.upload(&file, &path));
        let target = ground.files.file("target", b"old");
        ground.lie("download", 1, json!({"corrupt": true}));
        is_integrity(&ground.client.download(&path, &target));
        assert_eq!(fs::read(&target).unwrap(), b"old");
        ground.emulator.set_faults(&json!([]));
    }
}

#[test]
fn content_that_is_said_to_be_there_must_be_there() {
    let ground = Ground::new();
    ground.lie("slice_control", 1, json!({"instant_hit": true}));
    is_integrity(&ground.upload_slices("f", &noise(SLICE, 5)));
}

#[test]
fn a_wrong_offset_neither_skips_nor_repeats_a_byte_of_the_object() {
    let ground = Ground::new();
    let shifts = [SLICE as i64, -(SLICE as i64), 1, -1, 7 * SLICE as i64];
    for (number, shift) in shifts.into_iter().enumerate() {
        for op in ["slice_control", "slice_data"] {
            let path = format!("{op}/{number}");
            let content = noise(5 * SLICE + 1, 10 * number as u64 + op.len() as u64);
            ground.lie(op, 1, json!({"wrong_offset": shift}));
            let reply = ground.upload_slices(&path, &content);
            if code(&reply) == 0 {
                ground.holds(&path, &content);
            } else {
                // Where no slice begins, or outside of the file.
                assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
                assert!(op == "slice_control" || shift < 0, "{reply}");
            }
        }
    }
}

#[test]
fn a_session_forgotten_in_the_middle_is_begun_again() {
    let ground = Ground::new();
    // Side by side, as by default.
    let ground = Ground {
        client: Client::open_with(&ground.emulator.url, json!({"retries": 0})),
        ..ground
    };
    for count in [1, 2] {
        let path = format!("f{count}");
        let content = noise(6 * SLICE, 20 + count);
        ground.lie("slice_data", count, json!({"forget_session": true}));
        ok(ground.upload_slices(&path, &content));
        ground.holds(&path, &content);
    }
}

#[test]
fn the_services_slice_size_is_taken_or_refused() {
    let ground = Ground::new();
    for (number, size) in [65_536, 100_000, 1 << 20, 3 << 20].into_iter().enumerate() {
        let path = format!("f{size}");
        let content = noise(4 * SLICE + 9, 30 + number as u64);
        ground.lie("slice_control", 1, json!({"slice_size": size}));
        ok(ground.upload_slices(&path, &content));
        ground.holds(&path, &content);
    }
    for size in [0, -1, 1, 1_000_000_000_000_i64] {
        ground.lie("slice_control", 1, json!({"slice_size": size}));
        let reply = ground.upload_slices(&format!("f{size}"), &noise(SLICE, 40));
        assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
    }
}
