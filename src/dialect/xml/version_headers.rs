//! What the head of an answer tells of an object's versions (xml-api.md §3.14).

use crate::model::DeletedVersion;
use crate::transport::{Headers, Response};

/// Of answers about objects that have versions.
const VERSION_ID: &str = "x-cos-version-id";

/// Of answers about what hides them.
const DELETE_MARKER: &str = "x-cos-delete-marker";

pub(super) fn version_id(headers: &Headers) -> Option<&str> {
    headers.text(VERSION_ID)
}

/// Whether an answer is about a delete marker.
pub(super) fn is_marker(headers: &Headers) -> bool {
    headers.text(DELETE_MARKER) == Some("true")
}

/// What the answer to a DELETE tells.
pub(super) fn deleted(response: &Response) -> DeletedVersion {
    let headers = &response.headers;
    DeletedVersion {
        version_id: version_id(headers).map(str::to_owned),
        is_marker: is_marker(headers),
    }
}
