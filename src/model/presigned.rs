//! What others send: requests and forms that this account has signed.

use super::object::Header;

/// A request.
pub(crate) struct PresignedRequest {
    pub(crate) url: String,
    /// To be sent just so, beside what every HTTP client sends.
    pub(crate) headers: Vec<Header>,
}

/// A form, up to its file.
pub(crate) struct PresignedForm {
    /// Where it is posted to.
    pub(crate) url: String,
    pub(crate) fields: Vec<(&'static str, String)>,
}
