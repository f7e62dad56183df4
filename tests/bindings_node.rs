//! The package of bindings/node: its own tests over both APIs, its program, its page's samples.

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use common::bindings::{Copy, as_account, assert_quickstart};
use common::build;
use common::emulator::Emulator;
use common::install::{self, run};
use common::library::APIS;
use common::samples::{assert_all_are_run, samples};
use serde_json::Value;

fn source() -> PathBuf {
    build::root().join("bindings/node")
}

/// A copy whose dependencies are installed, and which `require("qcos")` finds from beside it.
fn copy() -> Copy {
    let copy = Copy::new("bindings/node");
    let modules = install::node("node-binding", &source()).join("node_modules");
    let own = copy.package.join("node_modules");
    let _ = fs::remove_dir_all(&own);
    run(Command::new("cp").arg("-r").arg(modules).arg(own));
    fs::create_dir(copy.join("node_modules")).unwrap();
    symlink(&copy.package, copy.join("node_modules/qcos")).unwrap();
    copy
}

fn node(api: &str, emulator: &Emulator) -> Command {
    let mut command = Command::new("node");
    as_account(api, &mut command, emulator);
    command
}

#[test]
fn its_own_tests_pass_over_both_apis() {
    let copy = copy();
    for api in APIS {
        let emulator = Emulator::start();
        let said = run(node(api, &emulator)
            .env("QCOS_LIBRARY", build::library().join("libqcos.so"))
            .env("QCOS_REPOSITORY", build::root())
            .args(["--test", "--test-reporter=tap", "test/"])
            .current_dir(&copy.package));
        assert!(
            said.contains("# fail 0") && said.contains("# skipped 0"),
            "{said}"
        );
    }
}

#[test]
fn the_quickstart_of_a_copied_folder_goes() {
    let (copy, emulator) = (copy().with_library(""), Emulator::start());
    let quickstart = |api, key| {
        let mut command = node(api, &emulator);
        command
            .env("QCOS_SECRET_KEY", key)
            .arg(copy.package.join("quickstart.mjs"))
            .arg(copy.join("holiday.mp4"))
            .arg("bucket");
        command
    };
    for api in APIS {
        let said = run(&mut quickstart(api, common::emulator::SECRET_KEY));
        assert_quickstart(&said, "from quickstart.mjs");
    }
    let output = quickstart("json", "wrong").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("SERVICE (-97)"), "{said}");
}

#[test]
fn every_sample_of_its_pages_runs() {
    let page = source().join("README.md");
    assert_all_are_run(&page, &["sh", "js"]);
    let main = ["README.md", "README.zh-CN.md"].map(|name| build::root().join(name));
    let installed = copy().with_library("");
    for page in [&page].into_iter().chain(&main) {
        for (number, code) in samples(page, "js").iter().enumerate() {
            let emulator = Emulator::start();
            println!("{}, sample {number}", page.display());
            run(node("xml", &emulator)
                .args(["-e", code])
                .current_dir(installed.join("")));
        }
    }
    let (copy, emulator) = (copy(), Emulator::start());
    for code in samples(&page, "sh") {
        let mut shell = Command::new("sh");
        as_account("xml", &mut shell, &emulator);
        run(shell
            .args(["-euc", &code])
            .env("npm_config_audit", "false")
            .env("npm_config_fund", "false")
            .current_dir(copy.join("")));
    }
}

/// Of three places that tell a version, each is the library's.
#[test]
fn its_version_is_the_librarys() {
    let (copy, package) = (copy().with_library(""), "require('./package.json').version");
    let code = format!(
        "console.log({package}, require('./lib/abi.js').VERSION.join('.'), \
         require('./index.js').libraryVersion())"
    );
    let said = run(Command::new("node")
        .args(["-e", &code])
        .env_remove("QCOS_LIBRARY")
        .current_dir(&copy.package));
    let words: Vec<&str> = said.split_whitespace().collect();
    assert_eq!(words, [env!("CARGO_PKG_VERSION"); 3]);
    let lock = fs::read_to_string(source().join("package-lock.json")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    assert_eq!(lock["version"], env!("CARGO_PKG_VERSION"));
    assert!(!lock.to_string().contains("\"resolved\""), "a host of ours");
}
