//! The XML API, today's service (xml-api.md). `request` is one; the other files do the classic
//! calls with as many as each takes.

mod acl;
mod bucket;
mod codes;
mod copy;
mod copy_source;
mod delete;
mod dialect;
mod endpoint;
mod fetch;
mod folder;
mod head;
mod list;
mod listing;
mod metadata;
mod multipart;
mod object;
mod part_copy;
mod request;
mod same;
mod sign;
mod tree;
mod update;

pub(crate) use dialect::Xml;
pub(crate) use head::verify;
pub(crate) use head::{Head, Look, head_if_seen, look};
pub(crate) use multipart::{Part, abort, begin, complete, listed_parts, send_part};
pub(crate) use object::{refuse_existing, uploaded};
pub(crate) use request::lost_then_refused;
pub(crate) use same::is_unchanged;
