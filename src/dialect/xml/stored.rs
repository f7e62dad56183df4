//! What the service tells of an object that a request has made.

use super::head::Head;
use super::request::crc64_of;
use super::version_headers::version_id;
use crate::transport::Response;

#[derive(Default)]
pub(super) struct Stored {
    /// If the service tells it.
    pub(super) crc64: Option<u64>,
    /// In a bucket that has versions.
    pub(super) version_id: Option<String>,
}

impl Stored {
    /// By the answer to that request.
    pub(super) fn by(response: &Response) -> Stored {
        Stored {
            crc64: crc64_of(response),
            version_id: version_id(&response.headers).map(str::to_owned),
        }
    }

    /// By a look at what it has made.
    pub(super) fn seen(held: &Head) -> Stored {
        Stored {
            crc64: held.crc64,
            version_id: version_id(&held.headers).map(str::to_owned),
        }
    }
}
