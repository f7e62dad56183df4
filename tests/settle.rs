//! Answers that are lost after the work was done: the next try is refused because of the first,
//! and asking the service tells success from refusal.

mod common;

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::library::{Client, code, ok};
use common::listener::{Listener, Received, http, read_request};
use common::{TempDir, noise, sha1_hex};
use serde_json::{Value, json};

fn answer(code: i64, data: Value) -> Vec<u8> {
    let status = if code == 0 { 200 } else { 400 };
    let reply = json!({"code": code, "message": "m", "data": data});
    http(status, &reply.to_string())
}

/// Loses the answer to the first POST; the other requests get theirs, by how many were posted before.
fn losing_the_first(
    answers: impl Fn(usize, &Received) -> Vec<u8> + Send + Sync + 'static,
) -> Listener {
    let count = AtomicUsize::new(0);
    Listener::with_connections(move |stream, received| {
        let Some(request) = read_request(stream) else {
            return;
        };
        received.lock().unwrap().push(request.clone());
        let is_post = request.line.starts_with("POST");
        match count.fetch_add(usize::from(is_post), Ordering::SeqCst) {
            0 if is_post => {}
            number => drop(stream.write_all(&answers(number, &request))),
        }
    })
}

#[test]
fn a_delete_whose_answer_was_lost_is_a_success() {
    for gone in [-166, -197] {
        let listener = losing_the_first(move |posted, _| match posted {
            0 => answer(0, json!({"filesize": 1})),
            _ => answer(gone, json!({})),
        });
        let client = Client::open(&listener.url);
        ok(client.delete_file("f"));
        // A look, the delete, and another look.
        assert_eq!(listener.received().len(), 3);
        // Asked for once, the same code is the service's refusal.
        assert_eq!(code(&client.delete_file("f")), gone);
    }
}

#[test]
fn a_folder_that_is_there_is_ours_if_its_attribute_is() {
    for (held, expected) in [("mine", 0), ("another's", -178)] {
        let listener = losing_the_first(move |posted, request| match posted {
            0 => answer(-197, json!({})),
            _ if request.line.starts_with("POST") => answer(-178, json!({})),
            _ => answer(0, json!({"ctime": "1480000000", "biz_attr": held})),
        });
        let client = Client::open(&listener.url);
        let reply = client.create_folder("d", "mine");
        assert_eq!(code(&reply), expected, "{reply}");
        if expected == 0 {
            assert_eq!(reply["data"]["ctime"], "1480000000");
        }
    }
}

#[test]
fn an_object_that_is_there_is_ours_if_its_content_is() {
    for (held, refusal, expected) in [
        (&b"content"[..], -4018, 0),
        (b"content", -177, 0),
        (b"CONTENT", -177, -177),
    ] {
        let listener = losing_the_first(move |posted, request| match posted {
            0 => answer(-197, json!({})),
            _ if request.line.starts_with("POST") => answer(refusal, json!({})),
            _ => answer(
                0,
                json!({"filesize": 7, "filelen": 7, "sha": sha1_hex(held), "access_url": "a"}),
            ),
        });
        let client = Client::open(&listener.url);
        let reply = client.upload_buffer(b"content", "d/f", "");
        assert_eq!(code(&reply), expected, "{reply}");
        if expected == 0 {
            let data = &reply["data"];
            assert_eq!(data["access_url"], "a");
            assert_eq!(data["resource_path"], "/10000001/testbucket/d/f");
            let url = format!("{}/files/v1/10000001/testbucket/d/f", listener.url);
            assert_eq!(data["url"], url);
        }
    }
    // Without a lost answer, what is there is another's, whatever it holds.
    let listener = Listener::answering(|number, _| match number {
        0 => answer(-197, json!({})),
        _ => answer(-4018, json!({})),
    });
    let client = Client::open(&listener.url);
    assert_eq!(code(&client.upload_buffer(b"content", "f", "")), -4018);
    assert_eq!(listener.received().len(), 2);
}

#[test]
fn an_update_is_simply_made_again() {
    let listener = losing_the_first(|_, _| answer(0, json!({})));
    ok(Client::open(&listener.url).update_file("f", "x"));
    assert_eq!(listener.received().len(), 2);
}

#[test]
fn a_server_error_leaves_open_what_was_done() {
    let failing = |status: u16| {
        Listener::answering(move |number, _| match number {
            0 => answer(0, json!({"filesize": 1})),
            1 => http(status, "<html>"),
            _ => answer(-197, json!({})),
        })
    };
    let listener = failing(500);
    ok(Client::open(&listener.url).delete_file("f"));
    // A 503 turns away before the work: the refusal after it is a refusal.
    let listener = failing(503);
    assert_eq!(code(&Client::open(&listener.url).delete_file("f")), -197);
}

/// The answer to the slice that completes the object is lost; the session is gone then.
#[test]
fn a_lost_completion_is_found_out() {
    let content = noise(100_000, 1);
    let sha = sha1_hex(&content);
    for after in [-5983, -4018, -288] {
        let (sha, slices) = (sha.clone(), AtomicUsize::new(0));
        let listener = Listener::with_connections(move |stream, received| {
            let Some(request) = read_request(stream) else {
                return;
            };
            received.lock().unwrap().push(request.clone());
            let body = String::from_utf8_lossy(&request.body);
            let reply = if request.line.starts_with("GET") {
                answer(
                    0,
                    json!({"filesize": 100_000, "filelen": 100_000, "sha": sha, "access_url": "a"}),
                )
            } else if body.contains("name=\"filecontent\"") {
                match slices.fetch_add(1, Ordering::SeqCst) {
                    0 => return,
                    _ => answer(after, json!({})),
                }
            } else if slices.load(Ordering::SeqCst) == 0 {
                answer(0, json!({"session": "s", "offset": 0}))
            } else {
                // The object is complete, and may not be overwritten.
                answer(-4018, json!({}))
            };
            let _ = stream.write_all(&reply);
        });
        let files = TempDir::new();
        let client = Client::open(&listener.url);
        let file = files.file("f", &content);
        let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
        assert_eq!(code(&reply), 0, "{after}: {reply}");
        assert_eq!(reply["data"]["access_url"], "a", "{after}: {reply}");
    }
}

#[test]
fn a_wrong_clock_is_learned_from_the_services_date() {
    let date = |ahead: i64| {
        let now = std::time::SystemTime::now();
        let seconds = std::time::Duration::from_secs(ahead.unsigned_abs());
        httpdate::fmt_http_date(if ahead > 0 {
            now + seconds
        } else {
            now - seconds
        })
    };
    // Over http; tests/clocks.rs tells how far.
    for ahead in [800, -800] {
        let listener = Listener::answering(move |_, request| {
            let expires = common::signed_field(request.header("authorization"), "e");
            let now = common::unix_now() as i64 + ahead;
            let fresh = (now..now + 120).contains(&(expires as i64));
            let body = match fresh {
                true => r#"{"code":0,"message":"","data":{}}"#,
                false => r#"{"code":-96,"message":"expired"}"#,
            };
            let status = if fresh { 200 } else { 400 };
            format!(
                "HTTP/1.1 {status} X\r\nDate: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                date(ahead),
                body.len()
            )
            .into_bytes()
        });
        // Not even a retry is needed, nor on later calls a second request.
        let client = Client::open_with(&listener.url, json!({"retries": 0}));
        ok(client.stat_file("f"));
        ok(client.stat_file("f"));
        assert_eq!(listener.received().len(), 3);
    }
    // Where the service's clock is no other, expired is expired.
    let listener = Listener::answering(move |_, _| {
        let body = r#"{"code":-96,"message":"expired"}"#;
        format!(
            "HTTP/1.1 400 X\r\nDate: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            date(0),
            body.len()
        )
        .into_bytes()
    });
    let client = Client::open(&listener.url);
    assert_eq!(code(&client.stat_file("f")), -96);
    assert_eq!(listener.received().len(), 1);
}
