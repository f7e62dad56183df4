//! The caller's progress callback as a closure. It is called on the thread that made the call,
//! with no lock held.

use std::ffi::c_void;

use super::types::qcos_progress_fn;

/// `None` when there is no callback. Exactly 0 goes on: bindings return garbage after an
/// exception in a callback, and that must stop the transfer.
pub(super) fn report(
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> Option<impl FnMut(u64, u64) -> bool> {
    let progress = progress?;
    // SAFETY: the caller promises a function of this type; user_data is only handed back.
    Some(move |done, total| unsafe { progress(done, total, user_data) } == 0)
}
