//! Stands between a client and the emulator: sees each request, and may change what is not signed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::{ServerConnection, StreamOwned};

use super::listener::{Listener, Received, read_request};
use super::tls::{Certificate, server_config};

/// Passes requests on to the emulator at `url`, each after `see` has had it.
pub fn relay(url: &str, see: impl Fn(&mut Received) + Send + Sync + 'static) -> Listener {
    let address = url.trim_start_matches("http://").to_owned();
    Listener::with_connections(move |stream, _| {
        let Some(mut request) = read_request(stream) else {
            return;
        };
        see(&mut request);
        let _ = stream.write_all(&forwarded(&address, &request));
    })
}

/// What the emulator at `address` answers to a request; the connection ends with it.
pub fn forwarded(address: &str, request: &Received) -> Vec<u8> {
    let mut request = request.clone();
    request.headers.retain(|(name, _)| name != "connection");
    let close = ("connection".to_owned(), "close".to_owned());
    request.headers.push(close);
    answered(address, &request)
}

/// The same of a service that closes each connection: the request is as it came.
fn answered(address: &str, request: &Received) -> Vec<u8> {
    let mut head = format!("{}\r\n", request.line);
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut onward = TcpStream::connect(address).unwrap();
    onward.write_all(head.as_bytes()).unwrap();
    onward.write_all(&request.body).unwrap();
    let mut answer = Vec::new();
    onward.read_to_end(&mut answer).unwrap();
    answer
}

/// The URL of a listener behind TLS, for a certificate of `localhost`.
pub fn behind_tls(certificate: &Certificate, service: &Listener) -> String {
    let config = server_config(certificate);
    let address = service.url.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (config, address) = (Arc::clone(&config), address.clone());
            thread::spawn(move || {
                let connection = ServerConnection::new(config).unwrap();
                let mut stream = StreamOwned::new(connection, stream.unwrap());
                if let Some(request) = read_request(&mut stream) {
                    let _ = stream.write_all(&answered(&address, &request));
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                }
            });
        }
    });
    format!("https://localhost:{port}")
}
