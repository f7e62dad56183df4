//! The emulator as a process, and a small client that can say whatever a test wants to hear about.

// Each test file uses its own part of this.
#![allow(dead_code)]

pub mod faults;
pub mod http;
pub mod post;
pub mod sign;
pub mod slices;
pub mod vectors;
pub mod versions;
pub mod xml;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use http::{Form, Reply, request};
use sign::{APPID, sign_more, sign_once};

pub const BUCKET: &str = "testbucket";

/// A running emulator; it is killed when this goes away.
pub struct Emulator {
    child: Child,
    pub url: String,
    pub address: String,
    data: PathBuf,
    /// Removed with its content, unless the folder is someone else's.
    _folder: Option<TempDir>,
}

impl Emulator {
    pub fn start(options: &[&str]) -> Emulator {
        let folder = TempDir::new().unwrap();
        let mut emulator = Emulator::start_on(folder.path(), options);
        emulator._folder = Some(folder);
        emulator
    }

    pub fn start_on(data: &Path, options: &[&str]) -> Emulator {
        let mut child = command(data)
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim_end()
            .strip_prefix("qcos-emulator ready at ")
            .unwrap_or_else(|| panic!("no ready line but {line:?}"))
            .to_owned();
        Emulator {
            address: url.strip_prefix("http://").unwrap().to_owned(),
            url,
            child,
            data: data.to_owned(),
            _folder: None,
        }
    }

    /// kill -9, and again on the same data folder.
    pub fn kill_and_restart(mut self, options: &[&str]) -> Emulator {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut next = Emulator::start_on(&self.data, options);
        next._folder = self._folder.take();
        next
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    // ----------------------------------------------------------------- calls, signed as they need

    pub fn stat(&self, path: &str) -> Reply {
        self.get(path, "op=stat")
    }

    pub fn get(&self, path: &str, query: &str) -> Reply {
        let target = format!("{}?{query}", url_path(path));
        let sign = sign_more(BUCKET);
        request(
            &self.address,
            "GET",
            &target,
            &[("Authorization", &sign)],
            b"",
        )
    }

    /// A POST of JSON, with a one-time signature for the path.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        let sign = sign_once(BUCKET, path);
        self.post_signed(path, &sign, body.to_string().as_bytes())
    }

    pub fn post_signed(&self, path: &str, sign: &str, body: &[u8]) -> Reply {
        let headers = [
            ("Authorization", sign),
            ("Content-Type", "application/json"),
        ];
        request(&self.address, "POST", &url_path(path), &headers, body)
    }

    pub fn create(&self, path: &str) -> Reply {
        let body = json!({"op": "create", "biz_attr": ""});
        self.post_signed(path, &sign_more(BUCKET), body.to_string().as_bytes())
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.post(path, &json!({"op": "delete"}))
    }

    pub fn form(&self, path: &str, form: &Form) -> Reply {
        self.form_signed(path, &sign_more(BUCKET), form)
    }

    pub fn form_signed(&self, path: &str, sign: &str, form: &Form) -> Reply {
        let content_type = form.content_type();
        let headers = [("Authorization", sign), ("Content-Type", &content_type)];
        request(
            &self.address,
            "POST",
            &url_path(path),
            &headers,
            &form.body(),
        )
    }

    pub fn upload(&self, path: &str, content: &[u8]) -> Reply {
        self.form(path, &Form::new(&[("op", "upload")]).content(content))
    }

    /// Replaces what is there.
    pub fn overwrite(&self, path: &str, content: &[u8]) -> Reply {
        let form = Form::new(&[("op", "upload"), ("insertOnly", "0")]);
        self.form(path, &form.content(content))
    }

    pub fn download(&self, path: &str) -> Reply {
        self.download_with(path, &[])
    }

    pub fn download_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        request(&self.address, "GET", &download_path(path), headers, b"")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may be gone already, by the test's own hand.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The emulator's command line, not yet started.
pub fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qcos-emulator"));
    command.arg("--data").arg(data);
    command
}

/// `path` begins with a slash and is not encoded.
pub fn url_path(path: &str) -> String {
    format!("/files/v1/{APPID}/{BUCKET}{}", encode(path))
}

pub fn download_path(path: &str) -> String {
    format!("/{BUCKET}-{APPID}{}", encode(path))
}

pub fn encode(path: &str) -> String {
    let encode_byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(encode_byte).collect()
}

/// Bytes that look random and are the same each time.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
