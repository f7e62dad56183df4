//! Where the files of a bucket's folder go on the disk: below one folder, whatever the service calls
//! them and whatever links are there.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};

use crate::base::quoted::quoted;
use crate::error::{Error, Kind, Result};
use crate::local::{Place, type_name};
use crate::system::{self, Folder};

/// The folder that all goes to.
pub(super) struct Root {
    place: Place,
    /// `None` where it is missing, and is not to be made.
    folder: Option<Folder>,
}

impl Root {
    /// Made if it is missing. Links are followed up to here, and none below.
    pub(super) fn make(place: Place) -> Result<Root> {
        let made = fs::create_dir_all(place.path());
        let folder = made.and_then(|()| Folder::open(place.path()));
        let folder = folder.map_err(|e| no_folder(&place, &e))?;
        Ok(Root {
            place,
            folder: Some(folder),
        })
    }

    /// As it is.
    pub(super) fn find(place: Place) -> Result<Root> {
        let folder = match Folder::open(place.path()) {
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            folder => Some(folder.map_err(|e| no_folder(&place, &e))?),
        };
        Ok(Root { place, folder })
    }

    /// Of a name that `check` has found fit.
    pub(super) fn place(&self, name: &str) -> Place {
        self.place.join(name)
    }

    /// A folder below, with those that it is in, each made where it is missing; "" for the root.
    pub(super) fn reach(&self, name: &str) -> Result<Folder> {
        let reached = self.go(name, &|folder, name| {
            folder.make(name)?;
            folder.enter(name).map(Some)
        })?;
        reached.ok_or_else(|| self.place.error(Kind::Missing, "is not there"))
    }

    /// The same as it is; `None` where it is missing.
    pub(super) fn look(&self, name: &str) -> Result<Option<Folder>> {
        self.go(name, &|_, _| Ok(None))
    }

    fn go(&self, name: &str, missing: &Missing) -> Result<Option<Folder>> {
        let Some(root) = &self.folder else {
            return Ok(None);
        };
        let mut folder = root.again().map_err(|e| self.place.unwritable(&e))?;
        let mut place = self.place.clone();
        for part in name.split('/').filter(|part| !part.is_empty()) {
            place = place.join(part);
            match enter(&folder, OsStr::new(part), &place, missing)? {
                Some(inner) => folder = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(folder))
    }
}

/// What is done where a folder does not have the folder of a name.
type Missing = dyn Fn(&Folder, &OsStr) -> io::Result<Option<Folder>>;

fn no_folder(place: &Place, why: &io::Error) -> Error {
    match why.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            place.error(Kind::NotFolder, &format!("cannot be a folder: {why}"))
        }
        _ => place.unwritable(why),
    }
}

fn enter(
    folder: &Folder,
    name: &OsStr,
    place: &Place,
    missing: &Missing,
) -> Result<Option<Folder>> {
    let entered = match folder.enter(name) {
        Err(e) if e.kind() == ErrorKind::NotFound => missing(folder, name),
        entered => entered.map(Some),
    };
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
    let lawful = |part: &str| system::is_file_name(OsStr::new(part));
    if name.is_empty() || name.ends_with('/') {
        return wrong(
            "is an object with content whose name ends with \"/\", as no local file's does",
        );
    }
    match name.split('/').all(lawful) {
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
