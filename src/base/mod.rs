//! What knows nothing of the service: threads and their ends, panics, digests, small helpers.

pub(crate) mod aimd;
#[cfg(test)]
mod aimd_tests;
pub(crate) mod caller;
pub(crate) mod cancel;
pub(crate) mod concurrency;
pub(crate) mod crc64;
pub(crate) mod hex;
pub(crate) mod lock;
pub(crate) mod page_aligned;
pub(crate) mod pages;
pub(crate) mod panics;
pub(crate) mod quoted;
pub(crate) mod random;
pub(crate) mod replaceable;
pub(crate) mod size;
pub(crate) mod threads;
pub(crate) mod time;
pub(crate) mod workers;
#[cfg(test)]
mod workers_tests;
