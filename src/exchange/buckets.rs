//! What a client has learnt of its buckets.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::base::cancel::GLANCE;
use crate::base::lock::{self, lock};
use crate::error::Result;
use crate::model::Bucket;

/// Of a program that makes a bucket for each of its users, too.
const BUCKETS_MAX: usize = 4096;

/// Nobody waits longer for what another finds out: that one may itself wait for a callback of this one.
const WAIT: Duration = Duration::from_secs(2);

/// Whether a bucket ever had versions of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    /// The service has said so.
    Never,
    /// It has, or nobody may know.
    Perhaps,
}

#[derive(Default)]
pub(super) struct Buckets {
    /// `None` while somebody finds out.
    known: Mutex<HashMap<Bucket, Option<Versions>>>,
    learned: Condvar,
}

impl Buckets {
    /// What is known; `None` for whoever is to find out, and then to say what it is, or that it is unknown.
    /// Others wait for that. `may_wait` is asked now and then; its error ends the wait.
    pub(super) fn versions(
        &self,
        bucket: &Bucket,
        may_wait: &dyn Fn() -> Result<()>,
    ) -> Result<Option<Versions>> {
        let begun = Instant::now();
        let mut known = self.lock();
        loop {
            match known.get(bucket) {
                Some(Some(versions)) => return Ok(Some(*versions)),
                Some(None) if begun.elapsed() > WAIT => return Ok(Some(Versions::Perhaps)),
                Some(None) => {
                    may_wait()?;
                    // In steps: a cancel rings no bell here.
                    known = lock::wait(&self.learned, known, GLANCE);
                }
                None => break,
            }
        }
        if known.len() >= BUCKETS_MAX {
            known.retain(|_, versions| versions.is_none());
        }
        known.insert(bucket.clone(), None);
        Ok(None)
    }

    /// `None`: the next who wants to know is to find out. What was learnt meanwhile stays: a bucket that has had
    /// versions always has had them (xml-api.md §3.14).
    pub(super) fn learn(&self, bucket: &Bucket, versions: Option<Versions>) {
        let mut known = self.lock();
        let has_some = known.get(bucket) == Some(&Some(Versions::Perhaps));
        match versions {
            _ if has_some => {}
            Some(_) => drop(known.insert(bucket.clone(), versions)),
            None => drop(known.remove(bucket)),
        }
        self.learned.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Bucket, Option<Versions>>> {
        lock(&self.known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_finds_out_for_all() {
        let (buckets, bucket) = (Buckets::default(), Bucket::new("b").unwrap());
        let versions = || buckets.versions(&bucket, &|| Ok(())).unwrap();
        assert_eq!(versions(), None);
        std::thread::scope(|scope| {
            let other = scope.spawn(versions);
            buckets.learn(&bucket, Some(Versions::Never));
            assert_eq!(other.join().unwrap(), Some(Versions::Never));
        });
        buckets.learn(&bucket, None);
        assert_eq!(versions(), None);
        buckets.learn(&bucket, Some(Versions::Perhaps));
        for asked_before in [Some(Versions::Never), None] {
            buckets.learn(&bucket, asked_before);
            assert_eq!(versions(), Some(Versions::Perhaps));
        }
    }
}
