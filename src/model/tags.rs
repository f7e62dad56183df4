//! Tags of an object (xml-api.md §3.17): names and values of the caller's own, checked before anything is sent.

use serde_json::{Map, Value};

use super::reply::ReplyData;
use crate::base::quoted::quoted;

/// Of one object.
const TAGS_MAX: usize = 10;

/// In characters, the larger ones where the service's pages differ.
const KEY_MAX_CHARS: usize = 128;
const VALUE_MAX_CHARS: usize = 256;

/// Beside letters and digits; those that any of the service's pages allows.
const SIGNS: &str = " +-=._:/@";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tags(Vec<(String, String)>);

impl Tags {
    /// As the service tells them.
    pub(crate) fn told(tags: Map<String, Value>) -> Tags {
        let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
        Tags(
            tags.into_iter()
                .map(|(key, value)| (key, text(value)))
                .collect(),
        )
    }

    /// As the caller gives them; an error is a predicate.
    pub(crate) fn given(given: &Map<String, Value>) -> Result<Tags, String> {
        if given.len() > TAGS_MAX {
            return Err(format!(
                "has {} tags, the service takes {TAGS_MAX}",
                given.len()
            ));
        }
        let checked = given.iter().map(|(key, value)| {
            let wrong = |problem: String| format!("{}: {problem}", quoted(key));
            let value = value.as_str();
            let value = value.ok_or_else(|| wrong("must be a string".to_owned()))?;
            check("key", key, 1..=KEY_MAX_CHARS).map_err(wrong)?;
            check("value", value, 0..=VALUE_MAX_CHARS).map_err(wrong)?;
            Ok((key.clone(), value.to_owned()))
        });
        checked.collect::<Result<_, _>>().map(Tags)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

fn check(what: &str, text: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<(), String> {
    let length = text.chars().count();
    if !lengths.contains(&length) {
        let (least, most) = (lengths.start(), lengths.end());
        return Err(format!(
            "the {what} has {length} characters, the service takes {least} to {most}"
        ));
    }
    match text
        .chars()
        .find(|c| !c.is_alphanumeric() && !SIGNS.contains(*c))
    {
        None => Ok(()),
        Some(c) => Err(format!(
            "the {what} holds U+{:04X}, the service takes letters, digits, blanks and{}",
            c as u32,
            SIGNS
                .replace(' ', "")
                .chars()
                .map(|c| format!(" {c}"))
                .collect::<String>()
        )),
    }
}

impl ReplyData for Tags {
    fn write(self, data: &mut Map<String, Value>) {
        let tags = self.0.into_iter().map(|(key, value)| (key, value.into()));
        data.insert("tags".to_owned(), Value::Object(tags.collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_limit_holds_on_both_sides() {
        let given = |tags: Value| Tags::given(tags.as_object().unwrap());
        let long = |length: usize| "名".repeat(length);
        let many = |count: usize| (0..count).map(|n| (n.to_string(), json!("v"))).collect();
        for lawful in [
            json!({}),
            json!({"k": ""}),
            json!({long(128): long(256)}),
            json!({" +-=._:/@": " +-=._:/@"}),
            Value::Object(many(10)),
        ] {
            assert!(given(lawful.clone()).is_ok(), "{lawful}");
        }
        for (wrong, why) in [
            (Value::Object(many(11)), "has 11 tags, the service takes 10"),
            (json!({"": "v"}), "\"\": the key has 0 characters"),
            (json!({long(129): "v"}), "the key has 129 characters"),
            (json!({"k": long(257)}), "the value has 257 characters"),
            (json!({"k!": "v"}), "\"k!\": the key holds U+0021"),
            (json!({"k": "a,b"}), "the value holds U+002C"),
            (json!({"k": "a\n"}), "the value holds U+000A"),
            (json!({"k": 1}), "\"k\": must be a string"),
        ] {
            let problem = given(wrong).unwrap_err();
            assert!(problem.contains(why), "{problem}");
        }
    }
}
