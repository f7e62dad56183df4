//! What the service lists: files and folders, who may do what, buckets, unfinished uploads.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{ContentInfo, ContentTag, Digests, Key, ObjectInfo};
use crate::base::hex::{hex, is_hex};
use crate::error::{Error, Result};

/// Which page of a list.
pub(crate) struct PageRequest<'a> {
    /// Entries at most.
    pub(crate) num: i32,
    /// `eListBoth`, `eListFileOnly` or `eListDirOnly`.
    pub(crate) pattern: &'a str,
    /// 1 is backwards.
    pub(crate) order: i32,
    /// As the page before has told it; empty for the first page.
    pub(crate) context: &'a str,
}

/// A page of a list.
pub(crate) struct ListPage {
    pub(crate) entries: Vec<ListEntry>,
    pub(crate) has_more: bool,
    /// Where the next page begins.
    pub(crate) context: Option<String>,
    /// How many entries are folders, and how many are files, where it is told.
    pub(crate) folders: Option<u64>,
    pub(crate) files: Option<u64>,
}

/// A file or a folder in a list.
#[derive(Default)]
pub(crate) struct ListEntry {
    /// Its name is there in any case.
    pub(crate) info: ObjectInfo,
    /// Of a file, by the service's name for it; empty where it is not told.
    pub(crate) storage_class: Cow<'static, str>,
    /// Why no call can name it, if so.
    pub(crate) unusable: Option<&'static str>,
    /// In a list of versions; `None` of a folder.
    pub(crate) version: Option<ListedVersion>,
    /// What else the service has told of it, by its own names.
    pub(crate) extra: Map<String, Value>,
}

/// One of an object's versions, or what hides them, as a list tells of it.
pub(crate) struct ListedVersion {
    /// `None` in a bucket that never had any.
    pub(crate) id: Option<String>,
    pub(crate) is_latest: bool,
    /// Whether it is a delete marker.
    pub(crate) is_marker: bool,
}

impl ListEntry {
    /// Relative to the folder that is listed; of a folder without its slash.
    pub(crate) fn name(&self) -> &str {
        self.info.name.as_deref().unwrap_or_default()
    }

    /// Whether a call can name it. `param` is the caller's name for where it is.
    pub(crate) fn check(&self, param: &str) -> Result<()> {
        match self.unusable {
            Some(why) => Err(Error::parameter(param, format!("the key {why}"))),
            None => Ok(()),
        }
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.info.size.is_none()
    }
}

/// A file as a list tells of it, as far as content is compared with it.
#[derive(Clone)]
pub(crate) struct ListedFile {
    pub(crate) size: u64,
    /// In hex, of the JSON API.
    sha1: Option<String>,
    /// Without its quotes; empty where none is told.
    etag: String,
}

/// What digests prove of two contents of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Same,
    Differs,
    Nothing,
}

impl ListedFile {
    /// `None` of a folder, and of a file that is not there as a whole.
    pub(crate) fn of(info: &ObjectInfo) -> Option<ListedFile> {
        let size = info.size?;
        if info.uploaded_size.is_some_and(|there| there != size) {
            return None;
        }
        let tag = info.etag.as_deref().unwrap_or_default().trim_matches('"');
        // Files that came without one have zeros instead (json-api.md §3.2).
        let is_sha1 = |sha1: &&String| is_hex(sha1, 40) && sha1.bytes().any(|b| b != b'0');
        Some(ListedFile {
            size,
            sha1: info.sha1.as_ref().filter(is_sha1).cloned(),
            etag: tag.to_owned(),
        })
    }

    pub(crate) fn has_sha1(&self) -> bool {
        self.sha1.is_some()
    }

    pub(crate) fn has_md5(&self) -> bool {
        self.md5().is_some()
    }

    /// In hex, where its ETag may be one.
    fn md5(&self) -> Option<&str> {
        Some(self.etag.as_str()).filter(|tag| is_hex(tag, 32))
    }

    pub(crate) fn tag(&self, crc64: u64) -> Option<ContentTag> {
        ContentTag::new(&self.etag, crc64)
    }

    /// Whether it is what was known by this tag.
    pub(crate) fn has_tag(&self, tag: &ContentTag) -> bool {
        self.etag == tag.etag()
    }

    /// What is known of it before it is fetched, where the list tells that.
    pub(crate) fn content_info(&self) -> Option<ContentInfo> {
        Some(ContentInfo {
            size: self.size,
            sha1: Some(self.sha1.clone()?),
            ..ContentInfo::default()
        })
    }

    /// Whether the lists alone prove that both have the same content: by ETags that may be MD5s.
    pub(crate) fn is_same_as(&self, other: &ListedFile) -> bool {
        let md5 = self.md5().zip(other.md5());
        self.size == other.size && md5.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
    }

    /// Of content of its size. An ETag that looks as an MD5 does is none where the service encrypts
    /// (xml-api.md §3.1): that it is another proves nothing.
    pub(crate) fn compare(&self, content: &Digests) -> Proof {
        let is_same = |known: &str, came: &str| known.eq_ignore_ascii_case(came);
        if let (Some(known), Some(came)) = (&self.sha1, &content.sha1) {
            return match is_same(known, came) {
                true => Proof::Same,
                false => Proof::Differs,
            };
        }
        let md5 = self.md5().zip(content.md5);
        match md5.is_some_and(|(known, came)| is_same(known, &hex(&came))) {
            true => Proof::Same,
            false => Proof::Nothing,
        }
    }
}

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
