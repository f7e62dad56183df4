//! The lists of the folders that a name is in, each read when the first name in it is asked for: this API lists
//! one folder at a time, in an order of its own.

use std::collections::HashMap;

use super::walk::{child, pages_of_one};
use crate::dialect::listing::{Listing, is_forbidden};
use crate::error::{ErrorClass, Result};
use crate::exchange::Call;
use crate::model::{ListedFile, Target};

pub(super) struct FolderLists<'c> {
    call: &'c Call<'c>,
    folder: Target,
    /// The folder itself, and those that lead to the last name.
    read: Vec<Folder>,
    is_forbidden: bool,
}

struct Folder {
    /// Relative, with its slash; empty for the folder itself.
    name: String,
    /// By the last segment of its name; `None` of a folder, and of what the list tells too little of.
    entries: HashMap<String, Option<ListedFile>>,
}

impl<'c> FolderLists<'c> {
    pub(super) fn of(call: &'c Call<'c>, folder: &Target) -> FolderLists<'c> {
        FolderLists {
            call,
            folder: folder.clone(),
            read: Vec::new(),
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
            if !matches!(read.entries.get(segment), Some(None)) {
                return Ok(None);
            }
            let below = format!("{}{segment}/", read.name);
            self.read(&below)?;
        }
        Ok(self.read.last())
    }

    fn read(&mut self, name: &str) -> Result<()> {
        let mut entries = HashMap::new();
        let target = match name {
            "" => self.folder.clone(),
            _ => child(&self.folder, name)?,
        };
        let listed = pages_of_one(self.call, &target, &mut |page| {
            entries.extend(page.into_iter().map(|entry| {
                let file = ListedFile::of(&entry.info);
                (entry.name().to_owned(), file)
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
    fn find(&mut self, name: &str) -> Result<Option<ListedFile>> {
        if self.is_forbidden {
            return Ok(None);
        }
        let last = name.rsplit('/').next().unwrap_or(name);
        match self.reach(name) {
            Ok(folder) => Ok(folder.and_then(|folder| folder.entries.get(last)?.clone())),
            Err(error) if is_forbidden(&error) => {
                self.is_forbidden = true;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
