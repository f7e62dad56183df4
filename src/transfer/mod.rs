//! Moving a file's bytes: read once in pieces, hashed, sent, and watched for changes meanwhile.

mod cancellable;
mod checkpoint;
mod digest;
pub(crate) mod download;
mod fetch;
mod file_parts;
mod hasher;
mod memory_parts;
mod multipart;
mod part_reader;
mod part_size;
mod part_source;
mod part_tracker;
mod parted_content;
mod progress;
mod sink;
mod source;
pub(crate) mod tree;
pub(crate) mod upload;

/// Larger files go in pieces, as in the classic SDK (json-api.md §2.8).
const WHOLE_MAX_BYTES: u64 = 8 << 20;

pub(crate) use cancellable::run_cancellable;
pub(crate) use progress::{Progress, Report};
pub(crate) use upload::SliceSize;
