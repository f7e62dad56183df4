//! Whether a bucket ever had versions of its objects: one that had overwrites in spite of the header that
//! forbids it (xml-api.md §3.1); in others the header is guard enough.

use std::time::Duration;

use super::head::{Head, head_if_free};
use super::request::{self, RequestBuilder};
use super::stored::Stored;
use crate::base::cancel;
use crate::error::{Error, Kind, Result};
use crate::exchange::{Call, Versions};
use crate::model::{Path, Target};
use crate::transport::{Method, Response};

/// What is at a place where nothing may be overwritten; none where the service itself guards it, or where the
/// credentials may not look: then its word decides. It is looked at first, too, where a refusal `is_dear`.
pub(super) fn unguarded(call: &Call, target: &Target, is_dear: bool) -> Result<Option<Head>> {
    match is_dear || of_bucket(call, target)? == Versions::Perhaps {
        true => head_if_free(call, target),
        false => Ok(None),
    }
}

/// The service is asked once for a client and those derived from it; credentials that may not ask never know.
fn of_bucket(call: &Call, target: &Target) -> Result<Versions> {
    let bucket_itself = target.beside(Path::root("bucket"));
    let may_wait = || match call.ends_within(Duration::ZERO) {
        true => Err(Error::new(
            Kind::Timeout,
            "another call still asked whether the bucket has versions",
        )),
        false => cancel::check(),
    };
    let find_out = || match status(call, &bucket_itself) {
        Ok(status) => Ok(Some(meaning(status.as_ref()))),
        Err(error) => match error.kind {
            // It will say the same the next time.
            Kind::Service if matches!(error.httpcode, 400 | 403 | 405) => {
                Ok(Some(Versions::Perhaps))
            }
            // One that is busy is so for the request itself, too; one that speaks otherwise may still serve it.
            Kind::Service | Kind::HttpStatus if !error.retryable() => Ok(None),
            Kind::BadReply => Ok(None),
            _ => Err(error),
        },
    };
    call.exchange()
        .versions(&target.bucket, &may_wait, &find_out)
}

/// What has been made has a version: they may have been switched on since the bucket was asked about.
pub(super) fn learn(call: &Call, target: &Target, stored: &Stored) {
    if stored.version_id.is_some() {
        let exchange = call.exchange();
        exchange.learn_versions(&target.bucket, Versions::Perhaps);
    }
}

pub(super) fn set(call: &Call, bucket: &Target, status: &str) -> Result<()> {
    // Before its answer, which may be lost, and so that whoever has asked before it does not say otherwise.
    let exchange = call.exchange();
    exchange.learn_versions(&bucket.bucket, Versions::Perhaps);
    let text =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    let request = RequestBuilder::about(Method::Put, bucket, request::nothing)
        .query("versioning", "")
        .digested_document(text);
    call.ask(&request)
}

/// Empty where there never were any.
pub(super) fn get(call: &Call, bucket: &Target) -> Result<String> {
    let status = status(call, bucket)?;
    let exchange = call.exchange();
    exchange.learn_versions(&bucket.bucket, meaning(status.as_ref()));
    match status.as_deref() {
        None | Some("Enabled" | "Suspended") => Ok(status.unwrap_or_default()),
        Some(_) => {
            let problem = "the service says that versioning is neither Enabled nor Suspended";
            Err(Error::new(Kind::BadReply, problem).answered(200))
        }
    }
}

fn status(call: &Call, bucket: &Target) -> Result<Option<String>> {
    let question = RequestBuilder::about(Method::Get, bucket, |response: &Response| {
        let tree = request::document(response, "VersioningConfiguration")?;
        let status = tree.child("Status");
        Ok(status.map(|status| status.text.clone().into_owned()))
    });
    call.ask(&question.query("versioning", ""))
}

/// Without a status there never were any (xml-api.md §3.14).
fn meaning(status: Option<&String>) -> Versions {
    match status {
        None => Versions::Never,
        Some(_) => Versions::Perhaps,
    }
}
