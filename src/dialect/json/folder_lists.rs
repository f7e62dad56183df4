//! The lists of the folders that a name is in, each read when the first name in it is asked for, with those
//! beside it that are expected: this API lists one folder at a time, in an order of its own.

use std::collections::HashMap;

use super::walk::{AHEAD, Page, child, first_pages, pages_from};
use crate::dialect::listing::{Listing, is_forbidden};
use crate::error::{ErrorClass, Result};
use crate::exchange::Call;
use crate::model::{ListedFile, Target};

pub(super) struct FolderLists<'c> {
    call: &'c Call<'c>,
    folder: Target,
    /// The folder itself, and those that lead to the last name.
    read: Vec<Folder>,
    /// Those of names that are asked for next, in their order.
    expected: Vec<String>,
    /// What is read of some of them.
    ahead: HashMap<String, Result<Page>>,
    is_forbidden: bool,
}

struct Folder {
    /// Relative, with its slash; empty for the folder itself.
    name: String,
    /// By the last segment of its name.
    entries: HashMap<String, Entry>,
}

enum Entry {
    Folder,
    /// `None` where the list tells too little of it.
    File(Option<ListedFile>),
}

impl<'c> FolderLists<'c> {
    pub(super) fn of(call: &'c Call<'c>, folder: &Target) -> FolderLists<'c> {
        FolderLists {
            call,
            folder: folder.clone(),
            read: Vec::new(),
            expected: Vec::new(),
            ahead: HashMap::new(),
            is_forbidden: false,
        }
    }

    /// The list of the folder that `name` is in; none where there is no such folder.
    fn reach(&mut self, name: &str) -> Result<Option<&Folder>> {
        let inner = &name[..name.rfind('/').map_or(0, |slash| slash + 1)];
        while self
            .read
            .last()
            .is_some_and(|read| !inner.starts_with(&read.name))
        {
            self.read.pop();
        }
        if self.read.is_empty() {
            self.read("")?;
        }
        while let Some(read) = self
            .read
            .last()
            .filter(|read| read.name.len() < inner.len())
        {
            let rest = &inner[read.name.len()..];
            let segment = &rest[..rest.find('/').unwrap_or(rest.len())];
            // A file has nothing below it.
            if !matches!(read.entries.get(segment), Some(Entry::Folder)) {
                return Ok(None);
            }
            let below = format!("{}{segment}/", read.name);
            self.read(&below)?;
        }
        Ok(self.read.last())
    }

    fn entry(&mut self, name: &str) -> Result<Option<&Entry>> {
        if self.is_forbidden {
            return Ok(None);
        }
        match self.reach(name) {
            Err(error) if is_forbidden(&error) => {
                self.is_forbidden = true;
                return Ok(None);
            }
            Err(error) => return Err(error),
            Ok(None) => return Ok(None),
            Ok(Some(_)) => {}
        }
        let last = name.rsplit('/').next().unwrap_or(name);
        Ok(self.read.last().and_then(|folder| folder.entries.get(last)))
    }

    /// Reads the first page of this folder, and of those beside it that are expected.
    fn read_ahead(&mut self, name: &str) -> Result<()> {
        let Some(parent) = self.read.last().filter(|_| !self.ahead.contains_key(name)) else {
            return Ok(());
        };
        let is_beside = |other: &&String| {
            let below = other.strip_prefix(&parent.name);
            let segment = below.and_then(|below| below.strip_suffix('/'));
            segment
                .is_some_and(|segment| matches!(parent.entries.get(segment), Some(Entry::Folder)))
        };
        let expected = self.expected.iter().skip_while(|other| *other != name);
        let names: Vec<String> = expected.filter(is_beside).take(AHEAD).cloned().collect();
        let targets: Vec<_> = names.iter().map(|name| child(&self.folder, name)).collect();
        let first = first_pages(self.call, &targets)?;
        let read = names.into_iter().zip(first);
        let read = read.filter_map(|(name, page)| Some((name, page?)));
        self.ahead.extend(read);
        Ok(())
    }

    fn read(&mut self, name: &str) -> Result<()> {
        let mut entries = HashMap::new();
        let target = match name {
            "" => self.folder.clone(),
            _ => child(&self.folder, name)?,
        };
        self.read_ahead(name)?;
        let first = self.ahead.remove(name);
        let listed = pages_from(self.call, &target, first, &mut |page| {
            entries.extend(page.into_iter().map(|entry| {
                let listed = match entry.is_folder() {
                    true => Entry::Folder,
                    false => Entry::File(ListedFile::of(&entry.info)),
                };
                (entry.name().to_owned(), listed)
            }));
            Ok(())
        });
        match listed {
            // Not yet, or no more.
            Err(error) if error.is(ErrorClass::NotFound) => {}
            listed => listed?,
        }
        self.read.push(Folder {
            name: name.to_owned(),
            entries,
        });
        Ok(())
    }
}

impl Listing for FolderLists<'_> {
    fn expect(&mut self, names: &mut dyn Iterator<Item = &str>) {
        self.expected.clear();
        self.ahead.clear();
        let mut before = "";
        for name in names {
            for (slash, _) in name.match_indices('/') {
                // Of those that the last name is in, too, it is there.
                let folder = &name[..=slash];
                if !before.starts_with(folder) {
                    self.expected.push(folder.to_owned());
                }
            }
            before = name;
        }
    }

    fn find(&mut self, name: &str) -> Result<Option<ListedFile>> {
        Ok(match self.entry(name)? {
            Some(Entry::File(listed)) => listed.clone(),
            _ => None,
        })
    }

    /// No list tells of the folder that it is of.
    fn has_folder(&mut self, name: &str) -> Result<bool> {
        Ok(!name.is_empty() && matches!(self.entry(name)?, Some(Entry::Folder)))
    }
}
