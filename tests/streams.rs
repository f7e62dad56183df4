//! Uploads of what only a callback can read, and from memory with options: whole or not at all.

mod common;

use std::time::{Duration, Instant};

use common::bytes::reader;
use common::emulator::Emulator;
use common::library::{APIS, Client, UNKNOWN, code, message, ok, sized};
use common::listener::Received;
use common::noise;
use common::relay::{behind_tls, relay};
use common::tls::Certificate;
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn part_of(api: &str) -> &'static str {
    if api == "xml" {
        "upload_part"
    } else {
        "slice_data"
    }
}

/// Nothing that costs money, and no object.
fn nothing_is_left(client: &Client, api: &str, path: &str) {
    assert_ne!(code(&client.stat_file(path)), 0, "{api}");
    if api == "xml" {
        let left = ok(client.list_uploads(""));
        assert_eq!(left["data"]["infos"], json!([]), "{left}");
    }
}

#[test]
fn a_stream_of_any_size_arrives_whole() {
    let content = noise(20 * MIB, 1);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 3}));
        for size in [0, 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 16 * MIB, 20 * MIB] {
            for options in [json!({}), json!({"length": size, "biz_attr": "attribute"})] {
                let is_announced = options.get("length").is_some();
                let path = format!("f{size}{is_announced}");
                let bytes = &content[..size];
                let mut reports = Vec::new();
                let sent =
                    client.upload_stream(&path, &options, &mut reader(bytes), &mut |d, t| {
                        reports.push((d, t));
                        0
                    });
                let sent = ok(sent);
                let by = if api == "xml" { "crc64" } else { "sha1" };
                assert_eq!(sent["data"]["verified"], by, "{sent}");
                client.holds(&path, bytes);
                let all = size as u64;
                assert_eq!(reports.last(), Some(&(all, all)), "{api}: {path}");
                assert!(reports.is_sorted_by_key(|(done, _)| *done), "{reports:?}");
                let reports = if is_announced {
                    sized(&reports)
                } else {
                    &reports
                };
                let expected = if is_announced { all } else { UNKNOWN };
                assert_eq!(reports[0], (0, expected), "{api}: {path}");
            }
        }
        if api == "xml" {
            // Up to 8 MiB in one request.
            assert_eq!(emulator.count("upload_part"), 2 * (2 + 2 + 3));
        }
    }
}

#[test]
fn a_callback_is_never_asked_for_a_few_bytes() {
    let content = noise(20 * MIB, 10);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        for size in [8 * MIB, 20 * MIB] {
            let (mut rest, mut least) = (&content[..size], usize::MAX);
            let mut read = |buffer: &mut [u8]| {
                least = least.min(buffer.len());
                let (piece, others) = rest.split_at(rest.len().min(MIB).min(buffer.len()));
                buffer[..piece.len()].copy_from_slice(piece);
                rest = others;
                piece.len() as i64
            };
            ok(client.upload_stream("f", &json!({"overwrite": true}), &mut read, &mut |_, _| 0));
            assert!(least >= 256 << 10, "{api}: {size} bytes, asked for {least}");
            client.holds("f", &content[..size]);
        }
    }
}

#[test]
fn the_json_api_takes_20_mib() {
    let emulator = Emulator::start();
    let client = Client::speaking("json", &emulator.url, json!({}));
    let content = noise(20 * MIB + 1, 2);
    let before = emulator.requests().len();
    let reply = client.upload_streamed("f", &json!({}), &content);
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("20971520"), "{reply}");
    assert_eq!(emulator.requests().len(), before, "nothing was sent");
}

#[test]
fn what_is_announced_is_kept() {
    let content = noise(12 * MIB, 3);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        for (size, length) in [
            (1000, 999),
            (1000, 1001),
            (0, 1),
            (12 * MIB, 12 * MIB - 1),
            (12 * MIB, 12 * MIB + 1),
            (9 * MIB, 30 * MIB),
        ] {
            let options = json!({"length": length});
            let reply = client.upload_streamed("f", &options, &content[..size]);
            assert_eq!(code(&reply), -3, "{api}: {size} of {length}: {reply}");
            assert!(message(&reply).starts_with("read: "), "{reply}");
            assert!(message(&reply).contains(&length.to_string()), "{reply}");
            assert!(reply["data"].get("session").is_none(), "{reply}");
            nothing_is_left(&client, api, "f");
        }
    }
}

#[test]
fn a_callback_that_fails_leaves_no_object() {
    let content = noise(40 * MIB, 4);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        // At once, and in the midst of the third part.
        for at in [0, 17 * MIB] {
            for (answer, expected) in [(-1, -5), (i64::MIN, -5), (i64::MAX, -3)] {
                let mut bytes = reader(&content);
                let mut given = 0;
                let mut failed = None;
                let mut read = |buffer: &mut [u8]| {
                    assert!(failed.is_none(), "called again");
                    if given >= at {
                        failed = Some(Instant::now());
                        return answer;
                    }
                    let now = bytes(buffer);
                    given += usize::try_from(now).unwrap();
                    now
                };
                let reply = client.upload_stream("f", &json!({}), &mut read, &mut |_, _| 0);
                assert_eq!(code(&reply), expected, "{api}: {at}: {reply}");
                assert!(failed.unwrap().elapsed() < Duration::from_millis(500));
                if expected == -3 {
                    assert!(message(&reply).starts_with("read: returned"), "{reply}");
                }
                nothing_is_left(&client, api, "f");
            }
        }
    }
}

#[test]
fn progress_cancels_a_stream() {
    let content = noise(30 * MIB, 5);
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let mut report = |done, _| i32::from(done > 0);
    let reply = client.upload_stream("f", &json!({}), &mut reader(&content), &mut report);
    assert_eq!(code(&reply), -5, "{reply}");
    nothing_is_left(&client, "xml", "f");
}

#[test]
fn a_part_that_fails_is_sent_again_from_memory() {
    let content = noise(19 * MIB, 6);
    for api in APIS {
        let emulator = Emulator::start();
        let options = json!({"slice_size": MIB, "parallel": 3});
        let client = Client::speaking(api, &emulator.url, options);
        emulator.set_faults(&json!([
            {"match": {"op": part_of(api), "from": 2, "count": 2}, "fault": {"status": 503, "body": ""}},
            {"match": {"op": part_of(api), "from": 6, "count": 1}, "fault": {"reset": "at", "bytes": 5000}},
        ]));
        ok(client.upload_streamed("f", &json!({}), &content));
        emulator.end_faults();
        client.holds("f", &content);
    }
}

/// Parts are sent from where they are, not from the connection's buffer.
#[test]
fn parts_reach_a_service_in_tls_and_behind_a_proxy() {
    let content = noise(17 * MIB + 1, 11);
    let certificate = Certificate::new("localhost");
    let to_a_path = |request: &mut Received| {
        let (method, rest) = request.line.split_once(" http://").unwrap();
        request.line = format!("{method} {}", &rest[rest.find('/').unwrap()..]);
    };
    for api in APIS {
        let emulator = Emulator::start();
        let tls = behind_tls(&certificate, &relay(&emulator.url, |_| {}));
        let proxy = relay(&emulator.url, to_a_path);
        for (path, url, options) in [
            ("tls", &tls, json!({"tls_ca": certificate.path()})),
            ("proxy", &emulator.url, json!({"proxy": proxy.url})),
        ] {
            let client = Client::speaking(api, url, options);
            ok(client.upload_streamed(path, &json!({}), &content));
            Client::speaking(api, &emulator.url, json!({})).holds(path, &content);
        }
        assert!(proxy.connections() > 1, "{api}");
    }
}

/// An upload that the service forgets cannot be begun again: nobody can read the stream twice.
#[test]
fn a_lost_upload_is_an_error() {
    let content = noise(30 * MIB, 7);
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"retries": 0, "parallel": 1}));
    let mut bytes = reader(&content);
    let mut given = 0;
    let mut read = |buffer: &mut [u8]| {
        let now = bytes(buffer);
        given += usize::try_from(now).unwrap();
        if given > 20 * MIB {
            let left = ok(client.list_uploads(""));
            for upload in left["data"]["infos"].as_array().unwrap() {
                let session = upload["session"].as_str().unwrap();
                ok(client.abort_upload("f", session));
            }
        }
        now
    };
    let reply = client.upload_stream("f", &json!({}), &mut read, &mut |_, _| 0);
    assert_ne!(code(&reply), 0, "{reply}");
    nothing_is_left(&client, "xml", "f");
}

#[test]
fn what_is_left_of_a_failure_is_the_callers_choice() {
    let content = noise(20 * MIB, 8);
    let files = common::TempDir::new();
    let file = files.file("f", &content);
    let refuse = json!({"status": 403, "body": ""});
    for api in APIS {
        let emulator = Emulator::start();
        let options = json!({"slice_size": MIB, "retries": 0, "parallel": 1});
        let client = Client::speaking(api, &emulator.url, options);
        for on_failure in ["keep", "abort"] {
            let options = json!({"on_failure": on_failure});
            let calls: [&dyn Fn(&str) -> Value; 3] = [
                &|path| client.upload_with(&file, path, &options),
                &|path| client.upload_buffer_with(&content, path, &options, &mut |_, _| 0),
                &|path| client.upload_streamed(path, &options, &content),
            ];
            for (number, call) in calls.into_iter().enumerate() {
                let path = format!("{on_failure}{number}");
                let rule = json!({"match": {"op": part_of(api), "from": 11}, "fault": refuse});
                emulator.set_faults(&json!([rule]));
                let failed = call(&path);
                emulator.set_faults(&json!([]));
                assert_ne!(code(&failed), 0, "{api}: {path}: {failed}");
                let session = failed["data"]["session"].as_str();
                assert_eq!(
                    session.is_some(),
                    on_failure == "keep",
                    "{api} {path}: {failed}"
                );
                if api == "xml" {
                    let left = ok(client.list_uploads(""));
                    let left = left["data"]["infos"].as_array().unwrap().len();
                    assert_eq!(left, usize::from(session.is_some()), "{path}");
                    if let Some(session) = session {
                        ok(client.abort_upload(&path, session));
                    }
                }
            }
        }
    }
}

#[test]
fn memory_comes_with_attributes_and_progress() {
    let content = noise(17 * MIB, 9);
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        for size in [3, content.len()] {
            let options = json!({"biz_attr": "attribute", "headers": {"Content-Type": "text/x-a"}});
            let mut reports = Vec::new();
            let path = format!("f{size}");
            let sent = client.upload_buffer_with(&content[..size], &path, &options, &mut |d, t| {
                reports.push((d, t));
                0
            });
            ok(sent);
            client.holds(&path, &content[..size]);
            let stat = ok(client.stat_file(&path));
            assert_eq!(stat["data"]["biz_attr"], "attribute");
            let all = size as u64;
            assert_eq!(reports.last(), Some(&(all, all)), "{reports:?}");
        }
        let reply = client.upload_buffer_with(b"x", "f3", &json!({"length": 1}), &mut |_, _| 0);
        assert!(
            message(&reply).contains("length: is not an option"),
            "{reply}"
        );
        let mut report = |_, _| 1;
        // Other content: the JSON API takes what it has already without a byte of it.
        let other = &content[1..];
        let reply = client.upload_buffer_with(other, "other", &json!({}), &mut report);
        assert_eq!(code(&reply), -5, "{reply}");
        nothing_is_left(&client, api, "other");
    }
}

/// The callback is the caller's own code: it may call the library, with the same client too.
#[test]
fn a_read_callback_may_call_the_library() {
    let emulator = Emulator::start();
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({}));
        let from = format!("{api}-from");
        let content = noise(11 * MIB, 10);
        ok(client.upload_buffer(&content, &from, ""));
        let mut at = 0;
        let mut read = |buffer: &mut [u8]| {
            let reply = ok(client.download_buffer(&from, at, buffer, &json!({})));
            let len = reply["data"]["len"].as_i64().unwrap();
            at += len;
            len
        };
        let to = format!("{api}-to");
        ok(client.upload_stream(&to, &json!({}), &mut read, &mut |_, _| 0));
        client.holds(&to, &content);
    }
}
