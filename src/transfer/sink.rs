//! The local file of a download: a temporary one beside the target, written by position, that takes
//! the target's place when it is whole and disappears when it is not.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::source::type_name;
use crate::cancel;
use crate::error::{Error, Kind, Result};
use crate::random;

/// Names may have 255 bytes; this much of the target's leaves room for what is added.
const NAME_MAX_BYTES: usize = 200;

/// Small enough for the processor's cache, large enough for few system calls.
const BLOCK: usize = 256 << 10;

pub(super) struct Sink {
    target: PathBuf,
    folder: PathBuf,
    temporary: PathBuf,
    file: File,
    /// Of the file that is replaced.
    permissions: Option<Permissions>,
}

impl Sink {
    /// Refuses what could not be replaced in the end, before a byte is asked for.
    pub(super) fn create(target: &Path) -> Result<Sink> {
        let Some(name) = name(target) else {
            return Err(not_regular(target, "the name of a folder"));
        };
        let permissions = match fs::symlink_metadata(target) {
            Ok(metadata) if metadata.is_file() => Some(metadata.permissions()),
            Ok(metadata) => return Err(not_regular(target, type_name(&metadata))),
            // Nothing yet; or its folder is missing, which shows in a moment.
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(failed(target, &e)),
        };
        let folder = match target.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let temporary = folder.join(temporary_name(name));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            // Nobody else has to see what replaces a private file.
            .mode(if permissions.is_some() { 0o600 } else { 0o666 })
            .open(&temporary)
            .map_err(|e| failed(target, &e))?;
        Ok(Sink {
            target: target.to_owned(),
            folder,
            temporary,
            file,
            permissions,
        })
    }

    /// May be called from several threads at once.
    pub(super) fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        self.file
            .write_all_at(bytes, offset)
            .map_err(|e| failed(&self.target, &e))
    }

    /// Reads the bytes from `offset` to `end`, as they are in the file.
    pub(super) fn read(
        &self,
        mut offset: u64,
        end: u64,
        mut take: impl FnMut(&[u8]),
    ) -> Result<()> {
        let mut block = vec![0; BLOCK.min((end - offset) as usize)];
        while offset < end {
            cancel::check()?;
            let length = block.len().min((end - offset) as usize);
            self.file
                .read_exact_at(&mut block[..length], offset)
                .map_err(|e| failed(&self.target, &e))?;
            take(&block[..length]);
            offset += length as u64;
        }
        Ok(())
    }

    /// The file is whole: it becomes the target, on the disk too.
    pub(super) fn keep(self) -> Result<()> {
        let written = || {
            if let Some(permissions) = &self.permissions {
                self.file.set_permissions(permissions.clone())?;
            }
            self.file.sync_all()
        };
        written().map_err(|e| failed(&self.target, &e))?;
        // That may have taken long; who has cancelled meanwhile finds the target as it was.
        cancel::check()?;
        fs::rename(&self.temporary, &self.target).map_err(|e| failed(&self.target, &e))?;
        // It is in place whatever comes of this: some file systems cannot sync a folder.
        let _ = File::open(&self.folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // Once kept, nothing has this name any more.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// The last segment; none for a path that names a folder.
fn name(target: &Path) -> Option<&[u8]> {
    let whole = target.as_os_str().as_bytes();
    target
        .file_name()
        .map(OsStrExt::as_bytes)
        // std overlooks a slash or "/." at the end.
        .filter(|name| whole.ends_with(name))
}

fn temporary_name(name: &[u8]) -> PathBuf {
    let mut temporary = b".".to_vec();
    temporary.extend_from_slice(&name[..name.len().min(NAME_MAX_BYTES)]);
    temporary.extend_from_slice(format!(".qcos-{}", random::hex128()).as_bytes());
    std::ffi::OsString::from_vec(temporary).into()
}

fn not_regular(target: &Path, what: &str) -> Error {
    let message = format!(
        "filepath: {} is {what}, not a regular file",
        target.display()
    );
    Error::new(Kind::NotRegular, message)
}

fn failed(target: &Path, error: &io::Error) -> Error {
    let kind = match error.kind() {
        ErrorKind::NotFound => Kind::Missing,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Kind::DiskFull,
        _ => Kind::Unwritable,
    };
    let message = format!("filepath: {}: {error}", target.display());
    Error::new(kind, message)
}
