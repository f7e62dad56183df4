//! Keys as the service names them. A key may hold any bytes; not every one can stand in a URL and mean
//! the same object wherever it comes along.

use std::borrow::Cow;
use std::fmt::Write;

use percent_encoding::percent_decode;

/// A key, or the beginning that keys share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Key {
        Key(bytes.into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn ends_with_slash(&self) -> bool {
        self.0.ends_with(b"/")
    }

    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// As replies show it.
    pub(crate) fn shown(&self) -> String {
        shown(&self.0).into_owned()
    }

    /// Why no URL names just this object, if so.
    pub(crate) fn unusable(&self) -> Option<&'static str> {
        match self.text() {
            None => Some("is not UTF-8; the bytes that are none are shown as %XX"),
            Some("") => Some("is empty"),
            Some(key) if key.starts_with('/') => Some("begins with '/', which no key may"),
            Some(key) => stray(key),
        }
    }
}

/// Text as it is, and bytes that are no UTF-8 as `%XX`.
pub(crate) fn shown(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for chunk in bytes.utf8_chunks() {
        shown.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(shown, "%{byte:02X}");
        }
    }
    Cow::Owned(shown)
}

/// Why a name that the service gave would lead elsewhere in a URL, if so. Proxies and servers resolve
/// `.` and `..`; some decode once more than they should, take `\` for `/`, or end at a NUL.
pub(crate) fn stray(name: &str) -> Option<&'static str> {
    if name.contains('\0') {
        return Some("holds the character U+0000");
    }
    let mut bytes = Cow::Borrowed(name.as_bytes());
    loop {
        let mut segments = bytes.split(|byte| matches!(byte, b'/' | b'\\'));
        if segments.any(|segment| matches!(segment, b"." | b"..")) {
            return Some("has a segment \".\" or \"..\", plain or in another form");
        }
        let decoded: Vec<u8> = percent_decode(&bytes).collect();
        if decoded.len() == bytes.len() {
            return None;
        }
        bytes = Cow::Owned(decoded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_lead_elsewhere_are_known() {
        for key in [
            &b""[..],
            b"/a",
            b".",
            b"..",
            b"a/../b",
            b"a/.",
            b"./a",
            b"a\\..\\b",
            b"a/%2e%2E/b",
            b"a/.%2e",
            b"a%2f..%2fb",
            b"%252e%252e/a",
            b"a%5c%2e%2e",
            b"a\0b",
            b"a\xff",
        ] {
            assert!(Key::new(key).unusable().is_some(), "{}", shown(key));
        }
        for key in [
            "a", "a//b", "a/", "a//", "...", "..a/b..", ".a", "a\\b", "\\c\\", "100%", "%2e", "a%",
            "a\x01b", "中/ü",
        ] {
            let why = Key::new(key).unusable();
            assert_eq!(why.is_some(), key == "%2e", "{key:?}");
        }
    }

    #[test]
    fn what_is_no_utf_8_is_shown_byte_by_byte() {
        assert_eq!(shown(b"a\xff/\xe4\xb8"), "a%FF/%E4%B8");
        assert_eq!(shown("中%FF".as_bytes()), "中%FF");
    }
}
