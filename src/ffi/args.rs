//! C arguments to Rust values, borrowed for the call. Every error names its parameter.

use std::ffi::{CStr, c_char, c_void};
use std::path::Path;
use std::slice;
use std::str::Utf8Error;

use crate::base::size::OBJECT_MAX_BYTES;
use crate::error::{Error, Result};
use crate::system::{self, PATH_MAX_BYTES};

/// A string that must be there.
///
/// # Safety
/// `text` is NULL or ends with a NUL and stays unchanged for `'a`; the same holds below.
pub(super) unsafe fn string<'a>(name: &str, text: *const c_char) -> Result<&'a str> {
    // SAFETY: as promised by the caller.
    match unsafe { optional(name, text) }? {
        Some(text) => Ok(text),
        None => Err(Error::parameter(name, "must not be NULL")),
    }
}

/// A string that may be NULL.
pub(super) unsafe fn optional<'a>(name: &str, text: *const c_char) -> Result<Option<&'a str>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and ends with a NUL as promised by the caller.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map(Some).map_err(|e| not_utf8(name, e))
}

fn not_utf8(name: &str, why: Utf8Error) -> Error {
    let problem = format!("is not UTF-8 at byte {}", why.valid_up_to());
    Error::parameter(name, problem)
}

/// The path of a local file: bytes as the system takes them.
pub(super) unsafe fn local_path<'a>(name: &str, path: *const c_char) -> Result<&'a Path> {
    if path.is_null() {
        return Err(Error::parameter(name, "must not be NULL"));
    }
    // SAFETY: not NULL, and ends with a NUL as promised by the caller.
    let path = unsafe { CStr::from_ptr(path) };
    if path.is_empty() {
        return Err(Error::parameter(name, "must not be empty"));
    }
    let length = path.count_bytes();
    if length > PATH_MAX_BYTES {
        let problem = format!("is {length} bytes long, the system takes {PATH_MAX_BYTES}");
        return Err(Error::parameter(name, problem));
    }
    system::path_from_bytes(path.to_bytes()).map_err(|e| not_utf8(name, e))
}

/// Memory to be filled; NULL is fine when there is none.
///
/// # Safety
/// `buffer` is NULL or points to `size` bytes that nobody else uses for `'a`.
pub(super) unsafe fn buffer<'a>(buffer: *mut c_void, size: usize) -> Result<&'a mut [u8]> {
    if size == 0 {
        return Ok(&mut []);
    }
    if buffer.is_null() {
        let problem = "must not be NULL when size is not 0";
        return Err(Error::parameter("buffer", problem));
    }
    if size as u64 > OBJECT_MAX_BYTES || size > isize::MAX as usize {
        let problem = format!("is {size}; no object has more than {OBJECT_MAX_BYTES} bytes");
        return Err(Error::parameter("size", problem));
    }
    // SAFETY: not NULL, of this length and nobody else's, as promised by the caller; it is only written to
    // before it is read.
    Ok(unsafe { slice::from_raw_parts_mut(buffer.cast(), size) })
}

/// Bytes in memory; NULL is fine when there are none.
///
/// # Safety
/// `data` is NULL or points to `len` bytes that stay unchanged for `'a`.
pub(super) unsafe fn bytes<'a>(name: &str, data: *const c_void, len: usize) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Error::parameter(name, "must not be NULL when len is not 0"));
    }
    if len as u64 > OBJECT_MAX_BYTES || len > isize::MAX as usize {
        let problem = format!("is {len}; no object has more than {OBJECT_MAX_BYTES} bytes");
        return Err(Error::parameter("len", problem));
    }
    // SAFETY: not NULL, and of this length as promised by the caller.
    Ok(unsafe { slice::from_raw_parts(data.cast(), len) })
}
