//! What tells that a file is another than it was, though its size is the same.

use std::fs::{File, Metadata};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::system::{self, FileId, FileTimes};

/// Two seconds are the coarsest that file systems count in.
const TICK: Duration = Duration::from_secs(2);

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FileStamp {
    id: FileId,
    pub(crate) size: u64,
    times: FileTimes,
}

impl FileStamp {
    pub(crate) fn of(file: &File, metadata: &Metadata) -> io::Result<FileStamp> {
        Ok(FileStamp {
            id: system::file_id(file, metadata)?,
            size: metadata.len(),
            times: system::file_times(metadata),
        })
    }

    /// To be written down.
    pub(crate) fn text(&self) -> String {
        let FileId { device, inode } = self.id;
        let FileTimes { modified, changed } = self.times;
        let size = self.size;
        format!("{device} {inode} {size} {modified:?} {changed:?}")
    }

    /// Whether whatever changes the file from now on gives it another stamp: the last change was in an earlier
    /// tick of the file system's clock.
    pub(crate) fn is_settled(&self) -> bool {
        let (seconds, nanos) = self.times.modified.max(self.times.changed);
        let since = |seconds| Duration::new(seconds, u32::try_from(nanos).unwrap_or(0)) + TICK;
        let at = u64::try_from(seconds).map(|seconds| UNIX_EPOCH.checked_add(since(seconds)));
        // What is from before 1970 is nothing that a clock has told.
        matches!(at, Ok(Some(at)) if at <= SystemTime::now())
    }

    /// Whether the file was only renamed since `before`, in a later tick than it was written in: whatever has
    /// changed its content after that would have changed its time.
    pub(crate) fn is_renamed(&self, before: &FileStamp) -> bool {
        let FileTimes { modified, changed } = self.times;
        let is_same = self.id == before.id && self.size == before.size;
        is_same && modified == before.times.modified && modified < changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: FileId = FileId {
        device: 1,
        inode: 2,
    };

    #[test]
    fn a_file_of_this_very_moment_can_change_unseen() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = i64::try_from(now.as_secs()).unwrap();
        let stamp = |modified, changed| FileStamp {
            id: ID,
            size: 3,
            times: FileTimes {
                modified: (modified, 0),
                changed: (changed, 0),
            },
        };
        assert!(stamp(now - 9, now - 3).is_settled());
        for (modified, changed) in [
            (now - 9, now - 1),
            (now - 1, now - 9),
            (now + 9, now - 9),
            (now - 9, now + 9),
            (-9, -9),
        ] {
            let is_settled = stamp(modified, changed).is_settled();
            assert!(!is_settled, "{modified} {changed} {now}");
        }
    }

    #[test]
    fn a_rename_changes_no_more_than_the_time_of_the_change() {
        let stamp = |size, modified, changed| FileStamp {
            id: ID,
            size,
            times: FileTimes {
                modified: (7, modified),
                changed: (7, changed),
            },
        };
        let before = stamp(3, 1, 1);
        assert!(stamp(3, 1, 2).is_renamed(&before));
        for other in [
            // In the same tick: it may have been written after that.
            stamp(3, 1, 1),
            stamp(3, 2, 2),
            stamp(3, 2, 3),
            stamp(4, 1, 2),
        ] {
            assert!(!other.is_renamed(&before), "{}", other.text());
        }
    }
}
