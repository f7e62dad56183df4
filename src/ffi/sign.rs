//! Signatures for programs that talk to the service themselves.

use std::ffi::c_char;

use super::types::qcos_client;
use super::{args, guard};

/// Returns a signature that can be used repeatedly in a bucket until it expires. No request is sent.
/// It goes into the `Authorization` header, or percent-encoded into the query as `sign=`.
///
/// @param client   An open client.
/// @param bucket   Name of the bucket.
/// @param expired  When it ends: a Unix time in seconds, after now.
/// @return A reply, to be freed with qcos_string_free. `data.sign` is the signature.
///         Errors: QCOS_ERR_PARAMS, also for a client of the XML API, whose signatures are for one
///         request each (qcos_download_url makes one); QCOS_ERR_HANDLE.
///
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{"sign":"/Bm+lGULvNPrOurT...dWNrZXQ="}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_sign_more(
    client: qcos_client,
    bucket: *const c_char,
    expired: i64,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: a string as the header demands.
        client.sign_more(unsafe { args::string("bucket", bucket)? }, expired)
    })
}

/// Returns a signature for a single request about one file or folder, as update and delete require.
/// No request is sent.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket.
/// @param fileid  "/appid/bucket/path" of the file, or of the folder with a "/" at its end; plain
///                UTF-8, it is percent-encoded here.
/// @return As for qcos_sign_more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_sign_once(
    client: qcos_client,
    bucket: *const c_char,
    fileid: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.sign_once(
                args::string("bucket", bucket)?,
                args::string("fileid", fileid)?,
            )
        }
    })
}
