//! Link arguments of the shared library; nothing is generated or written.

use std::env::var;

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
        }
    }
}
