//! Every fault of the network that the emulator can play, against every kind of call: no hang, no
//! crash, the right kind of error, in time, nothing left open, and success only for what is so.

mod calls;
#[path = "../common/mod.rs"]
mod common;
mod faults;
mod ground;

use std::path::Path;
use std::time::{Duration, Instant};

use calls::{Call, calls};
use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind};
use common::{TempDir, open_files_and_threads};
use faults::{Fault, faults};
use ground::{Ground, SLICE};
use serde_json::json;

/// A thread that was joined is still listed for a moment.
fn settled(before: (usize, usize)) -> (usize, usize) {
    let end = Instant::now() + Duration::from_secs(2);
    while open_files_and_threads() != before && Instant::now() < end {
        std::thread::yield_now();
    }
    open_files_and_threads()
}

/// Faults of an answer's body do nothing to answers that have none.
fn is_harmless(fault: &Fault, call: &Call) -> bool {
    let empty = [
        "head_object",
        "delete_object",
        "put_object",
        "upload_part",
        "append",
        "put_object_tagging",
        "delete_object_tagging",
        "put_versioning",
        "restore",
    ];
    match fault.name {
        // A ninth part, and what follows a look, take a connection that was stopped.
        "stops in the body" => {
            let goes_on = ["memory's part", "copy with, its looks"];
            empty.contains(&call.op) && !goes_on.contains(&call.name)
        }
        // A status of 204 says that there is no body, whatever comes.
        "broken chunks" => call.op.starts_with("delete_object"),
        _ => fault.kinds.is_empty(),
    }
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
        for call in calls(api) {
            // Short only where it is waited for: a busy machine may answer late.
            let stalls = fault.kinds == ["timeout"] && !is_harmless(&fault, &call);
            let io_timeout = Duration::from_millis(match (stalls, call.is_large) {
                (true, false) => 250,
                (true, true) => 750,
                (false, _) => 2000,
            });
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
                // An append is looked for after its last attempt, too.
                let is_found = call.op == "append" && code(&reply) == 0;
                if succeeds || is_found {
                    assert_eq!(code(&reply), 0, "{label}: {reply}");
                    (call.check)(&ground, &path);
                } else {
                    assert_ne!(code(&reply), 0, "{label}: {reply}");
                    assert!(fault.kinds.contains(&kind(&reply)), "{label}: {reply}");
                    ground.is_sound(&path);
                    assert!(
                        is_absent(&ground.target()),
                        "{label}: a target of a failed download"
                    );
                }
            }
        }
    }
    println!("{number} combinations in the {api} API");
}
