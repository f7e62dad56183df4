//! The threads that the library starts. They block all signals: the host's handlers run on the host's
//! own threads.

use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use nix::sys::signal::{SigSet, SigmaskHow};

use crate::error::{Error, Kind, Result};

/// A thread that may outlive who starts it. `what` names it for the system.
pub(crate) fn start<F>(what: &str, body: F) -> Result<JoinHandle<()>>
where
    F: FnOnce() + Send + 'static,
{
    let builder = Builder::new().name(name(what));
    quietly(|| builder.spawn(body))
}

/// A thread of a scope.
pub(crate) fn start_scoped<'scope, F, T>(
    scope: &'scope Scope<'scope, '_>,
    what: &str,
    body: F,
) -> Result<ScopedJoinHandle<'scope, T>>
where
    F: FnOnce() -> T + Send + 'scope,
    T: Send + 'scope,
{
    let builder = Builder::new().name(name(what));
    quietly(|| builder.spawn_scoped(scope, body))
}

fn name(what: &str) -> String {
    format!("qcos-{what}")
}

/// A thread inherits what its maker blocks at that moment.
fn quietly<T>(start: impl FnOnce() -> std::io::Result<T>) -> Result<T> {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK);
    let started = match before {
        Ok(_) => start(),
        Err(error) => Err(error.into()),
    };
    if let Ok(before) = before {
        let _ = before.thread_set_mask();
    }
    started.map_err(|e| Error::new(Kind::System, format!("the system gives no thread: {e}")))
}
