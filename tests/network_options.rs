//! By which hosts the service is reached, at which addresses, and how fast.

mod common;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{APIS, Client, code, kind, message, ok, open};
use common::listener::Listener;
use common::relay::relay;
use common::shelf::{Object, service};
use common::{TempDir, noise};
use serde_json::{Value, json};

fn port(url: &str) -> &str {
    url.rsplit(':').next().unwrap()
}

#[test]
fn a_host_is_where_the_caller_says_and_keeps_its_name() {
    let service = service(Object::new(), None);
    let address = format!("127.0.0.1:{}", port(&service.url));
    let named = |hosts: Value| {
        let options = json!({"retries": 0, "resolve": hosts});
        Client::speaking("xml", "http://cos.nowhere.invalid", options)
    };
    for hosts in [
        json!({"testbucket-10000001.cos.nowhere.invalid": address}),
        json!({"other.invalid": "127.0.0.1:1", "*.NOWHERE.invalid": address}),
    ] {
        ok(named(hosts).stat_file("from"));
    }
    let received = service.received();
    let expected = "testbucket-10000001.cos.nowhere.invalid";
    assert!(
        received
            .iter()
            .all(|request| request.header("host") == expected)
    );
    let reply = named(json!({"cos.nowhere.invalid": address})).stat_file("from");
    assert_eq!(kind(&reply), "dns", "{reply}");
    // Nobody listens there.
    let reply = named(json!({"*.cos.nowhere.invalid": "127.0.0.1:1"})).stat_file("from");
    assert_eq!(kind(&reply), "connect", "{reply}");
}

#[test]
fn the_json_api_resolves_so_too() {
    let emulator = Emulator::start();
    let endpoint = format!("http://files.nowhere.invalid:{}", port(&emulator.url));
    let options = json!({"resolve": {"files.nowhere.invalid": "127.0.0.1"}});
    let client = Client::speaking("json", &endpoint, options);
    ok(client.upload_buffer(b"hello", "f", ""));
    client.holds("f", b"hello");
}

#[test]
fn the_services_hosts_are_reached_by_name_of_the_network() {
    for (network, object, bucket) in [
        (
            "public",
            "cos.ap-guangzhou.myqcloud.com",
            "cos.ap-guangzhou.myqcloud.com",
        ),
        (
            "internal",
            "cos-internal.ap-guangzhou.tencentcos.cn",
            "cos-internal.ap-guangzhou.tencentcos.cn",
        ),
        (
            "accelerate",
            "cos.accelerate.myqcloud.com",
            "cos.ap-guangzhou.myqcloud.com",
        ),
    ] {
        let service = service(Object::new(), None);
        let options = json!({"retries": 0, "network": network});
        let client = Client::speaking("xml", &service.url, options);
        ok(client.stat_file("from"));
        client.head_bucket("testbucket");
        for request in service.received() {
            let is_object = request.line.contains("/from");
            let host = if is_object { object } else { bucket };
            let expected = format!("testbucket-10000001.{host}");
            assert_eq!(
                request.header("host"),
                expected,
                "{network}: {}",
                request.line
            );
        }
        let copied = client.copy_file("from", "to", 1);
        assert_eq!(code(&copied), 0, "{copied}");
        let received = service.received();
        let put = received
            .iter()
            .find(|request| request.line.starts_with("PUT /to"));
        let source = put.unwrap().header("x-cos-copy-source");
        assert_eq!(
            source,
            "testbucket-10000001.cos.ap-guangzhou.myqcloud.com/from"
        );
    }
}

/// The usual host fails as told, the other one answers.
fn failing(fault: &'static str) -> Listener {
    Listener::answering(move |_, request| {
        let is_other = request.header("host").ends_with(".tencentcos.cn");
        let answer = match is_other {
            true => "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\nhello",
            false => fault,
        };
        answer.into()
    })
}

#[test]
fn the_last_attempt_goes_to_the_other_host_where_the_service_is_silent() {
    let silent = "HTTP/1.1 503 Slow\r\nContent-Length: 0\r\n\r\n";
    let told = "HTTP/1.1 503 Slow\r\nx-cos-request-id: 1\r\nContent-Length: 0\r\n\r\n";
    for (fault, failover, fails_over) in [
        ("", true, true),
        (silent, true, true),
        (told, true, false),
        ("", false, false),
    ] {
        let service = failing(fault);
        let options = json!({"retries": 2, "failover": failover});
        let client = Client::speaking("xml", &service.url, options);
        let reply = client.stat_file("f");
        assert_eq!(code(&reply) == 0, fails_over, "{fault}: {reply}");
        let received = service.received();
        assert_eq!(received.len(), 3, "{fault}");
        for (number, request) in received.iter().enumerate() {
            let is_other = number == 2 && fails_over;
            let end = if is_other {
                "ap-guangzhou.tencentcos.cn"
            } else {
                "ap-guangzhou.myqcloud.com"
            };
            let host = format!("testbucket-10000001.cos.{end}");
            assert_eq!(request.header("host"), host, "{fault}: {number}");
            let retried = if is_other { "true" } else { "" };
            assert_eq!(request.header("x-cos-sdk-retry"), retried);
        }
    }
    // An object's bytes, too.
    let service = failing("");
    let options = json!({"retries": 1, "failover": true});
    let client = Client::speaking("xml", &service.url, options);
    let mut buffer = [0; 5];
    client.download_buffer("f", 0, &mut buffer, &json!({}));
    let received = service.received();
    let last = received.last().unwrap();
    assert!(last.line.starts_with("GET /f"), "{}", last.line);
    assert!(last.header("host").ends_with(".tencentcos.cn"));
}

#[test]
fn the_service_is_told_how_fast_content_may_go() {
    let emulator = Emulator::start();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seeing = seen.clone();
    let between = relay(&emulator.url, move |request| {
        let limit = request.header("x-cos-traffic-limit").to_owned();
        let method = request
            .line
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_owned();
        seeing
            .lock()
            .unwrap()
            .push((method, request.body.is_empty(), limit));
    });
    let options = json!({"traffic_limit": 819_200, "retries": 0});
    let client = Client::speaking("xml", &between.url, options);
    ok(client.upload_buffer(b"hello", "small", ""));
    ok(client.upload_buffer(&noise(9 << 20, 1), "large", ""));
    client.holds("large", &noise(9 << 20, 1));
    ok(client.delete_file("small"));
    let mut limited = 0;
    for (method, is_empty, limit) in seen.lock().unwrap().drain(..) {
        let carries = match method.as_str() {
            "GET" => !limit.is_empty(),
            "PUT" => !is_empty,
            _ => false,
        };
        limited += usize::from(carries);
        let expected = if carries { "819200" } else { "" };
        assert_eq!(limit, expected, "{method}");
    }
    // The small file, two parts, and the download of the large one.
    assert!(limited >= 4, "{limited}");
}

#[test]
fn no_more_bytes_move_than_are_allowed_whatever_the_connections() {
    const RATE: u64 = 400_000;
    for api in APIS {
        let emulator = Emulator::start();
        let options = json!({"max_bytes_per_s": RATE, "parallel": 4});
        let client = Client::speaking(api, &emulator.url, options);
        let files = TempDir::new();
        std::fs::create_dir(files.join("tree")).unwrap();
        for number in 0..8 {
            files.file(&format!("tree/{number}"), &noise(100_000, number));
        }
        let begun = Instant::now();
        ok(client.upload_tree(&files.join("tree"), "t", "{}", &mut |_, _| 0));
        // All but what a tenth of a second lets through at once.
        let least = Duration::from_millis(1_900);
        assert!(begun.elapsed() >= least, "{api}: up {:?}", begun.elapsed());
        let begun = Instant::now();
        ok(client.download_tree("t", &files.join("back"), "{}", &mut |_, _| 0));
        assert!(
            begun.elapsed() >= least,
            "{api}: down {:?}",
            begun.elapsed()
        );
        for number in 0..8 {
            let got = std::fs::read(files.join(&format!("back/{number}"))).unwrap();
            assert!(got == noise(100_000, number));
        }
    }
}

#[test]
fn a_throttled_call_ends_when_it_is_told_to() {
    let emulator = Emulator::start();
    let options = json!({"max_bytes_per_s": 4096, "timeout_ms": 500});
    let client = Client::speaking("xml", &emulator.url, options);
    let reply = client.upload_buffer(&noise(1_000_000, 1), "f", "");
    assert_eq!(kind(&reply), "timeout", "{reply}");
    let client = Client::speaking("xml", &emulator.url, json!({"max_bytes_per_s": 4096}));
    let content = noise(1_000_000, 1);
    let mut calls = 0;
    let reply = client.upload_buffer_with(&content, "f", &json!({}), &mut |_, _| {
        calls += 1;
        i32::from(calls > 2)
    });
    assert_eq!(kind(&reply), "cancelled", "{reply}");
}

#[test]
fn what_makes_no_sense_is_named() {
    for (options, name) in [
        (json!({"network": "intranet"}), "network"),
        (
            json!({"network": "internal", "addressing": "path"}),
            "network",
        ),
        (json!({"resolve": {"h": "h2"}}), "resolve"),
        (json!({"traffic_limit": 1}), "traffic_limit"),
        (json!({"max_bytes_per_s": 1}), "max_bytes_per_s"),
        (json!({"failover": 1}), "failover"),
    ] {
        let mut options = options;
        options["region"] = "ap-guangzhou".into();
        options["endpoint"] = "http://127.0.0.1:1".into();
        let (reply, _) = open(APPID, SECRET_ID, SECRET_KEY, Some(&options.to_string()));
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).contains(name), "{reply}");
    }
}
