//! Locks whose holders may have panicked: a panic becomes the error of its call, and what it leaves behind a lock
//! is as good as before.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits to be woken, at most so long.
pub(crate) fn wait<'m, T>(
    condvar: &Condvar,
    guard: MutexGuard<'m, T>,
    at_most: Duration,
) -> MutexGuard<'m, T> {
    let waited = condvar.wait_timeout(guard, at_most);
    waited.unwrap_or_else(PoisonError::into_inner).0
}
