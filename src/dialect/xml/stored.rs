//! What the service tells of an object that a request has made.

use super::head::Head;
use super::request::crc64_of;
use super::version_headers::version_id;
use crate::model::{ContentTag, Verified};
use crate::transport::Response;

#[derive(Default)]
pub(super) struct Stored {
    /// If the service tells it.
    pub(super) crc64: Option<u64>,
    pub(super) etag: Option<String>,
    /// In a bucket that has versions.
    pub(super) version_id: Option<String>,
}

impl Stored {
    /// By the answer to that request.
    pub(super) fn by(response: &Response) -> Stored {
        Stored {
            crc64: crc64_of(response),
            etag: response.headers.text("etag").map(str::to_owned),
            version_id: version_id(&response.headers).map(str::to_owned),
        }
    }

    /// By a look at what it has made.
    pub(super) fn seen(held: &Head) -> Stored {
        Stored {
            crc64: held.crc64,
            etag: Some(held.etag.clone()),
            version_id: version_id(&held.headers).map(str::to_owned),
        }
    }

    /// What the object is known by later, where its content was compared with what has this digest.
    pub(super) fn tag(&self, verified: Verified, crc64: u64) -> Option<ContentTag> {
        match verified {
            Verified::Length => None,
            _ => ContentTag::new(self.etag.as_deref()?, crc64),
        }
    }
}
