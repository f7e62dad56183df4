//! Faults at random, from a seed: whatever a call says, the objects are sound.

mod common;

use std::fs;

use common::emulator::Emulator;
use common::library::{APIS, Client, code, ok};
use common::{TempDir, noise, sha1_hex};
use serde_json::{Value, json};

const SLICE: usize = 512 << 10;

/// Uploads and downloads in a run; many in `make soak`.
fn transfers() -> u64 {
    let soak = std::env::var_os("QCOS_SOAK").is_some();
    if soak { 2000 } else { 120 }
}

/// Each rule strikes a share of all requests.
fn storm(seed: u64, share: f64) -> Value {
    let faults = [
        json!({"reset": "before"}),
        json!({"reset": "after"}),
        json!({"close": "before"}),
        json!({"close": "after"}),
        json!({"cut": 9}),
        json!({"cut": 60}),
        json!({"cut": 200, "reset": true}),
        json!({"status": 500, "body": "broken"}),
        json!({"status": 502, "body": "<html>", "after": true}),
        json!({"status": 503, "body": "", "headers": {"Retry-After": "0"}}),
        json!({"status": 429, "body": ""}),
        json!({"keep_alive_close": true}),
        json!({"delay_ms": 5}),
    ];
    let each = share / faults.len() as f64;
    let rules: Vec<Value> = faults
        .into_iter()
        .map(|fault| json!({"match": {"chance": each}, "fault": fault}))
        .collect();
    json!({ "seed": seed, "rules": rules })
}

/// What is at a path, when it is complete. The judge speaks the JSON API, which tells its SHA-1.
fn held(judge: &Client, path: &str) -> Option<String> {
    let stat = judge.stat_file(path);
    let complete = code(&stat) == 0 && stat["data"]["filelen"] == stat["data"]["filesize"];
    complete.then(|| stat["data"]["sha"].as_str().unwrap().to_lowercase())
}

/// Runs a storm; the share of calls that have succeeded.
fn survive(api: &str, seed: u64, share: f64) -> f64 {
    let emulator = Emulator::start();
    let calm = Client::speaking(api, &emulator.url, json!({}));
    let judge = Client::speaking("json", &emulator.url, json!({}));
    let files = TempDir::new();
    let target = files.join("downloaded");
    let mut options = json!({"overwrite": true, "retries": 6, "io_timeout_ms": 2000});
    if api == "xml" {
        // The smallest there is, so that a file has several.
        options["slice_size"] = (2 * SLICE).into();
    }
    let (mut calls, mut successes, mut hits) = (0, 0, 0);
    for number in 0..transfers() {
        // A budget of its own, lest an unlucky start decide over the whole run.
        let client = Client::speaking(api, &emulator.url, options.clone());
        let size = [0, 1, 5000, SLICE - 1, SLICE, 3 * SLICE + 7][number as usize % 6];
        let content = noise(size, seed * 10_000 + number);
        let file = files.file("f", &content);
        let path = format!("chaos/{}", number % 7);
        let before = held(&judge, &path);
        let sha = sha1_hex(&content);

        emulator.set_faults(&storm(seed + number, share));
        let reply = match number % 3 {
            0 if size < 100_000 => client.upload_buffer(&content, &path, ""),
            1 => client.upload(&file, &path),
            _ => client.upload_slice(&file, &path, 0, "", &mut |_, _| 0),
        };
        hits += emulator.end_faults();
        let after = held(&judge, &path);
        calls += 1;
        if code(&reply) == 0 {
            successes += 1;
            assert_eq!(after.as_ref(), Some(&sha), "{number}: {reply}");
        } else {
            // The old one, none, or the new one whole, of which nobody could be told.
            let sound = after.is_none() || after == before || after.as_ref() == Some(&sha);
            assert!(sound, "{number}: {reply}");
        }

        let Some(there) = after else { continue };
        fs::write(&target, b"old").unwrap();
        emulator.set_faults(&storm(seed + number + 1, share));
        let reply = client.download(&path, &target);
        hits += emulator.end_faults();
        let arrived = fs::read(&target).unwrap();
        calls += 1;
        if code(&reply) == 0 {
            successes += 1;
            assert_eq!(sha1_hex(&arrived), there, "{number}: {reply}");
        } else {
            assert!(arrived == b"old", "{number}: {reply}");
        }
    }
    ok(calm.stat_folder("/"));
    println!("{hits} faults in {calls} calls of the {api} API");
    assert!(
        hits as f64 > f64::from(calls) * share,
        "the storm was a calm"
    );
    f64::from(successes) / f64::from(calls)
}

#[test]
fn one_request_in_ten_fails() {
    for api in APIS {
        let share = survive(api, 1, 0.1);
        println!("{:.1} % of calls succeeded", share * 100.0);
        assert!(share >= 0.99, "{share}");
    }
}

#[test]
fn three_requests_in_ten_fail() {
    for api in APIS {
        let share = survive(api, 2, 0.3);
        println!("{:.1} % of calls succeeded", share * 100.0);
        // Seven tries each; what fails all the same fails cleanly.
        assert!(share >= 0.9, "{share}");
    }
}
