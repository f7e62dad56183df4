//! Networks that fail: the kind, the number of tries, and the time it takes to say so.

#![allow(unsafe_code)] // system calls

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::library::{Client, code, kind, message, ok};
use common::listener::{Listener, http, read_request, set_socket_option};
use common::tls::Certificate;
use common::{TempDir, noise};
use serde_json::{Value, json};

const GOOD: &str = r#"{"code":0,"message":"SUCCESS","data":{}}"#;

/// Nothing listens there, and no other test is given it.
fn closed_port() -> String {
    "http://127.0.0.1:1".to_owned()
}

#[track_caller]
fn failed(reply: &Value, expected: &str, attempts: u64) {
    assert_eq!((code(reply), kind(reply)), (-2, expected), "{reply}");
    assert_eq!(reply["error"]["attempts"], attempts, "{reply}");
}

#[test]
fn a_refused_connection_is_tried_as_often_as_allowed() {
    let url = closed_port();
    let files = TempDir::new();
    let (file, target) = (files.file("f", &noise(600_000, 1)), files.join("target"));
    for retries in [0, 2] {
        let client = Client::open_with(&url, json!({ "retries": retries }));
        for reply in [
            client.stat_file("a"),
            client.list("", 0, "eListBoth", 0, ""),
            client.delete_file("a"),
            client.upload(&file, "a"),
            client.upload_slice(&file, "a", 0, "", &mut |_, _| 0),
            client.upload_slice(&file, "a", 0, "a session", &mut |_, _| 0),
            client.download("a", &target),
        ] {
            failed(&reply, "connect", retries + 1);
            assert_eq!(reply["httpcode"], 0);
            assert_eq!(reply["error"]["retryable"], true);
            assert!(message(&reply).contains(url.trim_start_matches("http://")));
        }
        assert!(!target.exists());
    }
}

#[test]
fn an_unknown_host_is_a_dns_failure() {
    let client = Client::open_with("http://no-such-host.invalid", json!({"retries": 0}));
    let reply = client.stat_file("a");
    failed(&reply, "dns", 1);
    assert!(message(&reply).contains("no-such-host.invalid"));
}

/// A connection reset after the request, before a byte of the answer.
fn resetting() -> Listener {
    Listener::with_connections(|stream, received| {
        if let Some(request) = read_request(stream) {
            received.lock().unwrap().push(request);
        }
        reset_on_close(stream);
    })
}

/// Closing will send RST instead of FIN.
fn reset_on_close(stream: &std::net::TcpStream) {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: the option's type.
    unsafe { set_socket_option(stream, libc::SO_LINGER, &linger) };
}

#[test]
fn a_reset_is_tried_again_as_often_as_allowed() {
    let listener = resetting();
    let client = Client::open_with(&listener.url, json!({"retries": 2}));
    for reply in [
        client.stat_file("a"),
        client.list("", 0, "eListBoth", 0, ""),
        client.delete_file("a"),
        client.create_folder("a", ""),
        client.update_file("a", ""),
        client.upload_buffer(b"x", "a", ""),
    ] {
        failed(&reply, "reset", 3);
    }
    assert_eq!(listener.received().len(), 18);
}

#[test]
fn a_dead_service_is_not_hammered() {
    let url = closed_port();
    let client = Client::open_with(&url, json!({"retries": 4}));
    let mut requests = 0;
    thread::scope(|scope| {
        let calls: Vec<_> = (0..40)
            .map(|_| scope.spawn(|| client.stat_file("a")["error"]["attempts"].as_u64().unwrap()))
            .collect();
        requests = calls.into_iter().map(|call| call.join().unwrap()).sum();
    });
    // Forty first tries, and a hundred more that the client's budget pays for.
    assert_eq!(requests, 140);
    failed(&client.stat_file("a"), "connect", 1);
}

#[test]
fn every_try_is_signed_anew() {
    let listener = Listener::answering(|number, _| match number {
        0..3 => http(503, r#"{"code":-71,"message":"too frequent"}"#),
        _ => http(200, GOOD),
    });
    let client = Client::open(&listener.url);
    ok(client.update_file("a", ""));
    let mut signatures: Vec<String> = listener
        .received()
        .iter()
        .map(|request| request.header("authorization").to_owned())
        .collect();
    assert_eq!(signatures.len(), 4);
    signatures.sort();
    signatures.dedup();
    assert_eq!(signatures.len(), 4);
}

#[test]
fn a_busy_service_is_waited_for_as_long_as_it_says() {
    let listener = Listener::answering(|number, _| match number {
        0 => b"HTTP/1.1 429 X\r\nRetry-After: 1\r\nContent-Length: 0\r\n\
               Connection: close\r\n\r\n"
            .to_vec(),
        _ => http(200, GOOD),
    });
    let client = Client::open(&listener.url);
    let start = Instant::now();
    ok(client.stat_file("a"));
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(1), "{took:?}");

    // A wait that does not fit into the call's time is not begun.
    let listener = Listener::answering(|_, _| {
        b"HTTP/1.1 503 X\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n".to_vec()
    });
    let client = Client::open_with(&listener.url, json!({"timeout_ms": 2000}));
    let start = Instant::now();
    failed(&client.stat_file("a"), "http_status", 1);
    assert!(start.elapsed() < Duration::from_secs(2));
}

/// Serves connections that stay open and silent after `bytes`.
fn stalling(bytes: &'static [u8]) -> Listener {
    Listener::with_connections(move |stream, _| {
        if read_request(stream).is_some() {
            let _ = stream.write_all(bytes);
            // Until the client gives up.
            let _ = stream.read(&mut [0]);
        }
    })
}

#[test]
fn a_stalled_service_is_given_up_in_time() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    ] {
        for options in [
            json!({"io_timeout_ms": 300, "retries": 0}),
            json!({"timeout_ms": 300}),
        ] {
            let listener = stalling(bytes);
            let client = Client::open_with(&listener.url, options.clone());
            let start = Instant::now();
            let reply = client.stat_file("a");
            let took = start.elapsed();
            assert_eq!(
                (code(&reply), kind(&reply)),
                (-2, "timeout"),
                "{options}: {reply}"
            );
            assert!(took >= Duration::from_millis(290), "{took:?}");
            assert!(took < Duration::from_millis(1300), "{options}: {took:?}");
        }
    }
}

#[test]
fn a_dripping_service_is_given_up_in_time() {
    let listener = Listener::with_connections(|stream, _| {
        read_request(stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        let (_keep, never) = mpsc::channel::<()>();
        while stream.write_all(b" ").is_ok() {
            // Paces the drip; nothing is waited for.
            let _ = never.recv_timeout(Duration::from_millis(50));
        }
    });
    let client = Client::open_with(&listener.url, json!({"io_timeout_ms": 300, "retries": 0}));
    let start = Instant::now();
    failed(&client.stat_file("a"), "timeout", 1);
    assert!(start.elapsed() < Duration::from_millis(1600));
}

#[test]
fn a_service_that_takes_no_bytes_is_given_up_in_time() {
    // Accepts and never reads: the buffers of both sides fill up.
    let listener = Listener::with_connections(|stream, _| {
        let mut probe = [0];
        let (_keep, never) = mpsc::channel::<()>();
        while stream.peek(&mut probe).is_ok_and(|n| n > 0) {
            let _ = never.recv_timeout(Duration::from_millis(20));
        }
    });
    let files = TempDir::new();
    let file = files.file("f", &noise(8 << 20, 1));
    let client = Client::open_with(&listener.url, json!({"io_timeout_ms": 300, "retries": 0}));
    let start = Instant::now();
    failed(&client.upload(&file, "f"), "timeout", 1);
    assert!(
        start.elapsed() < Duration::from_millis(2000),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn proxies_of_the_environment_are_used_only_when_asked_for() {
    let trap = Listener::replying(GOOD);
    let service = Listener::replying(GOOD);
    // The environment is the process's: a process of its own.
    let run = |test: &str| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--ignored", "--nocapture"])
            .env("http_proxy", &trap.url)
            .env("all_proxy", &trap.url)
            .env("HTTPS_PROXY", &trap.url)
            .env_remove("no_proxy")
            .env("SERVICE", &service.url)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
    };
    run("call_without_proxy");
    assert_eq!((trap.connections(), service.connections()), (0, 1));
    run("call_with_proxy_of_the_environment");
    assert_eq!((trap.connections(), service.connections()), (1, 1));
}

#[test]
#[ignore = "run by the test above, with proxies in its environment"]
fn call_without_proxy() {
    ok(Client::open(&std::env::var("SERVICE").unwrap()).stat_file("a"));
}

#[test]
#[ignore = "run by the test above, with proxies in its environment"]
fn call_with_proxy_of_the_environment() {
    let options = json!({"proxy": "env", "retries": 0});
    let client = Client::open_with(&std::env::var("SERVICE").unwrap(), options);
    client.stat_file("a");
}

/// Plain requests name their target whole: proxies allow tunnels to the port of TLS only.
#[test]
fn a_given_proxy_carries_the_call() {
    let proxy = Listener::replying(GOOD);
    let url = proxy.url.replace("http://", "http://user:pass@");
    let client = Client::open_with("http://service.invalid:8080", json!({ "proxy": url }));
    ok(client.stat_file("a"));
    ok(client.update_file("f", ""));
    let received = proxy.received();
    let target = "http://service.invalid:8080/files/v1/";
    for (request, method) in received.iter().zip(["GET", "POST"]) {
        let line = &request.line;
        assert!(line.starts_with(&format!("{method} {target}")), "{line}");
        assert_eq!(request.header("host"), "service.invalid:8080");
        assert_eq!(request.header("proxy-authorization"), "Basic dXNlcjpwYXNz");
    }
    assert_eq!(received.len(), 2);
}

/// What a proxy refuses is not tried again, and its name is told; its password is not.
#[test]
fn a_proxy_that_refuses_is_named() {
    for (status, target) in [
        (407, "http://service.invalid"),
        (407, "https://service.invalid"),
        (403, "https://service.invalid"),
    ] {
        let proxy = Listener::answering(move |_, _| http(status, ""));
        let url = proxy.url.replace("http://", "http://user:hunter2@");
        let client = Client::open_with(target, json!({ "proxy": url }));
        let reply = client.stat_file("a");
        failed(&reply, "proxy", 1);
        assert_eq!(reply["httpcode"], status, "{reply}");
        let address = proxy.url.trim_start_matches("http://");
        assert!(message(&reply).contains(address), "{reply}");
        assert!(message(&reply).contains(&status.to_string()), "{reply}");
        assert!(!reply.to_string().contains("hunter2"), "{reply}");
        assert_eq!(proxy.connections(), 1);
    }
    let proxy = closed_port();
    let client = Client::open_with(
        "http://service.invalid",
        json!({"proxy": proxy, "retries": 0}),
    );
    let reply = client.stat_file("a");
    failed(&reply, "connect", 1);
    let address = proxy.trim_start_matches("http://");
    assert!(
        message(&reply).contains(&format!("proxy {address}")),
        "{reply}"
    );
}

/// `openssl s_server` with a certificate of its own making.
struct TlsServer {
    process: Child,
    url: String,
    certificate: Certificate,
}

impl TlsServer {
    fn start(name: &str) -> TlsServer {
        let certificate = Certificate::new(name);
        // s_server -HTTP would serve files; this answers each request with one.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut process = Command::new("openssl")
            .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-www"])
            .args([
                "-key",
                &certificate.key_path(),
                "-cert",
                &certificate.path(),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It says ACCEPT when it listens.
        let mut said = Vec::new();
        let stdout = process.stdout.as_mut().unwrap();
        let mut byte = [0];
        while !said.ends_with(b"ACCEPT") {
            assert_eq!(stdout.read(&mut byte).unwrap(), 1);
            said.push(byte[0]);
        }
        TlsServer {
            process,
            url: format!("https://localhost:{port}"),
            certificate,
        }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn certificates_are_verified() {
    let server = TlsServer::start("localhost");
    let reply = Client::open(&server.url).stat_file("a");
    failed(&reply, "tls", 1);
    assert_eq!(reply["error"]["retryable"], false);

    // Trusted on request: now s_server's page comes through, which is no JSON.
    let trusting = Client::open_with(&server.url, json!({"tls_ca": server.certificate.path()}));
    let reply = trusting.stat_file("a");
    assert_eq!(
        (kind(&reply), &reply["httpcode"]),
        ("bad_reply", &json!(200)),
        "{reply}"
    );
}

#[test]
fn a_certificate_of_another_host_is_refused() {
    let server = TlsServer::start("elsewhere.example");
    let client = Client::open_with(&server.url, json!({"tls_ca": server.certificate.path()}));
    failed(&client.stat_file("a"), "tls", 1);
}

#[test]
fn tls_never_falls_back_to_plain_http() {
    let listener = Listener::with_connections(|stream, received| {
        let mut first = [0; 16];
        let n = stream.read(&mut first).unwrap_or(0);
        let mut received = received.lock().unwrap();
        received.push(common::listener::Received {
            line: first[..n].escape_ascii().to_string(),
            headers: vec![],
            body: vec![],
        });
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    let client = Client::open_with(
        &listener.url.replace("http:", "https:"),
        json!({"retries": 0}),
    );
    let reply = client.stat_file("a");
    assert_eq!((code(&reply), kind(&reply)), (-2, "tls"), "{reply}");
    for request in listener.received() {
        // A TLS record, not a request line.
        assert!(request.line.starts_with("\\x16\\x03"), "{}", request.line);
    }
}
