//! The XML API, today's service (xml-api.md). `request` is one; the other files do the classic
//! calls with as many as each takes.

mod acl;
mod append;
mod bucket;
mod codes;
mod copy;
mod copy_source;
mod delete;
mod diagnosis;
mod dialect;
mod encryption;
mod endpoint;
mod fetch;
mod folder;
mod head;
mod list;
mod listed_folder;
mod listing;
mod metadata;
mod multipart;
mod object;
mod ordered_listing;
mod part_copy;
mod presign;
mod presigned_form;
mod raw;
mod removal;
mod request;
mod restore;
mod same;
mod sign;
mod signed;
mod stored;
mod tags;
mod tree;
mod update;
mod upload_session;
mod version_headers;
mod version_list;
mod versions;

pub(super) use dialect::Xml;
