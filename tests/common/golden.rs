//! Requests as text, call by call, to be compared with a file that shows them all.

use serde_json::Value;

use super::build;
use super::library::ok;
use super::listener::{Listener, Received};

pub struct Recording<'l> {
    listener: &'l Listener,
    /// Shows a request, with what is new in each run replaced.
    shown: fn(&Received) -> String,
    text: String,
    /// How many of the listener's are in the text.
    recorded: usize,
}

impl Recording<'_> {
    pub fn of(listener: &Listener, shown: fn(&Received) -> String) -> Recording<'_> {
        Recording {
            listener,
            shown,
            text: String::new(),
            recorded: 0,
        }
    }

    /// A call that must succeed, and every request that it makes.
    #[track_caller]
    pub fn call(&mut self, title: &str, run: impl FnOnce() -> Value) -> Value {
        let reply = ok(run());
        let requests = self.listener.received().split_off(self.recorded);
        self.recorded += requests.len();
        self.add(title, &requests);
        reply
    }

    pub fn add(&mut self, title: &str, requests: &[Received]) {
        self.text.push_str(&format!("==== {title}\n"));
        for request in requests {
            self.text.push_str(&(self.shown)(request));
        }
    }

    /// Everything must be as a file of tests/ has it, which `make golden` writes.
    pub fn compare(self, name: &str) {
        let golden = build::root().join("tests").join(name);
        if std::env::var_os("QCOS_WRITE_GOLDEN").is_some() {
            std::fs::write(&golden, &self.text).unwrap();
        }
        let expected = std::fs::read_to_string(golden).unwrap();
        for (line, (is, was)) in self.text.lines().zip(expected.lines()).enumerate() {
            assert_eq!(is, was, "tests/{name}:{}", line + 1);
        }
        assert_eq!(self.text.len(), expected.len());
    }
}

/// A request's line, headers and body; `value` shows what stands in a header of this name.
pub fn message(
    request: &Received,
    line: &str,
    value: impl Fn(&str, &str) -> String,
    body: &str,
) -> String {
    let headers = request.headers.iter();
    let headers: String = headers
        .map(|(name, held)| format!("{name}: {}\n", value(name, held)))
        .collect();
    format!("{line}\n{headers}\n{}\n", body.replace("\r\n", "\\r\\n\n"))
}

/// Long content, and what is no text, is shortened to what identifies it.
pub fn content(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= 4096 => text.to_owned(),
        _ => {
            let digest = super::sha1_hex(bytes);
            format!("{{{} bytes with SHA-1 {digest}}}", bytes.len())
        }
    }
}
