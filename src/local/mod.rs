//! The caller's files and folders: how they are called in messages, and what is done with them where
//! links and other programs must not get in the way.

mod draft;
mod stamp;

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

pub(crate) use draft::{Draft, DraftMark, Reopened};
pub(crate) use stamp::FileStamp;

use crate::error::{Error, Kind};
use crate::system;

/// A place on the disk, and the parameter or option that the caller has named it in.
#[derive(Clone)]
pub(crate) struct Place {
    param: &'static str,
    path: PathBuf,
}

impl Place {
    pub(crate) fn new(param: &'static str, path: impl Into<PathBuf>) -> Place {
        let path = path.into();
        Place { param, path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Something in this folder, or below it.
    pub(crate) fn join(&self, name: impl AsRef<Path>) -> Place {
        Place::new(self.param, self.path.join(name))
    }

    /// Something is wrong with what is there; `problem` as its predicate.
    pub(crate) fn error(&self, kind: Kind, problem: &str) -> Error {
        let message = format!("{}: {} {problem}", self.param, self.path.display());
        Error::new(kind, message)
    }

    pub(crate) fn unreadable(&self, why: &io::Error) -> Error {
        self.failed(Kind::Unreadable, why)
    }

    pub(crate) fn unwritable(&self, why: &io::Error) -> Error {
        self.failed(Kind::Unwritable, why)
    }

    fn failed(&self, otherwise: Kind, why: &io::Error) -> Error {
        let kind = match why.kind() {
            ErrorKind::NotFound => Kind::Missing,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Kind::DiskFull,
            _ => otherwise,
        };
        let message = format!("{}: {}: {why}", self.param, self.path.display());
        Error::new(kind, message)
    }

    /// What is there is `what`, and should be a file.
    pub(crate) fn not_regular(&self, what: &str) -> Error {
        let problem = format!("is {what}, not a regular file");
        self.error(Kind::NotRegular, &problem)
    }
}

pub(crate) fn type_name(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_file() {
        "a file"
    } else if kind.is_dir() {
        "a directory"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else {
        system::special_type_name(kind)
    }
}
