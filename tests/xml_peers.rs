//! The official SDKs, unchanged, against the emulator; and objects that one of them writes and this
//! library reads, or the other way round.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use common::emulator::Emulator;
use common::install::{self, run};
use common::library::{Client, ok};
use common::{TempDir, build, noise};
use serde_json::json;

const NAMES: [&str; 12] = [
    "a b",
    "a+b",
    "100%",
    "a%20b",
    "s*r",
    "t~e",
    "q'u\"o",
    "中文/名",
    "d//e",
    "&<x>",
    "a\\b",
    "\\c\\",
];

struct Peer {
    program: PathBuf,
    script: Option<PathBuf>,
}

impl Peer {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.script).env("NODE_NO_WARNINGS", "1");
        command
    }
}

fn source(name: &str) -> PathBuf {
    build::root().join("tests/peers").join(name)
}

fn python() -> Peer {
    let folder = install::python("python-peer", &source("python/requirements.txt"));
    Peer {
        program: folder.join("bin/python"),
        script: Some(source("python/peer.py")),
    }
}

fn node() -> Peer {
    let folder = install::node("node-peer", &source("node"));
    // Beside node_modules, where it looks for them.
    fs::copy(source("node/peer.js"), folder.join("peer.js")).unwrap();
    Peer {
        program: "node".into(),
        script: Some(folder.join("peer.js")),
    }
}

/// Go finds out by itself what is to be done anew.
fn go() -> Peer {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _building = BUILDING.lock().unwrap();
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-peer");
    run(Command::new("go")
        .args(["build", "-mod=readonly", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(source("go")));
    Peer {
        program,
        script: None,
    }
}

/// Hosts that name no bucket are about this one.
fn service() -> Emulator {
    Emulator::start_with(&["--default-bucket", "testbucket"])
}

fn exercise(peer: &Peer) {
    let emulator = service();
    let said = run(peer.command().args(["exercise", &emulator.url]));
    assert!(said.contains("everything done"), "{said}");
}

fn share_files(peer: &Peer) {
    let (emulator, files) = (service(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    for (number, name) in NAMES.into_iter().enumerate() {
        let content = noise(5000 + number, number as u64);
        let (file, got) = (files.file("f", &content), files.join("got"));
        let theirs = format!("theirs/{name}");
        run(peer
            .command()
            .args(["put", &emulator.url, &theirs])
            .arg(&file));
        ok(client.download(&theirs, &got));
        assert!(fs::read(&got).unwrap() == content, "{name}");
        let ours = format!("ours/{name}");
        ok(client.upload(&file, &ours));
        fs::remove_file(&got).unwrap();
        run(peer.command().args(["get", &emulator.url, &ours]).arg(&got));
        assert!(fs::read(&got).unwrap() == content, "{name}");
    }
}

/// The same of what comes from a callback and goes to one, in one request and in parts.
fn share_streams(peer: &Peer) {
    let (emulator, files) = (service(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    for size in [0, 5000, (17 << 20) + 1] {
        let content = noise(size, size as u64);
        let (file, got) = (files.file("f", &content), files.join("got"));
        let ours = format!("ours/流 +{size}");
        ok(client.upload_streamed(&ours, &json!({}), &content));
        run(peer.command().args(["get", &emulator.url, &ours]).arg(&got));
        assert!(fs::read(&got).unwrap() == content, "{size}");
        let theirs = format!("theirs/流 +{size}");
        run(peer
            .command()
            .args(["put", &emulator.url, &theirs])
            .arg(&file));
        let mut bytes = Vec::new();
        let reply = client.download_stream(&theirs, &json!({}), &mut |more| {
            bytes.extend_from_slice(more);
            0
        });
        ok(reply);
        assert!(bytes == content, "{size}");
        bytes.fill(0);
        ok(client.download_buffer(&theirs, 0, &mut bytes, &json!({})));
        assert!(bytes == content, "{size}");
    }
    // Nothing that costs money is left of the parts.
    assert_eq!(ok(client.list_uploads(""))["data"]["infos"], json!([]));
}

fn share(peer: &Peer) {
    share_files(peer);
    share_streams(peer);
}

#[test]
fn the_python_sdk_does_all_it_can() {
    exercise(&python());
}

#[test]
fn what_the_python_sdk_or_we_write_the_other_reads() {
    share(&python());
}

#[test]
fn the_node_sdk_does_all_it_can() {
    exercise(&node());
}

#[test]
fn what_the_node_sdk_or_we_write_the_other_reads() {
    share(&node());
}

#[test]
fn the_go_sdk_does_all_it_can() {
    exercise(&go());
}

#[test]
fn what_the_go_sdk_or_we_write_the_other_reads() {
    share(&go());
}
