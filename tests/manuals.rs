//! The man pages say what the programs do: every option of the emulator, every function, and an
//! example that compiles and runs.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::BUCKET;
use common::{TempDir, build};
use programs::{Link, Programs, limited, printed};

fn page(name: &str) -> String {
    fs::read_to_string(build::root().join("packaging/man").join(name)).unwrap()
}

#[test]
fn the_emulators_page_has_its_options() {
    let help = printed(Command::new(build::emulator()).arg("--help"));
    let page = page("qcos-emulator.1");
    let offered: BTreeSet<&str> = help
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix('-'))
        .map(|line| line.split_once("--").map_or(line, |(_, long)| long))
        .map(|line| line.trim_start_matches('-').split(' ').next().unwrap())
        .collect();
    assert!(offered.len() > 10, "{help}");
    let described: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix(".It Fl "))
        .map(|line| line.rsplit_once("\\-").unwrap().1)
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(described, offered);

    let plain = page.replace('\\', "");
    for default in help.split("[default: ").skip(1) {
        let default = default.split(']').next().unwrap();
        assert!(plain.contains(default), "the page lacks {default}");
    }
}

#[test]
fn the_librarys_page_has_its_functions() {
    let page = page("qcos.3");
    let exports = fs::read_to_string(build::root().join("tests/exports.txt")).unwrap();
    let listed: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix(".Fn "))
        .map(|line| line.trim_end_matches(" ,"))
        .collect();
    assert_eq!(listed, exports.lines().collect());
}

/// The first block of the section, as a reader sees it.
fn example(page: &str) -> String {
    let (_, section) = page.split_once(".Sh EXAMPLES\n").unwrap();
    let (_, block) = section.split_once(".Bd -literal -offset indent\n").unwrap();
    let (block, _) = block.split_once("\n.Ed\n").unwrap();
    block.replace("\\e", "\\")
}

#[test]
fn the_librarys_example_runs() {
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let source = folder.file("put.c", example(&page("qcos.3")).as_bytes());
    let program = programs.compile(&source, Link::Shared);
    let photo = folder.file("a.jpg", b"a photo");
    let said = printed(
        limited(&program)
            .args([photo.to_str().unwrap(), BUCKET])
            .env("QCOS_APPID", APPID)
            .env("QCOS_SECRET_ID", SECRET_ID)
            .env("QCOS_SECRET_KEY", SECRET_KEY)
            .env("QCOS_OPTIONS", emulator.options("json")),
    );
    assert!(said.trim().ends_with("/photos/a.jpg"), "{said}");
    assert_eq!(programs::curl(&[said.trim()]), b"a photo");
}
