//! Moving a file's bytes: read once in pieces, hashed, sent, and watched for changes meanwhile.

mod checkpoint;
mod digest;
pub(crate) mod download;
mod extras;
mod fetch;
mod multipart;
mod progress;
mod sending;
mod sink;
mod slices;
mod source;
mod tally;
pub(crate) mod upload;
mod workers;

pub(crate) use extras::UploadOptions;
pub(crate) use progress::Progress;
pub(crate) use upload::SliceSize;
