//! Link arguments of the shared library; nothing is generated or written.

use std::env::var;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let major = env!("CARGO_PKG_VERSION_MAJOR");
    let argument = |argument: &str| println!("cargo:rustc-cdylib-link-arg={argument}");
    // Only a new major version may break the ABI. cargo-c sets the same soname (Cargo.toml); of two
    // the last would win.
    let names = var("CARGO_FEATURE_CAPI").is_err();
    match var("CARGO_CFG_TARGET_OS").unwrap_or_default().as_str() {
        "macos" if names => argument(&format!("-Wl,-install_name,@rpath/libqcos.{major}.dylib")),
        // Whoever links it names the file.
        "macos" | "windows" => {}
        _ => {
            if names {
                argument(&format!("-Wl,-soname,libqcos.so.{major}"));
            }
            // Thread-local destructors of Rust's std outlive a dlclose; unloading would crash the host.
            argument("-Wl,-z,nodelete");
            if has_relr() {
                argument("-Wl,-z,pack-relative-relocs");
            }
        }
    }
}

/// Whether the library is for this machine's C library, by its own linker, and both know the short form of
/// relocations: 80 KB less (glibc 2.36, 2022; linkers had it before).
fn has_relr() -> bool {
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    let is_native = var("HOST") == var("TARGET") && var("RUSTC_LINKER").is_err();
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let told = told.map_or_else(
        |_| String::new(),
        |told| String::from_utf8_lossy(&told.stdout).into(),
    );
    let version = told
        .strip_prefix("glibc 2.")
        .map(|minor| minor.trim().parse::<u32>());
    is_native && matches!(version, Some(Ok(36..)))
}
