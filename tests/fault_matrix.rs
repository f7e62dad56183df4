//! Every fault of the network that the emulator can play, against every kind of call: no hang, no
//! crash, the right kind of error, in time, nothing left open, and success only for what is so.

mod common;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, ok};
use common::{TempDir, noise, open_files_and_threads, sha1_hex};
use serde_json::{Value, json};

const SLICE: usize = 512 << 10;

/// A fault, the kinds of error that it may end in when it strikes always, and whether a further
/// try helps when it strikes once.
struct Fault {
    name: &'static str,
    rule: Value,
    kinds: &'static [&'static str],
    passes: bool,
}

fn fault(name: &'static str, rule: Value, kinds: &'static [&'static str], passes: bool) -> Fault {
    Fault {
        name,
        rule,
        kinds,
        passes,
    }
}

fn faults() -> Vec<Fault> {
    let page = "<html><body>Bad Gateway</body></html>";
    let cut = &["reset", "bad_reply"];
    vec![
        fault("reset before", json!({"reset": "before"}), &["reset"], true),
        fault("reset after", json!({"reset": "after"}), &["reset"], true),
        fault(
            "closed before",
            json!({"close": "before"}),
            &["reset"],
            true,
        ),
        fault("closed after", json!({"close": "after"}), &["reset"], true),
        fault("cut in the status", json!({"cut": 9}), cut, true),
        fault("cut in the head", json!({"cut": 40}), cut, true),
        fault(
            "cut and reset",
            json!({"cut": 20, "reset": true}),
            cut,
            true,
        ),
        fault(
            "no answer",
            json!({"stall": "before_answer"}),
            &["timeout"],
            true,
        ),
        fault(
            "stops in the head",
            json!({"stall": "head"}),
            &["timeout"],
            true,
        ),
        fault(
            "stops in the body",
            json!({"stall": "body"}),
            &["timeout"],
            true,
        ),
        fault(
            "endless 100 Continue",
            json!({"continue": -1}),
            &["timeout"],
            true,
        ),
        fault(
            "gateway's page",
            json!({"status": 502, "body": page}),
            &["http_status"],
            true,
        ),
        fault(
            "gateway's page after",
            json!({"status": 502, "body": page, "after": true}),
            &["http_status"],
            true,
        ),
        fault(
            "busy",
            json!({"status": 503, "body": "", "headers": {"Retry-After": "0"}}),
            &["http_status"],
            true,
        ),
        fault(
            "too many",
            json!({"status": 429, "body": "slow down"}),
            &["http_status"],
            true,
        ),
        fault(
            "forbidden page",
            json!({"status": 403, "body": page}),
            // An answer to HEAD has no body that could show it.
            &["bad_reply", "http_status", "service"],
            false,
        ),
        fault(
            "redirect",
            json!({"redirect": "http://127.0.0.1:1/"}),
            &["redirect"],
            false,
        ),
        fault("broken chunks", json!({"chunked_garbage": true}), cut, true),
        fault(
            "dribble",
            json!({"dribble": {"bytes": 997, "every_ms": 1}}),
            &[],
            true,
        ),
        fault("delay", json!({"delay_ms": 50}), &[], true),
        fault(
            "closed when idle",
            json!({"keep_alive_close": true}),
            &[],
            true,
        ),
    ]
}

/// A kind of call: what the emulator calls its request, what has to be there, and the call.
struct Call {
    name: &'static str,
    op: &'static str,
    prepare: fn(&Ground, &str) -> Value,
    run: fn(&Ground, &Client, &str, &Value) -> Value,
    /// What must be so after a success.
    check: fn(&Ground, &str),
}

struct Ground {
    emulator: Emulator,
    files: TempDir,
    /// Without faults in its way.
    calm: Client,
    /// The same over the JSON API, which tells the SHA-1 of what is there.
    judge: Client,
}

/// Content of its own for each path: the service would not want the same again.
fn small(path: &str) -> Vec<u8> {
    noise(60_000, seed(path))
}

fn large(path: &str) -> Vec<u8> {
    noise(3 * SLICE + 5, seed(path))
}

fn seed(path: &str) -> u64 {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

impl Ground {
    fn file(&self, content: &[u8]) -> PathBuf {
        self.files.file("f", content)
    }

    fn holds(&self, path: &str, content: &[u8]) {
        let stat = ok(self.judge.stat_file(path));
        let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
        assert_eq!(stat["data"]["filelen"], content.len());
        assert_eq!(sha, sha1_hex(content), "{path} is another object");
    }

    /// A failed call may have left the old object, none, or the new one whole.
    fn is_sound(&self, path: &str) {
        let stat = self.judge.stat_file(path);
        if code(&stat) == 0 && stat["data"]["filelen"] == stat["data"]["filesize"] {
            let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
            let known = [small(path), large(path)].map(|content| sha1_hex(&content));
            assert!(known.contains(&sha), "{path} is a mixture");
        }
    }
}

fn nothing(_: &Ground, _: &str) -> Value {
    Value::Null
}

fn a_small_object(ground: &Ground, path: &str) -> Value {
    ok(ground.calm.upload_buffer(&small(path), path, ""))
}

fn a_session(ground: &Ground, path: &str) -> Value {
    let file = ground.file(&large(path));
    let reply = ground
        .calm
        .upload_slice(&file, path, 0, "", &mut |done, _| i32::from(done > 0));
    assert_eq!(code(&reply), -5);
    reply["data"]["session"].clone()
}

fn calls(api: &str) -> Vec<Call> {
    match api {
        "json" => json_calls(),
        _ => xml_calls(),
    }
}

/// The same calls, and those that take several requests in the XML API: each request is struck.
fn xml_calls() -> Vec<Call> {
    let call = |name, op, prepare, run, check| Call {
        name,
        op,
        prepare,
        run,
        check,
    };
    let upload = |ground: &Ground, client: &Client, path: &str, _: &Value| {
        let file = ground.file(&large(path));
        client.upload_slice(&file, path, 0, "", &mut |_, _| 0)
    };
    let resume = |ground: &Ground, client: &Client, path: &str, session: &Value| {
        let file = ground.file(&large(path));
        client.upload_slice(&file, path, 0, session.as_str().unwrap(), &mut |_, _| 0)
    };
    let delete = |_: &Ground, client: &Client, path: &str, _: &Value| client.delete_file(path);
    let is_gone: fn(&Ground, &str) = |ground, path| {
        assert_eq!(code(&ground.calm.stat_file(path)), -166);
    };
    let is_large: fn(&Ground, &str) = |ground, path| ground.holds(path, &large(path));
    let is_small: fn(&Ground, &str) = |ground, path| ground.holds(path, &small(path));
    let moved: fn(&Ground, &str) = |ground, path| {
        ground.holds(&beside(path), &small(path));
    };
    vec![
        call(
            "stat",
            "head_object",
            a_small_object,
            |_, client, path, _| client.stat_file(path),
            |_, _| {},
        ),
        call(
            "list",
            "list_objects",
            a_small_object,
            |_, client, _, _| client.list("", 0, "eListBoth", 0, ""),
            |_, _| {},
        ),
        call("delete", "delete_object", a_small_object, delete, is_gone),
        call(
            "upload",
            "put_object",
            nothing,
            |_, client, path, _| client.upload_buffer(&small(path), path, ""),
            is_small,
        ),
        call("a part", "upload_part", nothing, upload, is_large),
        call("a beginning", "initiate", nothing, upload, is_large),
        call("an end", "complete", nothing, upload, is_large),
        call("resume", "list_parts", a_session, resume, is_large),
        call(
            "update",
            "copy_object",
            a_small_object,
            |_, client, path, _| client.update_file(path, "new"),
            |ground, path| {
                let stat = ok(ground.calm.stat_file(path));
                assert_eq!(stat["data"]["biz_attr"], "new");
            },
        ),
        call(
            "copy",
            "copy_object",
            a_small_object,
            |_, client, path, _| client.copy_file(path, &beside(path), 0),
            moved,
        ),
        call(
            "move",
            "copy_object",
            a_small_object,
            |_, client, path, _| client.move_file(path, &beside(path), 0),
            moved,
        ),
        call(
            "download",
            "get_object",
            a_small_object,
            |ground, client, path, _| client.download(path, &target(ground)),
            has_arrived,
        ),
        call(
            "download to a callback",
            "get_object",
            a_small_object,
            streamed_down,
            has_arrived,
        ),
        call(
            "download into memory",
            "get_object",
            a_small_object,
            into_memory,
            has_arrived,
        ),
        call("stream", "put_object", nothing, streamed_up, is_small),
    ]
}

fn streamed_up(_: &Ground, client: &Client, path: &str, _: &Value) -> Value {
    client.upload_streamed(path, &json!({}), &small(path))
}

/// What has arrived is kept as a download keeps it.
fn streamed_down(ground: &Ground, client: &Client, path: &str, _: &Value) -> Value {
    let mut bytes = Vec::new();
    let reply = client.download_stream(path, &json!({}), &mut |more| {
        bytes.extend_from_slice(more);
        0
    });
    kept(ground, reply, &bytes)
}

fn into_memory(ground: &Ground, client: &Client, path: &str, _: &Value) -> Value {
    let mut bytes = small(path);
    bytes.fill(0);
    let reply = client.download_buffer(path, 0, &mut bytes, &json!({}));
    kept(ground, reply, &bytes)
}

fn kept(ground: &Ground, reply: Value, bytes: &[u8]) -> Value {
    if code(&reply) == 0 {
        std::fs::write(target(ground), bytes).unwrap();
    }
    reply
}

fn has_arrived(ground: &Ground, path: &str) {
    assert!(std::fs::read(target(ground)).unwrap() == small(path));
    std::fs::remove_file(target(ground)).unwrap();
}

/// Faults of an answer's body do nothing to answers that have none.
fn is_harmless(fault: &Fault, call: &Call) -> bool {
    let empty = ["head_object", "delete_object", "put_object", "upload_part"];
    match fault.name {
        "stops in the body" => empty.contains(&call.op),
        // A status of 204 says that there is no body, whatever comes.
        "broken chunks" => call.op == "delete_object",
        _ => fault.kinds.is_empty(),
    }
}

fn beside(path: &str) -> String {
    format!("beside/{path}")
}

fn json_calls() -> Vec<Call> {
    vec![
        Call {
            name: "stat",
            op: "stat",
            prepare: a_small_object,
            run: |_, client, path, _| client.stat_file(path),
            check: |_, _| {},
        },
        Call {
            name: "list",
            op: "list",
            prepare: a_small_object,
            run: |_, client, _, _| client.list("", 0, "eListBoth", 0, ""),
            check: |_, _| {},
        },
        Call {
            name: "delete",
            op: "delete",
            prepare: a_small_object,
            run: |_, client, path, _| client.delete_file(path),
            check: |ground, path| assert_ne!(code(&ground.calm.stat_file(path)), 0),
        },
        Call {
            name: "upload",
            op: "upload",
            prepare: nothing,
            run: |_, client, path, _| client.upload_buffer(&small(path), path, ""),
            check: |ground, path| ground.holds(path, &small(path)),
        },
        Call {
            name: "sliced upload",
            op: "slice_data",
            prepare: nothing,
            run: |ground, client, path, _| {
                let file = ground.file(&large(path));
                client.upload_slice(&file, path, 0, "", &mut |_, _| 0)
            },
            check: |ground, path| ground.holds(path, &large(path)),
        },
        Call {
            name: "sliced upload's beginning",
            op: "slice_control",
            prepare: nothing,
            run: |ground, client, path, _| {
                let file = ground.file(&large(path));
                client.upload_slice(&file, path, 0, "", &mut |_, _| 0)
            },
            check: |ground, path| ground.holds(path, &large(path)),
        },
        Call {
            name: "resume",
            op: "slice_data",
            prepare: a_session,
            run: |ground, client, path, session| {
                let file = ground.file(&large(path));
                client.upload_slice(&file, path, 0, session.as_str().unwrap(), &mut |_, _| 0)
            },
            check: |ground, path| ground.holds(path, &large(path)),
        },
        Call {
            name: "download",
            op: "download",
            prepare: a_small_object,
            run: |ground, client, path, _| client.download(path, &target(ground)),
            check: has_arrived,
        },
        Call {
            name: "download to a callback",
            op: "download",
            prepare: a_small_object,
            run: streamed_down,
            check: has_arrived,
        },
        Call {
            name: "download into memory",
            op: "download",
            prepare: a_small_object,
            run: into_memory,
            check: has_arrived,
        },
        Call {
            name: "stream",
            op: "upload",
            prepare: nothing,
            run: streamed_up,
            check: |ground, path| ground.holds(path, &small(path)),
        },
    ]
}

fn target(ground: &Ground) -> PathBuf {
    ground.files.join("downloaded")
}

/// A thread that was joined is still listed for a moment.
fn settled(before: (usize, usize)) -> (usize, usize) {
    let end = Instant::now() + Duration::from_secs(2);
    while open_files_and_threads() != before && Instant::now() < end {
        std::thread::yield_now();
    }
    open_files_and_threads()
}

fn is_absent(path: &Path) -> bool {
    !path.exists()
}

#[test]
fn every_fault_against_every_call() {
    // One after the other: descriptors and threads of this process are counted.
    let (_, threads) = open_files_and_threads();
    for api in APIS {
        every_fault_in(api, threads);
    }
}

/// `threads` are those of this process at rest.
fn every_fault_in(api: &str, threads: usize) {
    let emulator = Emulator::start();
    let slice_size = if api == "xml" { 2 * SLICE } else { SLICE };
    let options = json!({"parallel": 1, "slice_size": slice_size});
    let ground = Ground {
        calm: Client::speaking(api, &emulator.url, options),
        judge: Client::speaking("json", &emulator.url, json!({})),
        emulator,
        files: TempDir::new(),
    };
    let options = |io_timeout: Duration, retries: u32| {
        let io_timeout = io_timeout.as_millis() as u64;
        json!({"io_timeout_ms": io_timeout, "retries": retries, "slice_size": slice_size})
    };
    let mut number = 0;
    for fault in faults() {
        // Short only where it is waited for: a busy machine may answer late.
        let stalls = fault.kinds == ["timeout"];
        let io_timeout = Duration::from_millis(if stalls { 250 } else { 2000 });
        for call in calls(api) {
            for (retries, count) in [(0, None), (3, Some(1))] {
                number += 1;
                let path = format!("matrix/{number}");
                let label = format!("{} against {}, {count:?} times", fault.name, call.name);
                let prepared = (call.prepare)(&ground, &path);
                let client =
                    Client::speaking(api, &ground.emulator.url, options(io_timeout, retries));
                let before = settled((open_files_and_threads().0, threads));

                let mut matching = json!({"op": call.op});
                if let Some(count) = count {
                    matching["count"] = json!(count);
                }
                ground
                    .emulator
                    .set_faults(&json!([{"match": matching, "fault": fault.rule}]));
                let start = Instant::now();
                let reply = (call.run)(&ground, &client, &path, &prepared);
                let took = start.elapsed();
                ground.emulator.set_faults(&json!([]));

                // Head and body have a limit each, and a broken download is gone on with.
                let limit = io_timeout * 3 * (retries + 1) + Duration::from_secs(1);
                assert!(took < limit, "{label}: {took:?}: {reply}");
                drop(client);
                assert_eq!(settled(before), before, "{label}: left open");
                let succeeds = is_harmless(&fault, &call) || (count.is_some() && fault.passes);
                if succeeds {
                    assert_eq!(code(&reply), 0, "{label}: {reply}");
                    (call.check)(&ground, &path);
                } else {
                    assert_ne!(code(&reply), 0, "{label}: {reply}");
                    assert!(fault.kinds.contains(&kind(&reply)), "{label}: {reply}");
                    ground.is_sound(&path);
                    assert!(
                        is_absent(&target(&ground)),
                        "{label}: a target of a failed download"
                    );
                }
            }
        }
    }
    println!("{number} combinations in the {api} API");
}
