//! What can be asked of the JSON API (json-api.md §2).

use crate::model::{ObjectAttributes, PageRequest, Path};
use crate::transport::Content;

pub(super) enum Operation<'a> {
    CreateFolder {
        biz_attr: &'a str,
    },
    Stat,
    Update {
        biz_attr: &'a str,
    },
    SetAttributes {
        attributes: &'a ObjectAttributes,
        biz_attr: Option<&'a str>,
    },
    Delete,
    Move {
        to: &'a Path,
        overwrite: bool,
    },
    List(&'a PageRequest<'a>),
    /// A whole file.
    Upload {
        content: Content<'a>,
        sha1: &'a str,
        biz_attr: &'a str,
        overwrite: bool,
        /// A success must mean that this call has put it there, not that it is there.
        claims: bool,
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
    /// One slice. The service does not look at a digest of it (json-api.md §2.9), only at that of
    /// the whole.
    Slice {
        session: &'a str,
        offset: u64,
        content: Content<'a>,
    },
}

impl Operation<'_> {
    /// Whether carrying it out twice does no more than carrying it out once.
    pub(super) fn is_idempotent(&self) -> bool {
        match self {
            Operation::Stat
            | Operation::Update { .. }
            | Operation::SetAttributes { .. }
            | Operation::List(_)
            | Operation::StartSlices { .. }
            | Operation::Slice { .. } => true,
            Operation::Upload { overwrite, .. } => *overwrite,
            Operation::CreateFolder { .. } | Operation::Delete | Operation::Move { .. } => false,
        }
    }

    /// Update, delete and move want a signature for a single use on just this object (json-api.md
    /// §1.3).
    pub(super) fn is_one_time(&self) -> bool {
        matches!(
            self,
            Operation::Update { .. }
                | Operation::SetAttributes { .. }
                | Operation::Delete
                | Operation::Move { .. }
        )
    }
}
