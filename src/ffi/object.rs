//! What only the XML API has of files: tags, archives, pieces that are appended.

use std::ffi::{c_char, c_void};

use super::types::qcos_client;
use super::{args, guard};

/// Replaces all tags of a file. XML API only.
///
/// Uploads take tags, too (option "tags" of qcos_upload_with). In a bucket that has versions the newest has them.
///
/// @param client     An open client.
/// @param bucket     Name of the bucket.
/// @param path       The file.
/// @param tags_json  One JSON object of keys and values, such as {"project":"apollo"}; {} deletes all tags. Not
///                   NULL. Up to 10 tags, keys of 1 to 128 characters, values of up to 256: letters, digits,
///                   blanks and + - = . _ : / \@. (The service's own pages differ about letters of other
///                   scripts, and '\@': what it does not take, it refuses.)
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, and -166 or -197 when there
///         is no such file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_set_tags(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    tags_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.set_tags(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("tags_json", tags_json)?,
            )
        }
    })
}

/// Returns a file's tags. XML API only.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The file.
/// @return A reply, to be freed with qcos_string_free. `data.tags` is an object of keys and values, empty where
///         there are none.
///         Errors: as for qcos_set_tags.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"tags":{"project":"apollo","year":"2026"}}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_get_tags(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe { client.get_tags(args::string("bucket", bucket)?, args::string("path", path)?) }
    })
}

/// Asks the service to restore an archived file (storage class ARCHIVE or DEEP_ARCHIVE): to make a copy of it
/// that can be downloaded for some days. XML API only.
///
/// It takes minutes to days. qcos_stat_file tells how far it is: `data.restore` is `ongoing-request="true"`, later
/// `ongoing-request="false", expiry-date="..."`. Before, a download is -403 InvalidObjectState. The file stays
/// archived, and the copy is deleted by itself.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The file.
/// @param days    How many days the copy stays, from 1 on.
/// @param tier    How fast: "Standard" (3 to 5 hours, of DEEP_ARCHIVE 12 to 24), "Expedited" (1 to 5 minutes, not
///                of DEEP_ARCHIVE) or "Bulk" (5 to 12 hours, of DEEP_ARCHIVE 24 to 48), which differ in price; NULL
///                for "Standard".
/// @return A reply, to be freed with qcos_string_free. `data.state` is "started" (`httpcode` 202); "in_progress",
///         where it had been asked for already (409), and the first request's days and tier count; or "restored" (200),
///         where there is a copy, which stays for `days` from now on.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, -166 or -197 when there is
///         no such file, -405 RestoreNonArchiveObject when it is not archived.
///
///     {"code":0,"message":"SUCCESS","httpcode":202,"data":{"state":"started"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_restore_file(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    days: i32,
    tier: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.restore_file(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                days,
                args::optional("tier", tier)?,
            )
        }
    })
}

/// Appends bytes to a file, or begins one that can be appended to. XML API only.
///
/// The bytes are appended exactly once, also when the answer is lost: then the length and the CRC64 of the file,
/// else the bytes at `position`, tell whether they are there. (Of two writers that append the same bytes at the same
/// position, both may be told that they have succeeded.) A file that was uploaded otherwise cannot be appended to, and
/// an upload over this one makes it such a file. The service does not copy, move or update a file that can be appended
/// to. In a bucket that has versions, appends make none.
///
/// @param client        An open client.
/// @param data          The bytes; NULL is fine when `len` is 0.
/// @param len           How many. The file can have up to 5368709120 bytes (5 GiB).
/// @param bucket        Name of the bucket.
/// @param path          The file.
/// @param position      Where it ends so far: 0 to begin it, then `data.position` of the last reply.
/// @param options_json  NULL for none, or with position 0 one JSON object of the keys "biz_attr", "headers", "acl"
///                      and "storage_class" of qcos_upload_with. Later appends cannot change them.
/// @return A reply, to be freed with qcos_string_free. `data.position` is where the file ends now.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API; -409 AppendPositionErr when
///         the file does not end at `position`, -409 ObjectNotAppendable when it cannot be appended to.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"position":4096}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_append(
    client: qcos_client,
    data: *const c_void,
    len: usize,
    bucket: *const c_char,
    path: *const c_char,
    position: i64,
    options_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: bytes and strings as the header demands.
        unsafe {
            client.append(
                args::bytes("data", data, len)?,
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                position,
                args::optional("options_json", options_json)?,
            )
        }
    })
}
