//! Buckets that keep versions of their files.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_page_fn};
use super::{args, callback, guard};

/// Sets whether a bucket keeps the versions of its files. XML API only.
///
/// Once enabled, versioning can be suspended but not switched off: the versions that there are stay, and
/// what is uploaded while it is suspended is the version "null", which the next upload replaces.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param status  "Enabled" or "Suspended". Not NULL.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -133 when there is
///         no such bucket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_set_versioning(
    client: qcos_client,
    bucket: *const c_char,
    status: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.set_versioning(
                args::string("bucket", bucket)?,
                args::string("status", status)?,
            )
        }
    })
}

/// Returns whether a bucket keeps the versions of its files. XML API only.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @return A reply, to be freed with qcos_string_free. `data.status` is "Enabled", "Suspended", or "" if
///         the bucket never had versions.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -133 when there is
///         no such bucket.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"status":"Enabled"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_get_versioning(
    client: qcos_client,
    bucket: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: a string as the header demands.
        client.get_versioning(unsafe { args::string("bucket", bucket)? })
    })
}

/// Lists all versions and delete markers of the files of a folder, with as many requests as needed; one page
/// is in memory at a time. XML API only.
///
/// @param client     An open client.
/// @param bucket     Name of the bucket.
/// @param path       The folder; "" or "/" for the bucket's root.
/// @param recursive  0: of files directly in it, with the folders in it as entries of their own; 1: of
///                   everything below it, with names such as "sub/a.bin".
/// @param page       Called with each page, of up to 1000 entries: by name, and of one file from the newest
///                   version to the oldest. Not NULL.
/// @param user_data  Passed to `page`.
/// @return A reply, to be freed with qcos_string_free. `data.count` counts the entries. An entry of a
///         version or delete marker has `version_id`, as qcos_download_with, qcos_stat_with and
///         qcos_delete_with take it, and `is_latest`: whether it is the newest of its file. A delete marker
///         has `delete_marker`, and neither a size nor URLs. The URLs of a version lead to that version. An
///         entry that has neither `filesize` nor `delete_marker` is a folder. In a bucket that never had versions
///         each file has one entry, without `version_id`. A folder that was created is listed by its key,
///         which ends with "/", with all its versions, and the listed folder itself by the name "".
///         `unusable` is as for qcos_list. A list that the service does not lead to its end is
///         QCOS_ERR_NETWORK, whatever pages came before.
///         Errors: the library's own; QCOS_ERR_PARAMS with a client of the JSON API.
///
///     A page: {"infos":[
///       {"name":"a.bin","mtime":"1480000003","version_id":"MTg0NDUxNTc1NjIzMTQ1MDAwODg","is_latest":true,
///        "delete_marker":true},
///       {"name":"a.bin","mtime":"1480000002","filesize":5,"filelen":5,"etag":"\"5d41402a...\"",
///        "storage_class":"STANDARD","version_id":"MTg0NDUxNTc1NjIzMTQ1MDAwOTk","is_latest":false,
///        "access_url":"https://...","source_url":"https://..."}]}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_list_versions(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    recursive: i32,
    page: qcos_page_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::call(client, |client| {
        let mut visit = callback::page(page, user_data)?;
        // SAFETY: strings as the header demands.
        let (bucket, path) =
            unsafe { (args::string("bucket", bucket)?, args::string("path", path)?) };
        client.list_versions(bucket, path, recursive, &mut visit)
    })
}
