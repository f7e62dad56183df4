//! Answers cut at every byte, requests reset at many: success is said only of an object that is
//! byte for byte what was sent.

mod common;

use common::emulator::Emulator;
use common::library::{Client, code, ok};
use common::{TempDir, noise, sha1_hex};
use serde_json::{Value, json};

const SLICE: usize = 512 << 10;

/// How finely the points lie; every one in `make soak`.
fn step(quick: usize) -> usize {
    let soak = std::env::var_os("QCOS_SOAK").is_some();
    if soak { 1 } else { quick }
}

struct Ground {
    emulator: Emulator,
    calm: Client,
    files: TempDir,
    number: u64,
}

impl Ground {
    fn new() -> Ground {
        let emulator = Emulator::start();
        Ground {
            calm: Client::open(&emulator.url),
            emulator,
            files: TempDir::new(),
            number: 0,
        }
    }

    /// Uploads new content while `fault` strikes the first request of this kind, without and with
    /// further tries; the object must be what the reply says.
    fn try_upload(&mut self, op: &str, fault: &Value, size: usize) {
        for retries in [0, 3] {
            self.number += 1;
            let path = format!("cuts/{}", self.number);
            let content = noise(size, self.number);
            let file = self.files.file("f", &content);
            let options = json!({"retries": retries, "io_timeout_ms": 2000});
            let client = Client::open_with(&self.emulator.url, options);
            let rule = json!({"match": {"op": op, "count": 1}, "fault": fault});
            self.emulator.set_faults(&json!([rule]));
            let reply = match size > SLICE {
                true => client.upload_slice(&file, &path, 0, "", &mut |_, _| 0),
                false => client.upload(&file, &path),
            };
            assert_eq!(self.emulator.end_faults(), 1, "{fault} did not strike");

            let stat = self.calm.stat_file(&path);
            let complete = code(&stat) == 0 && stat["data"]["filelen"] == stat["data"]["filesize"];
            let sha = stat["data"]["sha"]
                .as_str()
                .unwrap_or_default()
                .to_lowercase();
            let whole = complete && sha == sha1_hex(&content);
            if code(&reply) == 0 {
                assert!(whole, "{op} {fault}: {reply} but {stat}");
            } else {
                assert_eq!(retries, 0, "{op} {fault}: {reply}");
                assert!(whole || !complete, "{op} {fault}: {stat}");
            }
        }
    }

    /// Bytes of the answer to a request of this kind.
    fn answer_length(&self, size: usize) -> usize {
        let content = noise(size, 0);
        let file = self.files.file("f", &content);
        let reply = ok(self
            .calm
            .upload_slice(&file, "cuts/0", 0, "", &mut |_, _| 0));
        ok(self.calm.delete_file("cuts/0"));
        // The data and a head of not quite as much.
        reply["data"].to_string().len() + 250
    }
}

#[test]
fn answers_to_uploads_cut_at_every_byte() {
    let mut ground = Ground::new();
    for cut in (0..ground.answer_length(10)).step_by(step(7)) {
        ground.try_upload("upload", &json!({"cut": cut}), 1000);
    }
}

#[test]
fn answers_to_slices_cut_at_every_byte() {
    let mut ground = Ground::new();
    let size = SLICE + 1;
    for op in ["slice_control", "slice_data"] {
        for cut in (0..ground.answer_length(size)).step_by(step(23)) {
            ground.try_upload(op, &json!({"cut": cut, "reset": cut % 2 == 0}), size);
        }
    }
}

#[test]
fn requests_reset_at_many_points_of_their_body() {
    let mut ground = Ground::new();
    for (op, size) in [("upload", 200_000), ("slice_data", SLICE + 1)] {
        for at in (0..size.min(SLICE)).step_by(size.min(SLICE) / 64 * step(4) + 1) {
            ground.try_upload(op, &json!({"reset": "at", "bytes": at}), size);
        }
    }
}
