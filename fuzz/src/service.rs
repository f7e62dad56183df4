//! A service that answers each request with the same bytes, and what it was asked first.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{LazyLock, Mutex};
use std::thread;

static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static TAKEN: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// Where it listens.
pub static URL: LazyLock<String> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        // One that its client keeps must not hold up the next.
        for stream in listener.incoming() {
            thread::spawn(move || serve(stream.unwrap()));
        }
    });
    url
});

/// What every request from now on is answered with; then the connection is closed.
pub fn answer(bytes: Vec<u8>) {
    *ANSWER.lock().unwrap() = bytes;
    *TAKEN.lock().unwrap() = None;
}

/// The first request since then, head and body.
pub fn taken() -> Option<Vec<u8>> {
    TAKEN.lock().unwrap().take()
}

/// A whole answer around a body.
pub fn http(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn serve(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut block = vec![0; 1 << 16];
    while !is_whole(&request) {
        match stream.read(&mut block) {
            Ok(amount @ 1..) => request.extend_from_slice(&block[..amount]),
            _ => return,
        }
    }
    TAKEN.lock().unwrap().get_or_insert(request);
    let answer = ANSWER.lock().unwrap().clone();
    let _ = stream.write_all(&answer);
    let _ = stream.shutdown(Shutdown::Write);
    // The client closes first, lest a reset takes the answer away.
    while matches!(stream.read(&mut block), Ok(1..)) {}
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = find(request, b"\r\n\r\n") else {
        return false;
    };
    let head = std::str::from_utf8(&request[..end]).unwrap().to_lowercase();
    let length = head
        .split_once("content-length: ")
        .map_or("0", |(_, rest)| rest);
    let length: usize = length.split('\r').next().unwrap().parse().unwrap();
    request.len() >= end + 4 + length
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes
        .windows(pattern.len())
        .position(|window| window == pattern)
}

/// Names and values of a form, read by its boundary alone.
pub fn form_parts(request: &[u8]) -> Vec<(String, Vec<u8>)> {
    let head_end = find(request, b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&request[..head_end]).unwrap();
    let (_, boundary) = head.split_once("boundary=").unwrap();
    let boundary = format!("\r\n--{}", boundary.split('\r').next().unwrap());
    // The first boundary is the body's beginning.
    let body = [b"\r\n", &request[head_end + 4..]].concat();
    let mut rest = &body[boundary.len()..];
    let mut parts = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let value_at = find(part, b"\r\n\r\n").unwrap() + 4;
        let about = std::str::from_utf8(&part[..value_at]).unwrap();
        let name = about
            .split_once(" name=\"")
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap();
        let length = find(&part[value_at..], boundary.as_bytes()).unwrap();
        parts.push((name.to_owned(), part[value_at..value_at + length].to_vec()));
        rest = &part[value_at + length + boundary.len()..];
    }
    assert_eq!(rest, b"--\r\n");
    parts
}

pub fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            // Nothing but these stands for itself.
            b'/' | b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => byte,
            other => panic!("{:?} in {text}", other as char),
        });
    }
    decoded
}
