//! What one API has and the other has not, as messages call it.

use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Copy,
    Buckets,
    ListOfUploads,
    AbortOfUploads,
    RawRequests,
    Versions,
    Tags,
    Restores,
    Appends,
    PresignedRequests,
    PoliciesOfForms,
    SignatureOfBucket,
    SignatureOfOneUse,
}

impl Missing {
    pub(super) fn name(self) -> &'static str {
        match self {
            Missing::Copy => "copies of files",
            Missing::Buckets => "calls on buckets",
            Missing::ListOfUploads => "list of unfinished uploads",
            Missing::AbortOfUploads => "way to abort an upload",
            Missing::RawRequests => "requests in the caller's words",
            Missing::Versions => "versions of files",
            Missing::Tags => "tags of files",
            Missing::Restores => "archived files",
            Missing::Appends => "appends to files",
            Missing::PresignedRequests => "presigned requests",
            Missing::PoliciesOfForms => "policies of forms",
            Missing::SignatureOfBucket => "signature for a whole bucket",
            Missing::SignatureOfOneUse => "signature for one use",
        }
    }
}

/// An API by its name, which refuses what it has not.
pub(crate) trait Named {
    /// As messages call it.
    fn name(&self) -> &'static str;

    /// What a caller can do instead of what this API does not have.
    fn instead(&self, _what: Missing) -> &'static str {
        ""
    }

    fn has_no(&self, what: Missing) -> Error {
        let (name, thing, instead) = (self.name(), what.name(), self.instead(what));
        Error::parameter(
            "client",
            format!("speaks the {name}, which has no {thing}{instead}"),
        )
    }
}
