//! Downloads.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_progress_fn, qcos_write_fn};
use super::{args, callback, guard};

/// Downloads a file to a local file. The local file is replaced as a whole or not at all.
///
/// The content is written to an unnamed file, verified against what the service knows of the object,
/// flushed to disk, and then takes the place of `filepath`. Until then, and whatever fails, what was
/// at `filepath` is unchanged; a process that is killed leaves nothing behind. (Where the
/// file system has no files without a name, it is ".NAME.qcos-1" or so meanwhile; one that a killed
/// process has left is removed by the next download to the same place.) A connection that breaks
/// is replaced by one that continues where it stopped. With the option "checkpoint_dir" what has arrived of
/// a file above 8 MiB stays, and the next call continues there. Files above 8 MiB are fetched in ranges, as many at
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
///         QCOS_ERR_INTEGRITY. `data.version_id` is that of what has arrived, in a bucket that has versions
///         (XML API).
///         Errors: the library's own, QCOS_ERR_INTEGRITY when something else arrived than was
///         announced (a file of up to 8 MiB is fetched again then, within the client's retries) or the
///         file was replaced meanwhile; -166, -197 or -6101 when there is no such
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

/// Downloads a file, or a version of it, to a local file, on conditions.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param path          The file.
/// @param filepath      As for qcos_download.
/// @param options_json  NULL for none, or one JSON object of these keys; an unknown key or a wrong
///                      value is an error that names it:
///
///     "overwrite"            false: a local file that is there already is QCOS_ERR_LOCAL_FILE
///                            (`error.kind` "exists"), and stays as it is; default true
///     "version_id"           XML API only, as all below: this version of the file, by the `version_id` of a
///                            stat; "null" is that of before the bucket had any. One that is not there is
///                            -166, and so is a delete marker, with `data.delete_marker` true.
///     "if_match"             an ETag, as a stat or list returns it, with or
///                            without its quotes. An object with another is refused with the code -412.
///     "if_none_match"        an ETag. An object with the same is refused with the code -304.
///     "if_modified_since"    Unix seconds. An object that has not changed since is refused with -304.
///     "if_unmodified_since"  Unix seconds. An object that has changed since is refused with -412.
///     "sse"                  how the file is encrypted, as for qcos_upload_with: {"c":"KEY"} for one that is
///                            encrypted with a key of your own; another key is -289 or -182. "cos" and
///                            {"kms":"KEY ID"} need not be said: a file that is encrypted otherwise, or not at
///                            all, is QCOS_ERR_INTEGRITY then.
///
/// @param progress      Progress callback; NULL for none.
/// @param user_data     Passed to `progress`.
/// @return As for qcos_download.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_download_with(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    filepath: *const c_char,
    options_json: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.download_with(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::local_path("filepath", filepath)?,
                args::optional("options_json", options_json)?,
                report,
            )
        }
    })
}

/// Downloads some bytes of a file into memory. In the XML API up to 8 MiB take one request; more are
/// fetched in ranges, as many at once as the option "parallel" says, by threads that end before the call
/// returns.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param path          The file.
/// @param offset        Where the bytes begin in the file, from 0 on. At the file's end there are none; behind
///                      it is QCOS_ERR_PARAMS.
/// @param buffer        Where they go. NULL is fine if size is 0. After a failure it holds anything.
/// @param size          How many are wanted. Fewer arrive where the file ends before that.
/// @param options_json  NULL for none, or one JSON object of "version_id", "sse" and the conditions of
///                      qcos_download_with.
///                      Programs that read a file piece by piece pass "if_match" with the ETag of the
///                      first reply, so that all pieces are of the same content.
/// @return A reply, to be freed with qcos_string_free. `data.len` is the number of bytes in `buffer`,
///         `data.filesize` that of the whole file, `data.etag` its ETag, with its quotes, where the service
///         provides one. `data.verified` is what was compared: a whole file's digest as of qcos_download;
///         of a part "length", as the service knows digests of whole files alone. All of them are of one
///         version of the file: `data.version_id`, as of qcos_download.
///         Errors: as for qcos_download.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"etag":"\"5d41402abc4b2a76b9719d911017c592\"","filesize":5,"len":2,"verified":"length"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_download_buffer(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    offset: i64,
    buffer: *mut c_void,
    size: usize,
    options_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings and memory as the header demands.
        unsafe {
            client.download_buffer(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                offset,
                args::buffer(buffer, size)?,
                args::optional("options_json", options_json)?,
            )
        }
    })
}

/// Downloads a file, or some of it, to a callback, in order. Ranges of large files are fetched ahead, as many
/// at once as the option "parallel" says, each of 2 to 8 MiB, which memory holds until the callback
/// has taken them. A connection that breaks is replaced by one that continues where it stopped.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param path          The file.
/// @param options_json  NULL for all of the file, or one JSON object of "version_id", "sse" and the conditions
///                      of qcos_download_with and of these keys:
///
///     "offset"  where the bytes begin, from 0 on; default 0. Behind the file's end is QCOS_ERR_PARAMS.
///     "length"  how many at most; default all
///     "last"    the last so many instead, or all where the file is shorter
///
/// @param write         Receives the bytes.
/// @param user_data     Passed to `write`.
/// @return As of qcos_download_buffer, with the bytes that `write` has received as `data.len`. A whole
///         file is compared at its end: after QCOS_ERR_INTEGRITY, as after every failure, what `write` has
///         received is not to be used.
///         Errors: as for qcos_download.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"etag":"\"5d41402abc4b2a76b9719d911017c592\"","filesize":5,"len":5,"verified":"crc64"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_download_stream(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    options_json: *const c_char,
    write: qcos_write_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::call(client, |client| {
        let mut write = callback::write(write, user_data)?;
        // SAFETY: strings as the header demands.
        unsafe {
            client.download_stream(
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                args::optional("options_json", options_json)?,
                &mut write,
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
/// @param expires_s  For how long, in seconds from now: 1 to 7776000 (90 days), and no longer than the
///                   client's credentials live, where their end is known.
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
