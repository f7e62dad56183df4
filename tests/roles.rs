//! Credentials that the caller does not give: those of an instance's role, and those of the environment.

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use common::TempDir;
use common::again::ignored_test;
use common::credentials::{open_with, open_without, role, secret_id, there, token};
use common::emulator::{APPID, SECRET_ID, SECRET_KEY};
use common::library::{APIS, Client, code, kind, message, ok, open};
use common::listener::{Listener, http, read_request};
use common::unix_now;
use qcos::ffi::qcos_client_close;
use serde_json::{Value, json};

const ROLES: &str = "GET /latest/meta-data/cam/security-credentials/";

fn service() -> Listener {
    Listener::answering(|_, request| there(request))
}

fn refusal(status: u16, name: &str) -> Vec<u8> {
    http(
        status,
        &format!("<Error><Code>{name}</Code><Message>no</Message></Error>"),
    )
}

fn options(service: &str, metadata: &str) -> Value {
    json!({
        "region": "ap-x", "endpoint": service, "retries": 0,
        "credentials": "cvm:worker", "metadata_endpoint": metadata,
    })
}

#[test]
fn requests_are_signed_with_the_credentials_of_the_instances_role() {
    let service = service();
    let metadata = Listener::answering(|_, request| match request.line.contains("/worker ") {
        true => http(200, &role("ROLE", 7200).to_string()),
        false => http(200, "worker\n"),
    });
    for (name, asked) in [("cvm", vec!["", "worker"]), ("cvm:worker", vec!["worker"])] {
        let mut options = options(&service.url, &metadata.url);
        options["credentials"] = name.into();
        let before = metadata.received().len();
        let client = open_without(&options);
        assert_eq!(
            metadata.received().len(),
            before,
            "opening asks for nothing"
        );
        for client in [&client, &client.with(&json!({"retries": 1})), &client] {
            ok(client.stat_file("f"));
            let request = service.received().pop().unwrap();
            assert_eq!(secret_id(&request), "ROLE");
            assert_eq!(token(&request), "ROLE-hidden-token");
        }
        let requests = metadata.received().split_off(before);
        let lines: Vec<&str> = requests.iter().map(|it| it.line.as_str()).collect();
        let expected: Vec<String> = asked
            .iter()
            .map(|role| format!("{ROLES}{role} HTTP/1.1"))
            .collect();
        assert_eq!(lines, expected, "each once");
        for request in requests {
            assert_eq!(request.header("authorization"), "");
            assert_eq!(token(&request), "");
        }
    }
    // Not sent, and signed all the same.
    let client = open_without(&options(&service.url, &metadata.url));
    let url = ok(client.download_url("f", 60))["data"]["url"].to_string();
    assert!(url.contains("q-ak=ROLE") && url.contains("x-cos-security-token=ROLE-hidden-token"));
}

#[test]
fn a_proxy_is_not_asked_for_them() {
    let proxy = service();
    let metadata = Listener::answering(|_, _| http(200, &role("ROLE", 7200).to_string()));
    let mut options = options("http://service.invalid", &metadata.url);
    options["proxy"] = proxy.url.clone().into();
    ok(open_without(&options).stat_file("f"));
    assert_eq!(
        metadata.received()[0].line,
        format!("{ROLES}worker HTTP/1.1")
    );
    let lines: Vec<String> = proxy.received().into_iter().map(|it| it.line).collect();
    assert!(
        lines.len() == 1 && lines[0].contains("service.invalid"),
        "{lines:?}"
    );
}

#[test]
fn many_calls_ask_once() {
    const CALLS: usize = 12;
    let service = service();
    let (opens, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let metadata = Listener::answering(move |_, _| {
        let _ = gate.lock().unwrap().recv();
        http(200, &role("ROLE", 7200).to_string())
    });
    let client = open_without(&options(&service.url, &metadata.url));
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    thread::scope(|scope| {
        for number in 0..CALLS {
            let (client, file) = (&client, &file);
            scope.spawn(move || match number % 3 {
                // Refused, as nothing can be compared with this service.
                0 => drop(client.upload(file, "f")),
                _ => drop(ok(client.stat_file("f"))),
            });
        }
        while metadata.received().is_empty() {
            thread::yield_now();
        }
        assert!(service.received().is_empty());
        drop(opens);
    });
    assert_eq!(metadata.received().len(), 1);
    assert!(service.received().len() >= CALLS);
}

/// The service says that they have ended: others are fetched, and the call goes on.
#[test]
fn what_the_service_calls_ended_is_replaced() {
    for (name, status) in [("ExpiredToken", 400), ("InvalidAccessKeyId", 403)] {
        let service = Listener::answering(move |_, request| {
            let is_known = secret_id(request) == "ROLE1";
            match (is_known, request.line.starts_with("HEAD")) {
                (true, _) => there(request),
                // Without a body, so without a name.
                (false, true) => {
                    format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        .into_bytes()
                }
                (false, false) => refusal(status, name),
            }
        });
        let metadata = Listener::answering(|number, _| {
            http(200, &role(&format!("ROLE{number}"), 7200).to_string())
        });
        let client = open_without(&options(&service.url, &metadata.url));
        ok(client.stat_file("f"));
        assert_eq!(metadata.received().len(), 2, "{name}");
        ok(client.stat_file("f"));
        assert_eq!(metadata.received().len(), 2);
    }
}

/// A source that still gives what the service refuses is not asked without end.
#[test]
fn the_same_ones_again_are_no_others() {
    let service = Listener::answering(|_, _| refusal(403, "InvalidAccessKeyId"));
    let metadata = Listener::answering(|_, _| http(200, &role("ROLE", 7200).to_string()));
    let client = open_without(&options(&service.url, &metadata.url));
    for _ in 0..5 {
        let refused = client.list("d", 0, "eListBoth", 0, "");
        assert_eq!(
            (code(&refused), kind(&refused)),
            (-79, "service"),
            "{refused}"
        );
        assert!(!refused.to_string().contains("hidden"));
    }
    assert_eq!(metadata.received().len(), 2);
    assert!(service.received().len() <= 6);
}

/// Seconds by which the service's clock is ahead: enough that credentials of 900 s are to be renewed, and
/// still good.
const AHEAD_S: u64 = 840;

#[test]
fn old_ones_serve_while_they_are_good_and_the_source_fails() {
    for failure in ["down", "silent", "nonsense", "refusal"] {
        let service = with_clock_ahead(
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
        );
        let metadata = Listener::with_connections(move |stream, received| {
            let Some(request) = read_request(stream) else {
                return;
            };
            let number = {
                let mut received = received.lock().unwrap();
                received.push(request);
                received.len()
            };
            let answer = match (number, failure) {
                (1, _) => http(200, &role("ROLE", 900).to_string()),
                (_, "down") => return,
                (_, "silent") => {
                    // Until the client has given up.
                    let _ = stream.read(&mut [0]);
                    return;
                }
                (_, "nonsense") => http(200, "hidden"),
                _ => http(500, "hidden"),
            };
            let _ = stream.write_all(&answer);
        });
        let client = open_without(&options(&service.url, &metadata.url));
        let begun = Instant::now();
        ok(client.list("d", 0, "eListBoth", 0, ""));
        for _ in 0..5 {
            ok(client.stat_file("f"));
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{failure}");
        assert_eq!(
            metadata.received().len(),
            2,
            "{failure}: not with every call"
        );
        let ids: Vec<String> = service.received().iter().map(secret_id).collect();
        assert!(ids.iter().all(|id| id == "ROLE"), "{ids:?}");
    }
}

#[test]
fn others_are_fetched_before_the_old_ones_end() {
    let service =
        with_clock_ahead("<Error><Code>RequestTimeTooSkewed</Code><Message>no</Message></Error>");
    let metadata = Listener::answering(|number, _| {
        let lives = if number == 0 { 900 } else { 7200 };
        http(200, &role(&format!("ROLE{number}"), lives).to_string())
    });
    let client = open_without(&options(&service.url, &metadata.url));
    ok(client.list("d", 0, "eListBoth", 0, ""));
    ok(client.stat_file("f"));
    let ids: Vec<String> = service.received().iter().map(secret_id).collect();
    assert_eq!(ids, ["ROLE0", "ROLE1", "ROLE1"]);
}

/// A service that refuses the first request, whose answer tells that its clock is ahead.
fn with_clock_ahead(body: &'static str) -> Listener {
    const EMPTY: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    Listener::answering(move |number, request| match number {
        0 => {
            let ahead = Duration::from_secs(unix_now() + AHEAD_S);
            let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + ahead);
            format!(
                "HTTP/1.1 403 X\r\nDate: {date}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        }
        _ if request.line.starts_with("GET") => http(200, EMPTY),
        _ => there(request),
    })
}

#[test]
fn a_source_that_gives_nothing_is_told_and_nothing_is_sent() {
    let service = service();
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    for (status, body, expected_kind, expected) in [
        (404, "", "http_status", "no role \"worker\""),
        (403, "hidden", "http_status", "HTTP status 403"),
        (500, "hidden", "http_status", "HTTP status 500"),
        (302, "hidden", "http_status", "HTTP status 302"),
        (200, "", "bad_reply", "no JSON object"),
        (200, "<html>hidden</html>", "bad_reply", "no JSON object"),
        (200, r#"{"Code":"hidden"}"#, "bad_reply", "it failed"),
        (
            200,
            r#"{"TmpSecretKey":"hidden"}"#,
            "bad_reply",
            "TmpSecretId",
        ),
    ] {
        let metadata = Listener::answering(move |_, _| http(status, body));
        let client = open_without(&options(&service.url, &metadata.url));
        for reply in [
            client.stat_file("f"),
            client.delete_file("f"),
            client.upload(&file, "f"),
            client.download("f", &files.join("g")),
            client.download_url("f", 60),
            client.presign("PUT", "f", 60, &json!({})),
            client.post_policy(&json!({"key": "f", "expires_s": 60})),
        ] {
            assert_eq!((code(&reply), kind(&reply)), (-2, expected_kind), "{reply}");
            let told = message(&reply);
            assert!(
                told.contains("metadata service") && told.contains(expected),
                "{told}"
            );
            assert!(!reply.to_string().contains("hidden"), "{reply}");
            assert_eq!(reply["httpcode"], 0, "{reply}");
        }
    }
    for (body, expected) in [
        ("", "names none"),
        ("a/b\n", "names none"),
        ("..", "names none"),
    ] {
        let metadata = Listener::answering(move |_, _| http(200, body));
        let mut options = options(&service.url, &metadata.url);
        options["credentials"] = "cvm".into();
        let reply = open_without(&options).stat_file("f");
        assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
        assert!(message(&reply).contains(expected), "{reply}");
    }
    let lists_none = Listener::answering(|_, _| http(404, ""));
    let mut without = options(&service.url, &lists_none.url);
    without["credentials"] = "cvm".into();
    let reply = open_without(&without).stat_file("f");
    assert!(
        message(&reply).contains("the instance has no role"),
        "{reply}"
    );
    assert_eq!(service.connections(), 0);
}

#[test]
fn a_source_that_is_down_is_asked_again_and_told() {
    let service = service();
    // Nobody listens there.
    let mut options = options(&service.url, "http://127.0.0.1:1");
    options["retries"] = 2.into();
    let reply = open_without(&options).stat_file("f");
    assert_eq!((code(&reply), kind(&reply)), (-2, "connect"), "{reply}");
    assert!(message(&reply).contains("metadata service"), "{reply}");
    assert_eq!(reply["error"]["attempts"], 3, "{reply}");
    assert_eq!(reply["error"]["retryable"], true, "{reply}");
    // A failure that passes is not the call's.
    let metadata = Listener::answering(|number, _| match number {
        0 => http(503, ""),
        _ => http(200, &role("ROLE", 7200).to_string()),
    });
    options["metadata_endpoint"] = metadata.url.clone().into();
    ok(open_without(&options).stat_file("f"));
    assert_eq!(metadata.received().len(), 2);
}

/// Accepts every connection, and says nothing.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    url
}

#[test]
fn waiting_for_a_source_ends_with_the_call() {
    let service = service();
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    type Act = fn(&Client, &std::path::Path) -> Value;
    let acts: [Act; 4] = [
        |client, _| client.stat_file("f"),
        |client, file| client.upload(file, "f"),
        |client, _| client.download_url("f", 60),
        |client, _| client.post_policy(&json!({"key": "f", "expires_s": 60})),
    ];
    for act in acts {
        let client = open_without(&options(&service.url, &silent()));
        let hasty = client.with(&json!({"timeout_ms": 400}));
        let begun = Instant::now();
        let late = act(&hasty, &file);
        assert_eq!((code(&late), kind(&late)), (-2, "timeout"), "{late}");
        assert!(begun.elapsed() < Duration::from_millis(1400), "{late}");
        // The first asks, the second waits for it: both are cancelled.
        let (told, ended) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..2 {
                let (told, client, file) = (told.clone(), &client, &file);
                scope.spawn(move || told.send(act(client, file)).unwrap());
            }
            assert!(ended.recv_timeout(Duration::from_millis(300)).is_err());
            let begun = Instant::now();
            client.cancel();
            for _ in 0..2 {
                let reply = ended.recv_timeout(Duration::from_secs(10)).unwrap();
                assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
            }
            assert!(begun.elapsed() < Duration::from_millis(500));
        });
    }
    assert_eq!(service.connections(), 0);
}

/// The failure of one is that of all who waited for it; none of them asks again by itself.
#[test]
fn those_that_wait_share_the_failure() {
    let service = service();
    let (opens, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let metadata = Listener::answering(move |_, _| {
        let _ = gate.lock().unwrap().recv();
        http(404, "")
    });
    let client = open_without(&options(&service.url, &metadata.url));
    thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| client.stat_file("f")))
            .collect();
        // All of them wait by then; one that came later would ask for itself.
        thread::sleep(Duration::from_millis(500));
        drop(opens);
        for call in calls {
            let reply = call.join().unwrap();
            assert_eq!((code(&reply), kind(&reply)), (-2, "http_status"), "{reply}");
        }
    });
    assert_eq!(metadata.received().len(), 1);
}

#[test]
fn given_ones_serve_in_the_place_of_a_roles() {
    let service = service();
    let metadata = Listener::answering(|_, _| http(200, &role("ROLE", 7200).to_string()));
    let client = open_without(&options(&service.url, &metadata.url));
    ok(client.set_credentials("GIVEN", "KEY", Some("TOKEN"), 0));
    ok(client.stat_file("f"));
    let request = service.received().pop().unwrap();
    assert_eq!(
        (secret_id(&request).as_str(), token(&request)),
        ("GIVEN", "TOKEN")
    );
    assert!(metadata.received().is_empty());
}

#[test]
fn half_given_credentials_are_refused() {
    let role = json!({"region": "ap-x", "credentials": "cvm"});
    let environment = json!({"region": "ap-x", "credentials": "env"});
    let given = json!({"region": "ap-x"});
    for (id, key, options, name) in [
        (None, Some("KEY"), &given, "secret_id"),
        (Some("ID"), None, &given, "secret_key"),
        (None, None, &given, "secret_id"),
        (Some("ID"), Some("KEY"), &role, "secret_id"),
        (Some("ID"), None, &role, "secret_id"),
        (None, Some("KEY"), &role, "secret_key"),
        (None, Some(""), &role, "secret_key"),
        (Some("ID"), Some("KEY"), &environment, "secret_id"),
        (None, Some("KEY"), &environment, "secret_key"),
    ] {
        let (reply, handle) = open_with(id, key, options);
        assert_eq!((code(&reply), handle), (-3, 0), "{reply}");
        assert!(message(&reply).starts_with(name), "{reply}");
        assert!(message(&reply).contains("\"credentials\""), "{reply}");
        assert!(!message(&reply).contains("KEY"), "{reply}");
    }
    for (options, name) in [
        (
            json!({"region": "ap-x", "credentials": "file"}),
            "credentials",
        ),
        (json!({"credentials": "cvm"}), "credentials"),
        (
            json!({"region": "ap-x", "metadata_endpoint": "http://h"}),
            "metadata_endpoint",
        ),
        (
            json!({"region": "ap-x", "credentials": "cvm", "security_token": "T"}),
            "security_token",
        ),
    ] {
        let (reply, handle) = open_with(None, None, &options);
        assert_eq!((code(&reply), handle), (-3, 0), "{reply}");
        assert!(
            message(&reply).starts_with(&format!("options_json: {name}")),
            "{reply}"
        );
    }
    // Not for one derived client alone.
    let (reply, handle) = open(APPID, SECRET_ID, SECRET_KEY, None);
    ok(reply);
    let (reply, derived) = Client(handle).try_with(Some(r#"{"credentials":"env"}"#));
    assert_eq!((code(&reply), derived), (-3, 0), "{reply}");
}

/// Opens a client with the environment's credentials, and tells what it signs with.
#[test]
#[ignore = "run by the test below, in environments of its own"]
fn in_an_environment() {
    let api = std::env::var("QCOS_TEST_API").unwrap();
    let service = service();
    let mut options = json!({"credentials": "env", "endpoint": service.url});
    if api == "xml" {
        options["region"] = "ap-x".into();
    }
    let (reply, handle) = open_with(None, None, &options);
    println!("OPENED {}", message(&reply));
    if code(&reply) == 0 {
        // Read when it was opened, and not again.
        ok(Client(handle).stat_file("f"));
        let request = service.received().pop().unwrap();
        println!("SIGNED {} {}", secret_id(&request), token(&request));
    }
    qcos_client_close(handle);
}

#[test]
fn the_environments_are_read_when_a_client_is_opened() {
    const NAMES: [&str; 3] = [
        "TENCENTCLOUD_SECRET_ID",
        "TENCENTCLOUD_SECRET_KEY",
        "TENCENTCLOUD_TOKEN",
    ];
    for api in APIS {
        for (values, expected) in [
            ([Some("ENVID"), Some("hidden"), None], "SIGNED ENVID \n"),
            ([Some("ENVID"), Some("hidden"), Some("")], "SIGNED ENVID \n"),
            (
                [Some("ENVID"), Some("hidden"), Some("TOKEN")],
                match api {
                    "xml" => "SIGNED ENVID TOKEN\n",
                    _ => "the environment has a TENCENTCLOUD_TOKEN",
                },
            ),
            (
                [None, Some("hidden"), None],
                "the environment has no TENCENTCLOUD_SECRET_ID",
            ),
            (
                [Some("ENVID"), None, Some("TOKEN")],
                "the environment has no TENCENTCLOUD_SECRET_KEY",
            ),
            (
                [Some("ENVID"), Some(""), None],
                "the environment has no TENCENTCLOUD_SECRET_KEY",
            ),
            (
                [Some("EN ID"), Some("hidden"), None],
                "credentials: TENCENTCLOUD_SECRET_ID: must be printable",
            ),
        ] {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.env("QCOS_TEST_API", api);
            for (name, value) in NAMES.iter().zip(values) {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            let told = ignored_test(&mut command, "in_an_environment");
            assert!(told.contains(expected), "{api} {values:?}: {told}");
            assert!(!told.contains("hidden"), "{told}");
        }
    }
}
