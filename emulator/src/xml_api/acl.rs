//! Access control lists of buckets and objects (xml-api.md §3.9). An object's word for what everybody
//! may do is kept as the JSON API's `authority`: `default` is eInvalid, `private` eWRPrivate,
//! `public-read` eWPrivateRPublic.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use super::Call;
use super::attributes::{acl_of_authority, authority_of_acl};
use super::content::Content;
use super::grants::{self, ALL_USERS, Acl, Kind};
use super::refusal::{Refusal, code};
use super::reply::{empty, put_header, xml};
use super::xml::{self, Xml};
use crate::store::{Attributes, Bucket};

const USER: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                    xsi:type=\"CanonicalUser\"";
const GROUP: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\"";

pub fn get_acl(call: &Call) -> Result<Response, Refusal> {
    let acl = call.transaction(|tx| {
        let bucket = call.find_bucket(tx)?;
        if call.key.is_empty() {
            return Ok(acl_of_bucket(call, bucket));
        }
        let attributes = call.find_object(tx)??.attributes;
        Ok(Acl {
            word: acl_of_authority(&attributes.authority).to_owned(),
            grants: attributes.grants,
        })
    })?;
    let owner = call.owner();
    let others = grants::kept(&acl.grants);
    let mut body = Xml::document();
    body.open("AccessControlPolicy");
    put_account(&mut body, "Owner", &owner);
    body.open("AccessControlList");
    if acl.word.starts_with("public-read") {
        put_grant(&mut body, "READ", None);
    }
    if acl.word == "public-read-write" {
        put_grant(&mut body, "WRITE", None);
    }
    for (permission, account) in &others {
        put_grant(&mut body, permission, account.as_deref());
    }
    put_grant(&mut body, "FULL_CONTROL", Some(&owner));
    body.close("AccessControlList");
    body.close("AccessControlPolicy");
    let mut response = xml(body);
    // No word says all of it.
    if others.is_empty() {
        put_header(response.headers_mut(), "x-cos-acl", &acl.word);
    }
    Ok(response)
}

fn put_account(body: &mut Xml, node: &str, id: &str) {
    body.open(node);
    body.text("ID", id);
    body.text("DisplayName", id);
    body.close(node);
}

/// No account is everybody.
fn put_grant(body: &mut Xml, permission: &str, account: Option<&str>) {
    body.open("Grant");
    match account {
        Some(account) => put_account(body, &format!("Grantee {USER}"), account),
        None => {
            body.open(&format!("Grantee {GROUP}"));
            body.text("URI", ALL_USERS);
            body.close("Grantee");
        }
    }
    body.text("Permission", permission);
    body.close("Grant");
}

fn acl_of_bucket(call: &Call, bucket: Bucket) -> Acl {
    let default = match call.service.is_public(Some(&bucket)) {
        true => "public-read",
        false => "private",
    };
    Acl {
        word: bucket.acl.unwrap_or_else(|| default.to_owned()),
        grants: bucket.grants,
    }
}

pub async fn put_acl(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let body = content.read(&call.parts.headers).await?;
    let kind = match call.key.is_empty() {
        true => Kind::Bucket,
        false => Kind::Object,
    };
    let acl = match grants::of_headers(&call.parts.headers, kind)? {
        Some(acl) => acl,
        None => {
            let document = xml::read(&body).ok_or(code::MALFORMED_XML)?;
            grants::of_document(&document, &call.owner(), kind)?
        }
    };
    call.blocking(move |call| set(call, acl)).await
}

fn set(call: &Call, acl: Acl) -> Result<Response, Refusal> {
    call.transaction(|tx| {
        let bucket = call.find_bucket(tx)?;
        if call.key.is_empty() {
            let (acl, grants) = (Some(bucket_acl(&acl.word)?), acl.grants);
            return Ok(tx.put_bucket(&Bucket {
                acl,
                grants,
                ..bucket
            })?);
        }
        let authority = authority_of_acl(&acl.word)?.to_owned();
        let object = call.find_object(tx)??;
        let attributes = Attributes {
            authority,
            grants: acl.grants,
            ..object.attributes
        };
        Ok(tx.set_access(&call.bucket, &call.key, &object.version.id, &attributes)?)
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

impl Call {
    /// The account, in the form that grants name one.
    fn owner(&self) -> String {
        let appid = &self.service.account.appid;
        format!("qcs::cam::uin/{appid}:uin/{appid}")
    }
}
