//! The library as C programs see it: those of tests/c, compiled with every warning an error, run
//! plainly, under valgrind, and linked statically. The examples' tests are in c/examples.rs.

#![allow(unsafe_code)] // system calls

mod common;

#[path = "c/examples.rs"]
mod examples;
#[path = "c/programs.rs"]
mod programs;

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use common::emulator::Emulator;
use common::library::APIS;
use common::listener::Listener;
use common::mount::Mount;
use common::{TempDir, build, noise};
use programs::{
    Link, Programs, c_source, compiler, curl, limited, printed, succeed, tool, under_valgrind,
};

/// How a program is started: as it is, or under valgrind.
type Start = fn(&Path) -> Command;

#[test]
fn the_header_compiles_alone_as_c_and_cpp() {
    let folder = TempDir::new();
    for mut compiler in [compiler("cc", "c99"), compiler("c++", "c++11")] {
        // A file named .c is C++ where the compiler is told so.
        let language = if compiler.get_program() == "cc" {
            "c"
        } else {
            "c++"
        };
        compiler
            .args(["-x", language, "-c"])
            .arg(c_source("header.c"));
        succeed(compiler.arg("-o").arg(folder.join("header.o")));
    }
}

/// Those that no test runs, too.
#[test]
fn every_example_compiles_alone() {
    let programs = Programs::new();
    let examples = fs::read_dir(build::root().join("examples-c")).unwrap();
    let sources = examples.map(|entry| entry.unwrap().path());
    let sources: Vec<_> = sources
        .filter(|path| path.extension() == Some(OsStr::new("c")))
        .collect();
    assert!(sources.len() >= 4, "{sources:?}");
    for source in sources {
        programs.compile(&source, Link::Shared);
    }
}

/// A function that is added without its C tests fails here.
#[test]
fn every_function_has_its_cases() {
    let text = |names: &[&str]| -> String {
        let read = |name: &&str| fs::read_to_string(c_source(name)).unwrap();
        names.iter().map(read).collect()
    };
    let exports = fs::read_to_string(build::root().join("tests/exports.txt")).unwrap();
    let good = text(&["good.c", "uploads.c", "bytes.c"]);
    let misuse = text(&["misuse.c"]);
    for name in exports.lines() {
        assert!(good.contains(&format!("{name}(")), "{name}: no good case");
        // It has no parameter to misuse.
        if !name.starts_with("qcos_version") {
            assert!(misuse.contains(&format!("{name}(")), "{name}: no misuse");
        }
    }
}

/// What a function takes, by the header: all that can be wrong, so not what is only handed back.
fn parameters(header: &str, function: &str) -> Vec<String> {
    let (_, rest) = header.split_once(&format!("char *{function}(")).unwrap();
    let list = rest.split_once(");").unwrap().0;
    let names = list
        .split(',')
        .map(|p| p.rsplit([' ', '*']).next().unwrap());
    let names = names.filter(|name| {
        const HANDED_BACK: [&str; 7] = [
            "progress",
            "page",
            "read",
            "write",
            "callback",
            "user_data",
            "void",
        ];
        !HANDED_BACK.contains(name)
    });
    names.map(str::to_owned).collect()
}

#[test]
fn every_parameter_is_misused() {
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let header = read(&build::root().join("include/qcos.h"));
    let (table, values) = (
        read(&c_source("misuse.c")),
        read(&c_source("misuse_values.h")),
    );
    // PARAMETER(p_path, "path", ...
    let kinds = values.split("PARAMETER(p_").skip(1).map(|rest| {
        let (kind, rest) = rest.split_once(", \"").unwrap();
        (kind, rest.split('"').next().unwrap())
    });
    let kinds: Vec<(&str, &str)> = kinds.collect();
    let exports = read(&build::root().join("tests/exports.txt"));
    let mut rows = 0;
    for function in exports.lines() {
        // {"qcos_stat_file", stat_file, {&p_client, ...}}
        let Some((_, row)) = table.split_once(&format!("{{\"{function}\",")) else {
            continue;
        };
        let row = row.split_once("}}").unwrap().0;
        let tried = row.split("&p_").skip(1).map(|rest| {
            let kind = rest
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            kinds
                .iter()
                .find(|(name, _)| Some(*name) == kind)
                .unwrap()
                .1
        });
        let tried: Vec<&str> = tried.collect();
        assert_eq!(tried, parameters(&header, function), "{function}");
        rows += 1;
    }
    // Those that answer with no reply have tests of their own there.
    assert_eq!(rows, exports.lines().count() - 8);
}

fn good(program: &Path, start: Start) {
    let emulator = Emulator::start();
    succeed(start(program).arg(&emulator.url));
}

#[test]
fn good_cases() {
    good(&Programs::new().test("good.c"), limited);
}

#[test]
fn good_cases_with_the_static_library() {
    let programs = Programs::new();
    let program = programs.compile(&c_source("good.c"), Link::Static);
    let needed = printed(tool("readelf").arg("-d").arg(&program));
    assert!(
        needed.contains("NEEDED") && !needed.contains("qcos"),
        "{needed}"
    );
    good(&program, limited);
}

fn uploads(api: &str, start: Start) {
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let content = noise((8 << 20) + 700_001, 1);
    let big = folder.file("big", &content);
    let small = folder.join("").join(OsStr::from_bytes(b"small \xff\n.bin"));
    fs::write(&small, noise(70_001, 2)).unwrap();
    folder.file("empty", b"");

    let program = programs.test("uploads.c");
    succeed(
        start(&program)
            .args([api, &emulator.url])
            .arg(folder.join(""))
            .args([sha1(&small), sha1(&big)]),
    );
    let held = curl(&[&format!("{}/testbucket-10000001/kept/big", emulator.url)]);
    assert!(held == content, "the object is another than the file");
}

/// By a program that is not ours; from stdin, since it escapes names with odd bytes.
fn sha1(file: &Path) -> String {
    let line = printed(tool("sha1sum").stdin(fs::File::open(file).unwrap()));
    line.split(' ').next().unwrap().to_owned()
}

#[test]
fn uploads_of_files() {
    for api in APIS {
        uploads(api, limited);
    }
}

fn bytes(api: &str, start: Start) {
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let program = programs.test("bytes.c");
    succeed(
        start(&program)
            .args([api, &emulator.url])
            .arg(folder.join("")),
    );
}

#[test]
fn bytes_without_files() {
    for api in APIS {
        bytes(api, limited);
    }
}

/// What scripts/platforms.sh runs on other systems as well.
#[test]
fn trees_and_resumption_with_folders_of_their_own() {
    let programs = Programs::new();
    for program in ["tree_names.c", "resume.c"].map(|name| programs.test(name)) {
        for api in APIS {
            let (emulator, folder) = (Emulator::start(), TempDir::new());
            let folder = folder.join("");
            succeed(limited(&program).args([api, &emulator.url]).arg(&folder));
        }
    }
}

/// So is this one.
#[test]
fn volumes_that_are_full_or_read_only_are_called_so() {
    let programs = Programs::new();
    let program = programs.test("disks.c");
    for api in APIS {
        let (emulator, folder) = (Emulator::start(), TempDir::new());
        let [full, read_only] = ["size=2m", "size=1m"].map(Mount::new);
        for disk in [&full, &read_only] {
            disk.0.file("f", b"old");
        }
        read_only.make_read_only();
        let folders = [&full.0, &read_only.0, &folder].map(|folder| folder.join(""));
        succeed(limited(&program).args([api, &emulator.url]).args(folders));
    }
}

/// Every row is refused before anything is sent.
fn misuse(start: Start) {
    let (programs, folder) = (Programs::new(), TempDir::new());
    let listener = Listener::replying("{}");
    let program = programs.test("misuse.c");
    let said = printed(start(&program).arg(&listener.url).arg(folder.join("")));
    let rows: u32 = said.split(' ').next().unwrap().parse().unwrap();
    assert!(rows > 900, "{said}");

    // Connections are taken in their order: with ours answered, an earlier one would be counted.
    let mut ours = TcpStream::connect(listener.url.trim_start_matches("http://")).unwrap();
    ours.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    ours.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(listener.connections(), 1, "a misuse reached the network");
}

#[test]
fn misuse_is_refused_and_sends_nothing() {
    misuse(limited);
}

#[test]
fn threads_share_and_close_a_client() {
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let file = folder.file("file", &noise(1_600_000, 3));
    let program = programs.test("threads.c");
    succeed(limited(&program).arg(&emulator.url).arg(file));
}

#[test]
fn valgrind_finds_nothing() {
    good(&Programs::new().test("good.c"), under_valgrind);
    for api in APIS {
        uploads(api, under_valgrind);
        bytes(api, under_valgrind);
    }
    misuse(under_valgrind);
}
