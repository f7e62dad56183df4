//! Lists of versions (xml-api.md §3.14): page by page, in the order of the keys' bytes, and of each key from the
//! newest version to the oldest.

use std::borrow::Cow;

use super::listed_folder::ListedFolder;
use super::listing::{beginning, storage_class};
use super::request::{self, RequestBuilder};
use super::tree::Node;
use crate::base::time;
use crate::dialect::{LIST_REPLY_CAP, look_ahead};
use crate::error::Result;
use crate::exchange::Call;
use crate::exchange::pages::{self, broken};
use crate::model::key::Key;
use crate::model::{ListEntry, ListedVersion, ObjectInfo, Path, Target, VersionId};
use crate::transport::{Method, Response};

/// Behind which version of which key a page begins; without an id, behind all of them.
#[derive(Clone, PartialEq, Eq)]
struct Marker {
    key: Key,
    id: String,
}

/// What a list names.
struct Entry {
    key: Key,
    /// `None` of a folder: a key's beginning, up to the slash after the listed folder.
    version: Option<Version>,
}

struct Version {
    /// Empty in a bucket that never had versions.
    id: String,
    is_latest: bool,
    modified: Option<u64>,
    /// `None` of a delete marker.
    content: Option<Content>,
}

struct Content {
    size: u64,
    etag: String,
    /// Empty where the service does not tell it.
    storage_class: Cow<'static, str>,
}

impl Entry {
    /// What a circle is known by.
    fn name(&self) -> (&Key, &str) {
        let id = self.version.as_ref().map_or("", |version| &version.id);
        (&self.key, id)
    }

    /// Whether it was on the page before, which ended with the marker: a service that goes on behind it may
    /// name it, or the folder that it is in, again.
    fn is_at(&self, marker: &Marker) -> bool {
        match &self.version {
            None => marker.key.bytes().starts_with(self.key.bytes()),
            Some(version) => self.key == marker.key && version.id == marker.id,
        }
    }
}

/// Everything in a folder page by page; with `deep`, everything below it too.
pub(super) fn each_page(
    call: &Call,
    folder: &Target,
    deep: bool,
    visit: &mut dyn FnMut(Vec<ListEntry>) -> Result<()>,
) -> Result<()> {
    let listed_folder = ListedFolder::new(call.exchange(), folder)?;
    let mut pages = Pages {
        call,
        folder,
        deep,
        next: Ok(Some(Marker {
            key: beginning(),
            id: String::new(),
        })),
        met: pages::Pages::default(),
    };
    let mut page = || {
        let Some(entries) = pages.page()? else {
            return Ok(None);
        };
        let listed = entries.into_iter();
        let listed = listed.map(|entry| listed_of(&listed_folder, entry));
        let has_more = !matches!(pages.next, Ok(None));
        Ok(Some((listed.collect::<Result<_>>()?, has_more)))
    };
    look_ahead::each(false, &mut page, visit)
}

/// The service's pages.
struct Pages<'c> {
    call: &'c Call<'c>,
    folder: &'c Target,
    deep: bool,
    /// Where the next one begins, if there is one, or why it is not known.
    next: Result<Option<Marker>>,
    met: pages::Pages,
}

impl Pages<'_> {
    /// `None` behind the last one.
    fn page(&mut self) -> Result<Option<Vec<Entry>>> {
        let Some(marker) = std::mem::replace(&mut self.next, Ok(None))? else {
            return Ok(None);
        };
        let (mut entries, next) = page(self.call, self.folder, self.deep, &marker)?;
        entries.retain(|entry| !entry.is_at(&marker));
        if entries.first().is_some_and(|entry| entry.key < marker.key) {
            return Err(broken("goes back to what was before"));
        }
        if let Some(next) = next {
            let place = [next.key.bytes(), next.id.as_bytes()].join(&b'\n');
            // What this page has is of use all the same.
            self.next = match self.met.go_on(place, entries.iter().map(Entry::name)) {
                Ok(()) if next.key < marker.key => Err(broken("goes in circles")),
                outcome => outcome.map(|()| Some(next)),
            };
        }
        Ok(Some(entries))
    }
}

/// The service's page, and where the next one begins.
type Page = (Vec<Entry>, Option<Marker>);

fn page(call: &Call, folder: &Target, deep: bool, marker: &Marker) -> Result<Page> {
    let bucket = folder.beside(Path::root(folder.path.param()));
    let mut request = RequestBuilder::about(Method::Get, &bucket, read)
        .query("versions", "")
        .query("prefix", folder.path.plain())
        // Else control characters in keys would be no XML.
        .query("encoding-type", "url")
        .reply_cap(LIST_REPLY_CAP);
    if !deep {
        request = request.query("delimiter", "/");
    }
    if !marker.key.is_empty() {
        request = request.query("key-marker", marker.key.bytes());
    }
    // An empty one would name no version.
    if !marker.id.is_empty() {
        request = request.query("version-id-marker", marker.id.as_str());
    }
    call.ask(&request)
}

fn read(response: &Response) -> Result<Page> {
    let tree = request::document(response, "ListVersionsResult")?;
    let is_encoded = tree.text_of("EncodingType") == "url";
    let key = |node: &Node, name| request::key(node, name, is_encoded);
    let mut entries = Vec::new();
    for node in &tree.children {
        let content = match &*node.name {
            "CommonPrefixes" => {
                entries.push(Entry {
                    key: key(node, "Prefix"),
                    version: None,
                });
                continue;
            }
            "Version" => {
                let size = node.text_of("Size").parse().ok();
                Some(Content {
                    size: request::needed(response, "Size", size)?,
                    etag: node.text_of("ETag").to_owned(),
                    storage_class: storage_class(node.text_of("StorageClass")),
                })
            }
            "DeleteMarker" => None,
            _ => continue,
        };
        let is_latest = match node.text_of("IsLatest") {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        entries.push(Entry {
            key: key(node, "Key"),
            version: Some(Version {
                id: node.text_of("VersionId").to_owned(),
                is_latest: request::needed(response, "IsLatest", is_latest)?,
                modified: time::iso(node.text_of("LastModified")),
                content,
            }),
        });
    }
    // Of one key they stay as they came.
    entries.sort_by(|one, other| one.key.cmp(&other.key));
    if !request::is_truncated(response, &tree)? {
        return Ok((entries, None));
    }
    let reported = Some(Marker {
        key: key(&tree, "NextKeyMarker"),
        id: tree.text_of("NextVersionIdMarker").to_owned(),
    });
    // Left out by some servers: then it is the last entry.
    let last = || {
        let (key, id) = entries.last()?.name();
        Some(Marker {
            key: key.clone(),
            id: id.to_owned(),
        })
    };
    let reported = reported.filter(|next| !next.key.is_empty());
    let next = request::needed(response, "NextKeyMarker", reported.or_else(last))?;
    Ok((entries, Some(next)))
}

/// An entry by its name in the listed folder.
fn listed_of(folder: &ListedFolder, entry: Entry) -> Result<ListEntry> {
    let Some(version) = entry.version else {
        return Ok(folder.folder_entry(&entry.key));
    };
    let is_marker = version.content.is_none();
    let (size, etag, storage_class) = match version.content {
        Some(content) => (
            Some(content.size),
            Some(content.etag),
            content.storage_class,
        ),
        None => (None, None, Cow::default()),
    };
    let info = ObjectInfo {
        mtime: version.modified,
        size,
        uploaded_size: size,
        etag,
        ..ObjectInfo::default()
    };
    let id = Some(version.id).filter(|id| !id.is_empty());
    let named = id.as_deref().and_then(|id| VersionId::new(id).ok());
    Ok(ListEntry {
        storage_class,
        version: Some(ListedVersion {
            id,
            is_latest: version.is_latest,
            is_marker,
        }),
        ..folder.object_entry(&entry.key, named.as_ref(), info)?
    })
}
