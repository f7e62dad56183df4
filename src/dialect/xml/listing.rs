//! What the service lists (xml-api.md §3.6), page by page, in the order of the keys' bytes.

use std::borrow::Cow;

use super::metadata::STANDARD;
use super::request::{self, RequestBuilder};
use super::tree::Node;
use crate::base::time;
use crate::dialect::LIST_REPLY_CAP;
use crate::error::Result;
use crate::exchange::Call;
use crate::exchange::pages::{self, broken};
use crate::model::Target;
use crate::model::key::Key;
use crate::model::path::Path;
use crate::transport::{Method, Response};

/// Entries that the service lists at once.
pub(super) const MAX_KEYS: usize = 1000;

/// What a list names.
pub(super) enum Entry {
    /// A key's beginning, up to the slash after the listed folder.
    Folder { key: Key },
    File {
        key: Key,
        size: u64,
        modified: Option<u64>,
        etag: String,
        /// Empty where the service does not tell it.
        storage_class: Cow<'static, str>,
    },
}

impl Entry {
    pub(super) fn key(&self) -> &Key {
        match self {
            Entry::Folder { key } | Entry::File { key, .. } => key,
        }
    }

    pub(super) fn into_key(self) -> Key {
        match self {
            Entry::Folder { key } | Entry::File { key, .. } => key,
        }
    }

    /// A folder that was created is a key that ends with `/` and has no content. With content it is a
    /// file of that name.
    pub(super) fn is_marker(&self) -> bool {
        matches!(self, Entry::File { key, size: 0, .. } if key.ends_with_slash())
    }

    /// Whether it is the folder of this path, and not something in it.
    pub(super) fn is_itself(&self, folder: &str) -> bool {
        let key = self.key();
        key.bytes() == folder.as_bytes() && (key.is_empty() || self.is_marker())
    }
}

/// The service's page.
struct Listed {
    entries: Vec<Entry>,
    /// Where the next one begins, if there is one.
    next: Option<Key>,
}

/// Where a list begins that begins at its beginning.
pub(super) fn beginning() -> Key {
    Key::new("")
}

/// The service's pages of what begins with a target's path.
pub(super) struct Pages<'c> {
    call: &'c Call<'c>,
    target: Target,
    delimiter: Option<&'static str>,
    at_once: usize,
    /// Where the next one begins, if there is one, or why it is not known.
    next: Result<Option<Key>>,
    met: pages::Pages,
}

impl<'c> Pages<'c> {
    /// From `marker` on.
    pub(super) fn of(
        call: &'c Call<'c>,
        target: &Target,
        delimiter: Option<&'static str>,
        marker: &Key,
        at_once: usize,
    ) -> Pages<'c> {
        Pages {
            call,
            target: target.clone(),
            delimiter,
            at_once,
            next: Ok(Some(marker.clone())),
            met: pages::Pages::default(),
        }
    }

    /// `None` behind the last one.
    pub(super) fn page(&mut self) -> Result<Option<Vec<Entry>>> {
        let Some(marker) = std::mem::replace(&mut self.next, Ok(None))? else {
            return Ok(None);
        };
        let Listed { mut entries, next } = page(
            self.call,
            &self.target,
            self.delimiter,
            &marker,
            self.at_once,
        )?;
        // Continuing after an entry, or in a folder, the service may name it again.
        entries.retain(|entry| match entry {
            Entry::Folder { key } => !marker.bytes().starts_with(key.bytes()),
            Entry::File { key, .. } => *key != marker,
        });
        let goes_back = |entry: &Entry| *entry.key() < marker;
        if entries.first().is_some_and(goes_back) {
            return Err(broken("goes back to what was before"));
        }
        if let Some(next) = next {
            // What this page has is of use all the same.
            let keys = entries.iter().map(Entry::key);
            self.next = match self.met.go_on(next.bytes(), keys) {
                Ok(()) if next > marker => Ok(Some(next)),
                Ok(()) => Err(broken("goes in circles")),
                Err(error) => Err(error),
            };
        }
        Ok(Some(entries))
    }

    /// Whether there is another one, or a reason why there is none.
    pub(super) fn has_more(&self) -> bool {
        !matches!(self.next, Ok(None))
    }

    /// Leaves out what is not behind `marker`.
    pub(super) fn skip_to(&mut self, marker: Key) {
        if let Ok(Some(next)) = &mut self.next {
            if *next < marker {
                *next = marker;
            }
        }
    }
}

/// The same from `marker` on, until `visit` says false.
pub(super) fn each_listed(
    call: &Call,
    target: &Target,
    delimiter: Option<&'static str>,
    marker: &Key,
    at_once: usize,
    mut visit: impl FnMut(Vec<Entry>) -> Result<bool>,
) -> Result<()> {
    let mut pages = Pages::of(call, target, delimiter, marker, at_once);
    while let Some(entries) = pages.page()? {
        if !visit(entries)? {
            break;
        }
    }
    Ok(())
}

/// The first in a folder, its own key among them, whatever folders they are in.
pub(super) fn first(call: &Call, target: &Target, count: usize) -> Result<Vec<Entry>> {
    let mut first = Vec::new();
    each_listed(call, target, None, &beginning(), count, |entries| {
        first.extend(entries);
        Ok(first.len() < count)
    })?;
    Ok(first)
}

fn page(
    call: &Call,
    target: &Target,
    delimiter: Option<&str>,
    marker: &Key,
    count: usize,
) -> Result<Listed> {
    let bucket = target.beside(Path::root(target.path.param()));
    let mut request = RequestBuilder::about(Method::Get, &bucket, read)
        .query("prefix", target.path.plain())
        .query("max-keys", count.min(MAX_KEYS).to_string())
        // Else control characters in keys would be no XML.
        .query("encoding-type", "url")
        .reply_cap(LIST_REPLY_CAP);
    if let Some(delimiter) = delimiter {
        request = request.query("delimiter", delimiter);
    }
    if !marker.is_empty() {
        request = request.query("marker", marker.bytes());
    }
    call.ask(&request)
}

/// Nearly all are of the usual one.
pub(super) fn storage_class(told: &str) -> Cow<'static, str> {
    match told {
        "" => "".into(),
        STANDARD => STANDARD.into(),
        other => other.to_owned().into(),
    }
}

fn read(response: &Response) -> Result<Listed> {
    let tree = request::document(response, "ListBucketResult")?;
    let is_encoded = tree.text_of("EncodingType") == "url";
    let key = |node: &Node, name| request::key(node, name, is_encoded);
    let mut entries = Vec::new();
    for node in tree.all("CommonPrefixes") {
        let key = key(node, "Prefix");
        entries.push(Entry::Folder { key });
    }
    for node in tree.all("Contents") {
        let size = node.text_of("Size").parse().ok();
        entries.push(Entry::File {
            key: key(node, "Key"),
            size: request::needed(response, "Size", size)?,
            modified: time::iso(node.text_of("LastModified")),
            etag: node.text_of("ETag").to_owned(),
            storage_class: storage_class(node.text_of("StorageClass")),
        });
    }
    entries.sort_unstable_by(|one, other| one.key().cmp(other.key()));
    let next = match request::is_truncated(response, &tree)? {
        false => None,
        true => {
            // Left out by some servers: then it is the last entry.
            let reported = Some(key(&tree, "NextMarker")).filter(|next| !next.is_empty());
            let last = || entries.last().map(|entry| entry.key().clone());
            Some(request::needed(
                response,
                "NextMarker",
                reported.or_else(last),
            )?)
        }
    };
    Ok(Listed { entries, next })
}
