//! `"parallel":"auto"`: how many requests transfers have in flight finds itself, and is shared by a client's handles.

mod common;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok};
use common::listener::{Listener, read_request};
use common::relay::forwarded;
use common::{TempDir, noise};
use serde_json::{Value, json};

const REPLACE: &str = r#"{"overwrite":true}"#;

fn auto(api: &str, url: &str) -> Client {
    Client::speaking(api, url, json!({"parallel": "auto"}))
}

/// A folder of so many small files, none like another.
fn planted(folders: &TempDir, name: &str, files: usize) -> PathBuf {
    let root = folders.join(name);
    std::fs::create_dir_all(&root).unwrap();
    for file in 0..files {
        std::fs::write(root.join(format!("f{file}")), noise(100, file as u64 + 1)).unwrap();
    }
    root
}

fn write_op(api: &str) -> &'static str {
    if api == "xml" { "put_object" } else { "upload" }
}

/// The most requests of the log that were handled at once.
fn most_at_once(emulator: &Emulator) -> u64 {
    let requests = emulator.requests();
    let at_once = requests.iter().filter_map(|r| r["in_flight"].as_u64());
    at_once.max().unwrap()
}

/// Waits until so many writes have arrived, of which none is answered.
fn until_held(emulator: &Emulator, op: &str, count: usize) {
    let begun = Instant::now();
    while emulator.count(op) < count {
        assert!(begun.elapsed() < Duration::from_secs(60), "{count}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn it_grows_where_more_at_once_brings_more() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let (root, few) = (planted(&folders, "many", 300), planted(&folders, "few", 30));
        // A long way: each answer takes its time, however many are asked for.
        emulator.set_faults(&json!([{"fault": {"delay_ms": 100}}]));
        let client = auto(api, &emulator.url);
        let sent = ok(client.upload_tree(&root, "t", REPLACE, &mut |_, _| 0));
        assert_eq!(sent["data"]["uploaded"], 300, "{sent}");
        let most = most_at_once(&emulator);
        // One more than requests may be counted while a connection changes hands.
        assert!((16..=65).contains(&most), "{api}: {most}");

        let fixed = Client::speaking(api, &emulator.url, json!({"parallel": 3}));
        emulator.set_faults(&json!([]));
        emulator.forget_requests();
        ok(fixed.upload_tree(&few, "u", REPLACE, &mut |_, _| 0));
        let most = most_at_once(&emulator);
        assert!(most <= 3, "{api}: {most}");
    }
}

/// Memory holds as much of a stream far away as nearby: more requests at once are smaller ones.
#[test]
fn a_stream_far_away_has_more_and_smaller_parts() {
    const SIZE: usize = 160 << 20;
    let content = noise(SIZE, 7);
    let emulator = Emulator::start();
    let near = Client::speaking("xml", &emulator.url, json!({"parallel": 8}));
    let far = auto("xml", &emulator.url);
    for (client, delay, parts, ranges) in
        [(&near, 0, 20..=20, 40..=40), (&far, 100, 24..=80, 44..=80)]
    {
        emulator.forget_requests();
        emulator.set_faults(&json!([{"fault": {"delay_ms": delay}}]));
        ok(client.upload_streamed("f", &json!({"overwrite": true}), &content));
        let sent = emulator.count("upload_part");
        assert!(parts.contains(&sent), "{delay} ms: {sent} parts");
        let mut arrived = Vec::with_capacity(SIZE);
        ok(client.download_stream("f", &json!({}), &mut |bytes| {
            arrived.extend_from_slice(bytes);
            0
        }));
        assert!(arrived == content, "{delay} ms");
        let asked = emulator.count("get_object");
        assert!(ranges.contains(&asked), "{delay} ms: {asked} ranges");
    }
}

#[test]
fn files_of_a_folder_are_deleted_side_by_side() {
    let (emulator, folders) = (Emulator::start(), TempDir::new());
    let root = planted(&folders, "many", 20);
    for (parallel, expected) in [
        (json!("auto"), 4..=64),
        (json!(3), 2..=3),
        (json!(1), 1..=1),
    ] {
        let client = Client::speaking("json", &emulator.url, json!({"parallel": parallel}));
        ok(client.upload_tree(&root, "t", REPLACE, &mut |_, _| 0));
        emulator.set_faults(&json!([{"match": {"op": "delete"}, "fault": {"delay_ms": 100}}]));
        emulator.forget_requests();
        let gone = ok(client.delete_tree("t"));
        assert_eq!(gone["data"]["deleted"], 21, "{gone}");
        let most = most_at_once(&emulator);
        assert!(expected.contains(&most), "{parallel}: {most}");
        emulator.set_faults(&json!([]));
    }
}

/// Names of all that is listed, in the order in which it comes.
fn listed(client: &Client) -> Vec<String> {
    let mut names = Vec::new();
    ok(client.list_all("t", 1, &mut |page| {
        let infos = page["infos"].as_array().unwrap().iter();
        names.extend(infos.map(|info| info["name"].as_str().unwrap().to_owned()));
        0
    }));
    names
}

#[test]
fn folders_are_listed_side_by_side_in_the_order_of_one_by_one() {
    let (emulator, folders) = (Emulator::start(), TempDir::new());
    let root = folders.join("tree");
    for folder in 0..10 {
        for inner in ["", "a", "b"] {
            let inner = root.join(format!("d{folder:02}/{inner}"));
            std::fs::create_dir_all(&inner).unwrap();
            std::fs::write(inner.join("file"), noise(10, folder + 1)).unwrap();
        }
    }
    let client = Client::speaking("json", &emulator.url, json!({"parallel": 1}));
    ok(client.upload_tree(&root, "t", "{}", &mut |_, _| 0));
    // More than a page in one of them.
    for number in 0..210 {
        let name = format!("t/d07/a/{number}");
        ok(Client::speaking("xml", &emulator.url, json!({})).upload_buffer(b"x", &name, ""));
    }
    let one_by_one = listed(&client);
    assert_eq!(one_by_one.len(), 10 + 3 * 10 + 2 * 10 + 210);
    let slow = json!([{"match": {"op": "list"}, "fault": {"delay_ms": 100}}]);
    emulator.set_faults(&slow);
    for (parallel, expected) in [
        (json!("auto"), 4..=64),
        (json!(5), 3..=5),
        (json!(1), 1..=1),
    ] {
        let client = Client::speaking("json", &emulator.url, json!({"parallel": parallel}));
        let lists = |what: &str, make: &dyn Fn()| {
            emulator.forget_requests();
            make();
            let most = most_at_once(&emulator);
            assert!(expected.contains(&most), "{parallel}, {what}: {most}");
            emulator.count("list")
        };
        let all = lists("list", &|| assert_eq!(listed(&client), one_by_one));
        assert_eq!(all, 1 + 10 + 2 * 10 + 1, "{parallel}");
        let up = lists("up", &|| {
            ok(client.upload_tree(&root, "t", "{}", &mut |_, _| 0));
        });
        assert_eq!(up, all, "{parallel}");
        let dry = r#"{"dry_run":true}"#;
        let copy = folders.join("copy");
        let down = lists("down", &|| {
            ok(client.download_tree("t", &copy, dry, &mut |_, _| 0));
        });
        assert_eq!(down, all, "{parallel}");
    }
}

#[test]
fn lists_of_many_folders_can_be_cancelled() {
    let (emulator, folders) = (Emulator::start(), TempDir::new());
    let root = folders.join("tree");
    for folder in 0..20 {
        std::fs::create_dir_all(root.join(format!("d{folder}"))).unwrap();
        std::fs::write(root.join(format!("d{folder}/file")), b"x").unwrap();
    }
    let client = Client::speaking("json", &emulator.url, json!({"parallel": 4}));
    ok(client.upload_tree(&root, "t", "{}", &mut |_, _| 0));
    emulator.forget_requests();
    // The folder itself, then one, two and four in it; of the next eight as many at once as are allowed.
    let silence =
        json!([{"match": {"op": "list", "from": 8}, "fault": {"stall": "before_answer"}}]);
    emulator.set_faults(&silence);
    thread::scope(|scope| {
        let listing = scope.spawn(|| client.list_all("t", 1, &mut |_| 0));
        until_held(&emulator, "list", 8 + 4);
        client.cancel();
        let reply = listing.join().unwrap();
        assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
    });
}

/// A service that refuses more than ten requests at once, in front of the emulator.
#[test]
fn a_service_that_takes_ten_at_once_refuses_few() {
    const TAKES: usize = 10;
    let (emulator, folders) = (Emulator::start(), TempDir::new());
    let root = planted(&folders, "many", 800);
    let address = emulator.url.trim_start_matches("http://").to_owned();
    let [at_once, asked, refused] = [(); 3].map(|()| Arc::new(AtomicUsize::new(0)));
    let counts = (at_once, asked.clone(), refused.clone());
    let busy = Listener::with_connections(move |stream, _| {
        use std::io::Write;
        let (at_once, asked, refused) = &counts;
        let Some(request) = read_request(stream) else {
            return;
        };
        asked.fetch_add(1, Ordering::SeqCst);
        let is_too_many = at_once.fetch_add(1, Ordering::SeqCst) >= TAKES;
        thread::sleep(Duration::from_millis(40));
        let answer = match is_too_many {
            true => {
                refused.fetch_add(1, Ordering::SeqCst);
                b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
            }
            false => forwarded(&address, &request),
        };
        at_once.fetch_sub(1, Ordering::SeqCst);
        let _ = stream.write_all(&answer);
    });
    let client = auto("xml", &busy.url);
    let sent = ok(client.upload_tree(&root, "t", REPLACE, &mut |_, _| 0));
    assert_eq!(sent["data"]["uploaded"], 800, "{sent}");
    let [asked, refused] = [asked, refused].map(|count| count.load(Ordering::SeqCst));
    println!("{refused} of {asked} requests were refused");
    // The first leap has found out; it is counted in.
    assert!(
        refused > 0 && refused * 20 <= asked,
        "{refused} of {asked} requests were refused"
    );
}

/// What waits for a permit is one request of a derived client and seven of another: they share eight.
#[test]
fn who_waits_for_others_of_the_client_can_be_cancelled_and_has_one() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let (first, second) = (planted(&folders, "a", 20), planted(&folders, "b", 5));
        let client = auto(api, &emulator.url);
        let op = write_op(api);
        let silence = json!([{"match": {"op": op}, "fault": {"stall": "before_answer"}}]);
        emulator.set_faults(&silence);
        let [holds, cancelled] = [(); 2].map(|()| client.with(&json!({"retries": 0})));
        let reports = AtomicUsize::new(0);
        thread::scope(|scope| {
            let other = &holds;
            let held = scope.spawn(move || other.upload_tree(&first, "a", REPLACE, &mut |_, _| 0));
            until_held(&emulator, op, 8);

            let (waiting, second) = (&cancelled, &second);
            let reports = &reports;
            let waits = scope.spawn(move || {
                let report = &mut |_, _| {
                    reports.fetch_add(1, Ordering::Relaxed);
                    0
                };
                waiting.upload_tree(second, "b", REPLACE, report)
            });
            // A transfer that has none gets one, whatever the others hold; and no more than that.
            until_held(&emulator, op, 9);
            let seen = reports.load(Ordering::Relaxed);
            while reports.load(Ordering::Relaxed) < seen + 3 {
                thread::sleep(Duration::from_millis(10));
            }
            assert_eq!(emulator.count(op), 9, "{api}");
            let asked = Instant::now();
            cancelled.cancel();
            let reply = waits.join().unwrap();
            let took = asked.elapsed();
            assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
            assert!(took < Duration::from_millis(500), "{api}: {took:?}");

            let hurried = client.with(&json!({"timeout_ms": 700}));
            let asked = Instant::now();
            let reply = hurried.upload_tree(second, "c", REPLACE, &mut |_, _| 0);
            let took = asked.elapsed();
            assert_eq!((code(&reply), kind(&reply)), (-2, "timeout"), "{reply}");
            assert!(took < Duration::from_millis(1700), "{api}: {took:?}");

            holds.cancel();
            let reply: Value = held.join().unwrap();
            assert_eq!(code(&reply), -5, "{reply}");
        });
    }
}

#[test]
fn what_is_no_number_is_refused_by_name() {
    let emulator = Emulator::start();
    let client = auto("json", &emulator.url);
    for wrong in [
        json!(0),
        json!(33),
        json!(65),
        json!(-1),
        json!(1.5),
        json!("fast"),
        json!("Auto"),
        json!("8"),
        json!(null),
        json!(true),
        json!([8]),
    ] {
        let options = json!({"parallel": wrong}).to_string();
        let (reply, derived) = client.try_with(Some(&options));
        assert_eq!((code(&reply), derived), (-3, 0), "{reply}");
        let why = r#"options_json: parallel: must be "auto" or a whole number from 1 to 32"#;
        assert!(message(&reply).contains(why), "{reply}");
    }
}
