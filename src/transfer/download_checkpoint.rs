//! What is remembered of an unfinished download, so that the same call goes on with it: in the option
//! `checkpoint_dir` a log of the ranges that have arrived, behind a line that names the object and one that
//! names the draft beside the local file. Whatever does not fit, or cannot be read, is as good as no checkpoint.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::checkpoint::{file_of, place_of, unwritable};
use crate::error::Result;
use crate::exchange::Exchange;
use crate::local::{Draft, DraftMark};
use crate::model::{ContentInfo, Target};
use crate::system::{FileId, Folder};

/// Of the log's layout. Another version is not read.
const VERSION: u32 = 1;

/// More than the ranges of the largest object take: three million lines.
const MAX_BYTES: u64 = 128 << 20;

pub(super) struct DownloadCheckpoint {
    file: PathBuf,
    /// From where to where, of which object, in ranges of which size; in a line.
    download: String,
    log: Option<File>,
}

/// What an earlier call has left.
pub(super) struct Earlier {
    pub(super) draft: DraftMark,
    /// Those that have arrived, and their CRC64s; none when the object is another by now.
    pub(super) ranges: Vec<(u64, u64)>,
    pub(super) is_same: bool,
    /// Bytes of the log that can be read.
    length: u64,
}

impl DownloadCheckpoint {
    /// `None` without the option, and where one object cannot be told from another.
    pub(super) fn of(
        exchange: &Exchange,
        target: &Target,
        known: &ContentInfo,
        local: &Path,
        range: u64,
    ) -> Option<DownloadCheckpoint> {
        let place = place_of(exchange, target);
        let file = file_of(exchange, &place, local, "download.qcos")?;
        if known.etag.is_none() && !known.has_digest() {
            return None;
        }
        Some(DownloadCheckpoint {
            file,
            download: format!(
                "{VERSION} {place} {local:?} {} {:?} {:?} {:?} {range}",
                known.size, known.etag, known.crc64, known.sha1,
            ),
            log: None,
        })
    }

    pub(super) fn recall(&self) -> Option<Earlier> {
        if fs::metadata(&self.file).ok()?.len() > MAX_BYTES {
            return None;
        }
        let text = fs::read(&self.file).ok()?;
        // A line that was being written is no line.
        let length = text.iter().rposition(|byte| *byte == b'\n')? + 1;
        let mut lines = std::str::from_utf8(&text[..length]).ok()?.lines();
        let is_same = lines.next()? == self.download;
        let mut draft = lines.next()?.split(' ');
        // It becomes part of a name, which must not lead elsewhere.
        let is_word = |word: &&str| word.bytes().all(|b| b.is_ascii_hexdigit());
        let draft = DraftMark {
            word: draft.next().filter(is_word)?.to_owned(),
            id: FileId {
                device: draft.next()?.parse().ok()?,
                inode: draft.next()?.parse().ok()?,
            },
        };
        let ranges = match is_same {
            true => lines.map(range_of).collect(),
            false => None,
        };
        Some(Earlier {
            draft,
            ranges: ranges.unwrap_or_default(),
            is_same,
            length: length as u64,
        })
    }

    /// Begins a log of what arrives in this draft.
    pub(super) fn begin(&mut self, draft: &DraftMark) -> Result<()> {
        let DraftMark { word, id } = draft;
        let FileId { device, inode } = id;
        let head = format!("{}\n{word} {device} {inode}\n", self.download);
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let name = self.file.file_name().unwrap_or(OsStr::new(""));
        let write = || -> io::Result<File> {
            let draft = Draft::create(Folder::open(folder)?, name, 0o666)?;
            let mut log = draft.file().try_clone()?;
            log.write_all(head.as_bytes())?;
            draft.keep(true)?;
            Ok(log)
        };
        let log = write().map_err(|e| unwritable(&self.file, &e))?;
        self.log = Some(log);
        Ok(())
    }

    /// Goes on with the log of an earlier call.
    pub(super) fn go_on(&mut self, earlier: &Earlier) -> Result<()> {
        let open = || -> io::Result<File> {
            let mut log = File::options().write(true).open(&self.file)?;
            log.set_len(earlier.length)?;
            log.seek(SeekFrom::End(0))?;
            Ok(log)
        };
        let log = open().map_err(|e| unwritable(&self.file, &e))?;
        self.log = Some(log);
        Ok(())
    }

    /// A range is in the draft. What cannot be written down is fetched again by a later call.
    pub(super) fn arrived(&mut self, range: u64, crc64: u64) {
        let line = format!("{range} {crc64}\n");
        let written = self.log.as_mut().map(|log| log.write_all(line.as_bytes()));
        if let Some(Err(_)) = written {
            // Half a line may stand there: no other after it.
            self.log = None;
        }
    }

    /// Nobody is to go on with it.
    pub(super) fn forget(&self) {
        // One that stays behind does no harm: its draft is gone.
        let _ = fs::remove_file(&self.file);
    }
}

fn range_of(line: &str) -> Option<(u64, u64)> {
    let (range, crc64) = line.split_once(' ')?;
    Some((range.parse().ok()?, crc64.parse().ok()?))
}
