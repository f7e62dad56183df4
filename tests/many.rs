//! Many files at once, trees, buckets, access rights and unfinished uploads.

mod common;

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use common::emulator::Emulator;
use common::library::{APIS, Client, c, code, message, ok, take};
use common::{TempDir, curl, noise};
use qcos::ffi::*;
use serde_json::{Value, json};

const BUCKET: &str = common::library::BUCKET;

fn delete_files(client: &Client, paths: &Value) -> Value {
    let (bucket, paths) = (c(BUCKET), c(&paths.to_string()));
    take(unsafe { qcos_delete_files(client.0, bucket.as_ptr(), paths.as_ptr()) })
}

fn delete_tree(client: &Client, path: &str) -> Value {
    let (bucket, path) = (c(BUCKET), c(path));
    take(unsafe { qcos_delete_tree(client.0, bucket.as_ptr(), path.as_ptr()) })
}

fn set_acl(client: &Client, path: &str, acl: &str) -> Value {
    let (bucket, path, acl) = (c(BUCKET), c(path), c(acl));
    take(unsafe { qcos_set_acl(client.0, bucket.as_ptr(), path.as_ptr(), acl.as_ptr()) })
}

fn get_acl(client: &Client, path: &str) -> Value {
    let (bucket, path) = (c(BUCKET), c(path));
    take(unsafe { qcos_get_acl(client.0, bucket.as_ptr(), path.as_ptr()) })
}

fn list_uploads(client: &Client, path: &str) -> Value {
    let (bucket, path) = (c(BUCKET), c(path));
    take(unsafe { qcos_list_uploads(client.0, bucket.as_ptr(), path.as_ptr()) })
}

fn abort_upload(client: &Client, path: &str, session: &str) -> Value {
    let (bucket, path, session) = (c(BUCKET), c(path), c(session));
    take(unsafe { qcos_abort_upload(client.0, bucket.as_ptr(), path.as_ptr(), session.as_ptr()) })
}

fn on_bucket(
    call: unsafe extern "C" fn(qcos_client, *const c_char) -> *mut c_char,
    client: &Client,
    bucket: &str,
) -> Value {
    take(unsafe { call(client.0, c(bucket).as_ptr()) })
}

/// Every name that a complete list brings; `last` ends it.
fn list_all(
    client: &Client,
    path: &str,
    recursive: i32,
    last: Option<usize>,
) -> (Value, Vec<String>) {
    struct Seen {
        names: Vec<String>,
        last: Option<usize>,
    }
    unsafe extern "C" fn page(page: *const c_char, user_data: *mut c_void) -> i32 {
        // SAFETY: the pointer that was given below, and the library's text.
        let (seen, page) = unsafe { (&mut *user_data.cast::<Seen>(), CStr::from_ptr(page)) };
        let page: Value = serde_json::from_str(page.to_str().unwrap()).unwrap();
        let infos = page["infos"].as_array().unwrap();
        let names = infos.iter().map(|i| i["name"].as_str().unwrap().to_owned());
        seen.names.extend(names);
        i32::from(seen.last.is_some_and(|last| seen.names.len() >= last))
    }
    let mut seen = Seen {
        names: Vec::new(),
        last,
    };
    let (bucket, path) = (c(BUCKET), c(path));
    let reply = take(unsafe {
        let seen = ptr::from_mut(&mut seen).cast();
        qcos_list_all(
            client.0,
            bucket.as_ptr(),
            path.as_ptr(),
            recursive,
            Some(page),
            seen,
        )
    });
    seen.names.sort();
    (reply, seen.names)
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
        let reply = ok(delete_files(&client, &json!(paths)));
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
    let reply = delete_files(&client, &json!(["a+b.txt", "c"]));
    assert_eq!(code(&reply), -289, "{reply}");
    assert_eq!(reply["data"]["deleted"], 1);
    let failed = json!([{"path": "a+b.txt", "code": -289, "message": "no",
        "service_code": "AccessDenied"}]);
    assert_eq!(reply["data"]["failed"], failed);
    assert!(message(&reply).contains("1 of 2"), "{reply}");
    emulator.set_faults(&json!([]));
    ok(delete_files(&client, &json!(["a+b.txt"])));
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
        let reply = ok(delete_tree(&client, "tree"));
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
        assert!([-166, -197].contains(&code(&delete_tree(&client, "tree"))));
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
        assert_eq!(ok(get_acl(&client, "f"))["data"]["acl"], "default");
        for acl in ["public-read", "private", "default", "public-read"] {
            ok(set_acl(&client, "f", acl));
            assert_eq!(ok(get_acl(&client, "f"))["data"]["acl"], acl, "{api}");
        }
        ok(client.update_file("f", "changed"));
        assert_eq!(curl(url), (200, b"hello".to_vec()), "{api}");
        ok(client.move_file("f", "g", 0));
        assert_eq!(
            ok(get_acl(&client, "g"))["data"]["acl"],
            "public-read",
            "{api}"
        );
        assert!([-166, -197].contains(&code(&set_acl(&client, "none", "private"))));
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
    let found = ok(list_uploads(&client, "dir"));
    let infos = found["data"]["infos"].as_array().unwrap();
    let paths: Vec<&str> = infos.iter().map(|i| i["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["dir/a b+c", "dir/sub/中"]);
    assert_eq!(infos[0]["session"], sessions[0]);
    assert!(infos[0]["ctime"].as_str().unwrap().parse::<u64>().unwrap() > 1_700_000_000);
    ok(abort_upload(&client, "dir/a b+c", &sessions[0]));
    assert_eq!(
        code(&abort_upload(&client, "dir/a b+c", &sessions[0])),
        -290
    );
    assert_eq!(code(&abort_upload(&client, "other", &sessions[1])), -290);
    let left = ok(list_uploads(&client, ""));
    assert_eq!(left["data"]["infos"].as_array().unwrap().len(), 2);
    emulator
        .set_faults(&json!([{"match": {"op": "abort", "count": 1}, "fault": {"reset": "after"}}]));
    ok(abort_upload(&client, "other", &sessions[2]));
    assert_eq!(emulator.end_faults(), 1);
}

#[test]
fn buckets_come_and_go() {
    let emulator = Emulator::start_with(&["--bucket", BUCKET]);
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let create = |bucket: &str| {
        let (bucket, acl) = (c(bucket), c("private"));
        take(unsafe { qcos_create_bucket(client.0, bucket.as_ptr(), acl.as_ptr()) })
    };
    assert_eq!(code(&on_bucket(qcos_head_bucket, &client, "fresh")), -166);
    // With its appid or without, it is the same.
    ok(create("fresh"));
    assert_eq!(code(&create("fresh-10000001")), -176);
    ok(on_bucket(qcos_head_bucket, &client, "fresh-10000001"));
    let listed = take(unsafe { qcos_list_buckets(client.0) });
    let infos = ok(listed)["data"]["infos"].clone();
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
            _ => ok(on_bucket(qcos_delete_bucket, &client, "again")),
        };
        assert_eq!(emulator.end_faults(), 1, "{op}");
    }
    ok(client.upload_buffer(b"x", "f", ""));
    assert_eq!(code(&on_bucket(qcos_delete_bucket, &client, BUCKET)), -173);
    ok(on_bucket(qcos_delete_bucket, &client, "fresh"));
    assert_eq!(code(&on_bucket(qcos_delete_bucket, &client, "fresh")), -133);
    for wrong in ["Upper", "under_score", "-a", "a-", &"b".repeat(60)] {
        let reply = create(wrong);
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).starts_with("bucket"), "{reply}");
    }
}
