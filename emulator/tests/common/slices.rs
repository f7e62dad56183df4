//! The requests of upload_slice, one by one.

use serde_json::json;

use super::http::{Form, Reply};
use super::sign::sha1;
use super::{BUCKET, Emulator};

pub const SLICE: usize = 512 << 10;

pub fn control(content: &[u8]) -> Form {
    Form::new(&[
        ("op", "upload_slice"),
        ("filesize", &content.len().to_string()),
        ("sha", &sha1(content)),
    ])
}

pub fn begin(emulator: &Emulator, path: &str, content: &[u8]) -> String {
    let data = emulator.form(path, &control(content)).data();
    assert_eq!(
        (&data["offset"], &data["slice_size"]),
        (&json!(0), &json!(SLICE))
    );
    data["session"].as_str().unwrap().to_owned()
}

pub fn slice_at(content: &[u8], offset: usize) -> &[u8] {
    &content[offset..content.len().min(offset + SLICE)]
}

pub fn packet(session: &str, offset: usize, bytes: &[u8]) -> Form {
    Form::new(&[
        ("op", "upload_slice"),
        ("session", session),
        ("offset", &offset.to_string()),
    ])
    .content(bytes)
}

pub fn send(
    emulator: &Emulator,
    path: &str,
    session: &str,
    content: &[u8],
    offset: usize,
) -> Reply {
    emulator.form(path, &packet(session, offset, slice_at(content, offset)))
}

#[track_caller]
pub fn assert_echoed(reply: &Reply, session: &str, offset: usize) {
    assert_eq!(reply.data(), json!({"session": session, "offset": offset}));
}

#[track_caller]
pub fn assert_done(reply: &Reply, path: &str) {
    let data = reply.data();
    assert_eq!(data["resource_path"], format!("/10000001/{BUCKET}{path}"));
    for field in ["access_url", "url", "source_url"] {
        assert!(data[field].as_str().unwrap().ends_with(path), "{data}");
    }
    assert!(data.get("session").is_none() && data.get("offset").is_none());
}
