//! Stands between a client and the emulator: sees each request, and may change what is not signed.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::listener::{Listener, Received, read_request};

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
    let mut head = format!("{}\r\n", request.line);
    for (name, value) in request.headers.iter().filter(|(n, _)| n != "connection") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("connection: close\r\n\r\n");
    let mut onward = TcpStream::connect(address).unwrap();
    onward.write_all(head.as_bytes()).unwrap();
    onward.write_all(&request.body).unwrap();
    let mut answer = Vec::new();
    onward.read_to_end(&mut answer).unwrap();
    answer
}
