//! `multipart/form-data` (RFC 7578) around content that is not copied.

use crate::base::random;
use crate::transport::{Body, Content};

pub(super) struct Form<'a> {
    boundary: String,
    head: Vec<u8>,
    content: Option<Content<'a>>,
}

impl<'a> Form<'a> {
    pub(super) fn new() -> Form<'a> {
        Form {
            // 128 random bits: no content holds it but by a miracle.
            boundary: format!("qcos-{}", random::hex128()),
            head: Vec::new(),
            content: None,
        }
    }

    /// `value` holds no control characters, so it cannot end its part.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let part = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n",
            self.boundary
        );
        self.head.extend_from_slice(part.as_bytes());
    }

    /// The file's bytes; the last part. Without a type, as the classic SDK sends it: the service finds
    /// one by the name's ending.
    pub(super) fn content(&mut self, content: Content<'a>) {
        let part = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"filecontent\"; \
             filename=\"filecontent\"\r\n\r\n",
            self.boundary
        );
        self.head.extend_from_slice(part.as_bytes());
        self.content = Some(content);
    }

    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub(super) fn into_body(self) -> Body<'a> {
        // A text part has brought its line break along; the content's is still to come.
        let line_break = if self.content.is_some() { "\r\n" } else { "" };
        Body {
            head: self.head,
            content: self.content.unwrap_or_default(),
            tail: format!("{line_break}--{}--\r\n", self.boundary).into_bytes(),
        }
    }
}
