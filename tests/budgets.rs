//! What a small call costs, in numbers that do not depend on the machine's mood.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::fs;

use common::TempDir;
use common::emulator::Emulator;
use common::library::APIS;
use programs::{Programs, limited, succeed, tool};

/// A look at the clock is none; the limit is that of a request and its answer over a connection that
/// is kept, with a look whether it is still there.
const SYSTEM_CALLS_MAX: usize = 8;

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
        let threads = many.iter().filter(|line| line.contains("clone"));
        assert_eq!(threads.count(), 0, "{api}");
    }
}
