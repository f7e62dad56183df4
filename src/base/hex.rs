//! Digests as people and services write them.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(crate) fn hex(digest: &[u8]) -> String {
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    digest
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
