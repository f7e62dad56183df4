//! Credentials that change.

use std::ffi::c_char;

use super::types::qcos_client;
use super::{args, guard};

/// Changes the credentials of a client, of the clients derived from it, and of the one it is derived from:
/// all of them use the new ones from the next signature on, also in the midst of a transfer. Requests on
/// their way keep the signature that they have. The account stays the same. Nothing is sent. Any thread
/// may call it, a callback too.
///
/// @param client          An open client.
/// @param secret_id       The new secret id.
/// @param secret_key      The new secret key. It is copied; the old one is wiped when the last request that
///                        was signed with it is over.
/// @param security_token  The token of temporary credentials; NULL for others, and in the JSON API, which
///                        knows no tokens.
/// @param expires_at      When the credentials end, in Unix seconds; 0 for never.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: QCOS_ERR_PARAMS, QCOS_ERR_HANDLE; the client then keeps the credentials that it has.
///
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_client_set_credentials(
    client: qcos_client,
    secret_id: *const c_char,
    secret_key: *const c_char,
    security_token: *const c_char,
    expires_at: i64,
) -> *mut c_char {
    guard::call(client, |client| {
        // SAFETY: strings as the header demands.
        unsafe {
            client.set_credentials(
                args::string("secret_id", secret_id)?,
                args::string("secret_key", secret_key)?,
                args::optional("security_token", security_token)?,
                expires_at,
            )
        }
    })
}
