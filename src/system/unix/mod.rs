//! POSIX systems. Names are bytes, and folders are held by descriptors.

mod folder;

use std::ffi::{OsStr, OsString};
use std::fs::{File, FileType, Metadata, OpenOptions, Permissions};
use std::io;
use std::ops::Deref;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::str::Utf8Error;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::sys::signal::{SigSet, SigmaskHow};

pub(crate) use folder::Folder;

use super::{FileId, FileTimes, TryLockError};

/// Linux's PATH_MAX without the NUL.
pub(crate) const PATH_MAX_BYTES: usize = 4095;

/// A path as C programs write it: any bytes.
#[expect(clippy::unnecessary_wraps, reason = "other systems take only UTF-8")]
pub(crate) fn path_from_bytes(path: &[u8]) -> Result<&Path, Utf8Error> {
    Ok(Path::new(OsStr::from_bytes(path)))
}

/// Whether one file in a folder can be called so.
pub(crate) fn is_file_name(name: &OsStr) -> bool {
    let name = name.as_bytes();
    !matches!(name, b"" | b"." | b"..") && !name.iter().any(|b| matches!(b, b'/' | b'\0'))
}

/// A relative path with the separator that keys have.
pub(crate) fn with_slashes(path: String) -> String {
    path
}

/// How a name begins: at most so many of the units in which the system counts its length.
pub(crate) fn prefix(name: &OsStr, units: usize) -> OsString {
    let name = name.as_bytes();
    OsString::from_vec(name[..name.len().min(units)].to_owned())
}

/// A file to be read. Opening a FIFO does not wait for its writer.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NONBLOCK.bits();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buffer, offset)
}

pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    file.read_exact_at(buffer, offset)
}

pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(bytes, offset)
}

pub(crate) fn file_id(_file: &File, metadata: &Metadata) -> io::Result<FileId> {
    Ok(id(metadata))
}

fn id(metadata: &Metadata) -> FileId {
    FileId {
        device: metadata.dev(),
        inode: metadata.ino(),
    }
}

pub(crate) fn file_times(metadata: &Metadata) -> FileTimes {
    FileTimes {
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// How many names a file has.
pub(crate) fn link_count(_file: &File, metadata: &Metadata) -> io::Result<u64> {
    Ok(metadata.nlink())
}

/// Who may do what with a file, where the system tells.
pub(crate) fn mode(metadata: &Metadata) -> Option<u32> {
    Some(metadata.mode())
}

pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

/// What is neither a file, a folder nor a link.
pub(crate) fn special_type_name(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// A file that nobody else can lock.
pub(crate) struct Locked(Flock<File>);

impl Deref for Locked {
    type Target = File;
    fn deref(&self) -> &File {
        &self.0
    }
}

pub(crate) fn try_lock(file: File) -> Result<Locked, TryLockError> {
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(file) => Ok(Locked(file)),
        Err((file, Errno::EWOULDBLOCK)) => Err(TryLockError::WouldBlock(file)),
        Err((file, _)) => Err(TryLockError::Unsupported(file)),
    }
}

/// Starts a thread that blocks all signals: one inherits what its maker blocks at that moment.
pub(crate) fn without_signals<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    let started = start();
    let _ = before.thread_set_mask();
    started
}
