//! What can be asked of buckets themselves.

use super::missing::{Missing, Named};
use crate::error::Result;
use crate::exchange::Call;
use crate::model::{BucketInfo, Target};

/// What an API has no words for is refused by the default.
pub(crate) trait Buckets: Named {
    /// That a bucket is there, and its region, where the service tells it.
    fn head_bucket(&self, call: &Call, bucket: &Target) -> Result<Option<String>>;

    fn create_bucket(&self, _call: &Call, _bucket: &Target, _acl: &str) -> Result<()> {
        Err(self.has_no(Missing::Buckets))
    }

    fn delete_bucket(&self, _call: &Call, _bucket: &Target) -> Result<()> {
        Err(self.has_no(Missing::Buckets))
    }

    fn list_buckets(&self, _call: &Call) -> Result<Vec<BucketInfo>> {
        Err(self.has_no(Missing::Buckets))
    }

    /// Whether the bucket keeps versions from now on: `Enabled` or `Suspended`.
    fn set_versioning(&self, _call: &Call, _bucket: &Target, _status: &str) -> Result<()> {
        Err(self.has_no(Missing::Versions))
    }

    /// As it was set; empty where it never was.
    fn versioning(&self, _call: &Call, _bucket: &Target) -> Result<String> {
        Err(self.has_no(Missing::Versions))
    }
}
