//! Answers cut at every byte, requests reset at many: success is said only of an object that is
//! byte for byte what was sent.

mod common;

use common::emulator::Emulator;
use common::library::{Client, code};
use common::{TempDir, noise};
use serde_json::{Value, json};

/// More than the longest answer to an upload has, head and all.
const ANSWER: usize = 700;

/// How finely the points lie; every one in `make soak`.
fn step(quick: usize) -> usize {
    let soak = std::env::var_os("QCOS_SOAK").is_some();
    if soak { 1 } else { quick }
}

struct Ground {
    api: &'static str,
    emulator: Emulator,
    calm: Client,
    files: TempDir,
    number: u64,
}

impl Ground {
    fn new(api: &'static str) -> Ground {
        let emulator = Emulator::start();
        Ground {
            api,
            calm: Client::speaking(api, &emulator.url, json!({})),
            emulator,
            files: TempDir::new(),
            number: 0,
        }
    }

    /// The smallest slice that the API takes.
    fn slice(&self) -> usize {
        if self.api == "xml" {
            1 << 20
        } else {
            512 << 10
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
            let client = Client::speaking(self.api, &self.emulator.url, options);
            let rule = json!({"match": {"op": op, "count": 1}, "fault": fault});
            self.emulator.set_faults(&json!([rule]));
            let slice = self.slice();
            let reply = match size > slice {
                true => client.upload_slice(&file, &path, slice as u64, "", &mut |_, _| 0),
                false => client.upload(&file, &path),
            };
            assert_eq!(self.emulator.end_faults(), 1, "{op} {fault} did not strike");

            let held = self.held(&path);
            let whole = held.as_ref() == Some(&content);
            if code(&reply) == 0 {
                assert!(whole, "{op} {fault}: {reply}, but it is another or none");
            } else {
                assert_eq!(retries, 0, "{op} {fault}: {reply}");
                assert!(whole || held.is_none(), "{op} {fault}: it is another");
            }
        }
    }

    /// What is at a path, if it is complete.
    fn held(&self, path: &str) -> Option<Vec<u8>> {
        let stat = self.calm.stat_file(path);
        if code(&stat) != 0 || stat["data"]["filelen"] != stat["data"]["filesize"] {
            return None;
        }
        let url = stat["data"]["access_url"].as_str().unwrap();
        let mut answer = ureq::get(url).call().unwrap();
        let body = answer.body_mut();
        Some(body.read_to_vec().unwrap())
    }

    fn cut_answers(&mut self, op: &str, quick: usize, size: usize) {
        for cut in (0..ANSWER).step_by(step(quick)) {
            self.try_upload(op, &json!({"cut": cut, "reset": cut % 2 == 0}), size);
        }
    }

    fn reset_requests(&mut self, op: &str, size: usize) {
        let body = size.min(self.slice());
        for at in (0..body).step_by(body / 64 * step(4) + 1) {
            self.try_upload(op, &json!({"reset": "at", "bytes": at}), size);
        }
    }
}

#[test]
fn answers_to_uploads_cut_at_every_byte() {
    Ground::new("json").cut_answers("upload", 7, 1000);
}

#[test]
fn answers_to_slices_cut_at_every_byte() {
    let mut ground = Ground::new("json");
    let size = ground.slice() + 1;
    for op in ["slice_control", "slice_data"] {
        ground.cut_answers(op, 23, size);
    }
}

#[test]
fn requests_reset_at_many_points_of_their_body() {
    let mut ground = Ground::new("json");
    ground.reset_requests("upload", 200_000);
    ground.reset_requests("slice_data", ground.slice() + 1);
}

#[test]
fn answers_to_uploads_of_the_xml_api_cut_at_every_byte() {
    Ground::new("xml").cut_answers("put_object", 7, 1000);
}

#[test]
fn answers_to_uploads_in_parts_cut_at_every_byte() {
    let mut ground = Ground::new("xml");
    let size = ground.slice() + 1;
    for (op, quick) in [("initiate", 23), ("upload_part", 23), ("complete", 13)] {
        ground.cut_answers(op, quick, size);
    }
}

#[test]
fn requests_of_the_xml_api_reset_at_many_points_of_their_body() {
    let mut ground = Ground::new("xml");
    ground.reset_requests("put_object", 200_000);
    ground.reset_requests("upload_part", ground.slice() + 1);
}
