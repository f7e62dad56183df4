//! The threads that the library starts. They block all signals: the host's handlers run on the host's
//! own threads.

use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use crate::error::{Error, Kind, Result};
use crate::system;

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

fn quietly<T>(start: impl FnOnce() -> std::io::Result<T>) -> Result<T> {
    let started = system::without_signals(start);
    started.map_err(|e| Error::new(Kind::System, format!("the system gives no thread: {e}")))
}
