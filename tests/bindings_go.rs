//! The package of bindings/go, linked with cgo and loaded without: its own tests over both APIs, its
//! program, its page's samples.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::bindings::{Copy, as_account, assert_quickstart};
use common::build;
use common::emulator::{Emulator, SECRET_KEY};
use common::install::run;
use common::library::APIS;
use common::samples::{assert_all_are_run, samples};

fn source() -> PathBuf {
    build::root().join("bindings/go")
}

/// How the library comes to the program, by what `go` is told.
const LINKED: &[&str] = &[];
const LOADED: &[&str] = &["-tags=qcos_pure"];

/// `go` in the package's folder; without cgo there is no C compiler for it either.
fn go(folder: &Path, cgo: bool) -> Command {
    let mut go = Command::new("go");
    go.current_dir(folder)
        .env("CGO_ENABLED", if cgo { "1" } else { "0" });
    if !cgo {
        go.env("CC", "false");
    }
    go
}

/// As `go`, with the header and the library where they are built.
fn built(cgo: bool) -> Command {
    let (include, library) = (build::root().join("include"), build::library());
    let mut go = go(&source(), cgo);
    go.env("CGO_CFLAGS", format!("-I{}", include.display()))
        .env("CGO_LDFLAGS", format!("-L{}", library.display()))
        .env("LD_LIBRARY_PATH", library);
    go
}

/// A copy with the header and the library in it.
fn copy() -> Copy {
    let copy = Copy::new("bindings/go").with_library("");
    let library = build::library().join("libqcos.so.0");
    std::os::unix::fs::symlink(library, copy.package.join("libqcos.so.0")).unwrap();
    fs::copy(
        build::root().join("include/qcos.h"),
        copy.package.join("qcos.h"),
    )
    .unwrap();
    copy
}

fn its_own_tests_pass(cgo: bool, arguments: &[&str]) {
    for api in APIS {
        let emulator = Emulator::start();
        let mut test = built(cgo);
        as_account(api, &mut test, &emulator);
        let said = run(test
            .args(["test", "-count=1", "-v"])
            .args(arguments)
            .arg("./..."));
        assert!(
            said.contains("--- PASS: TestFiles") && !said.contains("--- SKIP"),
            "{said}"
        );
    }
}

#[test]
fn its_own_tests_pass_with_cgo() {
    its_own_tests_pass(true, &["-race"]);
}

#[test]
fn its_own_tests_pass_without_cgo() {
    its_own_tests_pass(false, &[]);
}

/// The race detector needs cgo, and looks at the pointers as well.
#[test]
fn its_own_tests_pass_where_cgo_is_not_used() {
    its_own_tests_pass(true, &["-race", LOADED[0]]);
}

#[test]
fn the_quickstart_of_a_copied_folder_goes() {
    let (copy, emulator) = (copy(), Emulator::start());
    let quickstart = |name, api, key| {
        let mut command = Command::new(copy.package.join(name));
        as_account(api, &mut command, &emulator)
            .env("QCOS_SECRET_KEY", key)
            .env("LD_LIBRARY_PATH", &copy.package)
            .arg(copy.join("holiday.mp4"))
            .arg("bucket");
        command
    };
    for (name, cgo) in [("linked", true), ("loaded", false)] {
        run(go(&copy.package, cgo).args(["build", "-o", name, "./cmd/quickstart"]));
        for api in APIS {
            let said = run(&mut quickstart(name, api, SECRET_KEY));
            assert_quickstart(&said, "from quickstart");
        }
        let output = quickstart(name, "json", "wrong").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("SERVICE (-97)"), "{said}");
    }
}

/// What a module says that uses the package.
fn required() -> String {
    format!(
        "-require=github.com/libqcos/libqcos/bindings/go@v{}",
        env!("CARGO_PKG_VERSION")
    )
}

/// A module of somebody's beside the package, with this program.
fn program(copy: &Copy, code: &str) {
    fs::write(copy.join("go.mod"), "module demo\n\ngo 1.23\n").unwrap();
    fs::write(copy.join("main.go"), code).unwrap();
}

#[test]
fn every_sample_of_its_page_runs() {
    let page = source().join("README.md");
    assert_all_are_run(&page, &["sh", "go"]);
    let program_of_mine = &samples(&page, "go")[0];
    for code in samples(&page, "sh") {
        let (copy, emulator) = (Copy::new("bindings/go"), Emulator::start());
        program(&copy, program_of_mine);
        let mut shell = Command::new("sh");
        as_account("xml", &mut shell, &emulator);
        run(shell.args(["-euc", &code]).current_dir(copy.join("")));
    }
}

#[test]
fn every_sample_in_go_runs() {
    let main = ["README.md", "README.zh-CN.md"].map(|name| build::root().join(name));
    let copy = copy();
    for page in [source().join("README.md")].iter().chain(&main) {
        for (number, code) in samples(page, "go").iter().enumerate() {
            let emulator = Emulator::start();
            println!("{}, sample {number}", page.display());
            program(&copy, code);
            run(go(&copy.join(""), true)
                .args(["mod", "edit", &required()])
                .arg("-replace=github.com/libqcos/libqcos/bindings/go=./bindings/go"));
            run(go(&copy.join(""), true).args(["mod", "tidy"]));
            let mut start = go(&copy.join(""), true);
            as_account("xml", &mut start, &emulator);
            run(start
                .env("LD_LIBRARY_PATH", &copy.package)
                .args(["run", "."]));
        }
    }
}

#[test]
fn it_is_formatted_and_vetted() {
    let unformatted = run(Command::new("gofmt").arg("-l").arg(source()));
    assert_eq!(unformatted, "");
    for (cgo, flags) in [(true, LINKED), (true, LOADED), (false, LINKED)] {
        run(built(cgo).arg("vet").args(flags).arg("./..."));
    }
}

/// A header of another version does not even compile.
#[test]
fn its_version_is_the_librarys() {
    let copy = copy();
    let version = format!("const Version = \"{}\"\n", env!("CARGO_PKG_VERSION"));
    for (file, wanted) in [("client.go", version), ("README.md", required())] {
        let text = fs::read_to_string(copy.package.join(file)).unwrap();
        assert!(text.contains(&wanted), "{file}: not {wanted}");
    }

    let header = copy.package.join("qcos.h");
    let text = fs::read_to_string(&header).unwrap();
    let other = text.replace(
        "#define QCOS_VERSION_MAJOR 0",
        "#define QCOS_VERSION_MAJOR 7",
    );
    assert_ne!(text, other);
    fs::write(&header, other).unwrap();
    let output = go(&copy.package, true).arg("build").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("qcos.h is of another version"), "{said}");
}
