//! Versions as the official Python SDK, unchanged, uses them (xml-api.md §3.14).

mod common;
#[allow(dead_code)] // it installs for other languages, too
#[path = "../../tests/common/install.rs"]
mod install;

use std::path::Path;
use std::process::Command;

use common::Emulator;

#[test]
fn every_versioning_call_of_the_python_sdk() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let list = root.join("tests/peers/python/requirements.txt");
    let python = install::python("python-peer", &list).join("bin/python");
    // Hosts that name no bucket are about this one.
    let emulator = Emulator::start(&["--default-bucket", common::BUCKET]);
    let script = root.join("emulator/tests/versions.py");
    let said = install::run(Command::new(python).arg(script).arg(&emulator.url));
    assert!(said.contains("everything done"), "{said}");
}
