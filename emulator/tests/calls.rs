//! Create, stat, update, delete, move, upload and download: shapes of replies, and what each
//! refuses (json-api.md §2).

mod common;

use common::http::{Form, request};
use common::sign::{APPID, now, sha1, sign_more};
use common::{Emulator, noise};
use serde_json::{Value, json};

#[test]
fn folders() {
    let emulator = Emulator::start(&[]);
    emulator.create("/a/b/c/").ok();
    // Those above came with it, and exist like any other.
    emulator.stat("/a/b/").ok();
    emulator.create("/a/").refused(-178);
    emulator.create("/a/b/c/").refused(-178);
    emulator.create("/").refused(-178);
    emulator.create("//").refused(-178);
    emulator.create("/no slash").refused(-161);
    // A stat minds the slash.
    emulator.stat("/a").refused(-166);

    emulator
        .post("/a/", &json!({"op": "update", "biz_attr": "图"}))
        .ok();
    assert_eq!(emulator.stat("/a/").data()["biz_attr"], "图");
    emulator
        .post("/none/", &json!({"op": "update", "biz_attr": "x"}))
        .refused(-166);
    emulator
        .post("/a/", &json!({"op": "update", "authority": "eInvalid"}))
        .refused(-182);
    emulator
        .post("/", &json!({"op": "update", "biz_attr": "x"}))
        .refused(-180);

    emulator.delete("/a/").refused(-173);
    emulator.delete("/").refused(-180);
    for path in ["/a/b/c/", "/a/b/", "/a/"] {
        emulator.delete(path).ok();
        emulator.delete(path).refused(-166);
    }
}

#[test]
fn updates() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"x").ok();
    let update = |fields: Value| {
        let mut body = json!({"op": "update"});
        body.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        emulator.post("/a", &body)
    };
    let stat = || emulator.stat("/a").data();

    // Headers as an object and as text; the set is replaced, unknown names are left out.
    update(json!({"custom_headers": {"content-type": "text/x", "X-COS-META-A": "1", "X-Other": "2"}, "flag": 64})).ok();
    assert_eq!(
        stat()["custom_headers"],
        json!({"Content-Type": "text/x", "x-cos-meta-a": "1"})
    );
    update(json!({"custom_headers": "{\"Cache-Control\":\"no-cache\"}", "flag": "64"})).ok();
    assert_eq!(
        stat()["custom_headers"],
        json!({"Cache-Control": "no-cache"})
    );
    let download = emulator.download("/a");
    assert_eq!(download.header("cache-control"), Some("no-cache"));
    assert_eq!(
        download.header("content-type"),
        Some("application/octet-stream")
    );

    // The flag says what counts; without it what is there does.
    update(json!({"biz_attr": "one", "authority": "eWRPrivate", "flag": 0x81})).ok();
    update(json!({"biz_attr": "two", "authority": "eInvalid", "flag": 1})).ok();
    assert_eq!(
        (&stat()["biz_attr"], &stat()["authority"]),
        (&json!("two"), &json!("eWRPrivate"))
    );
    update(json!({"authority": "eWPrivateRPublic"})).ok();
    update(json!({})).ok();
    update(json!({"biz_attr": ""})).ok();
    assert_eq!(
        (&stat()["biz_attr"], &stat()["authority"]),
        (&json!(""), &json!("eWPrivateRPublic"))
    );
    assert_eq!(
        stat()["custom_headers"],
        json!({"Cache-Control": "no-cache"})
    );

    for (fields, code) in [
        (json!({"flag": 0, "biz_attr": "x"}), -179),
        (json!({"flag": 2, "biz_attr": "x"}), -179),
        (json!({"flag": "many"}), -179),
        (json!({"flag": -1}), -179),
        (json!({"flag": 1}), -5976),
        (
            json!({"flag": 0xc1, "biz_attr": "x", "authority": "eInvalid"}),
            -5976,
        ),
        (json!({"authority": "public"}), -182),
        (json!({"authority": ""}), -182),
        (json!({"custom_headers": "not JSON"}), -5975),
        (json!({"custom_headers": [1]}), -5975),
        (json!({"custom_headers": {"Content-Type": ""}}), -182),
        (json!({"custom_headers": {"Content-Type": 5}}), -182),
        (
            json!({"custom_headers": {"Content-Type": "a\r\nX-Evil: 1"}}),
            -182,
        ),
        (json!({"biz_attr": "x".repeat(65 << 10)}), -182),
    ] {
        let reply = update(fields.clone());
        assert_eq!(reply.code(), code, "{fields}");
        reply.refused(code);
    }
    assert_eq!(stat()["biz_attr"], "");
    update(json!({"biz_attr": "x".repeat(64 << 10)})).ok();
}

#[test]
fn moves() {
    let emulator = Emulator::start(&[]);
    let go = |from: &str, fields: Value| {
        let mut body = json!({"op": "move"});
        body.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        emulator.post(from, &body)
    };
    emulator.upload("/dir/a", b"a").ok();
    emulator
        .post("/dir/a", &json!({"op": "update", "biz_attr": "mine"}))
        .ok();
    go("/dir/a", json!({"dest_fileid": "sub/图 b"})).ok();
    assert_eq!(emulator.stat("/dir/sub/图 b").data()["biz_attr"], "mine");
    emulator.stat("/dir/a").refused(-166);
    go("/dir/sub/图 b", json!({"dest_fileid": "//c"})).ok();
    assert_eq!(emulator.download("/c").body, b"a");

    emulator.upload("/d", b"d").ok();
    go("/c", json!({"dest_fileid": "/d"})).refused(-177);
    go("/c", json!({"dest_fileid": "/d", "to_over_write": "0"})).refused(-177);
    go("/c", json!({"dest_fileid": "/c"})).refused(-177);
    go("/c", json!({"dest_fileid": "/c", "to_over_write": 1})).ok();
    go("/c", json!({"dest_fileid": "/d", "to_over_write": "1"})).ok();
    assert_eq!(emulator.download("/d").body, b"a");

    for (from, fields, code) in [
        ("/none", json!({"dest_fileid": "/x"}), -166),
        ("/d", json!({}), -5992),
        ("/d", json!({"dest_fileid": ""}), -5992),
        ("/d", json!({"dest_fileid": "/"}), -160),
        ("/d", json!({"dest_fileid": "/x/"}), -160),
        ("/d", json!({"dest_fileid": "../x"}), -180),
        // An object that no URL could reach.
        ("/d", json!({"dest_fileid": "图".repeat(300)}), -180),
        ("/d", json!({"dest_fileid": "/x?"}), -180),
        ("/d", json!({"dest_fileid": "/x", "to_over_write": 2}), -182),
        ("/dir/", json!({"dest_fileid": "/x"}), -160),
        ("/", json!({"dest_fileid": "/x"}), -164),
    ] {
        go(from, fields).refused(code);
    }
    assert_eq!(emulator.download("/d").body, b"a");
}

#[test]
fn uploads() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/a", b"one").ok();
    emulator.upload("/a", b"one").refused(-4018);
    emulator.upload("/a", b"two").refused(-177);
    emulator.overwrite("/a", b"two").ok();
    assert_eq!(emulator.download("/a").body, b"two");

    let sha = |text: &str| Form::new(&[("op", "upload"), ("sha", text)]).content(b"three");
    emulator
        .form("/b", &sha(&sha1(b"three").to_uppercase()))
        .ok();
    emulator.form("/c", &sha(&sha1(b"four"))).refused(-174);
    emulator.form("/c", &sha("beef")).refused(-168);
    emulator
        .form("/c", &Form::new(&[("op", "upload")]))
        .refused(-5990);
    let form = Form::new(&[("op", "upload"), ("insertOnly", "yes")]).content(b"x");
    emulator.form("/c", &form).refused(-182);
    emulator.upload("/dir/", b"x").refused(-160);
    emulator.upload("/", b"x").refused(-164);
    emulator.stat("/c").refused(-166);
    // A file and a folder of one name are two things; the folder above came with its file.
    emulator.upload("/a/below", b"x").ok();
    emulator.stat("/a/").ok();
    emulator.stat("/a").ok();

    // 20 MiB, and a byte more.
    let big = noise((20 << 20) + 1, 1);
    emulator.upload("/big", &big[1..]).ok();
    let reply = emulator.upload("/bigger", &big);
    assert_eq!((reply.status, reply.code()), (413, -285));
    assert!(emulator.download("/big").body == big[1..]);
}

#[test]
fn times() {
    let times = |emulator: &Emulator| {
        let stat = emulator.stat("/a").data();
        ["ctime", "mtime"].map(|field| stat[field].as_str().unwrap().parse::<u64>().unwrap())
    };
    // Each step at a later hour of the service's clock; the signatures are of today.
    let hour = |number: u64| (now() - 100_000 + number * 3600).to_string();
    let emulator = Emulator::start(&["--now", &hour(0)]);
    emulator.upload("/a", b"one").ok();
    let [made, _] = times(&emulator);
    let emulator = emulator.kill_and_restart(&["--now", &hour(1)]);
    emulator.overwrite("/a", b"two").ok();
    let [ctime, overwritten] = times(&emulator);
    assert_eq!(ctime, made);
    assert!(overwritten > made);
    let emulator = emulator.kill_and_restart(&["--now", &hour(2)]);
    let update = json!({"op": "update", "biz_attr": "x"});
    emulator.post("/a", &update).ok();
    let [ctime, updated] = times(&emulator);
    assert_eq!(ctime, made);
    assert!(updated > overwritten);
    let emulator = emulator.kill_and_restart(&["--now", &hour(3)]);
    emulator
        .post("/a", &json!({"op": "move", "dest_fileid": "/b"}))
        .ok();
    emulator
        .post("/b", &json!({"op": "move", "dest_fileid": "/a"}))
        .ok();
    assert_eq!(times(&emulator), [made, updated]);
}

#[test]
fn buckets() {
    let emulator = Emulator::start(&["--bucket", "testbucket", "--bucket", "other"]);
    emulator.upload("/a", b"here").ok();
    let stat = |bucket: &str, path: &str| {
        let target = format!("/files/v1/{APPID}/{bucket}{path}?op=stat");
        let sign = sign_more(bucket);
        request(
            &emulator.address,
            "GET",
            &target,
            &[("Authorization", &sign)],
            b"",
        )
    };
    stat("other", "/").ok();
    stat("other", "/a").refused(-166);
    stat("third", "/").refused(-133);
    assert_eq!(
        stat("third", "/").json()["message"],
        "ERROR_CMD_BUCKET_NOTEXIST"
    );
    stat("no_such", "/").refused(-180);
    // Without --bucket any lawful name does.
    let emulator = emulator.kill_and_restart(&[]);
    let stat = |bucket: &str| {
        let target = format!("/files/v1/{APPID}/{bucket}/?op=stat");
        let sign = sign_more(bucket);
        request(
            &emulator.address,
            "GET",
            &target,
            &[("Authorization", &sign)],
            b"",
        )
    };
    stat("third").ok();
    stat("Third-9").ok();
    stat("-third").refused(-180);
    stat("%5Cthird").refused(-61); // a signature that is of this bucket is made of no such name
}
