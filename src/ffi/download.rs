//! Downloads.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_progress_fn};
use super::{args, guard};

/// Downloads a file to a local file. The local file is replaced as a whole or not at all.
///
/// The content is written to an unnamed file, verified against what the service knows of the object,
/// flushed to disk, and then takes the place of `filepath`. Until then, and whatever fails, what was
/// at `filepath` is unchanged; a process that is killed leaves nothing behind. (Where the
/// file system has no files without a name, it is ".NAME.qcos-1" or so meanwhile; one that a killed
/// process has left is removed by the next download to the same place.) A connection that breaks
/// is replaced by one that continues where it stopped. Files above 8 MiB are fetched in ranges, as many at
/// once as the option "parallel" says, by threads that end before the call returns.
///
/// @param client     An open client.
/// @param bucket     Name of the bucket.
/// @param path       The file.
/// @param filepath   Where it goes: a regular file, which is replaced and whose permissions are
///                   kept, but for setuid, setgid and sticky bits; or nothing yet, in a folder that
///                   can be written to. Not a symbolic link.
///                   Bytes as the system takes them, not necessarily UTF-8.
/// @param progress   Progress callback; NULL for none.
/// @param user_data  Passed to `progress`.
/// @return A reply, to be freed with qcos_string_free. `data.sha` is the SHA-1, in hex, of what is
///         in the file now; in the XML API `data.crc64` its CRC64, in decimal (`sha` where the
///         service knows none). `data.verified` is what was compared: "crc64", "sha1" or "md5"; or
///         "length", where the service knows no digest of the object. An MD5 is that of the ETag,
///         where nothing better is known: of an object that came in one request, with no key of KMS
///         or of its owner's own. An ETag that looks like one and is none makes the download fail as
///         QCOS_ERR_INTEGRITY.
///         Errors: the library's own, QCOS_ERR_INTEGRITY when something else arrived than was
///         announced or the file was replaced meanwhile; -166, -197 or -6101 when there is no such
///         file, -45062 while it is still being uploaded, -96 and others about the signature.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"filesize":5,"sha":"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d","verified":"sha1"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_download(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    filepath: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.download(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::local_path("filepath", filepath)?,
                report,
            )
        }
    })
}

/// Returns a signed URL with which anyone can download a file, also from a private bucket, until it
/// expires. No request is sent: whether the file exists shows when the URL is used.
///
/// @param client     An open client.
/// @param bucket     Name of the bucket.
/// @param path       The file.
/// @param expires_s  For how long, in seconds from now: 1 to 7776000 (90 days).
/// @return A reply, to be freed with qcos_string_free. `data.url` is the URL. It holds a signature
///         for this file, and a temporary account's token: who knows it can read the file.
///         Errors: QCOS_ERR_PARAMS, QCOS_ERR_HANDLE.
///
///     {"code":0,"message":"SUCCESS","httpcode":0,
///      "data":{"url":"https://bucket-10000001.file.myqcloud.com/dir/a.bin?sign=Kz1bB...%3D"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_download_url(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    expires_s: i64,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        let (bucket, path) =
            unsafe { (args::string("bucket", bucket)?, args::string("path", path)?) };
        client.download_url(bucket, path, expires_s)
    })
}
