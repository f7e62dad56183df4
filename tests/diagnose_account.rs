//! qcos_diagnose: what the service finds wrong with a program's clock, bucket, keys and rights, is told by its
//! step, and nothing else is.

mod common;

use common::credentials::{open_with, open_without};
use common::diagnosis::{checked, diagnosed, fails, of_status, step};
use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{self, APIS, BUCKET, Client, ok};
use common::listener::{Listener, http};
use common::unix_now;
use serde_json::{Value, json};

/// With other keys than the emulator's.
fn diagnosed_as(api: &str, emulator: &Emulator, id: &str, key: &str) -> Value {
    let (reply, handle) = library::open(APPID, id, key, Some(&emulator.options(api)));
    ok(reply);
    Client(handle).diagnose(BUCKET)
}

#[test]
fn clocks_that_differ_are_told() {
    for api in APIS {
        let emulator =
            |ahead: u64| Emulator::start_with(&["--now", &(unix_now() + ahead).to_string()]);
        let reply = fails(diagnosed(api, &emulator(7200).url, json!({})), "clock");
        let clock = step(&reply, "clock");
        let ahead = clock["detail"]["clock_ahead_s"].as_i64().unwrap();
        assert!((-7205..=-7195).contains(&ahead), "{clock}");
        assert!(
            clock["message"]
                .as_str()
                .unwrap()
                .contains("seconds behind"),
            "{clock}"
        );
        assert!(
            clock["message_zh"].as_str().unwrap().contains('慢'),
            "{clock}"
        );

        // The library allows for it.
        let reply = checked(diagnosed(api, &emulator(300).url, json!({})));
        assert_eq!(of_status(&reply, "warning"), ["tls", "clock"], "{reply}");
        assert_eq!(reply["data"]["ok"], true, "{reply}");
    }
}

#[test]
fn a_bucket_that_is_not_there_is_told() {
    for api in APIS {
        let emulator = Emulator::start_with(&["--bucket", "another", "--region", "ap-beijing"]);
        let reply = fails(diagnosed(api, &emulator.url, json!({})), "region");
        let region = step(&reply, "region");
        assert_eq!(region["detail"]["bucket"], BUCKET, "{region}");
        assert_eq!(step(&reply, "http")["status"], "ok", "{reply}");
        assert_eq!(region["detail"]["region"], Value::Null, "{region}");
        assert!(
            of_status(&reply, "skipped").contains(&"key".to_owned()),
            "{reply}"
        );
    }
    // The service tells the region in the list of the account's buckets.
    let emulator = Emulator::start_with(&["--bucket", BUCKET, "--region", "ap-beijing"]);
    let elsewhere = json!({"error": {"status": 404, "code": "NoSuchBucket"}});
    emulator.set_faults(&json!([{"match": {"op": "list_objects"}, "fault": elsewhere}]));
    let reply = fails(diagnosed("xml", &emulator.url, json!({})), "region");
    let region = step(&reply, "region");
    assert_eq!(region["detail"]["region"], "ap-beijing", "{region}");
    assert!(
        region["advice"]
            .as_str()
            .unwrap()
            .contains("\"region\":\"ap-beijing\""),
        "{region}"
    );
}

#[test]
fn a_bucket_that_has_only_a_host_of_its_own_is_told() {
    let emulator = Emulator::start_with(&["--no-path-style"]);
    let reply = fails(
        diagnosed("xml", &emulator.url, json!({"addressing": "path"})),
        "path_style",
    );
    assert_eq!(
        step(&reply, "path_style")["detail"]["addressing"],
        "path",
        "{reply}"
    );
    let reply = checked(diagnosed("xml", &emulator.url, json!({})));
    assert_eq!(reply["data"]["ok"], true, "{reply}");
}

#[test]
fn credentials_that_are_wrong_are_told() {
    for api in APIS {
        let emulator = Emulator::start();
        let reply = fails(
            diagnosed_as(api, &emulator, "NOSUCHSECRETID", SECRET_KEY),
            "key",
        );
        assert!(!reply.to_string().contains("NOSUCHSECRETID"), "{reply}");
        let reply = diagnosed_as(api, &emulator, SECRET_ID, "another-secret-key");
        let reply = fails(reply, "signature");
        assert_eq!(step(&reply, "key")["status"], "ok", "{reply}");
        // The service repeats what it signs, which names the id.
        for secret in [SECRET_ID, "another-secret-key", "q-signature=0"] {
            assert!(!reply.to_string().contains(secret), "{reply}");
        }
        // The XML API has told that the bucket is there before.
        assert_eq!(
            step(&reply, "region")["status"] == "ok",
            api == "xml",
            "{reply}"
        );
    }
}

#[test]
fn credentials_that_nobody_gives_are_told() {
    let emulator = Emulator::start();
    let reply = open_without(&json!({
        "endpoint": emulator.url, "region": "ap-x", "credentials": "cvm",
        "metadata_endpoint": "http://127.0.0.1:1", "retries": 0,
    }))
    .diagnose(BUCKET);
    let reply = fails(reply, "key");
    assert_eq!(step(&reply, "key")["detail"]["kind"], "connect", "{reply}");
    assert_eq!(step(&reply, "region")["status"], "ok", "{reply}");
}

#[test]
fn a_token_that_has_expired_is_told() {
    // Issued an hour ago, for a minute.
    let before = (unix_now() - 3600).to_string();
    let issuer = Emulator::start_with(&["--role", "r", "--role-life", "60", "--now", &before]);
    let place = "/latest/meta-data/cam/security-credentials/r";
    let (status, keys) = common::curl(&format!("{}{place}", issuer.url));
    assert_eq!(status, 200);
    let keys: Value = serde_json::from_slice(&keys).unwrap();
    let text = |name: &str| keys[name].as_str().unwrap();
    let emulator = Emulator::start_with(&["--role", "r", "--bucket", BUCKET]);
    let options =
        json!({"endpoint": emulator.url, "region": "ap-x", "security_token": text("Token")});
    let (id, key) = (text("TmpSecretId"), text("TmpSecretKey"));
    let (reply, handle) = open_with(Some(id), Some(key), &options);
    ok(reply);
    let reply = fails(Client(handle).diagnose(BUCKET), "token");
    assert_eq!(
        step(&reply, "token")["detail"]["service_code"],
        "ExpiredToken",
        "{reply}"
    );
    for secret in [id, key, text("Token")] {
        assert!(!reply.to_string().contains(secret), "{reply}");
    }
}

#[test]
fn rights_that_are_missing_are_told() {
    let allowing = |actions| Emulator::start_with(&["--bucket", BUCKET, "--allow", actions]);
    let emulator = allowing("name/cos:PutObject");
    let reply = checked(diagnosed("xml", &emulator.url, json!({})));
    assert_eq!(of_status(&reply, "failed"), ["list", "read"], "{reply}");
    assert_eq!(step(&reply, "signature")["status"], "ok", "{reply}");
    assert_eq!(
        step(&reply, "read")["detail"]["service_code"],
        "AccessDenied",
        "{reply}"
    );

    // Many programs need not list.
    let emulator = allowing("name/cos:GetObject");
    let reply = checked(diagnosed("xml", &emulator.url, json!({})));
    assert_eq!(of_status(&reply, "warning"), ["tls", "list"], "{reply}");
    assert_eq!(step(&reply, "read")["status"], "ok", "{reply}");

    let emulator = allowing("name/cos:GetBucket");
    fails(diagnosed("xml", &emulator.url, json!({})), "read");

    // The JSON API has a code for it.
    let emulator = Emulator::start();
    let denied = json!({"status": 400, "body": r#"{"code":-289,"message":"denied"}"#});
    for (op, expected) in [("list", &["warning", "ok"]), ("stat", &["ok", "failed"])] {
        emulator.set_faults(&json!([{"match": {"op": op}, "fault": denied}]));
        let reply = checked(diagnosed("json", &emulator.url, json!({})));
        let found = [
            &step(&reply, "list")["status"],
            &step(&reply, "read")["status"],
        ];
        assert_eq!(
            found,
            expected.map(|status| status).map(Value::from).each_ref(),
            "{reply}"
        );
    }
}

#[test]
fn other_refusals_are_told_as_they_are() {
    let emulator = Emulator::start();
    let arrears = json!({"error": {"status": 451, "code": "UnavailableForLegalReasons"}});
    emulator.set_faults(&json!([{"match": {"op": "any"}, "fault": arrears}]));
    let reply = checked(diagnosed("xml", &emulator.url, json!({})));
    let list = step(&reply, "list");
    assert_eq!(list["status"], "failed", "{reply}");
    assert_eq!(
        list["detail"]["service_code"], "UnavailableForLegalReasons",
        "{list}"
    );
    assert!(
        list["message"].as_str().unwrap().contains("refuses"),
        "{list}"
    );
}

#[test]
fn secrets_that_a_service_repeats_are_hidden() {
    let text = format!("{SECRET_ID} {SECRET_KEY} here");
    for (api, reason) in [
        ("json", json!({"code": -97, "message": text}).to_string()),
        (
            "xml",
            format!("<Error><Code>SignatureDoesNotMatch</Code><Message>{text}</Message></Error>"),
        ),
    ] {
        let listener = Listener::answering(move |_, request| {
            let signature = request.header("authorization");
            http(403, &reason.replace("here", signature))
        });
        let reply = checked(diagnosed(api, &listener.url, json!({})));
        assert_eq!(step(&reply, "signature")["status"], "failed", "{reply}");
        for secret in [SECRET_ID, SECRET_KEY, "q-signature"] {
            assert!(!reply.to_string().contains(secret), "{reply}");
        }
    }
}
