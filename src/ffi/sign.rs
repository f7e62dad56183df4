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

/// Signs one request that somebody else sends: with `data.url`, and just the headers in `data.headers`,
/// any HTTP client can do this one thing, and needs no key for it. XML API only. No request is sent:
/// whether the file exists shows when the URL is used.
///
/// The URL is a right of access: it holds a signature and, of temporary credentials, their token, and
/// whoever knows it can use it until it expires, as often as wanted. It cannot be taken back but by
/// deleting the key that has signed it. Keep it out of logs, and let it live no longer than needed.
///
/// @param client        An open client.
/// @param method        "GET", "HEAD", "PUT", "POST" or "DELETE".
/// @param bucket        Name of the bucket.
/// @param path          The file's path, with its slashes at the end.
/// @param expires_s     For how long, in seconds from now: 1 to 7776000 (90 days), and no longer than the
///                      client's credentials live, where their end is known (qcos_client_set_credentials,
///                      the option "credentials").
/// @param options_json  NULL, or one JSON object. Other keys are QCOS_ERR_PARAMS.
///       "headers"     An object of names and strings that are signed, and which the sender must send
///                     as they are: printable ASCII, up to 8192 bytes each, x-cos-meta-... up to 4096
///                     together. Such as {"content-type":"image/png"}, {"content-length":"11"} for a
///                     body of this very length, or "x-cos-..." that the service documents. Those
///                     about the sender and its connection are refused: Host (always signed),
///                     Authorization, User-Agent, Expect, x-cos-security-token. Headers that are not
///                     signed may be sent, too.
///       "query"       An object of names and strings, not encoded; "" for a parameter without a value,
///                     such as {"uploads":""}. Up to 8192 bytes each. Of a GET, {"response-...":"..."}
///                     sets a header of the answer: "response-content-disposition",
///                     "response-content-type", "response-cache-control" and others.
///       "version_id"  A version of the file. It is a parameter of the query, "versionId".
/// @return A reply, to be freed with qcos_string_free. `data.url` is the URL; `data.headers` has the
///         headers to send, by names in lower case; {} if there are none.
///         Errors: QCOS_ERR_PARAMS, also with a client of the JSON API; QCOS_ERR_HANDLE. A client whose
///         credentials come from a role may ask for them first: QCOS_ERR_NETWORK.
///
///     qcos_presign(client, "PUT", "bucket", "dir/a.png", 600, "{\"headers\":{\"content-type\":\"image/png\"}}")
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{"headers":{"content-type":"image/png"},
///        "url":"https://bucket-10000001.cos.ap-guangzhou.myqcloud.com/dir/a.png?q-sign-algorithm=sha1&..."}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_presign(
    client: qcos_client,
    method: *const c_char,
    bucket: *const c_char,
    path: *const c_char,
    expires_s: i64,
    options_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.presign(
                args::string("method", method)?,
                args::string("bucket", bucket)?,
                args::string("path", path)?,
                expires_s,
                args::optional("options_json", options_json)?,
            )
        }
    })
}

/// Signs a form with which a browser uploads a file, straight to the bucket: a POST of
/// multipart/form-data to `data.url`, with all fields in `data.fields` and after them, as the last one,
/// the field "file". What it may upload is limited by a policy, which is signed. XML API only. No request
/// is sent.
///
/// The form is a right to write: whoever knows its fields can upload with them until they expire, as often
/// as wanted, and replaces what is there. What the policy says nothing of is for the sender to choose: a form
/// takes further fields, such as "success_action_redirect", "x-cos-meta-..." or, where "content_type" is
/// not given, "Content-Type". The file's ACL is never left to the sender.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket.
/// @param options_json  One JSON object; other keys are QCOS_ERR_PARAMS. One of "key" and "key_prefix", and
///                      "expires_s" must be given.
///       "key"             The path that the file gets.
///       "key_prefix"      How that path begins, such as "uploads/17/"; not empty. The form's field "key"
///                         is then this with "${filename}" after it, which the service replaces with the
///                         sender's name for the file; the sender may put something else after it.
///       "min"             Bytes that the file must have at least; 0 if not given.
///       "max"             Bytes that it may have at most; 5368709120 (5 GiB), the service's own limit, if
///                         not given.
///       "expires_s"       For how long, in seconds from now: 1 to 7776000 (90 days), and no longer than
///                         the client's credentials live, where their end is known.
///       "content_type"    The type that the file gets; a browser's own word for it does not count.
///       "acl"             "default" (if not given), "private" or "public-read".
///       "success_status"  What the service answers when all went well: 200, 201 or 204, its default.
/// @return A reply, to be freed with qcos_string_free. `data.url` is where the form is posted to;
///         `data.fields` has its fields, in any order but all before "file". One is the token of temporary
///         credentials.
///         Errors: QCOS_ERR_PARAMS, also with a client of the JSON API; QCOS_ERR_HANDLE. A client whose
///         credentials come from a role may ask for them first: QCOS_ERR_NETWORK.
///
///     qcos_post_policy(client, "bucket", "{\"key_prefix\":\"in/\",\"max\":1048576,\"expires_s\":600}")
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{"fields":{"acl":"default","key":"in/${filename}",
///        "policy":"eyJjb25k...","q-ak":"AKID...","q-key-time":"1700000000;1700000660",
///        "q-sign-algorithm":"sha1","q-signature":"7758dc9a..."},
///        "url":"https://bucket-10000001.cos.ap-guangzhou.myqcloud.com/"}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_post_policy(
    client: qcos_client,
    bucket: *const c_char,
    options_json: *const c_char,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.post_policy(
                args::string("bucket", bucket)?,
                args::optional("options_json", options_json)?,
            )
        }
    })
}
