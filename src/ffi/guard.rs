//! Around every exported function: a panic is a bug of ours, and the host must survive it. It
//! becomes a reply with QCOS_ERR_INTERNAL, and nothing is printed.

use std::ffi::{CString, c_char, c_void};

use super::types::{qcos_client, qcos_progress_fn};
use super::{callback, handles};
use crate::base::panics;
use crate::client::Client;
use crate::error::Result;
use crate::model::reply::{self, Reply};
use crate::transfer::Report;

/// Runs the body of a function that answers with a reply. Never NULL.
pub(super) fn reply(body: impl FnOnce() -> Result<Reply>) -> *mut c_char {
    boxed(Box::new(body))
}

/// One copy of what is around all bodies.
fn boxed(body: Box<dyn FnOnce() -> Result<Reply> + '_>) -> *mut c_char {
    let outcome = panics::catch(body).and_then(|outcome| outcome);
    into_c(reply::to_json(&outcome))
}

/// The same of a function about an open client.
pub(super) fn call(
    client: qcos_client,
    body: impl FnOnce(&Client) -> Result<Reply>,
) -> *mut c_char {
    reply(|| body(&*handles::get(client)?))
}

/// The same of one that reports its progress.
pub(super) fn transfer(
    client: qcos_client,
    progress: qcos_progress_fn,
    user_data: *mut c_void,
    body: impl FnOnce(&Client, Option<&mut Report>) -> Result<Reply>,
) -> *mut c_char {
    call(client, |client| {
        let mut report = callback::report(progress, user_data);
        body(client, report.as_mut().map(|report| report as &mut Report))
    })
}

/// Runs the body of a function that answers with something simpler.
pub(super) fn plain<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    panics::catch(body).unwrap_or(fallback)
}

/// Hands a string to the caller, who frees it with qcos_string_free. A NUL inside would end it
/// early for C; JSON text holds none, and elsewhere it becomes U+FFFD.
pub(super) fn into_c(text: String) -> *mut c_char {
    let text = match CString::new(text) {
        Ok(text) => text,
        Err(e) => {
            let bytes = e.into_vec();
            let text = String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}");
            CString::new(text).unwrap_or_default()
        }
    };
    text.into_raw()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn text(owned: *mut c_char) -> String {
        // SAFETY: into_c made it.
        let text = unsafe { CString::from_raw(owned) };
        text.into_string().unwrap()
    }

    #[test]
    fn a_panic_becomes_a_reply() {
        let reply = text(super::reply(|| panic!("on purpose")));
        assert_eq!(crate::model::reply::code(&reply), Some(-8));
        assert!(reply.contains("on purpose") && reply.contains("guard.rs"));
        assert_eq!(plain(7, || panic!("again")), 7);
    }

    #[test]
    fn a_panic_prints_nothing() {
        panics::prints_nothing("ffi::guard::tests::a_panic_becomes_a_reply", "on purpose");
    }

    #[test]
    fn a_nul_does_not_cut_a_string() {
        let owned = into_c("a\0b".to_owned());
        // SAFETY: into_c made it, and it is freed below.
        let seen = unsafe { CStr::from_ptr(owned) }
            .to_str()
            .unwrap()
            .to_owned();
        assert_eq!(seen, "a\u{fffd}b");
        text(owned);
    }
}
