//! curl and openssl as an independent peer: `curl.sh` and `curl_xml.sh` make their own signatures and
//! requests.

mod common;

use std::path::Path;
use std::process::Command;

use common::Emulator;

#[test]
fn every_call_by_curl() {
    run("tests/curl.sh");
}

#[test]
fn the_xml_api_by_curl() {
    run("tests/curl_xml.sh");
}

#[track_caller]
fn run(script: &str) {
    let emulator = Emulator::start(&[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new("sh")
        .arg(script)
        .arg(&emulator.url)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.ends_with("all done\n"),
        "{said}{complaint}(this test needs curl and openssl)"
    );
}
