//! Whether a bucket ever had versions of its objects (xml-api.md §3.1): in one that never had any, the
//! service itself overwrites nothing where it is told not to.

use super::request::{self, RequestBuilder};
use crate::error::{Kind, Result};
use crate::exchange::{Call, Versions};
use crate::model::{Path, Target};
use crate::transport::{Method, Response};

/// Of answers about objects that have versions.
const VERSION_ID: &str = "x-cos-version-id";

/// Whether the header that forbids to overwrite is guard enough.
pub(super) fn never_had(call: &Call, target: &Target) -> Result<bool> {
    Ok(of_bucket(call, target)? == Versions::Never)
}

/// The service is asked once for a client and those derived from it; credentials that may not ask never know.
fn of_bucket(call: &Call, target: &Target) -> Result<Versions> {
    let (exchange, bucket) = (call.exchange(), &target.bucket);
    let (known, is_to_be_asked) = exchange.versions(bucket);
    if !is_to_be_asked {
        return Ok(known);
    }
    let bucket_itself = target.beside(Path::root("bucket"));
    let question = RequestBuilder::about(Method::Get, &bucket_itself, read).query("versioning", "");
    match call.ask(&question) {
        Ok(versions) => {
            exchange.learn_versions(bucket, versions);
            Ok(versions)
        }
        // It will say the same the next time.
        Err(error) if error.kind == Kind::Service && matches!(error.httpcode, 400 | 403 | 405) => {
            Ok(Versions::Perhaps)
        }
        Err(error) => {
            exchange.forget_versions(bucket);
            match error.kind {
                Kind::Service | Kind::HttpStatus | Kind::BadReply => Ok(Versions::Perhaps),
                _ => Err(error),
            }
        }
    }
}

/// Whether an answer is about an object that has versions: they may have been switched on since the bucket
/// was asked about.
pub(super) fn are_told(response: &Response) -> bool {
    response.headers.text(VERSION_ID).is_some()
}

/// Without a status there never were any.
fn read(response: &Response) -> Result<Versions> {
    let tree = request::document(response, "VersioningConfiguration")?;
    Ok(match tree.child("Status") {
        None => Versions::Never,
        Some(_) => Versions::Perhaps,
    })
}
