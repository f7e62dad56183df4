//! What differs between systems, each in a folder of its own with the same functions: files and folders, their
//! names, connections on their way, trusted certificates, threads without signals. All else in `src/` is the same everywhere.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

// A socket that is made without std is ready for it on these alone.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod polled_connect;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod threaded_connect;

#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
mod trusted_files;
#[cfg(any(windows, target_vendor = "apple", target_os = "android"))]
mod trusted_store;

// Its rules are the same wherever they are tried.
#[cfg(any(windows, test))]
mod windows_names;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use polled_connect::Connecting;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use threaded_connect::Connecting;
#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
pub(crate) use trusted_files::trust_the_system;
#[cfg(any(windows, target_vendor = "apple", target_os = "android"))]
pub(crate) use trusted_store::trust_the_system;
#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;

use std::fs::File;

/// Which file it is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

/// When a file was written to, and when anything of it changed, as far as the system tells: seconds and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileTimes {
    pub(crate) modified: (i64, i64),
    pub(crate) changed: (i64, i64),
}

/// Why a file could not be locked; it is given back.
#[cfg_attr(windows, expect(dead_code, reason = "what is open to write is locked"))]
pub(crate) enum TryLockError {
    /// Somebody else holds it.
    WouldBlock(File),
    /// The file system knows no locks.
    Unsupported(File),
}
