//! Downloads from services that break off, forget, lie or change their mind. What is in the file
//! afterwards is right, or untouched.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::library::{Client, code, kind, message, ok};
use common::listener::{Listener, http};
use common::noise;
use common::objects::{Get, Place, cut, honest, part, serving, serving_known, whole, with_head};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn impatient(url: &str) -> Client {
    Client::open_with(url, json!({"retries": 1, "io_timeout_ms": 2000}))
}

#[test]
fn a_connection_that_breaks_is_gone_on_with() {
    // A pause comes before each new connection, so one byte each is for a short object only.
    for (size, every) in [(12, 1), (1000, 99), (1000, 333), (1000, 999)] {
        let content = noise(size, 1);
        let served = Arc::new(AtomicUsize::new(0));
        let (object, bytes) = (content.clone(), served.clone());
        let listener = serving(&content, move |get| {
            let left = size - get.range.map_or(0, |(first, _)| first);
            bytes.fetch_add(every.min(left), Ordering::Relaxed);
            cut(honest(&object, get), every.min(left))
        });
        let place = Place::new();
        let client = Client::open_with(&listener.url, json!({"retries": 1}));
        ok(client.download("f", &place.file));
        assert!(place.content() == content);
        // No byte twice.
        assert_eq!(served.load(Ordering::Relaxed), size, "every {every}");
    }
}

#[test]
fn a_connection_that_breaks_without_progress_is_given_up() {
    let content = noise(1000, 2);
    let object = content.clone();
    let listener = serving(&content, move |get| match get.number {
        0 => cut(honest(&object, get), 400),
        _ => cut(honest(&object, get), 0),
    });
    let place = Place::new();
    let client = Client::open_with(&listener.url, json!({"retries": 2}));
    let reply = client.download("f", &place.file);
    assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
    place.is_untouched();
    // The question, the answer that brought something, and two further tries.
    assert_eq!(listener.received().len(), 1 + 1 + 2);
    assert_eq!(reply["error"]["retryable"], true);
}

#[test]
fn a_service_that_is_busy_is_asked_again() {
    let content = noise(10_000, 3);
    let object = content.clone();
    let listener = serving(&content, move |get| match get.number {
        0 => http(503, "<html>busy</html>"),
        1 => Vec::new(),
        _ => honest(&object, get),
    });
    let place = Place::new();
    ok(Client::open(&listener.url).download("f", &place.file));
    assert!(place.content() == content);
}

#[test]
fn a_service_that_knows_no_ranges_gives_the_whole() {
    for size in [1000, 13 * MIB] {
        let content = noise(size, 4);
        let object = content.clone();
        let breaks = AtomicUsize::new(0);
        // Always the whole, and once it breaks off.
        let listener = serving(&content, move |get| {
            let first_whole = get.range.is_none() && breaks.fetch_add(1, Ordering::Relaxed) == 0;
            match first_whole {
                true => cut(whole(&object), size / 2),
                false => whole(&object),
            }
        });
        let place = Place::new();
        ok(Client::open(&listener.url).download("f", &place.file));
        assert!(place.content() == content);
    }
}

/// The reply to a download from a service that answers so; the target is untouched.
#[track_caller]
fn refused(content: &[u8], answer: impl Fn(&Get) -> Vec<u8> + Send + Sync + 'static) -> Value {
    let listener = serving(content, answer);
    let place = Place::new();
    let reply = impatient(&listener.url).download("f", &place.file);
    assert_ne!(code(&reply), 0, "{reply}");
    place.is_untouched();
    reply
}

#[test]
fn what_arrives_must_be_what_was_announced() {
    const LARGE: usize = 9 * MIB;
    let small = noise(1000, 5);
    let other = noise(1000, 6);
    let large = noise(LARGE, 5);
    let integrity = |reply: Value| {
        assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
    };
    integrity(refused(&small, move |_| whole(&other)));
    let longer = noise(1001, 5);
    integrity(refused(&small, move |_| whole(&longer)));
    let shorter = noise(999, 5);
    integrity(refused(&small, move |_| whole(&shorter)));
    // Without a length: too many, and too few.
    let endless = |body: Vec<u8>| {
        move |_: &Get| {
            [
                b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec(),
                body.clone(),
            ]
            .concat()
        }
    };
    integrity(refused(&small, endless(noise(1001, 5))));
    let reply = refused(&small, move |get| match get.range {
        None => endless(noise(1000, 5)[..999].to_vec())(get),
        Some(_) => http(416, r#"{"code":-5999,"message":"no such range"}"#),
    });
    assert_eq!((code(&reply), kind(&reply)), (-5999, "service"), "{reply}");

    // Replaced by another of the same size while ranges are fetched: told by its ETag, else by
    // its SHA-1; or of another size.
    let object = large.clone();
    let another = noise(LARGE, 6);
    integrity(refused(&large, move |get| match get.number {
        0 => honest(&object, get),
        _ => {
            let answer = honest(&another, get);
            let at = answer.windows(3).position(|w| w == b"\"1\"").unwrap();
            [&answer[..at], b"\"2\"", &answer[at + 3..]].concat()
        }
    }));
    let object = large.clone();
    let another = noise(LARGE, 6);
    integrity(refused(&large, move |get| match get.number {
        0 => honest(&object, get),
        _ => honest(&another, get),
    }));
    let object = large.clone();
    let another = noise(LARGE + 1, 5);
    integrity(refused(&large, move |get| match get.number {
        0 => honest(&object, get),
        _ => honest(&another, get),
    }));
    // The service holds on to the ETag.
    let object = small.clone();
    integrity(refused(&small, move |get| match get.number {
        0 => cut(whole(&object), 10),
        _ => {
            assert_eq!(get.received.header("if-match"), "\"1\"");
            http(412, "")
        }
    }));
}

#[test]
fn another_range_than_was_asked_for_is_refused() {
    let content = noise(9 * MIB, 7);
    let size = content.len();
    for wrong in ["shifted", "longer", "nameless", "nonsense"] {
        let object = content.clone();
        let reply = refused(&content, move |get| {
            let (first, last) = get.range.unwrap();
            match wrong {
                "shifted" if first > 0 => part(&object, first - 1, last - 1),
                "longer" if last + 1 < size => part(&object, first, last + 1),
                "nameless" => with_head("206 X", "", &object[first..=last]),
                "nonsense" => with_head(
                    "206 X",
                    "Content-Range: bytes a-b/c\r\n",
                    &object[first..=last],
                ),
                _ => part(&object, first, last),
            }
        });
        assert_eq!(
            (code(&reply), kind(&reply)),
            (-2, "bad_reply"),
            "{wrong}: {reply}"
        );
    }
    // Fewer bytes than asked for are fine: the rest is asked for next.
    let object = content.clone();
    let listener = serving(&content, move |get| {
        let (first, last) = get.range.unwrap();
        part(&object, first, last.min(first + MIB))
    });
    let place = Place::new();
    ok(Client::open(&listener.url).download("f", &place.file));
    assert!(place.content() == content);
}

#[test]
fn refusals_tell_the_services_code_or_the_status() {
    let content = noise(100, 8);
    for (status, body, expected) in [
        (
            404,
            r#"{"code":-6101,"message":"not there"}"#,
            (-6101, "service"),
        ),
        (
            404,
            r#"{"code":-45062,"message":"not finished"}"#,
            (-45062, "service"),
        ),
        (
            403,
            r#"{"code":-97,"message":"ERROR_PROXY_AUTH_FAILED"}"#,
            (-97, "service"),
        ),
        (
            403,
            "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
            (-2, "http_status"),
        ),
        (404, "<html><h1>404</h1></html>", (-2, "http_status")),
        (416, "", (-2, "http_status")),
        (500, "<html/>", (-2, "http_status")),
        (204, "", (-2, "http_status")),
    ] {
        let reply = refused(&content, move |_| http(status, body));
        assert_eq!((code(&reply), kind(&reply)), expected, "{reply}");
        assert_eq!(reply["httpcode"], status, "{reply}");
    }
    let reply = refused(&content, |_| {
        with_head(
            "302 Found",
            "Location: http://127.0.0.1:1/?token=x\r\n",
            b"",
        )
    });
    assert_eq!(kind(&reply), "redirect", "{reply}");
    // A page that repeats the URL does not bring the signature into the message.
    let reply = refused(&content, |get| {
        http(403, get.received.line.split_once("sign=").unwrap().1)
    });
    assert!(message(&reply).contains("(signature)"), "{reply}");
    assert!(!message(&reply).contains("%3D"), "{reply}");
}

#[test]
fn what_is_said_of_the_object_beforehand_counts() {
    for (stat, expected) in [
        (json!({"code": -166, "message": "no"}), -166),
        (
            json!({"code": 0, "data": {"filesize": 10, "filelen": 3}}),
            -45062,
        ),
        (json!({"code": 0, "data": {}}), -2),
    ] {
        let listener = serving_known(stat.to_string(), |_| panic!("nothing is to be fetched"));
        let place = Place::new();
        let reply = Client::open(&listener.url).download("f", &place.file);
        assert_eq!(code(&reply), expected, "{reply}");
        assert_eq!(listener.received().len(), 1);
        place.is_untouched();
    }
    // No SHA-1, or none that is one: the length is compared.
    for sha in [json!(null), json!(""), json!("0".repeat(40)), json!("x")] {
        let mut stat = json!({"code": 0, "data": {"filesize": 5, "filelen": 5, "sha": sha}});
        if stat["data"]["sha"].is_null() {
            stat["data"].as_object_mut().unwrap().remove("sha");
        }
        let listener = serving_known(stat.to_string(), |_| whole(b"hello"));
        let place = Place::new();
        ok(Client::open(&listener.url).download("f", &place.file));
        assert_eq!(place.content(), b"hello");
    }
}

#[test]
fn a_url_in_a_reply_is_not_followed() {
    let content = noise(100, 9);
    let elsewhere = Listener::replying("{}");
    let stat = json!({"code": 0, "data": {
        "filesize": 100, "access_url": format!("{}/f", elsewhere.url), "url": elsewhere.url,
    }});
    let object = content.clone();
    let listener = serving_known(stat.to_string(), move |get| honest(&object, get));
    let place = Place::new();
    ok(Client::open(&listener.url).download("f", &place.file));
    assert_eq!(elsewhere.connections(), 0);
}
