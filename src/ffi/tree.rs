//! Folders with everything below them.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_progress_fn};
use super::{args, guard};

/// Uploads a local folder with everything below it. The target is listed, and a file that is there with the
/// same content is not sent: an unchanged tree takes a request for each 1000 files (JSON API: 199 of one
/// folder). Files are compared and those up to 8 MiB sent side by side, as many at once as the option
/// "parallel" says; then the larger ones, one after the other, each in slices. Folders with nothing in them
/// are created. The names of one folder at a time are in memory.
///
/// A call that failed can just be made again. A file counts as the same when its size is, and a digest: the
/// SHA-1 (JSON API) or MD5 in the list, else the CRC64 that a HEAD tells, for files that came in parts or are
/// encrypted. What is the same keeps the headers that it has, also with "overwrite". Where the credentials may
/// not list, each file is sent, or refused by the service as the same.
/// With the option "checkpoint_dir" of an XML API client, what was found to be the same is remembered: a file
/// whose size, times and inode have not changed since, nor the object's ETag in the list, is neither read nor asked
/// about again. A file that was changed within two seconds before it was read is not remembered.
/// Symbolic links to files are followed; those to folders are skipped, as is what is neither file
/// nor folder.
///
/// @param client        An open client.
/// @param dirpath       The local folder.
/// @param bucket        Name of the bucket.
/// @param dstpath       The folder it becomes; "" or "/" for the bucket's root. What is there
///                      already stays.
/// @param options_json  NULL for none, or one JSON object of the keys of qcos_upload_with, which are for every
///                      file (but not "on_failure"), and of these:
///
///     "include"        an array of patterns: files that match none are left out; default: all take part
///     "exclude"        an array of patterns: what matches one is left out, though it is included, and a
///                      folder with all that is in it
///     "compare"        "content" or "size": by what a file is the same; default "content"
///     "dry_run"        true: nothing is changed; `data.plan` tells what would be
///     "delete"         true: what the folder in the bucket has and the local one does not is deleted, once
///                      all else has succeeded; what patterns leave out stays
///     "times"          true: the time of modification is sent, as x-cos-meta-mtime. XML API
///     "modes"          true: so is the mode, as x-cos-meta-mode. XML API
///
///                      A pattern is about names relative to the folder: "*" stands for any characters of one
///                      segment, "?" for one, "[a-z]" and "[!a-z]" for one of these or of all others; a segment
///                      of two stars stands for any number of segments. Without a slash it is about a segment
///                      anywhere ("*.o", ".git"), with one about the whole name ("/build", "docs/?.md"); one
///                      that ends with a slash is about folders.
///
///                      "delete" deletes nothing, and fails, when the folder has no file, when something was
///                      skipped, or when `dirpath` is itself a link.
/// @param progress      Called with the bytes of all files, also after each file; NULL for none. The
///                      total is found out first, and grows while it is (and when files do).
/// @param user_data     Passed to `progress`.
/// @return A reply, to be freed with qcos_string_free. `data.uploaded` counts the files that were
///         sent, `data.same` those that were there already, `data.deleted` those that were deleted;
///         `data.skipped` and `data.failed` name the others, relative to `dirpath`. `data.plan` of a dry run
///         holds objects of `path` and `action` ("upload" or "delete"). Of each, 1000 are named and the others
///         counted, as `data.skipped_more`, `data.failed_more` and `data.plan_more`.
///         When some failed, the code is that of the first, and all others were still tried; only what
///         concerns them all (the network, the credentials, the bucket, a callback that cancels) ends the
///         call. `session` and `offset` of one that failed let qcos_upload_slice go on with it. Where the
///         service provides no digest of what it holds, `data.unverified` counts the files of which only the
///         length was compared.
///         Errors: the library's own, and the service's.
///
///     {"code":-177,"message":"1 of 4 were not uploaded; a/b.jpg because: another file is there already",
///      "httpcode":409,"data":{"uploaded":2,"same":1,"skipped":["a/socket"],
///        "failed":[{"code":-177,"message":"another file is there already","path":"a/b.jpg",
///          "service_code":""}]},"error":{...}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_upload_tree(
    client: qcos_client,
    dirpath: *const c_char,
    bucket: *const c_char,
    dstpath: *const c_char,
    options_json: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.upload_tree(
                args::local_path("dirpath", dirpath)?,
                args::string("bucket", bucket)?,
                args::string("dstpath", dstpath)?,
                args::optional("options_json", options_json)?,
                report,
            )
        }
    })
}

/// Downloads a folder with everything below it, page by page as the service lists it; the files of a page as
/// for qcos_upload_tree. Local files that have the listed content already are not fetched again, so that a
/// call that failed can just be made again. The memory that it takes does not grow with the number of files.
///
/// Nothing is written or read outside `dirpath`: a file whose name has a segment that is empty, "."
/// or ".." fails, also one that ends with "/" and has content; and no symbolic link below `dirpath`
/// is followed, whenever it came there. `dirpath` itself may be one.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param path          The folder; "" or "/" for the bucket's root.
/// @param dirpath       The local folder that it becomes; made if it is not there, with those that
///                      it is in. What else is in it stays.
/// @param options_json  NULL for none, or one JSON object of these keys:
///
///     "include"        as for qcos_upload_tree
///     "exclude"        as for qcos_upload_tree
///     "compare"        as for qcos_upload_tree
///     "dry_run"        as for qcos_upload_tree
///     "overwrite"      true or false: whether a local file with other content is replaced or
///                      fails as QCOS_ERR_LOCAL_FILE; default true
///     "delete"         true: regular files below `dirpath` that the folder does not have are deleted, once
///                      all else has succeeded and the service has confirmed of each that it is not there,
///                      and then the folders that are empty, unless it has them;
///                      nothing is, and the call fails, when the folder has no file
///     "times"          true: a file that is fetched gets the time of modification that it was uploaded with,
///                      else that of its upload. XML API
///     "modes"          true: it gets the mode that it was uploaded with, but no more than 0777. XML API
///     "sse"            how all the files are encrypted, as for qcos_download_with. XML API
///
/// @param progress      Called with the bytes of all files, also after each file; NULL for none. The
///                      total grows with each page that is listed; done == total comes only once, in
///                      the end.
/// @param user_data     Passed to `progress`.
/// @return As for qcos_upload_tree, with `data.downloaded`, and `action` "download" or "delete"; names are
///         relative to `path`.
///         Errors: the library's own, and the service's; -166 or -197 when there is no such folder.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"downloaded":2,"failed":[],"same":1,"skipped":[]}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_download_tree(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    dirpath: *const c_char,
    options_json: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.download_tree(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::local_path("dirpath", dirpath)?,
                args::optional("options_json", options_json)?,
                report,
            )
        }
    })
}
