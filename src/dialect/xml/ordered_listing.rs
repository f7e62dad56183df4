//! A folder's keys, asked for name by name: pages are read as far as they are needed, and what lies between two
//! names is not read where a page can begin behind it.

use std::iter::Peekable;
use std::vec;

use super::listing::{Entry, MAX_KEYS, Pages, beginning};
use crate::dialect::listing::{Listing, is_forbidden};
use crate::error::Result;
use crate::exchange::Call;
use crate::model::{Key, ListedFile, ObjectInfo, Target};

pub(super) struct OrderedListing<'c> {
    prefix: String,
    pages: Pages<'c>,
    /// What is left of the last page.
    page: Peekable<vec::IntoIter<Entry>>,
    is_forbidden: bool,
}

impl<'c> OrderedListing<'c> {
    pub(super) fn of(call: &'c Call<'c>, folder: &Target) -> OrderedListing<'c> {
        OrderedListing {
            prefix: folder.path.plain(),
            pages: Pages::of(call, folder, None, &beginning(), MAX_KEYS),
            page: Vec::new().into_iter().peekable(),
            is_forbidden: false,
        }
    }

    /// The first entry that is not before `key`.
    fn reach(&mut self, key: &Key) -> Result<Option<&Entry>> {
        loop {
            while self.page.next_if(|entry| entry.key() < key).is_some() {}
            if self.page.peek().is_some() {
                return Ok(self.page.peek());
            }
            self.pages.skip_to(before(key));
            match self.pages.page()? {
                Some(entries) => self.page = entries.into_iter().peekable(),
                None => return Ok(None),
            }
        }
    }
}

impl OrderedListing<'_> {
    fn entry(&mut self, name: &str) -> Result<Option<&Entry>> {
        if self.is_forbidden {
            return Ok(None);
        }
        let key = Key::new(format!("{}{name}", self.prefix));
        match self.reach(&key) {
            Err(error) if is_forbidden(&error) => {
                self.is_forbidden = true;
                return Ok(None);
            }
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        let entry = self.page.peek();
        Ok(entry.filter(|entry| *entry.key() == key))
    }
}

impl Listing for OrderedListing<'_> {
    fn find(&mut self, name: &str) -> Result<Option<ListedFile>> {
        Ok(self.entry(name)?.and_then(listed))
    }

    fn has_folder(&mut self, name: &str) -> Result<bool> {
        let slash = if name.is_empty() { "" } else { "/" };
        let entry = self.entry(&format!("{name}{slash}"))?;
        Ok(entry.is_some_and(Entry::is_marker))
    }
}

/// A marker behind which the key is listed, and little else before it.
fn before(key: &Key) -> Key {
    let mut name = key.text().unwrap_or_default().to_owned();
    let last = name.pop().filter(char::is_ascii_alphanumeric);
    let previous = last.and_then(|last| char::from_u32(u32::from(last) - 1));
    if let Some(previous) = previous.filter(char::is_ascii_alphanumeric) {
        name.push(previous);
        // The last of the letters that are in every name.
        name.push('~');
    }
    Key::new(name)
}

fn listed(entry: &Entry) -> Option<ListedFile> {
    match entry {
        Entry::Folder { .. } => None,
        Entry::File { size, etag, .. } => ListedFile::of(&ObjectInfo {
            size: Some(*size),
            etag: Some(etag.clone()),
            ..ObjectInfo::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_before_its_key() {
        for (key, marker) in [
            ("t/z", "t/y~"),
            ("t/0", "t/"),
            ("a", ""),
            ("中", ""),
            ("t/B", "t/A~"),
        ] {
            let key = Key::new(key);
            assert_eq!(before(&key), Key::new(marker));
            assert!(before(&key) < key);
        }
    }
}
