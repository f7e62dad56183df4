//! Whether a bucket keeps versions of its objects, and which version a request is about (xml-api.md §3.14).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::Call;
use super::content::Content;
use super::refusal::{Refusal, code};
use super::reply::{empty, xml as answer};
use super::xml::{self, Xml};
use crate::store::{Bucket, Object, Tx, Versioning};

const ROOT: &str = "VersioningConfiguration";
pub const VERSION_ID: &str = "x-cos-version-id";
pub const DELETE_MARKER: &str = "x-cos-delete-marker";

pub async fn put(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let body = content.read(&call.parts.headers).await?;
    if body.trim_ascii().is_empty() {
        let message = format!("the body is empty and not a {ROOT}");
        return Err(Refusal::new(code::INVALID_ARGUMENT, message));
    }
    let document = xml::read(&body).filter(|node| node.name == ROOT);
    let document = document.ok_or(code::MALFORMED_XML)?;
    let status = document.child_text("Status").unwrap_or("");
    let Some(versioning) = Versioning::named(status.trim()) else {
        let message = "Status is neither Enabled nor Suspended";
        return Err(Refusal::new(code::INVALID_ARGUMENT, message));
    };
    let set = move |call: &Call| {
        call.transaction(|tx| {
            let bucket = call.use_bucket(tx)?;
            Ok(tx.put_bucket(&Bucket {
                versioning: Some(versioning),
                ..bucket
            })?)
        })
    };
    call.blocking(set).await?;
    Ok(empty(StatusCode::OK))
}

pub fn get(call: &Call) -> Result<Response, Refusal> {
    let bucket = call.transaction(|tx| call.find_bucket(tx))?;
    let mut body = Xml::document();
    match bucket.versioning {
        None => body.text(ROOT, ""),
        Some(versioning) => {
            body.open(ROOT);
            body.text("Status", versioning.name());
            body.close(ROOT);
        }
    }
    Ok(answer(body))
}

impl Call {
    /// The version of the object that the query names, else the newest; or why there is none to be shown.
    pub fn find_object(&self, tx: &Tx) -> Result<Result<Object, Refusal>, Refusal> {
        let (bucket, key) = (&self.bucket, &self.key);
        let Some(id) = self.given("versionid") else {
            return self.find_newest(tx);
        };
        let Some(version) = tx.version(bucket, key, id)? else {
            return Ok(Err(code::NO_SUCH_VERSION.into()));
        };
        Ok(version.object.ok_or_else(|| {
            let message = "this version of the object is a delete marker";
            Refusal::new(code::NO_SUCH_KEY, message).with_header(DELETE_MARKER, "true")
        }))
    }

    /// The same of the newest alone.
    pub fn find_newest(&self, tx: &Tx) -> Result<Result<Object, Refusal>, Refusal> {
        let (bucket, key) = (&self.bucket, &self.key);
        Ok(match tx.object(bucket, key)? {
            Some(object) => Ok(object),
            None if tx.is_deleted(bucket, key)? => {
                Err(Refusal::from(code::NO_SUCH_KEY).with_header(DELETE_MARKER, "true"))
            }
            None => Err(code::NO_SUCH_KEY.into()),
        })
    }
}
