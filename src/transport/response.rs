//! What the service answered: a reply read whole within its cap, or content to be read.

use std::io::{self, Read};

use ureq::http;

use super::{failure, low_speed_limit};
use crate::base::time;
use crate::error::{Error, Kind, Result};

/// Bytes of a reply that are read at once: most replies fit the first block, and what it had is wiped.
const FIRST_BLOCK: usize = 1 << 10;
const BLOCK: usize = 16 << 10;

/// A reply, whole.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// The headers that this library looks at.
#[derive(Clone, Debug)]
pub(crate) struct Headers(http::HeaderMap);

impl Headers {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    /// All, with an error for a value that is no text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, std::result::Result<&str, ()>)> {
        self.0
            .iter()
            .map(move |(n, v)| (n.as_str(), v.to_str().map_err(|_| ())))
    }

    /// The same as they came; of one name that came several times, each.
    pub(crate) fn bytes(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_bytes()))
    }

    /// Puts another value in the stead of a header's; none where that is no value of a header.
    pub(crate) fn replace(&mut self, name: &'static str, value: &str) {
        self.0.remove(name);
        if let Ok(value) = http::HeaderValue::from_str(value) {
            self.0.insert(name, value);
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.trim().parse().ok()
    }
}

impl Response {
    /// The service's clock when it answered, in Unix seconds.
    pub(crate) fn date(&self) -> Option<u64> {
        self.headers.text("date").and_then(time::http)
    }
}

/// Reads a reply to its end, or to its cap.
pub(super) fn read(response: http::Response<ureq::Body>, cap: usize) -> Result<Response> {
    Fetched::new(response).into_response(cap)
}

/// An answer whose body is still on its way.
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    body: ureq::BodyReader<'static>,
    /// Bytes of the body read so far.
    got: u64,
}

impl Fetched {
    pub(super) fn new(response: http::Response<ureq::Body>) -> Fetched {
        let (parts, body) = response.into_parts();
        Fetched {
            status: parts.status.as_u16(),
            headers: Headers(parts.headers),
            body: body.into_reader(),
            got: 0,
        }
    }

    /// Some bytes of the body; 0 at its end, which is the end that its head has announced.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let outcome = self.body.read(buffer);
        let amount = outcome.map_err(|e| self.broken(e))?;
        self.got += amount as u64;
        Ok(amount)
    }

    /// Reads it as a reply, for answers that are none of the content that was asked for.
    pub(crate) fn into_response(mut self, cap: usize) -> Result<Response> {
        let mut body = Vec::new();
        let mut block = vec![0; FIRST_BLOCK];
        // One byte more than the cap tells a reply that is too long from one that just fits.
        while body.len() <= cap {
            let amount = self.read(&mut block)?;
            if amount == 0 {
                break;
            }
            if !block[..amount].trim_ascii().is_empty() {
                // Whatever the service sent blanks for is done.
                low_speed_limit::set_blank_padded(false);
            }
            body.extend_from_slice(&block[..amount]);
            if amount == block.len() {
                block.resize(BLOCK, 0);
            }
        }
        if body.len() > cap {
            let problem = format!("the reply is longer than {cap} bytes");
            return Err(self.answered(Error::new(Kind::BadReply, problem)));
        }
        Ok(Response {
            status: self.status,
            headers: self.headers,
            body,
        })
    }

    fn broken(&self, error: io::Error) -> Error {
        self.answered(failure::within_reply(error, self.got))
    }

    fn answered(&self, error: Error) -> Error {
        error.answered(self.status).unknown_outcome()
    }
}
