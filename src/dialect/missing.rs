//! What one API has and the other has not, as messages call it.

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
