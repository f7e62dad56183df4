//! A folder that is held open. As long as it is, the system neither renames nor removes it, so that its path leads
//! to it.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What others may do with a file meanwhile (`FILE_SHARE_*`).
const READ: u32 = 1;
const WRITE: u32 = 2;
const DELETE: u32 = 4;

/// `FILE_FLAG_BACKUP_SEMANTICS`: folders can be opened as well.
const FOLDERS: u32 = 0x0200_0000;

/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link, and not what it leads to.
const LINKS: u32 = 0x0020_0000;

/// `ERROR_SHARING_VIOLATION`
const IN_USE: i32 = 32;

pub(crate) struct Folder {
    path: PathBuf,
    /// Shared, as a second handle of it would be closed in any case.
    held: Arc<File>,
}

impl Folder {
    /// Links are followed: it is a path of the caller's.
    pub(crate) fn open(path: &Path) -> io::Result<Folder> {
        // A relative path may be empty: the current folder.
        let path = match path.as_os_str().is_empty() {
            true => Path::new("."),
            false => path,
        };
        // Its path without links, and whatever becomes of the current folder.
        Folder::hold(path.canonicalize()?)
    }

    fn hold(path: PathBuf) -> io::Result<Folder> {
        let mut options = OpenOptions::new();
        options.read(true).share_mode(READ | WRITE);
        let held = options.custom_flags(FOLDERS | LINKS).open(&path)?;
        // A link of either kind is none.
        if !held.metadata()?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Ok(Folder {
            path,
            held: Arc::new(held),
        })
    }

    /// A folder in this one, and not what a link of this name leads to.
    pub(crate) fn enter(&self, name: &OsStr) -> io::Result<Folder> {
        Folder::hold(self.path.join(name))
    }

    pub(crate) fn again(&self) -> io::Result<Folder> {
        Ok(Folder {
            path: self.path.clone(),
            held: self.held.clone(),
        })
    }

    /// Sees to it that something has this name; a folder if nothing had.
    pub(crate) fn make(&self, name: &OsStr) -> io::Result<()> {
        match fs::create_dir(self.path.join(name)) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    /// What has this name, be it a link; `None` if nothing has.
    pub(crate) fn stat(&self, name: &OsStr) -> io::Result<Option<Metadata>> {
        match fs::symlink_metadata(self.path.join(name)) {
            Ok(there) => Ok(Some(there)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Whether this file, which is open, has this name.
    pub(crate) fn holds(&self, file: &File, name: &OsStr) -> io::Result<bool> {
        let mut options = OpenOptions::new();
        // Nothing of its content, so that whoever has it does not mind.
        options.access_mode(0).share_mode(READ | WRITE | DELETE);
        let named = options
            .custom_flags(FOLDERS | LINKS)
            .open(self.path.join(name))?;
        let id = |file: &File| super::file_id(file, &file.metadata()?);
        Ok(id(&named)? == id(file)?)
    }

    /// A file to be read; never what a link leads to.
    pub(crate) fn read(&self, name: &OsStr) -> io::Result<File> {
        self.open_file(name, OpenOptions::new().read(true))
    }

    /// The same, to be written as well, by nobody else meanwhile.
    pub(crate) fn write(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).share_mode(READ | DELETE);
        match self.open_file(name, options) {
            Err(e) if e.raw_os_error() == Some(IN_USE) => Err(ErrorKind::ResourceBusy.into()),
            opened => opened,
        }
    }

    /// A new file of this name, which nobody else writes to meanwhile.
    pub(crate) fn create(&self, name: &OsStr, _mode: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create_new(true);
        self.open_file(name, options.share_mode(READ | DELETE))
    }

    /// Every file here has a name.
    pub(crate) fn create_unnamed(&self, _mode: u32) -> io::Result<File> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(crate) fn link(&self, _file: &File, _name: &OsStr) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// An error for one that is not empty.
    pub(crate) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.path.join(name))
    }

    /// The file system's own log brings the names in it to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn open_file(&self, name: &OsStr, options: &mut OpenOptions) -> io::Result<File> {
        let file = options
            .custom_flags(FOLDERS | LINKS)
            .open(self.path.join(name))?;
        match file.metadata()?.is_symlink() {
            true => Err(io::Error::other("is a symbolic link")),
            false => Ok(file),
        }
    }
}
