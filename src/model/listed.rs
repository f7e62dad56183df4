//! What the service lists beside objects: who may do what, buckets, unfinished uploads.

use super::Key;

/// One right of one grantee.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grant {
    /// An account's number, or the service's name for whoever else it is.
    pub(crate) grantee: String,
    pub(crate) permission: String,
}

/// An object's access control list.
pub(crate) struct ObjectAcl {
    /// `default`, `private`, `public-read`, or the service's own word.
    pub(crate) name: String,
    /// Where no word says it all.
    pub(crate) grants: Option<Vec<Grant>>,
}

pub(crate) struct BucketInfo {
    pub(crate) name: String,
    pub(crate) region: String,
    /// Unix seconds, where the service tells them.
    pub(crate) created: Option<u64>,
}

/// An upload that was begun and not ended.
pub(crate) struct UnfinishedUpload {
    pub(crate) key: Key,
    pub(crate) session: String,
    /// Unix seconds, where the service tells them.
    pub(crate) begun: Option<u64>,
}
