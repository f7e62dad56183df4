//! Names and values inside messages: in quotes, short, and without characters that no reader sees.

/// Enough to know it again.
const SHOWN_CHARS: usize = 200;

/// `"text"`; control characters stand percent-encoded, as in URLs.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::from("\"");
    for (number, c) in text.chars().enumerate() {
        if number == SHOWN_CHARS {
            shown.push('…');
            break;
        }
        match c.is_control() || is_invisible(c) {
            true => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                shown.push_str(&format!("%{byte:02X}"));
            }),
            false => shown.push(c),
        }
    }
    shown.push('"');
    shown
}

/// Marks that reorder or hide what stands beside them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_was_given() {
        for (text, shown) in [
            ("", "\"\""),
            ("..", "\"..\""),
            ("a \"b\" 中'", "\"a \"b\" 中'\""),
            ("a\nb\u{1}", "\"a%0Ab%01\""),
            ("a\u{202e}b", "\"a%E2%80%AEb\""),
        ] {
            assert_eq!(quoted(text), shown);
        }
        assert_eq!(quoted(&"x".repeat(5000)).chars().count(), 203);
    }
}
