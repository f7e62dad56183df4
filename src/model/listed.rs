//! What the service lists: files and folders, who may do what, buckets, unfinished uploads.

use serde_json::{Map, Value};

use super::Key;

/// A file or a folder in a list.
pub(crate) struct ListEntry {
    /// Relative to the folder that is listed; of a folder without its slash.
    pub(crate) name: String,
    /// Bytes of a file; `None` of a folder.
    pub(crate) size: Option<u64>,
    /// Why no call can name it, if so.
    pub(crate) unusable: Option<&'static str>,
    /// What a reply tells of it beside that, by the names of the reply.
    pub(crate) details: Map<String, Value>,
}

impl ListEntry {
    pub(crate) fn is_folder(&self) -> bool {
        self.size.is_none()
    }

    /// As replies have it.
    pub(crate) fn into_json(self) -> Value {
        let mut info = self.details;
        info.insert("name".to_owned(), self.name.into());
        if let Some(size) = self.size {
            info.insert("filesize".to_owned(), size.into());
        }
        if let Some(why) = self.unusable {
            info.insert("unusable".to_owned(), format!("the key {why}").into());
        }
        info.into()
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
