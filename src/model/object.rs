//! Objects: where they are, what is said of them, and what their content is compared by.

use std::borrow::Cow;
use std::sync::Arc;

use super::bucket::Bucket;
use super::encryption::Encryption;
use super::path::Path;
use super::tags::Tags;
use super::version_id::VersionId;
use crate::error::Error;

/// One of a request: a name in lower case, and its value.
pub(crate) type Header = (Cow<'static, str>, String);

/// Headers that are kept with an object (json-api.md §2.3, xml-api.md §3.1), beside metadata.
pub(crate) const KEPT_HEADERS: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/// Metadata, and the library's own in the XML API.
pub(crate) const META_PREFIX: &str = "x-cos-meta-";
pub(crate) const META_BIZ_ATTR: &str = "x-cos-meta-biz-attr";
pub(crate) const META_CTIME: &str = "x-cos-meta-ctime";

/// One header's value; of metadata, with its name behind the prefix (xml-api.md §3.1).
pub(crate) const HEADER_MAX_BYTES: usize = 2 << 10;

/// What an operation is about.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) bucket: Bucket,
    pub(crate) path: Path,
    /// `None`: what is there now.
    version: Option<VersionId>,
    /// What it is to be encrypted with, or is.
    encryption: Option<Arc<Encryption>>,
}

impl Target {
    /// What is there now.
    pub(crate) fn new(bucket: Bucket, path: Path) -> Target {
        Target {
            bucket,
            path,
            version: None,
            encryption: None,
        }
    }

    /// One of the object's versions, if one is named.
    pub(crate) fn at_version(self, version: Option<VersionId>) -> Target {
        Target { version, ..self }
    }

    /// Encrypted so, if that is said.
    pub(crate) fn encrypted(self, encryption: Option<Arc<Encryption>>) -> Target {
        Target { encryption, ..self }
    }

    pub(crate) fn encryption(&self) -> Option<&Encryption> {
        self.encryption.as_deref()
    }

    pub(crate) fn version(&self) -> Option<&VersionId> {
        self.version.as_ref()
    }

    /// What is now at another place in the same bucket.
    pub(crate) fn beside(&self, path: Path) -> Target {
        Target::new(self.bucket.clone(), path)
    }
}

/// Of an object's content, as far as they are wanted.
pub(crate) struct Digests {
    /// In hex.
    pub(crate) sha1: Option<String>,
    pub(crate) crc64: u64,
    pub(crate) md5: Option<[u8; 16]>,
}

impl Digests {
    pub(crate) fn of_crc64(crc64: u64) -> Digests {
        Digests {
            sha1: None,
            crc64,
            md5: None,
        }
    }
}

/// What the content that arrived somewhere was compared by, with what the service knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verified {
    Crc64,
    Sha1,
    Md5,
    /// It knows no digest.
    Length,
}

impl Verified {
    /// As `data.verified` of a reply tells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verified::Crc64 => "crc64",
            Verified::Sha1 => "sha1",
            Verified::Md5 => "md5",
            Verified::Length => "length",
        }
    }
}

/// What may be said of an object beside its content.
#[derive(Clone, Default)]
pub(crate) struct ObjectAttributes {
    /// `private`, `public-read` or `default`.
    pub(crate) acl: Option<String>,
    pub(crate) storage_class: Option<String>,
    /// In lower case, with values that a header takes.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) tags: Tags,
}

impl ObjectAttributes {
    pub(crate) fn is_empty(&self) -> bool {
        self.acl.is_none()
            && self.storage_class.is_none()
            && self.headers.is_empty()
            && self.tags.is_empty()
    }
}

/// One of many keys with which a call did not succeed, and why.
pub(crate) struct KeyFailure {
    pub(crate) key: String,
    pub(crate) why: Error,
}
