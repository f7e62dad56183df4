//! Moving a file's bytes: read once in pieces, hashed, sent, and watched for changes meanwhile.

mod attended;
mod checkpoint;
mod digest;
pub(crate) mod download;
mod extras;
mod fetch;
mod hasher;
mod known;
mod multipart;
mod piece;
mod progress;
mod sending;
mod sink;
mod slice;
mod slices;
mod source;
mod tally;
pub(crate) mod tree;
pub(crate) mod upload;
mod workers;

/// Larger files go in pieces, as in the classic SDK (json-api.md §2.8).
const WHOLE_MAX_BYTES: u64 = 8 << 20;

pub(crate) use attended::attended;
pub(crate) use extras::{DownloadOptions, UploadOptions};
pub(crate) use progress::Report;
pub(crate) use upload::SliceSize;
