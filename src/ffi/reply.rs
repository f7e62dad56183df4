//! Reading and freeing replies.

use std::ffi::{CString, c_char, c_void};
use std::ptr;

use super::types::{qcos_code, qcos_item_fn};
use super::{args, callback, guard};
use crate::model::{reply, reply_walk};

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
/// JSON parser. The whole text is read each time: for the entries of a list there is qcos_reply_each.
///
/// @param reply         A reply of any call, or such a page, or an element of qcos_reply_each.
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

/// Hands out the elements of an array in a reply, or in a page of qcos_list_all, one by one. The text is
/// read once, whatever the number of elements.
///
/// @param reply         A reply of any call, or such a page, or an element of this function; not NULL.
///                      It stays as it is until the function returns.
/// @param json_pointer  Where the array is (RFC 6901), such as "/data/infos", or "/infos" in a page;
///                      "" when the text itself is one. Not NULL.
/// @param item          Called with each element, in their order. Not NULL.
/// @param user_data     Passed to `item`.
/// @return 0 when all elements were handed out, else what `item` has returned, at once.
///         QCOS_ERR_PARAMS when there is no such array, the text is no JSON, or a parameter is NULL.
///         Where it is broken behind the array's beginning, the elements before that were handed out.
///         QCOS_ERR_INTERNAL for a bug in the library. A positive value of `item` is mistaken for
///         neither.
///
///     static int32_t print(const char *item, void *user_data) {
///         char *name = qcos_reply_get(item, "/name");
///         (void)user_data;
///         if (name != NULL) puts(name);
///         qcos_string_free(name);
///         return 0;
///     }
///     ...
///     qcos_reply_each(reply, "/data/infos", print, NULL);
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_reply_each(
    reply: *const c_char,
    json_pointer: *const c_char,
    item: qcos_item_fn,
    user_data: *mut c_void,
) -> i32 {
    guard::plain(qcos_code::QCOS_ERR_INTERNAL as i32, || {
        // SAFETY: strings as the header demands.
        let (reply, pointer) = unsafe {
            (
                args::string("reply", reply),
                args::string("json_pointer", json_pointer),
            )
        };
        let outcome = match (reply, pointer, callback::item(item, user_data)) {
            (Ok(reply), Ok(pointer), Some(mut visit)) => {
                reply_walk::each(reply, pointer, &mut visit)
            }
            _ => None,
        };
        outcome.unwrap_or(qcos_code::QCOS_ERR_PARAMS as i32)
    })
}
