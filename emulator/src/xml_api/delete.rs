//! DELETE Object, and Delete Multiple Objects (xml-api.md §3.4, §3.8, §3.14).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::Call;
use super::attributes::check_length;
use super::content::Content;
use super::refusal::{Refusal, code};
use super::reply::{empty, put_header, xml};
use super::versioning::{DELETE_MARKER, VERSION_ID};
use super::xml::{Node, Xml};
use crate::store::Tx;

/// xml-api.md §3.10.
const MOST: usize = 1000;

/// What is to be deleted.
struct Target {
    key: String,
    /// None: the object, and not one of its versions.
    version: Option<String>,
}

/// What a deletion did.
#[derive(Default)]
struct Deleted {
    /// The delete marker that it laid or removed.
    marker: Option<String>,
    /// The version that it removed.
    version: Option<String>,
}

/// One that does not exist is as good as deleted.
pub fn delete_object(call: &Call) -> Result<Response, Refusal> {
    let target = Target {
        key: call.key.clone(),
        version: call.given("versionid").map(str::to_owned),
    };
    let deleted = call.transaction(|tx| {
        call.use_bucket(tx)?;
        target.delete(call, tx)
    })?;
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    if let Some(id) = deleted.version.as_ref().or(deleted.marker.as_ref()) {
        put_header(headers, VERSION_ID, id);
    }
    if deleted.marker.is_some() {
        put_header(headers, DELETE_MARKER, "true");
    }
    Ok(response)
}

pub async fn delete_objects(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let headers = &call.parts.headers;
    if !headers.contains_key("content-md5") {
        return Err(code::MISSING_CONTENT_MD5.into());
    }
    let document = content.read_xml(headers, "Delete").await?;
    let targets: Option<Vec<Target>> = document.all("Object").map(Target::read).collect();
    let targets = targets.filter(|targets| (1..=MOST).contains(&targets.len()));
    let targets = targets.ok_or(code::MALFORMED_XML)?;
    let is_quiet = document.child_text("Quiet").map(str::trim) == Some("true");
    call.blocking(move |call| delete(call, &targets, is_quiet))
        .await
}

fn delete(call: &Call, targets: &[Target], is_quiet: bool) -> Result<Response, Refusal> {
    // Only what concerns one of them is told of it; a fault of the store is one of the request.
    let outcomes = call.transaction(|tx| {
        call.use_bucket(tx)?;
        let outcome = |target: &Target| match target.check(call) {
            Ok(()) => target.delete(call, tx).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        };
        let outcomes = targets.iter().map(outcome);
        outcomes.collect::<Result<Vec<_>, Refusal>>()
    })?;
    let mut body = Xml::document();
    body.open("DeleteResult");
    for (target, outcome) in targets.iter().zip(outcomes) {
        match outcome {
            Ok(_) if is_quiet => {}
            Ok(deleted) => {
                body.open("Deleted");
                body.text("Key", &target.key);
                if let Some(id) = &deleted.marker {
                    body.text("DeleteMarker", "true");
                    body.text("DeleteMarkerVersionId", id);
                }
                if let Some(id) = &target.version {
                    body.text("VersionId", id);
                }
                body.close("Deleted");
            }
            Err(refusal) => {
                let (code, message) = refusal.code_and_message();
                body.open("Error");
                body.text("Key", &target.key);
                if let Some(id) = &target.version {
                    body.text("VersionId", id);
                }
                body.text("Code", code);
                body.text("Message", message);
                body.close("Error");
            }
        }
    }
    body.close("DeleteResult");
    Ok(xml(body))
}

impl Target {
    fn read(node: &Node) -> Option<Target> {
        let text = |name: &str| node.child_text(name).filter(|text| !text.is_empty());
        Some(Target {
            key: text("Key")?.to_owned(),
            version: text("VersionId").map(str::to_owned),
        })
    }

    /// Whether one of many may go.
    fn check(&self, call: &Call) -> Result<(), Refusal> {
        if !call.may_delete() {
            return Err(code::ACCESS_DENIED.into());
        }
        check_length(&self.key)
    }

    fn delete(&self, call: &Call, tx: &mut Tx) -> Result<Deleted, Refusal> {
        let (bucket, key) = (&call.bucket, &self.key);
        let Some(id) = &self.version else {
            let marker = tx.delete_object(bucket, key, call.now)?;
            return Ok(Deleted {
                marker,
                version: None,
            });
        };
        let removed = tx.remove_version(bucket, key, id)?;
        let is_marker = removed == Some(true);
        Ok(Deleted {
            marker: is_marker.then(|| id.clone()),
            version: removed.map(|_| id.clone()),
        })
    }
}
