//! Answers that begin before their work is done: the XML API's, when it copies and completes, and
//! `100 Continue`.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::response::Response;

use super::act::Hit;
use super::rule::{Canned, XmlError};
use super::script::Step;
use crate::xml_api::error_answer;

/// Between two of an endless row of `100 Continue`.
const CONTINUE_PAUSE: Duration = Duration::from_millis(5);

impl Hit {
    /// An error of the XML API, behind a status of success too (xml-api.md §3.5, §3.7, §3.11).
    pub async fn error(mut self, error: &XmlError, after: bool) -> Response {
        // Doing the work takes the head of the request away.
        let (ids, body) = error_answer(&self.service, &self.parts, &error.code, &error.message);
        if after {
            self.work().await;
        } else {
            self.read_away().await;
        }
        // An answer to HEAD has none, nor its length (xml-api.md §3.3).
        let mut raw = self.canned(&Canned {
            status: error.status,
            body: if self.is_head() { String::new() } else { body },
            headers: Vec::new(),
        });
        raw.set(CONTENT_TYPE.as_str(), "application/xml");
        raw.set("server", "tencent-cos");
        raw.set("x-cos-request-id", &ids.request);
        if error.status >= 300 {
            raw.set("x-cos-trace-id", &ids.trace);
        }
        raw.replace(&error.headers);
        self.send(&raw, [])
    }

    /// A late answer, blanks before it.
    pub async fn slow(mut self, spaces: usize, every: Duration) -> Response {
        let mut raw = self.answer().await;
        if raw.status != 200 {
            return self.send(&raw, []);
        }
        raw.remove(CONTENT_LENGTH.as_str());
        raw.set(TRANSFER_ENCODING.as_str(), "chunked");
        let space = b"1\r\n \r\n";
        let blanks = Step::Pieces {
            rest: space.repeat(spaces).into(),
            size: space.len(),
            every,
        };
        let body = std::mem::take(&mut raw.body);
        // A declaration may not come after blanks.
        let body = match body.windows(2).position(|two| two == b"?>") {
            Some(end) if body.starts_with(b"<?xml") => &body[end + 2..],
            _ => &body[..],
        };
        let size = format!("{:x}\r\n", body.len());
        let body = [size.as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
        self.send(&raw, [blanks, Step::Send(body.into())])
    }

    /// `100 Continue`, so many times or without end.
    pub async fn interim(mut self, count: Option<usize>) -> Response {
        let line = b"HTTP/1.1 100 Continue\r\n\r\n";
        let raw = self.answer().await;
        match count {
            Some(count) => {
                let lines = Step::Send(line.repeat(count).into());
                self.play(raw.status, [lines, Step::Send(raw.bytes())])
            }
            None => {
                let endless = Step::Repeat {
                    bytes: Bytes::from_static(line),
                    sent: 0,
                    every: CONTINUE_PAUSE,
                };
                self.play(None, [endless])
            }
        }
    }
}
