//! Panics are bugs of ours. The host must survive them, and nothing is printed: they become errors,
//! on the caller's thread and on those that the library starts.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use crate::error::{Error, Kind, Result};

thread_local! {
    /// Catches that this thread is inside of: a callback may call the library again.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `body`; its panic is a QCOS_ERR_INTERNAL.
pub(crate) fn catch<T>(body: impl FnOnce() -> T) -> Result<T> {
    hook();
    DEPTH.set(DEPTH.get() + 1);
    // What a panic leaves behind is either dropped here or guarded by locks of our own.
    let outcome = panic::catch_unwind(AssertUnwindSafe(body));
    DEPTH.set(DEPTH.get() - 1);
    outcome.map_err(|_| caught())
}

fn hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                others(info);
            } else {
                remember(info);
            }
        }));
    });
}

fn caught() -> Error {
    let place = PANIC.with(RefCell::take);
    let message = format!("a bug in libqcos, please report it: {place}");
    Error::new(Kind::Panic, message)
}

fn remember(info: &PanicHookInfo) {
    let place = info
        .location()
        .map_or_else(String::new, |l| format!("{}:{}", l.file(), l.line()));
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panic");
    PANIC.replace(format!("{message} ({place})"));
}

/// Runs another test in a process of its own: its panics are caught, and print nothing.
#[cfg(test)]
pub(crate) fn prints_nothing(test: &str, message: &str) {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--quiet"])
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("1 passed") && !stdout.contains(message));
}
