//! A folder that is listed: how what is in it is named, and where anybody finds it.

use super::endpoint;
use super::object::url_at;
use crate::config::service::BucketEndpoint;
use crate::error::Result;
use crate::exchange::Exchange;
use crate::model::key::{Key, shown};
use crate::model::{Addresses, ListEntry, ObjectInfo, Path, Target, VersionId};

pub(super) struct ListedFolder {
    /// Of its bucket.
    place: BucketEndpoint,
    /// What keys begin with, up to their names.
    parent: String,
}

impl ListedFolder {
    /// Names are relative to the innermost folder.
    pub(super) fn new(exchange: &Exchange, folder: &Target) -> Result<ListedFolder> {
        Ok(ListedFolder {
            place: endpoint::public(exchange, &folder.bucket)?,
            parent: folder.path.innermost_folder().plain(),
        })
    }

    pub(super) fn folder_entry(&self, key: &Key) -> ListEntry {
        let name = self.name_of(key);
        let info = ObjectInfo {
            name: Some(shown(name.strip_suffix(b"/").unwrap_or(name)).into_owned()),
            ..ObjectInfo::default()
        };
        ListEntry {
            info,
            unusable: key.unusable(),
            ..ListEntry::default()
        }
    }

    /// An object, or one of its versions; where there is content, with a URL that leads to just this.
    pub(super) fn object_entry(
        &self,
        key: &Key,
        version: Option<&VersionId>,
        info: ObjectInfo,
    ) -> Result<ListEntry> {
        let mut info = ObjectInfo {
            name: Some(shown(self.name_of(key)).into_owned()),
            ..info
        };
        let unusable = key.unusable();
        if info.size.is_some() && unusable.is_none() {
            let path = Path::of_key(key.text().unwrap_or_default())?;
            let url = url_at(&self.place, &path, version);
            info.addresses = Addresses {
                access_url: Some(url.clone()),
                source_url: Some(url),
                ..Addresses::default()
            };
        }
        Ok(ListEntry {
            info,
            unusable,
            ..ListEntry::default()
        })
    }

    fn name_of<'k>(&self, key: &'k Key) -> &'k [u8] {
        let bytes = key.bytes();
        bytes.strip_prefix(self.parent.as_bytes()).unwrap_or(bytes)
    }
}
