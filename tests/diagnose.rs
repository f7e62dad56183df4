//! qcos_diagnose: each thing that can be wrong between a program and the service, provoked for real, is told
//! by its step, and nothing else is.

mod common;

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use common::credentials::{open_with, open_without};
use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{self, APIS, BUCKET, Client, code, kind, ok};
use common::listener::{Listener, http, read_request};
use common::relay::forwarded;
use common::tls::{Certificate, server_config};
use common::unix_now;
use common::waits::{End, FUNCTIONS, Files, prove};
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

const STEPS: [&str; 13] = [
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

fn step<'a>(reply: &'a Value, name: &str) -> &'a Value {
    let at = STEPS.iter().position(|step| *step == name).unwrap();
    &reply["data"]["steps"][at]
}

/// The steps with this status.
fn of_status(reply: &Value, status: &str) -> Vec<String> {
    let steps = reply["data"]["steps"].as_array().unwrap().iter();
    let found = steps.filter(|step| step["status"] == status);
    found
        .map(|step| step["step"].as_str().unwrap().to_owned())
        .collect()
}

fn is_chinese(text: &Value) -> bool {
    let text = text.as_str().unwrap();
    text.ends_with('。') && text.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c))
}

/// What every diagnosis must be.
fn checked(reply: Value) -> Value {
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
fn fails(reply: Value, name: &str) -> Value {
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

fn diagnosed(api: &str, url: &str, options: Value) -> Value {
    let mut all = json!({"retries": 0});
    for (name, value) in options.as_object().unwrap() {
        all[name] = value.clone();
    }
    Client::speaking(api, url, all).diagnose(BUCKET)
}

/// With other keys than the emulator's.
fn diagnosed_as(api: &str, emulator: &Emulator, id: &str, key: &str) -> Value {
    let (reply, handle) = library::open(APPID, id, key, Some(&emulator.options(api)));
    ok(reply);
    Client(handle).diagnose(BUCKET)
}

/// The emulator with TLS in front of it, as localhost.
fn encrypted(emulator: &Emulator, certificate: &Certificate) -> String {
    let config = server_config(certificate);
    let address = emulator.url.trim_start_matches("http://").to_owned();
    let listener = Listener::with_connections(move |stream, _| {
        let tls = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(tls, stream);
        if let Some(request) = read_request(&mut stream) {
            let _ = stream.write_all(&forwarded(&address, &request));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    listener
        .url
        .replace("http://127.0.0.1", "https://localhost")
}

#[test]
fn where_everything_is_fine_every_step_says_so() {
    let certificate = Certificate::new("localhost");
    for api in APIS {
        let emulator = Emulator::start_with(&["--bucket", BUCKET]);
        let url = encrypted(&emulator, &certificate);
        let reply = checked(diagnosed(api, &url, json!({"tls_ca": certificate.path()})));
        assert_eq!(of_status(&reply, "ok"), STEPS, "{reply}");
        let tls = &step(&reply, "tls")["detail"];
        assert_eq!(
            (&tls["issuer"], &tls["subject"]),
            (&json!("CN=localhost"), &tls["issuer"])
        );
        assert_eq!(
            step(&reply, "tcp")["detail"]["addresses"],
            json!(["127.0.0.1"])
        );
        // Questions only, and few.
        let requests = emulator.requests();
        assert_eq!(requests.len(), 3, "{requests:?}");
        assert!(
            requests.iter().all(|request| request["method"] == "GET"),
            "{requests:?}"
        );
        assert!(
            requests.iter().all(|request| request["bucket"] == BUCKET),
            "{requests:?}"
        );

        // Nothing is encrypted to a service on this machine.
        let reply = checked(diagnosed(api, &emulator.url, json!({})));
        assert_eq!(of_status(&reply, "warning"), ["tls"], "{reply}");
        assert_eq!(reply["data"]["ok"], true);
        assert!(
            step(&reply, "dns")["message"]
                .as_str()
                .unwrap()
                .contains("is an address")
        );
        // A private bucket is there all the same.
        let private = Emulator::start_with(&["--bucket", BUCKET, "--private"]);
        let reply = checked(diagnosed(api, &private.url, json!({})));
        assert_eq!(of_status(&reply, "ok").len(), STEPS.len() - 1, "{reply}");
    }
}

#[test]
fn what_is_not_reached_is_told_by_its_step() {
    for api in APIS {
        let reply = fails(
            diagnosed(api, "http://no-such-host.invalid", json!({})),
            "dns",
        );
        let detail = &step(&reply, "dns")["detail"];
        assert!(
            detail["host"]
                .as_str()
                .unwrap()
                .ends_with("no-such-host.invalid"),
            "{reply}"
        );
        assert_eq!(
            (&detail["kind"], &detail["code"]),
            (&json!("dns"), &json!(-2))
        );
        assert_eq!(of_status(&reply, "skipped").len(), 12, "{reply}");

        let reply = fails(diagnosed(api, "http://127.0.0.1:1", json!({})), "tcp");
        let detail = &step(&reply, "tcp")["detail"];
        assert_eq!(
            (&detail["kind"], &detail["host"]),
            (&json!("connect"), &json!("127.0.0.1:1"))
        );
    }
}

/// Accepts, and says nothing.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || drop(listener.incoming().collect::<Vec<_>>()));
    address.to_string()
}

#[test]
fn a_service_that_says_nothing_is_told_when_the_time_is_over() {
    let (address, certificate) = (silent(), Certificate::new("localhost"));
    let proxied = json!({"proxy": format!("http://{address}")});
    for api in APIS {
        for (url, more, failed) in [
            (format!("http://{address}"), json!({}), "http"),
            (format!("https://{address}"), json!({}), "tls"),
            (
                "https://service.invalid".to_owned(),
                proxied.clone(),
                "proxy",
            ),
        ] {
            let mut options = more;
            options["timeout_ms"] = 700.into();
            options["tls_ca"] = certificate.path().into();
            let begun = Instant::now();
            let reply = fails(diagnosed(api, &url, options), failed);
            let took = begun.elapsed();
            assert_eq!(step(&reply, failed)["detail"]["kind"], "timeout", "{reply}");
            assert!(took >= Duration::from_millis(600), "{took:?}");
            assert!(took < Duration::from_millis(1700), "{took:?}");
        }
    }
}

#[test]
fn a_cancel_ends_it() {
    let (url, files) = (format!("http://{}", silent()), Files::new());
    let mut functions = FUNCTIONS.iter();
    let diagnose = functions.find(|it| it.name == "diagnose").unwrap();
    for api in APIS {
        let client = Client::speaking(api, &url, End::Outside.options());
        prove(api, &client, "a", &files, diagnose, End::Outside);
    }
}

#[test]
fn a_certificate_that_is_not_accepted_is_shown() {
    let (good, emulator) = (Certificate::new("localhost"), Emulator::start());
    let other = Certificate::new("elsewhere.example");
    for api in APIS {
        // Of a CA that is not trusted, as that of a proxy that inspects TLS.
        let url = encrypted(&emulator, &good);
        let reply = fails(diagnosed(api, &url, json!({"tls_ca": other.path()})), "tls");
        let tls = step(&reply, "tls");
        assert_eq!(tls["detail"]["issuer"], "CN=localhost", "{tls}");
        assert!(
            tls["detail"]["error"]
                .as_str()
                .unwrap()
                .contains("no CA that is trusted")
        );
        assert!(tls["advice"].as_str().unwrap().contains("tls_ca"), "{tls}");

        // Of another host.
        let url = encrypted(&emulator, &other);
        let reply = fails(diagnosed(api, &url, json!({"tls_ca": other.path()})), "tls");
        let tls = step(&reply, "tls");
        assert_eq!(tls["detail"]["subject"], "CN=elsewhere.example", "{tls}");
        assert!(
            tls["message_zh"]
                .as_str()
                .unwrap()
                .contains("CN=elsewhere.example"),
            "{tls}"
        );
    }
    // Nothing of a request came through.
    assert!(emulator.requests().is_empty());
}

#[test]
fn what_is_not_the_service_is_told() {
    let certificate = Certificate::new("localhost");
    let trusting = json!({"tls_ca": certificate.path()});
    let emulator = Emulator::start();
    let page = || Listener::answering(|_, _| http(200, "<html><body>Log in</body></html>"));
    for api in APIS {
        // http:// where TLS was expected, and the other way round.
        let plain = emulator.url.replace("http:", "https:");
        let reply = fails(diagnosed(api, &plain, trusting.clone()), "tls");
        let tls = step(&reply, "tls");
        assert_eq!(tls["detail"]["issuer"], Value::Null, "{tls}");
        assert!(tls["advice"].as_str().unwrap().contains("http://"), "{tls}");
        let url =
            encrypted(&emulator, &certificate).replace("https://localhost", "http://127.0.0.1");
        fails(diagnosed(api, &url, json!({})), "http");

        let reply = fails(diagnosed(api, &page().url, json!({})), "http");
        let http = step(&reply, "http");
        assert!(
            http["message"]
                .as_str()
                .unwrap()
                .contains("not the service"),
            "{http}"
        );
        assert!(
            http["detail"]["error"].as_str().unwrap().contains("Log in"),
            "{http}"
        );

        emulator.set_faults(&json!([{"fault": {"redirect": "http://login.example/secret"}}]));
        let reply = fails(diagnosed(api, &emulator.url, json!({})), "region");
        let region = step(&reply, "region");
        assert!(
            region["message"].as_str().unwrap().contains("redirects"),
            "{region}"
        );
        assert!(!reply.to_string().contains("/secret"), "{reply}");
        emulator.set_faults(&json!([{"fault": {"status": 503, "body": ""}}]));
        let reply = fails(diagnosed(api, &emulator.url, json!({})), "http");
        assert!(
            step(&reply, "http")["message"]
                .as_str()
                .unwrap()
                .contains("busy"),
            "{reply}"
        );
        emulator.set_faults(&json!([]));
    }
}

#[test]
fn a_proxy_that_refuses_is_told() {
    let refusing = |status| Listener::answering(move |_, _| http(status, ""));
    for api in APIS {
        for (url, status) in [
            ("https://service.invalid", 403),
            ("https://service.invalid", 407),
            ("http://service.invalid", 407),
        ] {
            let proxy = refusing(status).url.replace("//", "//me:hidden-word@");
            let reply = fails(diagnosed(api, url, json!({ "proxy": proxy })), "proxy");
            let found = step(&reply, "proxy");
            assert_eq!(found["detail"]["httpcode"], status, "{found}");
            assert!(!reply.to_string().contains("hidden-word"), "{reply}");
        }
        let dead = json!({"proxy": "http://127.0.0.1:1"});
        fails(diagnosed(api, "https://service.invalid", dead), "tcp");
    }
}

#[test]
fn a_proxy_that_helps_is_told() {
    let emulator = Emulator::start();
    for api in APIS {
        let address = emulator.url.trim_start_matches("http://").to_owned();
        let proxy = Listener::with_connections(move |stream, _| {
            let Some(mut request) = read_request(stream) else {
                return;
            };
            // A proxy is told the whole URL.
            let (before, rest) = request.line.split_once("http://").unwrap();
            let path = &rest[rest.find('/').unwrap()..];
            request.line = format!("{before}{path}");
            let _ = stream.write_all(&forwarded(&address, &request));
        });
        let options = json!({"proxy": proxy.url});
        let reply = checked(diagnosed(api, "http://cos.service.invalid", options));
        assert_eq!(reply["data"]["ok"], true, "{reply}");
        let named = proxy.url.trim_start_matches("http://");
        assert_eq!(step(&reply, "proxy")["detail"]["proxy"], named, "{reply}");
    }
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

#[test]
fn a_wrong_bucket_is_a_wrong_parameter() {
    for api in APIS {
        let client = Client::speaking(api, "http://127.0.0.1:1", json!({}));
        for bucket in ["", "a/b", "a b", "存储桶"] {
            let reply = client.diagnose(bucket);
            assert_eq!((code(&reply), kind(&reply)), (-3, "parameter"), "{reply}");
        }
    }
}
