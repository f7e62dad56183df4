//! Downloads from the emulator: every size and name arrives whole, and what is cancelled leaves
//! nothing behind.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use common::emulator::Emulator;
use common::library::{Client, code, kind, ok, sized};
use common::listener::{Listener, http};
use common::objects::{Get, Place, cut, honest, serving};
use common::{TempDir, curl, noise, sha1_hex};
use serde_json::json;

const MIB: usize = 1 << 20;

#[test]
fn objects_of_every_size_arrive_whole() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let sizes = [
        0,
        1,
        8 * MIB - 1,
        8 * MIB,
        8 * MIB + 1,
        16 * MIB,
        19 * MIB + 7,
    ];
    for (number, size) in sizes.into_iter().enumerate() {
        let content = noise(size, number as u64);
        let path = format!("dir/{size}");
        ok(client.upload_slice(
            &files.file("up", &content),
            &path,
            3 << 20,
            "",
            &mut |_, _| 0,
        ));
        let here = std::thread::current().id();
        let mut seen = Vec::new();
        let down = files.join("down");
        let reply = client.download_reporting(&path, &down, &mut |done, total| {
            assert_eq!(std::thread::current().id(), here);
            seen.push((done, total));
            0
        });
        let data = &ok(reply)["data"];
        let sha = sha1_hex(&content);
        assert_eq!(
            data,
            &json!({"filesize": size, "sha": sha, "verified": "sha1"})
        );
        assert!(fs::read(&down).unwrap() == content, "{size}");
        let (seen, size) = (sized(&seen), size as u64);
        assert_eq!(seen[0], (0, size));
        assert_eq!(seen.last(), Some(&(size, size)));
        assert_eq!(seen.iter().filter(|s| s.0 == size).count(), 1, "{seen:?}");
        assert!(seen.windows(2).all(|w| w[0].0 <= w[1].0), "{seen:?}");
    }
}

#[test]
fn paths_of_any_letters_are_found() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let paths = [
        "目录/图 片.jpg",
        "a b/c d",
        "100%/x",
        "%2F",
        "1+1=2",
        "a&b#c",
        "~tilde_-.",
        "it's (ok)!",
    ];
    for path in paths {
        ok(client.upload_buffer(path.as_bytes(), path, ""));
        let down = files.join("down");
        ok(client.download(path, &down));
        assert_eq!(fs::read(&down).unwrap(), path.as_bytes());
        let url = ok(client.download_url(path, 60))["data"]["url"].clone();
        assert_eq!(curl(url.as_str().unwrap()), (200, path.as_bytes().to_vec()));
    }
}

#[test]
fn a_callback_cancels_at_any_point_and_nothing_is_left() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let client = Client::open_with(&emulator.url, json!({"parallel": 2}));
    for (size, reports) in [(1000, 1), (17 * MIB, 4)] {
        ok(client.upload(&files.file("up", &noise(size, 10)), "f"));
        for stop in 0..reports {
            let place = Place::new();
            let mut calls = 0;
            let reply = client.download_reporting("f", &place.file, &mut |done, _| {
                assert!((done as usize) < size);
                calls += 1;
                if calls > stop { -7 } else { 0 }
            });
            assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
            assert_eq!(calls, stop + 1);
            place.is_untouched();
        }
        ok(client.delete_file("f"));
    }
}

#[test]
fn a_download_that_stalls_can_be_cancelled() {
    let content = noise(9 * MIB, 11);
    let size = content.len();
    // Every range begins and never goes on.
    let listener = Listener::with_connections(move |stream, received| {
        use std::io::{Read, Write};
        let Some(request) = common::listener::read_request(stream) else {
            return;
        };
        received.lock().unwrap().push(request.clone());
        if request.line.contains("op=stat") {
            let stat = json!({"code": 0, "data": {"filesize": size}});
            let _ = stream.write_all(&http(200, &stat.to_string()));
            return;
        }
        let get = Get {
            number: 0,
            range: request.header("range").strip_prefix("bytes=").map(|r| {
                let (first, last) = r.split_once('-').unwrap();
                (first.parse().unwrap(), last.parse().unwrap())
            }),
            received: request,
        };
        let _ = stream.write_all(&cut(honest(&content, &get), 1000));
        let _ = stream.read(&mut [0]);
    });
    let place = Place::new();
    let client = Client::open_with(&listener.url, json!({"io_timeout_ms": 60_000}));
    let begun = std::time::Instant::now();
    // 3000 bytes have moved: all three ranges hang.
    let reply = client.download_reporting("f", &place.file, &mut |done, _| i32::from(done == 3000));
    assert_eq!(code(&reply), -5, "{reply}");
    assert!(begun.elapsed().as_secs() < 20);
    place.is_untouched();
}

#[test]
fn large_objects_are_fetched_side_by_side() {
    let content = noise(17 * MIB, 12);
    let object = content.clone();
    let gate = Arc::new((Mutex::new(0), std::sync::Condvar::new()));
    let met = Arc::new(AtomicBool::new(false));
    let seen = met.clone();
    // Nobody gets an answer before four have asked.
    let listener = serving(&content, move |get| {
        let (count, all_there) = &*gate;
        let mut count = count.lock().unwrap();
        *count += 1;
        all_there.notify_all();
        let limit = std::time::Duration::from_secs(20);
        let waited = all_there.wait_timeout_while(count, limit, |count| *count < 4);
        seen.fetch_or(!waited.unwrap().1.timed_out(), Ordering::Relaxed);
        honest(&object, get)
    });
    let place = Place::new();
    ok(Client::open(&listener.url).download("f", &place.file));
    assert!(place.content() == content);
    assert!(met.load(Ordering::Relaxed));
    assert_eq!(listener.received().len(), 1 + 5);
}

#[test]
fn nothing_is_left_running_or_open() {
    let count = |what: &str| {
        fs::read_dir(Path::new("/proc/self").join(what))
            .unwrap()
            .count()
    };
    // In a process of its own: other tests have threads and files too.
    let test = "nothing_is_left_running_or_open";
    if std::env::var_os("QCOS_ALONE").is_none() {
        let status = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--test-threads=1"])
            .env("QCOS_ALONE", "1")
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    let emulator = Emulator::start();
    let files = TempDir::new();
    let open = || Client::open_with(&emulator.url, json!({"parallel": 8}));
    ok(open().upload(&files.file("up", &noise(20 * MIB, 13)), "f"));
    let place = Place::new();
    let run = || {
        let client = open();
        ok(client.download("f", &place.file));
        assert_eq!(
            code(&client.download_reporting("f", &place.file, &mut |_, _| 1)),
            -5
        );
        let mut calls = 0;
        let cancelled = client.download_reporting("f", &place.file, &mut |_, _| {
            calls += 1;
            i32::from(calls == 3)
        });
        // On a busy machine everything may be there before the third call.
        assert!([-5, 0].contains(&code(&cancelled)), "{cancelled}");
        assert_ne!(code(&client.download("missing", &place.file)), 0);
        // Read while the client and its idle connections are still there.
        count("task")
    };
    run();
    let (tasks, fds) = (count("task"), count("fd"));
    assert_eq!(run(), tasks);
    assert_eq!((count("task"), count("fd")), (tasks, fds));
}
