//! The C programs of tests/c with AddressSanitizer in them and in the library, leaks included.
#![cfg(target_arch = "x86_64")]

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::fs;
use std::os::unix::ffi::OsStrExt;

use common::emulator::Emulator;
use common::library::APIS;
use common::listener::Listener;
use common::{TempDir, build, noise, sha1_hex};
use programs::{Link, Programs, c_source, limited, printed, succeed, tool};

#[test]
fn it_is_really_there() {
    let library = build::sanitized_library().join("libqcos.so");
    let symbols = printed(tool("nm").arg("-D").arg(library));
    assert!(symbols.contains("U __asan_init"), "{symbols}");
    let ordinary = build::library().join("libqcos.so");
    let symbols = printed(tool("nm").arg("-D").arg(ordinary));
    assert!(!symbols.contains("__asan"), "{symbols}");

    // It sees both ways to mistreat a reply.
    for (mistake, found) in [
        (
            "qcos_string_free(reply); printf(\"%s\", reply);",
            "heap-use-after-free",
        ),
        ("reply = NULL;", "detected memory leaks"),
    ] {
        let folder = TempDir::new();
        let source = folder.join("mistake.c");
        let program = format!(
            "#include <qcos.h>\n#include <stdio.h>\n#include <stdlib.h>\n\
             int main(void) {{ char *reply = qcos_stat_file(1, \"b\", \"p\"); {mistake}\n\
             return reply == NULL; }}\n"
        );
        fs::write(&source, program).unwrap();
        let program = Programs::new();
        let program = program.compile(&source, Link::Sanitized);
        let output = limited(&program).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains(found), "{mistake}: {complaint}");
    }
}

#[test]
fn good_cases() {
    let (programs, emulator) = (Programs::new(), Emulator::start());
    let program = programs.compile(&c_source("good.c"), Link::Sanitized);
    succeed(limited(&program).arg(&emulator.url));
}

#[test]
fn misuses() {
    let (programs, folder) = (Programs::new(), TempDir::new());
    let listener = Listener::replying("{}");
    let program = programs.compile(&c_source("misuse.c"), Link::Sanitized);
    let said = printed(limited(&program).arg(&listener.url).arg(folder.join("")));
    assert!(said.contains("misuses"), "{said}");
}

#[test]
fn bytes() {
    for api in APIS {
        let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
        let program = programs.compile(&c_source("bytes.c"), Link::Sanitized);
        let mut bytes = limited(&program);
        succeed(bytes.args([api, &emulator.url]).arg(folder.join("")));
    }
}

#[test]
fn threads() {
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let file = folder.file("file", &noise(1_600_000, 3));
    let program = programs.compile(&c_source("threads.c"), Link::Sanitized);
    succeed(limited(&program).arg(&emulator.url).arg(file));
}

#[test]
fn uploads() {
    let (big, small) = (noise((8 << 20) + 700_001, 1), noise(70_001, 2));
    for api in APIS {
        let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
        folder.file("big", &big);
        folder.file("empty", b"");
        let name = std::ffi::OsStr::from_bytes(b"small \xff\n.bin");
        fs::write(folder.join("").join(name), &small).unwrap();
        let program = programs.compile(&c_source("uploads.c"), Link::Sanitized);
        succeed(
            limited(&program)
                .args([api, &emulator.url])
                .arg(folder.join(""))
                .args([sha1_hex(&small), sha1_hex(&big)]),
        );
    }
}
