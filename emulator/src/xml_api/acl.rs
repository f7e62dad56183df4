//! Access control lists of buckets and objects (xml-api.md §3.9). An object's is kept as the JSON
//! API's `authority`: `default` is eInvalid, `private` eWRPrivate, `public-read` eWPrivateRPublic.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::Call;
use super::attributes::{acl_of_authority, authority_of_acl};
use super::content::Content;
use super::refusal::{Refusal, code};
use super::reply::{empty, put_header, xml};
use super::xml::{self, Node, Xml};
use crate::store::{Attributes, Bucket, Entry};

/// Everybody, as a grantee.
const ALL_USERS: &str = "http://cam.qcloud.com/groups/global/AllUsers";

pub fn get_acl(call: &Call) -> Result<Response, Refusal> {
    let acl = call.transaction(|tx| {
        let bucket = call.find_bucket(tx)?;
        if call.key.is_empty() {
            return Ok(acl_of_bucket(call, &bucket));
        }
        let object = tx.object(&call.bucket, &call.key)?;
        let object = object.ok_or(code::NO_SUCH_KEY)?;
        Ok(acl_of_authority(&object.attributes.authority).to_owned())
    })?;
    let appid = &call.service.account.appid;
    let owner = format!("qcs::cam::uin/{appid}:uin/{appid}");
    let mut body = Xml::document();
    body.open("AccessControlPolicy");
    put_owner(&mut body, "Owner", &owner);
    body.open("AccessControlList");
    if acl.starts_with("public-read") {
        put_grant_to_all(&mut body, "READ");
    }
    if acl == "public-read-write" {
        put_grant_to_all(&mut body, "WRITE");
    }
    body.open("Grant");
    let user = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"";
    put_owner(&mut body, &format!("Grantee {user}"), &owner);
    body.text("Permission", "FULL_CONTROL");
    body.close("Grant");
    body.close("AccessControlList");
    body.close("AccessControlPolicy");
    let mut response = xml(body);
    put_header(response.headers_mut(), "x-cos-acl", &acl);
    Ok(response)
}

fn put_owner(body: &mut Xml, node: &str, id: &str) {
    body.open(node);
    body.text("ID", id);
    body.text("DisplayName", id);
    body.close(node);
}

fn put_grant_to_all(body: &mut Xml, permission: &str) {
    body.open("Grant");
    let group =
        "Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\"";
    body.open(group);
    body.text("URI", ALL_USERS);
    body.close(group);
    body.text("Permission", permission);
    body.close("Grant");
}

fn acl_of_bucket(call: &Call, bucket: &Bucket) -> String {
    let default = match call.service.is_public(Some(bucket)) {
        true => "public-read",
        false => "private",
    };
    bucket.acl.clone().unwrap_or_else(|| default.to_owned())
}

pub async fn put_acl(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let body = content.read(&call.parts.headers).await?;
    let acl = match call.header("x-cos-acl") {
        Some(acl) => acl.to_owned(),
        None => {
            let document = xml::read(&body).ok_or(code::MALFORMED_XML)?;
            of_document(&document)?
        }
    };
    call.blocking(move |call| set(call, &acl)).await
}

fn set(call: &Call, acl: &str) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        let bucket = call.find_bucket(tx)?;
        if call.key.is_empty() {
            let acl = Some(bucket_acl(acl)?);
            return Ok(tx.put_bucket(&Bucket { acl, ..bucket })?);
        }
        let authority = authority_of_acl(acl)?.to_owned();
        let entry = tx.entry(&call.bucket, &call.key)?;
        let is_object = |e: &Entry| e.clone().into_object().is_some();
        let entry = entry.filter(is_object).ok_or(code::NO_SUCH_KEY)?;
        let attributes = Attributes {
            authority,
            ..entry.attributes.clone()
        };
        Ok(tx.put_entry(
            &call.bucket,
            &Entry {
                attributes,
                ..entry
            },
        )?)
    })?;
    Ok(empty(StatusCode::OK))
}

pub fn bucket_acl(acl: &str) -> Result<String, Refusal> {
    match acl {
        "private" | "public-read" | "public-read-write" => Ok(acl.to_owned()),
        _ => Err(Refusal::new(
            code::INVALID_ARGUMENT,
            "x-cos-acl of a bucket is none of private, public-read, public-read-write",
        )),
    }
}

/// What an AccessControlPolicy grants to everybody; there is nobody else.
fn of_document(document: &Node) -> Result<String, Refusal> {
    let list = document.child("AccessControlList");
    let list = list.filter(|_| document.name == "AccessControlPolicy");
    let list = list.ok_or(code::MALFORMED_XML)?;
    let is_to_all = |grant: &&Node| {
        let grantee = grant.child("Grantee");
        grantee.and_then(|g| g.child_text("URI")).map(str::trim) == Some(ALL_USERS)
    };
    let to_all: Vec<&str> = list
        .all("Grant")
        .filter(is_to_all)
        .map(|grant| grant.child_text("Permission").unwrap_or("").trim())
        .collect();
    let acl = match () {
        () if to_all
            .iter()
            .any(|p| matches!(*p, "WRITE" | "FULL_CONTROL")) =>
        {
            "public-read-write"
        }
        () if to_all.contains(&"READ") => "public-read",
        () => "private",
    };
    Ok(acl.to_owned())
}
