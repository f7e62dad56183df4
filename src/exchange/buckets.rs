//! What a client has learnt of its buckets.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::Bucket;

/// Of a program that makes a bucket for each of its users, too.
const BUCKETS_MAX: usize = 4096;

/// Whether a bucket ever had versions of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    /// The service has said so.
    Never,
    /// It has, or nobody may know.
    Perhaps,
}

#[derive(Default)]
pub(super) struct Buckets(Mutex<HashMap<Bucket, Versions>>);

impl Buckets {
    /// What is known; else `Perhaps`, and whoever gets `true` with it is to find out.
    pub(super) fn versions(&self, bucket: &Bucket) -> (Versions, bool) {
        let mut known = self.lock();
        if let Some(versions) = known.get(bucket) {
            return (*versions, false);
        }
        if known.len() >= BUCKETS_MAX {
            known.clear();
        }
        known.insert(bucket.clone(), Versions::Perhaps);
        (Versions::Perhaps, true)
    }

    pub(super) fn learn(&self, bucket: &Bucket, versions: Versions) {
        self.lock().insert(bucket.clone(), versions);
    }

    /// The next who wants to know is to find out.
    pub(super) fn forget(&self, bucket: &Bucket) {
        self.lock().remove(bucket);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Bucket, Versions>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_finds_out_for_all() {
        let (buckets, bucket) = (Buckets::default(), Bucket::new("b").unwrap());
        assert_eq!(buckets.versions(&bucket), (Versions::Perhaps, true));
        assert_eq!(buckets.versions(&bucket), (Versions::Perhaps, false));
        buckets.learn(&bucket, Versions::Never);
        assert_eq!(buckets.versions(&bucket), (Versions::Never, false));
        buckets.forget(&bucket);
        assert_eq!(buckets.versions(&bucket), (Versions::Perhaps, true));
    }
}
