//! What a call has brought back, before it becomes the text of a reply.

use serde_json::{Map, Value};

#[derive(Debug, Default)]
pub(crate) struct Answer<T = ()> {
    pub(crate) value: T,
    /// What else the service has told, by its own names.
    pub(crate) extra: Map<String, Value>,
    pub(crate) message: String,
    /// HTTP status; 0 for a call that sends nothing.
    pub(crate) httpcode: u16,
    pub(crate) request_id: Option<String>,
}

impl<T> Answer<T> {
    /// A success without an answer of its own: one that was lost, or one that took several requests.
    pub(crate) fn success(value: T) -> Answer<T> {
        Answer {
            httpcode: 200,
            ..Answer::local(value)
        }
    }

    /// That of a call that needs no service, such as signing.
    pub(crate) fn local(value: T) -> Answer<T> {
        Answer {
            value,
            extra: Map::new(),
            message: "SUCCESS".to_owned(),
            httpcode: 0,
            request_id: None,
        }
    }

    pub(crate) fn with_request_id(self, request_id: Option<String>) -> Answer<T> {
        Answer { request_id, ..self }
    }

    pub(crate) fn with<U>(self, value: U) -> Answer<U> {
        Answer {
            value,
            extra: self.extra,
            message: self.message,
            httpcode: self.httpcode,
            request_id: self.request_id,
        }
    }
}
