//! What is in a folder of the disk.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::error::{Error, Kind, Result};
use crate::quoted::quoted;

/// Something below the folder.
pub(super) enum Found {
    File {
        name: String,
        local: PathBuf,
        size: u64,
    },
    Folder {
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

/// Everything below a folder in the order of names, a folder before what is in it. Links to files
/// are files; links to folders are not gone into.
pub(super) fn walk(folder: &Path) -> Result<impl Iterator<Item = Found>> {
    let metadata = fs::metadata(folder).map_err(|e| failed(folder, &e))?;
    if !metadata.is_dir() {
        let message = format!("dirpath: {} is not a folder", folder.display());
        return Err(Error::new(Kind::NotFolder, message));
    }
    // A folder that cannot be read at all is an error of the call.
    fs::read_dir(folder).map_err(|e| failed(folder, &e))?;
    let below = WalkDir::new(folder).min_depth(1).sort_by_file_name();
    let folder = folder.to_owned();
    Ok(below.into_iter().map(move |entry| found(&folder, entry)))
}

fn found(folder: &Path, entry: walkdir::Result<DirEntry>) -> Found {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let local = error.path().unwrap_or(folder).to_owned();
            return Found::Unusable {
                name: relative(folder, &local).to_string_lossy().into_owned(),
                why: failed(&local, &error.into()),
            };
        }
    };
    let local = entry.path();
    let Some(name) = relative(folder, local).to_str().map(str::to_owned) else {
        let name = relative(folder, local).to_string_lossy().into_owned();
        let why = Error::parameter(
            "dirpath",
            format!("the name {} is not UTF-8", quoted(&name)),
        );
        return Found::Unusable { name, why };
    };
    if entry.file_type().is_dir() {
        return Found::Folder { name };
    }
    // Of what a link points to.
    let metadata = fs::metadata(local);
    match metadata {
        Ok(metadata) if metadata.is_file() => Found::File {
            name,
            local: local.to_owned(),
            size: metadata.len(),
        },
        Ok(_) => Found::Other { name },
        Err(e) => Found::Unusable {
            name,
            why: failed(local, &e),
        },
    }
}

fn relative<'p>(folder: &Path, path: &'p Path) -> &'p Path {
    path.strip_prefix(folder).unwrap_or(path)
}

/// The size of a regular file, none if nothing is there.
pub(super) fn size(local: &Path) -> Result<Option<u64>> {
    match fs::symlink_metadata(local) {
        Ok(metadata) => Ok(Some(metadata).filter(Metadata::is_file).map(|m| m.len())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed(local, &e)),
    }
}

/// Sees to it that there is such a folder, and those that it is in.
pub(super) fn make_folder(local: &Path) -> Result<()> {
    fs::create_dir_all(local).map_err(|e| {
        let kind = match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Kind::DiskFull,
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => Kind::NotFolder,
            _ => Kind::Unwritable,
        };
        Error::new(kind, format!("dirpath: {}: {e}", local.display()))
    })
}

fn failed(local: &Path, error: &io::Error) -> Error {
    let kind = match error.kind() {
        ErrorKind::NotFound => Kind::Missing,
        _ => Kind::Unreadable,
    };
    Error::new(kind, format!("dirpath: {}: {error}", local.display()))
}
