//! Answers cut at every byte, requests reset at many: success is said only of an object that is
//! byte for byte what was sent.

mod common;

use common::emulator::Emulator;
use common::library::{BUCKET, Client, code};
use common::{TempDir, noise};
use serde_json::{Value, json};

/// More than the longest answer to an upload has, head and all.
const ANSWER: usize = 700;

/// How finely the points lie; more finely in `make soak`.
fn step(quick: usize, thorough: usize) -> usize {
    let soak = std::env::var_os("QCOS_SOAK").is_some();
    if soak { thorough } else { quick }
}

#[derive(Clone, Copy, PartialEq)]
enum From {
    File,
    Stream,
}

struct Ground {
    api: &'static str,
    from: From,
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
            from: From::File,
            calm: Client::speaking(api, &emulator.url, json!({})),
            emulator,
            files: TempDir::new(),
            number: 0,
        }
    }

    fn of_streams(api: &'static str) -> Ground {
        Ground {
            from: From::Stream,
            ..Ground::new(api)
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
                _ if self.from == From::Stream => {
                    client.upload_streamed(&path, &json!({}), &content)
                }
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

    /// Gets content while `fault` strikes the first answer, without and with further tries: what has
    /// arrived is the content when that is said, and else some of its beginning.
    fn try_download(&self, op: &str, fault: &Value, content: &[u8]) {
        for retries in [0, 3] {
            let options = json!({"retries": retries, "io_timeout_ms": 2000});
            let client = Client::speaking(self.api, &self.emulator.url, options);
            let (mut streamed, mut memory) = (Vec::new(), vec![0; content.len()]);
            for into in ["stream", "memory"] {
                let rule = json!({"match": {"op": op, "count": 1}, "fault": fault});
                self.emulator.set_faults(&json!([rule]));
                let reply = match into {
                    "stream" => client.download_stream("f", &json!({}), &mut |bytes| {
                        streamed.extend_from_slice(bytes);
                        0
                    }),
                    _ => client.download_buffer("f", 0, &mut memory, &json!({})),
                };
                assert_eq!(self.emulator.end_faults(), 1, "{op} {fault} did not strike");
                if code(&reply) != 0 {
                    assert_eq!(retries, 0, "{op} {fault}: {reply}");
                    assert!(content.starts_with(&streamed), "{op} {fault}: {reply}");
                    continue;
                }
                let arrived = if into == "stream" { &streamed } else { &memory };
                assert!(arrived == content, "{op} {fault} into {into}: {reply}");
            }
        }
    }

    /// Answers end anywhere: in their head, their content, behind it.
    fn cut_downloads(&self, op: &str) {
        let content = noise(100_000, 99);
        let put = self.calm.upload_buffer(&content, "f", "");
        assert_eq!(code(&put), 0, "{put}");
        let heads = (0..ANSWER).step_by(step(31, 1));
        for cut in heads.chain((ANSWER..content.len()).step_by(step(200, 1) * 97)) {
            self.try_download(op, &json!({"cut": cut, "reset": cut % 2 == 0}), &content);
        }
    }

    /// What is at a path, if it is complete.
    fn held(&self, path: &str) -> Option<Vec<u8>> {
        let stat = self.calm.stat_file(path);
        if code(&stat) != 0 || stat["data"]["filelen"] != stat["data"]["filesize"] {
            return None;
        }
        let url = stat["data"]["access_url"].as_str().unwrap();
        let mut answer = match ureq::get(url).call() {
            // All slices are there by now, and nobody has ended the upload: that is no object.
            Err(ureq::Error::StatusCode(404)) => return None,
            answer => answer.unwrap(),
        };
        let body = answer.body_mut();
        Some(body.read_to_vec().unwrap())
    }

    fn cut_answers(&mut self, op: &str, step: usize, size: usize) {
        for cut in (0..ANSWER).step_by(step) {
            self.try_upload(op, &json!({"cut": cut, "reset": cut % 2 == 0}), size);
        }
    }

    fn reset_requests(&mut self, op: &str, size: usize) {
        let body = size.min(self.slice());
        for at in (0..body).step_by(body / 64 * step(4, 1) + 1) {
            self.try_upload(op, &json!({"reset": "at", "bytes": at}), size);
        }
    }
}

#[test]
fn answers_to_uploads_cut_at_every_byte() {
    Ground::new("json").cut_answers("upload", step(7, 1), 1000);
}

#[test]
fn answers_to_slices_cut_at_every_byte() {
    let mut ground = Ground::new("json");
    let size = ground.slice() + 1;
    for op in ["slice_control", "slice_data"] {
        ground.cut_answers(op, step(23, 1), size);
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
    Ground::new("xml").cut_answers("put_object", step(7, 1), 1000);
}

#[test]
fn answers_to_uploads_in_parts_cut_at_every_byte() {
    let mut ground = Ground::new("xml");
    let size = ground.slice() + 1;
    for (op, quick) in [("initiate", 23), ("upload_part", 23), ("complete", 13)] {
        ground.cut_answers(op, step(quick, 1), size);
    }
}

#[test]
fn requests_of_the_xml_api_reset_at_many_points_of_their_body() {
    let mut ground = Ground::new("xml");
    ground.reset_requests("put_object", 200_000);
    ground.reset_requests("upload_part", ground.slice() + 1);
}

#[test]
fn answers_to_streams_cut_at_every_byte() {
    for (api, op) in [("json", "upload"), ("xml", "put_object")] {
        Ground::of_streams(api).cut_answers(op, step(23, 1), 1000);
    }
}

#[test]
fn answers_to_streams_in_parts_cut_at_every_byte() {
    const JUST_IN_PARTS: usize = (8 << 20) + 1;
    for (api, ops) in [
        ("json", &["slice_control", "slice_data"][..]),
        ("xml", &["initiate", "upload_part", "complete"]),
    ] {
        for op in ops {
            Ground::of_streams(api).cut_answers(op, step(150, 10), JUST_IN_PARTS);
        }
    }
}

#[test]
fn parts_of_a_stream_reset_at_many_points_of_their_body() {
    const JUST_IN_PARTS: usize = (8 << 20) + 1;
    let mut ground = Ground::of_streams("xml");
    for at in (0..8 << 20).step_by((1 << 20) * step(3, 1)) {
        let fault = json!({"reset": "at", "bytes": at});
        ground.try_upload("upload_part", &fault, JUST_IN_PARTS);
    }
}

/// Whatever is lost of the answer, the piece is there once, and the call says so.
#[test]
fn answers_to_appends_cut_at_every_byte() {
    let ground = Ground::new("xml");
    for (number, cut) in (0..ANSWER).step_by(step(23, 1)).enumerate() {
        for retries in [0, 3] {
            let (path, piece) = (
                format!("cuts/{number}/{retries}"),
                noise(1000, number as u64),
            );
            let begun = ground.calm.append(b"begun", &path, 0, &json!({}));
            assert_eq!(code(&begun), 0, "{begun}");
            let options = json!({"retries": retries, "io_timeout_ms": 2000});
            let client = Client::speaking("xml", &ground.emulator.url, options);
            let fault = json!({"cut": cut, "reset": cut % 2 == 0});
            let rule = json!({"match": {"op": "append", "count": 1}, "fault": fault});
            ground.emulator.set_faults(&json!([rule]));
            let reply = client.append(&piece, &path, 5, &json!({}));
            assert_eq!(ground.emulator.end_faults(), 1, "{cut} did not strike");
            assert_eq!(reply["data"]["position"], 1005, "{cut}: {reply}");
            let held = ground.held(&path).unwrap();
            assert!(held == [&b"begun"[..], &piece].concat(), "{cut}: {reply}");
        }
    }
}

/// Whatever is lost of the answer, the copy is whole where it is said to be there, and no content is lost.
#[test]
fn answers_to_copies_cut_at_every_byte() {
    let ground = Ground::new("xml");
    let kept = json!({"overwrite": true, "meta": {"a": "b"}});
    for (which, op, options) in [
        ("kept", "copy_object", kept),
        ("moved", "copy_object", json!({"move": true})),
        ("gone", "delete_object", json!({"move": true})),
    ] {
        for cut in (0..ANSWER).step_by(step(31, 1)) {
            for retries in [0, 3] {
                let content = noise(1000, cut as u64);
                let (from, to) = (format!("from/{cut}"), format!("to/{which} {cut} {retries}"));
                let put = ground.calm.upload_buffer(&content, &from, "");
                assert_eq!(code(&put), 0, "{put}");
                let client = Client::speaking(
                    "xml",
                    &ground.emulator.url,
                    json!({"retries": retries, "io_timeout_ms": 2000}),
                );
                let fault = json!({"cut": cut, "reset": cut % 2 == 0});
                let rule = json!({"match": {"op": op, "count": 1}, "fault": fault});
                ground.emulator.set_faults(&json!([rule]));
                let places = ((BUCKET, from.as_str()), (BUCKET, to.as_str()));
                let reply = client.copy_with(places.0, places.1, &options, &mut |_, _| 0);
                assert_eq!(ground.emulator.end_faults(), 1, "{op} {cut} did not strike");
                let (source, copy) = (ground.held(&from), ground.held(&to));
                let is_whole = copy.as_ref() == Some(&content);
                match code(&reply) {
                    0 => assert!(is_whole, "{op} {cut}: {reply}"),
                    _ => assert_eq!(retries, 0, "{op} {cut}: {reply}"),
                }
                assert!(is_whole || copy.is_none(), "{op} {cut}: {reply}");
                assert!(
                    is_whole || source.as_ref() == Some(&content),
                    "{op} {cut}: {reply}"
                );
                let is_moved = options["move"] == true && code(&reply) == 0;
                assert_eq!(
                    is_moved,
                    is_moved && source.is_none(),
                    "{op} {cut}: {reply}"
                );
                // The next has the same source.
                ground.calm.delete_file(&from);
            }
        }
    }
}

/// What is told of an answer that was cut is what the whole answer tells, or an error.
#[test]
fn answers_to_questions_cut_at_every_byte() {
    let ground = Ground::new("xml");
    type Ask = fn(&Client) -> Value;
    let questions: [(&str, Ask); 5] = [
        ("head_object", |client| client.stat_with("f", &json!({}))),
        ("get_object_tagging", |client| client.get_tags("f")),
        ("get_versioning", |client| client.get_versioning()),
        ("list_versions", |client| {
            let mut pages = Vec::new();
            let mut reply = client.list_versions("", 1, &mut |page| {
                pages.push(page);
                0
            });
            reply["data"]["pages"] = pages.into();
            reply
        }),
        ("restore", |client| {
            client.restore_file("archived", 1, "Bulk")
        }),
    ];
    let put = |path: &str, options: Value| {
        let put = ground
            .calm
            .upload_buffer_with(b"content", path, &options, &mut |_, _| 0);
        assert_eq!(code(&put), 0, "{put}");
    };
    put(
        "f",
        json!({"tags": {"a": "b", "c": "d"}, "meta": {"e": "f"}}),
    );
    put("archived", json!({"storage_class": "ARCHIVE"}));
    let begun = ground.calm.restore_file("archived", 1, "Bulk");
    assert_eq!(code(&begun), 0, "{begun}");
    for (op, ask) in questions {
        let told = ask(&ground.calm)["data"].clone();
        for cut in (0..ANSWER).step_by(step(23, 1)) {
            for retries in [0, 3] {
                let options = json!({"retries": retries, "io_timeout_ms": 2000});
                let client = Client::speaking("xml", &ground.emulator.url, options);
                let fault = json!({"cut": cut, "reset": cut % 2 == 0});
                let rule = json!({"match": {"op": op, "count": 1}, "fault": fault});
                ground.emulator.set_faults(&json!([rule]));
                let reply = ask(&client);
                assert_eq!(ground.emulator.end_faults(), 1, "{op} {cut} did not strike");
                match code(&reply) {
                    0 => assert_eq!(reply["data"], told, "{op} {cut}"),
                    // An error is not asked for again, though its document is cut.
                    _ => assert!(
                        retries == 0 || reply["httpcode"] == 409,
                        "{op} {cut}: {reply}"
                    ),
                }
            }
        }
    }
}

#[test]
fn downloads_without_a_file_cut_at_many_bytes() {
    for (api, op) in [("json", "download"), ("xml", "get_object")] {
        Ground::new(api).cut_downloads(op);
    }
}
