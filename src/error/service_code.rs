//! Codes of the service that the library tells apart, or answers with itself (json-api.md §4.2).

pub(crate) const EXPIRED_TOKEN: i64 = -60;
pub(crate) const TOO_FREQUENT: i64 = -71;
pub(crate) const UNKNOWN_SECRET_ID: i64 = -79;
pub(crate) const UNKNOWN_APPID: i64 = -82;
pub(crate) const EXPIRED_SIGNATURE: i64 = -96;
pub(crate) const WRONG_SIGNATURE: i64 = -97;
pub(crate) const NO_SUCH_BUCKET: i64 = -133;
pub(crate) const NOT_FOUND: i64 = -166;
pub(crate) const NOT_EMPTY: i64 = -173;
pub(crate) const FILE_EXISTS: i64 = -177;
pub(crate) const FOLDER_EXISTS: i64 = -178;
pub(crate) const ACCESS_DENIED: i64 = -289;
pub(crate) const NOT_MODIFIED: i64 = -304;
pub(crate) const CHANGED: i64 = -412;
/// An upload of other content to the same place is unfinished.
pub(crate) const OTHER_UPLOAD: i64 = -4016;
/// Just this content is there already.
pub(crate) const SAME_FILE: i64 = -4018;
/// Of an object that is asked for (json-api.md §2.10).
pub(crate) const NOT_COMPLETELY_UPLOADED: i64 = -45062;
