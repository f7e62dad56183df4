//! The classic Node SDK, unchanged, as a peer that was not written with this emulator in mind.

mod common;

use std::path::Path;
use std::process::Command;

use common::Emulator;

#[test]
fn every_call_of_the_node_sdk() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node");
    if !folder.join("node_modules/qcloud_cos").exists() {
        let mut install = Command::new("npm");
        install
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder);
        run(&mut install, "npm");
    }
    let emulator = Emulator::start(&[]);
    let mut script = Command::new("node");
    // The SDK of 2016 uses what Node has deprecated since.
    script
        .args(["--no-deprecation", "sdk.js", &emulator.url])
        .current_dir(&folder);
    let said = run(&mut script, "node");
    assert!(said.contains("12 calls of the SDK done"), "{said}");
}

/// What the command says, if it succeeds.
fn run(command: &mut Command, name: &str) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!("cannot run {name}: {error}; this test needs Node.js with npm (apt-get install nodejs npm)")
    });
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} failed: {said}{complaint}");
    said
}
