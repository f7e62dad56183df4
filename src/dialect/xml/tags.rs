//! Tags of objects (xml-api.md §3.17).

use std::fmt::Write;

use quick_xml::escape::escape;
use serde_json::{Map, Value};

use super::request::{self, RequestBuilder};
use super::tree::Node;
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
        .digested_document(text);
    call.ask(&put)
}

pub(super) fn get(call: &Call, target: &Target) -> Result<Tags> {
    let get = RequestBuilder::about(Method::Get, target, read).query("tagging", "");
    let mut tags = match call.ask(&get) {
        Err(error) if is_none(&error) => return Ok(Tags::default()),
        tags => tags?,
    };
    // A service that repeats one must not bring it into a success.
    call.signer()?.secrets("").hide_in_data(&mut tags);
    Ok(Tags::told(tags))
}

fn read(response: &Response) -> Result<Map<String, Value>> {
    let tree = request::document(response, "Tagging")?;
    let set = tree.child("TagSet");
    let tags = set.into_iter().flat_map(|set| set.all("Tag"));
    let text = |tag: &Node, name| tag.text_of(name).to_owned();
    Ok(tags
        .map(|tag| (text(tag, "Key"), text(tag, "Value").into()))
        .collect())
}

fn is_none(error: &Error) -> bool {
    error.service_code() == NONE
}
