//! Many files at once, trees, buckets, access rights and unfinished uploads.

mod common;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use common::emulator::Emulator;
use common::library::{APIS, BUCKET, Client, code, kind, message, ok};
use common::listener::{Listener, read_request};
use common::{TempDir, curl, noise};
use serde_json::{Value, json};

/// Every name that a complete list brings; `last` ends it.
fn list_all(
    client: &Client,
    path: &str,
    recursive: i32,
    last: Option<usize>,
) -> (Value, Vec<String>) {
    let mut names = Vec::new();
    let reply = client.list_all(path, recursive, &mut |page| {
        let infos = page["infos"].as_array().unwrap();
        names.extend(infos.iter().map(|i| i["name"].as_str().unwrap().to_owned()));
        i32::from(last.is_some_and(|last| names.len() >= last))
    });
    names.sort();
    (reply, names)
}

#[test]
fn a_complete_list_comes_page_by_page() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        let many = if api == "xml" { 1005 } else { 205 };
        for number in 0..many {
            ok(client.upload_buffer(b"x", &format!("d/{number}"), ""));
        }
        ok(client.create_folder("d/sub", ""));
        ok(client.upload_buffer(b"x", "d/sub/a+b", ""));
        let (reply, names) = list_all(&client, "d", 0, None);
        assert_eq!(ok(reply)["data"]["count"], many + 1, "{api}");
        assert!(names.contains(&"sub".to_owned()) && names.contains(&"0".to_owned()));
        let (reply, names) = list_all(&client, "d", 1, None);
        assert_eq!(ok(reply)["data"]["count"], many + 2, "{api}");
        assert!(names.contains(&"sub/a+b".to_owned()), "{api}");
        assert!(
            names.windows(2).all(|pair| pair[0] != pair[1]),
            "{api}: twice"
        );
        let (reply, names) = list_all(&client, "d", 1, Some(1));
        assert_eq!(code(&reply), -5, "{reply}");
        assert!((1..=1000).contains(&names.len()), "{api}");
    }
}

#[test]
fn many_files_go_at_once() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        let names = ["a", "b c", "d+e", "f&<g>'", "目录/h", "100%"];
        for name in &names {
            // The JSON API forbids some of them.
            let name = if api == "json" {
                name.replace(['<', '>'], "")
            } else {
                name.to_string()
            };
            ok(client.upload_buffer(b"x", &name, ""));
        }
        let mut paths: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        if api == "json" {
            paths[3] = "f&g'".to_owned();
        }
        paths.push("none".to_owned());
        let reply = ok(client.delete_files(&json!(paths)));
        assert_eq!(reply["data"], json!({"deleted": 7, "failed": []}));
        let left = ok(client.list("", 0, "eListFileOnly", 0, ""));
        assert_eq!(left["data"]["infos"], json!([]), "{api}");
    }
}

/// The official C SDK reports a success (xml-api.md §5.1, defect 10).
#[test]
fn defect_10_what_was_not_deleted_is_told() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    ok(client.upload_buffer(b"x", "a+b.txt", ""));
    let body = "<?xml version='1.0'?><DeleteResult><Error><Key>a+b.txt</Key>\
                <Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
    emulator.set_faults(&json!([{"match": {"op": "delete_objects"},
        "fault": {"status": 200, "body": body}}]));
    let reply = client.delete_files(&json!(["a+b.txt", "c"]));
    assert_eq!(code(&reply), -289, "{reply}");
    assert_eq!(reply["data"]["deleted"], 1);
    let failed = json!([{"path": "a+b.txt", "code": -289, "message": "no",
        "service_code": "AccessDenied"}]);
    assert_eq!(reply["data"]["failed"], failed);
    assert!(message(&reply).contains("1 of 2"), "{reply}");
    emulator.set_faults(&json!([]));
    ok(client.delete_files(&json!(["a+b.txt"])));
    assert_eq!(code(&client.stat_file("a+b.txt")), -166);
}

#[test]
fn a_tree_goes_whole_and_nothing_else() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.create_folder("tree/empty", ""));
        for path in [
            "tree/1",
            "tree/sub/2",
            "tree/sub/deep/3",
            "tree2",
            "tree 3/4",
        ] {
            ok(client.upload_buffer(path.as_bytes(), path, ""));
        }
        let many = if api == "xml" { 1100 } else { 250 };
        for number in 0..many {
            ok(client.upload_buffer(b"x", &format!("tree/many/{number}"), ""));
        }
        let reply = ok(client.delete_tree("tree"));
        assert!(reply["data"]["deleted"].as_u64().unwrap() > many, "{reply}");
        for path in ["tree/1", "tree/sub/deep/3", "tree/many/0"] {
            assert!(
                [-166, -197].contains(&code(&client.stat_file(path))),
                "{api}: {path}"
            );
        }
        assert!(
            [-166, -197].contains(&code(&client.stat_folder("tree"))),
            "{api}"
        );
        for path in ["tree2", "tree 3/4"] {
            ok(client.stat_file(path));
        }
        assert!([-166, -197].contains(&code(&client.delete_tree("tree"))));
    }
}

#[test]
fn access_rights_are_kept_by_copies_and_updates() {
    for api in APIS {
        let emulator = Emulator::start_with(&["--private"]);
        let client = Client::speaking(api, &emulator.url, json!({}));
        let uploaded = ok(client.upload_buffer(b"hello", "f", ""));
        let url = uploaded["data"]["access_url"].as_str().unwrap();
        assert_eq!(curl(url).0, 403);
        assert_eq!(ok(client.get_acl("f"))["data"]["acl"], "default");
        for acl in ["public-read", "private", "default", "public-read"] {
            ok(client.set_acl("f", acl));
            assert_eq!(ok(client.get_acl("f"))["data"]["acl"], acl, "{api}");
        }
        ok(client.update_file("f", "changed"));
        assert_eq!(curl(url), (200, b"hello".to_vec()), "{api}");
        ok(client.move_file("f", "g", 0));
        assert_eq!(
            ok(client.get_acl("g"))["data"]["acl"],
            "public-read",
            "{api}"
        );
        assert!([-166, -197].contains(&code(&client.set_acl("none", "private"))));
    }
}

#[test]
fn unfinished_uploads_are_found_and_dropped() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"parallel": 1}));
    let files = TempDir::new();
    let file = files.file("f", &noise(4 << 20, 1));
    let mut sessions = Vec::new();
    for path in ["dir/a b+c", "dir/sub/中", "other"] {
        let stop = &mut |done, _| i32::from(done > 0);
        let reply = client.upload_slice(&file, path, 1 << 20, "", stop);
        assert_eq!(code(&reply), -5);
        sessions.push(reply["data"]["session"].as_str().unwrap().to_owned());
    }
    let found = ok(client.list_uploads("dir"));
    let infos = found["data"]["infos"].as_array().unwrap();
    let paths: Vec<&str> = infos.iter().map(|i| i["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["dir/a b+c", "dir/sub/中"]);
    assert_eq!(infos[0]["session"], sessions[0]);
    assert!(infos[0]["ctime"].as_str().unwrap().parse::<u64>().unwrap() > 1_700_000_000);
    ok(client.abort_upload("dir/a b+c", &sessions[0]));
    assert_eq!(code(&client.abort_upload("dir/a b+c", &sessions[0])), -290);
    assert_eq!(code(&client.abort_upload("other", &sessions[1])), -290);
    let left = ok(client.list_uploads(""));
    assert_eq!(left["data"]["infos"].as_array().unwrap().len(), 2);
    emulator
        .set_faults(&json!([{"match": {"op": "abort", "count": 1}, "fault": {"reset": "after"}}]));
    ok(client.abort_upload("other", &sessions[2]));
    assert_eq!(emulator.end_faults(), 1);
}

#[test]
fn buckets_come_and_go() {
    let emulator = Emulator::start_with(&["--bucket", BUCKET]);
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let create = |bucket: &str| client.create_bucket(bucket, "private");
    assert_eq!(code(&client.head_bucket("fresh")), -133);
    // With its appid or without, it is the same.
    ok(create("fresh"));
    assert_eq!(code(&create("fresh-10000001")), -176);
    ok(client.head_bucket("fresh-10000001"));
    let infos = ok(client.list_buckets())["data"]["infos"].clone();
    let names: Vec<&str> = infos
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"fresh-10000001"), "{infos}");
    for op in ["put_bucket", "delete_bucket"] {
        emulator
            .set_faults(&json!([{"match": {"op": op, "count": 1}, "fault": {"reset": "after"}}]));
        match op {
            "put_bucket" => ok(create("again")),
            _ => ok(client.delete_bucket("again")),
        };
        assert_eq!(emulator.end_faults(), 1, "{op}");
    }
    ok(client.upload_buffer(b"x", "f", ""));
    assert_eq!(code(&client.delete_bucket(BUCKET)), -173);
    ok(client.delete_bucket("fresh"));
    assert_eq!(code(&client.delete_bucket("fresh")), -133);
    for wrong in ["Upper", "under_score", "-a", "a-", &"b".repeat(60)] {
        let reply = create(wrong);
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).starts_with("bucket"), "{reply}");
    }
}

/// A bucket of three pages below "t/", of which the second holds `second`; deletions are answered after `deleted`,
/// and it is told whether the `third` was asked for.
fn three_pages(
    second: &'static str,
    deleted: impl Fn() + Send + Sync + 'static,
    third: &Arc<AtomicBool>,
) -> Listener {
    let third = third.clone();
    Listener::with_connections(move |stream, _| {
        while let Some(request) = read_request(stream) {
            let list = |key: &str, next: &str| {
                let more = match next {
                    "" => String::new(),
                    _ => format!("<NextMarker>{next}</NextMarker>"),
                };
                format!(
                    "<ListBucketResult><IsTruncated>{}</IsTruncated>{more}<Contents><Key>{key}</Key>\
                     <Size>1</Size><ETag>\"1\"</ETag></Contents></ListBucketResult>",
                    !next.is_empty()
                )
            };
            let body = match request.line.as_str() {
                line if line.starts_with("POST") => {
                    deleted();
                    "<DeleteResult></DeleteResult>".to_owned()
                }
                line if line.contains("marker=t%2F1") => list(second, "t/2"),
                line if line.contains("marker=t%2F2") => {
                    third.store(true, Ordering::Relaxed);
                    list("t/3", "")
                }
                _ => list("t/1", "t/1"),
            };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            if stream
                .write_all(&[head.as_bytes(), body.as_bytes()].concat())
                .is_err()
            {
                return;
            }
        }
    })
}

#[test]
fn pages_are_deleted_side_by_side() {
    // None is answered before all have arrived.
    let all = Barrier::new(3);
    let third = Arc::new(AtomicBool::new(false));
    let service = three_pages(
        "t/2",
        move || {
            all.wait();
        },
        &third,
    );
    let client = Client::speaking("xml", &service.url, json!({"retries": 0}));
    let reply = ok(client.delete_tree("t"));
    assert_eq!(reply["data"]["deleted"], 3, "{reply}");
    assert!(third.load(Ordering::Relaxed));
}

#[test]
fn behind_a_page_that_is_not_believed_nothing_is_deleted() {
    let third = Arc::new(AtomicBool::new(false));
    let service = three_pages("u/2", || {}, &third);
    let client = Client::speaking("xml", &service.url, json!({"retries": 0}));
    let reply = client.delete_tree("t");
    assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
    assert!(
        message(&reply).contains("lists \"u/2\" below \"t/\""),
        "{reply}"
    );
    assert!(
        !third.load(Ordering::Relaxed),
        "the third page is not asked for"
    );
}
