//! HTTP/1.1 on a plain socket, one request for each connection.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Far above what any answer takes; a test that hangs fails instead.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The body without the framing of a chunked one.
    #[track_caller]
    pub fn content(&self) -> Vec<u8> {
        if self.header("transfer-encoding") != Some("chunked") {
            return self.body.clone();
        }
        let (mut content, mut rest) = (Vec::new(), &self.body[..]);
        loop {
            let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
            let size = std::str::from_utf8(&rest[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            if size == 0 {
                return content;
            }
            rest = &rest[end + 2..];
            content.extend_from_slice(&rest[..size]);
            rest = &rest[size + 2..];
        }
    }

    #[track_caller]
    pub fn text(&self) -> String {
        String::from_utf8(self.content()).unwrap()
    }

    /// The text of the first such node of an XML body.
    #[track_caller]
    pub fn node(&self, name: &str) -> Option<String> {
        self.nodes(name).into_iter().next()
    }

    /// The texts of all such nodes; what is in them may be nodes again.
    #[track_caller]
    pub fn nodes(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let text = self.text();
        let starts = text.split(&open).skip(1);
        let nodes = starts.map(|rest| rest.split(&close).next().unwrap().to_owned());
        nodes.collect()
    }

    /// An error of the XML API: the status, the code, and the five nodes that some clients insist on.
    #[track_caller]
    pub fn xml_error(&self, status: u16, code: &str) {
        let text = self.text();
        assert_eq!(self.status, status, "{text}");
        assert_eq!(self.node("Code").as_deref(), Some(code), "{text}");
        for name in ["Message", "Resource", "RequestId", "TraceId"] {
            assert!(
                self.node(name).is_some_and(|node| !node.is_empty()),
                "{text}"
            );
        }
        assert_eq!(self.header("content-type"), Some("application/xml"));
        assert_eq!(
            self.header("x-cos-request-id"),
            self.node("RequestId").as_deref()
        );
        assert_eq!(
            self.header("x-cos-trace-id"),
            self.node("TraceId").as_deref()
        );
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Reply {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The body, which has to be the service's JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        let value: Value = serde_json::from_slice(&self.body).unwrap();
        assert!(
            value["code"].is_i64() && value["message"].is_string(),
            "{value}"
        );
        value
    }

    #[track_caller]
    pub fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap()
    }

    /// Of a success.
    #[track_caller]
    pub fn data(&self) -> Value {
        let value = self.json();
        assert_eq!(
            (self.status, &value["code"]),
            (200, &Value::from(0)),
            "{value}"
        );
        assert_eq!(value["message"], "SUCCESS");
        value["data"].clone()
    }

    #[track_caller]
    pub fn ok(&self) {
        self.data();
    }

    /// An error of the classic service: HTTP 400, no data.
    #[track_caller]
    pub fn refused(&self, code: i64) {
        let value = self.json();
        assert_eq!(
            (self.status, &value["code"]),
            (400, &Value::from(code)),
            "{value}"
        );
        assert!(value.get("data").is_none());
        assert!(!value["message"].as_str().unwrap().is_empty());
    }
}

pub fn request(
    address: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let head = head(address, method, target, headers, body.len());
    raw(address, &[head.as_bytes(), body].concat())
}

pub fn head(
    host: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    length: usize,
) -> String {
    let mut head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        head += &format!("Host: {host}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if method == "POST" {
        head += &format!("Content-Length: {length}\r\n");
    }
    head + "\r\n"
}

/// Sends bytes as they are.
pub fn raw(address: &str, bytes: &[u8]) -> Reply {
    try_raw(address, bytes).unwrap()
}

/// The same towards a service that may die meanwhile.
pub fn try_raw(address: &str, bytes: &[u8]) -> std::io::Result<Reply> {
    let mut stream = connect(address)?;
    stream.write_all(bytes)?;
    let (reply, length) = read(&mut stream)?;
    // A reply to HEAD has none of the body that its length tells of.
    let has_body = !bytes.starts_with(b"HEAD ");
    if has_body && length.is_some_and(|length| length != reply.body.len()) {
        return Err(cut());
    }
    Ok(reply)
}

pub fn connect(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Reads a whole reply, to the end of the connection.
pub fn read_reply(stream: &mut TcpStream) -> std::io::Result<Reply> {
    match read(stream)? {
        (reply, Some(length)) if length != reply.body.len() => Err(cut()),
        (reply, _) => Ok(reply),
    }
}

/// A reply, and the length of the body that it announces.
fn read(stream: &mut TcpStream) -> std::io::Result<(Reply, Option<usize>)> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
    let reply = Reply {
        status: status.ok_or_else(cut)?,
        head,
        body: bytes.split_off(end + 4),
    };
    let length = reply.header("content-length").map(str::parse);
    let length = length.transpose().map_err(std::io::Error::other)?;
    Ok((reply, length))
}

fn cut() -> std::io::Error {
    std::io::Error::other("the reply is cut")
}

/// multipart/form-data as requests, formstream, java and curl write it: every detail can be changed.
#[derive(Clone)]
pub struct Form {
    pub parts: Vec<Vec<u8>>,
}

const BOUNDARY: &str = "----qcos0123456789abcdef";

impl Form {
    pub fn new(fields: &[(&str, &str)]) -> Form {
        let mut form = Form { parts: Vec::new() };
        for (name, value) in fields {
            form = form.part(
                &format!("Content-Disposition: form-data; name=\"{name}\""),
                value.as_bytes(),
            );
        }
        form
    }

    pub fn field(self, name: &str, value: &str) -> Form {
        self.part(
            &format!("Content-Disposition: form-data; name=\"{name}\""),
            value.as_bytes(),
        )
    }

    pub fn content(self, bytes: &[u8]) -> Form {
        self.part(
            "Content-Disposition: form-data; name=\"filecontent\"; filename=\"a.bin\"\r\n\
             Content-Type: application/octet-stream",
            bytes,
        )
    }

    /// `headers` without the last line break.
    pub fn part(mut self, headers: &str, value: &[u8]) -> Form {
        let head = format!("--{BOUNDARY}\r\n{headers}\r\n\r\n");
        self.parts.push([head.as_bytes(), value, b"\r\n"].concat());
        self
    }

    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    pub fn body(&self) -> Vec<u8> {
        [
            self.parts.concat(),
            format!("--{BOUNDARY}--\r\n").into_bytes(),
        ]
        .concat()
    }
}
