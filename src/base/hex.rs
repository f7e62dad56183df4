//! Digests as people and services write them.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(crate) fn hex(digest: &[u8]) -> String {
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    digest
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Whether a text is so many hex digits and nothing else.
pub(crate) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
}
