//! What is remembered of an unfinished download, so that the same call goes on with it: in the option
//! `checkpoint_dir` a log of the ranges that have arrived, behind a line that names the object and the
//! draft beside the local file. Whatever does not fit, or cannot be read, is as good as no checkpoint.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::checkpoint::{file_of, place_of, unwritable};
use crate::error::Result;
use crate::exchange::Exchange;
use crate::local::{Draft, DraftMark, Folder};
use crate::model::{ContentInfo, Target};

/// Of the log's layout. Another version is not read.
const VERSION: u32 = 1;

/// More than the ranges of the largest object take: three million lines.
const MAX_BYTES: u64 = 128 << 20;

pub(super) struct DownloadCheckpoint {
    file: PathBuf,
    /// From where to where, of which object, in ranges of which size.
    download: Value,
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
            download: json!({
                "version": VERSION,
                "place": place,
                "file": local.to_string_lossy(),
                "size": known.size,
                "etag": known.etag,
                "crc64": known.crc64,
                "sha1": known.sha1,
                "range": range,
            }),
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
        let mut lines = text[..length - 1].split(|byte| *byte == b'\n');
        let head: Value = serde_json::from_slice(lines.next()?).ok()?;
        let download = head.get("download")?;
        let same = |name: &str| download.get(name) == self.download.get(name);
        if !["version", "place", "file"].into_iter().all(same) {
            return None;
        }
        let draft = head.get("draft")?;
        let number = |name: &str| draft.get(name)?.as_u64();
        let is_same = *download == self.download;
        let ranges: serde_json::Result<Vec<(u64, u64)>> = match is_same {
            true => lines.map(serde_json::from_slice).collect(),
            false => Ok(Vec::new()),
        };
        Some(Earlier {
            draft: DraftMark {
                word: draft.get("word")?.as_str()?.to_owned(),
                device: number("device")?,
                inode: number("inode")?,
            },
            ranges: ranges.unwrap_or_default(),
            is_same,
            length: length as u64,
        })
    }

    /// Begins a log of what arrives in this draft.
    pub(super) fn begin(&mut self, draft: &DraftMark) -> Result<()> {
        let head = json!({
            "download": self.download,
            "draft": {"word": draft.word, "device": draft.device, "inode": draft.inode},
        });
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let name = self.file.file_name().unwrap_or(OsStr::new(""));
        let write = || -> io::Result<File> {
            let draft = Draft::create(Folder::open(folder)?, name, 0o666)?;
            let mut log = draft.file().try_clone()?;
            log.write_all(format!("{head}\n").as_bytes())?;
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
        let line = format!("[{range},{crc64}]\n");
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
