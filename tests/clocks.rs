//! Clocks that differ: the service's is believed within bounds, no longer than its answers bear it
//! out, and what is too far off is said.

mod common;

use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, SystemTime};

use common::library::{APIS, Client, code, message, ok};
use common::listener::{Listener, Received, read_request};
use common::objects::{Place, honest, serving};
use common::tls::{Certificate, server_config};
use common::{signed_field, unix_now};
use serde_json::json;

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

fn date(ahead: i64) -> String {
    let now = SystemTime::now();
    let difference = Duration::from_secs(ahead.unsigned_abs());
    let there = match ahead < 0 {
        true => now - difference,
        false => now + difference,
    };
    httpdate::fmt_http_date(there)
}

fn answer(api: &str, is_good: bool, date: &str) -> Vec<u8> {
    let (status, body) = match (api, is_good) {
        ("json", true) => (200, r#"{"code":0,"message":"","data":{}}"#),
        ("json", false) => (400, r#"{"code":-96,"message":"expired"}"#),
        (_, true) => (200, ""),
        (_, false) => (403, ""),
    };
    let attributes = "ETag: \"x\"\r\n";
    format!(
        "HTTP/1.1 {status} X\r\n{attributes}Date: {date}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// When a signature ends, as seconds from now.
fn end(api: &str, request: &Received) -> i64 {
    let signature = request.header("authorization");
    let end = match api {
        "json" => signed_field(signature, "e"),
        _ => {
            let times = signature.split_once("q-key-time=").unwrap().1;
            let end = times.split(['&', ';']).nth(1).unwrap();
            end.parse().unwrap()
        }
    };
    end as i64 - unix_now() as i64
}

fn client(api: &str, url: &str) -> Client {
    Client::speaking(api, url, json!({"retries": 0}))
}

#[test]
fn a_time_that_is_far_away_is_not_learned_over_http() {
    for api in APIS {
        // The last two are no times at all.
        let years = date(43 * 365 * DAY);
        for (date, said) in [
            (years.as_str(), "days behind the service's"),
            (&date(2 * 3600 + 5), "2 hours behind the service's"),
            (&date(-3 * DAY), "3 days ahead of the service's"),
            (&date(16 * MINUTE + 5), "16 minutes behind the service's"),
            (
                "Thu, 01 Jan 1970 00:00:00 GMT",
                "days ahead of the service's",
            ),
            ("yesterday", ""),
            ("Fri, 31 Dec 99999 23:59:59 GMT", ""),
        ] {
            let told = date.to_owned();
            let listener = Listener::answering(move |_, _| answer(api, false, &told));
            let client = client(api, &listener.url);
            for _ in 0..2 {
                let reply = client.stat_file("f");
                assert!([-96, -289].contains(&code(&reply)), "{reply}");
                assert!(message(&reply).contains(said), "{date}: {reply}");
                let tells = message(&reply).contains("clock");
                assert_eq!(tells, !said.is_empty(), "{date}: {reply}");
            }
            for request in listener.received() {
                assert!(end(api, &request) <= 60, "{date}");
            }
        }
    }
}

#[test]
fn what_was_learned_goes_when_the_service_contradicts_it() {
    for api in APIS {
        // First its clock is wrong, then it is right.
        let count = AtomicUsize::new(0);
        let listener =
            Listener::answering(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
                0 => answer(api, false, &date(10 * MINUTE)),
                _ => answer(api, true, &date(0)),
            });
        let client = client(api, &listener.url);
        ok(client.stat_file("f"));
        ok(client.stat_file("f"));
        let ends: Vec<i64> = listener.received().iter().map(|r| end(api, r)).collect();
        assert!(ends[1] > 600 && ends[2] <= 60, "{ends:?}");
    }
}

/// The bytes of an object are asked for by the same attempts as everything else.
#[test]
fn a_download_learns_the_clock_too() {
    let (sender, ends) = mpsc::channel();
    let service = serving(b"content", move |get| {
        let (_, sign) = get.received.line.split_once("?sign=").unwrap();
        let (sign, _) = sign.split_once(' ').unwrap();
        let sign = sign
            .replace("%3D", "=")
            .replace("%2B", "+")
            .replace("%2F", "/");
        let end = signed_field(&sign, "e") as i64 - unix_now() as i64;
        sender.send(end).unwrap();
        match get.number {
            0 => answer("json", false, &date(10 * MINUTE)),
            _ => honest(b"content", get),
        }
    });
    let place = Place::new();
    ok(client("json", &service.url).download("f", &place.file));
    let ends: Vec<i64> = ends.try_iter().collect();
    assert!(
        ends[0] <= 60 && ends[1] > 600 && ends.len() == 2,
        "{ends:?}"
    );
}

#[test]
fn what_does_not_help_is_not_kept() {
    for api in APIS {
        for second in [date(10 * MINUTE), "garbage".to_owned(), date(50 * DAY)] {
            let count = AtomicUsize::new(0);
            let listener =
                Listener::answering(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
                    0 => answer(api, false, &date(10 * MINUTE)),
                    _ => answer(api, false, &second),
                });
            let client = client(api, &listener.url);
            assert_ne!(code(&client.stat_file("f")), 0);
            // Beside the GETs that ask a refused HEAD's name.
            let of_stat = |r: &&Received| api == "json" || r.line.starts_with("HEAD");
            assert_eq!(listener.received().iter().filter(of_stat).count(), 2);
            let first = listener.received().len();
            assert_ne!(code(&client.stat_file("f")), 0);
            let ends: Vec<i64> = listener.received().iter().map(|r| end(api, r)).collect();
            assert!(ends[1] > 600 && ends[first] <= 60, "{ends:?}");
        }
    }
}

/// Serves over TLS with a clock that is so far ahead; what came is kept.
fn in_tls(ahead: Arc<AtomicI64>) -> (String, Certificate, Arc<Mutex<Vec<Received>>>) {
    let certificate = Certificate::new("localhost");
    let config = server_config(&certificate);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let received: Arc<Mutex<Vec<Received>>> = Arc::default();
    let kept = received.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (config, ahead, kept) = (config.clone(), ahead.clone(), kept.clone());
            thread::spawn(move || {
                let tls = rustls::ServerConnection::new(config).unwrap();
                let mut tls = rustls::StreamOwned::new(tls, stream.unwrap());
                while let Some(request) = read_request(&mut tls) {
                    let ahead = ahead.load(Ordering::SeqCst);
                    let is_good = (ahead - 5..ahead + 120).contains(&end("json", &request));
                    kept.lock().unwrap().push(request);
                    let told = answer("json", is_good, &date(ahead));
                    let told = String::from_utf8(told).unwrap();
                    let told = told.replace("Connection: close\r\n", "");
                    let _ = tls.write_all(told.as_bytes());
                }
            });
        }
    });
    (url, certificate, received)
}

#[test]
fn a_day_is_learned_over_tls_and_no_more() {
    let ahead = Arc::new(AtomicI64::new(DAY - 60));
    let (url, certificate, received) = in_tls(ahead.clone());
    let open = || {
        let options = json!({"retries": 0, "tls_ca": certificate.path()});
        Client::open_with(&url, options)
    };
    let client = open();
    ok(client.stat_file("f"));
    ok(client.stat_file("f"));
    assert_eq!(received.lock().unwrap().len(), 3);
    // The service's clock is set: learned anew, by the same client.
    for there in [-3600, 60 - DAY] {
        ahead.store(there, Ordering::SeqCst);
        ok(client.stat_file("f"));
        ok(client.stat_file("f"));
    }
    for there in [DAY + 60, -DAY - 60, 400 * DAY] {
        ahead.store(there, Ordering::SeqCst);
        let reply = open().stat_file("f");
        assert_eq!(code(&reply), -96, "{reply}");
        assert!(message(&reply).contains("more than 24 hours"), "{reply}");
    }
    let longest = received
        .lock()
        .unwrap()
        .iter()
        .map(|r| end("json", r))
        .max();
    assert!(longest.unwrap() <= DAY + 60);
}
