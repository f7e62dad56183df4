//! What can be asked of the service, whichever dialect says it.

pub(crate) mod json;

use crate::path::{Bucket, Path};

/// What an operation is about.
pub(crate) struct Target {
    pub(crate) bucket: Bucket,
    pub(crate) path: Path,
}

/// One request's worth of work on a target, with checked parameters.
pub(crate) enum Operation<'a> {
    CreateFolder {
        biz_attr: &'a str,
    },
    Update {
        biz_attr: &'a str,
    },
    Stat,
    Delete,
    /// Of a file, inside its bucket.
    Move {
        to: &'a Path,
        overwrite: bool,
    },
    /// Of a folder, or of the names in it that begin with the target's last segment.
    List {
        num: i32,
        pattern: &'a str,
        order: i32,
        context: &'a str,
    },
    /// A whole file in one request; `sha1` in hex.
    Upload {
        content: &'a [u8],
        sha1: &'a str,
        biz_attr: &'a str,
        overwrite: bool,
    },
    /// Begins an upload in slices, or asks where to go on with one; `sha1` is the whole file's.
    StartSlices {
        filesize: u64,
        sha1: &'a str,
        biz_attr: &'a str,
        slice_size: u64,
        session: Option<&'a str>,
        overwrite: bool,
    },
    /// One slice; `sha1` is its own.
    Slice {
        session: &'a str,
        offset: u64,
        content: &'a [u8],
        sha1: &'a str,
    },
}

impl Operation<'_> {
    /// Whether carrying it out twice does no more than carrying it out once. What is not
    /// repeatable is settled by asking when nobody knows what became of it (`settle`).
    pub(crate) fn repeatable(&self) -> bool {
        match self {
            Operation::Stat
            | Operation::Update { .. }
            | Operation::List { .. }
            | Operation::StartSlices { .. }
            | Operation::Slice { .. } => true,
            Operation::Upload { overwrite, .. } => *overwrite,
            Operation::CreateFolder { .. } | Operation::Delete | Operation::Move { .. } => false,
        }
    }
}
