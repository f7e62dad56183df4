//! Tags of objects (xml-api.md §3.15).

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use quick_xml::escape::escape;

use super::request::{self, RequestBuilder};
use crate::error::{Error, Result};
use crate::exchange::Call;
use crate::model::{Tags, Target};
use crate::transport::{Method, Response};

/// What an object without tags may be answered.
const NONE: &str = "NoSuchTagSet";

pub(super) fn set(call: &Call, target: &Target, tags: &Tags) -> Result<()> {
    if tags.is_empty() {
        let delete = RequestBuilder::about(Method::Delete, target, request::nothing);
        let outcome = call.ask(&delete.query("tagging", ""));
        return outcome.or_else(|error| if is_none(&error) { Ok(()) } else { Err(error) });
    }
    let mut text = "<Tagging><TagSet>".to_owned();
    for (key, value) in tags.iter() {
        let (key, value) = (escape(key), escape(value));
        let _ = write!(text, "<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
    }
    text.push_str("</TagSet></Tagging>");
    let put = RequestBuilder::about(Method::Put, target, request::nothing)
        .query("tagging", "")
        .header("content-md5", STANDARD.encode(Md5::digest(&text)))
        .document(text);
    call.ask(&put)
}

pub(super) fn get(call: &Call, target: &Target) -> Result<Tags> {
    let get = RequestBuilder::about(Method::Get, target, read).query("tagging", "");
    let outcome = call.ask(&get);
    outcome.or_else(|error| {
        if is_none(&error) {
            Ok(Tags::default())
        } else {
            Err(error)
        }
    })
}

fn read(response: &Response) -> Result<Tags> {
    let tree = request::document(response, "Tagging")?;
    let set = tree.child("TagSet");
    let tags = set.into_iter().flat_map(|set| set.all("Tag"));
    let text = |node: &super::tree::Node, name| node.text_of(name).to_owned();
    Ok(Tags::told(
        tags.map(|tag| (text(tag, "Key"), text(tag, "Value"))),
    ))
}

fn is_none(error: &Error) -> bool {
    let detail = error.detail.as_ref();
    detail.is_some_and(|detail| detail.service_code == NONE)
}
