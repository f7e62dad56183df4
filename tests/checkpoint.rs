//! Uploads that go on after a crash, by what the option `checkpoint_dir` has kept.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use common::child::killed_once_done;
use common::emulator::Emulator;
use common::library::{Client, code, kind, message, ok};
use common::listener::Listener;
use common::{TempDir, noise, sha1_hex};
use serde_json::{Value, json};

const SLICE: usize = 512 << 10;

fn client(emulator: &Emulator, dir: &Path) -> Client {
    let options = json!({"checkpoint_dir": dir.to_str().unwrap(), "parallel": 1});
    Client::open_with(&emulator.url, options)
}

fn checkpoints(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Cancels after `slices` slices; the checkpoint that is left.
fn broken_off(client: &Client, file: &Path, slices: usize, dir: &Path) -> PathBuf {
    let reply = client.upload_slice(file, "f", 0, "", &mut |done, _| {
        i32::from(done >= (slices * SLICE) as u64)
    });
    assert_eq!(code(&reply), -5, "{reply}");
    let left = checkpoints(dir);
    assert_eq!(left.len(), 1);
    left[0].clone()
}

/// The first bytes reported: 0 comes also while the file is hashed.
fn first_report(client: &Client, file: &Path) -> (Value, u64) {
    let mut first = None;
    let reply = client.upload_slice(file, "f", 0, "", &mut |done, _| {
        if done > 0 {
            first.get_or_insert(done);
        }
        0
    });
    (reply, first.unwrap())
}

#[test]
fn the_same_call_goes_on_and_leaves_nothing_behind() {
    let emulator = Emulator::start();
    let (files, dir) = (TempDir::new(), TempDir::new());
    let content = noise(6 * SLICE + 1, 1);
    let file = files.file("f", &content);
    let kept = broken_off(&client(&emulator, &dir.join("")), &file, 3, &dir.join(""));
    // It names no secret.
    let text = fs::read_to_string(kept).unwrap();
    assert!(!text.contains(common::emulator::SECRET_KEY));

    let (reply, first) = first_report(&client(&emulator, &dir.join("")), &file);
    ok(reply);
    assert_eq!(first, 3 * SLICE as u64);
    assert!(checkpoints(&dir.join("")).is_empty());
    let stat = ok(client(&emulator, &dir.join("")).stat_file("f"));
    let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
    assert_eq!(sha, sha1_hex(&content));
}

/// Runs this test's program again as a process that uploads and is killed.
#[test]
fn a_killed_process_is_gone_on_with() {
    let emulator = Emulator::start();
    let (files, dir) = (TempDir::new(), TempDir::new());
    let content = noise(40 * SLICE, 2);
    let file = files.file("f", &content);
    let soak = std::env::var_os("QCOS_SOAK").is_some();
    for round in 0..if soak { 200 } else { 5 } {
        let kill_at = [0, 1, 5, 17, 33, 26, 39][round % 7];
        let dir_path = dir.join("");
        let environment = [
            ("ENDPOINT", OsStr::new(&emulator.url)),
            ("FILE", file.as_os_str()),
            ("DIR", dir_path.as_os_str()),
        ];
        let enough = kill_at * SLICE as u64;
        let arrived = killed_once_done("upload_until_killed", &environment, enough);

        let client = client(&emulator, &dir.join(""));
        let (reply, first) = first_report(&client, &file);
        ok(reply);
        assert!(
            first >= arrived,
            "{first} of {arrived}: acknowledged bytes were sent again"
        );
        let stat = ok(client.stat_file("f"));
        let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
        assert_eq!(sha, sha1_hex(&content));
        assert!(checkpoints(&dir.join("")).is_empty());
        ok(client.delete_file("f"));
    }
}

#[test]
#[ignore = "run by the test above, which kills it"]
fn upload_until_killed() {
    let variable = |name| std::env::var(name).unwrap();
    let options = json!({"checkpoint_dir": variable("DIR"), "parallel": 1});
    let client = Client::open_with(&variable("ENDPOINT"), options);
    client.upload_slice(Path::new(&variable("FILE")), "f", 0, "", &mut |done, _| {
        println!("done {done}");
        0
    });
}

#[test]
fn content_changed_behind_its_times_is_never_mixed() {
    let emulator = Emulator::start();
    let (files, dir) = (TempDir::new(), TempDir::new());
    let mut content = noise(4 * SLICE, 3);
    let file = files.file("f", &content);
    broken_off(&client(&emulator, &dir.join("")), &file, 2, &dir.join(""));

    // The same size, the same times as far as they can be set, and the same inode.
    let before = fs::metadata(&file).unwrap();
    content[100] ^= 1;
    fs::write(&file, &content).unwrap();
    let handle = fs::File::options().write(true).open(&file).unwrap();
    handle.set_modified(before.modified().unwrap()).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().ino(), before.ino());

    let client = client(&emulator, &dir.join(""));
    let (reply, first) = first_report(&client, &file);
    ok(reply);
    assert_eq!(first, SLICE as u64);
    let stat = ok(client.stat_file("f"));
    let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
    assert_eq!(sha, sha1_hex(&content));
}

#[test]
fn a_checkpoint_heals_when_the_service_has_forgotten() {
    let (files, dir) = (TempDir::new(), TempDir::new());
    let content = noise(4 * SLICE, 4);
    let file = files.file("f", &content);
    let emulator = Emulator::start();
    let first_client = client(&emulator, &dir.join(""));
    broken_off(&first_client, &file, 2, &dir.join(""));
    ok(first_client.delete_file("f"));
    let (reply, first) = first_report(&first_client, &file);
    ok(reply);
    assert_eq!(first, SLICE as u64);
    assert!(checkpoints(&dir.join("")).is_empty());
}

#[test]
fn a_checkpoint_that_is_no_use_does_no_harm() {
    let emulator = Emulator::start();
    let (files, dir) = (TempDir::new(), TempDir::new());
    let content = noise(3 * SLICE, 5);
    let file = files.file("f", &content);
    let client = client(&emulator, &dir.join(""));
    let kept = broken_off(&client, &file, 1, &dir.join(""));
    let good = fs::read_to_string(&kept).unwrap();
    for bad in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        "\0".repeat(100),
        "x".repeat(100_000),
        good[..good.len() / 2].to_owned(),
        good.replace("testbucket", "another"),
        good.replace(r#""session":""#, r#""session":"forged"#),
        good.replace(r#""begun_with":""#, r#""begun_with":"0"#),
    ] {
        fs::write(&kept, &bad).unwrap();
        let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
        ok(reply);
        let stat = ok(client.stat_file("f"));
        let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
        assert_eq!(sha, sha1_hex(&content));
        ok(client.delete_file("f"));
        broken_off(&client, &file, 1, &dir.join(""));
    }
}

#[test]
fn a_folder_that_cannot_be_written_to_is_said_in_time() {
    let listener = Listener::replying(r#"{"code":0,"data":{"session":"s","offset":0}}"#);
    let dir = TempDir::new();
    let path = dir.join("checkpoints");
    fs::create_dir(&path).unwrap();
    let options = json!({"checkpoint_dir": path.to_str().unwrap()});
    let client = Client::open_with(&listener.url, options);
    // It vanishes after the client was opened.
    fs::remove_dir(&path).unwrap();
    let files = TempDir::new();
    let file = files.file("f", &noise(2 * SLICE, 6));
    let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
    assert_eq!((code(&reply), kind(&reply)), (-1, "unwritable"), "{reply}");
    assert!(message(&reply).starts_with("checkpoint_dir: "));
    // Nothing but the question where to begin was sent.
    assert_eq!(listener.received().len(), 1);
}
