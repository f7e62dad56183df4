//! Uploads that say more of their object than its content.

mod common;

use common::emulator::Emulator;
use common::library::{APIS, Client, code, message, ok};
use common::{TempDir, noise};
use serde_json::{Value, json};

/// A header that comes with an object, as a client that is not ours sees it.
fn header(url: &str, name: &str) -> String {
    let response = ureq::get(url).call().unwrap();
    let value = response.headers().get(name);
    value.map_or("", |v| v.to_str().unwrap()).to_owned()
}

#[test]
fn headers_and_rights_go_along() {
    for api in APIS {
        let emulator = Emulator::start_with(&["--private"]);
        let client = Client::speaking(api, &emulator.url, json!({}));
        let files = TempDir::new();
        let options = json!({"biz_attr": "属性", "acl": "public-read", "headers": {
            "Content-Type": "text/plain; charset=utf-8", "cache-control": "max-age=60",
            "x-cos-meta-Color": "blue"}});
        // Whole, and in slices.
        for size in [1000, (8 << 20) + 1] {
            let path = format!("f{size}");
            let file = files.file("f", &noise(size, 1));
            let reply = ok(client.upload_with(&file, &path, &options));
            let url = reply["data"]["access_url"].as_str().unwrap();
            for (name, value) in [
                ("content-type", "text/plain; charset=utf-8"),
                ("cache-control", "max-age=60"),
                ("x-cos-meta-color", "blue"),
            ] {
                assert_eq!(header(url, name), value, "{api}, {size}");
            }
            ok(client.update_file(&path, "changed"));
            let stat = ok(client.stat_file(&path));
            assert_eq!(stat["data"]["biz_attr"], "changed");
            assert_eq!(
                header(url, "cache-control"),
                "max-age=60",
                "{api}: an update kept it"
            );
            assert_eq!(
                header(url, "x-cos-meta-color"),
                "blue",
                "{api}: an update kept it"
            );
        }
    }
}

#[test]
fn a_storage_class_stays_with_its_object() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    let options = json!({"storage_class": "STANDARD_IA"});
    ok(client.upload_with(&file, "f", &options));
    let class = |path: &str| {
        let signed = ok(client.download_url(path, 60));
        header(
            signed["data"]["url"].as_str().unwrap(),
            "x-cos-storage-class",
        )
    };
    assert_eq!(class("f"), "STANDARD_IA");
    ok(client.update_file("f", "changed"));
    assert_eq!(class("f"), "STANDARD_IA");
    ok(client.copy_file("f", "g", 0));
    assert_eq!(class("g"), "STANDARD_IA");
}

#[test]
fn lists_tell_the_storage_class() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let rare = json!({"storage_class": "STANDARD_IA"});
    let silent = &mut |_, _| 0;
    ok(client.upload_buffer_with(b"a", "d/a", &rare, silent));
    ok(client.upload_buffer(b"b", "d/b", ""));
    ok(client.create_folder("d/c", ""));
    let page = ok(client.list("d", 20, "eListBoth", 0, ""));
    let infos = page["data"]["infos"].as_array().unwrap();
    let classes = infos
        .iter()
        .map(|info| (&info["name"], &info["storage_class"]));
    let expected = [
        (json!("a"), json!("STANDARD_IA")),
        (json!("b"), json!("STANDARD")),
        (json!("c"), Value::Null),
    ];
    assert!(
        classes.eq(expected.iter().map(|(name, class)| (name, class))),
        "{page}"
    );
}

#[test]
fn overwriting_is_the_calls_to_say() {
    for api in APIS {
        let emulator = Emulator::start();
        let client = Client::speaking(api, &emulator.url, json!({}));
        let files = TempDir::new();
        let one = files.file("one", b"one");
        let two = files.file("two", b"two");
        ok(client.upload_with(&one, "f", &json!({})));
        assert_eq!(code(&client.upload_with(&two, "f", &json!({}))), -177);
        ok(client.upload_with(&two, "f", &json!({"overwrite": true})));
        let may = Client::speaking(api, &emulator.url, json!({"overwrite": true}));
        let reply = may.upload_with(&one, "f", &json!({"overwrite": false}));
        assert_eq!(code(&reply), -177, "{reply}");
    }
}

#[test]
fn the_json_api_has_no_storage_classes() {
    let client = Client::open("http://127.0.0.1:1");
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    let reply = client.upload_with(&file, "f", &json!({"storage_class": "ARCHIVE"}));
    assert_eq!(code(&reply), -3);
    assert!(message(&reply).contains("storage_class"), "{reply}");
}
