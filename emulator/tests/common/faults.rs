//! Asking for faults, and seeing them on a bare socket.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::http::{Form, Reply, connect, request};
use super::sign::{sign_more, sign_once};
use super::{BUCKET, Emulator, url_path};

impl Emulator {
    pub fn emulator_call(&self, method: &str, what: &str, body: &str) -> Reply {
        let target = format!("/_emulator/{what}");
        request(&self.address, method, &target, &[], body.as_bytes())
    }

    /// Replaces all rules.
    #[track_caller]
    pub fn set_faults(&self, rules: &Value) {
        let reply = self.emulator_call("POST", "faults", &rules.to_string());
        let said = String::from_utf8_lossy(&reply.body);
        assert_eq!(reply.status, 200, "{said}");
    }

    /// One rule for one operation; every request of it is hit.
    #[track_caller]
    pub fn fault(&self, op: &str, fault: &Value) {
        self.set_faults(&json!([{"match": {"op": op}, "fault": fault}]));
    }

    pub fn no_faults(&self) {
        assert_eq!(self.emulator_call("DELETE", "faults", "").status, 200);
    }

    /// How often each rule has fired.
    pub fn hits(&self) -> Vec<u64> {
        let reply = self.emulator_call("GET", "faults", "");
        let shown: Value = serde_json::from_slice(&reply.body).unwrap();
        let rules = shown["rules"].as_array().unwrap();
        rules.iter().map(|r| r["hits"].as_u64().unwrap()).collect()
    }

    pub fn requests(&self) -> Vec<Value> {
        let reply = self.emulator_call("GET", "requests", "");
        let shown: Value = serde_json::from_slice(&reply.body).unwrap();
        shown["requests"].as_array().unwrap().clone()
    }

    pub fn last_request(&self) -> Value {
        self.requests().pop().unwrap()
    }

    pub fn exists(&self, path: &str) -> bool {
        match self.download(path).status {
            200 => true,
            404 => false,
            other => panic!("{other}"),
        }
    }
}

/// A request with a signature, as bytes; the connection stays open after it.
pub fn post(path: &str, content_type: &str, sign: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: {sign}\r\n\
         Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        url_path(path),
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub fn post_form(path: &str, form: &Form) -> Vec<u8> {
    post(path, &form.content_type(), &sign_more(BUCKET), &form.body())
}

pub fn upload(path: &str, content: &[u8]) -> Vec<u8> {
    post_form(path, &Form::new(&[("op", "upload")]).content(content))
}

pub fn delete(path: &str) -> Vec<u8> {
    let sign = sign_once(BUCKET, path);
    post(path, "application/json", &sign, br#"{"op": "delete"}"#)
}

pub fn stat(path: &str) -> Vec<u8> {
    let (path, sign) = (url_path(path), sign_more(BUCKET));
    format!("GET {path}?op=stat HTTP/1.1\r\nHost: x\r\nAuthorization: {sign}\r\n\r\n").into_bytes()
}

#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// An orderly end of the stream.
    Fin,
    Reset,
}

/// What the service says to these bytes until it ends the connection, and how it does.
pub fn exchange(emulator: &Emulator, bytes: &[u8]) -> (String, End) {
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(bytes).unwrap();
    read_to_end(&mut stream)
}

pub fn read_to_end(stream: &mut TcpStream) -> (String, End) {
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break End::Fin,
            Ok(count) => said.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break End::Reset,
            Err(error) => panic!("{error} after {said:?}"),
        }
    };
    (String::from_utf8_lossy(&said).into_owned(), end)
}

/// Reads one whole answer with a Content-Length; the connection stays open.
pub fn read_one(stream: &mut TcpStream) -> String {
    let mut said = String::new();
    let mut byte = [0];
    let wanted = |said: &str| {
        let (head, body) = said.split_once("\r\n\r\n")?;
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let length = lines
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .find_map(|(_, length)| length.parse::<usize>().ok());
        Some(length.unwrap_or(0).saturating_sub(body.len()))
    };
    while wanted(&said) != Some(0) {
        stream.read_exact(&mut byte).unwrap();
        said.push(char::from(byte[0]));
    }
    said
}
