//! Moving bytes between objects and files, memory or the caller's callbacks: hashed, sent or fetched in
//! pieces, and compared.

mod block;
mod cancellable;
mod checkpoint;
pub(crate) mod copy;
mod digest;
pub(crate) mod download;
mod download_checkpoint;
mod fetch;
mod file_parts;
mod first_range;
mod get;
mod hasher;
mod memory_parts;
mod multipart;
mod part_reader;
mod part_source;
mod part_tracker;
mod parted_content;
mod progress;
mod range_size;
mod refetch;
mod resumption;
mod sink;
mod source;
mod stream_memory;
mod stream_part;
mod stream_parts;
mod stream_reader;
pub(crate) mod to_memory;
pub(crate) mod to_stream;
pub(crate) mod tree;
pub(crate) mod upload;
mod whole_content;
mod window;

/// Larger files go in pieces, as in the classic SDK (json-api.md §2.8).
const WHOLE_MAX_BYTES: u64 = 8 << 20;

pub(crate) use cancellable::{Callbacks, run_borrowing, run_cancellable};
pub(crate) use progress::{Progress, Report};
pub(crate) use stream_reader::{Read, StreamReader};
pub(crate) use upload::SliceSize;
