//! Windows. Names are UTF-16 and C programs write UTF-8; a file that is open refuses what its opener did not allow
//! to others, which does for locks and for folders that stay where they are.

mod folder;

use std::ffi::{OsStr, OsString};
use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::ops::Deref;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::{FileExt, MetadataExt};
use std::path::{MAIN_SEPARATOR, Path};
use std::str::Utf8Error;

pub(crate) use folder::Folder;

use super::{FileId, FileTimes, TryLockError};

/// The longest path there is, in units of 16 bits: of each, UTF-8 has a byte or more.
pub(crate) const PATH_MAX_BYTES: usize = 32_767;

/// A path as C programs write it: UTF-8. std takes care of those that are long.
pub(crate) fn path_from_bytes(path: &[u8]) -> Result<&Path, Utf8Error> {
    std::str::from_utf8(path).map(Path::new)
}

/// Whether one file in a folder can be called so.
pub(crate) fn is_file_name(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(super::windows_names::is_file_name)
}

/// A relative path with the separator that keys have; no name has the system's in it.
pub(crate) fn with_slashes(path: String) -> String {
    path.replace(MAIN_SEPARATOR, "/")
}

/// How a name begins: at most so many of the units in which the system counts its length.
pub(crate) fn prefix(name: &OsStr, units: usize) -> OsString {
    let units: Vec<u16> = name.encode_wide().take(units).collect();
    OsString::from_wide(&units)
}

/// A file to be read; devices and pipes look like files to std.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).open(path)?;
    match winapi_util::file::typ(&file)?.is_disk() {
        true => Ok(file),
        false => Err(io::Error::other("is a device, not a regular file")),
    }
}

pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}

pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < buffer.len() {
        match file.seek_read(&mut buffer[done..], offset + done as u64) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => done += count,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match file.seek_write(&bytes[done..], offset + done as u64) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => done += count,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

pub(crate) fn file_id(file: &File, _metadata: &Metadata) -> io::Result<FileId> {
    let information = winapi_util::file::information(file)?;
    Ok(FileId {
        device: information.volume_serial_number(),
        inode: information.file_index(),
    })
}

/// The system's ticks of 100 nanoseconds; it tells std no time of other changes.
pub(crate) fn file_times(metadata: &Metadata) -> FileTimes {
    let ticks = |ticks: u64| {
        let seconds = i64::try_from(ticks / 10_000_000);
        let rest = i64::try_from(ticks % 10_000_000 * 100);
        (seconds.unwrap_or(i64::MAX), rest.unwrap_or(0))
    };
    FileTimes {
        modified: ticks(metadata.last_write_time()),
        changed: ticks(metadata.creation_time()),
    }
}

/// How many names a file has.
pub(crate) fn link_count(file: &File, _metadata: &Metadata) -> io::Result<u64> {
    Ok(winapi_util::file::information(file)?.number_of_links())
}

/// Who may do what with a file is told otherwise here.
pub(crate) fn mode(_metadata: &Metadata) -> Option<u32> {
    None
}

/// A file that nobody may write to can be had.
pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(mode & 0o222 == 0);
    file.set_permissions(permissions)
}

/// What is neither a file, a folder nor a link.
pub(crate) fn special_type_name(_kind: FileType) -> &'static str {
    "a device"
}

/// A file that nobody else can open to write.
pub(crate) struct Locked(File);

impl Deref for Locked {
    type Target = File;
    fn deref(&self) -> &File {
        &self.0
    }
}

/// A folder opens files to write for itself alone.
pub(crate) fn try_lock(file: File) -> Result<Locked, TryLockError> {
    Ok(Locked(file))
}

/// There are none.
pub(crate) fn without_signals<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    start()
}
