//! Many threads on one client: every call does what it says.

mod common;

use std::thread;

use common::emulator::Emulator;
use common::library::{Client, code, ok};
use common::{TempDir, noise, sha1_hex};

const THREADS: usize = 64;
const SLICE: usize = 512 << 10;

/// Rounds a thread; many in `make soak`.
fn rounds() -> usize {
    let soak = std::env::var_os("QCOS_SOAK").is_some();
    if soak { 200 } else { 3 }
}

#[test]
fn mixed_calls_on_one_handle() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let content = noise(2 * SLICE + 3, 1);
    let file = files.file("f", &content);
    let sha = sha1_hex(&content);
    let client = Client::open(&emulator.url);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (client, files, file, sha, content) = (&client, &files, &file, &sha, &content);
            scope.spawn(move || {
                for round in 0..rounds() {
                    let dir = format!("t{number}/{round}");
                    let small = format!("{dir}/small");
                    let large = format!("{dir}/large");
                    ok(client.create_folder(&dir, ""));
                    ok(client.upload_buffer(small.as_bytes(), &small, "a"));
                    ok(client.upload_slice(file, &large, 0, "", &mut |_, _| 0));
                    let held = ok(client.stat_file(&large));
                    let held = held["data"]["sha"].as_str().unwrap().to_lowercase();
                    assert_eq!(&held, sha);
                    let listed = ok(client.list(&dir, 0, "eListBoth", 0, ""));
                    assert_eq!(listed["data"]["filecount"], 2);
                    let target = files.join(&format!("{number}-{round}"));
                    ok(client.download(&large, &target));
                    assert!(&std::fs::read(&target).unwrap() == content);
                    std::fs::remove_file(target).unwrap();
                    ok(client.update_file(&small, "b"));
                    ok(client.delete_file(&small));
                    ok(client.delete_file(&large));
                    ok(client.delete_folder(&dir));
                }
            });
        }
    });
}

#[test]
fn handles_closed_in_the_middle_of_transfers() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let content = noise(6 * SLICE, 2);
    let file = files.file("f", &content);
    let sha = sha1_hex(&content);
    for round in 0..rounds() * 3 {
        let client = Client::open(&emulator.url);
        let handle = client.0;
        thread::scope(|scope| {
            for number in 0..8 {
                let (client, file) = (&client, &file);
                scope.spawn(move || {
                    let path = format!("r{round}/{number}");
                    let reply = client.upload_slice(file, &path, 0, "", &mut |done, _| {
                        // One of them closes it for all, while all are at it.
                        if number == 0 && done > 0 {
                            qcos::ffi::qcos_client_close(handle);
                        }
                        0
                    });
                    assert!([0, -7].contains(&code(&reply)), "{reply}");
                });
            }
        });
        assert_eq!(code(&client.stat_file("any")), -7);
        let another = Client::open(&emulator.url);
        for number in 0..8 {
            let stat = another.stat_file(&format!("r{round}/{number}"));
            if code(&stat) == 0 {
                let held = stat["data"]["sha"].as_str().unwrap().to_lowercase();
                assert_eq!(held, sha);
            }
        }
    }
}
