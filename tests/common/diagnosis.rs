//! What a diagnosis must be, whatever it has found.

use serde_json::{Value, json};

use super::library::{BUCKET, Client, ok};

pub const STEPS: [&str; 13] = [
    "dns",
    "tcp",
    "proxy",
    "tls",
    "http",
    "clock",
    "region",
    "path_style",
    "key",
    "signature",
    "token",
    "list",
    "read",
];

pub fn step<'a>(reply: &'a Value, name: &str) -> &'a Value {
    let at = STEPS.iter().position(|step| *step == name).unwrap();
    &reply["data"]["steps"][at]
}

/// The steps with this status.
pub fn of_status(reply: &Value, status: &str) -> Vec<String> {
    let steps = reply["data"]["steps"].as_array().unwrap().iter();
    let found = steps.filter(|step| step["status"] == status);
    found
        .map(|step| step["step"].as_str().unwrap().to_owned())
        .collect()
}

pub fn is_chinese(text: &Value) -> bool {
    let text = text.as_str().unwrap();
    text.ends_with('。') && text.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c))
}

/// What every diagnosis must be.
pub fn checked(reply: Value) -> Value {
    ok(reply.clone());
    let steps = reply["data"]["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|s| s["step"].as_str().unwrap()).collect();
    assert_eq!(names, STEPS, "{reply}");
    for step in steps {
        let message = step["message"].as_str().unwrap();
        assert!(message.ends_with('.'), "{step}");
        assert!(is_chinese(&step["message_zh"]), "{step}");
        for text in ["message", "message_zh", "advice", "advice_zh"] {
            let text = step[text].as_str().unwrap();
            assert!(!text.contains(['{', '}', '?']), "{step}");
        }
        let needs_advice = ["failed", "warning"].contains(&step["status"].as_str().unwrap());
        assert_eq!(step["advice"] != "", needs_advice, "{step}");
        assert_eq!(step["advice_zh"] != "", needs_advice, "{step}");
        assert!(!needs_advice || is_chinese(&step["advice_zh"]), "{step}");
    }
    let is_ok = of_status(&reply, "failed").is_empty();
    assert_eq!(reply["data"]["ok"], is_ok, "{reply}");
    reply
}

/// A diagnosis in which nothing but this step has failed, and none that needs it is said to work: whether the
/// bucket is there is known whatever the clock.
#[track_caller]
pub fn fails(reply: Value, name: &str) -> Value {
    let reply = checked(reply);
    assert_eq!(of_status(&reply, "failed"), [name], "{reply}");
    let first = if name == "clock" { "key" } else { name };
    let at = STEPS.iter().position(|step| *step == first).unwrap();
    let known = of_status(&reply, "ok");
    assert!(
        !STEPS[at..]
            .iter()
            .any(|it| known.contains(&(*it).to_owned())),
        "{reply}"
    );
    assert_ne!(
        step(&reply, name)["detail"]["error"],
        Value::Null,
        "{reply}"
    );
    reply
}

pub fn diagnosed(api: &str, url: &str, options: Value) -> Value {
    let mut all = json!({"retries": 0});
    for (name, value) in options.as_object().unwrap() {
        all[name] = value.clone();
    }
    Client::speaking(api, url, all).diagnose(BUCKET)
}
