//! The faults, and what may come of them.

use serde_json::{Value, json};

/// A fault, the kinds of error that it may end in when it strikes always, and whether a further
/// try helps when it strikes once.
pub struct Fault {
    pub name: &'static str,
    pub rule: Value,
    pub kinds: &'static [&'static str],
    pub passes: bool,
}

fn fault(name: &'static str, rule: Value, kinds: &'static [&'static str], passes: bool) -> Fault {
    Fault {
        name,
        rule,
        kinds,
        passes,
    }
}

pub fn faults() -> Vec<Fault> {
    let page = "<html><body>Bad Gateway</body></html>";
    let cut = &["reset", "bad_reply"];
    vec![
        fault("reset before", json!({"reset": "before"}), &["reset"], true),
        fault("reset after", json!({"reset": "after"}), &["reset"], true),
        fault(
            "closed before",
            json!({"close": "before"}),
            &["reset"],
            true,
        ),
        fault("closed after", json!({"close": "after"}), &["reset"], true),
        fault("cut in the status", json!({"cut": 9}), cut, true),
        fault("cut in the head", json!({"cut": 40}), cut, true),
        fault(
            "cut and reset",
            json!({"cut": 20, "reset": true}),
            cut,
            true,
        ),
        fault(
            "no answer",
            json!({"stall": "before_answer"}),
            &["timeout"],
            true,
        ),
        fault(
            "stops in the head",
            json!({"stall": "head"}),
            &["timeout"],
            true,
        ),
        fault(
            "stops in the body",
            json!({"stall": "body"}),
            &["timeout"],
            true,
        ),
        fault(
            "endless 100 Continue",
            json!({"continue": -1}),
            &["timeout"],
            true,
        ),
        fault(
            "gateway's page",
            json!({"status": 502, "body": page}),
            &["http_status"],
            true,
        ),
        fault(
            "gateway's page after",
            json!({"status": 502, "body": page, "after": true}),
            &["http_status"],
            true,
        ),
        fault(
            "busy",
            json!({"status": 503, "body": "", "headers": {"Retry-After": "0"}}),
            &["http_status"],
            true,
        ),
        fault(
            "too many",
            json!({"status": 429, "body": "slow down"}),
            &["http_status"],
            true,
        ),
        fault(
            "forbidden page",
            json!({"status": 403, "body": page}),
            // An answer to HEAD has no body that could show it.
            &["bad_reply", "http_status", "service"],
            false,
        ),
        fault(
            "redirect",
            json!({"redirect": "http://127.0.0.1:1/"}),
            &["redirect"],
            false,
        ),
        fault("broken chunks", json!({"chunked_garbage": true}), cut, true),
        fault(
            "dribble",
            json!({"dribble": {"bytes": 9973, "every_ms": 1}}),
            &[],
            true,
        ),
        fault("delay", json!({"delay_ms": 50}), &[], true),
        fault(
            "closed when idle",
            json!({"keep_alive_close": true}),
            &[],
            true,
        ),
    ]
}
