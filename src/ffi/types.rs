//! Types and codes of the header.

#![allow(non_camel_case_types)]

use std::ffi::{c_char, c_void};

/// A client: an account at a service. An integer that is opened with qcos_client_open and closed
/// with qcos_client_close; never 0, never reused, below 2^53. Any thread may use it, also several
/// at once.
pub type qcos_client = u64;

/// Reports the progress of a transfer, and can cancel it.
///
/// Called on the thread that made the call, only during the call, with no lock held; it may call
/// the library, with the same client too. It must not throw, longjmp or end the thread.
///
/// @param done       Bytes that are on their way or have arrived. Never falls. After a failure the
///                   service may have less: `data.offset` of the reply is exact.
/// @param total      Bytes in all. Of a tree, as far as it is known; it never falls.
/// @param user_data  The pointer that was passed to the call; the library does not use it.
/// @return 0 to go on; anything else cancels, and the call returns QCOS_ERR_CANCELLED within half a
///         second.
///
/// About ten calls a second come, whatever the transfer waits for, and one when a slice or range has
/// arrived. Until it has begun they have done == 0, and total is 9007199254740991 (2^53 - 1) as long as
/// the size is not known; then comes one at the offset where it starts. The last comes at done == total, exactly once and
/// only on success, when it is too late to cancel.
pub type qcos_progress_fn =
    Option<unsafe extern "C" fn(done: u64, total: u64, user_data: *mut c_void) -> i32>;

/// Receives one page of a complete list, and can cancel it. As for qcos_progress_fn, it is called on the
/// thread that made the call, and may call the library.
///
/// @param page       JSON, {"infos":[...]} with entries as of qcos_list; the library's, and only
///                   for this call.
/// @param user_data  The pointer that was passed to the call.
/// @return 0 to go on; anything else cancels, and the call returns QCOS_ERR_CANCELLED.
pub type qcos_page_fn =
    Option<unsafe extern "C" fn(page: *const c_char, user_data: *mut c_void) -> i32>;

/// Fills a buffer with the next bytes of an upload, and can cancel it. As for qcos_progress_fn, it is called
/// on the thread that made the call, and may call the library. It may take any time; while it does, no
/// progress is reported and no cancel is obeyed but its own.
///
/// @param buffer     Where the bytes go; the library's, and only for this call.
/// @param size       How many it takes; never 0.
/// @param user_data  The pointer that was passed to the call.
/// @return The number of bytes that it has filled, from the front: 1 to `size`. 0: there are no more.
///         Below 0 cancels, and the call returns QCOS_ERR_CANCELLED. More than `size` is
///         QCOS_ERR_PARAMS.
pub type qcos_read_fn =
    Option<unsafe extern "C" fn(buffer: *mut c_void, size: usize, user_data: *mut c_void) -> i64>;

/// Receives the next bytes of a download, and can cancel it. As for qcos_progress_fn, it is called on the
/// thread that made the call, and may call the library. While it works, the next ranges of a large object
/// are fetched.
///
/// @param data       The bytes; the library's, and only for this call.
/// @param len        How many they are; never 0.
/// @param user_data  The pointer that was passed to the call.
/// @return 0 to go on; anything else cancels, and the call returns QCOS_ERR_CANCELLED.
pub type qcos_write_fn =
    Option<unsafe extern "C" fn(data: *const c_void, len: usize, user_data: *mut c_void) -> i32>;

/// Receives one element of an array, and can end the walk. It is called on the thread that called
/// qcos_reply_each, only during that call, with no lock held, and may call the library.
///
/// @param item       The element as JSON text, a string with its quotes; the library's, and only for
///                   this call. qcos_reply_get takes it as its reply.
/// @param user_data  The pointer that was passed to the call.
/// @return 0 to go on; anything else ends it, and is what qcos_reply_each returns.
pub type qcos_item_fn =
    Option<unsafe extern "C" fn(item: *const c_char, user_data: *mut c_void) -> i32>;

/// Gives new credentials to a client whose old ones are about to end, or have: calls
/// qcos_client_set_credentials. As for qcos_progress_fn, it is called on the thread that made a call, while
/// the call is made, and may call the library: calls that it makes with the same credentials are signed
/// with the old ones. It may be called on every thread that makes calls, one at a time.
///
/// @param client     The client that makes the call, perhaps a derived one.
/// @param user_data  The pointer that was passed to qcos_client_on_expiry.
/// @return 0 to go on, whether there are new ones or not; anything else cancels, and the call returns
///         QCOS_ERR_CANCELLED.
pub type qcos_credentials_fn =
    Option<unsafe extern "C" fn(client: qcos_client, user_data: *mut c_void) -> i32>;

/// Receives what one attempt at a request has come to. As for qcos_progress_fn, it is called on the thread
/// that made a call, only while the call is made, with no lock held; it may be called on every thread that
/// makes calls, on several at once. It may call the library: the requests of calls that it makes are not
/// traced.
///
/// @param event      One JSON object, without secrets, without line breaks; see qcos_client_trace for its
///                   keys. The library's, and only for this call; qcos_reply_get takes it as its reply.
/// @param user_data  The pointer that was passed to qcos_client_trace.
/// @return 0 to go on; anything else cancels, and the call returns QCOS_ERR_CANCELLED, unless it is over.
pub type qcos_trace_fn =
    Option<unsafe extern "C" fn(event: *const c_char, user_data: *mut c_void) -> i32>;

/// The `code` of a reply when the library itself has failed. Every other code that is not 0 is
/// the service's own. The numbers never change; new ones may be added.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum qcos_code {
    /// The call has succeeded.
    QCOS_OK = 0,
    /// A local file is missing, unreadable, not a regular file, or changed while it was read; or
    /// one cannot be written, or the disk is full.
    QCOS_ERR_LOCAL_FILE = -1,
    /// The service gave no usable reply; `error.kind` has details.
    QCOS_ERR_NETWORK = -2,
    /// A parameter or option is wrong; the message names it. Nothing was sent.
    QCOS_ERR_PARAMS = -3,
    /// A slice size that the service does not take. Nothing was sent.
    QCOS_ERR_SLICE_SIZE = -4,
    /// The caller cancelled the call: a callback returned a value other than 0, or the client was
    /// cancelled with qcos_client_cancel.
    QCOS_ERR_CANCELLED = -5,
    /// Checksum mismatch between local data and the stored object.
    QCOS_ERR_INTEGRITY = -6,
    /// The handle is 0, closed, or was never given out. Nothing was sent.
    QCOS_ERR_HANDLE = -7,
    /// A bug in the library (`error.kind` "panic"), or the system gives it no thread or no memory
    /// for a stream ("system"). The client can go on being used.
    QCOS_ERR_INTERNAL = -8,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn the_headers_codes_are_the_cores() {
        use qcos_code::*;
        for (header, core) in [
            (QCOS_ERR_LOCAL_FILE, Code::LocalFile),
            (QCOS_ERR_NETWORK, Code::Network),
            (QCOS_ERR_PARAMS, Code::Params),
            (QCOS_ERR_SLICE_SIZE, Code::SliceSize),
            (QCOS_ERR_CANCELLED, Code::Cancelled),
            (QCOS_ERR_INTEGRITY, Code::Integrity),
            (QCOS_ERR_HANDLE, Code::Handle),
            (QCOS_ERR_INTERNAL, Code::Internal),
        ] {
            assert_eq!(core.number(), header as i64);
            assert_eq!(core.name(), format!("{header:?}"));
        }
        assert_eq!(QCOS_OK as i64, 0);
    }
}
