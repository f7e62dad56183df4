//! Uploads.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_progress_fn, qcos_read_fn};
use super::{args, callback, guard};

/// Uploads a local file: in one request up to 8 MiB, in slices of the option "slice_size" above.
///
/// The stored object is verified against the local data, by SHA-1 (JSON API) or CRC64 (XML API); a
/// mismatch is QCOS_ERR_INTEGRITY.
///
/// An existing file is replaced only with the option "overwrite"; otherwise the call returns -4018 if
/// it has the same content, and -177 if not. (The XML API recognizes the same content by its
/// CRC64, which objects of before 2018 lack; and it refuses a second of two uploads at the same
/// moment only in buckets that never had versions. With credentials that may upload but not read, only
/// the service guards what is there: it answers -177, and in a bucket that ever had versions it puts a
/// new one over it.)
///
/// @param client     An open client.
/// @param filepath   The local file: a regular file of any size that does not change meanwhile.
///                   Bytes as the system takes them, not necessarily UTF-8.
/// @param bucket     Name of the bucket.
/// @param dstpath    Where it goes, such as "photos/2026/a.jpg"; without a slash at the end.
/// @param biz_attr   Text to store with it, up to 65536 bytes; in the XML API 2040 when
///                   percent-encoded. NULL for none.
/// @param progress   Progress callback; NULL for none.
/// @param user_data  Passed to `progress`.
/// @return A reply, to be freed with qcos_string_free. `data.verified` is what was compared: "crc64"
///         or "sha1"; or "length", where the service provides no digest of what it holds. What was
///         changed on its way is sent again, within the client's retries (XML API); of up to 8 MiB only
///         with `overwrite`, else the call fails with QCOS_ERR_INTEGRITY, and what has arrived stays.
///         `data.version_id` is that of the new version, where the service tells it: of a bucket with
///         versions enabled (XML API). When a file in slices fails after it has begun, whatever the
///         reason, `data.session` and `data.offset` of the reply let qcos_upload_slice go on.
///         Errors: the library's own, and the service's.
///
///     {"code":0,"message":"SUCCESS","httpcode":200,
///      "data":{"access_url":"http://bucket-10000001.file.myqcloud.com/photos/2026/a.jpg",
///        "resource_path":"/10000001/bucket/photos/2026/a.jpg",
///        "url":"http://web.file.myqcloud.com/files/v1/10000001/bucket/photos/2026/a.jpg",
///        "verified":"sha1"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_upload(
    client: qcos_client,
    filepath: *const c_char,
    bucket: *const c_char,
    dstpath: *const c_char,
    biz_attr: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.upload(
                args::local_path("filepath", filepath)?,
                args::string("bucket", bucket)?,
                args::string("dstpath", dstpath)?,
                args::optional("biz_attr", biz_attr)?.unwrap_or_default(),
                report,
            )
        }
    })
}

/// Uploads a buffer: up to 8388608 bytes (8 MiB) in one request, more in slices, several at once, which
/// are sent from where they are: no byte is copied.
///
/// @param client    An open client.
/// @param data      The bytes; NULL is fine when `len` is 0. They must not change during the call.
/// @param len       How many, up to 53687091200000, the largest object (xml-api.md §3.10).
/// @param bucket    Name of the bucket.
/// @param dstpath   Where they go.
/// @param biz_attr  As for qcos_upload.
/// @return As for qcos_upload. A failure leaves no unfinished upload behind: `data.session` names one
///         only if the library could not drop it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_upload_buffer(
    client: qcos_client,
    data: *const c_void,
    len: usize,
    bucket: *const c_char,
    dstpath: *const c_char,
    biz_attr: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: bytes and strings as the header demands.
        unsafe {
            client.upload_buffer(
                args::bytes("data", data, len)?,
                args::string("bucket", bucket)?,
                args::string("dstpath", dstpath)?,
                args::optional("biz_attr", biz_attr)?.unwrap_or_default(),
            )
        }
    })
}

/// Uploads a local file in slices, or resumes an upload that was interrupted.
///
/// Slices are read as they are sent, several at once. In the JSON API the file is read once more
/// before, for its SHA-1, which is sent first: the service may have the content already, then nothing
/// is sent. A file that changes meanwhile ends the upload. An empty file goes in one request. In
/// the XML API a slice is a part of a multipart upload; of an upload that is gone on with, only parts
/// whose MD5 is that of the file are kept.
///
/// @param client      An open client.
/// @param filepath    The local file, as for qcos_upload.
/// @param bucket      Name of the bucket.
/// @param dstpath     Where it goes.
/// @param biz_attr    As for qcos_upload.
/// @param slice_size  Bytes a slice, as for the option "slice_size"; 0 for the option's. In the JSON
///                    API the service may decide for another. In the XML API a size that makes more
///                    than 10000 slices of the file is QCOS_ERR_SLICE_SIZE.
/// @param session     NULL or "" to begin; or `data.session` of the reply to an upload of the
///                    same file to the same place that failed. A session that the service has
///                    forgotten is begun again.
/// @param progress    Progress callback; NULL for none.
/// @param user_data   Passed to `progress`.
/// @return As for qcos_upload; also QCOS_ERR_SLICE_SIZE.
///
///     {"code":-5,"message":"the caller has cancelled the call","httpcode":0,
///      "data":{"offset":33554432,"session":"c3a1..."},
///      "error":{"attempts":0,"kind":"cancelled","name":"QCOS_ERR_CANCELLED","retryable":false}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_upload_slice(
    client: qcos_client,
    filepath: *const c_char,
    bucket: *const c_char,
    dstpath: *const c_char,
    biz_attr: *const c_char,
    slice_size: u64,
    session: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.upload_slice(
                args::local_path("filepath", filepath)?,
                args::string("bucket", bucket)?,
                args::string("dstpath", dstpath)?,
                args::optional("biz_attr", biz_attr)?.unwrap_or_default(),
                slice_size,
                args::optional("session", session)?,
                report,
            )
        }
    })
}

/// Uploads a local file, as qcos_upload does, with further options.
///
/// @param client        An open client.
/// @param filepath      The local file, as for qcos_upload.
/// @param bucket        Name of the bucket.
/// @param dstpath       Where it goes.
/// @param options_json  NULL for none, or one JSON object of these keys; an unknown key or a wrong
///                      value is an error that names it:
///
///     "biz_attr"       as for qcos_upload
///     "overwrite"      true or false; default the client's option
///     "acl"            who may read it: "private", "public-read" or "default"
///     "headers"        an object of headers that are kept with the file and come with it:
///                      Cache-Control, Content-Disposition, Content-Encoding, Content-Language,
///                      Content-Type, Expires, and x-cos-meta-... of letters, digits and '-';
///                      values are printable ASCII without blanks at their ends, up to 2048 bytes;
///                      what stands for ... counts, too, and in the XML API all metadata with
///                      "biz_attr" and 23 bytes of the library's are 4096 at most. Without
///                      Content-Type the service finds one by the name's ending
///     "on_failure"     what becomes of an upload in slices that fails or is cancelled: "keep" (default),
///                      and the reply names its session, with which it can be resumed; or "abort": it is
///                      dropped, so that it costs nothing
///     "meta"           an object of metadata: names without "x-cos-meta-", values of any text in UTF-8, which
///                      is percent-encoded where it is not ASCII, and told again by a stat as it was given;
///                      encoded it has the limits of "headers"
///     "storage_class"  XML API only: such as "STANDARD_IA", "INTELLIGENT_TIERING" or "ARCHIVE"
///     "sse"            XML API only: how the service encrypts the file. "cos": with a key that it keeps;
///                      {"kms":"KEY ID"}: with a key of KMS, "" is its default key, and with "context", a JSON
///                      object in Base64, beside it where the key needs one; {"c":"KEY"}: with a key of your own,
///                      32 bytes in Base64, over https only. Every later stat and download of the file must
///                      name that key. An answer that does not confirm it is QCOS_ERR_INTEGRITY
///     "tags"           XML API only: an object of tags, with the limits of qcos_set_tags
///
/// @param progress      Progress callback; NULL for none.
/// @param user_data     Passed to `progress`.
/// @return As for qcos_upload. The JSON API takes `acl` and `headers` only once the file is there: a
///         failure of that is the call's, with the file uploaded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_upload_with(
    client: qcos_client,
    filepath: *const c_char,
    bucket: *const c_char,
    dstpath: *const c_char,
    options_json: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.upload_with(
                args::local_path("filepath", filepath)?,
                args::string("bucket", bucket)?,
                args::string("dstpath", dstpath)?,
                args::optional("options_json", options_json)?,
                report,
            )
        }
    })
}

/// Uploads bytes from memory, with attributes and progress. As qcos_upload_buffer, of any size: above 8 MiB
/// in slices, straight from the caller's memory.
///
/// @param client        An open client.
/// @param data          The bytes; NULL is fine if len is 0. They must not change during the call.
/// @param len           How many.
/// @param bucket        Name of the bucket.
/// @param dstpath       Where they go.
/// @param options_json  As for qcos_upload_with; "on_failure" is "abort" by default.
/// @param progress      Progress callback; NULL for none.
/// @param user_data     Passed to `progress`.
/// @return As for qcos_upload_with. A failure leaves no unfinished upload, unless "on_failure" says so or
///         dropping it failed, too: then `data.session` names it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_upload_buffer_with(
    client: qcos_client,
    data: *const c_void,
    len: usize,
    bucket: *const c_char,
    dstpath: *const c_char,
    options_json: *const c_char,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        // SAFETY: memory and strings as the header demands.
        unsafe {
            client.upload_buffer_with(
                args::bytes("data", data, len)?,
                args::string("bucket", bucket)?,
                args::string("dstpath", dstpath)?,
                args::optional("options_json", options_json)?,
                report,
            )
        }
    })
}

/// Uploads what a callback reads, of a size that need not be known. Up to 8 MiB go in one request. More goes
/// in parts, in the XML API: of the option "slice_size", by default 8 MiB, and with "parallel" "auto" down to
/// 2 MiB where the service is far away. They grow as their number does, so that 10000 parts are enough. Memory
/// holds each part until the service has it; as much at once as the option "parallel" says, or one part that
/// is larger. A part that fails is sent again from there. The JSON API has to know the whole before it sends
/// the first byte, and takes 20 MiB (20971520) of a stream at most.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param dstpath       Where the bytes go.
/// @param options_json  NULL for none, or one JSON object of the keys of qcos_upload_with and of "length":
///                      how many bytes there will be, if that is known. "on_failure" is "abort" by default.
/// @param read          Fills buffers with the bytes.
/// @param progress      Progress callback; NULL for none. Without "length" its total is 9007199254740991
///                      (2^53 - 1) until the end of the stream.
/// @param user_data     Passed to `read` and `progress`.
/// @return As for qcos_upload_with. There is an object only when all bytes up to the end of the stream have
///         arrived and were compared. A failure leaves no unfinished upload, unless "on_failure" says so or
///         dropping it failed, too: then `data.session` names it.
///         Errors: QCOS_ERR_PARAMS, too, for a stream that is longer or shorter than "length", or too long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_upload_stream(
    client: qcos_client,
    bucket: *const c_char,
    dstpath: *const c_char,
    options_json: *const c_char,
    read: qcos_read_fn,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::transfer(client, progress, user_data, |client, report| {
        let mut read = callback::read(read, user_data)?;
        // SAFETY: strings as the header demands.
        unsafe {
            client.upload_stream(
                args::string("bucket", bucket)?,
                args::string("dstpath", dstpath)?,
                args::optional("options_json", options_json)?,
                &mut read,
                report,
            )
        }
    })
}
