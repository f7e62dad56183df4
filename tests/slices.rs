//! Uploads in slices: whole, resumed, already there, and with services that change their mind.

mod common;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::emulator::Emulator;
use common::library::{Client, code, kind, ok, sized};
use common::listener::{Listener, Received, http};
use common::{TempDir, noise, sha1_hex};
use serde_json::{Value, json};

const KIB: u64 = 1 << 10;
const SLICE: u64 = 512 * KIB;

fn sha(client: &Client, path: &str) -> String {
    let stat = ok(client.stat_file(path));
    assert_eq!(stat["data"]["filelen"], stat["data"]["filesize"]);
    stat["data"]["sha"].as_str().unwrap().to_lowercase()
}

#[test]
fn files_of_every_length_arrive_whole() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    for (number, length) in [1, SLICE - 1, SLICE, SLICE + 1, 3 * SLICE, 3 * SLICE + 7]
        .into_iter()
        .enumerate()
    {
        let content = noise(length as usize, number as u64);
        let file = files.file("f", &content);
        for slice_size in [0, 512 * KIB, 1024 * KIB, 2048 * KIB, 3072 * KIB] {
            let path = format!("{length}/{slice_size}");
            let mut seen = Vec::new();
            let reply = client.upload_slice(&file, &path, slice_size, "", &mut |done, total| {
                seen.push((done, total));
                0
            });
            assert!(ok(reply)["data"]["url"].is_string());
            assert_eq!(sha(&client, &path), sha1_hex(&content));
            let seen = sized(&seen);
            assert_eq!(seen[0], (0, length));
            assert_eq!(seen.last(), Some(&(length, length)));
            assert!(seen.windows(2).all(|w| w[0].0 <= w[1].0), "{seen:?}");
            assert_eq!(seen.iter().filter(|s| s.0 == length).count(), 1);
            ok(client.delete_file(&path));
        }
    }
}

#[test]
fn an_upload_above_8_mib_goes_in_slices_by_itself() {
    let emulator = Emulator::start();
    let client = Client::open_with(&emulator.url, json!({"parallel": 1}));
    let files = TempDir::new();
    for (length, slices) in [(8 << 20, 0), ((8 << 20) + 1, 17)] {
        let content = noise(length, 1);
        let mut reports = 0;
        let path = length.to_string();
        let reply = client.upload_reporting(&files.file("f", &content), &path, &mut |done, _| {
            reports += usize::from(done > 0 && done % SLICE == 0);
            0
        });
        ok(reply);
        assert_eq!(sha(&client, &path), sha1_hex(&content));
        assert!(slices == 0 || reports + 1 >= slices, "{reports} slice ends");
    }
}

#[test]
fn a_cancelled_upload_goes_on_where_it_stopped() {
    let mut emulator = Emulator::start();
    let files = TempDir::new();
    let content = noise(5 * SLICE as usize + 99, 6);
    let file = files.file("f", &content);
    // Calls with 0 come before it has begun, too: callbacks.rs.
    for stop in 1..=5 {
        let path = format!("f{stop}");
        let client = Client::open_with(&emulator.url, json!({"parallel": 1}));
        let reply = client.upload_slice(&file, &path, 0, "", &mut |done, _| {
            i32::from(done >= stop * SLICE)
        });
        assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
        assert_eq!(reply["data"]["offset"], stop * SLICE);
        let session = reply["data"]["session"].as_str().unwrap().to_owned();
        let unfinished = ok(client.stat_file(&path));
        assert_eq!(unfinished["data"]["filelen"], stop * SLICE);

        // The service dies and comes back; what it has acknowledged is still there.
        emulator.kill_and_restart();
        let client = Client::open(&emulator.url);
        let mut first = None;
        let reply = client.upload_slice(&file, &path, 0, &session, &mut |done, _| {
            if done > 0 {
                first.get_or_insert(done);
            }
            0
        });
        ok(reply);
        assert_eq!(first, Some(stop * SLICE));
        assert_eq!(sha(&client, &path), sha1_hex(&content));
        ok(client.delete_file(&path));
    }
}

#[test]
fn a_forgotten_session_is_begun_again() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let content = noise(2 * SLICE as usize, 7);
    let file = files.file("f", &content);
    ok(client.upload_slice(&file, "f", 0, "a session that never was", &mut |_, _| 0));
    assert_eq!(sha(&client, "f"), sha1_hex(&content));
}

#[test]
fn content_that_is_already_there_is_not_sent_again() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let content = noise(2 * SLICE as usize, 8);
    let file = files.file("f", &content);
    ok(client.upload_slice(&file, "one", 0, "", &mut |_, _| 0));
    let mut seen = Vec::new();
    ok(
        client.upload_slice(&file, "two", 0, "", &mut |done, total| {
            seen.push((done, total));
            0
        }),
    );
    // Hashing may take long enough to be told of.
    let (last, before) = sized(&seen).split_last().expect("a report");
    assert_eq!(*last, (2 * SLICE, 2 * SLICE));
    assert!(before.iter().all(|(done, _)| *done == 0), "{seen:?}");
    assert_eq!(sha(&client, "two"), sha1_hex(&content));
}

/// A service of slices in a few lines, that a test can make stubborn.
struct Service {
    size: usize,
    slice_size: u64,
    received: Mutex<Vec<(u64, Vec<u8>)>>,
    controls: AtomicUsize,
}

impl Service {
    fn part(request: &Received, name: &str) -> Option<Vec<u8>> {
        let marker = format!("name=\"{name}\"");
        let find = |body: &[u8], what: &[u8]| body.windows(what.len()).position(|w| w == what);
        let at = find(&request.body, marker.as_bytes())?;
        let start = at + find(&request.body[at..], b"\r\n\r\n")? + 4;
        let boundary = request.header("content-type").split_once("boundary=")?.1;
        let end = find(
            &request.body[start..],
            format!("\r\n--{boundary}").as_bytes(),
        )?;
        Some(request.body[start..start + end].to_vec())
    }

    fn number(request: &Received, name: &str) -> u64 {
        let part = Service::part(request, name).unwrap();
        String::from_utf8(part).unwrap().parse().unwrap()
    }

    /// `stubborn` may answer a slice in the service's stead: number of the request and offset.
    fn answer(
        &self,
        request: &Received,
        stubborn: impl Fn(usize, u64) -> Option<Value>,
    ) -> Vec<u8> {
        let ok = |data: Value| {
            http(
                200,
                &json!({"code": 0, "message": "", "data": data}).to_string(),
            )
        };
        let mut received = self.received.lock().unwrap();
        let have: usize = received.iter().map(|(_, content)| content.len()).sum();
        if request.line.starts_with("GET") {
            return ok(json!({"filesize": self.size, "filelen": have}));
        }
        let Some(content) = Service::part(request, "filecontent") else {
            self.controls.fetch_add(1, Ordering::Relaxed);
            if have == self.size {
                return ok(json!({"url": "u", "access_url": "a"}));
            }
            return ok(json!({"session": "s", "offset": have, "slice_size": self.slice_size}));
        };
        let offset = Service::number(request, "offset");
        if let Some(reply) = stubborn(received.len(), offset) {
            return http(400, &reply.to_string());
        }
        assert_eq!(offset as usize, have, "a slice out of order");
        received.push((offset, content));
        let have: usize = received.iter().map(|(_, content)| content.len()).sum();
        match have == self.size {
            true => ok(json!({"url": "u", "access_url": "a", "resource_path": "r"})),
            false => ok(json!({"session": "s", "offset": offset})),
        }
    }
}

/// Uploads to such a service; the content received, and the control requests it took.
fn uploaded(
    slice_size: u64,
    stubborn: impl Fn(usize, u64) -> Option<Value> + Send + Sync + 'static,
) -> (Value, bool, usize) {
    let content = noise(2_500_000, 9);
    let files = TempDir::new();
    let file = files.file("f", &content);
    let service = std::sync::Arc::new(Service {
        size: content.len(),
        slice_size,
        received: Mutex::default(),
        controls: AtomicUsize::new(0),
    });
    let serving = service.clone();
    let listener = Listener::answering(move |_, request| serving.answer(request, &stubborn));
    let client = Client::open_with(&listener.url, json!({"retries": 0, "parallel": 1}));
    let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
    let received = service.received.lock().unwrap();
    let whole: Vec<u8> = received.iter().flat_map(|(_, c)| c.clone()).collect();
    (
        reply,
        whole == content,
        service.controls.load(Ordering::Relaxed),
    )
}

#[test]
fn the_services_slice_size_is_obeyed() {
    for slice_size in [64 * KIB, 100_000, 512 * KIB, 1 << 20, 64 << 20] {
        let (reply, arrived, controls) = uploaded(slice_size, |_, _| None);
        ok(reply);
        assert!(arrived);
        assert_eq!(controls, 1);
    }
}

#[test]
fn codes_about_offset_and_session_ask_the_service_again() {
    for code in [
        -4024, -4025, -4026, -4027, -4019, -290, -288, -286, -94, -5983,
    ] {
        let refused = AtomicUsize::new(0);
        let (reply, arrived, controls) = uploaded(SLICE, move |slices, _| {
            let first = slices == 2 && refused.fetch_add(1, Ordering::Relaxed) == 0;
            first.then(|| json!({ "code": code, "message": "again" }))
        });
        ok(reply);
        assert!(arrived, "{code}");
        assert_eq!(controls, 2, "{code}");
    }
}

#[test]
fn a_service_that_never_agrees_is_not_asked_for_ever() {
    let (reply, arrived, controls) = uploaded(SLICE, |slices, _| {
        (slices == 1).then(|| json!({"code": -4024}))
    });
    assert_eq!(code(&reply), -4024, "{reply}");
    assert_eq!(
        (&reply["data"]["session"], &reply["data"]["offset"]),
        (&json!("s"), &json!(SLICE))
    );
    assert!(!arrived && controls < 6, "{controls}");
}

#[test]
fn other_codes_end_the_upload_and_keep_the_session() {
    let (reply, arrived, controls) = uploaded(SLICE, |slices, _| {
        (slices == 3).then(|| json!({"code": -5985, "message": "m"}))
    });
    assert_eq!((code(&reply), kind(&reply)), (-5985, "service"), "{reply}");
    assert_eq!(reply["data"], json!({"session": "s", "offset": 3 * SLICE}));
    assert!(!arrived);
    assert_eq!(controls, 1);
}

#[test]
fn what_the_service_holds_must_be_what_was_sent() {
    let content = noise(1000, 10);
    for held in [
        json!({"filesize": 1000, "filelen": 1000, "sha": sha1_hex(b"other")}),
        json!({"filesize": 999, "filelen": 999}),
        json!({"filesize": 1000, "filelen": 12}),
    ] {
        let listener = Listener::answering(move |_, request| {
            let data = if request.line.starts_with("GET") {
                held.clone()
            } else {
                json!({"url": "u"})
            };
            http(200, &json!({ "code": 0, "data": data }).to_string())
        });
        let client = Client::open(&listener.url);
        let reply = client.upload_buffer(&content, "f", "");
        assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
    }
}
