//! A refusal that comes while the upload is still going on reaches the caller, soon and whole:
//! over plain HTTP and in TLS, whatever the service does with the rest of the request.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::library::{Client, code, kind, ok};
use common::listener::{Listener, http, read_head, read_request};
use common::tls::{Certificate, server_config};
use common::{TempDir, noise};
use serde_json::json;

#[derive(Clone, Copy, Debug)]
enum Then {
    Close,
    KeepReading,
    StopReading,
}

const REFUSAL: &str = r#"{"code":-97,"message":"ERROR_PROXY_AUTH_FAILED"}"#;

/// Refuses at header time, before the body has come.
fn refuse(stream: &mut (impl Read + Write), then: Then) {
    read_head(stream);
    let _ = stream.write_all(&http(403, REFUSAL));
    let _ = stream.flush();
    match then {
        Then::Close => {}
        Then::KeepReading => drop(std::io::copy(stream, &mut std::io::sink())),
        // Held open until the client has gone.
        Then::StopReading => {}
    }
}

/// Blocks until the peer has closed, without taking its bytes.
fn until_closed(tcp: &TcpStream) {
    tcp.set_read_timeout(Some(Duration::from_millis(20)))
        .unwrap();
    let mut sink = [0; 1];
    let end = Instant::now() + Duration::from_secs(20);
    // A peek finds the waiting bytes again and again; the error comes when the peer resets.
    while tcp.peek(&mut sink).is_ok_and(|n| n > 0) && Instant::now() < end {
        std::thread::yield_now();
    }
}

fn is_delivered(url: &str, mut options: serde_json::Value, size: usize, label: &str) {
    let files = TempDir::new();
    let file = files.file("f", &noise(size, 1));
    options["retries"] = 0.into();
    let client = Client::open_with(url, options);
    let start = Instant::now();
    let reply = client.upload(&file, "f");
    let took = start.elapsed();
    assert_eq!(
        (code(&reply), kind(&reply)),
        (-97, "service"),
        "{label}: {reply}"
    );
    assert_eq!(reply["httpcode"], 403, "{label}");
    assert_eq!(reply["error"]["attempts"], 1, "{label}");
    assert!(took < Duration::from_secs(1), "{label}: {took:?}");
}

#[test]
fn over_plain_http() {
    for then in [Then::Close, Then::KeepReading, Then::StopReading] {
        for size in [1, 100_000, 8 << 20] {
            let listener = Listener::with_connections(move |stream, _| {
                refuse(stream, then);
                if matches!(then, Then::StopReading) {
                    until_closed(stream);
                }
            });
            is_delivered(&listener.url, json!({}), size, &format!("{then:?} {size}"));
        }
    }
}

#[test]
fn in_tls() {
    let certificate = Certificate::new("localhost");
    for then in [Then::Close, Then::KeepReading, Then::StopReading] {
        for size in [1, 100_000, 8 << 20] {
            let config = server_config(&certificate);
            let listener = Listener::with_connections(move |stream, _| {
                // Else the refusal would wait behind the session's tickets, and be lost by the close.
                stream.set_nodelay(true).unwrap();
                let tls = rustls::ServerConnection::new(config.clone()).unwrap();
                let mut tls = rustls::StreamOwned::new(tls, stream);
                refuse(&mut tls, then);
                if matches!(then, Then::StopReading) {
                    until_closed(tls.sock);
                }
            });
            let url = listener
                .url
                .replace("http://127.0.0.1", "https://localhost");
            let options = json!({"tls_ca": certificate.path()});
            is_delivered(&url, options, size, &format!("TLS {then:?} {size}"));
        }
    }
}

#[test]
fn an_upload_in_tls_arrives() {
    let certificate = Certificate::new("localhost");
    let config = server_config(&certificate);
    let listener = Listener::with_connections(move |stream, received| {
        let tls = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut tls = rustls::StreamOwned::new(tls, stream);
        while let Some(request) = read_request(&mut tls) {
            received.lock().unwrap().push(request);
            let body = r#"{"code":0,"message":"","data":{}}"#;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = tls.write_all(format!("{head}{body}").as_bytes());
        }
    });
    let files = TempDir::new();
    let content = noise(3 << 20, 2);
    let file = files.file("f", &content);
    let url = listener
        .url
        .replace("http://127.0.0.1", "https://localhost");
    let client = Client::open_with(&url, json!({"tls_ca": certificate.path()}));
    for _ in 0..3 {
        ok(client.upload(&file, "f"));
    }
    for request in listener.received() {
        let found = request.body.windows(64).any(|w| w == &content[..64]);
        assert_eq!(found, request.line.starts_with("POST"));
        assert!(!found || request.body.len() > content.len());
    }
    // Uploads and calls keep a connection each, and use it again.
    assert_eq!(listener.connections(), 2);
}

#[test]
fn a_connection_closed_while_idle_is_replaced() {
    let listener = Listener::with_connections(|stream, received| {
        if let Some(request) = read_request(stream) {
            received.lock().unwrap().push(request);
            // Says nothing of closing, and closes.
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"code\":0}");
        }
    });
    let client = Client::open_with(&listener.url, json!({"retries": 1}));
    for _ in 0..50 {
        ok(client.stat_file("f"));
    }
    assert_eq!(listener.received().len(), 50);
}
