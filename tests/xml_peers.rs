//! The official SDKs, unchanged, against the emulator; and objects that one of them writes and this
//! library reads, or the other way round.

mod common;

use std::fs;

use common::emulator::Emulator;
use common::install::run;
use common::library::{Client, ok};
use common::peers::{Peer, go, node, python};
use common::{TempDir, noise};
use serde_json::json;

const NAMES: [&str; 12] = [
    "a b",
    "a+b",
    "100%",
    "a%20b",
    "s*r",
    "t~e",
    "q'u\"o",
    "中文/名",
    "d//e",
    "&<x>",
    "a\\b",
    "\\c\\",
];

/// Hosts that name no bucket are about this one.
fn service() -> Emulator {
    Emulator::start_with(&["--default-bucket", "testbucket"])
}

fn exercise(peer: &Peer) {
    let emulator = service();
    let said = run(peer.command().args(["exercise", &emulator.url]));
    assert!(said.contains("everything done"), "{said}");
}

fn share_files(peer: &Peer) {
    let (emulator, files) = (service(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    for (number, name) in NAMES.into_iter().enumerate() {
        let content = noise(5000 + number, number as u64);
        let (file, got) = (files.file("f", &content), files.join("got"));
        let theirs = format!("theirs/{name}");
        run(peer
            .command()
            .args(["put", &emulator.url, &theirs])
            .arg(&file));
        ok(client.download(&theirs, &got));
        assert!(fs::read(&got).unwrap() == content, "{name}");
        let ours = format!("ours/{name}");
        ok(client.upload(&file, &ours));
        fs::remove_file(&got).unwrap();
        run(peer.command().args(["get", &emulator.url, &ours]).arg(&got));
        assert!(fs::read(&got).unwrap() == content, "{name}");
    }
}

/// The same of what comes from a callback and goes to one, in one request and in parts.
fn share_streams(peer: &Peer) {
    let (emulator, files) = (service(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    for size in [0, 5000, (17 << 20) + 1] {
        let content = noise(size, size as u64);
        let (file, got) = (files.file("f", &content), files.join("got"));
        let ours = format!("ours/流 +{size}");
        ok(client.upload_streamed(&ours, &json!({}), &content));
        run(peer.command().args(["get", &emulator.url, &ours]).arg(&got));
        assert!(fs::read(&got).unwrap() == content, "{size}");
        let theirs = format!("theirs/流 +{size}");
        run(peer
            .command()
            .args(["put", &emulator.url, &theirs])
            .arg(&file));
        let mut bytes = Vec::new();
        let reply = client.download_stream(&theirs, &json!({}), &mut |more| {
            bytes.extend_from_slice(more);
            0
        });
        ok(reply);
        assert!(bytes == content, "{size}");
        bytes.fill(0);
        ok(client.download_buffer(&theirs, 0, &mut bytes, &json!({})));
        assert!(bytes == content, "{size}");
    }
    // Nothing that costs money is left of the parts.
    assert_eq!(ok(client.list_uploads(""))["data"]["infos"], json!([]));
}

fn share(peer: &Peer) {
    share_files(peer);
    share_streams(peer);
}

/// The SDK makes versions, and each is read here; one and a marker are deleted here, and the SDK lists what is left.
fn share_versions(peer: &Peer) {
    let (emulator, files) = (service(), TempDir::new());
    let said = |arguments: &[&str]| run(peer.command().args(arguments)).trim().to_owned();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    ok(client.create_bucket("testbucket", "private"));
    ok(client.set_versioning("Suspended"));
    said(&["enable-versions", &emulator.url]);
    assert_eq!(ok(client.get_versioning())["data"]["status"], "Enabled");
    let key = "版本/a b+";
    let contents = [9 << 20, 5000, 9 << 20].map(|size| noise(size, size as u64 + 1));
    let ids = [0, 1, 2].map(|number| {
        let file = files.file("f", &contents[number]);
        let file = file.to_str().unwrap();
        said(&["put-version", &emulator.url, key, file])
    });
    let got = files.join("got");
    for (id, content) in ids.iter().zip(&contents) {
        let version = json!({"version_id": id});
        let stat = ok(client.stat_with(key, &version));
        assert_eq!(stat["data"]["version_id"], id.as_str());
        ok(client.download_with(key, &got, &version));
        assert!(fs::read(&got).unwrap() == *content, "{id}");
        let mut bytes = vec![0; content.len()];
        ok(client.download_buffer(key, 0, &mut bytes, &version));
        assert!(bytes == *content, "{id}");
    }
    let listed = || {
        let theirs = said(&["versions", &emulator.url, key]);
        let mut ours = Vec::new();
        ok(client.list_versions("版本", 1, &mut |page| {
            for entry in page["infos"].as_array().unwrap() {
                assert_eq!(entry["name"], "a b+", "{entry}");
                let kind = if entry["delete_marker"] == true {
                    "marker "
                } else {
                    ""
                };
                ours.push(format!("{kind}{}", entry["version_id"].as_str().unwrap()));
            }
            0
        }));
        assert_eq!(theirs.lines().collect::<Vec<_>>(), ours);
        theirs
    };
    assert_eq!(listed(), [&*ids[2], &*ids[1], &*ids[0]].join("\n"));
    ok(client.delete_with(key, &json!({"version_id": ids[1]})));
    assert_eq!(listed(), [&*ids[2], &*ids[0]].join("\n"));
    let marked = ok(client.delete_with(key, &json!({})));
    let marker = marked["data"]["version_id"].as_str().unwrap();
    assert_eq!(listed(), format!("marker {marker}\n{}\n{}", ids[2], ids[0]));
    ok(client.delete_with(key, &json!({"version_id": marker})));

    // The other way round.
    let ours = ok(client
        .with(&json!({"overwrite": true}))
        .upload_buffer(b"ours", key, ""));
    let id = ours["data"]["version_id"].as_str().unwrap();
    let file = got.to_str().unwrap();
    said(&["get-version", &emulator.url, key, id, file]);
    assert_eq!(fs::read(&got).unwrap(), b"ours");
    said(&["delete-version", &emulator.url, key, id]);
    let gone = client.stat_with(key, &json!({"version_id": id}));
    assert_eq!(gone["error"]["service_code"], "NoSuchVersion", "{gone}");
    client.holds(key, &contents[2]);
}

/// Tags, archives and appends, each made there and seen here, and the other way round. `name` is the peer's.
fn share_objects_in_full(peer: &Peer, name: &str) {
    let (emulator, files) = (service(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let said = |command: &str, key: &str, rest: &[&str]| {
        let mut peer = peer.command();
        let said = run(peer.args([command, &emulator.url, key]).args(rest));
        said.trim().to_owned()
    };
    let tags = |key: &str| ok(client.get_tags(key))["data"]["tags"].clone();
    let content = noise(5000, 1);
    let file = files.file("f", &content);
    let file = file.to_str().unwrap();
    let key = "全/a b+%";
    said("archive", key, &[file]);
    assert_eq!(tags(key), json!({"of": name}));
    said("set-tags", key, &["a b", "1/2+3", "名", "值"]);
    assert_eq!(tags(key), json!({"a b": "1/2+3", "名": "值"}));
    said("set-tags", key, &[]);
    assert_eq!(tags(key), json!({}));
    ok(client.set_tags(key, &json!({"c:d": "e=f@g", "h": ""})));
    assert_eq!(said("tags", key, &[]), "c:d=e=f@g\nh=");
    ok(client.set_tags(key, &json!({})));
    assert_eq!(said("tags", key, &[]), "");
    let options = json!({"tags": {"a b": "1/2+3", "名": "值"}, "storage_class": "ARCHIVE"});
    let silent = &mut |_, _| 0;
    ok(client.upload_buffer_with(&content, "ours", &options, silent));
    assert_eq!(said("tags", "ours", &[]), "a b=1/2+3\n名=值");

    let restore = |key: &str| ok(client.stat_file(key))["data"]["restore"].clone();
    said("restore", key, &["2", "Expedited"]);
    assert_eq!(restore(key), "ongoing-request=\"true\"");
    let again = ok(client.restore_file(key, 2, "Bulk"));
    assert_eq!(again["data"]["state"], "in_progress");
    assert_eq!(said("restored", "ours", &[]), "");
    ok(client.restore_file("ours", 2, "Expedited"));
    assert_eq!(said("restored", "ours", &[]), "ongoing-request=\"true\"");
    emulator.pass_in_archives(301);
    client.holds(key, &content);
    let got = files.join("got");
    said("get", "ours", &[got.to_str().unwrap()]);
    assert!(fs::read(&got).unwrap() == content);
    assert_eq!(restore("ours"), said("restored", "ours", &[]));

    let mut whole = Vec::new();
    for (number, is_ours) in [(1, true), (2, false), (3, true), (4, false)] {
        let piece = noise(70_000 + number, number as u64);
        let position = whole.len();
        whole.extend_from_slice(&piece);
        let end = match is_ours {
            true => ok(client.append(&piece, "log", position, &json!({})))["data"]["position"]
                .to_string(),
            false => {
                let piece = files.file("piece", &piece);
                said(
                    "append",
                    "log",
                    &[&position.to_string(), piece.to_str().unwrap()],
                )
            }
        };
        assert_eq!(end, whole.len().to_string());
    }
    client.holds("log", &whole);
    said("get", "log", &[got.to_str().unwrap()]);
    assert!(fs::read(&got).unwrap() == whole);
}

#[test]
fn tags_archives_and_appends_are_shared_with_the_python_sdk() {
    share_objects_in_full(&python(), "python");
}

#[test]
fn tags_archives_and_appends_are_shared_with_the_node_sdk() {
    share_objects_in_full(&node(), "node");
}

#[test]
fn tags_archives_and_appends_are_shared_with_the_go_sdk() {
    share_objects_in_full(&go(), "go");
}

#[test]
fn the_python_sdk_does_all_it_can() {
    exercise(&python());
}

#[test]
fn what_the_python_sdk_or_we_write_the_other_reads() {
    share(&python());
}

#[test]
fn the_node_sdk_does_all_it_can() {
    exercise(&node());
}

#[test]
fn what_the_node_sdk_or_we_write_the_other_reads() {
    share(&node());
}

#[test]
fn the_go_sdk_does_all_it_can() {
    exercise(&go());
}

#[test]
fn what_the_go_sdk_or_we_write_the_other_reads() {
    share(&go());
}

#[test]
fn versions_of_the_python_sdk_and_ours_are_shared() {
    share_versions(&python());
}

#[test]
fn versions_of_the_go_sdk_and_ours_are_shared() {
    share_versions(&go());
}

#[test]
fn versions_of_the_node_sdk_and_ours_are_shared() {
    share_versions(&node());
}
