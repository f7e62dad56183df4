//! An answer as the bytes that go over the wire, so that they can be cut, delayed and falsified.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE};
use axum::response::Response;
use http_body_util::BodyExt;

use super::rule::Canned;
use super::spelling::respell_name;

pub struct Raw {
    pub status: u16,
    headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    is_head_request: bool,
    /// As the XML API's service spells its headers.
    pub is_respelt: bool,
}

impl Raw {
    /// The whole of an orderly answer.
    pub async fn of(response: Response, is_head_request: bool, date: &str) -> Raw {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes());
        let body = body.unwrap_or_default().to_vec();
        let headers = parts.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        let mut raw = Raw {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body,
            is_head_request,
            is_respelt: false,
        };
        raw.set(DATE.as_str(), date);
        if !parts.headers.contains_key(CONTENT_LENGTH) {
            raw.set_length();
        }
        raw
    }

    pub fn canned(canned: &Canned, is_head_request: bool, date: &str) -> Raw {
        let mut raw = Raw {
            status: canned.status,
            headers: Vec::new(),
            body: canned.body.clone().into_bytes(),
            is_head_request,
            is_respelt: false,
        };
        raw.set(DATE.as_str(), date);
        raw.set_length();
        if canned.body.starts_with('{') {
            raw.set(CONTENT_TYPE.as_str(), "application/json");
        }
        if canned.body.starts_with("<?xml") || canned.body.starts_with("<Error>") {
            raw.set(CONTENT_TYPE.as_str(), "application/xml");
        }
        raw.replace(&canned.headers);
        raw
    }

    /// None leaves a header out.
    pub fn replace(&mut self, headers: &[(String, Option<String>)]) {
        for (name, value) in headers {
            match value {
                Some(value) => self.set(name, value),
                None => self.remove(name),
            }
        }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        let header = (name.to_owned(), value.as_bytes().to_vec());
        self.headers.push(header);
    }

    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    pub fn set_length(&mut self) {
        let length = self.body.len().to_string();
        self.set(CONTENT_LENGTH.as_str(), &length);
    }

    pub fn head(&self) -> Vec<u8> {
        let reason = StatusCode::from_u16(self.status).ok();
        let reason = reason.and_then(|s| s.canonical_reason()).unwrap_or("Fault");
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            let mut name = name.clone().into_bytes();
            if self.is_respelt {
                respell_name(&mut name);
            }
            head.extend_from_slice(&name);
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    pub fn bytes(&self) -> Bytes {
        let mut bytes = self.head();
        if !self.is_head_request {
            bytes.extend_from_slice(&self.body);
        }
        bytes.into()
    }
}
