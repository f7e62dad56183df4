//! Limits that fire: speed in both directions, tries that bring nothing, pauses for a service that has
//! too much to do, look-ups of names, and what the system refuses.

#![allow(unsafe_code)] // system calls

mod common;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::again;
use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok};
use common::listener::{Listener, http, read_head, read_request};
use common::objects::{Get, Place, serving_known};
use common::{TempDir, noise};
use serde_json::{Value, json};

const GOOD: &str = r#"{"code":0,"message":"SUCCESS","data":{}}"#;

/// Writes bytes one by one, until the client hangs up.
fn drip(stream: &mut TcpStream, byte: u8, every: Duration) {
    while stream.write_all(&[byte]).is_ok() {
        thread::sleep(every);
    }
}

/// A second of `io_timeout_ms`, and a service that gives two bytes in it.
#[test]
fn a_dripping_download_is_too_slow() {
    let content = noise(1 << 20, 1);
    let stat = json!({"code": 0, "message": "SUCCESS", "data":
        {"filesize": content.len(), "filelen": content.len()}})
    .to_string();
    let service = Listener::with_connections(move |stream, received| {
        while let Some(request) = read_request(stream) {
            received.lock().unwrap().push(request.clone());
            if request.line.starts_with("GET /files/v1/") {
                let _ = stream.write_all(&http(200, &stat));
                return;
            }
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n";
            let _ = stream.write_all(head.as_bytes());
            drip(stream, b'x', Duration::from_millis(500));
        }
    });
    let place = Place::new();
    let options = json!({"io_timeout_ms": 1000, "retries": 1});
    let client = Client::open_with(&service.url, options);
    let begun = Instant::now();
    let reply = client.download_reporting("a", &place.file, &mut |_, _| 0);
    assert_eq!((code(&reply), kind(&reply)), (-2, "timeout"), "{reply}");
    assert!(message(&reply).contains("too slowly"), "{reply}");
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    place.is_untouched();
}

/// A reply that drips is too slow, too, and the message says so.
#[test]
fn a_dripping_reply_is_too_slow() {
    for api in APIS {
        let service = Listener::with_connections(|stream, _| {
            if read_head(stream).is_some() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                drip(stream, b' ', Duration::from_millis(300));
            }
        });
        let options = json!({"io_timeout_ms": 1000, "retries": 0});
        let client = Client::speaking(api, &service.url, options);
        let begun = Instant::now();
        let reply = client.list("d", 0, "eListBoth", 0, "");
        assert_eq!((code(&reply), kind(&reply)), (-2, "timeout"), "{reply}");
        assert!(message(&reply).contains("too slowly"), "{reply}");
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?}",
            begun.elapsed()
        );
    }
}

/// Reads the request by the byte.
#[test]
fn a_service_that_reads_too_slowly_is_given_up() {
    let service = Listener::with_connections(|stream, _| {
        while stream.read_exact(&mut [0; 1]).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let files = TempDir::new();
    let file = files.join("large");
    let opened = std::fs::File::create(&file).unwrap();
    opened.set_len(1 << 30).unwrap();
    let options = json!({"io_timeout_ms": 1000, "retries": 0, "parallel": 1});
    let client = Client::speaking("xml", &service.url, options);
    let begun = Instant::now();
    let reply = client.upload_buffer(&noise(19 << 20, 2), "a", "");
    assert_eq!((code(&reply), kind(&reply)), (-2, "timeout"), "{reply}");
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

/// Blanks come for as long as the service works, slower than anything else may be.
#[test]
fn blanks_of_a_working_service_are_not_too_slow() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"io_timeout_ms": 1000}));
    let files = TempDir::new();
    let file = files.file("f", &noise(9 << 20, 3));
    let slow = json!({"spaces": 15, "every_ms": 200});
    emulator.set_faults(&json!([
        {"match": {"op": "complete"}, "fault": {"slow_complete": slow}},
        {"match": {"op": "copy_object"}, "fault": {"slow_complete": slow}},
    ]));
    ok(client.upload_reporting(&file, "f", &mut |_, _| 0));
    ok(client.copy_file("f", "g", 0));
    assert_eq!(emulator.end_faults(), 2);
}

/// A byte for each connection is no progress.
#[test]
fn a_byte_a_connection_costs_tries() {
    let size = 1 << 20;
    let stat =
        json!({"code": 0, "message": "SUCCESS", "data": {"filesize": size, "filelen": size}});
    let service = serving_known(stat.to_string(), move |get: &Get| {
        let (first, last) = get.range.unwrap_or((0, size - 1));
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\nETag: \"1\"\r\nContent-Length: {}\r\n\
             Content-Range: bytes {first}-{last}/{size}\r\n\r\nx",
            last + 1 - first
        );
        head.replace(
            "206 Partial Content",
            if get.range.is_some() {
                "206 P"
            } else {
                "200 OK"
            },
        )
        .into_bytes()
    });
    let place = Place::new();
    let client = Client::open_with(&service.url, json!({"retries": 3}));
    let reply = client.download_reporting("a", &place.file, &mut |_, _| 0);
    assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
    let gets = service.received().len() - 1;
    assert_eq!(gets, 4, "first and three more tries");
}

/// "Slow down" is waited out: half a second at least, then twice as long.
#[test]
fn a_throttling_service_is_left_alone_for_a_while() {
    for (api, body) in [
        ("json", r#"{"code":-71,"message":"too frequent"}"#),
        ("xml", "<Error><Code>SlowDown</Code></Error>"),
        ("xml", ""),
    ] {
        let (sender, times) = mpsc::channel();
        let sender = std::sync::Mutex::new(sender);
        let service = Listener::answering(move |_, _| {
            sender.lock().unwrap().send(Instant::now()).unwrap();
            http(503, body)
        });
        let client = Client::speaking(api, &service.url, json!({"retries": 2}));
        assert_ne!(code(&client.list("d", 0, "eListBoth", 0, "")), 0);
        let times: Vec<Instant> = times.try_iter().collect();
        assert_eq!(times.len(), 3, "{api}");
        for (number, pair) in times.windows(2).enumerate() {
            let least = Duration::from_millis(500 << number);
            assert!(pair[1] - pair[0] >= least, "{api}: {:?}", pair[1] - pair[0]);
        }
    }
}

/// This program again, for an ignored test below, in a world of its own.
fn in_own_world(test: &str, resolv_conf: &str, environment: &[(&str, &str)]) {
    let files = TempDir::new();
    let resolv = files.file("resolv.conf", resolv_conf.as_bytes());
    let mut command = again::with_resolver(&resolv);
    again::ignored_test(command.envs(environment.iter().copied()), test);
}

/// Answers every question with 127.0.0.1, or with nothing for other types; tells of each name.
fn name_server(address: Ipv4Addr) -> mpsc::Receiver<String> {
    let socket = UdpSocket::bind((address, 53)).expect("port 53, as root");
    let (told, names) = mpsc::channel();
    thread::spawn(move || {
        let mut packet = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            let question = &packet[12..length];
            let end = question.iter().position(|b| *b == 0).unwrap() + 5;
            let is_a = question[end - 3] == 1;
            let _ = told.send(format!("{}", u8::from(is_a)));
            let mut answer = packet[..12 + end].to_vec();
            answer[2..4].copy_from_slice(&[0x81, 0x80]);
            answer[7] = u8::from(is_a);
            answer[8..12].fill(0);
            if is_a {
                answer.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]);
            }
            let _ = socket.send_to(&answer, from);
        }
    });
    names
}

/// A name is looked up when a connection is made, not for each request; and not for each connection
/// as long as the addresses serve.
#[test]
fn addresses_are_remembered_while_they_serve() {
    let address = common::own_address();
    let names = name_server(address);
    let service = Listener::replying(GOOD);
    in_own_world(
        "twenty_connections",
        &format!("nameserver {address}\n"),
        &[("SERVICE", service.url.rsplit(':').next().unwrap())],
    );
    assert_eq!(service.connections(), 20);
    let questions = names.try_iter().filter(|kind| kind == "1").count();
    assert_eq!(questions, 1);
}

#[test]
#[ignore = "run by the test above, with a name server of its own"]
fn twenty_connections() {
    let port = std::env::var("SERVICE").unwrap();
    let client = Client::open(&format!("http://service.test:{port}"));
    for _ in 0..20 {
        ok(client.stat_file("a"));
    }
}

/// The threads of a call block every signal that can be blocked.
#[test]
fn threads_of_the_library_run_no_handlers_of_the_host() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let file = files.file("f", &noise(9 << 20, 5));
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 3}));
        let mut seen = 0;
        ok(client.upload_reporting(&file, api, &mut |_, _| {
            for task in std::fs::read_dir("/proc/self/task").unwrap() {
                let status = task.unwrap().path().join("status");
                // Gone in the meantime, perhaps.
                let status = std::fs::read_to_string(status).unwrap_or_default();
                if !status.starts_with("Name:\tqcos-") {
                    continue;
                }
                seen += 1;
                let blocked = status
                    .lines()
                    .find_map(|l| l.strip_prefix("SigBlk:\t"))
                    .unwrap();
                let blocked = u64::from_str_radix(blocked, 16).unwrap();
                // KILL and STOP cannot be blocked, 32 and 33 are the C library's.
                let all = !(1 << 8 | 1 << 18 | 1 << 31 | 1 << 32);
                assert_eq!(blocked | !all, u64::MAX, "{status}");
            }
            0
        }));
        assert!(seen > 0, "{api}");
    }
}

/// No thread to be had is a failure of its own kind, wherever one was wanted.
#[test]
fn no_thread_is_a_failure_of_the_system() {
    let emulator = Emulator::start();
    let url = emulator.url.clone();
    in_own_world(
        "without_threads",
        "nameserver 127.0.0.1\n",
        &[("SERVICE", &url)],
    );
}

#[test]
#[ignore = "run by the test above; it becomes a user who may start no thread"]
fn without_threads() {
    let service = std::env::var("SERVICE").unwrap();
    let files = TempDir::new();
    let (small, large) = (files.file("s", b"s"), files.file("l", &noise(9 << 20, 6)));
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: plain numbers. The limit is not for root.
    let became =
        unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &raw const none) + libc::setuid(65534) };
    assert_eq!(became, 0);
    let refused = |reply: Value| {
        assert_eq!((code(&reply), kind(&reply)), (-8, "system"), "{reply}");
        assert!(message(&reply).contains("no thread"), "{reply}");
    };
    for api in APIS {
        let client = Client::speaking(api, &service, json!({}));
        refused(client.upload_reporting(&small, "s", &mut |_, _| 0));
        // Without a callback: the parts, and the hashing before them.
        refused(client.upload_with(&large, "l", &json!({})));
        ok(client.upload_buffer(b"b", api, ""));
        let named = Client::speaking(api, "http://service.test:1", json!({"retries": 0}));
        refused(named.stat_file("a"));
    }
}

/// Nor is memory that the system does not give the end of the program.
#[test]
fn no_memory_is_a_failure_of_the_system() {
    let emulator = Emulator::start();
    let mut command = Command::new(std::env::current_exe().unwrap());
    again::ignored_test(command.env("SERVICE", &emulator.url), "without_memory");
    assert_eq!(emulator.count("upload_part"), 0);
}

#[test]
#[ignore = "run by the test above; it gets no more than 4 GiB of addresses"]
fn without_memory() {
    let service = std::env::var("SERVICE").unwrap();
    let few = libc::rlimit {
        rlim_cur: 4 << 30,
        rlim_max: 4 << 30,
    };
    // SAFETY: plain numbers.
    assert_eq!(
        unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const few) },
        0
    );
    let client = Client::speaking("xml", &service, json!({"slice_size": 5_u64 << 30}));
    let reply = client.upload_streamed("f", &json!({}), &noise(9 << 20, 7));
    assert_eq!((code(&reply), kind(&reply)), (-8, "system"), "{reply}");
    assert!(message(&reply).contains("no memory"), "{reply}");
    ok(client.upload_buffer(b"b", "b", ""));
}
