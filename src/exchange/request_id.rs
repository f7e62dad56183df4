//! The service's number for a request, in the head of its answer.

use crate::transport::Headers;

const REQUEST_ID: &str = "x-cos-request-id";

pub(super) fn of(headers: &Headers) -> Option<&str> {
    headers.text(REQUEST_ID)
}

pub(super) fn replace(headers: &mut Headers, number: &str) {
    headers.replace(REQUEST_ID, number);
}
