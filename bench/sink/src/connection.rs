//! One connection: heads of requests, bodies in large blocks, and answers.

use std::collections::HashMap;
use std::io::{Error, ErrorKind, Read, Result, Write};

use crate::digest::{Content, Hasher};
use crate::link::Direction;
use crate::wire::Wire;

/// Half of a core's second cache, so that a block is still there when it is hashed.
const BLOCK: usize = 256 << 10;

/// Longer heads are no client's.
const HEAD_MAX: usize = 64 << 10;

pub struct Connection {
    stream: Wire,
    upward: Direction,
    downward: Direction,
    buffer: Vec<u8>,
    /// What of the buffer is read and not yet used.
    start: usize,
    end: usize,
    greeted: bool,
}

pub struct Head {
    pub method: String,
    pub path: String,
    pub query: HashMap<String, String>,
    headers: HashMap<String, String>,
    /// Of the body, what was not read yet.
    pub left: u64,
}

impl Head {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn asks(&self, name: &str) -> bool {
        self.query.contains_key(name)
    }

    pub fn value(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

impl Connection {
    pub fn new(stream: Wire, [upward, downward]: [Direction; 2]) -> Connection {
        Connection {
            stream,
            upward,
            downward,
            buffer: vec![0; BLOCK],
            start: 0,
            end: 0,
            greeted: false,
        }
    }

    /// The next request's head; `None` when the client has gone.
    pub fn head(&mut self) -> Result<Option<Head>> {
        if !self.greeted {
            self.upward.greet();
            self.greeted = true;
        }
        let mut looked_at = 0;
        let length = loop {
            let unread = &self.buffer[self.start..self.end];
            let from = looked_at.min(unread.len());
            if let Some(at) = unread[from..]
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
                break from + at + 4;
            }
            looked_at = unread.len().saturating_sub(3);
            if unread.len() > HEAD_MAX {
                return Err(invalid("the head is too long"));
            }
            if self.fill()? == 0 {
                return Ok(None);
            }
        };
        let text = &self.buffer[self.start..self.start + length - 4];
        let head = parse(std::str::from_utf8(text).map_err(|_| invalid("the head is no text"))?)?;
        self.start += length;
        if head.header("expect").eq_ignore_ascii_case("100-continue") && self.start == self.end {
            self.upward.turn();
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        Ok(Some(head))
    }

    /// Reads more behind what is unread.
    fn fill(&mut self) -> Result<usize> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let allowed = usize::try_from(self.upward.wait()).unwrap_or(usize::MAX);
        let room = allowed.min(self.buffer.len() - self.end);
        let amount = self
            .stream
            .read(&mut self.buffer[self.end..self.end + room])?;
        self.upward.moved(amount as u64);
        self.end += amount;
        Ok(amount)
    }

    /// The next bytes of a body, at most `most`; an error when the client goes before its end.
    fn take(&mut self, head: &mut Head, most: u64) -> Result<&[u8]> {
        if self.start == self.end && self.fill()? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let amount = (self.end - self.start).min(usize::try_from(most).unwrap_or(usize::MAX));
        self.start += amount;
        head.left -= amount as u64;
        Ok(&self.buffer[self.start - amount..self.start])
    }

    /// Swallows `length` bytes of a body.
    pub fn swallow(&mut self, head: &mut Head, length: u64) -> Result<Content> {
        let mut hasher = Hasher::new();
        let mut left = length;
        while left > 0 {
            let bytes = self.take(head, left)?;
            left -= bytes.len() as u64;
            hasher.update(bytes);
        }
        Ok(hasher.content())
    }

    /// The next `length` bytes of a body, which are few.
    pub fn text(&mut self, head: &mut Head, length: u64) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        while (text.len() as u64) < length {
            let most = length - text.len() as u64;
            text.extend_from_slice(self.take(head, most)?);
        }
        Ok(text)
    }

    /// The body up to `mark` and with it; the mark comes within `most` bytes.
    pub fn until(&mut self, head: &mut Head, mark: &[u8], most: usize) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        while !text.ends_with(mark) {
            if head.left == 0 || text.len() >= most {
                return Err(invalid("the form is cut short"));
            }
            text.extend_from_slice(self.take(head, 1)?);
        }
        Ok(text)
    }

    /// An answer: its head, and the little body that it has.
    pub fn answer(&mut self, answer: &[u8]) -> Result<()> {
        self.upward.turn();
        self.stream.write_all(answer)
    }

    /// Bytes of a long answer, after its head.
    pub fn send(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let allowed = usize::try_from(self.downward.wait()).unwrap_or(usize::MAX);
            let amount = self.stream.write(&bytes[..bytes.len().min(allowed)])?;
            self.downward.moved(amount as u64);
            self.downward.arrive();
            bytes = &bytes[amount..];
        }
        Ok(())
    }
}

pub fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidData, message)
}

fn parse(text: &str) -> Result<Head> {
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(invalid("no request line"));
    };
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").map_or("0", String::as_str);
    let left = length.parse().map_err(|_| invalid("no content length"))?;
    if headers.contains_key("transfer-encoding") {
        return Err(invalid("bodies have a content length here"));
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_ascii_lowercase(), value.to_owned())
    };
    Ok(Head {
        method: method.to_owned(),
        // Some clients encode the slashes of keys, too.
        path: path.replace("%2F", "/"),
        query: query.split('&').map(pair).collect(),
        headers,
        left,
    })
}
