//! Everything else.

use std::ffi::{c_char, c_void};

use super::types::qcos_client;
use super::{args, guard};

/// Sends one request of the service's own XML API: for what has no function here, such as a bucket's
/// lifecycle, CORS, policy, website or tags. It is signed, tried again, limited in time, cancelled and
/// reported as every other request. XML API only.
///
/// @param client        An open client.
/// @param bucket        Name of the bucket; NULL or "" with "host":"service" only.
/// @param path          The file's path, with its slashes at the end; NULL or "" for the bucket itself.
/// @param request_json  The rest, one JSON object; not NULL. Other keys are QCOS_ERR_PARAMS.
///       "method"      "GET", "HEAD", "PUT", "POST" or "DELETE"; must be given.
///       "query"       An object of names and strings, not encoded; "" for a parameter without a value,
///                     such as {"lifecycle":""}. Up to 8192 bytes each. Those of a signature are
///                     refused.
///       "headers"     An object of names and strings: printable ASCII, up to 8192 bytes each, x-cos-meta-...
///                     up to 4096 together. Those that the library sets itself are refused: Host,
///                     Authorization, Content-Length, x-cos-security-token, User-Agent, and those about
///                     the connection. Content-MD5 is added when there is a body, and it is not given.
///       "host"        "bucket", the default; "service", that of the account's buckets; "ci", where the
///                     bucket's data is processed, for clients that have only "region".
///       "idempotent"  Whether carrying it out twice does no more than once: true but for "POST". When
///                     the answer of one that is not was lost, so that it may have been carried out, it is
///                     not sent again, and the message says so.
/// @param body          The bytes of a PUT or POST; NULL is fine when `len` is 0. They must not change
///                      during the call.
/// @param len           How many, up to 67108864 (64 MiB); 0 for other methods.
/// @return A reply, to be freed with qcos_string_free. An answer longer than 67108864 bytes is
///         QCOS_ERR_NETWORK: qcos_download takes any. Of a success, `data` has
///         - `status`, the HTTP status, as `httpcode`;
///         - `headers`, by names in lower case; several of one name are joined with ", ", and bytes that
///           are no UTF-8 stand as %XX;
///         - `body`, when it is UTF-8, just as it came; else `body_base64`;
///         - `xml`, when Content-Type says that the body is XML, and it is: {name of the root: value}. The
///           value of an element without others in it is its text, a string; of one with others an object
///           of their values by name, with an array where a name is there more than once: a list of one
///           entry is no array. Namespaces, attributes, and text between elements are left out.
///         A status from 300 on is an error as of other calls, and so is a success whose body is an error
///         (but for GET). `data` then has the same, without `body_base64` and bodies longer than 1 MiB;
///         of a redirect it has `status` alone. Secrets that the service repeats in headers or errors
///         are hidden; a success's body is left as it is.
///         Errors: the library's own, QCOS_ERR_PARAMS with a client of the JSON API, and the
///         service's.
///
///     qcos_request(client, "bucket", "", "{\"method\":\"GET\",\"query\":{\"tagging\":\"\"}}", NULL, 0)
///     {"code":0,"message":"SUCCESS","httpcode":200,"data":{
///        "body":"<Tagging><TagSet><Tag><Key>age</Key><Value>18</Value></Tag></TagSet></Tagging>",
///        "headers":{"content-type":"application/xml","x-cos-request-id":"NjA4..."},"status":200,
///        "xml":{"Tagging":{"TagSet":{"Tag":{"Key":"age","Value":"18"}}}}},"request_id":"NjA4..."}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_request(
    client: qcos_client,
    bucket: *const c_char,
    path: *const c_char,
    request_json: *const c_char,
    body: *const c_void,
    len: usize,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: bytes and strings as the header demands.
        unsafe {
            client.request(
                args::optional("bucket", bucket)?.unwrap_or_default(),
                args::optional("path", path)?.unwrap_or_default(),
                args::string("request_json", request_json)?,
                args::bytes("body", body, len)?,
            )
        }
    })
}
