//! Many threads on one client: every call does what it says.

mod common;

use std::thread;

use common::emulator::Emulator;
use common::library::{APIS, Client, code, ok};
use common::{TempDir, noise, sha1_hex};
use serde_json::json;

const THREADS: usize = 64;

/// The smallest slice that an API takes.
fn slice(api: &str) -> usize {
    if api == "xml" { 1 << 20 } else { 512 << 10 }
}

/// A digest that the service reckons of an object, and what it must be.
fn digest(api: &str, content: &[u8]) -> (&'static str, String) {
    if api == "json" {
        return ("sha", sha1_hex(content));
    }
    let mut crc64 = crc64fast::Digest::new();
    crc64.write(content);
    ("crc64", crc64.sum64().to_string())
}

/// Rounds a thread; many in `make soak`.
fn rounds() -> usize {
    let soak = std::env::var_os("QCOS_SOAK").is_some();
    if soak { 200 } else { 3 }
}

#[test]
fn mixed_calls_on_one_handle() {
    APIS.into_iter().for_each(mixed_calls);
}

fn mixed_calls(api: &str) {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let content = noise(2 * slice(api) + 3, 1);
    let file = files.file("f", &content);
    let (name, digest) = digest(api, &content);
    let client = Client::speaking(api, &emulator.url, json!({}));
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (client, files, file, content) = (&client, &files, &file, &content);
            let digest = &digest;
            scope.spawn(move || {
                for round in 0..rounds() {
                    let dir = format!("t{number}/{round}");
                    let small = format!("{dir}/small");
                    let large = format!("{dir}/large");
                    ok(client.create_folder(&dir, ""));
                    ok(client.upload_buffer(small.as_bytes(), &small, "a"));
                    let size = slice(api) as u64;
                    ok(client.upload_slice(file, &large, size, "", &mut |_, _| 0));
                    let held = ok(client.stat_file(&large));
                    let held = held["data"][name].as_str().unwrap().to_lowercase();
                    assert_eq!(&held, digest);
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
    APIS.into_iter().for_each(closed_in_the_middle);
}

fn closed_in_the_middle(api: &str) {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let content = noise(3 << 20, 2);
    let file = files.file("f", &content);
    let (name, digest) = digest(api, &content);
    for round in 0..rounds() * 3 {
        let client = Client::speaking(api, &emulator.url, json!({}));
        let handle = client.0;
        thread::scope(|scope| {
            for number in 0..8 {
                let (client, file) = (&client, &file);
                scope.spawn(move || {
                    let path = format!("r{round}/{number}");
                    let size = slice(api) as u64;
                    let reply = client.upload_slice(file, &path, size, "", &mut |done, _| {
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
        let another = Client::speaking(api, &emulator.url, json!({}));
        for number in 0..8 {
            let stat = another.stat_file(&format!("r{round}/{number}"));
            if code(&stat) == 0 {
                let held = stat["data"][name].as_str().unwrap().to_lowercase();
                assert_eq!(held, digest);
            }
        }
    }
}
