//! What a host program does around the library, and what it must not find: tests/c/host.c, run with
//! each of its parts, and tests/c/secrets.c. Nobody may print anything.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::io::Write;

use common::emulator::Emulator;
use common::listener::{Listener, http, read_request};
use common::tls::{Certificate, server_config};
use common::{TempDir, build, noise};
use programs::{Programs, limited, succeed};
use rustls::{ServerConnection, StreamOwned};

/// Runs a part; standard output and standard error stay empty.
#[track_caller]
fn host(part: &str, args: &[&str]) {
    silent("host.c", &[&[part], args].concat());
}

#[track_caller]
fn silent(program: &str, args: &[&str]) {
    let programs = Programs::new();
    let output = succeed(limited(&programs.test(program)).args(args));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_million_guessed_handles_open_nothing() {
    host("handles", &[]);
}

#[test]
fn parent_and_children_have_connections_of_their_own() {
    let emulator = Emulator::start();
    host("fork", &[&emulator.url]);
}

#[test]
fn a_broken_connection_raises_no_signal() {
    let listener = Listener::with_connections(|stream, _| {
        // Gone after the first bytes, with the rest unread.
        let _ = std::io::Read::read(stream, &mut [0]);
    });
    host("closed", &[&listener.url]);
}

#[test]
fn signals_interrupt_nothing() {
    let (emulator, folder) = (Emulator::start(), TempDir::new());
    folder.file("file", &noise(5_000_000, 1));
    host(
        "signals",
        &[&emulator.url, folder.join("").to_str().unwrap()],
    );
}

#[test]
fn signals_interrupt_no_handshake() {
    let certificate = Certificate::new("localhost");
    let config = server_config(&certificate);
    let listener = Listener::with_connections(move |stream, _| {
        let tls = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(tls, stream);
        while read_request(&mut stream).is_some() {
            let reply = http(200, r#"{"code":0,"message":"","data":{}}"#);
            let _ = stream.write_all(&reply);
        }
    });
    let url = listener
        .url
        .replace("http://127.0.0.1", "https://localhost");
    host("handshakes", &[&url, &certificate.path()]);
}

#[test]
fn loading_and_unloading_costs_nothing() {
    let library = build::library().join("libqcos.so");
    host("loads", &[library.to_str().unwrap()]);
}

#[test]
fn secrets_are_told_to_nobody_and_gone_with_their_client() {
    let (emulator, folder) = (Emulator::start(), TempDir::new());
    folder.file("file", &noise(2_000_000, 1));
    silent(
        "secrets.c",
        &[&emulator.url, folder.join("").to_str().unwrap()],
    );
}
