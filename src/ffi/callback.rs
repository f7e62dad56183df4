//! The caller's callbacks as closures. They are called on the thread that made the call, with no lock
//! held.

use std::ffi::{CString, c_void};

use super::types::{
    qcos_credentials_fn, qcos_item_fn, qcos_page_fn, qcos_progress_fn, qcos_read_fn, qcos_trace_fn,
    qcos_write_fn,
};
use crate::base::cancel;
use crate::error::{Error, Result};
use crate::exchange::{OnExpiry, OnTrace};

/// `None` when there is no callback. Exactly 0 goes on: bindings return garbage after an
/// exception in a callback, and that must stop the transfer.
pub(super) fn report(
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> Option<impl FnMut(u64, u64) -> Result<()>> {
    let progress = progress?;
    Some(move |done, total| {
        // SAFETY: the caller promises a function of this type; user_data is only handed back.
        goes_on(unsafe { progress(done, total, user_data) })
    })
}

/// The caller's read callback as a closure.
pub(super) fn read(
    read: qcos_read_fn,
    user_data: *mut c_void,
) -> Result<impl FnMut(&mut [u8]) -> Result<usize>> {
    let read = read.ok_or_else(|| Error::parameter("read", "must not be NULL"))?;
    Ok(move |buffer: &mut [u8]| {
        let size = buffer.len();
        // SAFETY: the caller promises a function of this type; the memory is its until it returns.
        let bytes = unsafe { read(buffer.as_mut_ptr().cast(), size, user_data) };
        match usize::try_from(bytes) {
            Ok(bytes) if bytes <= size => Ok(bytes),
            Ok(bytes) => {
                let problem = format!("returned {bytes} for a buffer of {size} bytes");
                Err(Error::parameter("read", problem))
            }
            Err(_) => Err(cancel::cancelled()),
        }
    })
}

/// The caller's write callback as a closure.
pub(super) fn write(
    write: qcos_write_fn,
    user_data: *mut c_void,
) -> Result<impl FnMut(&[u8]) -> Result<()>> {
    let write = write.ok_or_else(|| Error::parameter("write", "must not be NULL"))?;
    Ok(move |bytes: &[u8]| {
        // SAFETY: the caller promises a function of this type; the bytes live until it returns.
        goes_on(unsafe { write(bytes.as_ptr().cast(), bytes.len(), user_data) })
    })
}

/// The caller's page callback as a closure.
pub(super) fn page(page: qcos_page_fn, user_data: *mut c_void) -> Result<impl FnMut(&str) -> bool> {
    let page = page.ok_or_else(|| Error::parameter("page", "must not be NULL"))?;
    Ok(move |text: &str| {
        // JSON escapes control characters, so there is no NUL in it.
        let text = CString::new(text).unwrap_or_default();
        // SAFETY: the caller promises a function of this type; the text lives until it returns.
        unsafe { page(text.as_ptr(), user_data) == 0 }
    })
}

/// The caller's callback for an element as a closure.
pub(super) fn item(item: qcos_item_fn, user_data: *mut c_void) -> Option<impl FnMut(&str) -> i32> {
    let item = item?;
    Some(move |text: &str| {
        // It comes from a C string, so there is no NUL in it.
        let text = CString::new(text).unwrap_or_default();
        // SAFETY: the caller promises a function of this type; the text lives until it returns.
        unsafe { item(text.as_ptr(), user_data) }
    })
}

/// The caller's callback for credentials as a closure.
pub(super) fn on_expiry(
    callback: qcos_credentials_fn,
    user_data: *mut c_void,
) -> Option<Box<OnExpiry>> {
    let callback = callback?;
    let user_data = UserData(user_data);
    Some(Box::new(move |client| {
        // SAFETY: the caller promises a function of this type; user_data is only handed back.
        goes_on(unsafe { callback(client, user_data.pointer()) })
    }))
}

/// The caller's callback for attempts as a closure.
pub(super) fn on_trace(callback: qcos_trace_fn, user_data: *mut c_void) -> Option<Box<OnTrace>> {
    let callback = callback?;
    let user_data = UserData(user_data);
    Some(Box::new(move |event| {
        // JSON escapes control characters, so there is no NUL in it.
        let event = CString::new(event).unwrap_or_default();
        // SAFETY: the caller promises a function of this type; the text lives until it returns.
        goes_on(unsafe { callback(event.as_ptr(), user_data.pointer()) })
    }))
}

/// Exactly 0 goes on: bindings return garbage after an exception in a callback, and that must end the call.
fn goes_on(answer: i32) -> Result<()> {
    match answer {
        0 => Ok(()),
        _ => Err(cancel::cancelled()),
    }
}

/// Handed back to the caller on the threads of calls.
struct UserData(*mut c_void);

// SAFETY: the library does not use it; the header says that any thread that makes a call gets it.
unsafe impl Send for UserData {}
// SAFETY: the same.
unsafe impl Sync for UserData {}

impl UserData {
    fn pointer(&self) -> *mut c_void {
        self.0
    }
}
