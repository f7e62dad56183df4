//! What a diagnosis asks, and which step a refusal is about (xml-api.md §3.11).

use super::dialect::Xml;
use super::endpoint;
use super::request::{self, RequestBuilder, document};
use crate::dialect::{LIST_REPLY_CAP, Probes};
use crate::error::{Error, ErrorClass, Kind, Result, service_code};
use crate::exchange::{Call, Exchange};
use crate::model::Target;
use crate::model::diagnosis::Step;
use crate::transport::{Method, Request, Response};

const LIST: &str = "ListBucketResult";

impl Probes for Xml {
    /// A list of one key, which the service refuses to whoever does not sign, if the bucket is there.
    fn open_question(&self, exchange: &Exchange, bucket: &Target) -> Result<Request<'static>> {
        let at = endpoint::of_target(exchange, bucket)?;
        let url = format!("{}{}?max-keys=1", at.origin, at.root);
        let mut question = Request::get(url, LIST_REPLY_CAP);
        question.headers.push(("host".into(), at.host));
        Ok(question)
    }

    fn open_answer(&self, response: Response) -> Result<bool> {
        match request::check(&response, false) {
            // A website's page is none.
            Ok(()) => Ok(document(&response, LIST).is_ok()),
            Err(error) if error.code == service_code::ACCESS_DENIED => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn try_list(&self, call: &Call, bucket: &Target) -> Result<()> {
        let understand = |response: &Response| document(response, LIST).map(drop);
        let list = RequestBuilder::about(Method::Get, bucket, understand);
        call.ask(&list.query("max-keys", "1").reply_cap(LIST_REPLY_CAP))
    }

    /// By the first byte of a file: nothing is there of an empty one.
    fn try_read(&self, call: &Call, file: &Target) -> Result<()> {
        let read = RequestBuilder::about(Method::Get, file, request::nothing);
        match call.ask(&read.header("range", "bytes=0-0")) {
            Err(error) if error.kind == Kind::Service && matches!(error.httpcode, 404 | 416) => {
                Ok(())
            }
            outcome => outcome,
        }
    }

    fn blamed(&self, error: &Error) -> Option<Step> {
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

    fn addressing(&self, exchange: &Exchange) -> Option<&'static str> {
        Some(endpoint::service(exchange).addressing())
    }
}
