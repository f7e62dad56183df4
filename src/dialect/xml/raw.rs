//! A request in the caller's own words, and all that was answered.

use std::cell::RefCell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use super::request::{self, RequestBuilder};
use super::signed::Place;
use super::tree::Node;
use super::{endpoint, metadata};
use crate::config::request_options::RequestHost;
use crate::dialect::{RAW_REPLY_CAP, REPLY_CAP, RawRequest};
use crate::error::{Error, Kind, Result};
use crate::exchange::secrets::Secrets;
use crate::exchange::{ApiRequest, Call, Signer};
use crate::model::key::shown;
use crate::model::raw_answer::RawBody;
use crate::model::reply::data_of;
use crate::model::{Answer, RawAnswer};
use crate::transport::{Content, Method, Request, Response};

pub(crate) fn send(call: &Call, raw: &RawRequest) -> Result<Answer<RawAnswer>> {
    if let Some(target) = &raw.target {
        endpoint::check(call.exchange(), target)?;
    }
    let request = Raw {
        secrets: RefCell::default(),
        builder: builder(raw)?,
        method: raw.options.method,
    };
    let raw = call.ask(&request)?;
    Ok(Answer {
        httpcode: raw.status,
        ..Answer::success(raw)
    })
}

fn builder<'a>(raw: &'a RawRequest) -> Result<RequestBuilder<'a, ()>> {
    let options = raw.options;
    let place = match (&raw.target, options.host) {
        (None, _) => Place::Account,
        (Some(target), RequestHost::Ci) => Place::Ci(target),
        (Some(target), _) => Place::Bucket(target),
    };
    let headers = options.headers.iter();
    let headers = headers.map(|(name, value)| (name.clone().into(), value.clone()));
    let headers: Vec<_> = headers.collect();
    metadata::check_given("request_json: headers", &headers)?;
    let mut builder = RequestBuilder::at(place, options.method, request::nothing)
        .headers(headers)
        .content(Content::Bytes(raw.body))
        .reply_cap(RAW_REPLY_CAP);
    for (name, value) in &options.query {
        builder = builder.query(name.clone(), value.as_str());
    }
    // Many configurations are not taken without it (xml-api.md §3.13).
    if !raw.body.is_empty() && !options.has_header("content-md5") {
        builder = builder.header("content-md5", STANDARD.encode(Md5::digest(raw.body)));
    }
    if matches!(options.method, Method::Put | Method::Post) {
        builder = builder.patient();
    }
    match options.is_idempotent {
        true => Ok(builder),
        false => Ok(builder.non_idempotent()),
    }
}

struct Raw<'a> {
    /// Of the attempt under way.
    secrets: RefCell<Option<Secrets>>,
    builder: RequestBuilder<'a, ()>,
    method: Method,
}

impl ApiRequest for Raw<'_> {
    type Answer = RawAnswer;

    fn request(&self, signer: &Signer) -> Result<Request<'_>> {
        let request = self.builder.request(signer)?;
        let secrets = signer.secrets(&request.signature).with_keys_of(&request);
        self.secrets.replace(Some(secrets));
        Ok(request)
    }

    fn read(&self, response: Response, _: &Request) -> Result<RawAnswer> {
        // What an object holds is no answer about it.
        let is_content = self.method == Method::Get && (200..300).contains(&response.status);
        let checked = match is_content {
            true => Ok(()),
            false => request::check(&response, self.builder.is_guarded()),
        };
        let answer = raw_answer(response);
        match checked {
            Ok(()) => {
                let mut answer = answer;
                if let Some(secrets) = &*self.secrets.borrow() {
                    secrets.hide_in_data(&mut answer.headers);
                }
                Ok(answer)
            }
            Err(error) => Err(with_answer(error, answer)),
        }
    }

    fn is_idempotent(&self) -> bool {
        self.builder.is_idempotent()
    }

    /// Nobody here knows how to find out what became of it.
    fn is_reconcilable(&self) -> bool {
        false
    }
}

/// All of an answer.
fn raw_answer(response: Response) -> RawAnswer {
    let mut headers = Map::new();
    for (name, value) in response.headers.bytes() {
        let value = shown(value);
        match headers.get_mut(name) {
            Some(Value::String(before)) => *before = format!("{before}, {value}"),
            _ => drop(headers.insert(name.to_owned(), value.into())),
        }
    }
    let content_type = response.headers.text("content-type").unwrap_or_default();
    let is_xml = content_type.to_ascii_lowercase().contains("xml");
    let tree = is_xml.then(|| Node::parse(&response.body).ok()).flatten();
    RawAnswer {
        status: response.status,
        headers,
        xml: tree.map(|root| json!({ root.name.clone(): value_of(root) })),
        body: RawBody::of(response.body),
    }
}

/// An element's text; of one that has others in it, those by their names, an array where several have the
/// same.
fn value_of(node: Node) -> Value {
    if node.children.is_empty() {
        return node.text.into();
    }
    let mut members: Map<String, Value> = Map::new();
    for mut child in node.children {
        let name = std::mem::take(&mut child.name);
        let value = value_of(child);
        match members.get_mut(&*name) {
            None => drop(members.insert(name.into_owned(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    members.into()
}

/// What else a refusal says: its caller may know words that nobody here does.
fn with_answer(mut error: Error, mut answer: RawAnswer) -> Error {
    if error.kind == Kind::Redirect {
        // The rest of where it leads may hold secrets.
        return error.with_data("status", answer.status);
    }
    let is_told = matches!(&answer.body, RawBody::Text(text) if text.len() <= REPLY_CAP);
    if !is_told {
        // Nobody could find a secret in it.
        answer.body = RawBody::Withheld;
    }
    error.data.append(&mut data_of(answer));
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(text: &str) -> Value {
        value_of(Node::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn elements_become_members() {
        assert_eq!(mapped("<a>1 &lt; 2</a>"), json!("1 < 2"));
        assert_eq!(mapped("<a/>"), json!(""));
        let text = "<a x='1'>t<b>1</b><c><d>2</d></c><b/><e>3</e><b><f>4</f></b>\n</a>";
        let expected = json!({"b": ["1", "", {"f": "4"}], "c": {"d": "2"}, "e": "3"});
        assert_eq!(mapped(text), expected);
        // In the order of the document, two and more.
        let text = "<l><r><n>2</n></r><r><n>1</n></r><r><n>3</n></r></l>";
        assert_eq!(
            mapped(text),
            json!({"r": [{"n": "2"}, {"n": "1"}, {"n": "3"}]})
        );
    }
}
