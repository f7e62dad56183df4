//! The calls that are struck: of each, every kind of request that it makes.

use serde_json::{Value, json};

use crate::common::library::{BUCKET, Client, code, ok};
use crate::ground::{Ground, huge, large, small};

/// A kind of call: what the emulator calls its request, what has to be there, and the call.
pub struct Call {
    pub name: &'static str,
    pub op: &'static str,
    pub prepare: fn(&Ground, &str) -> Value,
    pub run: fn(&Ground, &Client, &str, &Value) -> Value,
    /// What must be so after a success.
    pub check: fn(&Ground, &str),
    /// Moves megabytes, which takes the service a moment.
    pub is_large: bool,
}

fn nothing(_: &Ground, _: &str) -> Value {
    Value::Null
}

fn a_small_object(ground: &Ground, path: &str) -> Value {
    ok(ground.calm.upload_buffer(&small(path), path, ""))
}

fn an_archived_object(ground: &Ground, path: &str) -> Value {
    let (content, class) = (small(path), json!({"storage_class": "ARCHIVE"}));
    let silent = &mut |_, _| 0;
    ok(ground
        .calm
        .upload_buffer_with(&content, path, &class, silent))
}

fn a_tagged_object(ground: &Ground, path: &str) -> Value {
    a_small_object(ground, path);
    ok(ground.calm.set_tags(path, &json!({"k": "v"})))
}

fn a_session(ground: &Ground, path: &str) -> Value {
    let file = ground.file(&large(path));
    let reply = ground
        .calm
        .upload_slice(&file, path, 0, "", &mut |done, _| i32::from(done > 0));
    assert_eq!(code(&reply), -5);
    reply["data"]["session"].clone()
}

pub fn calls(api: &str) -> Vec<Call> {
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
        is_large: false,
    };
    let large_call = |name, op, prepare, run, check| Call {
        is_large: true,
        ..call(name, op, prepare, run, check)
    };
    let delete = |_: &Ground, client: &Client, path: &str, _: &Value| client.delete_file(path);
    let is_gone: fn(&Ground, &str) = |ground, path| {
        assert_eq!(code(&ground.calm.stat_file(path)), -166);
    };
    let is_large: fn(&Ground, &str) = |ground, path| ground.holds(path, &large(path));
    let is_huge: fn(&Ground, &str) = |ground, path| ground.holds(path, &huge(path));
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
        call(
            "list of versions",
            "list_versions",
            a_small_object,
            |_, client, _, _| client.list_versions("", 1, &mut |_| 0),
            |_, _| {},
        ),
        call(
            "versioning",
            "get_versioning",
            nothing,
            |_, client, _, _| client.get_versioning(),
            |_, _| {},
        ),
        call("delete", "delete_object", a_small_object, delete, is_gone),
        call(
            "delete a version",
            "delete_object",
            a_small_object,
            |_, client, path, _| client.delete_with(path, &json!({"version_id": "null"})),
            is_gone,
        ),
        call(
            "upload",
            "put_object",
            nothing,
            |_, client, path, _| client.upload_buffer(&small(path), path, ""),
            is_small,
        ),
        call(
            "append",
            "append",
            nothing,
            |_, client, path, _| client.append(&small(path), path, 0, &json!({})),
            is_small,
        ),
        call(
            "set tags",
            "put_object_tagging",
            a_small_object,
            |_, client, path, _| client.set_tags(path, &json!({"k": "v"})),
            |ground, path| {
                let told = ok(ground.calm.get_tags(path));
                assert_eq!(told["data"]["tags"], json!({"k": "v"}));
            },
        ),
        call(
            "get tags",
            "get_object_tagging",
            a_tagged_object,
            |_, client, path, _| client.get_tags(path),
            |_, _| {},
        ),
        call(
            "delete tags",
            "delete_object_tagging",
            a_tagged_object,
            |_, client, path, _| client.set_tags(path, &json!({})),
            |ground, path| {
                let told = ok(ground.calm.get_tags(path));
                assert_eq!(told["data"]["tags"], json!({}));
            },
        ),
        call(
            "stat with",
            "head_object",
            a_small_object,
            |_, client, path, _| client.stat_with(path, &json!({"version_id": "null"})),
            |_, _| {},
        ),
        call(
            "set versioning",
            "put_versioning",
            nothing,
            // In the others nothing may change.
            |_, client, _, _| client.set_versioning_of("versioned", "Suspended"),
            |ground, _| {
                let asked = json!({"method": "GET", "query": {"versioning": ""}});
                let told = ok(ground.calm.request(Some("versioned"), "", &asked, b""));
                assert!(told.to_string().contains("Suspended"), "{told}");
            },
        ),
        call(
            "restore",
            "restore",
            an_archived_object,
            |_, client, path, _| client.restore_file(path, 1, "Bulk"),
            |ground, path| {
                let stat = ok(ground.calm.stat_file(path));
                assert_eq!(stat["data"]["restore"], "ongoing-request=\"true\"");
            },
        ),
        call("a part", "upload_part", nothing, sliced_upload, is_large),
        call("a beginning", "initiate", nothing, sliced_upload, is_large),
        call("an end", "complete", nothing, sliced_upload, is_large),
        call("resume", "list_parts", a_session, resumed_upload, is_large),
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
            "copy with",
            "copy_object",
            a_small_object,
            |_, client, path, _| {
                let options = json!({"headers": {"Content-Type": "text/plain"}});
                let (from, to) = ((BUCKET, path), (BUCKET, &*beside(path)));
                client.copy_with(from, to, &options, &mut |_, _| 0)
            },
            moved,
        ),
        call(
            "copy with, its looks",
            "head_object",
            a_small_object,
            |_, client, path, _| {
                let (from, to) = ((BUCKET, path), (BUCKET, &*beside(path)));
                client.copy_with(from, to, &json!({}), &mut |_, _| 0)
            },
            moved,
        ),
        call(
            "copy with, moving",
            "delete_object",
            a_small_object,
            |_, client, path, _| {
                let (from, to) = ((BUCKET, path), (BUCKET, &*beside(path)));
                client.copy_with(from, to, &json!({"move": true}), &mut |_, _| 0)
            },
            moved_away,
        ),
        call(
            "move a folder",
            "copy_object",
            a_small_object,
            |_, client, path, _| {
                let options = json!({"move": true, "include": [format!("/{path}")]});
                client.copy_tree((BUCKET, ""), ("other", ""), &options, &mut |_, _| 0)
            },
            |ground, path| {
                let (there, here) = (("other", path), (BUCKET, path));
                let overwrite = json!({"overwrite": true});
                ok(ground
                    .calm
                    .copy_with(there, here, &overwrite, &mut |_, _| 0));
                ground.calm.holds(path, &small(path));
            },
        ),
        call(
            "update with",
            "copy_object",
            a_small_object,
            |_, client, path, _| client.update_with(path, &json!({"meta": {"a": "b"}})),
            |ground, path| {
                let stat = ok(ground.calm.stat_file(path));
                assert_eq!(stat["data"]["meta"]["a"], "b");
            },
        ),
        call(
            "download",
            "get_object",
            a_small_object,
            |ground, client, path, _| client.download(path, &ground.target()),
            has_arrived,
        ),
        call(
            "download with",
            "get_object",
            a_small_object,
            |ground, client, path, _| {
                let options = json!({"if_none_match": "another"});
                client.download_with(path, &ground.target(), &options)
            },
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
        large_call(
            "a stream's part",
            "upload_part",
            nothing,
            huge_stream,
            is_huge,
        ),
        large_call("a stream's end", "complete", nothing, huge_stream, is_huge),
        large_call(
            "memory's part",
            "upload_part",
            nothing,
            huge_memory,
            is_huge,
        ),
        large_call(
            "ranges to a callback",
            "get_object",
            a_huge_object,
            streamed_down,
            has_arrived_huge,
        ),
    ]
}

fn moved_away(ground: &Ground, path: &str) {
    ground.holds(&beside(path), &small(path));
    assert_eq!(code(&ground.calm.stat_file(path)), -166);
}

fn sliced_upload(ground: &Ground, client: &Client, path: &str, _: &Value) -> Value {
    resumed_upload(ground, client, path, &json!(""))
}

fn resumed_upload(ground: &Ground, client: &Client, path: &str, session: &Value) -> Value {
    let file = ground.file(&large(path));
    client.upload_slice(&file, path, 0, session.as_str().unwrap(), &mut |_, _| 0)
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
        std::fs::write(ground.target(), bytes).unwrap();
    }
    reply
}

fn has_arrived(ground: &Ground, path: &str) {
    assert!(std::fs::read(ground.target()).unwrap() == small(path));
    std::fs::remove_file(ground.target()).unwrap();
}

fn a_huge_object(ground: &Ground, path: &str) -> Value {
    ok(ground.calm.upload_buffer(&huge(path), path, ""))
}

fn huge_stream(_: &Ground, client: &Client, path: &str, _: &Value) -> Value {
    client.upload_streamed(path, &json!({}), &huge(path))
}

fn huge_memory(_: &Ground, client: &Client, path: &str, _: &Value) -> Value {
    client.upload_buffer(&huge(path), path, "")
}

fn has_arrived_huge(ground: &Ground, path: &str) {
    assert!(std::fs::read(ground.target()).unwrap() == huge(path));
    std::fs::remove_file(ground.target()).unwrap();
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
            is_large: false,
        },
        Call {
            name: "list",
            op: "list",
            prepare: a_small_object,
            run: |_, client, _, _| client.list("", 0, "eListBoth", 0, ""),
            check: |_, _| {},
            is_large: false,
        },
        Call {
            name: "delete",
            op: "delete",
            prepare: a_small_object,
            run: |_, client, path, _| client.delete_file(path),
            check: |ground, path| assert_ne!(code(&ground.calm.stat_file(path)), 0),
            is_large: false,
        },
        Call {
            name: "upload",
            op: "upload",
            prepare: nothing,
            run: |_, client, path, _| client.upload_buffer(&small(path), path, ""),
            check: |ground, path| ground.holds(path, &small(path)),
            is_large: false,
        },
        Call {
            name: "sliced upload",
            op: "slice_data",
            prepare: nothing,
            run: sliced_upload,
            check: |ground, path| ground.holds(path, &large(path)),
            is_large: false,
        },
        Call {
            name: "sliced upload's beginning",
            op: "slice_control",
            prepare: nothing,
            run: sliced_upload,
            check: |ground, path| ground.holds(path, &large(path)),
            is_large: false,
        },
        Call {
            name: "resume",
            op: "slice_data",
            prepare: a_session,
            run: resumed_upload,
            check: |ground, path| ground.holds(path, &large(path)),
            is_large: false,
        },
        Call {
            name: "download",
            op: "download",
            prepare: a_small_object,
            run: |ground, client, path, _| client.download(path, &ground.target()),
            check: has_arrived,
            is_large: false,
        },
        Call {
            name: "download to a callback",
            op: "download",
            prepare: a_small_object,
            run: streamed_down,
            check: has_arrived,
            is_large: false,
        },
        Call {
            name: "download into memory",
            op: "download",
            prepare: a_small_object,
            run: into_memory,
            check: has_arrived,
            is_large: false,
        },
        Call {
            name: "stream",
            op: "upload",
            prepare: nothing,
            run: streamed_up,
            check: |ground, path| ground.holds(path, &small(path)),
            is_large: false,
        },
        Call {
            name: "a stream's slice",
            op: "slice_data",
            prepare: nothing,
            run: huge_stream,
            check: |ground, path| ground.holds(path, &huge(path)),
            is_large: true,
        },
        Call {
            name: "memory's slice",
            op: "slice_data",
            prepare: nothing,
            run: huge_memory,
            check: |ground, path| ground.holds(path, &huge(path)),
            is_large: true,
        },
        Call {
            name: "ranges to a callback",
            op: "download",
            prepare: a_huge_object,
            run: streamed_down,
            check: has_arrived_huge,
            is_large: true,
        },
    ]
}
