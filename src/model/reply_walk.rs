//! Walks through JSON text without making values of it: the elements of one array are handed out as
//! they stand there, in one pass, however many there are.

use serde_core::de::IgnoredAny;
use serde_json::Deserializer;

/// A pointer that leads deeper leads to nothing: no reply is as deep, and each level takes stack.
const DEPTH_MAX: usize = 128;

/// Hands the elements of the array at an RFC 6901 pointer to `visit`, each as JSON text, until it
/// returns something other than 0. Returns that, or 0 at the end; `None` where there is no such array,
/// or the text is no JSON.
pub(crate) fn each(text: &str, pointer: &str, visit: &mut dyn FnMut(&str) -> i32) -> Option<i32> {
    let steps = steps(pointer)?;
    let mut cursor = Cursor { rest: text };
    let outcome = cursor.walk(&steps, visit)?;
    cursor.skip_blanks();
    // An end that was asked for is one, whatever follows.
    (outcome != 0 || cursor.rest.is_empty()).then_some(outcome)
}

/// The names that a pointer leads through.
fn steps(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let names = pointer.strip_prefix('/')?.split('/');
    let names: Vec<String> = names
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
        .collect();
    (names.len() <= DEPTH_MAX).then_some(names)
}

/// A place in JSON text.
struct Cursor<'t> {
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    /// Goes to the array and through it, and behind the value that begins here.
    fn walk(&mut self, steps: &[String], visit: &mut dyn FnMut(&str) -> i32) -> Option<i32> {
        let Some((step, below)) = steps.split_first() else {
            return self.elements(visit);
        };
        let (end, has_names) = match (self.takes('{'), self.takes('[')) {
            (true, _) => ('}', true),
            (_, true) => (']', false),
            _ => return None,
        };
        if self.takes(end) {
            return None;
        }
        let mut found = None;
        for number in 0_usize.. {
            let is_step = match has_names {
                true => self.name()? == *step,
                false => number.to_string() == *step,
            };
            if is_step && found.is_none() {
                found = self.walk(below, visit);
                if found != Some(0) {
                    return found;
                }
            } else {
                self.value()?;
            }
            if self.takes(end) {
                break;
            }
            self.takes(',').then_some(())?;
        }
        found
    }

    fn elements(&mut self, visit: &mut dyn FnMut(&str) -> i32) -> Option<i32> {
        self.takes('[').then_some(())?;
        if self.takes(']') {
            return Some(0);
        }
        loop {
            let outcome = visit(self.value()?);
            if outcome != 0 || self.takes(']') {
                return Some(outcome);
            }
            self.takes(',').then_some(())?;
        }
    }

    /// The name of a member, with the colon behind it.
    fn name(&mut self) -> Option<String> {
        let name = serde_json::from_str(self.value()?).ok()?;
        self.takes(':').then_some(name)
    }

    /// The whole value that begins here, as its text.
    fn value(&mut self) -> Option<&'t str> {
        self.skip_blanks();
        let mut values = Deserializer::from_str(self.rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (value, rest) = self.rest.split_at_checked(values.byte_offset())?;
        self.rest = rest;
        Some(value)
    }

    fn takes(&mut self, mark: char) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn all(text: &str, pointer: &str) -> (Option<i32>, Vec<String>) {
        let mut seen = Vec::new();
        let outcome = each(text, pointer, &mut |item| {
            seen.push(item.to_owned());
            0
        });
        (outcome, seen)
    }

    #[test]
    fn elements_come_as_they_stand() {
        let text = r#" { "a" : {"x":[0]}, "data" : {"n":null,"infos": [ {"b":1, "a":"]"} ,
            "t\"e" , 1.50, [ ], true ] , "z":[1]} , "e":"" } "#;
        let infos = [r#"{"b":1, "a":"]"}"#, r#""t\"e""#, "1.50", "[ ]", "true"];
        let (outcome, seen) = all(text, "/data/infos");
        assert_eq!(
            (outcome, seen),
            (Some(0), infos.map(str::to_owned).to_vec())
        );
        assert_eq!(all(text, "/a/x").1, ["0"]);
        assert_eq!(all(text, "/data/z").1, ["1"]);
        assert_eq!(all("[[1],[2,3]]", "/1").1, ["2", "3"]);
        assert_eq!(all("[1,2]", "").1, ["1", "2"]);
        assert_eq!(all(r#"{"a/b":{"~":[7]}}"#, "/a~1b/~0").1, ["7"]);
        assert_eq!(all(r#"{"":[8]}"#, "/").1, ["8"]);
        assert_eq!(all(r#"{"\u00e9":[9]}"#, "/é").1, ["9"]);
        assert_eq!(all(r#"{"a":[]}"#, "/a"), (Some(0), Vec::new()));
    }

    #[test]
    fn what_is_no_array_or_no_json_has_no_elements() {
        let text = r#"{"data":{"infos":{"0":[]},"n":[1]}}"#;
        for pointer in [
            "",
            "/",
            "data",
            "/data",
            "/data/infos",
            "/data/none",
            "/data/n/0",
            "/data/n/-",
        ] {
            assert_eq!(all(text, pointer), (None, Vec::new()), "{pointer}");
        }
        assert_eq!(all("[[1]]", "/00").0, None);
        for text in [
            "",
            "a",
            "{",
            "[",
            "{}",
            "[]x",
            r#"{"a":[]"#,
            r#"{"a":[]}}"#,
            r#"{"a" []}"#,
            r#"{"a":[1 2]}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[,]}"#,
            r#"{"a":[1;2]}"#,
            r#"{"a":[1}"#,
            r#"{"b":x,"a":[]}"#,
            r#"{"a":[] "b":1}"#,
            r#"{"a":["#,
            r#"{"a":[01]}"#,
            r#"{a:[]}"#,
        ] {
            assert_eq!(all(text, "/a").0, None, "{text}");
        }
        let deep = "/0".repeat(DEPTH_MAX + 1);
        let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(all(&nested, &deep).0, None);
        assert_eq!(all(&nested, "").0, Some(0));
    }

    #[test]
    fn the_first_other_value_ends_it() {
        for stop in [1, -1, i32::MIN] {
            let mut count = 0;
            // What follows is not looked at.
            let outcome = each(r#"{"a":[1,2,3}"#, "/a", &mut |_| {
                count += 1;
                if count == 2 { stop } else { 0 }
            });
            assert_eq!((outcome, count), (Some(stop), 2));
        }
    }

    /// The same values that a parser of all of it finds.
    #[test]
    fn a_parser_finds_the_same() {
        let infos: Value = (0..300)
            .map(|n| json!({"name": format!("n\u{1}\"{n}é"), "filesize": n, "deep": [[n], {"a": null}]}))
            .collect();
        let text = json!({"code": 0, "data": {"has_more": false, "infos": infos}}).to_string();
        let (outcome, seen) = all(&text, "/data/infos");
        let seen = seen.iter().map(|item| serde_json::from_str(item).unwrap());
        assert_eq!(
            (outcome, Value::from_iter(seen.collect::<Vec<Value>>())),
            (Some(0), infos)
        );
    }
}
