//! Folders with everything below them.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_progress_fn};
use super::{args, guard};

/// Uploads a local folder with everything below it, a thousand names at a time: of these, files up
/// to 8 MiB go side by side, as many at once as the option "parallel" says; then the larger ones, one
/// after the other, each in slices. Folders with nothing in them are created. The memory that it
/// takes does not grow with the number of files.
///
/// A call that failed can just be made again: files that the service has with the same content are
/// not sent again, unless "overwrite" is set, by which all are.
/// Symbolic links to files are followed; those to folders are skipped, as is what is neither file
/// nor folder.
///
/// @param client        An open client.
/// @param dirpath       The local folder.
/// @param bucket        Name of the bucket.
/// @param dstpath       The folder it becomes; "" or "/" for the bucket's root. What is there
///                      already stays.
/// @param options_json  As for qcos_upload_with, for every file; NULL for none.
/// @param progress      Called with the bytes of all files, also after each file; NULL for none. The
///                      total is found out first, and grows while it is (and when files do).
/// @param user_data     Passed to `progress`.
/// @return A reply, to be freed with qcos_string_free. `data.uploaded` counts the files that were
///         sent, `data.same` those that were there already; `data.skipped` and `data.failed` name
///         the others, relative to `dirpath`. When some failed, the code is that of the first, and
///         all others were still tried; only what concerns them all (the network, a callback that
///         cancels) or the 1000th failure ends the call. `session` and `offset` of one that failed
///         let qcos_upload_slice go on with it. Beyond 1000 names of `skipped`, the others are
///         counted in `data.skipped_more`. Where the service provides no digest of what it holds,
///         `data.unverified` counts the files of which only the length was compared.
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

/// Downloads a folder with everything below it, page by page as the service lists it; each file as
/// qcos_download does, those of a page as for qcos_upload_tree. The memory that it takes does not
/// grow with the number of files. Local files that have the service's content already are not
/// fetched again, so that a call that failed can just be made again.
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
/// @param options_json  NULL for none, or one JSON object of this key:
///
///     "overwrite"      true or false: whether a local file with other content is replaced or
///                      fails as QCOS_ERR_LOCAL_FILE; default true
///
/// @param progress      Called with the bytes of all files, also after each file; NULL for none. The
///                      total grows with each page that is listed; done == total comes only once, in
///                      the end.
/// @param user_data     Passed to `progress`.
/// @return As for qcos_upload_tree, with `data.downloaded`; names are relative to `path`.
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
