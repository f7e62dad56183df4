//! The table of open clients: the library's only state outside of them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use once_cell::sync::Lazy;

use super::types::qcos_client;
use crate::client::Client;
use crate::error::{Error, Kind, Result};

static CLIENTS: Lazy<RwLock<HashMap<u64, Arc<Client>>>> = Lazy::new(Default::default);

/// Counted from 1 and never reused, so a stale handle stays stale. It would take 285 years of a
/// million opens a second to pass 2^53, up to which JavaScript's numbers are exact.
static NEXT: AtomicU64 = AtomicU64::new(1);

pub(super) fn insert(client: Client) -> qcos_client {
    let handle = NEXT.fetch_add(1, Ordering::Relaxed);
    let client = Arc::new(client.known_as(handle));
    let mut table = CLIENTS.write().unwrap_or_else(PoisonError::into_inner);
    table.insert(handle, client);
    handle
}

/// The client stays alive as long as the caller works with it, closed or not.
pub(super) fn get(handle: qcos_client) -> Result<Arc<Client>> {
    let table = CLIENTS.read().unwrap_or_else(PoisonError::into_inner);
    table.get(&handle).cloned().ok_or_else(|| {
        Error::new(
            Kind::Handle,
            format!("client: {handle} is not an open client"),
        )
    })
}

pub(super) fn remove(handle: qcos_client) {
    let mut table = CLIENTS.write().unwrap_or_else(PoisonError::into_inner);
    let removed = table.remove(&handle);
    // Closing its connections takes time that nobody else should wait for.
    drop(table);
    drop(removed);
}
