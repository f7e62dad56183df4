//! A request in the caller's own words.

use crate::config::request_options::RequestOptions;
use crate::model::Target;

pub(crate) struct RawRequest<'a> {
    pub(crate) options: &'a RequestOptions,
    /// An object, or the bucket itself where the path is empty; nothing where it is about the account.
    pub(crate) target: Option<Target>,
    pub(crate) body: &'a [u8],
}
