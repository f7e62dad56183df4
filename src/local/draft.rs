//! A file that takes another's place once it is whole. Until then it has no name, so that nothing is
//! left of it whatever becomes of the process; where the file system knows no such files, it has a
//! name of its own and a lock, by which the next one finds those of processes that are gone. One that is
//! told to stay is left for a later process, which knows it by its mark.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Seek};
use std::ops::Deref;

use super::FileStamp;
use crate::base::random;
use crate::system::{self, FileId, Folder, Locked, TryLockError};

/// Names may have 255 units, of a byte or of two; this much of the target's leaves room for what is added.
const NAME_MAX_UNITS: usize = 200;

/// Drafts for the same target at the same time whose names can be told beforehand. Whoever comes
/// when all are taken gets a name that nobody finds again.
const NAMES: usize = 4;

pub(crate) struct Draft {
    folder: Folder,
    target: OsString,
    file: Held,
    /// `None` while it has none, and when it has the target's.
    name: Option<OsString>,
    stays: bool,
}

/// What tells a draft that has stayed from any other file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DraftMark {
    /// At the end of its name.
    pub(crate) word: String,
    pub(crate) id: FileId,
}

/// What has become of a draft that has stayed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reopened {
    /// It is this draft now.
    Mine,
    /// Another process, or another thread, is at it.
    Busy,
    Gone,
}

/// A file that is locked, where the file system knows locks.
enum Held {
    Locked(Locked),
    Free(File),
}

impl Deref for Held {
    type Target = File;
    fn deref(&self) -> &File {
        match self {
            Held::Locked(file) => file,
            Held::Free(file) => file,
        }
    }
}

impl Draft {
    /// Of what is to be called `target` in this folder.
    pub(crate) fn create(folder: Folder, target: &OsStr, mode: u32) -> io::Result<Draft> {
        remove_all_abandoned(&folder, target);
        Draft::create_new(folder, target, mode)
    }

    /// The same where nothing is called so yet. Where drafts need no name, none was left then: the one that takes a
    /// target's place has a name for a moment.
    pub(crate) fn create_new(folder: Folder, target: &OsStr, mode: u32) -> io::Result<Draft> {
        let (file, name) = match folder.create_unnamed(mode) {
            Ok(file) => (lock(file).unwrap_or_else(Held::Free), None),
            // Perhaps the reason is another; it shows again.
            Err(_) => {
                remove_all_abandoned(&folder, target);
                let (file, name) = create_named(&folder, target, mode)?;
                (file, Some(name))
            }
        };
        Ok(Draft {
            folder,
            target: target.to_owned(),
            file,
            name,
            stays: false,
        })
    }

    /// What a later process is to know it by once it stays.
    pub(crate) fn mark(&self) -> io::Result<DraftMark> {
        Ok(DraftMark {
            word: random::hex128(),
            id: system::file_id(&self.file, &self.file.metadata()?)?,
        })
    }

    /// Leaves it to a later process, whatever becomes of this one. An error where it cannot have a name: without
    /// /proc, or without the right to make links.
    pub(crate) fn stay(&mut self, mark: &DraftMark) -> io::Result<()> {
        let name = beside(&self.target, &mark.word);
        match &self.name {
            Some(old) => self.folder.rename(old, &name)?,
            None => self.folder.link(&self.file, &name)?,
        }
        self.name = Some(name);
        self.stays = true;
        Ok(())
    }

    /// Goes on with one that has stayed, in this one's stead.
    pub(crate) fn reopen(&mut self, mark: &DraftMark) -> Reopened {
        match self.find(mark) {
            Ok((file, name)) => {
                if let Some(unused) = self.name.replace(name) {
                    let _ = self.folder.remove(&unused);
                }
                self.file = file;
                self.stays = true;
                Reopened::Mine
            }
            Err(why) => why,
        }
    }

    /// Removes one that has stayed, unless another is at it.
    pub(crate) fn remove_left(&self, mark: &DraftMark) {
        if let Ok((_locked, name)) = self.find(mark) {
            let _ = self.folder.remove(&name);
        }
    }

    /// Just the one that was left: a name alone may be anybody's.
    fn find(&self, mark: &DraftMark) -> Result<(Held, OsString), Reopened> {
        let name = beside(&self.target, &mark.word);
        let file = self.folder.write(&name).map_err(|e| match e.kind() {
            ErrorKind::ResourceBusy => Reopened::Busy,
            _ => Reopened::Gone,
        })?;
        if !is_marked(&file, mark).unwrap_or(false) {
            return Err(Reopened::Gone);
        }
        let file = lock(file).map_err(|_| Reopened::Busy)?;
        match is_called(&self.folder, &file, &name) {
            true => Ok((file, name)),
            false => Err(Reopened::Gone),
        }
    }

    /// Nobody is to go on with it.
    pub(crate) fn go(&mut self) {
        self.stays = false;
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// It is whole: it becomes the target, on the disk too. Without `replace` an error where there is one
    /// by now. The stamp of just this content, where that is certain.
    pub(crate) fn keep(self, replace: bool) -> io::Result<Option<FileStamp>> {
        self.file.sync_all()?;
        self.take_place(replace)
    }

    /// The same, if its content is on the disk already.
    pub(crate) fn take_place(mut self, replace: bool) -> io::Result<Option<FileStamp>> {
        let before = FileStamp::of(self.file(), &self.file.metadata()?)?;
        if !replace && self.folder.stat(&self.target)?.is_some() {
            self.stays = false;
            return Err(ErrorKind::AlreadyExists.into());
        }
        if self.name.is_none() {
            // Nothing is replaced in this way.
            if self.folder.link(&self.file, &self.target).is_err() {
                self.take_name()?;
            }
        }
        if let Some(name) = &self.name {
            self.folder.rename(name, &self.target)?;
            self.name = None;
        }
        let kept = self.file.metadata();
        let stamp = kept.and_then(|kept| FileStamp::of(self.file(), &kept));
        // It is in place whatever comes of this: some file systems cannot sync a folder.
        let _ = self.folder.sync();
        Ok(stamp.ok().filter(|stamp| stamp.is_renamed(&before)))
    }

    /// A name from which it can be renamed.
    fn take_name(&mut self) -> io::Result<()> {
        let odd = odd_name(&self.target);
        for name in names(&self.target).into_iter().chain([odd]) {
            remove_abandoned(&self.folder, &name);
            match self.folder.link(&self.file, &name) {
                Ok(()) => {
                    self.name = Some(name);
                    return Ok(());
                }
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                // Without /proc, or without the right to make links.
                Err(_) => return self.copy(),
            }
        }
        self.copy()
    }

    /// The same content as a file with a name.
    fn copy(&mut self) -> io::Result<()> {
        let (copy, name) = create_named(&self.folder, &self.target, 0o600)?;
        let unnamed = std::mem::replace(&mut self.file, copy);
        self.name = Some(name);
        (&*unnamed).rewind()?;
        io::copy(&mut &*unnamed, &mut &*self.file)?;
        self.file
            .set_permissions(unnamed.metadata()?.permissions())?;
        self.file.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let (Some(name), false) = (&self.name, self.stays) {
            let _ = self.folder.remove(name);
        }
    }
}

fn create_named(folder: &Folder, target: &OsStr, mode: u32) -> io::Result<(Held, OsString)> {
    for name in names(target) {
        let file = match folder.create(&name, mode) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => continue,
            Err(e) => return Err(e),
        };
        // Before it was locked, another may have found it abandoned; then it is gone soon.
        if let Ok(file) = lock(file) {
            if is_called(folder, &file, &name) {
                return Ok((file, name));
            }
        }
    }
    let name = odd_name(target);
    let file = folder.create(&name, mode)?;
    Ok((lock(file).unwrap_or_else(Held::Free), name))
}

/// Removes what processes that are gone have left of this target.
fn remove_all_abandoned(folder: &Folder, target: &OsStr) {
    for name in names(target) {
        remove_abandoned(folder, &name);
    }
}

/// Removes a file of this name that nobody holds any more. Whatever stands against that, it stays.
fn remove_abandoned(folder: &Folder, name: &OsStr) {
    let Ok(file) = folder.write(name) else {
        return;
    };
    let is_ours = file.metadata().is_ok_and(|metadata| metadata.is_file());
    if let (true, Ok(Held::Locked(file))) = (is_ours, lock(file)) {
        if is_called(folder, &file, name) {
            let _ = folder.remove(name);
        }
    }
}

/// An error when somebody else holds it; free where there are no locks.
fn lock(file: File) -> Result<Held, File> {
    match system::try_lock(file) {
        Ok(file) => Ok(Held::Locked(file)),
        Err(TryLockError::WouldBlock(file)) => Err(file),
        Err(TryLockError::Unsupported(file)) => Ok(Held::Free(file)),
    }
}

/// Whether it is the file that was left, with no other name.
fn is_marked(file: &File, mark: &DraftMark) -> io::Result<bool> {
    let metadata = file.metadata()?;
    Ok(metadata.is_file()
        && system::link_count(file, &metadata)? == 1
        && system::file_id(file, &metadata)? == mark.id)
}

fn is_called(folder: &Folder, file: &File, name: &OsStr) -> bool {
    folder.holds(file, name).unwrap_or(false)
}

fn names(target: &OsStr) -> [OsString; NAMES] {
    std::array::from_fn(|number| beside(target, &(number + 1).to_string()))
}

fn odd_name(target: &OsStr) -> OsString {
    beside(target, &random::hex128())
}

/// `.TARGET.qcos-WORD`
fn beside(target: &OsStr, word: &str) -> OsString {
    let mut name = OsString::from(".");
    name.push(system::prefix(target, NAME_MAX_UNITS));
    name.push(format!(".qcos-{word}"));
    name
}
