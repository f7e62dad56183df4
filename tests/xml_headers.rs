//! What an upload says of a file beside its content: nothing that nobody asked for, nothing that gets
//! lost on its way, and no more than the service takes.

mod common;

use common::emulator::Emulator;
use common::library::{APIS, Client, code, message, ok, open};
use common::listener::{Listener, http};
use common::xml::answer;
use common::{TempDir, crc64, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

#[test]
fn a_type_is_sent_only_if_it_was_asked_for() {
    let listener = Listener::answering(|number, request| {
        let line = &request.line;
        let (head, body) = match number % 4 {
            0 => (
                "",
                "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
            ),
            3 => (
                "",
                "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>",
            ),
            _ => ("ETag: \"e\"\r\n", ""),
        };
        answer(line, 200, head, body)
    });
    let files = TempDir::new();
    let file = files.file("f.png", &noise(2 * MIB, 1));
    let client = Client::speaking(
        "xml",
        &listener.url,
        json!({"overwrite": true, "parallel": 1}),
    );
    // The HEAD at its end finds nothing, which does not matter here.
    client.upload_slice(&file, "f.png", MIB as u64, "", &mut |_, _| 0);
    let sent = listener.received();
    assert!(sent[0].line.starts_with("POST /f.png?uploads "), "{sent:?}");
    for request in &sent[..3] {
        let named = request
            .headers
            .iter()
            .any(|(name, _)| name == "content-type");
        assert!(!named, "{request:?}");
        assert!(!request.header("authorization").contains("content-type"));
    }
    let listener = Listener::answering(|_, request| {
        let held = format!("x-cos-hash-crc64ecma: {}\r\n", crc64(&request.body));
        answer(&request.line, 200, &held, "")
    });
    let client = Client::speaking("xml", &listener.url, json!({"overwrite": true}));
    for content in [&b""[..], b"x"] {
        ok(client.upload_buffer(content, "f.png", ""));
        let put = listener.received().pop().unwrap();
        assert!(
            !put.headers.iter().any(|(name, _)| name == "content-type"),
            "{put:?}"
        );
    }
    let options = json!({"headers": {"Content-Type": "image/png"}});
    ok(client.upload_with(&files.file("s", b"x"), "f", &options));
    assert_eq!(
        listener.received().pop().unwrap().header("content-type"),
        "image/png"
    );
    // The JSON API's part with the content has none, as the classic SDK's.
    let listener = Listener::answering(|_, request| match request.line.starts_with("GET") {
        true => http(400, r#"{"code":-197,"message":"nothing is there"}"#),
        false => http(400, r#"{"code":-1000,"message":"m"}"#),
    });
    Client::open(&listener.url).upload_buffer(b"x", "f.png", "");
    let mut sent = listener.received().into_iter();
    let posted = sent.find(|request| request.line.starts_with("POST"));
    let form = String::from_utf8(posted.unwrap().body).unwrap();
    assert!(
        form.contains("name=\"filecontent\"; filename=\"filecontent\"\r\n\r\nx"),
        "{form}"
    );
    assert!(!form.contains("Content-Type"), "{form}");
}

fn with_header(client: &Client, value: Value) -> Value {
    let files = TempDir::new();
    client.upload_with(&files.file("f", b"x"), "f", &json!({"headers": value}))
}

#[test]
fn a_value_with_a_blank_at_an_end_is_refused_by_name() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"overwrite": true}));
        for name in ["Cache-Control", "Content-Type", "Expires", "x-cos-meta-a"] {
            for value in [" v", "v ", "  ", " ", "v\t", "\tv", "v\tw", "", "v\u{a0}"] {
                let reply = with_header(&client, json!({ name: value }));
                assert_eq!(code(&reply), -3, "{api} {value:?}: {reply}");
                assert!(message(&reply).contains(name), "{reply}");
            }
            ok(with_header(&client, json!({ name: "v  w" })));
        }
        let twice = json!({"x-cos-meta-a": "v", "X-Cos-Meta-A": "w"});
        assert_eq!(code(&with_header(&client, twice)), -3, "{api}");
        // An attribute keeps its blanks.
        for attribute in [" ", " a ", "a\u{3000}"] {
            ok(client.upload_buffer(b"x", "f", attribute));
            assert_eq!(
                ok(client.stat_file("f"))["data"]["biz_attr"],
                attribute,
                "{api}"
            );
        }
    }
    for options in [
        json!({"user_agent": "a "}),
        json!({"user_agent": " a"}),
        json!({"user_agent": " "}),
        json!({"api": "xml", "region": "r", "security_token": "a "}),
        json!({"api": "xml", "region": "r", "security_token": " a"}),
    ] {
        let (reply, _) = open("1", "id", "key", Some(&options.to_string()));
        assert_eq!(code(&reply), -3, "{options}: {reply}");
    }
}

#[test]
fn metadata_is_checked_before_it_is_sent() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"overwrite": true}));
    let files = TempDir::new();
    let file = files.file("f", b"x");
    let of = |length: usize| "a".repeat(length);
    // "biz-attr" and its value are 2 KiB at most.
    for (length, is_taken) in [(2040, true), (2041, false), (2048, false)] {
        for reply in [
            client.upload_buffer(b"x", "f", &of(length)),
            client.upload_with(&file, "f", &json!({"biz_attr": of(length)})),
            client.create_folder(&format!("d{length}"), &of(length)),
            client.update_file("f", &of(length)),
        ] {
            assert_eq!(
                code(&reply),
                if is_taken { 0 } else { -3 },
                "{length}: {reply}"
            );
            assert!(is_taken || message(&reply).contains("2040"), "{reply}");
        }
    }
    assert_eq!(code(&client.update_folder("d2040", &of(2041))), -3);
    assert_eq!(
        code(&client.upload_buffer(b"x", "f", &"中".repeat(227))),
        -3
    );
    ok(client.upload_buffer(b"x", "f", &"中".repeat(226)));
    // As any other header of metadata.
    let meta = |length: usize| json!({"headers": {"x-cos-meta-abc": of(length)}});
    ok(client.upload_with(&file, "f", &meta(2045)));
    let reply = client.upload_with(&file, "f", &meta(2046));
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("x-cos-meta-abc"), "{reply}");
    // All of it together, the library's own 15 bytes among it, is 4 KiB at most.
    let all = |length: usize| {
        let headers = json!({"x-cos-meta-a": of(1000), "x-cos-meta-b": of(length)});
        json!({"biz_attr": of(2000), "headers": headers})
    };
    let rest = 4096 - 15 - (8 + 2000) - (1 + 1000) - 1;
    ok(client.upload_with(&file, "f", &all(rest)));
    let reply = client.upload_with(&file, "f", &all(rest + 1));
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("4096"), "{reply}");
    // What the file has beside counts as well when its attribute is changed.
    ok(client.update_file("f", &of(2000)));
    let reply = client.update_file("f", &of(2001));
    assert_eq!(code(&reply), -3, "{reply}");
    assert_eq!(ok(client.stat_file("f"))["data"]["biz_attr"], of(2000));
}
