//! The library's version.

use std::ffi::c_char;

/// The version that a program is compiled against.
pub const QCOS_VERSION_MAJOR: u32 = 0;
pub const QCOS_VERSION_MINOR: u32 = 1;
pub const QCOS_VERSION_PATCH: u32 = 0;

/// Returns the version of the loaded library, such as "0.1.0".
///
/// @return A string that lives as long as the program; do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn qcos_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Returns the version of the loaded library as one number, for comparison with QCOS_VERSION_NUMBER:
/// major * 65536 + minor * 256 + patch.
#[unsafe(no_mangle)]
pub extern "C" fn qcos_version_number() -> u32 {
    (QCOS_VERSION_MAJOR << 16) | (QCOS_VERSION_MINOR << 8) | QCOS_VERSION_PATCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_has_one_source() {
        let parts = format!("{QCOS_VERSION_MAJOR}.{QCOS_VERSION_MINOR}.{QCOS_VERSION_PATCH}");
        assert_eq!(parts, env!("CARGO_PKG_VERSION"));
        assert_eq!(qcos_version_number(), 0x00_01_00);
    }
}
