//! Bodies that no honest client sends: malformed, cut, too large. The answer reaches the client, even
//! one that is still sending.

mod common;

use std::io::Write;

use common::http::{Form, Reply, connect, head, raw, read_reply, request};
use common::sign::sign_more;
use common::{BUCKET, Emulator, noise, url_path};

#[track_caller]
fn answered(reply: &Reply, status: u16, code: i64) {
    assert_eq!(
        (reply.status, reply.code()),
        (status, code),
        "{:?}",
        reply.json()
    );
}

#[test]
fn json_bodies() {
    let emulator = Emulator::start(&[]);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for body in [
        "{",
        "[]",
        "\"op\"",
        "nonsense",
        "{\"op\":}",
        "{\"op\":\"create\"} trailing",
        "op=create",
        "\u{0}",
        "null",
        &deep,
        "{\"op\":\"create\",\"a\":\"\\ud800\"}",
    ] {
        emulator
            .post_signed("/dir/", &sign_more(BUCKET), body.as_bytes())
            .refused(-5975);
    }
    emulator
        .post_signed(
            "/dir/",
            &sign_more(BUCKET),
            b"{\"op\":\"create\",\"a\":\"\xff\"}",
        )
        .refused(-5975);
    for body in ["", " \r\n", "{}", "{\"op\":\"\"}", "{\"op\":null}"] {
        emulator
            .post_signed("/dir/", &sign_more(BUCKET), body.as_bytes())
            .refused(-5980);
    }
    for op in ["{\"a\":1}", "[\"create\"]", "5", "true"] {
        let body = format!("{{\"op\":{op}}}");
        emulator
            .post_signed("/dir/", &sign_more(BUCKET), body.as_bytes())
            .refused(-299);
    }
    let large = format!("{{\"op\":\"create\",\"x\":\"{}\"}}", "x".repeat(1 << 20));
    let reply = emulator.post_signed("/dir/", &sign_more(BUCKET), large.as_bytes());
    answered(&reply, 413, -5995);
    emulator.stat("/dir/").refused(-166);
}

#[test]
fn malformed_forms() {
    let emulator = Emulator::start(&[]);
    let form = Form::new(&[("op", "upload")]).content(b"content");
    let (body, content_type) = (form.body(), form.content_type());
    let send = |content_type: &str, body: &[u8]| {
        let sign = sign_more(BUCKET);
        let headers = [
            ("Authorization", sign.as_str()),
            ("Content-Type", content_type),
        ];
        request(&emulator.address, "POST", &url_path("/a"), &headers, body)
    };
    // Cut at every byte: an error or, after the last boundary, the file.
    for length in 0..body.len() {
        let reply = send(&content_type, &body[..length]);
        if length + 4 < body.len() {
            reply.refused(-5993);
        } else if reply.status == 200 {
            emulator.delete("/a").ok();
        } else {
            reply.refused(-5993);
        }
    }
    emulator.stat("/a").refused(-166);
    for (headers, code) in [
        ("Content-Disposition: form-data", -5993),
        ("Content-Type: text/plain", -5993),
        ("no colon", -5993),
        ("Content-Disposition: form-data; name=\"op", -5993),
    ] {
        send(
            &content_type,
            &Form::new(&[]).part(headers, b"upload").body(),
        )
        .refused(code);
    }
    send("multipart/form-data; boundary=other", &body).refused(-5993);
    // No boundary: it is no form, and no JSON either.
    send("multipart/form-data", &body).refused(-5975);
    send("text/plain", &body).refused(-5975);
    let not_utf8 = Form::new(&[]).part("Content-Disposition: form-data; name=\"op\"", b"\xff");
    send(&content_type, &not_utf8.body()).refused(-147);
    // Many parts, large parts.
    let many = (0..20_000).fold(Form::new(&[]), |form, n| form.field(&n.to_string(), ""));
    send(&content_type, &many.content(b"x").body()).refused(-5980);
    let wide = Form::new(&[("op", "upload"), ("biz_attr", &"x".repeat(70_000))]);
    send(&content_type, &wide.content(b"x").body()).refused(-182);
    // Nothing but what is no boundary.
    send(&content_type, &noise(300_000, 1)).refused(-5993);
}

#[test]
fn bodies_above_the_cap() {
    let emulator = Emulator::start(&[]);
    // Announced: refused before a byte of it is read.
    let form = Form::new(&[("op", "upload")]);
    let sign = sign_more(BUCKET);
    let content_type = form.content_type();
    for (kind, code) in [(content_type.as_str(), -285), ("application/json", -5995)] {
        let headers = [("Authorization", sign.as_str()), ("Content-Type", kind)];
        let head = head(
            &emulator.address,
            "POST",
            &url_path("/a"),
            &headers,
            50 << 30,
        );
        answered(&raw(&emulator.address, head.as_bytes()), 413, code);
    }
    // Announced, and sent all the same by a client that reads only when it has sent everything.
    let large = form.content(&noise(40 << 20, 1));
    answered(&emulator.form("/a", &large), 413, -285);
    // The same for a signature that is wrong.
    let lawful = Form::new(&[("op", "upload")]).content(&noise(20 << 20, 1));
    emulator
        .form_signed("/a", "nonsense", &lawful)
        .refused(-5998);
    // In chunks, without an announcement.
    let mut stream = connect(&emulator.address).unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: {sign}\r\nContent-Type: {content_type}\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        url_path("/a"),
    );
    stream.write_all(head.as_bytes()).unwrap();
    for chunk in large.body().chunks(1 << 20) {
        stream
            .write_all(format!("{:x}\r\n", chunk.len()).as_bytes())
            .unwrap();
        stream.write_all(chunk).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    answered(&read_reply(&mut stream).unwrap(), 413, -285);
    emulator.stat("/a").refused(-166);
}

#[test]
fn a_connection_serves_on_after_a_refusal() {
    use std::io::{BufRead, BufReader, Read};

    let emulator = Emulator::start(&[]);
    let mut stream = connect(&emulator.address).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let form = Form::new(&[("op", "upload")]).content(&noise(2 << 20, 1));
    for _ in 0..3 {
        let body = form.body();
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: nonsense\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            url_path("/a"),
            form.content_type(),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            assert!(!line.is_empty(), "the connection was closed");
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        assert!(String::from_utf8(body).unwrap().contains("-5998"));
    }
}
