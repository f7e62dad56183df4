//! Folders with everything below them, there and back, over both APIs.

mod common;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok, sized};
use common::listener::{Listener, http};
use common::mount::Mount;
use common::{TempDir, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

/// Every file below a folder, by its relative name; folders have no content.
fn contents(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            let content = match path.is_dir() {
                true => None,
                false => Some(fs::read(&path).unwrap()),
            };
            all.insert(name.to_owned(), content);
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    all
}

/// Small and large files, odd names, an empty folder.
fn planted(folders: &TempDir) -> std::path::PathBuf {
    let root = folders.join("here");
    for folder in ["目录/sub one/deep", "empty/inner"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for (number, name) in ["a", "a b+c%d~", "目录/图 片.jpg", "目录/sub one/deep/x"]
        .iter()
        .enumerate()
    {
        fs::write(root.join(name), noise(1000 + number, number as u64)).unwrap();
    }
    fs::write(root.join("目录/nothing"), b"").unwrap();
    fs::write(root.join("目录/large"), noise(9 * MIB, 9)).unwrap();
    root
}

fn names(list: &Value) -> Vec<&str> {
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| {
            entry["path"]
                .as_str()
                .unwrap_or_else(|| entry.as_str().unwrap())
        })
        .collect()
}

#[test]
fn there_and_back() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders);
        let mut seen = Vec::new();
        let reply = ok(
            client.upload_tree(&root, "to/here", "{}", &mut |done, total| {
                seen.push((done, total));
                0
            }),
        );
        assert_eq!(
            reply["data"],
            json!({"uploaded": 6, "same": 0, "skipped": [], "failed": []})
        );
        let size: usize = contents(&root).values().flatten().map(Vec::len).sum();
        let seen = sized(&seen);
        assert_eq!(seen.first().unwrap(), &(0, size as u64));
        assert_eq!(seen.last().unwrap(), &(size as u64, size as u64));
        assert!(seen.is_sorted(), "{seen:?}");
        assert!(
            seen.len() >= 6,
            "one for each file that has bytes: {seen:?}"
        );

        let back = folders.join("new/back");
        let reply = ok(client.download_tree("to/here", &back, "{}", &mut |_, _| 0));
        assert_eq!(
            reply["data"],
            json!({"downloaded": 6, "same": 0, "skipped": [], "failed": []})
        );
        assert!(contents(&back) == contents(&root), "{api}");

        // Again: nothing is moved, in either direction.
        let reply = ok(client.upload_tree(&root, "/to/here/", "{}", &mut |_, _| 0));
        assert_eq!(
            (&reply["data"]["uploaded"], &reply["data"]["same"]),
            (&json!(0), &json!(6))
        );
        fs::write(back.join("a"), noise(1000, 77)).unwrap();
        let reply = ok(client.download_tree("to/here", &back, "{}", &mut |_, _| 0));
        assert_eq!(
            (&reply["data"]["downloaded"], &reply["data"]["same"]),
            (&json!(1), &json!(5))
        );
        assert!(contents(&back) == contents(&root), "{api}");
    }
}

#[test]
fn the_whole_bucket() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders);
        ok(client.upload_tree(&root, "", "{}", &mut |_, _| 0));
        let back = folders.join("back");
        ok(client.download_tree("/", &back, "{}", &mut |_, _| 0));
        assert!(contents(&back) == contents(&root), "{api}");
    }
}

#[test]
fn a_failure_of_some_is_told_and_stops_no_other() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders);
        ok(client.upload_buffer(b"another", "t/目录/图 片.jpg", ""));
        fs::write(root.join("line\nbreak"), b"x").unwrap();
        fs::write(root.join(OsStr::from_bytes(b"not \xff utf-8")), b"x").unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        symlink("a", root.join("link")).unwrap();
        symlink(".", root.join("loop")).unwrap();
        let _socket = UnixListener::bind(root.join("socket")).unwrap();

        let reply = client.upload_tree(&root, "t", "{}", &mut |_, _| 0);
        let data = &reply["data"];
        assert_eq!(code(&reply), -1, "{reply}");
        assert!(
            message(&reply).starts_with("4 of 10 were not uploaded; dangling because: "),
            "{reply}"
        );
        assert_eq!(
            names(&data["failed"]),
            [
                "dangling",
                "line\nbreak",
                "not \u{fffd} utf-8",
                "目录/图 片.jpg"
            ]
        );
        let codes: Vec<_> = data["failed"]
            .as_array()
            .unwrap()
            .iter()
            .map(code)
            .collect();
        assert_eq!(codes, [-1, -3, -3, -177]);
        assert_eq!(names(&data["skipped"]), ["loop", "socket"]);
        assert_eq!(data["uploaded"], 6, "{reply}");
        ok(client.stat_file("t/link"));

        let options = r#"{"overwrite":true,"headers":{"Cache-Control":"no-store"}}"#;
        let reply = client.upload_tree(&root, "t", options, &mut |_, _| 0);
        // What is the same stays as it is, headers and all.
        assert_eq!(reply["data"]["uploaded"], 1, "{reply}");
        assert_eq!(reply["data"]["same"], 6, "{reply}");
        assert_eq!(reply["data"]["failed"].as_array().unwrap().len(), 3);
        let held = folders.join("held");
        ok(client.download("t/目录/图 片.jpg", &held));
        assert!(fs::read(held).unwrap() == fs::read(root.join("目录/图 片.jpg")).unwrap());
    }
}

#[test]
fn names_that_cannot_be_local_stay_away() {
    let (emulator, folders) = (Emulator::start(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    for name in ["t/a//b", "t/a/c", "t/d", "t/d/e"] {
        ok(client.upload_buffer(name.as_bytes(), name, ""));
    }
    let back = folders.join("back");
    let reply = client.download_tree("t", &back, "{}", &mut |_, _| 0);
    assert_eq!(code(&reply), -3, "{reply}");
    let failed = names(&reply["data"]["failed"]);
    assert_eq!(reply["data"]["downloaded"], 2, "{reply}");
    assert_eq!(failed[0], "a//b");
    // One of the two cannot be: a file and a folder of the same name.
    assert!(failed[1] == "d" || failed[1] == "d/e", "{reply}");
    assert_eq!(fs::read(back.join("a/c")).unwrap(), b"t/a/c");
}

#[test]
fn local_files_are_kept_where_that_is_asked_for() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.upload_tree(&planted(&folders), "t", "{}", &mut |_, _| 0));
        let back = folders.join("back");
        fs::create_dir(&back).unwrap();
        fs::write(back.join("a"), b"mine").unwrap();
        fs::create_dir(back.join("a b+c%d~")).unwrap();
        fs::write(back.join("目录"), b"a file").unwrap();
        let reply = client.download_tree("t", &back, r#"{"overwrite":false}"#, &mut |_, _| 0);
        assert_eq!(code(&reply), -1, "{reply}");
        assert_eq!(fs::read(back.join("a")).unwrap(), b"mine");
        assert_eq!(fs::read(back.join("目录")).unwrap(), b"a file");
        assert_eq!(reply["data"]["downloaded"], 0, "{reply}");
        let failed = names(&reply["data"]["failed"]);
        for name in ["a", "a b+c%d~", "目录/large", "目录/nothing"] {
            assert!(failed.contains(&name), "{name}: {reply}");
        }
        // What stands in the way is never removed; what is a file is replaced.
        let reply = client.download_tree("t", &back, "{}", &mut |_, _| 0);
        assert_eq!(reply["data"]["downloaded"], 1, "{reply}");
        assert_eq!(fs::read(back.join("a")).unwrap(), noise(1000, 0));
        assert_eq!(fs::read(back.join("目录")).unwrap(), b"a file");
    }
}

#[test]
fn a_cancelled_call_goes_on_when_it_is_made_again() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({"parallel": 1}));
        let root = planted(&folders);
        // After the second file.
        let mut reports = std::collections::BTreeSet::new();
        let reply = client.upload_tree(&root, "t", "{}", &mut |done, _| {
            reports.insert(done);
            i32::from(reports.len() == 3)
        });
        assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
        assert_eq!(reply["data"]["uploaded"], 2, "{reply}");
        assert!(
            message(&reply).starts_with("broken off after 2 files: "),
            "{reply}"
        );

        // In the middle of the large one.
        let reply = client.upload_tree(&root, "t", "{}", &mut |done, _| {
            i32::from(done > 2 * MIB as u64)
        });
        assert_eq!(code(&reply), -5, "{reply}");
        let large = &reply["data"]["failed"][0];
        assert_eq!(large["path"], "目录/large", "{reply}");
        let session = large["session"].as_str().unwrap();
        let file = root.join("目录/large");
        ok(client.upload_slice(&file, "t/目录/large", 0, session, &mut |_, _| 0));

        let reply = ok(client.upload_tree(&root, "t", "{}", &mut |_, _| 0));
        assert_eq!(reply["data"]["same"], 6, "{reply}");

        let back = folders.join("back");
        let reply = client.download_tree("t", &back, "{}", &mut |done, _| i32::from(done > 1));
        assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
        // Its bytes may be counted before it is whole.
        assert!(
            reply["data"]["downloaded"].as_u64().unwrap() <= 1,
            "{reply}"
        );
        ok(client.download_tree("t", &back, "{}", &mut |_, _| 0));
        assert!(contents(&back) == contents(&root), "{api}");
    }
}

#[test]
fn what_concerns_every_file_ends_the_call() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let root = planted(&folders);
        let client = Client::speaking(api, &emulator.url, json!({"retries": 0}));
        let op = if api == "json" {
            "upload"
        } else {
            "put_object"
        };
        emulator.set_faults(&json!([{"match": {"op": op}, "fault": {"reset": "after"}}]));
        let reply = client.upload_tree(&root, "t", "{}", &mut |_, _| 0);
        assert_eq!(code(&reply), -2, "{reply}");
        assert_eq!(names(&reply["data"]["failed"]).len(), 1, "{reply}");
        // The threads may each have begun one more.
        assert!(emulator.end_faults() <= 8);
        ok(client.upload_tree(&root, "t", r#"{"overwrite":true}"#, &mut |_, _| 0));

        let reply = client.download_tree("none", &folders.join("x"), "{}", &mut |_, _| 0);
        assert!([-166, -197].contains(&code(&reply)), "{reply}");
        let reply = client.upload_tree(&root.join("a"), "t", "{}", &mut |_, _| 0);
        assert_eq!((code(&reply), kind(&reply)), (-1, "not_folder"), "{reply}");
    }
}

#[test]
fn a_full_disk_ends_the_call_and_leaves_whole_files_only() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders);
        ok(client.upload_tree(&root, "t", "{}", &mut |_, _| 0));
        let disk = Mount::new("size=1m");
        let back = disk.0.join("back");
        let reply = client.download_tree("t", &back, "{}", &mut |_, _| 0);
        assert_eq!((code(&reply), kind(&reply)), (-1, "disk_full"), "{reply}");
        assert_eq!(names(&reply["data"]["failed"]), ["目录/large"], "{reply}");
        let (held, sent) = (contents(&back), contents(&root));
        assert!(!held.contains_key("目录/large"));
        for (name, content) in held {
            assert!(content == sent[&name], "{name}");
        }

        disk.make_read_only();
        let below = disk.0.join("other/below");
        let reply = client.download_tree("t", &below, "{}", &mut |_, _| 0);
        assert_eq!((code(&reply), kind(&reply)), (-1, "unwritable"), "{reply}");
    }
}

/// A service that refuses each file, the later ones sooner.
#[test]
fn failures_are_named_in_the_order_of_names() {
    const LIST: &str = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    let folders = TempDir::new();
    for number in 0..12 {
        folders.file(&format!("f{number:02}"), &[number]);
    }
    let service = Listener::answering(|_, request| {
        let words: Vec<&str> = request.line.split(' ').collect();
        let number = words[1]
            .rsplit_once("/t/f")
            .map(|(_, number)| number.parse::<u64>());
        let Some(Ok(number)) = number else {
            return http(200, LIST);
        };
        std::thread::sleep(Duration::from_millis(20 * (12 - number)));
        http(403, "<Error><Code>AccessDenied</Code></Error>")
    });
    let client = Client::speaking("xml", &service.url, json!({"parallel": 12}));
    let reply = client.upload_tree(&folders.join(""), "t", "{}", &mut |_, _| 0);
    let expected: Vec<String> = (0..12).map(|number| format!("f{number:02}")).collect();
    assert_eq!(names(&reply["data"]["failed"]), expected, "{reply}");
    let first = "12 of 12 were not uploaded; f00 because: ";
    assert!(message(&reply).starts_with(first), "{reply}");
}
