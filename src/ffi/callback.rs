//! The caller's progress callback as a closure. It is called on the thread that made the call,
//! with no lock held.

use std::ffi::{CString, c_void};

use super::types::{qcos_page_fn, qcos_progress_fn};
use crate::base::cancel;
use crate::error::{Error, Result};

/// `None` when there is no callback. Exactly 0 goes on: bindings return garbage after an
/// exception in a callback, and that must stop the transfer.
pub(super) fn report(
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> Option<impl FnMut(u64, u64) -> Result<()>> {
    let progress = progress?;
    Some(move |done, total| {
        // SAFETY: the caller promises a function of this type; user_data is only handed back.
        match unsafe { progress(done, total, user_data) } {
            0 => Ok(()),
            _ => Err(cancel::cancelled()),
        }
    })
}

/// The caller's page callback as a closure.
pub(super) fn see(page: qcos_page_fn, user_data: *mut c_void) -> Result<impl FnMut(&str) -> bool> {
    let page = page.ok_or_else(|| Error::parameter("page", "must not be NULL"))?;
    Ok(move |text: &str| {
        // JSON escapes control characters, so there is no NUL in it.
        let text = CString::new(text).unwrap_or_default();
        // SAFETY: the caller promises a function of this type; the text lives until it returns.
        unsafe { page(text.as_ptr(), user_data) == 0 }
    })
}
