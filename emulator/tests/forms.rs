//! multipart/form-data as the SDKs of five languages write it (json-api.md §2.8).

mod common;

use common::http::{Form, request};
use common::sign::{sha1, sign_more};
use common::{BUCKET, Emulator, noise, url_path};
use serde_json::json;

fn plain(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

/// The five parts of an upload, each with its headers.
fn parts(headers: impl Fn(&str) -> String, content: &[u8]) -> Vec<(String, Vec<u8>)> {
    let fields = [
        ("op", "upload".into()),
        ("sha", sha1(content).into_bytes()),
        ("biz_attr", "an attribute".into()),
        ("insertOnly", "0".into()),
        ("filecontent", content.to_vec()),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (headers(name), value))
        .collect()
}

fn form(parts: &[&(String, Vec<u8>)]) -> Form {
    parts.iter().fold(Form::new(&[]), |form, (headers, value)| {
        form.part(headers, value)
    })
}

#[track_caller]
fn check(emulator: &Emulator, form: &Form, content: &[u8]) {
    emulator.form("/a", form).ok();
    let stat = emulator.stat("/a").data();
    assert_eq!(stat["biz_attr"], "an attribute");
    assert_eq!(stat["sha"], sha1(content).to_uppercase());
    assert_eq!(emulator.download("/a").body, content);
}

/// All orders of five parts, by taking each in turn as the next.
fn orders<T>(rest: Vec<&T>) -> Vec<Vec<&T>> {
    if rest.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for next in 0..rest.len() {
        let mut others = rest.clone();
        let first = others.remove(next);
        for mut order in orders(others) {
            order.insert(0, first);
            all.push(order);
        }
    }
    all
}

#[test]
fn parts_in_every_order() {
    let emulator = Emulator::start(&[]);
    let first = noise(3000, 1);
    let parts = parts(plain, &first);
    let orders = orders(parts.iter().collect());
    assert_eq!(orders.len(), 120);
    for order in orders {
        check(&emulator, &form(&order), &first);
        emulator.delete("/a").ok();
    }
}

#[test]
fn headers_of_parts_in_every_dress() {
    let emulator = Emulator::start(&[]);
    let dresses: [fn(&str) -> String; 8] = [
        // Python's requests: a filename on every part.
        |name| format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{name}\""),
        // PHP.
        |name| format!("content-disposition: form-data; name=\"{name}\""),
        // Java: types on text parts too.
        |name| {
            format!(
                "{}\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit",
                plain(name)
            )
        },
        |name| format!("Content-Type: application/octet-stream\r\n{}", plain(name)),
        |name| format!("{}\r\nContent-Length: 99", plain(name)),
        // Names in any case, and without quotes.
        |name| plain(&name.to_uppercase()),
        |name| {
            plain(if name == "filecontent" {
                "fileContent"
            } else {
                name
            })
        },
        |name| format!("Content-Disposition: form-data; name={name}"),
    ];
    for (number, dress) in dresses.into_iter().enumerate() {
        let content = noise(2000, number as u64);
        let parts = parts(dress, &content);
        check(
            &emulator,
            &form(&parts.iter().collect::<Vec<_>>()),
            &content,
        );
    }
    // C++ names its file part's file, and says Upload.
    let content = noise(100, 77);
    let form = Form::new(&[
        ("op", "Upload"),
        ("biz_attr", "an attribute"),
        ("insertOnly", "0"),
    ])
    .part(
        "Content-Disposition: form-data; name=\"filecontent\"; filename=\"数据 .bin\"",
        &content,
    );
    check(&emulator, &form, &content);
}

#[test]
fn contents_that_look_like_a_form() {
    let emulator = Emulator::start(&[]);
    for content in [
        b"".to_vec(),
        b"\r\n".to_vec(),
        b"\r\n\r\n--".to_vec(),
        b"\r\n----qcos".to_vec(),
        b"------qcos0123456789abcde".to_vec(),
        b"--------qcos0123456789abcdef".to_vec(),
        vec![b'\r'; 100_000],
        b"\r\n--".repeat(50_000),
    ] {
        let parts = parts(plain, &content);
        check(
            &emulator,
            &form(&parts.iter().collect::<Vec<_>>()),
            &content,
        );
    }
}

#[test]
fn empty_parts_are_lawful() {
    let emulator = Emulator::start(&[]);
    let form = Form::new(&[
        ("op", "upload"),
        ("biz_attr", ""),
        ("insertOnly", ""),
        ("sha", ""),
    ]);
    emulator.form("/empty", &form.content(b"")).ok();
    let stat = emulator.stat("/empty").data();
    assert_eq!(
        (&stat["filesize"], &stat["filelen"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(stat["biz_attr"], "");
    assert_eq!(emulator.download("/empty").body, b"");
}

#[test]
fn forms_serve_where_json_does_and_the_query_too() {
    let emulator = Emulator::start(&[]);
    emulator
        .form("/dir/", &Form::new(&[("op", "create"), ("biz_attr", "x")]))
        .ok();
    assert_eq!(emulator.stat("/dir/").data()["biz_attr"], "x");

    // The operation in the query of a POST; the body comes first where both speak.
    let sign = sign_more(BUCKET);
    let headers = [("Authorization", sign.as_str())];
    let target = format!("{}?OP=create&biz_attr=%E5%9B%BE+1", url_path("/by query/"));
    request(&emulator.address, "POST", &target, &headers, b"").ok();
    assert_eq!(emulator.stat("/by query/").data()["biz_attr"], "图 1");
    let target = format!("{}?op=delete&biz_attr=no", url_path("/both/"));
    let body = br#" {"Op":"Create","BIZ_ATTR":"yes"} "#;
    request(&emulator.address, "POST", &target, &headers, body).ok();
    assert_eq!(emulator.stat("/both/").data()["biz_attr"], "yes");
}

#[test]
fn a_form_in_pieces_and_in_chunks() {
    use common::http::{connect, read_reply};
    use std::io::Write;

    let emulator = Emulator::start(&[]);
    let content = noise(300, 5);
    let parts = parts(plain, &content);
    let form = form(&parts.iter().collect::<Vec<_>>());
    let (body, sign) = (form.body(), sign_more(BUCKET));
    let mut stream = connect(&emulator.address).unwrap();
    stream.set_nodelay(true).unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: web.file.myqcloud.com\r\nAuthorization: {sign}\r\nMethod:POST\r\n\
         Content-Type: {}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        url_path("/a"),
        form.content_type()
    );
    stream.write_all(head.as_bytes()).unwrap();
    for byte in body {
        stream
            .write_all(&[b'1', b'\r', b'\n', byte, b'\r', b'\n'])
            .unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let reply = read_reply(&mut stream).unwrap();
    // The URLs in a reply are those of the host that the client spoke to.
    assert_eq!(
        reply.data()["access_url"],
        "http://web.file.myqcloud.com/testbucket-10000001/a"
    );
    assert_eq!(emulator.download("/a").body, content);
}
