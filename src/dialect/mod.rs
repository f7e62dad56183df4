//! What can be asked of the service (`operations`), and how each of its two APIs says it.

mod answer;
mod buckets;
mod copy_request;
mod json;
mod listing;
mod look_ahead;
mod metadata_service;
mod missing;
mod operations;
mod piece;
mod presign;
mod probes;
mod raw_request;
mod upload_session;
mod upload_spec;
mod xml;

pub(crate) use buckets::Buckets;
pub(crate) use copy_request::{COPY_MAX_BYTES, Copied, CopyRequest};
pub(crate) use listing::{Listing, is_forbidden};
pub(crate) use look_ahead::Extent;
pub(crate) use metadata_service::MetadataService;
pub(crate) use missing::{Missing, Named};
pub(crate) use operations::{Dialect, ObjectRequest};
pub(crate) use piece::Piece;
pub(crate) use presign::{FormToSign, RequestToSign};
pub(crate) use probes::Probes;
pub(crate) use raw_request::RawRequest;
pub(crate) use upload_session::{
    EarlierSession, Opened, Part, PartRange, Plan, TakenPart, UploadSession,
};
pub(crate) use upload_spec::{UploadContent, UploadSpec};

use std::ops::Range;

use crate::config::Api;
use crate::error::Result;
use crate::exchange::{Exchange, Signer};
use crate::model::Target;
use crate::transport::Header;

/// Longest answer that is read: a small document, or an object of a few fields.
const REPLY_CAP: usize = 1 << 20;

/// The same of a page of a list: of the JSON API 199 entries with attributes of any length, of the XML API
/// 1000 keys of up to 850 bytes, each percent-encoded.
const LIST_REPLY_CAP: usize = 16 << 20;

/// The same of an answer to whatever a caller asks: it is kept in memory, as text and in a reply.
const RAW_REPLY_CAP: usize = 64 << 20;

/// The dialect of a client.
pub(crate) fn of(exchange: &Exchange) -> &'static dyn Dialect {
    match exchange.config().api {
        Api::Json => &json::Json,
        Api::Xml => &xml::Xml,
    }
}

/// The same for a target that it takes.
pub(crate) fn of_target(exchange: &Exchange, target: &Target) -> Result<&'static dyn Dialect> {
    let dialect = of(exchange);
    dialect.check(exchange, target)?;
    Ok(dialect)
}

/// Asks for an object, or for a range of its bytes. Where the object does not meet the conditions, it is
/// refused.
pub(crate) fn get_object(
    signer: &Signer,
    target: &Target,
    range: Option<Range<u64>>,
    conditions: Vec<Header>,
) -> Result<ObjectRequest> {
    let mut headers = Vec::new();
    if let Some(range) = range {
        let last = range.end.saturating_sub(1);
        headers.push(("range".into(), format!("bytes={}-{last}", range.start)));
    }
    headers.extend(conditions);
    of(signer.exchange()).get_object(signer, target, headers)
}
