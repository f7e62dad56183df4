//! Refusals of the XML API (xml-api.md §3.11) as the classic codes (json-api.md §4.2).

use super::tree::Node;
use super::version_headers::is_marker;
use crate::dialect::answer::{bad, times};
use crate::error::{Detail, Error, ErrorClass, Sent, service_code};
use crate::transport::Response;

/// What an answer says that is no success. `guarded`: the request asked that nothing be overwritten.
pub(super) fn refusal(response: &Response, guarded: bool) -> Error {
    let header = |name| response.headers.text(name).unwrap_or_default().to_owned();
    let mut error = match Node::parse(&response.body) {
        Ok(tree) if tree.name == "Error" => {
            let (name, message) = (tree.text_of("Code"), tree.text_of("Message"));
            let mut error = service_error(name, message, response.status, guarded);
            error.request_id = some(tree.text_of("RequestId"));
            if let Some(detail) = &mut error.detail {
                detail.trace_id = tree.text_of("TraceId").to_owned();
            }
            error
        }
        // Answers to HEAD have no body, so no code (§3.3).
        _ if response.body.is_empty() && !matches!(response.status, 429 | 500..) => {
            let (code, class, message) = bodiless(response.status);
            let message = format!("{message} (HTTP status {})", response.status);
            let mut error = Error::service(code, message, response.status);
            error.class = class;
            error.detail = Some(Detail::default());
            error
        }
        _ => return bad(response, "no error of the service"),
    };
    if error.request_id.is_none() {
        error.request_id = some(&header("x-cos-request-id"));
    }
    let untraced = error.detail.as_mut().filter(|it| it.trace_id.is_empty());
    if let Some(detail) = untraced {
        detail.trace_id = header("x-cos-trace-id");
    }
    error.sent = Sent::Answered;
    if is_marker(&response.headers) {
        // Not all say so (xml-api.md §3.14).
        if !error.message.contains("delete marker") {
            error.message = error.message.trim_end_matches('.').to_owned();
            error = error.hint("a delete marker takes its place");
        }
        error = error.with_data("delete_marker", true);
    }
    times(error, response)
}

/// An error by the service's own name for it.
pub(super) fn named(name: &str, message: &str, status: u16) -> Error {
    service_error(name, message, status, false)
}

fn service_error(name: &str, message: &str, status: u16, guarded: bool) -> Error {
    let there = existing(name).filter(|_| guarded);
    let (code, class) = match there {
        Some(code) => (code, Some(ErrorClass::Exists)),
        None => classic(name, message, status),
    };
    let mut error = Error::service(code, message.to_owned(), status);
    error.class = class;
    error.detail = Some(Detail {
        service_code: name.to_owned(),
        trace_id: String::new(),
    });
    error
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn bodiless(status: u16) -> (i64, Option<ErrorClass>, &'static str) {
    match status {
        // Perhaps only because of a clock; the answer's Date tells.
        403 => (
            service_code::ACCESS_DENIED,
            Some(ErrorClass::Expired),
            "access denied",
        ),
        // A condition of the caller's.
        304 => (service_code::NOT_MODIFIED, None, "it has not changed"),
        404 => (
            service_code::NOT_FOUND,
            Some(ErrorClass::NotFound),
            "nothing is there",
        ),
        412 => (
            service_code::CHANGED,
            Some(ErrorClass::Changed),
            "it is not what it was",
        ),
        _ => (-i64::from(status), None, "the service refused"),
    }
}

/// The names of "something is there already" (xml-api.md §3.1, §3.11). They say so only of a request
/// that asked not to overwrite; no other conflict does.
fn existing(name: &str) -> Option<i64> {
    match name {
        "FileAlreadyExists" => Some(service_code::FILE_EXISTS),
        "DirAlreadyExists" => Some(service_code::FOLDER_EXISTS),
        _ => None,
    }
}

/// The nearest classic code, else minus the HTTP status.
fn classic(name: &str, message: &str, status: u16) -> (i64, Option<ErrorClass>) {
    use ErrorClass::*;
    match name {
        "NoSuchKey" | "NoSuchCopySource" | "NoSuchVersion" => {
            (service_code::NOT_FOUND, Some(NotFound))
        }
        "NoSuchBucket" => (service_code::NO_SUCH_BUCKET, None),
        "NoSuchUpload" => (-290, Some(AskAgain)),
        "SignatureDoesNotMatch" => (service_code::WRONG_SIGNATURE, None),
        "InvalidAccessKeyId" => (service_code::UNKNOWN_SECRET_ID, Some(InvalidCredentials)),
        "RequestTimeTooSkewed" => (service_code::EXPIRED_SIGNATURE, Some(Expired)),
        "AccessDenied" if message.contains("expired") => {
            (service_code::EXPIRED_SIGNATURE, Some(Expired))
        }
        "ExpiredToken" => (service_code::EXPIRED_TOKEN, Some(InvalidCredentials)),
        "AccessDenied" | "AccessForbidden" => (service_code::ACCESS_DENIED, None),
        "BucketNotEmpty" => (service_code::NOT_EMPTY, None),
        "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" => (-176, None),
        "TooManyBuckets" => (-172, None),
        // Two uploads in the same moment (§3.7).
        "UploadConflict" | "PathConflict" => (-409, Some(Busy)),
        "PreconditionFailed" => (service_code::CHANGED, Some(Changed)),
        "KeyTooLong" | "InvalidObjectName" | "InvalidURI" => (-180, None),
        "InvalidBucketName" => (-199, None),
        "InvalidArgument" | "InvalidRequest" | "InvalidRange" => (-182, None),
        "MalformedXML" => (-5975, None),
        "EntityTooLarge" => (-285, None),
        "EntityTooSmall" => (-283, None),
        "InvalidPart" | "InvalidPartOrder" => (-5965, Some(AskAgain)),
        "MethodNotAllowed" => (-5996, None),
        "NotImplemented" => (-5972, None),
        // Changed or cut on its way: it is sent again.
        "BadDigest" | "IncompleteBody" => (-174, Some(Busy)),
        "RequestTimeout" | "UserNetworkTooSlow" => (-152, Some(Busy)),
        "SlowDown" => (service_code::TOO_FREQUENT, Some(SlowDown)),
        "ServiceUnavailable" => (-300, Some(Busy)),
        "InternalError" => (-181, Some(Busy)),
        // A failure that came after the status was sent.
        _ if status < 300 => (-500, None),
        _ => (-i64::from(status), None),
    }
}
