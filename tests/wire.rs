//! The exact bytes of the JSON API's requests: tests/wire.golden shows them all. What differs from
//! run to run (time, random words, port) stands there in {braces}, and signatures are taken apart
//! and verified here, independently of src/dialect/json/sign.rs.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::emulator::SECRET_KEY;
use common::golden::{Recording, content, message};
use common::library::{Client, ok};
use common::listener::{Listener, Received, http};
use common::{TempDir, noise};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

const PATHS: [&str; 5] = ["dir/a.txt", "a b/c~d", "1+1=2", "100%/x", "目录/图 片.jpg"];

#[test]
fn every_request_is_as_recorded() {
    let listener = Listener::answering(answer);
    let client = Client::open_with(&listener.url, json!({"parallel": 1}));
    let files = TempDir::new();
    let small = files.file("small", b"hello\r\n--world");
    let mut recording = Recording::of(&listener, shown);

    for path in PATHS {
        let mut call = |name: &str, run: &dyn Fn() -> Value| {
            recording.call(&format!("{name} {path}"), run);
        };
        call("create_folder", &|| {
            client.create_folder(path, "属性 \"q\"")
        });
        call("update_folder", &|| client.update_folder(path, ""));
        call("stat_folder", &|| client.stat_folder(path));
        call("delete_folder", &|| client.delete_folder(path));
        call("list", &|| client.list(path, 0, "eListBoth", 0, ""));
        call("prefix_search", &|| {
            client.prefix_search(path, "前 +", 7, "a|b/|0|")
        });
        call("update_file", &|| client.update_file(path, "x&y=z"));
        call("stat_file", &|| client.stat_file(path));
        call("delete_file", &|| client.delete_file(path));
        call("move_file", &|| {
            client.move_file(path, "新 \"1\" %2F/b+", 1)
        });
        call("download", &|| {
            client.download(&format!("download/{path}"), &files.join("down"))
        });
        call("upload", &|| client.upload(&small, path));
    }
    recording.call("upload_buffer, empty, with an attribute", || {
        client.upload_buffer(b"", "empty", "an attribute")
    });

    let sliced = files.file("sliced", &noise(600_000, 1));
    let title = "upload_slice, resumed, slice size decided by the service";
    recording.call(title, || {
        client.upload_slice(&sliced, "big", 1 << 20, "old session", &mut |_, _| 0)
    });

    let overwriting = Client::open_with(
        &listener.url,
        json!({"overwrite": true, "user_agent": "mine/1", "parallel": 1}),
    );
    recording.call("overwriting, with a user agent", || {
        ok(overwriting.upload(&small, "over"));
        overwriting.upload_slice(&sliced, "over", 0, "", &mut |_, _| 0)
    });
    recording.compare("wire.golden");
}

fn answer(_: usize, request: &Received) -> Vec<u8> {
    if request.line.starts_with("GET /testbucket-10000001/") {
        return http(200, "an object");
    }
    let body = String::from_utf8_lossy(&request.body);
    let data = if request.line.contains("op=list") {
        json!({"context": "", "has_more": false, "infos": []})
    } else if body.contains("\r\n\r\nupload_slice\r\n") {
        match (
            body.contains("name=\"filesize\""),
            body.contains("\r\n\r\n524288\r\n"),
        ) {
            (true, _) => json!({"session": "s e&s", "offset": 0, "slice_size": 524_288}),
            (false, false) => json!({"session": "s e&s", "offset": 0}),
            (false, true) => json!({"url": "u", "access_url": "a", "resource_path": "r"}),
        }
    } else if request.line.contains("/download") {
        json!({"filesize": 9, "filelen": 9})
    } else {
        json!({})
    };
    let reply = json!({"code": 0, "message": "SUCCESS", "data": data});
    http(200, &reply.to_string())
}

/// A request as text, with what is new in each run replaced.
fn shown(request: &Received) -> String {
    let content_type = request.header("content-type");
    let boundary = content_type.split_once("boundary=").map(|(_, b)| b);
    if let Some(boundary) = boundary {
        let random = boundary.strip_prefix("qcos-").unwrap();
        assert!(random.len() == 32 && random.bytes().all(|b| b.is_ascii_hexdigit()));
    }
    let value = |name: &str, value: &str| match name {
        "authorization" => signature(value),
        "host" => "{host}".to_owned(),
        _ => value.to_owned(),
    };
    let (line, body) = (shown_line(&request.line), printable(&request.body));
    let text = message(request, &line, value, &body);
    match boundary {
        Some(boundary) => text.replace(boundary, "{boundary}"),
        None => text,
    }
}

/// The signature of a download is in its URL.
fn shown_line(line: &str) -> String {
    let Some((before, rest)) = line.split_once("?sign=") else {
        return line.to_owned();
    };
    let (sign, after) = rest.split_once(' ').unwrap();
    assert!(!sign.contains(['+', '/', '=']), "{sign}");
    let sign = sign
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    format!("{before}?sign={{{}}} {after}", signature(&sign))
}

/// A form's content is what stands in its last part.
fn printable(body: &[u8]) -> String {
    if body.len() <= 4096 {
        return content(body);
    }
    let last = b"filename=\"filecontent\"\r\n\r\n";
    let head = position(body, last) + last.len();
    let tail = body.len() - 60 + position(&body[body.len() - 60..], b"\r\n--");
    let parts = [&body[..head], &body[head..tail], &body[tail..]];
    parts.map(content).concat()
}

fn position(bytes: &[u8], pattern: &[u8]) -> usize {
    let mut windows = bytes.windows(pattern.len());
    windows.position(|window| window == pattern).unwrap()
}

/// Verifies a signature with the HMAC of the specification and shows what it covers.
fn signature(sign: &str) -> String {
    let sealed = STANDARD.decode(sign).unwrap();
    let (mac, plain) = sealed.split_at(20);
    let mut expected = Hmac::<sha1::Sha1>::new_from_slice(SECRET_KEY.as_bytes()).unwrap();
    expected.update(plain);
    expected.verify_slice(mac).unwrap();

    let fields: Vec<(&str, &str)> = std::str::from_utf8(plain)
        .unwrap()
        .split('&')
        .map(|field| field.split_once('=').unwrap())
        .collect();
    let value = |name| fields.iter().find(|(n, _)| *n == name).unwrap().1;
    let number = |name| value(name).parse::<u64>().unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(number("t").abs_diff(now) < 60);
    let shown: Vec<String> = fields
        .iter()
        .map(|(name, value)| match *name {
            "t" => "t={now}".to_owned(),
            "r" => "r={random}".to_owned(),
            "e" if *value != "0" => format!("e={{now + {}}}", number("e") - number("t")),
            _ => format!("{name}={value}"),
        })
        .collect();
    shown.join("&")
}
