//! Lets one thread end what another waits for on its connections. The HTTP library hands nothing
//! of a request down to its sockets, so a thread carries the flag with it. It listens to one flag
//! for the rest of its life; only threads that the library has started for a transfer do so.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static FLAG: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

pub(crate) fn listen_to(flag: &Arc<AtomicBool>) {
    FLAG.set(Some(flag.clone()));
}

/// Whether this thread has to look up from its waiting now and then.
pub(super) fn is_possible() -> bool {
    FLAG.with_borrow(Option::is_some)
}

pub(super) fn is_requested() -> bool {
    FLAG.with_borrow(|flag| flag.as_ref().is_some_and(|f| f.load(Ordering::Relaxed)))
}
