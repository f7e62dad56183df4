//! Prefix searches: with folders in the prefix, page by page and all at once, over both APIs.

mod common;

use common::emulator::Emulator;
use common::entries::infos;
use common::library::{APIS, Client, code, kind, message, ok};
use serde_json::{Value, json};

const FILES: [&str; 7] = [
    "p/2026/a",
    "p/2026/ab/c",
    "p/2026/ab/d/e",
    "p/2026/b",
    "p/2026/甲/a 1+1",
    "p/2025/a",
    "q/2026/a",
];

fn filled(api: &str) -> (Emulator, Client) {
    let emulator = Emulator::start();
    let client = Client::speaking(api, &emulator.url, json!({}));
    for file in FILES {
        ok(client.upload_buffer(b"x", file, ""));
    }
    (emulator, client)
}

/// In the order of both APIs, which is not the same.
fn sorted(entries: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = entries
        .iter()
        .map(|e| e["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names
}

fn all(client: &Client, path: &str, prefix: &str, recursive: i32) -> Vec<Value> {
    let mut entries = Vec::new();
    let reply = ok(
        client.prefix_search_all(path, prefix, recursive, &mut |page| {
            entries.extend(page["infos"].as_array().unwrap().clone());
            0
        }),
    );
    assert_eq!(reply["data"]["count"], entries.len(), "{reply}");
    entries
}

#[test]
fn names_are_relative_to_the_folder_and_begin_with_the_prefix() {
    for api in APIS {
        let (_emulator, client) = filled(api);
        for (path, prefix, expected) in [
            ("p", "2026/a", &["2026/a", "2026/ab"][..]),
            ("/p/", "2026/a", &["2026/a", "2026/ab"]),
            ("", "p/2026/a", &["p/2026/a", "p/2026/ab"]),
            ("p/2026", "a", &["a", "ab"]),
            ("p", "202", &["2025", "2026"]),
            ("p", "2026/", &["2026/a", "2026/ab", "2026/b", "2026/甲"]),
            ("p", "2026/甲/a 1+", &["2026/甲/a 1+1"]),
            ("p", "2026/none", &[]),
        ] {
            let page = ok(client.prefix_search(path, prefix, 0, ""));
            assert_eq!(sorted(infos(&page)), expected, "{api}: {path} {prefix}");
            assert_eq!(sorted(&all(&client, path, prefix, 0)), expected);
            // Page by page, each entry once.
            let (mut found, mut context) = (Vec::new(), String::new());
            loop {
                let page = ok(client.prefix_search(path, prefix, 1, &context));
                found.extend(infos(&page).clone());
                context = page["data"]["context"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                if page["data"]["has_more"] != true {
                    break;
                }
            }
            assert_eq!(sorted(&found), expected, "{api}: {path} {prefix}");
        }
    }
}

#[test]
fn everything_below_what_begins_with_it_is_found() {
    for api in APIS {
        let (_emulator, client) = filled(api);
        for (path, prefix, expected) in [
            ("p", "2026/a", &["2026/a", "2026/ab/c", "2026/ab/d/e"][..]),
            ("", "p/2025", &["p/2025/a"]),
            ("p/2026", "ab/", &["ab/c", "ab/d/e"]),
            ("p", "2026/none", &[]),
        ] {
            let entries = all(&client, path, prefix, 1);
            let is_file = |entry: &&Value| entry["filesize"].is_number();
            let files: Vec<Value> = entries.iter().filter(is_file).cloned().collect();
            assert_eq!(sorted(&files), expected, "{api}: {path} {prefix}");
            let names = sorted(&entries);
            assert!(
                names.iter().all(|name| name.starts_with(prefix)),
                "{names:?}"
            );
        }
    }
}

#[test]
fn a_page_callback_ends_it() {
    for api in APIS {
        let (_emulator, client) = filled(api);
        let reply = client.prefix_search_all("p", "2026/a", 1, &mut |_| 7);
        assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
    }
}

/// Such a folder is named as all entries are, and everything else is found.
#[test]
fn a_folder_that_cannot_be_listed_is_named_from_the_callers_folder() {
    let emulator = Emulator::start();
    let xml = Client::speaking("xml", &emulator.url, json!({}));
    ok(xml.upload_buffer(b"x", "p/2026/a?/f", ""));
    ok(xml.upload_buffer(b"x", "p/2026/ab/f", ""));
    let client = Client::speaking("json", &emulator.url, json!({}));
    let mut entries = Vec::new();
    let reply = ok(client.prefix_search_all("p", "2026/a", 1, &mut |page| {
        entries.extend(page["infos"].as_array().unwrap().clone());
        0
    }));
    assert_eq!(sorted(&entries), ["2026/a?", "2026/ab", "2026/ab/f"]);
    assert_eq!(reply["data"]["failed"][0]["path"], "2026/a?/", "{reply}");
}

#[test]
fn what_is_no_prefix_is_refused_by_name() {
    let client = Client::open("http://127.0.0.1:1");
    for prefix in ["", "/", "/a", ".", "..", "a/../b", "a\nb"] {
        for reply in [
            client.prefix_search("p", prefix, 0, ""),
            client.prefix_search_all("p", prefix, 0, &mut |_| 0),
        ] {
            assert_eq!(code(&reply), -3, "{prefix:?}: {reply}");
            assert!(message(&reply).starts_with("prefix: "), "{reply}");
        }
    }
    let reply = client.prefix_search_all("p", "a", 2, &mut |_| 0);
    assert!(message(&reply).starts_with("recursive: "), "{reply}");
}
