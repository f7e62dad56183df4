//! Downloads, moves and signed URLs: the good cases against the emulator, and services that break
//! off, forget, lie or change their mind. What is in the file afterwards is right, or untouched.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::emulator::Emulator;
use common::library::{Client, code, kind, message, ok};
use common::listener::{Listener, http};
use common::objects::{Get, cut, honest, part, serving, serving_known, whole, with_head};
use common::{TempDir, noise, sha1_hex};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;
const OLD: &[u8] = b"what was there before";

/// A folder with a file that a download is to replace.
struct Place {
    folder: TempDir,
    file: PathBuf,
}

impl Place {
    fn new() -> Place {
        let folder = TempDir::new();
        let file = folder.file("target", OLD);
        Place { folder, file }
    }

    fn content(&self) -> Vec<u8> {
        fs::read(&self.file).unwrap()
    }

    /// The old file as it was, and nothing beside it.
    #[track_caller]
    fn is_untouched(&self) {
        assert_eq!(self.content(), OLD);
        let names: Vec<_> = fs::read_dir(self.folder.join("")).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }
}

fn impatient(url: &str) -> Client {
    Client::open_with(url, json!({"retries": 1, "io_timeout_ms": 2000}))
}

#[test]
fn objects_of_every_size_arrive_whole() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let sizes = [
        0,
        1,
        8 * MIB - 1,
        8 * MIB,
        8 * MIB + 1,
        16 * MIB,
        19 * MIB + 7,
    ];
    for (number, size) in sizes.into_iter().enumerate() {
        let content = noise(size, number as u64);
        let path = format!("dir/{size}");
        ok(client.upload_slice(
            &files.file("up", &content),
            &path,
            3 << 20,
            "",
            &mut |_, _| 0,
        ));
        let here = std::thread::current().id();
        let mut seen = Vec::new();
        let down = files.join("down");
        let reply = client.download_reporting(&path, &down, &mut |done, total| {
            assert_eq!(std::thread::current().id(), here);
            seen.push((done as usize, total as usize));
            0
        });
        let data = &ok(reply)["data"];
        assert_eq!(data, &json!({"filesize": size, "sha": sha1_hex(&content)}));
        assert!(fs::read(&down).unwrap() == content, "{size}");
        assert_eq!(seen[0], (0, size));
        assert_eq!(seen.last(), Some(&(size, size)));
        assert_eq!(seen.iter().filter(|s| s.0 == size).count(), 1, "{seen:?}");
        assert!(seen.windows(2).all(|w| w[0].0 <= w[1].0), "{seen:?}");
    }
}

#[test]
fn paths_of_any_letters_are_found() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let paths = [
        "目录/图 片.jpg",
        "a b/c d",
        "100%/x",
        "%2F",
        "1+1=2",
        "a&b#c",
        "~tilde_-.",
        "it's (ok)!",
    ];
    for path in paths {
        ok(client.upload_buffer(path.as_bytes(), path, ""));
        let down = files.join("down");
        ok(client.download(path, &down));
        assert_eq!(fs::read(&down).unwrap(), path.as_bytes());
        let url = ok(client.download_url(path, 60))["data"]["url"].clone();
        assert_eq!(curl(url.as_str().unwrap()), (200, path.as_bytes().to_vec()));
    }
}

/// Status and body of a GET by a client that knows nothing of this library.
fn curl(url: &str) -> (u16, Vec<u8>) {
    let output = Command::new("curl")
        .args(["--silent", "--write-out", "%{http_code}", url])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let (body, status) = output.stdout.split_at(output.stdout.len() - 3);
    let status = std::str::from_utf8(status).unwrap().parse().unwrap();
    (status, body.to_vec())
}

#[test]
fn a_url_opens_one_file_and_no_other() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = Client::open(&emulator.url);
    ok(client.upload_buffer(b"secret", "a", ""));
    ok(client.upload_buffer(b"secret", "b", ""));
    let url = ok(client.download_url("a", 7_776_000))["data"]["url"].clone();
    let url = url.as_str().unwrap();
    assert_eq!(curl(url), (200, b"secret".to_vec()));
    assert_eq!(curl(&url.replace("/a?", "/b?")).0, 403);
    assert_eq!(curl(url.split('?').next().unwrap()).0, 403);
    for (path, expires_s, name) in [
        ("a", 0, "expires_s: "),
        ("a", -1, "expires_s: "),
        ("a", 7_776_001, "expires_s: "),
        ("", 60, "path: "),
        ("../a", 60, "path: "),
    ] {
        let reply = client.download_url(path, expires_s);
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).starts_with(name), "{reply}");
    }
}

#[test]
fn objects_are_fetched_where_the_options_say() {
    let url = |options: Value| {
        let endpoint = options["endpoint"].as_str().unwrap_or_default().to_owned();
        let client = Client::open_with(&endpoint, options);
        let reply = ok(client.download_url("a b", 60));
        let url = reply["data"]["url"].as_str().unwrap().to_owned();
        url.split_once("?sign=").unwrap().0.to_owned()
    };
    let service = "https://web.file.myqcloud.com/files/v1/";
    for (options, expected) in [
        (
            json!({"endpoint": service}),
            "https://testbucket-10000001.file.myqcloud.com/a%20b",
        ),
        (
            json!({"endpoint": "http://h:1/x/"}),
            "http://h:1/testbucket-10000001/a%20b",
        ),
        (
            json!({"endpoint": "https://[::1]/"}),
            "https://[::1]/testbucket-10000001/a%20b",
        ),
        (
            json!({"endpoint": service, "download_endpoint": "http://cdn/x"}),
            "http://cdn/x/testbucket-10000001/a%20b",
        ),
    ] {
        assert_eq!(url(options.clone()), expected, "{options}");
    }
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

#[test]
fn a_callback_cancels_at_any_point_and_nothing_is_left() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let client = Client::open_with(&emulator.url, json!({"parallel": 2}));
    for (size, reports) in [(1000, 1), (17 * MIB, 4)] {
        ok(client.upload(&files.file("up", &noise(size, 10)), "f"));
        for stop in 0..reports {
            let place = Place::new();
            let mut calls = 0;
            let reply = client.download_reporting("f", &place.file, &mut |done, _| {
                assert!((done as usize) < size);
                calls += 1;
                if calls > stop { -7 } else { 0 }
            });
            assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
            assert_eq!(calls, stop + 1);
            place.is_untouched();
        }
        ok(client.delete_file("f"));
    }
}

#[test]
fn a_download_that_stalls_can_be_cancelled() {
    let content = noise(9 * MIB, 11);
    let size = content.len();
    // Every range begins and never goes on.
    let listener = Listener::with_connections(move |stream, received| {
        use std::io::{Read, Write};
        let Some(request) = common::listener::read_request(stream) else {
            return;
        };
        received.lock().unwrap().push(request.clone());
        if request.line.contains("op=stat") {
            let stat = json!({"code": 0, "data": {"filesize": size}});
            let _ = stream.write_all(&http(200, &stat.to_string()));
            return;
        }
        let get = Get {
            number: 0,
            range: request.header("range").strip_prefix("bytes=").map(|r| {
                let (first, last) = r.split_once('-').unwrap();
                (first.parse().unwrap(), last.parse().unwrap())
            }),
            received: request,
        };
        let _ = stream.write_all(&cut(honest(&content, &get), 1000));
        let _ = stream.read(&mut [0]);
    });
    let place = Place::new();
    let client = Client::open_with(&listener.url, json!({"io_timeout_ms": 60_000}));
    let begun = std::time::Instant::now();
    // 3000 bytes have moved: all three ranges hang.
    let reply = client.download_reporting("f", &place.file, &mut |done, _| i32::from(done == 3000));
    assert_eq!(code(&reply), -5, "{reply}");
    assert!(begun.elapsed().as_secs() < 20);
    place.is_untouched();
}

#[test]
fn large_objects_are_fetched_side_by_side() {
    let content = noise(17 * MIB, 12);
    let object = content.clone();
    let gate = Arc::new((Mutex::new(0), std::sync::Condvar::new()));
    let met = Arc::new(AtomicBool::new(false));
    let seen = met.clone();
    // Nobody gets an answer before four have asked.
    let listener = serving(&content, move |get| {
        let (count, all_there) = &*gate;
        let mut count = count.lock().unwrap();
        *count += 1;
        all_there.notify_all();
        let limit = std::time::Duration::from_secs(20);
        let waited = all_there.wait_timeout_while(count, limit, |count| *count < 4);
        seen.fetch_or(!waited.unwrap().1.timed_out(), Ordering::Relaxed);
        honest(&object, get)
    });
    let place = Place::new();
    ok(Client::open(&listener.url).download("f", &place.file));
    assert!(place.content() == content);
    assert!(met.load(Ordering::Relaxed));
    assert_eq!(listener.received().len(), 1 + 5);
}

#[test]
fn nothing_is_left_running_or_open() {
    let count = |what: &str| {
        fs::read_dir(Path::new("/proc/self").join(what))
            .unwrap()
            .count()
    };
    // In a process of its own: other tests have threads and files too.
    let test = "nothing_is_left_running_or_open";
    if std::env::var_os("QCOS_ALONE").is_none() {
        let status = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--test-threads=1"])
            .env("QCOS_ALONE", "1")
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    let emulator = Emulator::start();
    let files = TempDir::new();
    let open = || Client::open_with(&emulator.url, json!({"parallel": 8}));
    ok(open().upload(&files.file("up", &noise(20 * MIB, 13)), "f"));
    let place = Place::new();
    let run = || {
        let client = open();
        ok(client.download("f", &place.file));
        assert_eq!(
            code(&client.download_reporting("f", &place.file, &mut |_, _| 1)),
            -5
        );
        let mut calls = 0;
        let cancelled = client.download_reporting("f", &place.file, &mut |_, _| {
            calls += 1;
            i32::from(calls == 3)
        });
        assert_eq!(code(&cancelled), -5);
        assert_ne!(code(&client.download("missing", &place.file)), 0);
        // Read while the client and its idle connections are still there.
        count("task")
    };
    run();
    let (tasks, fds) = (count("task"), count("fd"));
    assert_eq!(run(), tasks);
    assert_eq!((count("task"), count("fd")), (tasks, fds));
}

#[test]
fn files_are_moved() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let content = |path: &str| {
        let files = TempDir::new();
        let reply = client.download(path, &files.join("f"));
        (code(&reply) == 0).then(|| fs::read(files.join("f")).unwrap())
    };
    ok(client.upload_buffer(b"one", "dir/一 1", "attribute"));
    let reply = ok(client.move_file("dir/一 1", "/other/二 %2F+", 0));
    assert_eq!(reply["data"], json!({}));
    assert_eq!(content("dir/一 1"), None);
    assert_eq!(content("other/二 %2F+").unwrap(), b"one");
    let stat = ok(client.stat_file("other/二 %2F+"));
    assert_eq!(stat["data"]["biz_attr"], "attribute");

    ok(client.upload_buffer(b"two", "two", ""));
    let kept = client.move_file("two", "other/二 %2F+", 0);
    assert!([-177, -178].contains(&code(&kept)), "{kept}");
    assert_eq!(content("two").unwrap(), b"two");
    assert_eq!(content("other/二 %2F+").unwrap(), b"one");
    ok(client.move_file("two", "other/二 %2F+", 1));
    assert_eq!(content("other/二 %2F+").unwrap(), b"two");
    assert_eq!(content("two"), None);

    let missing = client.move_file("two", "three", 1);
    assert!([-166, -197].contains(&code(&missing)), "{missing}");
    for (path, dst_path, overwrite, name) in [
        ("a", "b", 2, "overwrite: "),
        ("a", "b", -1, "overwrite: "),
        ("a", "/a/", 0, "dst_path: "),
        ("a", "", 0, "dst_path: "),
        ("a", "b/../c", 0, "dst_path: "),
        ("", "b", 0, "path: "),
    ] {
        for reply in [
            client.move_file(path, dst_path, overwrite),
            client.copy_file(path, dst_path, overwrite),
        ] {
            assert_eq!(code(&reply), -3, "{reply}");
            assert!(message(&reply).starts_with(name), "{reply}");
        }
    }
}

#[test]
fn a_move_whose_answer_was_lost_is_settled_by_asking() {
    for (there, expected) in [(true, 0), (false, -166)] {
        let moves = AtomicUsize::new(0);
        let listener = Listener::answering(move |_, request| {
            if request.line.starts_with("POST") {
                return match moves.fetch_add(1, Ordering::Relaxed) {
                    0 => Vec::new(),
                    _ => http(400, r#"{"code":-166,"message":"gone"}"#),
                };
            }
            assert!(
                request.line.contains("/testbucket/to?op=stat"),
                "{}",
                request.line
            );
            match there {
                true => http(200, r#"{"code":0,"data":{"filesize":1}}"#),
                false => http(400, r#"{"code":-166,"message":"never was"}"#),
            }
        });
        let reply = Client::open(&listener.url).move_file("from", "to", 0);
        assert_eq!(code(&reply), expected, "{reply}");
    }
}

#[test]
fn the_json_api_cannot_copy() {
    let listener = Listener::replying("{}");
    let client = Client::open(&listener.url);
    let reply = client.copy_file("a", "b", 1);
    assert_eq!((code(&reply), kind(&reply)), (-3, "parameter"), "{reply}");
    assert!(message(&reply).contains("XML API"), "{reply}");
    assert_eq!(listener.connections(), 0);
}
