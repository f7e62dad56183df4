//! What is in a folder of the disk, read piece by piece: neither its names nor its folders are ever
//! in memory all at once.

use std::fs;
use std::iter::Peekable;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use crate::base::quoted::quoted;
use crate::error::{Error, Kind, Result};
use crate::local::Place;

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
    pub(super) fn name(&self) -> &str {
        match self {
            Found::File { name, .. }
            | Found::Empty { name }
            | Found::Other { name }
            | Found::Unusable { name, .. } => name,
        }
    }
}

/// Everything below a folder. Links to files are files; links to folders are not gone into.
pub(super) struct Walk {
    root: Place,
    entries: Peekable<walkdir::IntoIter>,
    /// The folders that the last entry is in, from the root on, with whether something in it brings
    /// each about.
    around: Vec<(String, bool)>,
}

impl Walk {
    pub(super) fn of(root: Place) -> Result<Walk> {
        let failed = |e| root.unreadable(&e);
        if !fs::metadata(root.path()).map_err(failed)?.is_dir() {
            return Err(root.error(Kind::NotFolder, "is not a folder"));
        }
        // A folder that cannot be read at all is an error of the call.
        fs::read_dir(root.path()).map_err(failed)?;
        let entries = WalkDir::new(root.path()).min_depth(1).into_iter();
        Ok(Walk {
            root,
            entries: entries.peekable(),
            around: vec![(String::new(), false)],
        })
    }

    /// The innermost of the folders that have ended when only `depth` are around, if it is empty.
    fn ended(&mut self, depth: usize) -> Option<Found> {
        while self.around.len() > depth {
            let (name, is_filled) = self.around.pop()?;
            // No object brings about what has no name; see `enter`.
            if !name.is_empty() {
                self.fill();
            }
            if !is_filled {
                return Some(Found::Empty { name });
            }
        }
        None
    }

    /// Something is in the innermost folder, so it needs no object of its own.
    fn fill(&mut self) {
        if let Some((_, is_filled)) = self.around.last_mut() {
            *is_filled = true;
        }
    }

    fn enter(&mut self, entry: walkdir::Result<DirEntry>) -> Option<Found> {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(self.root.path()).to_owned();
                let why = self.root.join(&path).unreadable(&error.into());
                let name = self.relative(&path).to_string_lossy().into_owned();
                return Some(Found::Unusable { name, why });
            }
        };
        let relative = self.relative(entry.path());
        let Some(name) = relative.to_str().map(str::to_owned) else {
            let name = relative.to_string_lossy().into_owned();
            let why = Error::parameter(
                "dirpath",
                format!("the name {} is not UTF-8", quoted(&name)),
            );
            if entry.file_type().is_dir() {
                // No object brings it about.
                self.around.push((String::new(), true));
            }
            return Some(Found::Unusable { name, why });
        };
        if entry.file_type().is_dir() {
            self.around.push((name, false));
            return None;
        }
        let local = self.root.join(entry.path());
        // Of what a link points to.
        Some(match fs::metadata(entry.path()) {
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

    fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.root.path()).unwrap_or(path)
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let depth = match self.entries.peek() {
                Some(Ok(entry)) => entry.depth(),
                Some(Err(_)) => self.around.len(),
                None => 0,
            };
            if let Some(empty) = self.ended(depth) {
                return Some(empty);
            }
            let entry = self.entries.next()?;
            if let Some(found) = self.enter(entry) {
                return Some(found);
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
        let found = |root: &Path| {
            let walk = Walk::of(Place::new("dirpath", root)).unwrap();
            let mut found: Vec<String> = walk
                .map(|found| match found {
                    Found::File { name, size, .. } => format!("{name} {size}"),
                    Found::Empty { name } => format!("{name}/"),
                    Found::Other { name } | Found::Unusable { name, .. } => format!("{name}?"),
                })
                .collect();
            found.sort();
            found
        };
        let expected = [
            "a/b/c/",
            "a/b/file 5",
            "a/empty/",
            "file 5",
            "none/inner/innermost/",
        ];
        assert_eq!(found(&root), expected);
        assert_eq!(found(&root.join("none/inner/innermost")), ["/"]);
        fs::remove_dir_all(&root).unwrap();
        let missing = Walk::of(Place::new("dirpath", &root)).err().unwrap();
        assert!(
            missing.message.starts_with("dirpath: "),
            "{}",
            missing.message
        );
    }
}
