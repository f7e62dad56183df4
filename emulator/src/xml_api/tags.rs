//! Tags of objects (xml-api.md §3.17): set with an upload by a header, later as a document.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::Call;
use super::content::Content;
use super::refusal::{Code, Refusal, code};
use super::reply::{empty, put_header, xml};
use super::xml::{Node, Xml};
use crate::store::Attributes;

pub const HEADER: &str = "x-cos-tagging";

const INVALID_TAG: Code = Code(400, "InvalidTag", "The tags are not valid.");

const MAX_TAGS: usize = 10;
const MAX_KEY: usize = 128;
const MAX_VALUE: usize = 256;

/// A JSON object, of the header's `key=value&key=value`, both percent-encoded.
pub fn of_header(header: Option<&str>) -> Result<String, Refusal> {
    let pairs = header.unwrap_or("").split('&').filter(|it| !it.is_empty());
    let pairs = pairs.map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text: &str| -> Result<String, Refusal> {
            let text = text.replace('+', " ");
            let text = percent_decode_str(&text).decode_utf8();
            text.map(String::from).map_err(|_| INVALID_TAG.into())
        };
        Ok((decoded(key)?, decoded(value)?))
    });
    checked(pairs)
}

fn of_document(document: &Node) -> Result<String, Refusal> {
    let set = document.child("TagSet").ok_or(code::MALFORMED_XML)?;
    checked(set.all("Tag").map(|tag| {
        let key = tag.child_text("Key").ok_or(code::MALFORMED_XML)?;
        let value = tag.child_text("Value").ok_or(code::MALFORMED_XML)?;
        Ok((key.to_owned(), value.to_owned()))
    }))
}

fn checked(
    pairs: impl Iterator<Item = Result<(String, String), Refusal>>,
) -> Result<String, Refusal> {
    let wrong = |message| Err(Refusal::new(INVALID_TAG, message));
    let is_lawful = |text: &str| {
        let lawful = |letter: char| letter.is_alphanumeric() || " +-=._:/@".contains(letter);
        text.chars().all(lawful)
    };
    let mut tags = Map::new();
    for pair in pairs {
        let (key, value) = pair?;
        let lengths = (key.chars().count(), value.chars().count());
        if lengths.0 == 0 || lengths.0 > MAX_KEY || lengths.1 > MAX_VALUE {
            return wrong("A key has 1 to 128 characters, a value at most 256.");
        }
        if !is_lawful(&key) || !is_lawful(&value) {
            return wrong("Tags have letters, digits, spaces and + - = . _ : / @.");
        }
        if tags.insert(key, Value::from(value)).is_some() {
            return wrong("A key is there twice.");
        }
    }
    match tags.len() > MAX_TAGS {
        true => wrong("An object has at most 10 tags."),
        false => Ok(Value::Object(tags).to_string()),
    }
}

fn read(attributes: &Attributes) -> Map<String, Value> {
    serde_json::from_str(&attributes.tags).unwrap_or_default()
}

/// GET and HEAD tell how many there are.
pub fn put_count(headers: &mut HeaderMap, attributes: &Attributes) {
    let count = read(attributes).len();
    if count > 0 {
        put_header(headers, "x-cos-tagging-count", &count.to_string());
    }
}

pub async fn put(call: Arc<Call>, content: &mut Content) -> Result<Response, Refusal> {
    let document = content.read_xml(&call.parts.headers, "Tagging").await?;
    let tags = of_document(&document)?;
    // The version `null` gets none: the service takes the newest instead (xml-api.md §3.17).
    let is_null = call.given("versionid") == Some("null");
    call.blocking(move |call| set(call, &tags, is_null)).await?;
    Ok(empty(StatusCode::OK))
}

pub fn delete(call: &Call) -> Result<Response, Refusal> {
    set(call, &Attributes::default().tags, false)?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn set(call: &Call, tags: &str, of_newest: bool) -> Result<(), Refusal> {
    call.transaction(|tx| {
        call.find_bucket(tx)?;
        let object = match of_newest {
            true => call.find_newest(tx)??,
            false => call.find_object(tx)??,
        };
        Ok(tx.set_tags(&call.bucket, &call.key, &object.version.id, tags)?)
    })
}

pub fn get(call: &Call) -> Result<Response, Refusal> {
    let tags = call.transaction(|tx| {
        call.find_bucket(tx)?;
        Ok(read(&call.find_object(tx)??.attributes))
    })?;
    if tags.is_empty() {
        return Err(code::NO_SUCH_TAG_SET.into());
    }
    let mut body = Xml::document();
    body.open("Tagging");
    body.open("TagSet");
    for (key, value) in &tags {
        body.open("Tag");
        body.text("Key", key);
        body.text("Value", value.as_str().unwrap_or(""));
        body.close("Tag");
    }
    body.close("TagSet");
    body.close("Tagging");
    Ok(xml(body))
}
