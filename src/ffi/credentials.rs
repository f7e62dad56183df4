//! Credentials that change.

use std::ffi::{c_char, c_void};

use super::types::{qcos_client, qcos_credentials_fn};
use super::{args, callback, guard};

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

/// Sets a callback that gives a client, and all that share credentials with it as with
/// qcos_client_set_credentials, new credentials before the old ones end: 10 minutes before, or when a
/// tenth of their life is left, whichever is later; and when the service calls them ended or unknown: the
/// request is then sent again with the new ones. In a transfer it is noticed within 0.1 s, whatever the
/// transfer waits for. One call at a time calls it back; others go on with the old credentials while
/// these are good, and else wait. Where it brings nothing new, it is not called again for 10 seconds.
///
/// @param client     An open client; not one with the option "credentials":"cvm", which renews its own.
/// @param callback   Calls qcos_client_set_credentials; see qcos_credentials_fn. NULL for none any more;
///                   it may still be running in a call of another thread then.
/// @param user_data  Passed to `callback`. It must live as long as calls of these clients are made.
/// @return A reply, to be freed with qcos_string_free. Its data is empty.
///         Errors: QCOS_ERR_PARAMS, QCOS_ERR_HANDLE.
///
///     {"code":0,"message":"SUCCESS","httpcode":0,"data":{}}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qcos_client_on_expiry(
    client: qcos_client,
    callback: qcos_credentials_fn,
    user_data: *mut c_void,
) -> *mut c_char {
    guard::call(client, |client| {
        client.set_on_expiry(callback::on_expiry(callback, user_data))
    })
}
