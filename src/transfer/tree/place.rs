//! Where the files of a bucket's folder go on the disk: below one folder, whatever the service calls
//! them and whatever links are there.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};

use crate::base::quoted::quoted;
use crate::error::{Error, Kind, Result};
use crate::local::{Folder, Place, type_name};

/// The folder that all goes to.
pub(super) struct Root {
    place: Place,
    folder: Folder,
}

impl Root {
    /// Made if it is missing. Links are followed up to here, and none below.
    pub(super) fn make(place: Place) -> Result<Root> {
        let path = place.path();
        let made = fs::create_dir_all(path).and_then(|()| Folder::open(path));
        let folder = made.map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                place.error(Kind::NotFolder, &format!("cannot be a folder: {e}"))
            }
            _ => place.unwritable(&e),
        })?;
        Ok(Root { place, folder })
    }

    /// Of a name that `check` has found fit.
    pub(super) fn place(&self, name: &str) -> Place {
        self.place.join(name)
    }

    /// A folder below, with those that it is in, each made where it is missing; "" for the root.
    pub(super) fn reach(&self, name: &str) -> Result<Folder> {
        let mut folder = self.folder.again().map_err(|e| self.place.unwritable(&e))?;
        let mut place = self.place.clone();
        for part in name.split('/').filter(|part| !part.is_empty()) {
            place = place.join(part);
            folder = enter(&folder, OsStr::new(part), &place)?;
        }
        Ok(folder)
    }
}

fn enter(folder: &Folder, name: &OsStr, place: &Place) -> Result<Folder> {
    let entered = folder.enter(name).or_else(|e| match e.kind() {
        ErrorKind::NotFound => folder.make(name).and_then(|()| folder.enter(name)),
        _ => Err(e),
    });
    entered.map_err(|e| refused(folder, name, place, &e))
}

/// What stands in the way.
fn refused(folder: &Folder, name: &OsStr, place: &Place, why: &io::Error) -> Error {
    match folder.stat(name) {
        Ok(Some(there)) if there.is_symlink() => {
            let problem = "is a symbolic link; those below the folder are not followed";
            place.error(Kind::NotFolder, problem)
        }
        Ok(Some(there)) if !there.is_dir() => {
            let problem = format!("is {}, not a folder", type_name(&there));
            place.error(Kind::NotFolder, &problem)
        }
        _ => place.unwritable(why),
    }
}

/// Refuses names of objects that would be elsewhere on the disk, or nowhere.
pub(super) fn check(name: &str) -> Result<()> {
    let wrong = |problem| {
        Err(Error::parameter(
            "path",
            format!("{} {problem}", quoted(name)),
        ))
    };
    let lawful = |part: &str| !matches!(part, "" | "." | "..");
    if name.is_empty() || name.ends_with('/') {
        return wrong(
            "is an object with content whose name ends with \"/\", as no local file's does",
        );
    }
    match name.split('/').all(lawful) && !name.contains('\0') {
        true => Ok(()),
        false => wrong("is no name for a local file"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_outside_the_folder() {
        for name in ["a", "a/b..c", "..a/...", "目录/~"] {
            assert!(check(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "/",
            "/a",
            "a//b",
            "..",
            "../a",
            "a/../../b",
            "a/.",
            "./a",
            "a/",
            "a\0b",
        ] {
            assert!(check(name).is_err(), "{name:?}");
        }
    }
}
