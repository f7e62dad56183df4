//! What is wrong between a program and the service.

use std::ffi::c_char;

use super::types::qcos_client;
use super::{args, guard};

/// Finds out what is wrong between this program and the service, step by step: from the name of the
/// host to the rights of the key, each with a sentence and an advice in English and in Chinese. It
/// reads only, and changes nothing: it makes a connection (another one to read a certificate that is not
/// accepted), sends one request without a signature, and at most three with one: a list of one entry,
/// the list of buckets where the bucket was not found, and a read of the file "qcos-diagnose", which
/// need not be there. The client's limits apply: connect_timeout_ms to the connection, and when
/// timeout_ms is over, the step that was under way has failed.
///
/// @param client  An open client.
/// @param bucket  Name of the bucket; not NULL.
/// @return A reply, to be freed with qcos_string_free. Its code is 0 when the diagnosis could be made,
///         whatever is wrong: `data.ok` is true if no step has failed. `data.steps` has always these,
///         in this order:
///         - "dns": the host's name, or the proxy's, is looked up;
///         - "tcp": a connection is made to it;
///         - "proxy": it connects to the service;
///         - "tls": the certificate is accepted; `detail` names its subject and its issuer, also
///           when it is not: a proxy that inspects TLS shows in these names;
///         - "http": what answers is the service;
///         - "clock": this machine's agrees with the service's;
///         - "region": the bucket is there;
///         - "path_style": the service takes the option "addressing" (XML API);
///         - "key": the secret id is known;
///         - "signature": the secret key is right;
///         - "token": it is valid, where one is used;
///         - "list", "read": the key may do that. A refused list is a warning where reading is allowed.
///         Each has
///         - `status`: "ok", "warning" (it works, but should be known), "failed", or "skipped": not known,
///           as one before it has failed, or there is nothing to check;
///         - `message`, `message_zh`: what was found, in English and in Chinese;
///         - `advice`, `advice_zh`: what to do, "" for nothing;
///         - `detail`: an object with what is known of `host`, `addresses`, `proxy`, `subject`, `issuer`,
///           `clock_ahead_s` (seconds; below 0 when this machine's clock is behind), `bucket`, `region`
///           (where the bucket is, when that is another one), `addressing`; of a failure `error`, `kind`,
///           `code` and `httpcode` as an error reply has them, `service_code`, `request_id`.
///         Secrets are hidden. The JSON API does not report whether the bucket is there before the
///         signature is right.
///         Errors: QCOS_ERR_PARAMS, QCOS_ERR_HANDLE, QCOS_ERR_CANCELLED.
///
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{"ok":false,"steps":[
///       {"step":"dns","status":"ok","detail":{"addresses":["203.0.113.7"],"host":"cos.example.com"},
///        "message":"cos.example.com has the address 203.0.113.7.",
///        "message_zh":"cos.example.com 的地址是 203.0.113.7。","advice":"","advice_zh":""},
///       {"step":"tcp","status":"failed","detail":{"code":-2,"error":"connect to cos.example.com
///        failed: Connection refused (os error 111)","host":"cos.example.com:443","httpcode":0,
///        "kind":"connect"},"message":"No connection to cos.example.com:443 can be made.", ...}, ...]}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_diagnose(client: qcos_client, bucket: *const c_char) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: a string as the header demands.
        client.diagnose(unsafe { args::string("bucket", bucket)? })
    })
}
