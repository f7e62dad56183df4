//! What an upload is to be, whichever way its bytes go.

use crate::config::{OnFailure, UploadOptions};
use crate::error::Result;
use crate::exchange::Exchange;
use crate::model::{ObjectAttributes, Target};

/// Parameters of an upload that are the same whichever way it goes.
pub(crate) struct UploadSpec<'a> {
    pub(crate) target: Target,
    pub(crate) biz_attr: &'a str,
    pub(crate) overwrite: bool,
    /// A success must mean that this call has put it there, not that it is there.
    pub(crate) claims: bool,
    pub(crate) attributes: &'a ObjectAttributes,
    /// `None`: as is usual for where the content comes from.
    pub(crate) on_failure: Option<OnFailure>,
}

impl<'a> UploadSpec<'a> {
    pub(crate) fn new(
        exchange: &Exchange,
        target: Target,
        options: &'a UploadOptions,
    ) -> UploadSpec<'a> {
        UploadSpec {
            target: target.encrypted(options.encryption.clone()),
            biz_attr: &options.biz_attr,
            overwrite: options.overwrite.unwrap_or(exchange.config().overwrite),
            claims: true,
            attributes: &options.attributes,
            on_failure: options.on_failure,
        }
    }
}

/// What must be known of the content of an upload.
pub(crate) trait UploadContent {
    /// Bytes; `None` of a stream before its end. An API that wants the SHA-1 has no streams.
    fn size(&self) -> Option<u64>;

    /// In hex, for an API that wants it before the first byte.
    fn sha1(&self) -> &str;

    /// Read from the source where not all was sent. Only where the size is known.
    fn crc64(&self) -> Result<u64>;
}
