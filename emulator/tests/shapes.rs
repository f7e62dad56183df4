//! The replies of the JSON API have the fields that were recorded of the service, and no others.

mod common;

use common::http::{Form, request};
use common::sign::{sha1, sign};
use common::{BUCKET, Emulator, url_path};
use serde_json::{Value, json};

/// The names of an object's fields and the kinds of their values.
fn shape(data: &Value) -> Vec<String> {
    let kind = |value: &Value| match value {
        Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        _ => "other",
    };
    let fields = data.as_object().unwrap();
    fields
        .iter()
        .map(|(name, value)| format!("{name}: {}", kind(value)))
        .collect()
}

#[test]
fn replies_have_the_recorded_shapes() {
    let emulator = Emulator::start(&["--now", "1480000000"]);
    let sign = sign(BUCKET, 1_480_000_600, "");
    let post =
        |path: &str, body: Value| emulator.post_signed(path, &sign, body.to_string().as_bytes());
    let stat = |path: &str| {
        let target = format!("{}?op=stat", url_path(path));
        request(
            &emulator.address,
            "GET",
            &target,
            &[("Authorization", &sign)],
            b"",
        )
    };

    let made = post("/dir/", json!({"op": "create", "biz_attr": "note"}));
    let ctime: u64 = made.data()["ctime"].as_str().unwrap().parse().unwrap();
    assert!((1_480_000_000..1_480_000_060).contains(&ctime));
    assert_eq!(made.data()["resource_path"], "/10000001/testbucket/dir/");

    let form = Form::new(&[("op", "upload"), ("biz_attr", "x")]).content(b"hello");
    let uploaded = emulator.form_signed("/dir/a b", &sign, &form).data();
    let url = &emulator.url;
    assert_eq!(
        uploaded,
        json!({
            "access_url": format!("{url}/testbucket-10000001/dir/a%20b"),
            "source_url": format!("{url}/testbucket-10000001/dir/a%20b"),
            "url": format!("{url}/files/v1/10000001/testbucket/dir/a%20b"),
            "resource_path": "/10000001/testbucket/dir/a b",
        })
    );

    let file = stat("/dir/a b").data();
    assert_eq!(
        shape(&file),
        [
            "access_url: text",
            "authority: text",
            "biz_attr: text",
            "ctime: text",
            "custom_headers: object",
            "filelen: number",
            "filesize: number",
            "mtime: text",
            "name: text",
            "sha: text",
            "source_url: text",
        ]
    );
    assert_eq!(file["sha"], sha1(b"hello").to_uppercase());
    assert_eq!(
        (&file["name"], &file["authority"]),
        (&json!("a b"), &json!("eInvalid"))
    );
    let folder = stat("/dir/").data();
    assert_eq!(
        shape(&folder),
        ["biz_attr: text", "ctime: text", "mtime: text", "name: text"]
    );
    assert_eq!(
        (&folder["name"], &folder["biz_attr"]),
        (&json!("dir"), &json!("note"))
    );
    for root in ["", "/", "//"] {
        assert_eq!(
            shape(&stat(root).data()),
            [
                "authority: text",
                "biz_attr: text",
                "blackrefers: array",
                "brower_exec: text",
                "bucket_type: number",
                "cnames: array",
                "ctime: text",
                "migrate_source_domain: text",
                "mtime: text",
                "need_preview: text",
                "nugc_flag: text",
                "refers: array",
            ]
        );
    }
    // Calls without data have no such field.
    let moved = post("/dir/a b", json!({"op": "move", "dest_fileid": "c"})).json();
    assert_eq!(moved, json!({"code": 0, "message": "SUCCESS"}));
}
