//! What calls cost, in numbers that do not depend on the machine's mood. Speed is for `make bench`.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::collections::BTreeSet;
use std::fs;

use common::emulator::Emulator;
use common::library::APIS;
use common::{TempDir, build};
use programs::{Programs, limited, printed, succeed, tool};
use serde_json::{Value, json};

/// A look at the clock is none; the limit is that of a request and its answer over a connection that
/// is kept, with a look whether it is still there.
const SYSTEM_CALLS_MAX: usize = 8;

/// Of a small call, signature and reply and all, as callgrind counts them: some 10 % above what it
/// took when this was set. (Under valgrind SHA-1 is reckoned without the processor's help.)
fn instructions_max(api: &str) -> u64 {
    if api == "xml" { 222_000 } else { 155_000 }
}

/// Between files of 160 and of 480 MiB: what the allocator may round differently.
const GROWTH_MAX_KIB: u64 = 512;

/// Of 64 connections to send and 64 to fetch, 40 MiB each: the program does both, and they are kept.
const CONNECTIONS_MAX_KIB: u64 = 2 * (40 << 10);

/// In the library, with itself: each is somebody else's code that users must trust.
const CRATES_MAX: usize = 53;

/// The system calls of a program that makes so many small calls.
fn system_calls(options: &str, count: usize) -> Vec<String> {
    let (programs, folder) = (Programs::new(), TempDir::new());
    let list = folder.join("list");
    let strace = tool("strace");
    let mut run = limited(strace.get_program().as_ref());
    run.args(["-f", "-qq", "-o"]).arg(&list);
    run.arg(programs.test("calls.c"));
    succeed(run.args([options, &count.to_string()]));
    let list = fs::read_to_string(list).unwrap();
    list.lines().map(str::to_owned).collect()
}

#[test]
fn a_small_call_makes_few_system_calls_and_no_thread() {
    for api in APIS {
        let emulator = Emulator::start();
        let options = emulator.options(api);
        let few = system_calls(&options, 10).len();
        let many = system_calls(&options, 110);
        let each = (many.len() - few) as f64 / 100.0;
        println!("{api}: {each} system calls a call");
        assert!(
            each <= SYSTEM_CALLS_MAX as f64,
            "{api}: {each}\n{}",
            many[many.len() - 20..].join("\n")
        );
        // `<pid> clone3(...`; a folder may have that name, too.
        let is_clone = |line: &&String| {
            let call = line.split_whitespace().nth(1);
            call.is_some_and(|call| call.starts_with("clone"))
        };
        let threads = many.iter().filter(is_clone);
        assert_eq!(threads.count(), 0, "{api}");
    }
}

/// Instructions of a program that makes so many small calls.
fn instructions(options: &str, count: usize) -> u64 {
    let (programs, folder) = (Programs::new(), TempDir::new());
    let list = folder.join("list");
    let valgrind = tool("valgrind");
    let mut run = limited(valgrind.get_program().as_ref());
    run.args(["-q", "--tool=callgrind"]);
    run.arg(format!("--callgrind-out-file={}", list.display()));
    run.arg(programs.test("calls.c"));
    succeed(run.args([options, &count.to_string()]));
    let list = fs::read_to_string(list).unwrap();
    let total = list.lines().find_map(|line| line.strip_prefix("totals: "));
    total.unwrap().trim().parse().unwrap()
}

#[test]
fn a_small_call_takes_few_instructions() {
    for api in APIS {
        let emulator = Emulator::start();
        let options = emulator.options(api);
        let (few, many) = (instructions(&options, 10), instructions(&options, 110));
        let each = (many - few) / 100;
        println!("{api}: {each} instructions a call");
        assert!(each <= instructions_max(api), "{api}: {each}");
    }
}

/// KiB that it takes at most to send and fetch a file of so many MiB.
fn peak(api: &str, parallel: &Value, mib: u64) -> u64 {
    let (programs, folder, emulator) = (Programs::new(), TempDir::new(), Emulator::start());
    let mut options: Value = serde_json::from_str(&emulator.options(api)).unwrap();
    options["parallel"] = parallel.clone();
    let file = folder.join("file");
    fs::File::create(&file).unwrap().set_len(mib << 20).unwrap();
    let mut run = limited(&programs.test("peak.c"));
    let peak = printed(
        run.arg(options.to_string())
            .arg(&file)
            .arg(folder.join("target")),
    );
    peak.trim().parse().unwrap()
}

#[test]
fn memory_does_not_grow_with_the_file() {
    for api in APIS {
        // A buffer takes memory as far as it was ever filled, which a small file may not do in one run.
        let small = (0..3).map(|_| peak(api, &json!(8), 160)).max().unwrap();
        let large = peak(api, &json!(8), 480);
        println!("{api}: {small} KiB for 160 MiB, {large} KiB for 480 MiB");
        assert!(large <= small + GROWTH_MAX_KIB, "{api}: {small} {large}");
        // As many connections as are found to pay.
        let found = peak(api, &json!("auto"), 480);
        println!("{api}: {found} KiB with a number that finds itself");
        assert!(
            found <= small + CONNECTIONS_MAX_KIB,
            "{api}: {small} {found}"
        );
    }
}

#[test]
fn the_library_is_made_of_few_crates() {
    let list = printed(
        tool("cargo")
            .args(["tree", "--locked", "--package", "libqcos"])
            .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
            .current_dir(build::root()),
    );
    let crates: BTreeSet<&str> = list
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    assert!(crates.len() <= CRATES_MAX, "{}: {crates:#?}", crates.len());
}
