//! Text as the value of an object's metadata. Headers are ASCII; what is not goes percent-encoded as UTF-8, which every
//! language can decode (xml-api.md §3.16). Other ASCII goes as it is.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What every encoder leaves as it is (RFC 3986 §2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The value of a header that `decode` makes the same text of.
pub(crate) fn encode(text: &str) -> Cow<'_, str> {
    let is_plain = |b: u8| b.is_ascii_graphic() || b == b' ';
    let is_whole = text.trim_matches(' ') == text && text.bytes().all(is_plain);
    match is_whole && decode(text) == text {
        true => Cow::Borrowed(text),
        false => Cow::Owned(encoded(text)),
    }
}

/// Whoever has written it. ASCII that looks encoded is left as it is, unless `encode` has made it.
pub(crate) fn decode(value: &str) -> Cow<'_, str> {
    let Ok(text) = percent_decode_str(value).decode_utf8() else {
        return Cow::Borrowed(value);
    };
    match text == value || text.is_ascii() && encode(&text) != value {
        true => Cow::Borrowed(value),
        false => text,
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for (text, value) in [
            ("", ""),
            ("plain, \"quoted\"; a=b", "plain, \"quoted\"; a=b"),
            ("100%", "100%"),
            ("a%20b", "a%20b"),
            ("50%25", "50%25"),
            ("%", "%"),
            ("中 文", "%E4%B8%AD%20%E6%96%87"),
            ("100% 中", "100%25%20%E4%B8%AD"),
            ("é~_-.", "%C3%A9~_-."),
            // It would be taken for what it is not.
            ("%E4%B8%AD", "%25E4%25B8%25AD"),
            ("%25E4%25B8%25AD", "%2525E4%2525B8%2525AD"),
            (" a ", "%20a%20"),
            ("%20a", "%2520a"),
            ("two\nlines\t", "two%0Alines%09"),
            ("two%0Alines", "two%250Alines"),
        ] {
            assert_eq!(encode(text), value);
            assert_eq!(decode(value), text, "{value}");
        }
    }

    #[test]
    fn what_others_have_written_is_read_as_far_as_it_makes_sense() {
        for (value, text) in [
            ("%e4%b8%ad+%E6%96%87", "中+文"),
            ("a%2Fb", "a%2Fb"),
            ("%ff", "%ff"),
            ("%E4%B8", "%E4%B8"),
            ("中", "中"),
            ("%41", "%41"),
        ] {
            assert_eq!(decode(value), text);
        }
    }
}
