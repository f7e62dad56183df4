//! Files that are there.

use std::ffi::c_char;

use super::types::qcos_client;
use super::{args, guard};

/// Replaces the attribute (`biz_attr`) of a file and keeps everything else.
///
/// In the XML API the file is copied onto itself with all that it has (headers, metadata, storage
/// class, encryption, access rights), files above 5 GiB in parts. It needs the right to read the
/// file's access rights (cos:GetObjectACL). A concurrent change by somebody else is kept, and
/// the attribute is set again; -412 when others keep changing the file, or have just overwritten it.
/// The service reports times in whole seconds: if the file was changed within the current second, the
/// call waits until that second is over.
///
/// @param client    An open client.
/// @param bucket    Name of the bucket.
/// @param path      The file.
/// @param biz_attr  The new text, as long as for qcos_upload; "" clears it. Not NULL.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: the library's own, and -166 or -197 when there is no such file; QCOS_ERR_PARAMS,
///         with nothing changed, when something of the file cannot be kept (see qcos_copy_file).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_update_file(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    biz_attr: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.update_file(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("biz_attr", biz_attr)?,
            )
        }
    })
}

/// Changes what is named of a file, and keeps everything else: its content is not sent again.
///
/// In the XML API the file is copied onto itself, as by qcos_update_file, which tells what that needs; it
/// stays encrypted as it is. Where everything is as it is to be already, nothing is written, and `data.changed`
/// is false. Who may read it is set last, by a request of its own.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param path          The file.
/// @param options_json  One JSON object of at least one of these keys; an unknown key or a wrong value is an
///                      error that names it:
///
///     "biz_attr"       as for qcos_update_file
///     "headers"        headers as for qcos_upload_with, each replaced; null removes one, but Content-Type. The
///                      JSON API knows no single ones: those that are named take the place of all
///     "meta"           metadata as for qcos_upload_with, each replaced; null removes one. In the JSON API as
///                      "headers", and together with them
///     "acl"            who may read it: "private", "public-read" or "default"
///     "storage_class"  XML API only: as for qcos_upload_with
///     "sse"            XML API only: {"c":"KEY"} for a file that is encrypted with a key of your own, which it
///                      keeps; changes nothing by itself
///
/// @return A reply, to be freed with qcos_string_free. `data.changed`, in the XML API, is whether anything was
///         written.
///         Errors: as for qcos_update_file.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{"changed":true}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_update_with(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    options_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.update_with(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::optional("options_json", options_json)?,
            )
        }
    })
}

/// Returns a file's metadata.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The file.
/// @return A reply, to be freed with qcos_string_free. Sizes are in bytes, times Unix seconds,
///         `sha` is SHA-1 in hex of either case. `filelen` less than `filesize`: it is still being
///         uploaded. The XML API has `crc64` (decimal; objects of before 2018 have none) and
///         `etag` instead of `sha`, and also tells `headers` (Content-Type and the other headers of
///         qcos_upload_with, names in lower case), `meta` (the x-cos-meta-... of its uploader, names
///         without that), `storage_class`, `type` ("normal" or "appendable"), in a bucket that has versions
///         `version_id`, of an archived file that is or was restored `restore`, in the service's words, such
///         as `ongoing-request="true"`, and of an encrypted file `sse`: "cos", {"kms":"KEY ID"}, or {"c_md5":...}
///         with the MD5, in Base64, of a key of its owner's own.
///         Errors: the library's own, and -166 or -197 when there is no such file.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"access_url":"http://bucket-10000001.file.myqcloud.com/dir/a.bin","biz_attr":"",
///        "ctime":"1480000001","filelen":5,"filesize":5,"mtime":"1480000002","name":"a.bin",
///        "sha":"AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_stat_file(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe { client.stat_file(args::string("bucket", bucket)?, args::string("path", path)?) }
    })
}

/// Returns a file's metadata as qcos_stat_file does, of a version of the file, or on conditions.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param path          The file.
/// @param options_json  NULL for none, or one JSON object of "version_id", "sse" and the conditions of
///                      qcos_download_with, all of them XML API only.
/// @return As of qcos_stat_file. `data.url` and the other URLs of a version lead to that version.
///         Errors: as for qcos_stat_file and, about versions and conditions, for qcos_download_with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_stat_with(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    options_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.stat_with(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::optional("options_json", options_json)?,
            )
        }
    })
}

/// Deletes a file, or (JSON API) an unfinished upload of it. In the XML API, with credentials that may
/// delete files but not read their metadata, this succeeds also when there is no such file.
///
/// In a bucket that has versions all of them stay, behind a delete marker that hides them.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param path    The file.
/// @return A reply, to be freed with qcos_string_free. Its data is empty; in a bucket that has versions
///         `delete_marker` is true, and `version_id` is that of the marker, unless the service's answer
///         was lost.
///         Errors: the library's own, and -166 or -197 when there is no such file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_delete_file(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe { client.delete_file(args::string("bucket", bucket)?, args::string("path", path)?) }
    })
}

/// Deletes a file as qcos_delete_file does, or one of its versions for good.
///
/// A delete marker has a version_id, too: when the newest is deleted, the file is there again. Of "null", the
/// version of before the bucket had any, it is not sure that the service tells whether it was there: where it
/// tells nothing, the call succeeds.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param path          The file.
/// @param options_json  NULL for none, or one JSON object of this key; an unknown key or a wrong value is
///                      an error that names it:
///
///     "version_id"  XML API only: the version or delete marker that is deleted. The other versions stay.
///
/// @return A reply, to be freed with qcos_string_free. In a bucket that has versions, `data.version_id` is
///         that of the version that is gone, or of the delete marker that was made; `data.delete_marker` is
///         true where it is a delete marker.
///         Errors: the library's own, and -166 or -197 when there is no such file or version.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"version_id":"MTg0NDUxNTc1NjIzMTQ1MDAwODg"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_delete_with(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    options_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.delete_with(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::optional("options_json", options_json)?,
            )
        }
    })
}
