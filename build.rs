//! Link arguments of the shared library; nothing is generated or written.

/// Moves only when the ABI breaks.
const ABI_VERSION: u32 = 0;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libqcos.so.{ABI_VERSION}");
    // Thread-local destructors of Rust's std outlive a dlclose; unloading would crash the host.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
