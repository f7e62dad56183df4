//! A service of the XML API with one object, `from`, of which a test tells everything: what copies
//! are asked for is kept, and what they made is told as the test wants it.

use std::sync::{Arc, Mutex};

use super::listener::{Listener, Received};

/// What is told of an object.
#[derive(Clone)]
pub struct Object {
    /// Of the answer to HEAD, each with its line's end.
    pub headers: String,
    pub size: u64,
    /// Status, headers and document of the answer to GET ?acl.
    pub acl: (u16, String, String),
}

/// Whose account it is.
pub const OWNER: &str = "qcs::cam::uin/100000000001:uin/100000000001";

impl Object {
    /// Nobody's but its owner's.
    pub fn new() -> Object {
        Object {
            headers: "ETag: \"5d41402abc4b2a76b9719d911017c592\"\r\n\
                      Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\nx-cos-hash-crc64ecma: 7\r\n"
                .to_owned(),
            size: 5,
            acl: acl("", ""),
        }
    }

    pub fn with(mut self, headers: &str) -> Object {
        self.headers.push_str(headers);
        self
    }
}

/// An answer to GET ?acl, with these grants beside the owner's own.
pub fn acl(headers: &str, grants: &str) -> (u16, String, String) {
    let own = grant(&format!("<ID>{OWNER}</ID>"), "FULL_CONTROL");
    let document = format!(
        "<AccessControlPolicy><Owner><ID>{OWNER}</ID></Owner>\
         <AccessControlList>{grants}{own}</AccessControlList></AccessControlPolicy>"
    );
    (200, headers.to_owned(), document)
}

pub fn grant(grantee: &str, permission: &str) -> String {
    format!("<Grant><Grantee>{grantee}</Grantee><Permission>{permission}</Permission></Grant>")
}

/// To an account of this number.
pub fn to(account: u64, permission: &str) -> String {
    grant(
        &format!("<ID>qcs::cam::uin/{account}:uin/{account}</ID>"),
        permission,
    )
}

/// `copy` is what is at any other place once it has been put there; `None`: the same as the source.
pub fn service(source: Object, copy: Option<Object>) -> Listener {
    changing(source, copy, None)
}

/// The same; `after` is what the source is once it has been copied.
pub fn changing(source: Object, copy: Option<Object>, after: Option<Object>) -> Listener {
    let is_copied = Arc::new(Mutex::new(false));
    let copy = copy.unwrap_or_else(|| source.clone());
    Listener::answering(move |_, request| {
        let (method, target) = request.line.split_once(' ').unwrap();
        let mut is_copied = is_copied.lock().unwrap();
        let told = encryption_of(&copy);
        let object = match target.contains("/from") {
            true => Some(after.as_ref().filter(|_| *is_copied).unwrap_or(&source)),
            false => Some(&copy).filter(|_| *is_copied),
        };
        match (method, object) {
            ("HEAD", Some(object)) => {
                let Object { headers, size, .. } = object;
                let refused = headers.starts_with("HTTP/");
                let status = if refused { "" } else { "HTTP/1.1 200 X\r\n" };
                let head =
                    format!("{status}{headers}Content-Length: {size}\r\nConnection: close\r\n\r\n");
                head.into_bytes()
            }
            ("GET", Some(object)) if target.contains("?acl") => {
                let (status, headers, document) = &object.acl;
                reply(*status, headers, document)
            }
            ("GET", Some(object)) if target.contains("?tagging") => {
                let (key, value) = ("<Key>a b</Key>", "<Value>c/d</Value>");
                let set = format!("<TagSet><Tag>{key}{value}</Tag></TagSet>");
                let is_hidden = object.headers.contains("hidden-tags");
                let status = if is_hidden { 403 } else { 200 };
                reply(status, "", &format!("<Tagging>{set}</Tagging>"))
            }
            ("HEAD" | "GET", None) => reply(404, "", ""),
            ("POST", _) if target.contains("?uploads") => reply(
                200,
                &told,
                "<InitiateMultipartUploadResult><UploadId>u</UploadId>\
                 </InitiateMultipartUploadResult>",
            ),
            ("PUT", _) if target.contains("partNumber") => {
                let part = "<CopyPartResult><ETag>\"p\"</ETag></CopyPartResult>";
                reply(200, &told, part)
            }
            ("POST", _) => {
                *is_copied = true;
                let done = "<CompleteMultipartUploadResult><ETag>\"c-6\"</ETag>\
                            </CompleteMultipartUploadResult>";
                reply(200, &told, done)
            }
            ("PUT", _) => {
                *is_copied = true;
                let done = "<CopyObjectResult><ETag>\"c\"</ETag></CopyObjectResult>";
                reply(200, &told, done)
            }
            _ => reply(204, "", ""),
        }
    })
}

/// What every answer tells of an object's encryption.
fn encryption_of(object: &Object) -> String {
    let lines = object.headers.split_inclusive("\r\n");
    lines
        .filter(|line| line.starts_with("x-cos-server-side-encryption"))
        .collect()
}

pub fn reply(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The requests that change something.
pub fn changes(service: &Listener) -> Vec<Received> {
    let is_question = |r: &Received| r.line.starts_with("HEAD") || r.line.starts_with("GET");
    let mut received = service.received();
    received.retain(|request| !is_question(request));
    received
}
