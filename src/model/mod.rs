//! The words that all rooms share, as types: each is checked when it is made.

pub(crate) mod credentials;
pub(crate) mod key;
pub(crate) mod listed;
pub(crate) mod object;
pub(crate) mod object_info;
pub(crate) mod params;
pub(crate) mod partial_failure;
pub(crate) mod path;
pub(crate) mod reply;

pub(crate) use credentials::Credentials;
pub(crate) use key::Key;
pub(crate) use listed::{BucketInfo, Grant, ListEntry, ObjectAcl, UnfinishedUpload};
pub(crate) use object::{Digests, KeyFailure, ObjectAttributes, Target, Verified};
pub(crate) use object_info::{ObjectInfo, verify_crc64};
pub(crate) use path::{Bucket, Path};
pub(crate) use reply::Reply;
