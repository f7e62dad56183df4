//! Where the credentials of requests come from: each attempt asks here for those that are good now.

use std::sync::{Arc, PoisonError, RwLock};

use crate::model::Credentials;

pub(super) struct Provider {
    current: RwLock<Arc<Credentials>>,
}

impl Provider {
    pub(super) fn of(given: Credentials) -> Provider {
        Provider {
            current: RwLock::new(Arc::new(given)),
        }
    }

    pub(super) fn current(&self) -> Arc<Credentials> {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From the next signature on.
    pub(super) fn set(&self, credentials: Credentials) {
        let credentials = Arc::new(credentials);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = credentials;
    }
}
