//! Reading and freeing replies.

use std::ffi::{CString, c_char};
use std::ptr;

use super::{args, guard, types::qcos_code};
use crate::model::reply;

/// Frees a string that the library returned: a reply, or a value from qcos_reply_get.
///
/// @param text  Such a string, once. NULL: nothing happens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_string_free(text: *mut c_char) {
    guard::plain((), || {
        if !text.is_null() {
            // SAFETY: guard::into_c made it, as the header demands.
            drop(unsafe { CString::from_raw(text) });
        }
    });
}

/// Returns the code of a reply.
///
/// @param reply  A reply of any call.
/// @return 0 for success, a qcos_code, or the service's own code. QCOS_ERR_PARAMS when `reply` is
///         NULL or no reply.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_reply_code(reply: *const c_char) -> i64 {
    let params = qcos_code::QCOS_ERR_PARAMS as i64;
    guard::plain(params, || {
        // SAFETY: a string as the header demands.
        let reply = unsafe { args::string("reply", reply) };
        reply.ok().and_then(reply::code).unwrap_or(params)
    })
}

/// Returns one value of a reply, or of a page of qcos_list_all, so that simple programs need no
/// JSON parser.
///
/// @param reply         A reply of any call, or such a page.
/// @param json_pointer  Where the value is (RFC 6901), such as "/data/session" or
///                      "/data/infos/0/name".
/// @return A string as it is, without quotes; everything else as JSON text. To be freed with
///         qcos_string_free. NULL when there is no such value, or a parameter is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_reply_get(
    reply: *const c_char,
    json_pointer: *const c_char,
) -> *mut c_char {
    guard::plain(ptr::null_mut(), || {
        // SAFETY: strings as the header demands.
        let (reply, pointer) = unsafe {
            (
                args::string("reply", reply),
                args::string("json_pointer", json_pointer),
            )
        };
        match (reply, pointer) {
            (Ok(reply), Ok(pointer)) => {
                reply::get(reply, pointer).map_or(ptr::null_mut(), guard::into_c)
            }
            _ => ptr::null_mut(),
        }
    })
}
