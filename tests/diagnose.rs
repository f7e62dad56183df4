//! qcos_diagnose: what can be wrong on the way to the service, provoked for real, is told by its step, and
//! nothing else is. tests/diagnose_account.rs is about what the service says.

mod common;

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use common::diagnosis::{STEPS, checked, diagnosed, fails, of_status, step};
use common::emulator::Emulator;
use common::library::{APIS, BUCKET, Client, code, kind};
use common::listener::{Listener, http, read_request};
use common::relay::forwarded;
use common::tls::{Certificate, server_config};
use common::waits::{End, FUNCTIONS, Files, prove};
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

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
fn a_wrong_bucket_is_a_wrong_parameter() {
    for api in APIS {
        let client = Client::speaking(api, "http://127.0.0.1:1", json!({}));
        for bucket in ["", "a/b", "a b", "存储桶"] {
            let reply = client.diagnose(bucket);
            assert_eq!((code(&reply), kind(&reply)), (-3, "parameter"), "{reply}");
        }
    }
}
