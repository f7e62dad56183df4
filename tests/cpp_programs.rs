//! include/qcos.hpp as C++ programs see it: those of tests/cpp, compiled with every warning an error,
//! run plainly and under valgrind.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::emulator::Emulator;
use common::library::APIS;
use common::samples::samples;
use common::{TempDir, build, noise};
use programs::{Link, Programs, compiler, limited, printed, succeed, under_valgrind};
use serde_json::json;

fn source(name: &str) -> PathBuf {
    build::root().join("tests/cpp").join(name)
}

fn root(path: &str) -> PathBuf {
    build::root().join(path)
}

fn example() -> PathBuf {
    root("examples-cpp/quickstart.cpp")
}

fn header() -> String {
    fs::read_to_string(build::root().join("include/qcos.hpp")).unwrap()
}

fn compile(name: &str) -> (Programs, PathBuf) {
    let programs = Programs::new();
    let program = programs.compile(&source(name), Link::Shared);
    (programs, program)
}

/// clang++ too, where it is installed.
fn compilers() -> Vec<&'static str> {
    let clang = Command::new("clang++").arg("--version").output();
    let clang = clang.is_ok_and(|output| output.status.success());
    ["c++"]
        .into_iter()
        .chain(clang.then_some("clang++"))
        .collect()
}

/// What a compiler says of a program that must not compile.
fn refused(text: &str) -> String {
    let programs = Programs::new();
    let mut compiler = compiler("c++", "c++17");
    compiler.arg("-fsyntax-only");
    let output = compiler.arg(programs.source("wrong.cpp", text)).output();
    let output = output.unwrap();
    assert!(!output.status.success(), "this compiles: {text}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_compiles_in_every_standard_with_and_without_exceptions() {
    for name in compilers() {
        for standard in ["c++17", "c++20"] {
            let mut compiler = compiler(name, standard);
            compiler.args(["-Wshadow", "-Wconversion", "-fsyntax-only"]);
            succeed(compiler.arg("-fno-exceptions").arg(example()));
        }
        let programs = Programs::new();
        let without = programs.source("without.cpp", WITHOUT_EXCEPTIONS);
        for standard in ["c++17", "c++20"] {
            let mut bare = compiler(name, standard);
            bare.args(["-Wshadow", "-Wconversion", "-fsyntax-only"]);
            succeed(bare.arg("-fno-exceptions").arg(&without));
            for program in [
                source("good.cpp"),
                source("idioms.cpp"),
                root("examples-cpp/images.cpp"),
            ] {
                let mut compiler = compiler(name, standard);
                succeed(compiler.args(["-Wshadow", "-fsyntax-only"]).arg(program));
            }
        }
    }
}

/// What a program has instead of what throws.
const WITHOUT_EXCEPTIONS: &str = r#"#include <qcos.hpp>
int main() {
    qcos::client client;
    const auto renew = []() -> std::optional<qcos::credentials> { return std::nullopt; };
    if (!client.open("1", "id", "key") || !client.on_expiry(renew)) return 1;
    qcos::reply outcome;
    std::string all;
    for (const auto &entry : client.with(std::chrono::seconds(5)).entries("b", "", outcome))
        all += entry.name();
    outcome.each("/data/infos", [&](const qcos::entry &entry) { all += entry.name(); });
    return outcome && client.download_stream("b", "a", all) ? 0 : 1;
}
"#;

/// A function that is added without its method, or a method without its test, fails here.
#[test]
fn every_function_has_its_method_and_its_case() {
    let exports = fs::read_to_string(build::root().join("tests/exports.txt")).unwrap();
    let header = header();
    let code = header.split_once("#define QCOS_HPP").unwrap().1;
    let tests = ["good.cpp", "transfers.cpp"].map(|name| fs::read_to_string(source(name)).unwrap());
    for name in exports.lines() {
        let used = |end: &str| code.contains(&format!("{name}{end}"));
        assert!(used("(") || used(",") || used(")"), "{name}: no method");
        let method = name
            .trim_start_matches("qcos_")
            .trim_start_matches("client_");
        if code.contains(&format!("reply {method}(")) {
            let called = format!("client.{method}(");
            assert!(tests.concat().contains(&called), "{called}: no case");
        }
    }
}

#[test]
fn what_is_wrong_does_not_compile() {
    let in_main =
        |code: &str| format!("#include <qcos.hpp>\nint main() {{ qcos::client client; {code} }}\n");
    let unread = refused(&in_main("client.delete_file(\"b\", \"p\");"));
    assert!(unread.contains("nodiscard"), "{unread}");
    let said = refused(&in_main(
        "(void)client.upload(\"f\", \"b\", \"p\", nullptr, [](auto, auto) { return 0; });",
    ));
    assert!(said.contains("returns nothing, or bool"), "{said}");
    let copied = refused(&in_main("qcos::client copy = client;"));
    assert!(copied.contains("deleted"), "{copied}");
}

/// Both headers must come from one version, and a standard that is too old is named.
#[test]
fn headers_of_two_versions_or_an_old_standard_are_named() {
    let folder = TempDir::new();
    let c_header = fs::read_to_string(build::root().join("include/qcos.h")).unwrap();
    let minor = c_header
        .lines()
        .find(|line| line.starts_with("#define QCOS_VERSION_MINOR"))
        .unwrap();
    let other = c_header.replace(minor, "#define QCOS_VERSION_MINOR 99");
    folder.file("qcos.h", other.as_bytes());
    let hpp = folder.file("qcos.hpp", header().as_bytes());
    let complaint = |compiler: &mut Command| {
        let output = compiler
            .args(["-x", "c++", "-fsyntax-only"])
            .arg(&hpp)
            .output();
        String::from_utf8(output.unwrap().stderr).unwrap()
    };
    let mut mixed = programs::tool("c++");
    let said = complaint(mixed.arg("-std=c++17").arg("-I").arg(folder.join("")));
    assert!(said.contains("take both from one version"), "{said}");
    let said = complaint(&mut compiler("c++", "c++14"));
    assert!(said.contains("qcos.hpp needs C++17 or newer"), "{said}");
}

/// Runs a program of tests/cpp plainly, and under valgrind.
fn runs(name: &str) {
    let (_programs, program) = compile(name);
    for start in [limited, under_valgrind] {
        let (emulator, folder) = (Emulator::start(), TempDir::new());
        folder.file("big", &noise((9 << 20) + 1, 1));
        succeed(start(&program).arg(&emulator.url).arg(folder.join("")));
    }
}

#[test]
fn every_method_works() {
    runs("good.cpp");
}

/// In C++20 with stop tokens, too.
#[test]
fn limits_lists_memory_and_stop_tokens_are_of_the_language() {
    let programs = Programs::new();
    for standard in ["c++17", "c++20"] {
        let source = source("idioms.cpp");
        let program = programs.compile_by(compiler("c++", standard), &source, Link::Shared);
        for start in [limited, under_valgrind] {
            let (emulator, folder) = (Emulator::start(), TempDir::new());
            emulator.set_faults(&json!([
                {"match": {"path": "/stalled"}, "fault": {"stall": "before_answer"}},
            ]));
            succeed(start(&program).arg(&emulator.url).arg(folder.join("")));
            assert!(emulator.end_faults() > 0);
        }
    }
}

#[test]
fn uploads_are_cancelled_resumed_and_downloaded_and_callbacks_may_throw() {
    runs("transfers.cpp");
}

#[test]
fn closed_and_moved_clients_and_wrong_parameters_are_refused() {
    runs("misuse.cpp");
}

/// Nothing but its version is asked of it.
#[test]
fn a_library_of_another_version_is_refused() {
    let (programs, program) = compile("version.cpp");
    for version in ["1.0.0", "0.2.0", "0.0.9"] {
        let mut start = limited(&program);
        // Before the path that the program was linked with, which is a RUNPATH.
        start.env("LD_LIBRARY_PATH", programs.foreign_library(version));
        let said = printed(&mut start);
        let expected =
            "this program was compiled for libqcos 0.1.0, but the library that is loaded is ";
        assert_eq!(said.trim_end(), format!("{expected}{version}"));
    }
}

#[test]
fn the_quickstart_shows_every_reply() {
    let programs = Programs::new();
    let program = programs.compile(&example(), Link::Shared);
    for api in APIS {
        let (emulator, folder) = (Emulator::start(), TempDir::new());
        let mut start = limited(&program);
        start.arg(folder.file("file", b"hello")).arg("testbucket");
        let said = printed(start.envs(emulator.environment(api)));
        let calls: Vec<&str> = said.lines().filter_map(|l| l.split(' ').next()).collect();
        assert_eq!(calls, ["open", "upload", "stat", "list", "delete"]);
        assert_eq!(said.matches("{\"code\":0,").count(), 5, "{said}");
        assert!(said.contains("from quickstart.cpp"), "{said}");
    }
    let mut no_account = limited(&program);
    let output = no_account
        .args(["file", "testbucket"])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("appid: must not be NULL"));
}

#[test]
fn the_samples_of_the_documents_work() {
    for document in ["README.md", "README.zh-CN.md"] {
        let samples = samples(&build::root().join(document), "cpp");
        assert_eq!(samples.len(), 1, "{document}");
        let programs = Programs::new();
        let program = programs.compile(&programs.source("sample.cpp", &samples[0]), Link::Shared);
        let (emulator, folder) = (Emulator::start(), TempDir::new());
        folder.file("holiday.mp4", b"hello");
        let run = |password: &str| {
            let mut start = limited(&program);
            start
                .current_dir(folder.join(""))
                .envs(emulator.environment("xml"));
            start.env("QCOS_SECRET_KEY", password).output().unwrap()
        };
        let worked = run(common::emulator::SECRET_KEY);
        let said = String::from_utf8_lossy(&worked.stdout).into_owned();
        assert!(
            worked.status.success() && said.contains("/videos/holiday.mp4"),
            "{worked:?}"
        );
        let failed = run("wrong");
        assert_eq!(failed.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&failed.stderr).contains("SERVICE: "));
    }
}
