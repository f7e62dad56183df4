//! What others are to send, before it is signed.

use crate::config::request_options::form::FormOptions;
use crate::config::request_options::presign::PresignOptions;
use crate::model::{Method, Target};

pub(crate) struct RequestToSign<'a> {
    pub(crate) method: Method,
    pub(crate) target: &'a Target,
    pub(crate) expires_s: u64,
    pub(crate) options: &'a PresignOptions,
}

pub(crate) struct FormToSign<'a> {
    /// The file's place, or how it begins.
    pub(crate) target: &'a Target,
    pub(crate) options: &'a FormOptions,
}
