//! What the shared library shows to the linker, as users get it: exactly the contract's functions,
//! and nothing that weakens the program which loads it.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use common::{abi, build};
use programs::{printed, tool};

/// Programs that embed it ship it; it grows by decision, not by accident. Of the oldest Rust that is
/// promised, whose own part of it is larger.
const MAX_BYTES: u64 = 3_145_728; // 3 MiB

fn library() -> PathBuf {
    build::library().join("libqcos.so")
}

fn readelf(option: &str) -> String {
    printed(tool("readelf").args(["-W", option]).arg(library()))
}

fn header() -> String {
    fs::read_to_string(build::root().join("include/qcos.h")).unwrap()
}

fn checked_in() -> String {
    fs::read_to_string(build::root().join("tests/exports.txt")).unwrap()
}

#[test]
fn exports_are_the_checked_in_list() {
    let symbols = printed(tool("nm").args(["-D", "--defined-only"]).arg(library()));
    let mut exported: Vec<&str> = symbols
        .lines()
        .map(|line| line.split_whitespace().last().unwrap())
        .collect();
    exported.sort_unstable();
    let listed = checked_in();
    let listed: Vec<&str> = listed.lines().collect();
    assert_eq!(
        exported, listed,
        "a removed or changed function breaks programs"
    );
}

#[test]
fn the_header_declares_what_is_exported() {
    let functions = abi::functions(&header());
    let declared: BTreeSet<&str> = functions.iter().map(|f| f.name.as_str()).collect();
    let listed = checked_in();
    assert_eq!(declared, listed.lines().collect());
}

/// Each constant has a static assertion, each function its signature.
#[test]
fn the_header_is_frozen_by_a_c_file() {
    let frozen = fs::read_to_string(build::root().join("tests/c/header.c")).unwrap();
    let constants = abi::constants(&header());
    assert!(constants.len() >= 12, "{constants:?}");
    let computed = ["QCOS_VERSION_NUMBER"];
    for name in constants.keys().map(String::as_str).chain(computed) {
        assert!(frozen.contains(&format!("ALWAYS({name} == ")), "{name}");
    }
    for name in checked_in().lines() {
        assert!(frozen.contains(&format!(" {name},")), "{name}");
    }
}

#[test]
fn the_dynamic_section_is_right() {
    let dynamic = readelf("-d");
    let values = |tag: &str| -> Vec<&str> {
        let lines = dynamic
            .lines()
            .filter(|line| line.contains(&format!("({tag})")));
        lines
            .map(|line| line.split_once(')').unwrap().1.trim())
            .collect()
    };
    assert_eq!(values("SONAME"), ["Library soname: [libqcos.so.0]"]);
    for needed in values("NEEDED") {
        let name = needed.split(['[', ']']).nth(1).unwrap();
        let usual = ["libc.so.6", "libgcc_s.so.1", "libm.so.6"].contains(&name);
        assert!(usual || name.starts_with("ld-linux"), "needs {name}");
    }
    let flags = values("FLAGS_1").concat();
    assert!(flags.contains("NODELETE"), "{flags}");
    for tag in ["RPATH", "RUNPATH", "TEXTREL"] {
        assert!(values(tag).is_empty(), "{dynamic}");
    }
}

/// Full RELRO: the segment, and all symbols bound when it is loaded.
#[test]
fn the_library_is_hardened() {
    let flags = readelf("-d");
    assert!(
        flags.contains("BIND_NOW") && flags.contains("NOW"),
        "{flags}"
    );
    let headers = readelf("-l");
    let segment = |name: &str| {
        headers
            .lines()
            .find(|line| line.trim_start().starts_with(name))
    };
    assert!(segment("GNU_RELRO").is_some(), "{headers}");
    let stack = segment("GNU_STACK").expect("without it the stack may be executable");
    assert!(stack.contains(" RW ") && !stack.contains('E'), "{stack}");
    let loads = headers
        .lines()
        .filter(|line| line.trim_start().starts_with("LOAD"));
    for load in loads {
        assert!(!load.contains("RWE"), "writable and executable: {load}");
    }
}

#[test]
fn the_library_is_small_and_stripped() {
    let size = fs::metadata(library()).unwrap().len();
    assert!(size < MAX_BYTES, "{size} bytes, the limit is {MAX_BYTES}");
    let sections = readelf("-S");
    assert!(
        !sections.contains(".symtab") && !sections.contains(".debug_"),
        "{sections}"
    );
}

/// Every name that it needs is in the oldest C library that a build may aim at, and in other systems'
/// as well. What the Rust library asks for weakly need not be there.
#[test]
fn it_needs_no_new_name_of_the_c_library() {
    let symbols = printed(tool("nm").args(["-D", "--undefined-only"]).arg(library()));
    let mut needed = 0;
    for line in symbols.lines() {
        let (class, name) = line.trim().split_once(' ').unwrap();
        let (name, version) = name.split_once('@').unwrap_or((name, ""));
        if class == "w" {
            continue;
        }
        needed += 1;
        assert_ne!(name, "explicit_bzero");
        let Some(minor) = version.strip_prefix("GLIBC_2.") else {
            continue;
        };
        let minor: u32 = minor.split('.').next().unwrap().parse().unwrap();
        // From 2.32 on names of libpthread, libdl and libutil came into libc, and stat got one of its
        // own. A build for an older C library takes the older names.
        let renamed = (32..=34).contains(&minor);
        assert!(minor <= 17 || renamed, "{name} needs glibc 2.{minor}");
    }
    assert!(needed > 30, "{symbols}");
}
