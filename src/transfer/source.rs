//! The local file of an upload: opened once, read by position, and watched for changes.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cancel;
use crate::error::{Error, Kind, Result};

/// Small enough for the processor's cache, large enough for few system calls.
pub(super) const BLOCK: usize = 256 << 10;

pub(super) struct Source {
    file: File,
    path: PathBuf,
    stamp: Stamp,
}

/// What tells that a file is another than it was.
#[derive(PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        Stamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Source> {
        let failed = |e: io::Error| {
            let kind = match e.kind() {
                ErrorKind::NotFound => Kind::Missing,
                _ => Kind::Unreadable,
            };
            Error::new(kind, format!("filepath: {}: {e}", path.display()))
        };
        let file = OpenOptions::new()
            .read(true)
            // Opening a FIFO would wait for its writer.
            .custom_flags(libc::O_NONBLOCK)
            .open(path)
            .map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            let message = format!(
                "filepath: {} is {}, not a regular file",
                path.display(),
                type_name(&metadata)
            );
            return Err(Error::new(Kind::NotRegular, message));
        }
        Ok(Source {
            file,
            path: path.to_owned(),
            stamp: Stamp::of(&metadata),
        })
    }

    /// Bytes, as they were when the file was opened.
    pub(super) fn size(&self) -> u64 {
        self.stamp.size
    }

    /// The file's one name without links, or the given one if it has none any more.
    pub(super) fn canonical_path(&self) -> PathBuf {
        self.path
            .canonicalize()
            .unwrap_or_else(|_| self.path.clone())
    }

    /// What `unchanged` compares, to be written down.
    pub(super) fn stamp(&self) -> Value {
        let Stamp {
            device,
            inode,
            size,
            modified,
            changed,
        } = self.stamp;
        json!([device, inode, size, modified, changed])
    }

    /// Fills `buffer` with the bytes from `offset` on; a file that ends before has changed.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        self.file
            .read_exact_at(buffer, offset)
            .map_err(|e| match e.kind() {
                ErrorKind::UnexpectedEof => self.changed("became shorter"),
                _ => self.unreadable(&e),
            })
    }

    /// Hands out every block of the file in order, with the number of bytes up to its end.
    pub(super) fn each_block(&self, see: impl FnMut(&[u8], u64) -> Result<()>) -> Result<()> {
        self.each_block_of(0..self.size(), see)
    }

    /// The same for some of it.
    pub(super) fn each_block_of(
        &self,
        range: Range<u64>,
        mut see: impl FnMut(&[u8], u64) -> Result<()>,
    ) -> Result<()> {
        let mut at = range.start;
        let left = |at: u64| (range.end - at).min(BLOCK as u64) as usize;
        let mut block = vec![0; left(at)];
        while at < range.end {
            cancel::check()?;
            let bytes = &mut block[..left(at)];
            self.read_at(bytes, at)?;
            at += bytes.len() as u64;
            see(bytes, at - range.start)?;
        }
        Ok(())
    }

    /// Refuses a file that is not what it was when it was opened. Reading past the end finds
    /// files whose size says nothing, such as those of /proc.
    pub(super) fn unchanged(&self) -> Result<()> {
        let metadata = self.file.metadata().map_err(|e| self.unreadable(&e))?;
        if Stamp::of(&metadata) != self.stamp {
            return Err(self.changed("changed"));
        }
        loop {
            match self.file.read_at(&mut [0], self.stamp.size) {
                Ok(0) => return Ok(()),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(self.unreadable(&e)),
                Ok(_) => return Err(self.changed("has more bytes than its size says")),
            }
        }
    }

    pub(super) fn unreadable(&self, why: &io::Error) -> Error {
        let message = format!("filepath: {}: {why}", self.path.display());
        Error::new(Kind::Unreadable, message)
    }

    pub(super) fn changed(&self, how: &str) -> Error {
        Error::new(
            Kind::Changed,
            format!("filepath: {} {how} while it was read", self.path.display()),
        )
    }
}

pub(super) fn type_name(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else {
        "a device"
    }
}
