//! What must not get into a message, whichever way a service repeats it: signatures, tokens, keys.

mod search;
mod unescape;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::model::Encryption;
use crate::model::credentials::Credentials;
use crate::model::encryption::KEY_HEADERS;
use crate::transport::Request;
use search::Pattern;
use unescape::unescaped;

/// Shorter ones are words of every message: they are hidden only where they stand alone.
const DISTINCT_BYTES: usize = 8;

/// All secrets of a request. Has no `Debug` on purpose.
#[derive(Default)]
pub(crate) struct Secrets(Vec<Secret>);

struct Secret {
    /// What a message shows in its stead.
    mark: &'static str,
    text: Zeroizing<String>,
}

impl Secrets {
    /// Those of an account that may come back with any answer.
    pub(crate) fn of(credentials: &Credentials) -> Secrets {
        Secrets::default().and(credentials)
    }

    pub(crate) fn and(mut self, credentials: &Credentials) -> Secrets {
        self.add("(token)", credentials.token().unwrap_or_default());
        self.add("(secret key)", credentials.secret_key());
        // Whoever has mixed up the two has sent the key.
        self.add("(secret id)", credentials.secret_id());
        self
    }

    pub(crate) fn with_signature(mut self, signature: &str) -> Secrets {
        // In the XML API the rest of it is public.
        if let Some((_, digits)) = signature.rsplit_once("q-signature=") {
            self.add("(signature)", digits);
        }
        self.add("(signature)", signature);
        self
    }

    /// A key that an object is encrypted with, where only the caller has it.
    pub(crate) fn with_key(mut self, encryption: Option<&Encryption>) -> Secrets {
        if let Some(key) = encryption.and_then(Encryption::customer_key) {
            self.add("(key)", key.key());
        }
        self
    }

    /// The same of those that a request carries.
    pub(crate) fn with_keys_of(mut self, request: &Request) -> Secrets {
        for (name, value) in &request.headers {
            if KEY_HEADERS.contains(&&**name) {
                self.add("(key)", value);
            }
        }
        self
    }

    fn add(&mut self, mark: &'static str, text: &str) {
        if !text.is_empty() {
            self.0.push(Secret {
                mark,
                text: Zeroizing::new(text.to_owned()),
            });
        }
    }

    /// Hides them in everything that an error says.
    pub(crate) fn hide_in(&self, mut error: Error) -> Error {
        self.hide_in_text(&mut error.message);
        self.hide_in_data(&mut error.data);
        if let Some(id) = &mut error.request_id {
            self.hide_in_text(id);
        }
        if let Some(detail) = &mut error.detail {
            self.hide_in_text(&mut detail.service_code);
            self.hide_in_text(&mut detail.trace_id);
        }
        error
    }

    /// The same of a text that is somebody else's.
    pub(crate) fn without(&self, text: &str) -> String {
        self.hidden(text).unwrap_or_else(|| text.to_owned())
    }

    pub(crate) fn hide_in_text(&self, text: &mut String) {
        if let Some(hidden) = self.hidden(text) {
            *text = hidden;
        }
    }

    pub(crate) fn hide_in_data(&self, data: &mut Map<String, Value>) {
        let keys = data.keys().filter_map(|key| {
            let hidden = self.hidden(key)?;
            Some((key.clone(), hidden))
        });
        for (key, hidden) in keys.collect::<Vec<_>>() {
            if let Some(value) = data.remove(&key) {
                data.insert(hidden, value);
            }
        }
        for value in data.values_mut() {
            self.hide_in_value(value);
        }
    }

    pub(crate) fn hide_in_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.hide_in_text(text),
            Value::Array(values) => values
                .iter_mut()
                .for_each(|value| self.hide_in_value(value)),
            Value::Object(data) => self.hide_in_data(data),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The text with marks in place of secrets, if it holds any: as they are, or escaped for a URL, for
    /// JSON or for XML. Time and memory are linear in the text's length, whatever the secrets are.
    fn hidden(&self, text: &str) -> Option<String> {
        let bytes = text.as_bytes();
        // Which byte belongs to which secret, from 1 on; all are found before any is replaced.
        let mut owners: Vec<u8> = Vec::new();
        let is_escaped = bytes.iter().any(|b| matches!(b, b'%' | b'&' | b'\\'));
        for (number, secret) in self.0.iter().enumerate() {
            if !is_escaped && !begins_in(secret.text.as_bytes(), bytes) {
                continue;
            }
            let owner = u8::try_from(number + 1).unwrap_or(u8::MAX);
            let mut cover = |start: usize, end: usize| {
                if secret.text.len() >= DISTINCT_BYTES || stands_alone(bytes, start, end) {
                    owners.resize(bytes.len(), 0);
                    owners[start..end].fill(owner);
                }
            };
            let pattern = Pattern::new(secret.text.as_bytes());
            let plain = bytes.iter().enumerate().map(|(at, b)| (*b, at, at + 1));
            pattern.search(plain, bytes.len(), &mut cover);
            if is_escaped {
                let decoded: Vec<u8> = unescaped(secret.text.as_bytes(), false)
                    .map(|(byte, _, _)| byte)
                    .collect();
                let pattern = Pattern::new(&decoded);
                pattern.search(unescaped(bytes, true), bytes.len(), &mut cover);
            }
        }
        (!owners.is_empty()).then(|| self.marked(text, &owners))
    }

    fn marked(&self, text: &str, owners: &[u8]) -> String {
        let mut marked = String::new();
        let mut at = 0;
        for run in owners.chunk_by(|one, other| (*one == 0) == (*other == 0)) {
            let end = at + run.len();
            match run[0] {
                // A secret begins and ends with a character, so the rest does, too.
                0 => marked.push_str(text.get(at..end).unwrap_or_default()),
                owner => marked.push_str(self.0[usize::from(owner) - 1].mark),
            }
            at = end;
        }
        marked
    }
}

/// Whether as much of a secret as is worth hiding is in the text. Nearly always it is not, and nothing
/// has to be made ready to look for the rest.
fn begins_in(secret: &[u8], text: &[u8]) -> bool {
    let beginning = &secret[..secret.len().min(DISTINCT_BYTES)];
    text.windows(beginning.len())
        .any(|window| window[0] == beginning[0] && window == beginning)
}

fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let in_word = |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    !before.is_some_and(in_word) && !bytes.get(end).is_some_and(in_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(all: &[(&'static str, &str)]) -> Secrets {
        let mut secrets = Secrets::default();
        for (mark, text) in all {
            secrets.add(mark, text);
        }
        secrets
    }

    fn hidden(secret: &str, text: &str) -> String {
        let mut text = text.to_owned();
        secrets(&[("(s)", secret)]).hide_in_text(&mut text);
        text
    }

    #[test]
    fn every_spelling_is_found() {
        let secret = "abc+/d&e==";
        for spelling in [
            secret,
            "abc%2B%2Fd%26e%3D%3D",
            "abc%2b/d%26e==",
            "abc%252B%252Fd%2526e%253D%253D",
            r"abc+\/d&e==",
            r"abc\u002b\/d\u0026e==",
            "abc+/d&amp;e==",
            "abc&#43;/d&amp;amp;e&#x3D;=",
        ] {
            let text = format!("<{spelling}> again {spelling}");
            assert_eq!(hidden(secret, &text), "<(s)> again (s)", "{spelling}");
        }
        assert_eq!(hidden("ab%41cdef", "x ab%41cdef"), "x (s)");
        assert_eq!(hidden(secret, "abc /d e"), "abc /d e");
    }

    #[test]
    fn what_was_cut_off_is_a_secret_too() {
        assert_eq!(hidden("0123456789abcdef", "x: 0123456789"), "x: (s)");
        assert_eq!(hidden("01234567/9abcdef", "x: 01234567%2"), "x: (s)");
        assert_eq!(hidden("01234567&9abcdef", "x: 01234567&am"), "x: (s)");
        assert_eq!(hidden("0123456789abcdef", "x: 0123456"), "x: 0123456");
    }

    #[test]
    fn a_short_secret_leaves_the_message_readable() {
        for (text, expected) in [
            ("access denied", "access denied"),
            ("token=a&x", "token=(s)&x"),
            ("a: a", "(s): (s)"),
            ("中a", "中a"),
        ] {
            assert_eq!(hidden("a", text), expected);
        }
        // What is put there is not searched again.
        assert_eq!(hidden("s", "s"), "(s)");
    }

    #[test]
    fn overlapping_secrets_are_hidden_whole() {
        let mut text = "x12345678abcdefghXYZ 12345678abcdefgh12345678abcdefgh".to_owned();
        let all = secrets(&[("(1)", "12345678abcdefgh"), ("(2)", "abcdefghXYZ")]);
        all.hide_in_text(&mut text);
        assert!(!text.contains("abcd") && !text.contains("XYZ"), "{text}");
        assert_eq!(hidden("abababab", "ababababab!"), "(s)!");
    }

    #[test]
    fn data_is_searched_to_its_depth() {
        let value = serde_json::json!({"a": ["secretsecret", {"secretsecret": 1}], "b": 2});
        let Value::Object(mut data) = value else {
            unreachable!()
        };
        secrets(&[("(s)", "secretsecret")]).hide_in_data(&mut data);
        let expected = serde_json::json!({"a": ["(s)", {"(s)": 1}], "b": 2});
        assert_eq!(Value::Object(data), expected);
    }
}
