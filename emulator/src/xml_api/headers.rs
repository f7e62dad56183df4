//! Headers of requests as text.

use axum::http::HeaderMap;

use super::refusal::{Refusal, code};

/// A header's text, empty counting as absent.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(_) => Err(Refusal::new(
            code::INVALID_ARGUMENT,
            format!("the header {name} is not UTF-8"),
        )),
    }
}
