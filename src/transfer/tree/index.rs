//! What is remembered of the files of a tree, so that the next call neither reads nor asks about those that have not
//! changed: a file in the option `checkpoint_dir` for each pair of a local folder and one of a bucket. A line is the
//! stamp of a local file, and the tag and digest of the object that had the same content. Lines are in the order of
//! names, as trees are walked and listed, and are read and written as the tree goes on. What does not fit, or cannot
//! be read or written, is as good as no line.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::base::crc64::Crc64;
use crate::base::lock::lock;
use crate::config::TreeOptions;
use crate::exchange::Exchange;
use crate::local::{Draft, FileStamp};
use crate::model::{ContentTag, Target};
use crate::system::Folder;
use crate::transfer::checkpoint::{file_of, place_of};

/// Of the file's layout. Another version is not read.
const VERSION: u32 = 1;

/// Longer than any line: a name has 1024 bytes at most, a tag far less.
const LINE_MAX_BYTES: u64 = 16 << 10;

/// What is known of a local file and of an object that had the same content.
#[derive(Clone)]
pub(super) struct Entry {
    stamp: String,
    tag: ContentTag,
}

impl Entry {
    pub(super) fn new(stamp: &FileStamp, tag: ContentTag) -> Entry {
        let stamp = stamp.text();
        Entry { stamp, tag }
    }

    /// Of the object that has the content of the local file, if that is as it was.
    pub(super) fn tag(&self, stamp: &FileStamp) -> Option<&ContentTag> {
        (self.stamp == stamp.text()).then_some(&self.tag)
    }
}

pub(super) struct Index {
    file: PathBuf,
    /// Which folders it is about. It goes into the digest of each line, so that no other index is taken for this one.
    about: String,
    earlier: Option<BufReader<File>>,
    /// The line that was read last.
    ahead: Option<(String, Entry)>,
    /// What takes the earlier one's place; `None` once it could not be written.
    draft: Option<Draft>,
    has_lines: bool,
    /// Of the page that is under way.
    page: Mutex<BTreeMap<String, Entry>>,
}

impl Index {
    /// `None` without the option, and where lists tell no tags.
    pub(super) fn of(
        exchange: &Exchange,
        folder: &Target,
        local: &Path,
        options: &TreeOptions,
    ) -> Option<Index> {
        if !exchange.config().api.lists_etags() {
            return None;
        }
        let mut place = place_of(exchange, folder);
        // Calls that take other files would each forget those of the other.
        place["filter"] = options.filter.text().into();
        let local = local.canonicalize().ok()?;
        let file = file_of(exchange, &place, &local, "tree.qcos")?;
        let mut index = Index {
            about: format!("{VERSION} {place} {local:?} "),
            earlier: File::open(&file).ok().map(BufReader::new),
            ahead: None,
            draft: None,
            has_lines: false,
            page: Mutex::default(),
            file,
        };
        index.read();
        if !options.dry_run {
            let (folder, name) = (index.file.parent()?, index.file.file_name()?);
            let draft = Folder::open(folder).and_then(|folder| Draft::create(folder, name, 0o666));
            index.draft = draft.ok();
        }
        Some(index)
    }

    /// What is known of a file; their names come in order.
    pub(super) fn find(&mut self, name: &str) -> Option<Entry> {
        while self
            .ahead
            .as_ref()
            .is_some_and(|(at, _)| at.as_str() < name)
        {
            self.read();
        }
        let (name, entry) = self.ahead.take_if(|(at, _)| at == name)?;
        self.learn(&name, entry.clone());
        self.read();
        Some(entry)
    }

    /// From now on this is known of the file.
    pub(super) fn learn(&self, name: &str, entry: Entry) {
        if !name.contains('\n') {
            let mut page = lock(&self.page);
            page.insert(name.to_owned(), entry);
        }
    }

    /// The page is over.
    pub(super) fn turn(&mut self) {
        let page = self.page.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        for (name, Entry { stamp, tag }) in std::mem::take(page) {
            let line = format!("{stamp}\t{}\t{}\t{name}", tag.crc64, tag.etag());
            text += &format!("{:016x}\t{line}\n", digest(&self.about, &line));
        }
        self.has_lines |= !text.is_empty();
        let write = |draft: &Draft| draft.file().write_all(text.as_bytes()).is_ok();
        self.draft.take_if(|draft| !write(draft));
    }

    /// The call is over: what it has learned takes the place of what was known, whole or not at all. If it was
    /// broken off, what had no turn is known as before.
    pub(super) fn end(mut self, is_broken_off: bool) {
        while let (true, Some((name, _))) = (is_broken_off, &self.ahead) {
            self.find(&name.clone());
            self.turn();
        }
        self.turn();
        match self.draft {
            Some(draft) if self.has_lines => drop(draft.keep(true)),
            Some(_) => drop(fs::remove_file(&self.file)),
            None => {}
        }
    }

    /// Reads the next line; behind one that is damaged there is none.
    fn read(&mut self) {
        let last = self.ahead.take().map(|(name, _)| name);
        let line = self.earlier.as_mut().and_then(|earlier| {
            let mut line = Vec::new();
            let read = earlier.take(LINE_MAX_BYTES).read_until(b'\n', &mut line);
            read.ok().and(String::from_utf8(line).ok())
        });
        let ahead = line.and_then(|line| entry(&self.about, line.strip_suffix('\n')?));
        self.ahead = ahead.filter(|(name, _)| last.is_none_or(|last| last < *name));
        if self.ahead.is_none() {
            self.earlier = None;
        }
    }
}

fn digest(about: &str, line: &str) -> u64 {
    let mut crc64 = Crc64::default();
    crc64.update(about.as_bytes());
    crc64.update(line.as_bytes());
    crc64.value()
}

fn entry(about: &str, line: &str) -> Option<(String, Entry)> {
    let (check, line) = line.split_once('\t')?;
    if u64::from_str_radix(check, 16).ok()? != digest(about, line) {
        return None;
    }
    let mut fields = line.splitn(4, '\t');
    let mut field = || fields.next();
    let (stamp, crc64, etag, name) = (field()?, field()?, field()?, field()?);
    let entry = Entry {
        stamp: stamp.to_owned(),
        tag: ContentTag::new(etag, crc64.parse().ok()?)?,
    };
    Some((name.to_owned(), entry))
}
