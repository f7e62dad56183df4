//! Moving a file's bytes: read once in pieces, hashed, sent, and watched for changes meanwhile.

mod digest;
mod progress;
mod slices;
mod source;
pub(crate) mod upload;

pub(crate) use progress::Progress;
