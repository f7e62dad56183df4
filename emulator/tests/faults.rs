//! The rules of `/_emulator/faults`: which requests they hit, and what is said of wrong ones.

mod common;

use common::Emulator;
use common::http::request;
use serde_json::{Value, json};

const HIT: u16 = 599;

/// The statuses of so many downloads of a path where nothing is.
fn downloads(emulator: &Emulator, count: usize) -> Vec<bool> {
    let status = |_| emulator.download("/none").status == HIT;
    (0..count).map(status).collect()
}

fn hits_of(rule: Value, count: usize) -> Vec<bool> {
    let emulator = Emulator::start(&[]);
    emulator.set_faults(&json!([{"match": rule, "fault": {"status": HIT}}]));
    downloads(&emulator, count)
}

#[test]
fn rules_hit_the_requests_that_they_name() {
    let pattern = |text: &str| text.chars().map(|c| c == 'x').collect::<Vec<_>>();
    for (rule, hit) in [
        (json!({}), "xxxx"),
        (json!({"op": "any"}), "xxxx"),
        (json!({"op": "download"}), "xxxx"),
        (json!({"op": "stat"}), "...."),
        (json!({"path": "/none"}), "xxxx"),
        (json!({"path": "none"}), "xxxx"),
        (json!({"path": "/no*"}), "xxxx"),
        (json!({"path": "/no"}), "...."),
        (json!({"path": "/other*"}), "...."),
        (json!({"bucket": "testbucket"}), "xxxx"),
        (json!({"bucket": "other"}), "...."),
        (json!({"count": 2}), "xx.."),
        (json!({"count": 0}), "...."),
        (json!({"from": 1, "count": 1}), ".x.."),
        (json!({"from": 3}), "...x"),
        (json!({"every": 3}), "x..x..x"),
        (json!({"from": 1, "every": 2, "count": 2}), ".x.x..."),
        (json!({"chance": 0}), "...."),
        (json!({"chance": 1}), "xxxx"),
    ] {
        assert_eq!(hits_of(rule.clone(), hit.len()), pattern(hit), "{rule}");
    }
}

#[test]
fn chance_is_the_same_for_the_same_seed() {
    let emulator = Emulator::start(&[]);
    let run = |seed: u64| {
        let rule = json!({"match": {"chance": 0.3}, "fault": {"status": HIT}});
        emulator.set_faults(&json!({"seed": seed, "rules": [rule]}));
        downloads(&emulator, 200)
    };
    let first = run(7);
    assert_eq!(run(7), first);
    assert_ne!(run(8), first);
    let count = first.iter().filter(|hit| **hit).count();
    assert!((40..=80).contains(&count), "{count} of 200");
}

#[test]
fn operations_are_told_apart() {
    use common::slices::{SLICE, begin, control, packet};
    let emulator = Emulator::start(&[]);
    let content = common::noise(SLICE + 5, 1);
    let ops = [
        "stat",
        "list",
        "create",
        "update",
        "delete",
        "move",
        "upload",
        "slice_control",
        "slice_data",
        "download",
    ];
    let session = begin(&emulator, "/sliced", &content);
    for (index, op) in ops.iter().enumerate() {
        emulator.fault(op, &json!({"status": HIT}));
        let statuses = [
            emulator.stat("/a").status,
            emulator.get("/", "op=list&num=9").status,
            emulator.create("/folder/").status,
            emulator
                .post("/a", &json!({"biz_attr": "b", "op": "update"}))
                .status,
            emulator.delete("/a").status,
            emulator
                .post("/a", &json!({"op": "move", "dest_fileid": "/b"}))
                .status,
            emulator.upload("/a", b"x").status,
            emulator.form("/sliced", &control(&content)).status,
            emulator
                .form("/sliced", &packet(&session, 0, &content[..SLICE]))
                .status,
            emulator.download("/a").status,
        ];
        for (other, status) in statuses.iter().enumerate() {
            assert_eq!(*status == HIT, other == index, "{op}: {statuses:?}");
        }
        let requests = emulator.requests();
        let named = requests[requests.len() - ops.len()..].iter();
        assert!(named.map(|r| &r["op"]).eq(ops), "{requests:?}");
    }
}

#[test]
fn the_first_rule_that_wants_a_request_has_it() {
    let emulator = Emulator::start(&[]);
    emulator.set_faults(&json!([
        {"match": {"op": "download", "count": 1}, "fault": {"status": 501}},
        {"match": {"op": "download", "count": 1}, "fault": {"status": 502}},
        {"match": {"op": "download", "from": 2, "count": 1}, "fault": {"status": 503}},
    ]));
    let statuses: Vec<u16> = (0..4).map(|_| emulator.download("/a").status).collect();
    assert_eq!(statuses, [501, 502, 503, 404]);
    assert_eq!(emulator.hits(), [1, 1, 1]);
    let faults: Vec<Value> = emulator
        .requests()
        .iter()
        .map(|r| r["fault"].clone())
        .collect();
    assert_eq!(faults, [json!(0), json!(1), json!(2), Value::Null]);

    emulator.no_faults();
    assert!(emulator.hits().is_empty());
    assert_eq!(emulator.download("/a").status, 404);
}

#[test]
fn the_log_tells_what_came_and_what_was_answered() {
    use common::slices::{SLICE, begin, packet};
    let emulator = Emulator::start(&[]);
    let content = common::noise(2 * SLICE, 2);
    let session = begin(&emulator, "/dir/ä", &content);
    emulator.emulator_call("DELETE", "requests", "");
    let slice = packet(&session, SLICE, &content[SLICE..]);
    emulator.form("/dir/ä", &slice).ok();
    emulator.download("/none");
    let requests = emulator.requests();
    let connection = requests[0]["connection"].as_u64().unwrap();
    assert_eq!(
        requests[0],
        json!({
            "n": 0, "connection": connection, "in_flight": 1, "op": "slice_data", "method": "POST",
            "bucket": "testbucket", "path": "/dir/ä", "offset": SLICE,
            "bytes": slice.body().len(), "status": 200, "fault": null,
        })
    );
    assert_eq!(requests[1]["status"], 404);
    assert!(requests[1]["connection"].as_u64().unwrap() > connection);
    assert_eq!(requests.len(), 2);
}

#[test]
fn wrong_rules_are_refused_by_number_and_field() {
    let emulator = Emulator::start(&[]);
    let fine = json!({"fault": {"status": HIT}});
    emulator.set_faults(&json!([fine]));
    for (rule, field) in [
        (json!(1), ""),
        (json!({}), "fault"),
        (json!({"fault": 1}), "fault"),
        (json!({"fault": {}}), "fault"),
        (json!({"fault": {"status": HIT}, "x": 1}), "x"),
        (json!({"match": [], "fault": {"status": HIT}}), "match"),
        (
            json!({"match": {"op": "upload_slice"}, "fault": {"status": HIT}}),
            "match.op",
        ),
        (
            json!({"match": {"count": -1}, "fault": {"status": HIT}}),
            "match.count",
        ),
        (
            json!({"match": {"every": 0}, "fault": {"status": HIT}}),
            "match.every",
        ),
        (
            json!({"match": {"chance": 2}, "fault": {"status": HIT}}),
            "match.chance",
        ),
        (
            json!({"match": {"times": 2}, "fault": {"status": HIT}}),
            "match.times",
        ),
        (json!({"fault": {"status": 99}}), "fault.status"),
        (json!({"fault": {"status": 100}}), "fault.status"),
        (
            json!({"fault": {"status": 503, "headers": {"a": []}}}),
            "fault.headers",
        ),
        (
            json!({"fault": {"status": 503, "headers": {"a": "b\r\nc"}}}),
            "fault.headers",
        ),
        (json!({"fault": {"status": 503, "after": 1}}), "fault.after"),
        (
            json!({"fault": {"status": 503, "stall": "head"}}),
            "fault.stall",
        ),
        (json!({"fault": {"reset": "now"}}), "fault.reset"),
        (json!({"fault": {"reset": "at"}}), "fault.bytes"),
        (json!({"fault": {"close": "at"}}), "fault.close"),
        (json!({"fault": {"cut": -1}}), "fault.cut"),
        (
            json!({"fault": {"cut": 1, "reset": "before"}}),
            "fault.reset",
        ),
        (
            json!({"fault": {"dribble": {"bytes": 0}}}),
            "fault.dribble.bytes",
        ),
        (json!({"fault": {"dribble": 1}}), "fault.dribble"),
        (json!({"fault": {"stall": "tail"}}), "fault.stall"),
        (
            json!({"fault": {"early": 403, "then": "wait"}}),
            "fault.then",
        ),
        (json!({"fault": {"redirect": "a\nb"}}), "fault.redirect"),
        (json!({"fault": {"redirect": 1}}), "fault.redirect"),
        (
            json!({"fault": {"wrong_offset": 0.5}}),
            "fault.wrong_offset",
        ),
        (json!({"fault": {"slice_size": "1"}}), "fault.slice_size"),
        (json!({"fault": {"corrupt": false}}), "fault.corrupt"),
        (json!({"fault": {"continue": -2}}), "fault.continue"),
        (
            json!({"fault": {"content_length": []}}),
            "fault.content_length",
        ),
        (
            json!({"fault": {"chunked_garbage": 1}}),
            "fault.chunked_garbage",
        ),
        (json!({"fault": {"raw": 1}}), "fault.raw"),
        (json!({"fault": {"delay_ms": "1"}}), "fault.delay_ms"),
    ] {
        let rules = json!([fine, rule]).to_string();
        let reply = emulator.emulator_call("POST", "faults", &rules);
        let said: Value = serde_json::from_slice(&reply.body).unwrap();
        let expected = (400, &json!(1), &json!(field));
        assert_eq!(
            (reply.status, &said["rule"], &said["field"]),
            expected,
            "{rule}: {said}"
        );
        assert!(!said["message"].as_str().unwrap().is_empty());
    }
    for body in [
        "",
        "1",
        "[",
        "{}",
        r#"{"rules":[],"seeds":1}"#,
        r#"{"rules":[],"seed":-1}"#,
    ] {
        let reply = emulator.emulator_call("POST", "faults", body);
        let said: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((reply.status, &said["rule"]), (400, &Value::Null), "{body}");
    }
    // The rules before are still in force.
    assert_eq!(emulator.download("/a").status, HIT);
}

#[test]
fn what_is_not_there_is_said() {
    let emulator = Emulator::start(&[]);
    assert_eq!(emulator.emulator_call("PUT", "faults", "").status, 405);
    assert_eq!(emulator.emulator_call("POST", "requests", "[]").status, 405);
    assert_eq!(emulator.emulator_call("GET", "other", "").status, 404);
}

#[test]
fn strangers_may_ask_only_where_it_is_allowed() {
    for (options, status) in [
        (&["--listen", "0.0.0.0:0"][..], 403),
        (&["--listen", "0.0.0.0:0", "--faults"], 200),
    ] {
        let emulator = Emulator::start(options);
        let port = emulator.address.rsplit(':').next().unwrap();
        let address = format!("127.0.0.1:{port}");
        for what in ["faults", "requests"] {
            let target = format!("/_emulator/{what}");
            let reply = request(&address, "GET", &target, &[], b"");
            assert_eq!(reply.status, status, "{what}");
        }
        let reply = request(&address, "POST", "/_emulator/faults", &[], b"[]");
        assert_eq!(reply.status, status);
    }
}
