//! An instance's role: the keys that its metadata service hands out, and requests with them.

mod common;

use common::Emulator;
use common::http::{Reply, request};
use common::sign::now;
use common::xml::{Ask, HOST};
use serde_json::{Value, json};

const PATH: &str = "/latest/meta-data/cam/security-credentials/";

fn ask(emulator: &Emulator, method: &str, path: &str) -> Reply {
    let host = [("Host", "metadata.tencentyun.com")];
    request(&emulator.address, method, path, &host, b"")
}

fn keys(emulator: &Emulator) -> Value {
    let told = ask(emulator, "GET", &format!("{PATH}web-role"));
    serde_json::from_str(&told.is(200).text()).unwrap()
}

/// The request as somebody with these keys signs it; the token comes along, too.
fn with(keys: &Value, request: Ask) -> Ask {
    without_token(keys, request).header("x-cos-security-token", text(keys, "Token"))
}

fn without_token(keys: &Value, mut request: Ask) -> Ask {
    text(keys, "TmpSecretId").clone_into(&mut request.secret_id);
    text(keys, "TmpSecretKey").clone_into(&mut request.secret_key);
    request
}

fn text<'k>(keys: &'k Value, name: &str) -> &'k str {
    keys[name].as_str().unwrap()
}

#[test]
fn an_instance_without_a_role_has_no_keys() {
    let emulator = Emulator::start(&[]);
    for path in [PATH, PATH.trim_end_matches('/'), &format!("{PATH}web-role")] {
        ask(&emulator, "GET", path).is(404);
    }
    // An object of that name is one.
    emulator.put_object(PATH, b"x").is(200);
    let got = request(&emulator.address, "GET", PATH, &[("Host", HOST)], b"");
    assert_eq!(got.is(200).body, b"x");
}

#[test]
fn its_keys_are_told_and_work() {
    let emulator = Emulator::start(&["--role", "web-role", "--role-life", "600"]);
    assert_eq!(ask(&emulator, "GET", PATH).is(200).text(), "web-role");
    assert_eq!(
        ask(&emulator, "GET", PATH.trim_end_matches('/'))
            .is(200)
            .text(),
        "web-role"
    );
    ask(&emulator, "GET", &format!("{PATH}other")).is(404);
    ask(&emulator, "POST", PATH).is(405);
    let before = now();
    let [one, two] = [(); 2].map(|()| keys(&emulator));
    assert_ne!(one["TmpSecretId"], two["TmpSecretId"]);
    assert_eq!(one["Code"], "Success");
    let expires = one["ExpiredTime"].as_u64().unwrap();
    assert!((before + 600..=now() + 600).contains(&expires));
    assert!(text(&one, "Expiration").ends_with('Z'));
    for keys in [&one, &two] {
        let put = Ask::new("PUT", "/a").body(b"content");
        with(keys, put).send(&emulator).is(200);
        let get = with(keys, Ask::new("GET", "/a"));
        assert_eq!(get.send(&emulator).is(200).body, b"content");
    }
    emulator.get_object("/a").is(200);
}

#[test]
fn keys_without_their_token_are_none() {
    let emulator = Emulator::start(&["--role", "web-role"]);
    let [one, two] = [(); 2].map(|()| keys(&emulator));
    let get = || Ask::new("GET", "/");
    without_token(&one, get())
        .send(&emulator)
        .xml_error(403, "InvalidAccessKeyId");
    for token in [text(&two, "Token"), "x", "MTAgYQ=="] {
        without_token(&one, get())
            .header("x-cos-security-token", token)
            .send(&emulator)
            .xml_error(403, "InvalidAccessKeyId");
    }
    let mut forged = with(&one, get());
    text(&two, "TmpSecretKey").clone_into(&mut forged.secret_key);
    forged
        .send(&emulator)
        .xml_error(403, "SignatureDoesNotMatch");
}

#[test]
fn they_expire_by_the_services_clock() {
    let start = 1_700_000_000_u64;
    let at = |seconds: u64| (start + seconds).to_string();
    let role = ["--role", "web-role", "--role-life", "1000", "--now"];
    let args = |now: &str| -> Vec<String> {
        let all = role.iter().copied().chain([now]);
        all.map(str::to_owned).collect()
    };
    let mut emulator = Emulator::start(&strs(&args(&at(0))));
    let keys = keys(&emulator);
    assert!((start + 1000..start + 1030).contains(&keys["ExpiredTime"].as_u64().unwrap()));
    assert!(text(&keys, "Expiration").starts_with("2023-11-14T22:"));
    let signed = |request: Ask| {
        let mut request = with(&keys, request);
        request.key_time = format!("{};{}", start - 60, start + 100_000);
        request
    };
    for (seconds, is_good) in [(0, true), (900, true), (1060, false), (90_000, false)] {
        emulator = emulator.kill_and_restart(&strs(&args(&at(seconds))));
        let list = signed(Ask::new("GET", "/")).send(&emulator);
        let head = signed(Ask::new("HEAD", "/")).send(&emulator);
        match is_good {
            true => drop((list.is(200), head.is(200))),
            false => {
                list.xml_error(400, "ExpiredToken");
                head.is(400);
            }
        }
    }
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

#[test]
fn its_service_may_fail() {
    let emulator = Emulator::start(&["--role", "web-role"]);
    let path = format!("{PATH}web-role");
    emulator.fault("metadata", &json!({"status": 500, "body": "no keys"}));
    for path in [PATH, &path] {
        assert_eq!(ask(&emulator, "GET", path).is(500).text(), "no keys");
    }
    emulator.put_object("/a", b"x").is(200);
    emulator.no_faults();
    keys(&emulator);
}
