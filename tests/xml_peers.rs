//! The official SDKs, unchanged, against the emulator; and objects that one of them writes and this
//! library reads, or the other way round.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use common::emulator::Emulator;
use common::library::{Client, ok};
use common::peers::{installed, run};
use common::{TempDir, build, noise};
use serde_json::json;

const NAMES: [&str; 10] = [
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
    let list = source("python/requirements.txt");
    let folder = installed("python-peer", &list, |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder));
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(&list));
    });
    Peer {
        program: folder.join("bin/python"),
        script: Some(source("python/peer.py")),
    }
}

fn node() -> Peer {
    let list = source("node/package-lock.json");
    let folder = installed("node-peer", &list, |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source("node").join(file), folder.join(file)).unwrap();
        }
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(folder));
    });
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

fn share(peer: &Peer) {
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
