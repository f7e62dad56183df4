//! The local file of a download: a draft beside the target, written by position, that takes the
//! target's place when it is whole and disappears when it is not.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::fetch::WriteAt;
use crate::base::cancel;
use crate::base::page_aligned::PageAligned;
use crate::base::size::{self, IO_BLOCK};
use crate::error::{Error, Kind, Result};
use crate::local::{Draft, DraftMark, FileStamp, Place, Reopened, type_name};
use crate::model::FileAttributes;
use crate::model::file_attributes::PLAIN_RIGHTS;
use crate::system::{self, Folder};

pub(super) struct Sink {
    target: Place,
    draft: Draft,
    /// Whether there is one.
    is_there: bool,
    /// Of the file that is replaced.
    mode: Option<u32>,
    /// Whether a file may be replaced.
    overwrite: bool,
}

impl Sink {
    /// Refuses what could not be replaced in the end, before a byte is asked for. Links in the path
    /// are followed, but for the last.
    pub(super) fn create(target: Place, overwrite: bool) -> Result<Sink> {
        let Some(name) = name(target.path()).map(OsStr::to_owned) else {
            return Err(target.not_regular("the name of a folder"));
        };
        if !system::is_file_name(&name) {
            return Err(target.error(Kind::NotRegular, "is no name for a file on this system"));
        }
        let folder = target.path().parent().unwrap_or(Path::new(""));
        let folder = Folder::open(folder).map_err(|e| target.unwritable(&e))?;
        let sink = Sink::within(folder, &name, target)?;
        match sink.is_there && !overwrite {
            true => Err(sink.in_the_way()),
            false => Ok(Sink { overwrite, ..sink }),
        }
    }

    /// The same in a folder that is open already.
    pub(super) fn within(folder: Folder, name: &OsStr, target: Place) -> Result<Sink> {
        let there = folder.stat(name).map_err(|e| target.unwritable(&e))?;
        let mode = match &there {
            Some(there) if there.is_file() => system::mode(there).map(|mode| mode & PLAIN_RIGHTS),
            Some(there) => return Err(target.not_regular(type_name(there))),
            None => None,
        };
        let draft = match there {
            // Nobody else has to see what replaces a private file.
            Some(_) => Draft::create(folder, name, 0o600),
            None => Draft::create_new(folder, name, 0o666),
        };
        let draft = draft.map_err(|e| target.unwritable(&e))?;
        Ok(Sink {
            target,
            draft,
            is_there: there.is_some(),
            mode,
            overwrite: true,
        })
    }

    fn in_the_way(&self) -> Error {
        self.target.error(Kind::Exists, "is there already")
    }

    /// The local file by a name without links, as far as it has one.
    pub(super) fn canonical_path(&self) -> PathBuf {
        let path = self.target.path();
        let folder = path.parent().and_then(|folder| match folder.as_os_str() {
            here if here.is_empty() => Path::new(".").canonicalize().ok(),
            _ => folder.canonicalize().ok(),
        });
        let whole = folder.and_then(|folder| Some(folder.join(path.file_name()?)));
        whole.unwrap_or_else(|| path.to_owned())
    }

    /// What a later call is to know the draft by.
    pub(super) fn mark(&self) -> Result<DraftMark> {
        self.draft.mark().map_err(|e| self.target.unwritable(&e))
    }

    /// What has arrived is left for a later call, unless it becomes the target. Whether it can be.
    pub(super) fn stay(&mut self, mark: &DraftMark) -> bool {
        self.draft.stay(mark).is_ok()
    }

    /// Goes on with what an earlier call has left.
    pub(super) fn reopen(&mut self, mark: &DraftMark) -> Reopened {
        self.draft.reopen(mark)
    }

    /// Removes what an earlier call has left.
    pub(super) fn remove_left(&self, mark: &DraftMark) {
        self.draft.remove_left(mark);
    }

    /// What has arrived is of no use to anybody.
    pub(super) fn discard(&mut self) {
        self.draft.go();
    }

    /// Reads the bytes from `offset` to `end`, as they are in the file.
    pub(super) fn read(
        &self,
        mut offset: u64,
        end: u64,
        mut take: impl FnMut(&[u8]),
    ) -> Result<()> {
        let left = |offset: u64| size::within(IO_BLOCK, end.saturating_sub(offset));
        let mut block = PageAligned::zeroed(left(offset));
        while offset < end {
            cancel::check()?;
            let bytes = &mut block[..left(offset)];
            let read = system::read_exact_at(self.draft.file(), bytes, offset);
            read.map_err(|e| self.target.unwritable(&e))?;
            take(bytes);
            offset += bytes.len() as u64;
        }
        Ok(())
    }

    /// The file is whole: it becomes the target, on the disk too, with what is said of it here. Its stamp with just
    /// this content, where that is certain.
    pub(super) fn keep(self, attributes: FileAttributes) -> Result<Option<FileStamp>> {
        let in_the_way = self.in_the_way();
        let Sink {
            target,
            draft,
            mode,
            overwrite,
            ..
        } = self;
        let file = draft.file();
        let allowed = match attributes.mode.or(mode) {
            Some(mode) => system::set_mode(file, mode),
            None => Ok(()),
        };
        let dated = allowed.and_then(|()| match attributes.modified {
            Some(modified) => file.set_modified(modified),
            None => Ok(()),
        });
        let written = dated.and_then(|()| file.sync_all());
        written.map_err(|e| target.unwritable(&e))?;
        // That may have taken long; who has cancelled meanwhile finds the target as it was.
        cancel::check()?;
        draft.take_place(overwrite).map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists if !overwrite => in_the_way,
            _ => target.unwritable(&e),
        })
    }
}

impl WriteAt for Sink {
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        let written = system::write_all_at(self.draft.file(), bytes, offset);
        written.map_err(|e| self.target.unwritable(&e))
    }
}

/// The last segment; none for a path that names a folder.
fn name(target: &Path) -> Option<&OsStr> {
    let whole = target.as_os_str().as_encoded_bytes();
    target
        .file_name()
        // std overlooks a slash or "/." at the end.
        .filter(|name| whole.ends_with(name.as_encoded_bytes()))
}
