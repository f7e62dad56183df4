//! The types of `data`'s fields. Servers of different years wrote numbers as strings and the
//! other way round; callers always get the classic service's types (json-api.md §5.5, §6.5).

use serde_json::{Map, Value};

use super::operation::Operation;
use crate::base::quoted::quoted;

type Check = std::result::Result<(), String>;

/// Brings known fields to their types and refuses what an operation cannot use.
pub(super) fn check(operation: &Operation, data: &mut Map<String, Value>) -> Check {
    types(data)?;
    match operation {
        Operation::List(page) => list(data, page.context),
        Operation::StartSlices { .. } if !data.contains_key("session") && !complete(data) => {
            Err("neither \"session\" nor \"url\" is there".to_owned())
        }
        _ => Ok(()),
    }
}

/// Whether an answer to a slice or a control request says that the file is whole. SDKs looked
/// for either key (json-api.md §2.9).
pub(crate) fn complete(data: &Map<String, Value>) -> bool {
    data.contains_key("url") || data.contains_key("access_url")
}

/// A page of a list, of which the page before had said that it goes on at `asked`.
fn list(data: &mut Map<String, Value>, asked: &str) -> Check {
    let Some(Value::Bool(has_more)) = data.get("has_more") else {
        return Err("\"has_more\" is not true or false".to_owned());
    };
    let context = data.get("context").and_then(Value::as_str);
    if *has_more && context.is_none_or(|context| context.is_empty() || context == asked) {
        return Err("\"has_more\" is true, and \"context\" does not lead on".to_owned());
    }
    let Some(Value::Array(infos)) = data.get_mut("infos") else {
        return Err("\"infos\" is not an array".to_owned());
    };
    for info in infos {
        let Value::Object(info) = info else {
            return Err("\"infos\" holds something else than objects".to_owned());
        };
        if !matches!(info.get("name"), Some(Value::String(_))) {
            return Err("\"infos\" holds an entry without a name".to_owned());
        }
        types(info)?;
    }
    Ok(())
}

fn types(data: &mut Map<String, Value>) -> Check {
    for (key, value) in data.iter_mut() {
        let fits = match key.as_str() {
            "ctime" | "mtime" => decimal(value),
            "filesize" | "filelen" | "dircount" | "filecount" | "offset" | "slice_size" => {
                count(value)
            }
            "name" | "biz_attr" | "sha" | "context" | "session" | "access_url" | "url"
            | "source_url" | "resource_path" => value.is_string(),
            _ => true,
        };
        if !fits {
            return Err(format!("{} has the wrong type", quoted(key)));
        }
    }
    Ok(())
}

/// Becomes a string of decimal digits.
fn decimal(value: &mut Value) -> bool {
    if let Some(number) = value.as_u64() {
        *value = Value::from(number.to_string());
    }
    value
        .as_str()
        .is_some_and(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
}

/// Becomes a JSON integer.
fn count(value: &mut Value) -> bool {
    if let Some(number) = value.as_str().and_then(|text| text.parse::<u64>().ok()) {
        *value = Value::from(number);
    }
    value.is_u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PageRequest;
    use serde_json::json;

    fn checked(operation: &Operation, data: Value) -> std::result::Result<Value, String> {
        let Value::Object(mut data) = data else {
            panic!("not an object");
        };
        check(operation, &mut data).map(|()| Value::Object(data))
    }

    const LIST: Operation = Operation::List(&PageRequest {
        num: 20,
        pattern: "eListBoth",
        order: 0,
        context: "",
    });

    #[test]
    fn types_of_other_years_become_the_classic_ones() {
        let stat = json!({"ctime": 1480000000, "mtime": "1480000001", "filesize": "5", "filelen": 5, "new": [1]});
        assert_eq!(
            checked(&Operation::Stat, stat).unwrap(),
            json!({"ctime": "1480000000", "mtime": "1480000001", "filesize": 5, "filelen": 5, "new": [1]})
        );
    }

    #[test]
    fn what_has_no_classic_type_is_refused() {
        for (key, value) in [
            ("filesize", json!(-1)),
            ("filesize", json!(1.5)),
            ("filelen", json!("5x")),
            ("filelen", json!(null)),
            ("offset", json!(1e30)),
            ("ctime", json!("soon")),
            ("ctime", json!(true)),
            ("access_url", json!({})),
            ("session", json!(7)),
        ] {
            let problem = checked(&Operation::Stat, json!({ key: value })).unwrap_err();
            assert!(problem.contains(key), "{problem}");
        }
        for data in [
            json!({}),
            json!({"has_more": 1, "infos": []}),
            json!({"has_more": true}),
            json!({"has_more": true, "infos": {}}),
            json!({"has_more": true, "infos": [[]]}),
            json!({"has_more": true, "infos": [{"filesize": 1}]}),
            json!({"has_more": true, "infos": [{"name": "a", "filesize": {}}]}),
        ] {
            assert!(checked(&LIST, data.clone()).is_err(), "{data}");
        }
    }
}
