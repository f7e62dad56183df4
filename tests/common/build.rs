//! Programs that the tests need, built by the tests themselves so that none is ever stale.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the project below a folder, but what is made there or is another project's.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let is_own = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        !matches!(&*name, "target" | "node_modules" | "corpus")
    };
    let entries = walkdir::WalkDir::new(root().join(folder)).into_iter();
    let entries = entries.filter_entry(is_own).map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.map(walkdir::DirEntry::into_path).collect()
}

fn target_dir() -> PathBuf {
    // target/<profile>/deps/<test>
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(3).unwrap().to_owned()
}

fn cargo(command: &str, args: &[&str]) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root())
        .args([command, "--quiet", "--locked", "--target-dir"])
        .arg(target_dir())
        .args(args)
        .status()
        .unwrap();
    assert!(status.success(), "cargo {command} {args:?} failed");
}

/// The emulator's program, as users get it: its own tests are those of the unoptimized one.
pub fn emulator() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        cargo("build", &["--release", "--package", "qcos-emulator"]);
        target_dir().join("release/qcos-emulator")
    })
}

/// The folder of a libqcos.so that AddressSanitizer watches.
pub fn sanitized_library() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let target = "x86_64-unknown-linux-gnu";
        let folder = target_dir().join("asan");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .current_dir(root())
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                "libqcos",
                "--lib",
            ])
            .args(["--target", target, "--target-dir"])
            .arg(&folder)
            // A stable compiler has it, and keeps it for those who ask twice.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Zsanitizer=address")
            .status()
            .unwrap();
        assert!(status.success(), "the sanitized library does not build");
        named(folder.join(target).join("debug"))
    })
}

/// The folder of libqcos.so and libqcos.a as users get them.
pub fn library() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        // As `make build` does it: with a Rust library among the crate types there is no LTO.
        let types = ["--crate-type", "cdylib,staticlib"];
        cargo(
            "rustc",
            &[&["--release", "--package", "libqcos", "--lib"], &types[..]].concat(),
        );
        named(target_dir().join("release"))
    })
}

/// The folder of all that `make install` takes.
pub fn release() -> &'static Path {
    static PATH: OnceLock<&Path> = OnceLock::new();
    PATH.get_or_init(|| {
        emulator();
        let folder = library();
        let mut notices = Command::new(root().join("packaging/notices.sh"));
        let output = notices.args(["libqcos", "qcos-emulator"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "packaging/notices.sh: {said}");
        std::fs::write(folder.join("third-party-notices"), output.stdout).unwrap();
        folder
    })
}

/// The folder, with the library under the name that programs look for.
fn named(folder: PathBuf) -> PathBuf {
    let soname = folder.join("libqcos.so.0");
    if !soname.exists() {
        let _ = std::os::unix::fs::symlink("libqcos.so", soname);
    }
    folder
}
