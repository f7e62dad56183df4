//! The local file of an upload: opened once, read by position, and watched for changes.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::PathBuf;

use super::part_reader::PartBytes;
use crate::base::cancel;
use crate::base::page_aligned::PageAligned;
use crate::base::size::{self, IO_BLOCK, OBJECT_MAX_BYTES};
use crate::error::{Error, Kind, Result};
use crate::local::{FileStamp, Place, type_name};
use crate::model::FileAttributes;
use crate::system::{self, Folder};

pub(super) struct Source {
    file: File,
    place: Place,
    stamp: FileStamp,
    is_settled: bool,
    attributes: FileAttributes,
}

impl Source {
    pub(super) fn open(place: Place) -> Result<Source> {
        let file = system::open(place.path()).map_err(|e| match fs::metadata(place.path()) {
            // A socket cannot even be opened.
            Ok(there) if !there.is_file() => place.not_regular(type_name(&there)),
            _ => place.unreadable(&e),
        })?;
        Source::of(file, place)
    }

    /// A file in a folder that is open already, and not what a link leads to.
    pub(super) fn within(folder: &Folder, name: &OsStr, place: Place) -> Result<Source> {
        let file = folder.read(name).map_err(|e| place.unreadable(&e))?;
        Source::of(file, place)
    }

    fn of(file: File, place: Place) -> Result<Source> {
        let metadata = file.metadata().map_err(|e| place.unreadable(&e))?;
        if !metadata.is_file() {
            return Err(place.not_regular(type_name(&metadata)));
        }
        let stamp = FileStamp::of(&file, &metadata).map_err(|e| place.unreadable(&e))?;
        Ok(Source {
            file,
            place,
            is_settled: stamp.is_settled(),
            stamp,
            attributes: FileAttributes {
                modified: metadata.modified().ok(),
                mode: system::mode(&metadata),
            },
        })
    }

    /// Bytes, as they were when the file was opened.
    pub(super) fn size(&self) -> u64 {
        self.stamp.size
    }

    /// As they were then.
    pub(super) fn attributes(&self) -> FileAttributes {
        self.attributes
    }

    /// The file's one name without links, or the given one if it has none any more.
    pub(super) fn canonical_path(&self) -> PathBuf {
        let path = self.place.path();
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    }

    /// What `unchanged` compares.
    pub(super) fn stamp(&self) -> &FileStamp {
        &self.stamp
    }

    /// Whether the stamp tells all that becomes of the file from when it was opened.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Fills `buffer` with the bytes from `offset` on; a file that ends before has changed.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        system::read_exact_at(&self.file, buffer, offset).map_err(|e| match e.kind() {
            ErrorKind::UnexpectedEof => self.changed("became shorter"),
            _ => self.unreadable(&e),
        })
    }

    /// The file's bytes from `offset` on.
    pub(super) fn bytes_from(&self, offset: u64) -> FileBytes<'_> {
        FileBytes {
            source: self,
            offset,
        }
    }

    /// Hands out every block of the file in order, with the number of bytes up to its end.
    pub(super) fn each_block(&self, visit: impl FnMut(&[u8], u64) -> Result<()>) -> Result<()> {
        self.each_block_of(0..self.size(), visit)
    }

    /// The same for some of it.
    pub(super) fn each_block_of(
        &self,
        range: Range<u64>,
        mut visit: impl FnMut(&[u8], u64) -> Result<()>,
    ) -> Result<()> {
        let mut at = range.start;
        let left = |at: u64| size::within(IO_BLOCK, range.end - at);
        let mut block = PageAligned::zeroed(left(at));
        while at < range.end {
            cancel::check()?;
            let bytes = &mut block[..left(at)];
            self.read_at(bytes, at)?;
            at += bytes.len() as u64;
            visit(bytes, at - range.start)?;
        }
        Ok(())
    }

    /// Refuses a file that is not what it was when it was opened. Reading past the end finds
    /// files whose size says nothing, such as those of /proc.
    pub(super) fn unchanged(&self) -> Result<()> {
        let metadata = self.file.metadata();
        let stamp = metadata.and_then(|metadata| FileStamp::of(&self.file, &metadata));
        if stamp.map_err(|e| self.unreadable(&e))? != self.stamp {
            return Err(self.changed("changed"));
        }
        loop {
            match system::read_at(&self.file, &mut [0], self.stamp.size) {
                Ok(0) => return Ok(()),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(self.unreadable(&e)),
                Ok(_) => return Err(self.changed("has more bytes than its size says")),
            }
        }
    }

    pub(super) fn unreadable(&self, why: &io::Error) -> Error {
        self.place.unreadable(why)
    }

    pub(super) fn too_large(&self) -> Error {
        let size = self.size();
        let problem = format!("has {size} bytes; no object has more than {OBJECT_MAX_BYTES}");
        self.place.error(Kind::Parameter, &problem)
    }

    pub(super) fn changed(&self, how: &str) -> Error {
        let problem = format!("{how} while it was read");
        self.place.error(Kind::Changed, &problem)
    }
}

/// Some of a file's bytes.
pub(super) struct FileBytes<'a> {
    source: &'a Source,
    offset: u64,
}

impl PartBytes for FileBytes<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        self.source.read_at(buffer, self.offset + offset)
    }

    fn unchanged(&self) -> Result<()> {
        self.source.unchanged()
    }

    fn changed(&self) -> Error {
        self.source.changed("changed")
    }
}
