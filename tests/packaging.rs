//! What packagers read says the same as the source: symbols, version, licences.

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use common::build;
use programs::printed;

fn text(path: &str) -> String {
    fs::read_to_string(build::root().join(path)).unwrap()
}

#[test]
fn the_symbols_file_has_the_exports() {
    let symbols = text("packaging/debian/libqcos0.symbols");
    let listed: Vec<&str> = symbols
        .lines()
        .filter_map(|line| line.strip_prefix(' '))
        .map(|line| line.split_once("@Base ").unwrap().0)
        .collect();
    let exports = text("tests/exports.txt");
    assert_eq!(listed, exports.lines().collect::<Vec<_>>());
}

#[test]
fn the_package_has_the_librarys_version() {
    let changelog = text("packaging/debian/changelog");
    let newest = format!("libqcos ({})", env!("CARGO_PKG_VERSION"));
    assert!(changelog.starts_with(&newest), "{changelog}");
}

/// docs/release.md lists where it stands.
#[test]
fn the_version_is_the_same_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    let of_python = version.replace('.', ", ");
    for (path, expected) in [
        ("CHANGELOG.md", format!("## {version} (")),
        (
            "README.md",
            format!("| `user_agent` | `libqcos/{version}` |"),
        ),
        (
            "README.zh-CN.md",
            format!("| `user_agent` | `libqcos/{version}` |"),
        ),
        ("bindings/go/README.md", format!("@v{version} ")),
        (
            "bindings/go/client.go",
            format!("const Version = \"{version}\""),
        ),
        (
            "bindings/node/package.json",
            format!("\"version\": \"{version}\""),
        ),
        (
            "bindings/node/package-lock.json",
            format!("\"version\": \"{version}\""),
        ),
        (
            "bindings/python/pyproject.toml",
            format!("version = \"{version}\""),
        ),
        (
            "bindings/python/libqcos/_abi.py",
            format!("VERSION = ({of_python})"),
        ),
        (
            "packaging/rpm/libqcos.spec",
            format!("Version:        {version}\n"),
        ),
        ("packaging/arch/PKGBUILD", format!("pkgver={version}\n")),
        (
            "packaging/vcpkg/libqcos/vcpkg.json",
            format!("\"version\": \"{version}\""),
        ),
    ] {
        assert!(text(path).contains(&expected), "{path}: no {expected}");
    }
}

/// `make install` and CMake take them from the Makefile; Conan cannot.
#[test]
fn conan_names_what_the_static_library_needs() {
    let (makefile, conan) = (text("Makefile"), text("packaging/conan/conanfile.py"));
    let needs = makefile
        .lines()
        .find_map(|line| line.strip_prefix("NATIVE_LIBS = "));
    let needs = needs
        .unwrap()
        .split(' ')
        .map(|name| name.trim_start_matches("-l"));
    let needs: Vec<&str> = ["gcc_s"].into_iter().chain(needs).collect();
    let said = format!("self.cpp_info.system_libs = {needs:?}");
    assert!(conan.contains(&said), "no {said}");
}

/// What a user reads is what cargo, clippy (`incompatible_msrv`) and `make msrv` hold it to.
#[test]
fn the_oldest_rust_is_the_same_everywhere() {
    let manifest = text("Cargo.toml");
    let (_, rest) = manifest.split_once("rust-version = \"").unwrap();
    let oldest = rest.split('"').next().unwrap();
    for (page, said) in [
        (
            "README.md",
            format!("[Rust](https://rustup.rs) {oldest} or newer"),
        ),
        (
            "README.zh-CN.md",
            format!("[Rust](https://rustup.rs) {oldest} 或更高版本"),
        ),
        ("docs/packaging.md", format!("Rust {oldest} or newer")),
        ("packaging/debian/rules", format!("libqcos needs {oldest}")),
        (
            "bench/sink/Cargo.toml",
            format!("rust-version = \"{oldest}\""),
        ),
    ] {
        assert!(text(page).contains(&said), "{page}: not {said}");
    }
    assert!(text(".ci/run").lines().any(|line| line == "make msrv"));
}

/// `licence, crate` of each crate that is linked in, as cargo tells it.
fn linked(package: &str) -> BTreeSet<(String, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tree = Command::new(cargo);
    tree.current_dir(build::root())
        .args(["tree", "--locked", "--package", package])
        .args([
            "--edges", "normal", "--prefix", "none", "--format", "{l}|{p}",
        ]);
    printed(&mut tree)
        .lines()
        .map(|line| line.split_once('|').unwrap())
        .map(|(licence, name)| {
            (
                licence.to_owned(),
                name.split(' ').next().unwrap().to_owned(),
            )
        })
        .filter(|(_, name)| name != package)
        .collect()
}

/// The same, from the table that begins with this line.
fn documented(package: &str) -> BTreeSet<(String, String)> {
    let docs = text("docs/packaging.md");
    let head = format!("| licence | crates in `{package}` |\n| --- | --- |\n");
    let (_, table) = docs.split_once(&head).unwrap();
    let rows = table.lines().map_while(|line| line.strip_prefix("| "));
    rows.flat_map(|row| {
        let (licence, crates) = row.trim_end_matches(" |").split_once(" | ").unwrap();
        let crates = crates.split(", ");
        crates.map(|name| (licence.to_owned(), name.to_owned()))
    })
    .collect()
}

#[test]
fn the_licences_of_all_crates_are_documented() {
    for package in ["libqcos", "qcos-emulator"] {
        assert_eq!(documented(package), linked(package), "{package}");
    }
}
