//! DELETE Object, and Delete Multiple Objects (xml-api.md §3.4, §3.8).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::Call;
use super::attributes::check_length;
use super::content::Content;
use super::refusal::{Refusal, code};
use super::reply::{empty, xml};
use super::xml::Xml;

/// xml-api.md §3.10.
const MOST: usize = 1000;

/// One that does not exist is as good as deleted.
pub fn delete_object(call: &Call) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        call.use_bucket(tx)?;
        Ok(tx.remove_object(&call.bucket, &call.key)?)
    })?;
    Ok(empty(StatusCode::NO_CONTENT))
}

pub async fn delete_objects(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let headers = &call.parts.headers;
    if !headers.contains_key("content-md5") {
        return Err(code::MISSING_CONTENT_MD5.into());
    }
    let document = content.read_xml(headers, "Delete").await?;
    let key = |node: &super::xml::Node| {
        let key = node.child_text("Key")?;
        (!key.is_empty()).then(|| key.to_owned())
    };
    let keys: Option<Vec<String>> = document.all("Object").map(key).collect();
    let keys = keys.filter(|keys| (1..=MOST).contains(&keys.len()));
    let keys = keys.ok_or(code::MALFORMED_XML)?;
    let is_quiet = document.child_text("Quiet").map(str::trim) == Some("true");
    call.blocking(move |call| delete(call, &keys, is_quiet))
        .await
}

/// Whether one of many may go.
fn check(call: &Call, key: &str) -> Result<(), Refusal> {
    if !call.may_delete() {
        return Err(code::ACCESS_DENIED.into());
    }
    check_length(key)
}

fn delete(call: &Call, keys: &[String], is_quiet: bool) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        call.use_bucket(tx)?;
        for key in keys.iter().filter(|key| check(call, key).is_ok()) {
            tx.remove_object(&call.bucket, key)?;
        }
        Ok(())
    })?;
    let mut body = Xml::document();
    body.open("DeleteResult");
    for key in keys {
        match check(call, key) {
            Ok(()) if is_quiet => {}
            Ok(()) => {
                body.open("Deleted");
                body.text("Key", key);
                body.close("Deleted");
            }
            Err(refusal) => {
                let (code, message) = refusal.code_and_message();
                body.open("Error");
                body.text("Key", key);
                body.text("Code", code);
                body.text("Message", message);
                body.close("Error");
            }
        }
    }
    body.close("DeleteResult");
    Ok(xml(body))
}
