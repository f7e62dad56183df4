//! The command line: what it says, and what it complains of.

mod common;

use std::fs;
use std::process::Command;

use common::http::raw;
use common::{Emulator, command};
use tempfile::TempDir;

#[test]
fn the_command_line_says_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(output.stdout.is_empty());
        (output.status.code().unwrap(), complaint)
    };
    let misused: &[&[&str]] = &[
        &["--listen", "nowhere"],
        &["--listen", "127.0.0.1"],
        &["--listen", "127.0.0.1:65536"],
        &["--appid", "me"],
        &["--secret-key", ""],
        &["--secret-id", "a&b=c"],
        &["--bucket", "no/bucket"],
        &["--now", "yesterday"],
        &["--what"],
        &["stray"],
    ];
    for arguments in misused {
        let (status, complaint) = run(command(folder.path()).args(*arguments));
        assert_eq!(status, 2, "{complaint}");
    }
    assert_eq!(
        run(&mut Command::new(env!("CARGO_BIN_EXE_qcos-emulator"))).0,
        2
    );

    // A data folder that is none, that is in use, that something else wrote.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(run(&mut command(&file)).0, 1);
    let emulator = Emulator::start(&[]);
    let (status, complaint) = run(&mut command(emulator.data()));
    assert_eq!(status, 1);
    assert!(
        complaint.contains("another emulator is using this data folder"),
        "{complaint}"
    );
    emulator.upload("/still", b"serving").ok();
    fs::write(
        folder.path().join("emulator.sqlite"),
        "not a database, but long enough to be read",
    )
    .unwrap();
    assert_eq!(run(&mut command(folder.path())).0, 1);
    // A port that is taken.
    let other = TempDir::new().unwrap();
    let (status, complaint) = run(command(other.path()).args(["--listen", &emulator.address]));
    assert_eq!(status, 1);
    assert!(complaint.contains(&emulator.address), "{complaint}");
}

#[test]
fn help_shows_how_to_begin() {
    let output = Command::new(env!("CARGO_BIN_EXE_qcos-emulator"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for text in [
        "--listen",
        "--data",
        "TESTSECRETID0000000000000000000000000",
        "/files/v1/",
        "curl",
    ] {
        assert!(help.contains(text), "{help}");
    }
}

#[test]
fn a_public_address_is_warned_of() {
    let folder = TempDir::new().unwrap();
    let mut child = command(folder.path())
        .args(["--listen", "0.0.0.0:0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut errors = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut errors, &mut line).unwrap();
    assert!(line.contains("warning: a test tool"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_root_says_what_this_is() {
    let emulator = Emulator::start(&[]);
    let welcome = raw(
        &emulator.address,
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(welcome.status, 200);
    assert!(
        welcome
            .header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    assert!(
        String::from_utf8(welcome.body)
            .unwrap()
            .contains("qcos-emulator")
    );
}
