//! What calls tell of files and folders.

use serde_json::{Map, Value};

use super::Verified;

/// What a stat or a list tells, as far as the service does.
#[derive(Debug, Default)]
pub(crate) struct ObjectInfo {
    /// Of a list relative to the listed folder, of a stat the last segment; a folder's without its slash.
    pub(crate) name: Option<String>,
    pub(crate) biz_attr: Option<String>,
    /// Unix seconds, and so is `mtime`.
    pub(crate) ctime: Option<u64>,
    pub(crate) mtime: Option<u64>,
    /// Bytes of a file; `None` of a folder.
    pub(crate) size: Option<u64>,
    /// Those of them that are there: fewer of a file whose upload is not over.
    pub(crate) uploaded_size: Option<u64>,
    /// In hex.
    pub(crate) sha1: Option<String>,
    pub(crate) crc64: Option<u64>,
    /// With its quotes.
    pub(crate) etag: Option<String>,
    pub(crate) kept: Option<KeptHeaders>,
    pub(crate) addresses: Addresses,
}

/// What the headers of an object tell of it, by the service's own words.
#[derive(Debug, Default)]
pub(crate) struct KeptHeaders {
    /// Those that its uploader has given, by their names in lower case.
    pub(crate) headers: Map<String, Value>,
    /// Metadata of its uploader's, by the names behind the prefix.
    pub(crate) meta: Map<String, Value>,
    pub(crate) storage_class: String,
    /// Of a bucket that has versions.
    pub(crate) version_id: Option<String>,
    /// `normal` or `appendable`.
    pub(crate) object_type: String,
    /// Of an archived object that is restored: whether that still goes on, and until when there is a copy to read.
    pub(crate) restore: Option<String>,
    /// How it is encrypted, where it is; never a key.
    pub(crate) encryption: Option<Value>,
}

/// An object that is now at another place of its bucket, too, or only there.
#[derive(Debug, Default)]
pub(crate) struct MovedObject {
    /// In a bucket that has versions, where the service tells it.
    pub(crate) version_id: Option<String>,
}

/// What the deletion of an object has brought about in a bucket that has versions.
#[derive(Debug, Default)]
pub(crate) struct DeletedVersion {
    /// Of the version that is gone, or of the delete marker that was made.
    pub(crate) version_id: Option<String>,
    /// Whether that is a delete marker.
    pub(crate) is_marker: bool,
}

/// URLs and names of an object, as the classic reply has them.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) access_url: Option<String>,
    pub(crate) source_url: Option<String>,
    pub(crate) url: Option<String>,
    /// `/<appid>/<bucket>/<path>`.
    pub(crate) resource_path: Option<String>,
}

/// A folder that was made.
#[derive(Debug, Default)]
pub(crate) struct CreatedFolder {
    /// Unix seconds.
    pub(crate) ctime: Option<u64>,
    pub(crate) resource_path: Option<String>,
}

/// An object whose content has arrived at the service.
pub(crate) struct UploadedObject {
    pub(crate) addresses: Addresses,
    pub(crate) verified: Verified,
    /// In a bucket that has versions, where the service tells it; and so is that of what is downloaded.
    pub(crate) version_id: Option<String>,
    /// Where the service tells it, and its content was compared.
    pub(crate) tag: Option<ContentTag>,
}

/// What an object's content is known by in a list, and its digest.
#[derive(Clone)]
pub(crate) struct ContentTag {
    /// Without its quotes.
    etag: String,
    pub(crate) crc64: u64,
}

impl ContentTag {
    /// `None` of a tag that tells nothing.
    pub(crate) fn new(etag: &str, crc64: u64) -> Option<ContentTag> {
        let etag = etag.trim_matches('"');
        // A weak one may be that of other bytes.
        let tells = !etag.is_empty() && !etag.starts_with("W/") && !etag.contains(['\t', '\n']);
        tells.then(|| ContentTag {
            etag: etag.to_owned(),
            crc64,
        })
    }

    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }
}

/// An object that the service has made of another one.
pub(crate) struct CopiedObject {
    pub(crate) addresses: Addresses,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) crc64: Option<u64>,
    pub(crate) verified: Verified,
    /// In a bucket that has versions.
    pub(crate) version_id: Option<String>,
}

impl CopiedObject {
    /// What is told of it where its place is known.
    pub(crate) fn moved(self) -> MovedObject {
        MovedObject {
            version_id: self.version_id,
        }
    }
}

/// A file whose content has arrived here.
pub(crate) struct DownloadedObject {
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) digest: DownloadDigest,
    pub(crate) verified: Verified,
    pub(crate) version_id: Option<String>,
}

/// Some bytes of an object, of which the caller has the content.
pub(crate) struct ReadBytes {
    pub(crate) length: u64,
    /// Bytes of the whole object.
    pub(crate) size: u64,
    /// With its quotes, where the service tells one.
    pub(crate) etag: Option<String>,
    pub(crate) verified: Verified,
    pub(crate) version_id: Option<String>,
}

/// The digest of what has arrived that a reply tells.
pub(crate) enum DownloadDigest {
    /// In hex.
    Sha1(String),
    Crc64(u64),
}

/// What has become of the files of a tree that was moved.
#[derive(Default)]
pub(crate) struct TreeCounts {
    /// What was done with files, as a participle.
    pub(crate) verb: &'static str,
    pub(crate) done: usize,
    /// Of those, files of which only the length could be compared.
    pub(crate) unverified: usize,
    /// There already, with the same content.
    pub(crate) same: usize,
    pub(crate) skipped: Vec<String>,
    /// Those that are not named.
    pub(crate) skipped_more: usize,
    /// Of the target, where that was asked for.
    pub(crate) deleted: Option<usize>,
    /// Where nothing was to be changed: what would have been.
    pub(crate) plan: Option<TreePlan>,
}

/// What a call would do.
#[derive(Default)]
pub(crate) struct TreePlan {
    /// Names, each with what would be done with it.
    pub(crate) steps: Vec<(String, &'static str)>,
    /// Those that are not named.
    pub(crate) more: usize,
}
