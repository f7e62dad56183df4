//! What the service lists: files and folders, who may do what, buckets, unfinished uploads.

use serde_json::{Map, Value};

use super::{Key, ObjectInfo};

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
    /// Why no call can name it, if so.
    pub(crate) unusable: Option<&'static str>,
    /// What else the service has told of it, by its own names.
    pub(crate) extra: Map<String, Value>,
}

impl ListEntry {
    /// Relative to the folder that is listed; of a folder without its slash.
    pub(crate) fn name(&self) -> &str {
        self.info.name.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.info.size.is_none()
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
