//! What a diagnosis asks, and which step a refusal is about (xml-api.md §3.11).

use super::endpoint;
use super::request::{self, RequestBuilder, document};
use crate::dialect::LIST_REPLY_CAP;
use crate::error::{Error, ErrorClass, Kind, Result, service_code};
use crate::exchange::{Call, Exchange};
use crate::model::Target;
use crate::model::diagnosis::Step;
use crate::transport::{Method, Request, Response};

const LIST: &str = "ListBucketResult";

/// A list of one key, which the service refuses to whoever does not sign, if the bucket is there.
pub(super) fn open_question(exchange: &Exchange, bucket: &Target) -> Result<Request<'static>> {
    let at = endpoint::of_target(exchange, bucket)?;
    let url = format!("{}{}?max-keys=1", at.origin, at.root);
    let mut question = Request::get(url, LIST_REPLY_CAP);
    question.headers.push(("host".into(), at.host));
    Ok(question)
}

pub(super) fn open_answer(response: &Response) -> Result<bool> {
    match request::check(response, false) {
        // A website's page is none.
        Ok(()) => Ok(document(response, LIST).is_ok()),
        Err(error) if error.code == service_code::ACCESS_DENIED => Ok(true),
        Err(error) => Err(error),
    }
}

pub(super) fn try_list(call: &Call, bucket: &Target) -> Result<()> {
    let understand = |response: &Response| document(response, LIST).map(drop);
    let list = RequestBuilder::about(Method::Get, bucket, understand);
    call.ask(&list.query("max-keys", "1").reply_cap(LIST_REPLY_CAP))
}

/// By the first byte of a file: nothing is there of an empty one.
pub(super) fn try_read(call: &Call, file: &Target) -> Result<()> {
    let read = RequestBuilder::about(Method::Get, file, request::nothing);
    match call.ask(&read.header("range", "bytes=0-0")) {
        Err(error) if error.kind == Kind::Service && matches!(error.httpcode, 404 | 416) => Ok(()),
        outcome => outcome,
    }
}

pub(super) fn blamed(error: &Error) -> Option<Step> {
    let name = error.detail.as_ref()?.service_code.as_str();
    Some(match name {
        _ if error.is(ErrorClass::Expired) => Step::Clock,
        "NoSuchBucket" | "InvalidBucketName" | "InvalidRegionName" => Step::Region,
        "PathStyleDomainForbidden" => Step::PathStyle,
        "InvalidAccessKeyId" => Step::Key,
        "SignatureDoesNotMatch" => Step::Signature,
        "ExpiredToken" => Step::Token,
        "AccessDenied" | "AccessForbidden" => Step::List,
        _ => return None,
    })
}
