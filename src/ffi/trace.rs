//! What a client's requests come to.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_trace_fn};
use super::{callback, guard};

/// Sets a callback that receives every attempt at a request, whether it succeeds or fails: for logs and
/// measurements. It is called soon after the attempt has ended, in transfers within 0.1 s, and for all of
/// them before the call returns. The callback is the client's, and serves the clients derived from it that
/// have none of their own: with qcos_client_with a single call is traced. It receives those of calls that begin
/// from then on, not of those under way. Where more than 1,000 events wait for the thread that made the
/// call, because the callback is slow, the call's requests wait, too.
///
/// Keys of an event; times are in milliseconds with the microseconds as decimals, and are left out where
/// there was no such step:
///
/// - `time_ms`: when the attempt began, in Unix milliseconds by this machine's clock
/// - `attempt`: from 1; above that the request is sent again
/// - `method`, `host`, `path`, `query`: as they go out, encoded
/// - `status`: the HTTP status, 0 without an answer; `request_id`: the service's number for the request
/// - `code`: that of a reply, 0 for success; `error`: the message then; `retry_in_ms`: the pause, if
///   another attempt follows. What is a failure here, such as a check that finds no file, may be
///   none of the call
/// - `sent`, `received`: bytes of the bodies, without heads and TLS
/// - `dns_ms`, `connect_ms`, `tunnel_ms` (through a proxy), `tls_ms`: left out on a kept connection
/// - `head_ms`: from the begin to the end of the answer's head; `whole_ms`: to the end of the attempt
///
/// Requests to the metadata service, for the option "credentials":"cvm", are not traced.
///
/// @param client     An open client.
/// @param callback   See qcos_trace_fn; NULL for none any more. The one before it may still be running in
///                   calls of other threads then.
/// @param user_data  Passed to `callback`. It must live as long as calls of these clients are made.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: QCOS_ERR_HANDLE.
///
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
///
/// An event, here with line breaks:
///
///     {"attempt":1,"code":0,"connect_ms":0.213,"dns_ms":0.004,"head_ms":12.846,
///      "host":"bucket-1250000000.cos.ap-guangzhou.myqcloud.com","method":"PUT","path":"/a.txt",
///      "query":"","received":0,"request_id":"NTk5ZGJj","sent":1024,"status":200,
///      "time_ms":1790000000000,"tls_ms":5.106,"whole_ms":12.9}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_client_trace(
    client: qcos_client,
    callback: qcos_trace_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::call(client, |client| {
        client.set_trace(callback::on_trace(callback, user_data))
    })
}
