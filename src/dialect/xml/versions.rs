//! Whether a bucket ever had versions of its objects: one that had overwrites in spite of the header that
//! forbids it (xml-api.md §3.1); in others the header is guard enough.

use std::time::Duration;

use super::head::{Head, head_if_free};
use super::request::{self, RequestBuilder};
use super::version_headers::version_id;
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
    let question = RequestBuilder::about(Method::Get, &bucket_itself, read).query("versioning", "");
    let may_wait = || match call.ends_within(Duration::ZERO) {
        true => Err(Error::new(
            Kind::Timeout,
            "another call still asked whether the bucket has versions",
        )),
        false => cancel::check(),
    };
    let find_out = || match call.ask(&question) {
        Ok(versions) => Ok(Some(versions)),
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

/// Whether an answer is about an object that has versions: they may have been switched on since the bucket
/// was asked about.
pub(super) fn are_told(response: &Response) -> bool {
    version_id(&response.headers).is_some()
}

/// Without a status there never were any.
fn read(response: &Response) -> Result<Versions> {
    let tree = request::document(response, "VersioningConfiguration")?;
    Ok(match tree.child("Status") {
        None => Versions::Never,
        Some(_) => Versions::Perhaps,
    })
}
