//! Copies and moves made by the service.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_progress_fn};
use super::{args, guard};

/// Moves or renames a file within its bucket. Folders cannot be moved.
///
/// In the XML API this is a copy, as by qcos_copy_file, followed by a delete of the source: a failure
/// in between leaves both. A source that somebody else has changed meanwhile, even its headers or
/// access rights alone, is not deleted: QCOS_ERR_INTEGRITY.
///
/// @param client     An open client.
/// @param bucket     Name of the bucket.
/// @param path       The file.
/// @param dst_path   Where it goes, from the bucket's root; not `path` itself.
/// @param overwrite  1: an existing file is replaced; 0: it is kept, and the call fails.
/// @return A reply, to be freed with qcos_string_free. Its data is empty; in a bucket with versions enabled
///         `version_id` is that of the new file (XML API). What was moved is then hidden by a delete
///         marker, and its versions stay.
///         Errors: the library's own, -166 or -197 when there is no such file; -177, -178 or
///         -4018 (the same content, XML API) when `dst_path` is there already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_move_file(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    dst_path: *const c_char,
    overwrite: i32,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.move_file(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("dst_path", dst_path)?,
                overwrite,
            )
        }
    })
}

/// Copies a file within its bucket, with its attribute, storage class, encryption and access rights.
/// The JSON API has no such call: for its clients the reply is always QCOS_ERR_PARAMS, and
/// nothing is sent.
///
/// In the XML API the service copies; files above 5 GiB in parts. The option "region" must be known.
/// Access rights that the service lists are given to the copy, those of single accounts too, for
/// which the right to read them (cos:GetObjectACL) is needed. The call is refused with
/// QCOS_ERR_PARAMS, by name and with nothing changed, when something cannot be kept: grants that no
/// request can make, a KMS key that the service does not name, keys of SSE-C. Of a file above 5 GiB the tags
/// are read and said again, for which the right to read them (cos:GetObjectTagging) is needed.
///
/// The copy is compared with its source by CRC64, else by MD5 where both ETags are one, else by size.
/// One that differs is QCOS_ERR_INTEGRITY; it stays at `dst_path`, and the source stays as it was.
///
/// @param client     An open client.
/// @param bucket     Name of the bucket.
/// @param path       The file.
/// @param dst_path   Where the copy goes, from the bucket's root; not `path` itself.
/// @param overwrite  As for qcos_move_file.
/// @return A reply, to be freed with qcos_string_free. Its data, and errors, as of qcos_move_file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_copy_file(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    dst_path: *const c_char,
    overwrite: i32,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.copy_file(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("dst_path", dst_path)?,
                overwrite,
            )
        }
    })
}

/// Copies a file as qcos_copy_file does, also to another bucket, from another region or of one of its
/// versions; with other headers, storage class or access rights; or moves it. XML API only.
///
/// `dst_bucket` is in the client's region. What the options do not name, the copy has of its source: headers
/// and metadata, storage class, encryption, tags and access rights, with the same refusals as for
/// qcos_copy_file. The service copies; files above 5 GiB in parts, as many at once as the option "parallel"
/// says.
///
/// With "move", the source is deleted once the service has confirmed the copy, and only if nobody has changed
/// it meanwhile: QCOS_ERR_INTEGRITY if so, with both left. A failure in between leaves both, too.
///
/// @param client        An open client.
/// @param bucket        Name of the source's bucket.
/// @param path          The file.
/// @param dst_bucket    Name of the bucket that the copy goes to; may be `bucket`.
/// @param dst_path      Where the copy goes, from the bucket's root. In the same bucket it must not be `path`
///                      itself, unless "version_id" is given: that restores an older version.
/// @param options_json  NULL for none, or one JSON object of these keys; an unknown key or a wrong value is
///                      an error that names it:
///
///     "src_region"     the region of `bucket`, if it is not the client's, such as "ap-shanghai"
///     "src_appid"      the account of `bucket`, if it is not the client's; its owner must have granted the
///                      client's keys to read the file and its access rights
///     "version_id"     the version that is copied; default: the newest. Excludes "move"
///     "overwrite"      true or false: whether a file at `dst_path` is replaced, or kept, and the call fails;
///                      default: the client's option
///     "move"           true: the source is deleted in the end
///     "headers"        as for qcos_upload_with: those that the copy has instead of its source's of the same
///                      names; the others are kept
///     "meta"           the same of metadata, as for qcos_upload_with
///     "storage_class"  as for qcos_upload_with
///     "tags"           an object of tags, with the limits of qcos_set_tags, that the copy has instead of its
///                      source's; {} for none
///     "sse"            as for qcos_upload_with: how the copy is encrypted; default: as its source. An answer
///                      that does not confirm it is QCOS_ERR_INTEGRITY, and the source stays
///     "src_sse"        {"c":"KEY"}: the key of a source that is encrypted with a key of one's own, over https
///                      only. Without "sse" the copy has the same key
///     "acl"            as for qcos_upload_with. With it, the right to read the source's access rights is not
///                      needed
///
/// @param progress      Called with the bytes that are copied, after each part; NULL for none.
/// @param user_data     Passed to `progress`.
/// @return A reply, to be freed with qcos_string_free. `data` has the addresses of the copy, `filesize` in
///         bytes, its `crc64` where the service tells it, `verified` ("crc64", "md5" or "length": by what it
///         was compared with its source), and in a bucket that has versions the `version_id` of the copy.
///         Errors: the library's own, -166 or -197 when there is no such file or version; -177, -178 or
///         -4018 (the same content) when `dst_path` is there already.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"access_url":"https://backup-1250000000.cos.ap-guangzhou.myqcloud.com/a.bin",
///        "crc64":"11051210869376104954","filesize":5,"resource_path":"/1250000000/backup/a.bin",
///        "source_url":"https://backup-1250000000.cos.ap-guangzhou.myqcloud.com/a.bin",
///        "url":"https://backup-1250000000.cos.ap-guangzhou.myqcloud.com/a.bin","verified":"crc64"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_copy_with(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    dst_bucket: *const c_char,
    dst_path: *const c_char,
    options_json: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.copy_with(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("dst_bucket", dst_bucket)?,
                args::string("dst_path", dst_path)?,
                args::optional("options_json", options_json)?,
                report,
            )
        }
    })
}

/// Copies a folder with everything below it, in its bucket, to another bucket or from another region, as
/// qcos_copy_with does of each file; or moves, so renames it. XML API only.
///
/// Source and target are listed page by page, and a file that is at the target already with the same content is
/// not copied again: a call that failed can just be made again. What is the same is told by the ETags of the
/// lists where they are MD5s, else by the CRC64 that a HEAD of both tells; with "sse" or "src_sse" always by
/// these, which tell the encryption, too. Files up to 5 GiB are copied side by side, as many at once as the
/// option "parallel" says; then the larger ones, one after the other, each in parts. Folders with nothing in
/// them are made.
///
/// With "move", each source is deleted once its copy is proven and if nobody has changed it meanwhile; folders
/// go in the end, if nothing is left in them and no file failed. A call that was broken off has moved some
/// files and left the others: none is lost, and the same call goes on.
///
/// @param client        An open client.
/// @param bucket        Name of the source's bucket.
/// @param path          The folder; "" or "/" for the bucket's root.
/// @param dst_bucket    Name of the bucket that it goes to; may be `bucket`.
/// @param dst_path      The folder that it becomes; "" or "/" for the bucket's root. What is there already
///                      stays. In the same bucket neither folder may be in the other.
/// @param options_json  NULL for none, or one JSON object of the keys of qcos_copy_with (but not "version_id"),
///                      which are for every file, and of "include", "exclude", "compare" and "dry_run" as for
///                      qcos_upload_tree. With "move", files are always compared by content.
/// @param progress      Called with the bytes of all files, also after each file; NULL for none. The total
///                      grows with each page that is listed; done == total comes only once, in the end.
/// @param user_data     Passed to `progress`.
/// @return As for qcos_upload_tree, with `data.copied` or `data.moved`, and `action` "copy" or "move"; names
///         are relative to `path`. A file that was at the target already and whose source was then deleted
///         counts as moved.
///         Errors: the library's own, and the service's; -166 or -197 when there is no such folder.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"copied":2,"failed":[],"same":1,"skipped":[]}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_copy_tree(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    dst_bucket: *const c_char,
    dst_path: *const c_char,
    options_json: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.copy_tree(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::string("dst_bucket", dst_bucket)?,
                args::string("dst_path", dst_path)?,
                args::optional("options_json", options_json)?,
                report,
            )
        }
    })
}
