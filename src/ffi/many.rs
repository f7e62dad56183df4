//! Many files at once.

use std::ffi::c_char;

use super::types::qcos_client;
use super::{args, guard};

/// Deletes many files: in the XML API up to 1000 per request, in the JSON API one by one.
///
/// @param client      An open client.
/// @param bucket      Name of the bucket.
/// @param paths_json  The files: a JSON array of 1 to 100000 strings, such as ["a.jpg","b/c.jpg"]. A
///                    slash at the end is part of the name: it means an empty folder, or in the XML
///                    API a file of that key.
/// @return A reply, to be freed with qcos_string_free. `data.deleted` counts the files that are
///         gone, including those that did not exist. If some could not be deleted, the code is that
///         of the first, and `data.failed` names each of them.
///         Errors: the library's own, and the service's.
///
///     {"code":-289,"message":"1 of 3 were not deleted; b/c.jpg because: Access Denied.","httpcode":200,
///      "data":{"deleted":2,"failed":[{"code":-289,"message":"Access Denied.","path":"b/c.jpg",
///        "service_code":"AccessDenied"}]},"error":{...}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_delete_files(
    client: qcos_client,
    bucket: *const c_char,
    paths_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.delete_files(
                args::string("bucket", bucket)?,
                args::string("paths_json", paths_json)?,
            )
        }
    })
}

/// Deletes a folder with everything below it, folders included. Files that others create there
/// meanwhile may remain. Keys that no request can name for certain, such as one that is not UTF-8, are
/// reported in `data.failed`.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The folder; not the bucket's root.
/// @return As for qcos_delete_files; folders count as well, and the reply grows with the number of
///         objects that stay. -166 or -197 when there is no such
///         folder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_delete_tree(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe { client.delete_tree(args::string("bucket", bucket)?, args::string("path", path)?) }
    })
}
