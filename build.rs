//! Link arguments of the shared library; nothing is generated or written.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Only a new major version may break the ABI. cargo-c sets the same soname (Cargo.toml); of two
    // the last would win.
    if std::env::var_os("CARGO_FEATURE_CAPI").is_none() {
        let major = env!("CARGO_PKG_VERSION_MAJOR");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libqcos.so.{major}");
    }
    // Thread-local destructors of Rust's std outlive a dlclose; unloading would crash the host.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
