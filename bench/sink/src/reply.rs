//! Answers as text.

use crate::digest::Content;

/// Any time will do: nothing here is ever changed.
const TIME: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

pub struct Reply {
    status: u16,
    headers: String,
    body: String,
}

impl Reply {
    pub fn new(status: u16) -> Reply {
        Reply {
            status,
            headers: String::new(),
            body: String::new(),
        }
    }

    pub fn xml(status: u16, body: String) -> Reply {
        Reply::new(status).typed("application/xml", body)
    }

    pub fn json(status: u16, body: String) -> Reply {
        Reply::new(status).typed("application/json", body)
    }

    fn typed(self, kind: &str, body: String) -> Reply {
        Reply {
            body,
            ..self.header("Content-Type", kind)
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Reply {
        for word in [name, ": ", value, "\r\n"] {
            self.headers.push_str(word);
        }
        self
    }

    /// What the service tells of content.
    pub fn about(self, content: Content) -> Reply {
        self.header("ETag", &format!("\"{}\"", etag(content)))
            .header("x-cos-hash-crc64ecma", &content.crc64.to_string())
            .header("Last-Modified", TIME)
    }

    pub fn bytes(self) -> Vec<u8> {
        let length = self.body.len() as u64;
        let mut answer = self.head(length);
        answer.extend_from_slice(self.body.as_bytes());
        answer
    }

    /// The head alone, before a body of `length` bytes that comes after it or, to a HEAD, never.
    pub fn head(&self, length: u64) -> Vec<u8> {
        let reason = match self.status {
            200 => "OK",
            204 => "No Content",
            206 => "Partial Content",
            404 => "Not Found",
            503 => "Service Unavailable",
            _ => "Bad Request",
        };
        format!(
            "HTTP/1.1 {} {reason}\r\nServer: tencent-cos\r\nDate: {TIME}\r\n\
             x-cos-request-id: NjkwMDAwMDBfc2luaw==\r\nContent-Length: {length}\r\n{}\r\n",
            self.status, self.headers
        )
        .into_bytes()
    }
}

/// 32 hex digits, other ones for other content; the MD5 of small objects, as the service's.
pub fn etag(content: Content) -> String {
    if let Some(md5) = content.md5 {
        return md5.iter().map(|byte| format!("{byte:02x}")).collect();
    }
    format!("{:016x}{:016x}", content.crc64, content.size)
}
