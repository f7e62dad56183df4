//! A folder that is held open: what is done in it is done in just this one, whatever becomes of its
//! name meanwhile.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat, renameat};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};

/// For what is only gone through or looked at, no right to read is needed.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LOOK: OFlag = OFlag::O_PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const LOOK: OFlag = OFlag::O_NONBLOCK;

/// Files beyond 2 GiB on 32 bits; std asks for it by itself.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LARGE: OFlag = OFlag::O_LARGEFILE;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const LARGE: OFlag = OFlag::empty();

pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Links are followed: it is a path of the caller's.
    pub(crate) fn open(path: &Path) -> io::Result<Folder> {
        // A relative path may be empty: the current folder.
        let path = match path.as_os_str().is_empty() {
            true => Path::new("."),
            false => path,
        };
        let flags = LOOK | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let opened = uninterrupted(|| openat(AT_FDCWD, path, flags, Mode::empty()));
        Ok(Folder(opened?))
    }

    /// A folder in this one, and not what a link of this name leads to.
    pub(crate) fn enter(&self, name: &OsStr) -> io::Result<Folder> {
        Ok(Folder(self.at(name, LOOK | OFlag::O_DIRECTORY, 0)?))
    }

    pub(crate) fn again(&self) -> io::Result<Folder> {
        Ok(Folder(self.0.try_clone()?))
    }

    /// Sees to it that something has this name; a folder if nothing had.
    pub(crate) fn make(&self, name: &OsStr) -> io::Result<()> {
        let made = mkdirat(&self.0, name, Mode::from_bits_retain(0o777));
        match made {
            Err(Errno::EEXIST) => Ok(()),
            made => Ok(made?),
        }
    }

    /// What has this name, be it a link; `None` if nothing has.
    pub(crate) fn stat(&self, name: &OsStr) -> io::Result<Option<Metadata>> {
        match self.at(name, LOOK, 0) {
            Ok(there) => Ok(Some(File::from(there).metadata()?)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Whether this file, which is open, has this name.
    pub(crate) fn holds(&self, file: &File, name: &OsStr) -> io::Result<bool> {
        let held = super::id(&file.metadata()?);
        Ok(self
            .stat(name)?
            .is_some_and(|named| super::id(&named) == held))
    }

    /// A file to be read; never what a link leads to, and never waiting for a FIFO's writer.
    pub(crate) fn read(&self, name: &OsStr) -> io::Result<File> {
        Ok(self
            .at(name, OFlag::O_RDONLY | OFlag::O_NONBLOCK, 0)?
            .into())
    }

    /// The same, to be written as well.
    pub(crate) fn write(&self, name: &OsStr) -> io::Result<File> {
        Ok(self.at(name, OFlag::O_RDWR | OFlag::O_NONBLOCK, 0)?.into())
    }

    /// A new file of this name.
    pub(crate) fn create(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_EXCL;
        Ok(self.at(name, flags, mode)?.into())
    }

    /// A new file that has no name yet, where the file system knows such files.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn create_unnamed(&self, mode: u32) -> io::Result<File> {
        let flags = OFlag::O_RDWR | OFlag::O_TMPFILE;
        Ok(self.at(OsStr::new("."), flags, mode)?.into())
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn create_unnamed(&self, _mode: u32) -> io::Result<File> {
        Err(Errno::EOPNOTSUPP.into())
    }

    /// Gives a file that has none a name that nothing has.
    pub(crate) fn link(&self, file: &File, name: &OsStr) -> io::Result<()> {
        use std::os::fd::AsRawFd;
        let open = format!("/proc/self/fd/{}", file.as_raw_fd());
        let follow = AtFlags::AT_SYMLINK_FOLLOW;
        Ok(linkat(AT_FDCWD, open.as_str(), &self.0, name, follow)?)
    }

    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, UnlinkatFlags::NoRemoveDir)?)
    }

    /// An error for one that is not empty, and for a link to one.
    pub(crate) fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, UnlinkatFlags::RemoveDir)?)
    }

    /// Brings the names in it to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
        File::from(self.at(OsStr::new("."), flags, 0)?).sync_all()
    }

    fn at(&self, name: &OsStr, flags: OFlag, mode: u32) -> io::Result<OwnedFd> {
        let flags = flags | LARGE | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        #[allow(clippy::useless_conversion, reason = "it has 16 bits on some systems")]
        let mode = Mode::from_bits_truncate(mode.try_into().unwrap_or(0o600));
        Ok(uninterrupted(|| openat(&self.0, name, flags, mode))?)
    }
}

fn uninterrupted<T>(call: impl Fn() -> nix::Result<T>) -> nix::Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            outcome => return outcome,
        }
    }
}
