//! What the service has answered to a request in the caller's own words: all of it.

use serde_json::{Map, Value};

#[derive(Debug, Default)]
pub(crate) struct RawAnswer {
    /// HTTP status.
    pub(crate) status: u16,
    /// By their names in lower case.
    pub(crate) headers: Map<String, Value>,
    pub(crate) body: RawBody,
    /// What the body says, where it is an XML document.
    pub(crate) xml: Option<Value>,
}

#[derive(Debug)]
pub(crate) enum RawBody {
    Text(String),
    /// What is no UTF-8.
    Bytes(Vec<u8>),
    /// Not told.
    Withheld,
}

impl RawBody {
    pub(crate) fn of(bytes: Vec<u8>) -> RawBody {
        match String::from_utf8(bytes) {
            Ok(text) => RawBody::Text(text),
            Err(error) => RawBody::Bytes(error.into_bytes()),
        }
    }
}

impl Default for RawBody {
    fn default() -> RawBody {
        RawBody::Text(String::new())
    }
}
