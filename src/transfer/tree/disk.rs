//! What is in a folder of the disk, in the order in which a service lists keys: that of their bytes. The names
//! of one folder are in memory at once, and of those that it is in.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::vec;

use crate::base::quoted::quoted;
use crate::config::Filter;
use crate::error::{Error, Kind, Result};
use crate::local::Place;
use crate::system;

/// Something below the folder.
pub(super) enum Found {
    File {
        name: String,
        local: Place,
        size: u64,
    },
    /// One with nothing in it that would bring it about.
    Empty {
        name: String,
    },
    /// Neither file nor folder, or a link to a folder.
    Other {
        name: String,
    },
    Unusable {
        name: String,
        why: Error,
    },
}

impl Found {
    /// As the service has it, where it has one.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Found::File { name, .. } | Found::Empty { name } => Some(name),
            _ => None,
        }
    }
}

/// Everything below a folder that takes part. Links to files are files; links to folders are not gone into.
pub(super) struct Walk<'f> {
    root: Place,
    filter: &'f Filter,
    /// The folders that the last entry is in, from the root on.
    around: Vec<Around>,
    /// Of the innermost folder, which could not be read to its end.
    unread: Option<io::Error>,
}

struct Around {
    /// Relative to the root.
    path: PathBuf,
    left: vec::IntoIter<Entry>,
    /// Whether something in it brings it about.
    is_filled: bool,
}

struct Entry {
    name: OsString,
    is_folder: bool,
}

impl Entry {
    /// Of the names of all that is in a folder, each begins with the folder's and a slash.
    fn order(&self) -> impl Iterator<Item = u8> {
        let slash = self.is_folder.then_some(b'/');
        self.name.as_encoded_bytes().iter().copied().chain(slash)
    }
}

impl<'f> Walk<'f> {
    pub(super) fn of(root: Place, filter: &'f Filter) -> Result<Walk<'f>> {
        let failed = |e| root.unreadable(&e);
        if !fs::metadata(root.path()).map_err(failed)?.is_dir() {
            return Err(root.error(Kind::NotFolder, "is not a folder"));
        }
        let mut walk = Walk {
            root: root.clone(),
            filter,
            around: Vec::new(),
            unread: None,
        };
        walk.enter(PathBuf::new());
        // A folder that cannot be read at all is an error of the call.
        match walk.unread.take() {
            Some(e) => Err(failed(e)),
            None => Ok(walk),
        }
    }

    /// Reads a folder's names; what could be read of them takes part.
    fn enter(&mut self, path: PathBuf) {
        let (mut entries, mut read) = (Vec::new(), Ok(()));
        match fs::read_dir(self.root.path().join(&path)) {
            Ok(listed) => {
                for entry in listed {
                    let entry = entry.and_then(|entry| {
                        Ok(Entry {
                            is_folder: entry.file_type()?.is_dir(),
                            name: entry.file_name(),
                        })
                    });
                    match entry {
                        Ok(entry) => entries.push(entry),
                        Err(e) => read = Err(e),
                    }
                }
            }
            Err(e) => read = Err(e),
        }
        entries.sort_unstable_by(|one, other| one.order().cmp(other.order()));
        self.unread = read.err();
        self.around.push(Around {
            // Nobody knows what else is in it.
            is_filled: self.unread.is_some(),
            left: entries.into_iter(),
            path,
        });
    }

    /// The innermost folder has ended: it is told if it is empty.
    fn leave(&mut self) -> Option<Found> {
        let Around {
            path, is_filled, ..
        } = self.around.pop()?;
        // It has no name that an object could have.
        let name = name_of(&path)?;
        if !is_filled && !self.filter.takes_folder(&name) {
            return None;
        }
        self.fill();
        (!is_filled).then_some(Found::Empty { name })
    }

    /// Something is in the innermost folder, so it needs no object of its own.
    fn fill(&mut self) {
        if let Some(around) = self.around.last_mut() {
            around.is_filled = true;
        }
    }

    /// `None` for what takes no part, and for a folder that is entered.
    fn meet(&mut self, entry: Entry) -> Option<Found> {
        let inside = self.around.last()?;
        let path = inside.path.join(&entry.name);
        let Some(name) = name_of(&path) else {
            let name = lossy_name_of(&path);
            let why = Error::parameter(
                "dirpath",
                format!("the name {} is not UTF-8", quoted(&name)),
            );
            if entry.is_folder {
                self.enter(path);
                self.unread = None;
            }
            return Some(Found::Unusable { name, why });
        };
        if entry.is_folder {
            if !self.filter.excludes_folder(&name) {
                self.enter(path);
            }
            return None;
        }
        if !self.filter.takes_file(&name) {
            return None;
        }
        let local = self.root.join(&path);
        // Of what a link points to.
        Some(match fs::metadata(local.path()) {
            Ok(metadata) if metadata.is_file() => {
                self.fill();
                let size = metadata.len();
                Found::File { name, local, size }
            }
            Ok(_) => Found::Other { name },
            Err(e) => {
                let why = local.unreadable(&e);
                Found::Unusable { name, why }
            }
        })
    }
}

/// As a key has it; `None` where it has none.
fn name_of(path: &Path) -> Option<String> {
    path.to_str()
        .map(|name| system::with_slashes(name.to_owned()))
}

/// For messages.
fn lossy_name_of(path: &Path) -> String {
    system::with_slashes(path.to_string_lossy().into_owned())
}

impl Iterator for Walk<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let inside = self.around.last_mut()?;
            if let Some(e) = self.unread.take() {
                let name = lossy_name_of(&inside.path);
                let why = self.root.join(&inside.path).unreadable(&e);
                return Some(Found::Unusable { name, why });
            }
            let found = match inside.left.next() {
                Some(entry) => self.meet(entry),
                None => self.leave(),
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_told_when_nothing_in_them_is() {
        let root = std::env::temp_dir().join(crate::base::random::hex128());
        for folder in ["a/empty", "a/b/c", "none/inner/innermost"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["a/b/file", "file"] {
            fs::write(root.join(file), b"12345").unwrap();
        }
        let found = |root: &Path, filter: &Filter| {
            let walk = Walk::of(Place::new("dirpath", root), filter).unwrap();
            walk.map(|found| match found {
                Found::File { name, size, .. } => format!("{name} {size}"),
                Found::Empty { name } => format!("{name}/"),
                Found::Other { name } | Found::Unusable { name, .. } => format!("{name}?"),
            })
            .collect::<Vec<_>>()
        };
        let expected = [
            "a/b/c/",
            "a/b/file 5",
            "a/empty/",
            "file 5",
            "none/inner/innermost/",
        ];
        assert_eq!(found(&root, &Filter::default()), expected);
        let innermost = root.join("none/inner/innermost");
        assert_eq!(found(&innermost, &Filter::default()), ["/"]);
        fs::remove_dir_all(&root).unwrap();
        let all = Filter::default();
        let missing = Walk::of(Place::new("dirpath", &root), &all).err().unwrap();
        assert!(
            missing.message.starts_with("dirpath: "),
            "{}",
            missing.message
        );
    }

    #[test]
    fn the_order_is_that_of_keys() {
        let root = std::env::temp_dir().join(crate::base::random::hex128());
        for file in ["a/b", "a-b", "a.b", "a0", "a/c/d", "目录/x", "B"] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let all = Filter::default();
        let walk = Walk::of(Place::new("dirpath", &root), &all).unwrap();
        let names: Vec<String> = walk
            .map(|found| match found {
                Found::File { name, .. } => name,
                _ => panic!("nothing but files"),
            })
            .collect();
        assert_eq!(names, ["B", "a-b", "a.b", "a/b", "a/c/d", "a0", "目录/x"]);
        fs::remove_dir_all(&root).unwrap();
    }
}
