//! Folders.

use std::ffi::c_char;

use super::types::qcos_client;
use super::{args, guard};

/// Creates a folder, with its parent folders as needed.
///
/// @param client    An open client.
/// @param bucket    Name of the bucket.
/// @param path      The folder, such as "photos/2026"; slashes at its ends do not matter. Not the
///                  bucket's root.
/// @param biz_attr  Text to store with it, as long as for qcos_upload; NULL for none.
/// @return A reply, to be freed with qcos_string_free.
///         Errors: the library's own, and -178 when the folder is there already.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"ctime":"1480000000","resource_path":"/10000001/bucket/photos/2026/"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_create_folder(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    biz_attr: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.create_folder(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::optional("biz_attr", biz_attr)?.unwrap_or_default(),
            )
        }
    })
}

/// Replaces the attribute (`biz_attr`) of a folder.
///
/// @param client    An open client.
/// @param bucket    Name of the bucket.
/// @param path      The folder; not the bucket's root.
/// @param biz_attr  The new text, as long as for qcos_upload; "" clears it. Not NULL.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: the library's own, and -166 or -197 when there is no such folder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_update_folder(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    biz_attr: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.update_folder(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("biz_attr", biz_attr)?,
            )
        }
    })
}

/// Returns the metadata of a folder, or of the bucket.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The folder; "" or "/" for the bucket's own properties.
/// @return A reply, to be freed with qcos_string_free. Times are Unix seconds. In the XML API a folder
///         that was not created, but has something in it, has no times; the bucket has no properties.
///         Errors: the library's own, and -166 or -197 when there is no such folder.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"biz_attr":"","ctime":"1480000000","mtime":"1480000000","name":"2026"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_stat_folder(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe { client.stat_folder(args::string("bucket", bucket)?, args::string("path", path)?) }
    })
}

/// Deletes an empty folder. In the XML API the library checks immediately before that it is empty; a
/// file with the folder's key, slash included, is kept (qcos_delete_file deletes it).
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The folder; not the bucket's root.
/// @return A reply, to be freed with qcos_string_free. Its data is as of qcos_delete_file.
///         Errors: the library's own, -173 when the folder is not empty, and -166 or -197 when
///         there is no such folder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_delete_folder(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.delete_folder(args::string("bucket", bucket)?, args::string("path", path)?)
        }
    })
}
