//! Keys that end with a slash: folders where they have no content, files where they have some.

mod common;

use common::emulator::Emulator;
use common::entries::{all, infos, paths};
use common::library::{Client, code, message, ok};
use common::xml::{list, put};
use common::{TempDir, noise};
use serde_json::json;

fn client(url: &str) -> Client {
    Client::speaking("xml", url, json!({}))
}

#[test]
fn a_file_whose_name_ends_with_a_slash_is_no_folder() {
    let emulator = Emulator::start();
    let client = client(&emulator.url);
    put(&emulator, "u/end/", b"ten bytes!");
    let reply = client.delete_folder("u/end");
    assert_eq!(code(&reply), -173, "{reply}");
    assert!(message(&reply).contains("10 bytes"), "{reply}");
    for reply in [
        client.stat_folder("u/end"),
        client.update_folder("u/end", "x"),
    ] {
        assert_eq!(code(&reply), -166, "{reply}");
        assert!(message(&reply).contains("10 bytes"), "{reply}");
    }
    assert_eq!(code(&client.create_folder("u/end", "")), -177);
    // It is listed as what it is.
    for (path, recursive, name) in [("u", 1, "end/"), ("u/end", 1, ""), ("u/end", 0, "")] {
        let entries = all(&client, path, recursive);
        assert_eq!(entries.len(), 1, "{path}");
        assert_eq!(entries[0]["name"], name);
        assert_eq!(entries[0]["filesize"], 10);
    }
    assert_eq!(
        infos(&ok(client.list("u/end", 0, "eListBoth", 0, "")))[0]["filesize"],
        10
    );
    // A call that brings it does so, or names it.
    let files = TempDir::new();
    for path in ["u", "u/end"] {
        let reply = client.download_tree(path, &files.join("got"), "{}", &mut |_, _| 0);
        assert_ne!(code(&reply), 0, "{reply}");
        assert_eq!(paths(&reply["data"]["failed"]).len(), 1, "{reply}");
    }
    // By its whole name it is a file like any other.
    let stat = ok(client.stat_file("/u/end/"));
    assert_eq!(
        (&stat["data"]["filesize"], &stat["data"]["name"]),
        (&json!(10), &json!("end"))
    );
    ok(client.download("u/end/", &files.join("f")));
    assert_eq!(std::fs::read(files.join("f")).unwrap(), b"ten bytes!");
    ok(client.copy_file("u/end/", "copy", 0));
    ok(client.update_file("u/end/", "mine"));
    assert_eq!(ok(client.stat_file("u/end/"))["data"]["biz_attr"], "mine");
    assert_eq!(code(&client.stat_file("u/end")), -166);
    assert_eq!(code(&client.delete_file("u/end")), -166);
    ok(client.delete_file("u/end/"));
    assert_eq!(code(&client.stat_file("u/end/")), -166);
}

#[test]
fn a_folder_that_gets_content_is_not_deleted() {
    let emulator = Emulator::start();
    let client = client(&emulator.url);
    put(&emulator, "u/end/", b"ten bytes!");
    // As it was when it was listed.
    let was = list(&[("u/end/", 0)], None);
    emulator.set_faults(
        &json!([{"match": {"op": "list_objects"}, "fault": {"status": 200, "body": was}}]),
    );
    assert_eq!(code(&client.delete_folder("u/end")), -173);
    assert_eq!(emulator.count("delete_object"), 0);
    emulator.set_faults(&json!([]));
    ok(client.delete_files(&json!(["u/end/"])));
    ok(client.create_folder("u/end", ""));
    ok(client.delete_folder("u/end"));
}

#[test]
fn files_are_deleted_by_just_the_name_that_is_given() {
    let emulator = Emulator::start();
    let client = client(&emulator.url);
    put(&emulator, "u/end/", b"with");
    put(&emulator, "u/end", b"without");
    put(&emulator, "u/end//", b"with two");
    assert_eq!(
        ok(client.delete_files(&json!(["u/end/"])))["data"]["deleted"],
        1
    );
    assert_eq!(code(&client.stat_file("u/end/")), -166);
    assert_eq!(ok(client.stat_file("u/end"))["data"]["filesize"], 7);
    assert_eq!(ok(client.stat_file("u/end//"))["data"]["filesize"], 8);
    ok(client.delete_file("u/end//"));
    ok(client.stat_file("u/end"));
    // A folder is no file, whichever way it is named.
    ok(client.create_folder("d", ""));
    for reply in [
        client.delete_file("d/"),
        client.stat_file("d/"),
        client.delete_file("d"),
        client.update_file("d/", "x"),
        client.copy_file("d/", "e", 0),
        client.move_file("d/", "e", 0),
        client.download("d/", &TempDir::new().join("f")),
    ] {
        assert_eq!(code(&reply), -166, "{reply}");
    }
    ok(client.stat_folder("d"));
    let json = Client::open(&emulator.url);
    // Files go side by side, and a folder once what is named before it has gone.
    let mut names: Vec<_> = (0..16).map(|number| format!("j/{number}")).collect();
    for name in &names {
        ok(json.upload_buffer(b"x", name, ""));
    }
    ok(json.create_folder("j/e", ""));
    names.extend(["j/e/", "j/"].map(str::to_owned));
    let reply = json.delete_files(&json!(names));
    assert_eq!(reply["data"]["deleted"], 18, "{reply}");
    ok(json.upload_buffer(b"x", "j/f", ""));
    let reply = json.delete_files(&json!(["j/"]));
    assert_eq!(
        (code(&reply), paths(&reply["data"]["failed"])),
        (-173, vec!["j/"])
    );
}

#[test]
fn a_folder_with_something_beside_such_a_file_is_one() {
    let emulator = Emulator::start();
    let client = client(&emulator.url);
    put(&emulator, "u/end/", b"ten bytes!");
    ok(client.upload_buffer(b"x", "u/end/f", ""));
    let stat = ok(client.stat_folder("u/end"));
    assert_eq!(stat["data"], json!({"name": "end", "biz_attr": ""}));
    assert_eq!(code(&client.delete_folder("u/end")), -173);
    assert_eq!(code(&client.update_folder("u/end", "x")), -177);
    assert_eq!(ok(client.delete_tree("u/end"))["data"]["deleted"], 2);
}

#[test]
fn a_place_to_write_to_names_a_file() {
    let files = TempDir::new();
    let file = files.file("f", &noise(2 << 20, 1));
    for api in common::library::APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        ok(client.upload_buffer(b"x", "f", ""));
        for (reply, name) in [
            (client.upload(&file, "b/"), "dstpath"),
            (client.upload_buffer(b"x", "b//", ""), "dstpath"),
            (
                client.upload_slice(&file, "/b/", 0, "", &mut |_, _| 0),
                "dstpath",
            ),
            (client.upload_with(&file, "b/", &json!({})), "dstpath"),
            (client.move_file("f", "b/", 0), "dst_path"),
            (client.copy_file("f", "b/", 1), "dst_path"),
        ] {
            assert_eq!(code(&reply), -3, "{api}: {reply}");
            assert!(
                message(&reply).starts_with(&format!("{name}: must not end")),
                "{reply}"
            );
        }
        let listed = ok(client.list("", 0, "eListBoth", 0, ""));
        assert_eq!(infos(&listed).len(), 1, "{api}");
    }
}
