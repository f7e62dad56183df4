//! qcos_update_with: what is named is replaced, all else stays; and metadata of any text.

mod common;

use common::emulator::Emulator;
use common::library::{APIS, Client, code, message, ok};
use common::tls::Certificate;
use serde_json::{Value, json};

const KEY: &str = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";

fn client(emulator: &Emulator) -> Client {
    Client::speaking("xml", &emulator.url, json!({"overwrite": true}))
}

fn put(client: &Client, path: &str, options: &Value) {
    ok(client.upload_buffer_with(b"content", path, options, &mut |_, _| 0));
}

fn all() -> Value {
    json!({"biz_attr": "属性", "acl": "public-read", "storage_class": "STANDARD_IA",
        "headers": {"Content-Type": "text/plain", "Cache-Control": "max-age=1", "x-cos-meta-raw": "a%20b"},
        "meta": {"Colour": "蓝 blue", "kept": "100%"}, "sse": {"kms": "key-1"}})
}

/// What a stat tells of all that an update can change, and who may read it.
fn told(client: &Client, path: &str) -> Value {
    let stat = ok(client.stat_file(path));
    let data = &stat["data"];
    json!({"biz_attr": data["biz_attr"], "headers": data["headers"], "meta": data["meta"],
        "storage_class": data["storage_class"], "sse": data["sse"],
        "acl": ok(client.get_acl(path))["data"]["acl"], "crc64": data["crc64"]})
}

#[test]
fn what_is_named_is_replaced_and_all_else_stays() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    put(&client, "f", &all());
    let mut wanted = told(&client, "f");
    assert_eq!(
        wanted["meta"],
        json!({"colour": "蓝 blue", "kept": "100%", "raw": "a%20b"})
    );
    for (options, pointer, value) in [
        (json!({"biz_attr": "other"}), "/biz_attr", json!("other")),
        (json!({"biz_attr": ""}), "/biz_attr", json!("")),
        (
            json!({"headers": {"Cache-Control": "no-cache"}}),
            "/headers/cache-control",
            json!("no-cache"),
        ),
        (
            json!({"headers": {"cache-control": null}}),
            "/headers/cache-control",
            Value::Null,
        ),
        (
            json!({"headers": {"expires": "never"}}),
            "/headers/expires",
            json!("never"),
        ),
        (
            json!({"meta": {"COLOUR": "红"}}),
            "/meta/colour",
            json!("红"),
        ),
        (
            json!({"meta": {"colour": null}}),
            "/meta/colour",
            Value::Null,
        ),
        (
            json!({"meta": {"new": "%E4%B8%AD"}}),
            "/meta/new",
            json!("%E4%B8%AD"),
        ),
        (
            json!({"storage_class": "STANDARD"}),
            "/storage_class",
            json!("STANDARD"),
        ),
        (json!({"acl": "private"}), "/acl", json!("private")),
    ] {
        let reply = ok(client.update_with("f", &options));
        assert_eq!(reply["data"], json!({"changed": true}), "{options}");
        let (object, name) = pointer.rsplit_once('/').unwrap();
        let object = wanted.pointer_mut(object).unwrap().as_object_mut().unwrap();
        match value.is_null() {
            true => drop(object.remove(name)),
            false => drop(object.insert(name.to_owned(), value)),
        }
        assert_eq!(told(&client, "f"), wanted, "{options}");
    }
    client.holds("f", b"content");

    // Several at once.
    let both = json!({"biz_attr": "b", "acl": "public-read", "meta": {"new": "n"},
        "headers": {"Content-Type": "text/html"}, "storage_class": "STANDARD_IA"});
    ok(client.update_with("f", &both));
    let now = told(&client, "f");
    assert_eq!(
        (&now["acl"], &now["biz_attr"]),
        (&json!("public-read"), &json!("b"))
    );
    assert_eq!(now["headers"]["content-type"], "text/html");
    assert_eq!(now["sse"], json!({"kms": "key-1"}));
}

#[test]
fn what_changes_nothing_writes_nothing() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    put(&client, "f", &all());
    emulator.forget_requests();
    let same = json!({"biz_attr": "属性", "storage_class": "STANDARD_IA", "meta": {"colour": "蓝 blue"},
        "headers": {"Cache-Control": "max-age=1", "Expires": null}});
    let reply = ok(client.update_with("f", &same));
    assert_eq!(reply["data"], json!({"changed": false}));
    assert_eq!(emulator.count("head_object"), 1);
    assert_eq!(emulator.requests().len(), 1);
    // The access rights alone are one request.
    emulator.forget_requests();
    ok(client.update_with("f", &json!({"acl": "private"})));
    assert_eq!(emulator.count("put_acl"), 1);
    assert_eq!(emulator.requests().len(), 1);
    assert_eq!(code(&client.update_with("none", &same)), -166);
    assert_eq!(
        code(&client.update_with("none", &json!({"biz_attr": "x"}))),
        -166
    );
}

#[test]
fn a_change_of_somebody_elses_is_kept() {
    let emulator = Emulator::start();
    let (ours, theirs) = (client(&emulator), client(&emulator));
    put(&ours, "f", &all());
    // Their change comes between our look and our copy, which the service refuses then.
    emulator.set_faults(&json!([{"match": {"op": "copy_object", "count": 1},
        "fault": {"error": {"status": 412, "code": "PreconditionFailed"}}}]));
    ok(theirs.set_acl("f", "private"));
    ok(ours.update_with("f", &json!({"meta": {"colour": "green"}})));
    let now = told(&ours, "f");
    assert_eq!(
        (&now["acl"], &now["meta"]["colour"]),
        (&json!("private"), &json!("green"))
    );
    assert_eq!(now["meta"]["kept"], "100%");
}

#[test]
fn a_lost_answer_is_settled() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    put(&client, "f", &all());
    for fault in [
        json!({"reset": "after"}),
        json!({"reset": "before"}),
        json!({"status": 503}),
    ] {
        let text = fault.to_string();
        emulator.set_faults(&json!([{"match": {"op": "copy_object", "count": 1}, "fault": fault}]));
        let reply = ok(client.update_with("f", &json!({"biz_attr": text})));
        assert_eq!(reply["data"]["changed"], true);
        assert_eq!(emulator.end_faults(), 1);
        assert_eq!(told(&client, "f")["biz_attr"], text);
    }
    // The access rights come last: what was changed before stays, and is told.
    emulator.set_faults(&json!([{"match": {"op": "put_acl"},
        "fault": {"error": {"status": 403, "code": "AccessDenied"}}}]));
    let reply = client.update_with("f", &json!({"biz_attr": "b", "acl": "private"}));
    assert_eq!(reply["httpcode"], 403, "{reply}");
    assert!(message(&reply).contains("all was changed but"), "{reply}");
    assert_eq!(told(&client, "f")["biz_attr"], "b");
}

#[test]
fn a_file_of_ones_own_key_keeps_it() {
    let certificate = Certificate::new("localhost");
    let emulator = Emulator::start_secure(&certificate);
    let options = json!({"tls_ca": certificate.path(), "overwrite": true});
    let client = Client::speaking("xml", &emulator.secure_url(), options);
    let own = json!({"c": KEY});
    put(&client, "f", &json!({"sse": own, "biz_attr": "a"}));
    let before = ok(client.stat_with("f", &json!({"sse": own})));
    let reply = ok(client.update_with("f", &json!({"biz_attr": "b", "sse": own})));
    assert_eq!(reply["data"]["changed"], true);
    let after = ok(client.stat_with("f", &json!({"sse": own})));
    assert_eq!(after["data"]["biz_attr"], "b");
    for name in ["sse", "crc64", "filesize"] {
        assert_eq!(after["data"][name], before["data"][name]);
    }
    let mut got = [0; 7];
    ok(client.download_buffer("f", 0, &mut got, &json!({"sse": own})));
    assert_eq!(&got, b"content");
    // Without its key nobody changes it.
    let other = json!({"c": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="});
    for options in [
        json!({"biz_attr": "c"}),
        json!({"biz_attr": "c", "sse": other}),
    ] {
        let reply = client.update_with("f", &options);
        assert!(
            matches!(reply["httpcode"].as_u64(), Some(400 | 403)),
            "{reply}"
        );
    }
    let plain = Client::speaking("xml", &emulator.url, json!({}));
    let reply = plain.update_with("f", &json!({"biz_attr": "c", "sse": own}));
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("https"), "{reply}");
    let after = ok(client.stat_with("f", &json!({"sse": own})));
    assert_eq!(after["data"]["biz_attr"], "b");
}

#[test]
fn the_json_api_changes_what_it_can() {
    let emulator = Emulator::start();
    let json_api = Client::speaking("json", &emulator.url, json!({"overwrite": true}));
    ok(json_api.upload_buffer(b"content", "f", "first"));
    let changes = json!({"biz_attr": "second", "acl": "public-read",
        "headers": {"Cache-Control": "no-cache"}, "meta": {"colour": "蓝"}});
    emulator.forget_requests();
    ok(json_api.update_with("f", &changes));
    assert_eq!(emulator.requests().len(), 1);
    let xml = client(&emulator);
    let now = told(&xml, "f");
    assert_eq!(ok(json_api.stat_file("f"))["data"]["biz_attr"], "second");
    assert_eq!(
        (&now["acl"], &now["meta"]),
        (&json!("public-read"), &json!({"colour": "蓝"}))
    );
    assert_eq!(now["headers"]["cache-control"], "no-cache");
    for (options, name) in [
        (json!({"storage_class": "STANDARD_IA"}), "storage_class"),
        (json!({"sse": {"c": KEY}}), "sse"),
        (json!({"headers": {"expires": null}}), "expires"),
        (json!({"meta": {"colour": null}}), "colour"),
    ] {
        let reply = json_api.update_with("f", &options);
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).contains(name), "{reply}");
    }
}

#[test]
fn metadata_is_any_text_and_told_as_it_was_given() {
    let emulator = Emulator::start();
    let texts = json!({"plain": "a, b; c=\"d\"", "percent": "100%", "looks-encoded": "%E4%B8%AD",
        "as-others-encode": "a%20b", "chinese": "中文 (测试) 50%", "blanks": "  a ", "lines": "a\nb\t",
        "emoji": "🙂"});
    let xml = client(&emulator);
    put(&xml, "f", &json!({"meta": texts}));
    assert_eq!(told(&xml, "f")["meta"], texts);
    // What is in ASCII goes as it is; other text as a browser would encode it.
    let answer = ureq::get(format!("{}/testbucket-10000001/f", emulator.url))
        .call()
        .unwrap();
    let sent = |name: &str| {
        answer.headers()[format!("x-cos-meta-{name}")]
            .to_str()
            .unwrap()
    };
    assert_eq!(sent("percent"), "100%");
    assert_eq!(sent("as-others-encode"), "a%20b");
    assert_eq!(sent("emoji"), "%F0%9F%99%82");
    ok(xml.update_with("f", &json!({"meta": {"emoji": "🙁"}})));
    assert_eq!(told(&xml, "f")["meta"]["emoji"], "🙁");
    ok(xml.copy_file("f", "g", 0));
    assert_eq!(told(&xml, "g")["meta"], told(&xml, "f")["meta"]);

    // The limits are those of what is sent, and refused before anything is.
    emulator.forget_requests();
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({"overwrite": true}));
        let text = |bytes: usize| "中".repeat(bytes / 9);
        for (meta, name) in [
            (json!({"a": text(2052)}), "meta: a"),
            (json!({"a": "x".repeat(2048)}), "meta: a"),
            (json!({"ü": "x"}), "meta"),
            (json!({"a b": "x"}), "meta: a b"),
            (json!({"ctime": "x"}), "ctime"),
        ] {
            for reply in [
                client.upload_buffer_with(b"", "f", &json!({"meta": meta}), &mut |_, _| 0),
                client.update_with("f", &json!({"meta": meta})),
            ] {
                assert_eq!(code(&reply), -3, "{reply}");
                assert!(message(&reply).contains(name), "{name}: {reply}");
            }
        }
    }
    let three =
        json!({"meta": {"a": "x".repeat(1500), "b": "x".repeat(1500), "c": "x".repeat(1500)}});
    let reply = xml.upload_buffer_with(b"", "f", &three, &mut |_, _| 0);
    assert_eq!(code(&reply), -3, "{reply}");
    assert_eq!(emulator.requests(), Vec::<Value>::new());
    // With what is there already it is known only after a look.
    put(
        &xml,
        "h",
        &json!({"meta": {"a": "x".repeat(1500), "b": "x".repeat(1500)}}),
    );
    emulator.forget_requests();
    let reply = xml.update_with("h", &json!({"meta": {"c": "x".repeat(1500)}}));
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("4096"), "{reply}");
    assert_eq!(emulator.count("copy_object"), 0);
}
