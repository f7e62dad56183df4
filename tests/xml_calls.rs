//! What the XML API does otherwise than the JSON API, through the same functions.

mod common;

use common::emulator::{APPID, Emulator};
use common::library::{Client, code, kind, message, ok};
use common::{TempDir, curl, noise, sha1_hex};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn open(emulator: &Emulator, options: Value) -> Client {
    Client::speaking("xml", &emulator.url, options)
}

fn names(reply: &Value) -> Vec<&str> {
    let infos = reply["data"]["infos"].as_array().unwrap();
    infos.iter().map(|i| i["name"].as_str().unwrap()).collect()
}

/// Every page of a list, as the context leads from one to the next.
fn pages(client: &Client, num: i32, pattern: &str, order: i32) -> Vec<String> {
    let (mut seen, mut context) = (Vec::new(), String::new());
    loop {
        let page = ok(client.list("dir", num, pattern, order, &context));
        assert!(names(&page).len() <= num as usize, "{page}");
        seen.extend(names(&page).into_iter().map(str::to_owned));
        context = page["data"]["context"].as_str().unwrap().to_owned();
        if page["data"]["has_more"] == false {
            return seen;
        }
    }
}

#[test]
fn pages_lead_to_the_end_in_both_orders() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    ok(client.create_folder("dir", ""));
    for name in ["b", "a", "甲", "c d"] {
        ok(client.create_folder(&format!("dir/{name}"), ""));
        ok(client.upload_buffer(b"x", &format!("dir/{name}/inside"), ""));
    }
    for name in ["2", "1", "a+b", "zz"] {
        ok(client.upload_buffer(name.as_bytes(), &format!("dir/{name}"), ""));
    }
    // The service's order is that of bytes, folders with the slash at their end.
    let all = ["1", "2", "a+b", "a", "b", "c d", "zz", "甲"];
    for num in [1, 2, 3, 8, 1000] {
        assert_eq!(pages(&client, num, "eListBoth", 0), all, "{num} a page");
        let mut backward = pages(&client, num, "eListBoth", 1);
        backward.reverse();
        assert_eq!(backward, all, "{num} a page, backward");
        let folders = pages(&client, num, "eListDirOnly", 0);
        assert_eq!(folders, ["a", "b", "c d", "甲"]);
        let files = pages(&client, num, "eListFileOnly", 0);
        assert_eq!(files, ["1", "2", "a+b", "zz"]);
    }
    let page = ok(client.list("dir", 5, "eListBoth", 0, ""));
    assert_eq!(
        (&page["data"]["dircount"], &page["data"]["filecount"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(page["data"]["infos"][0]["filesize"], 1);
    assert_eq!(names(&ok(client.list("", 0, "eListBoth", 0, ""))), ["dir"]);
    assert_eq!(
        names(&ok(client.prefix_search("dir", "a", 0, ""))),
        ["a+b", "a"]
    );
    assert_eq!(names(&ok(client.prefix_search("", "d", 0, ""))), ["dir"]);
    assert_eq!(names(&ok(client.prefix_search("dir", "甲", 1, ""))), ["甲"]);
    assert!(names(&ok(client.prefix_search("dir", "none", 0, ""))).is_empty());
}

#[test]
fn a_folder_is_there_when_something_is_in_it() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    ok(client.upload_buffer(b"x", "implicit/sub/f", ""));
    assert_eq!(
        ok(client.stat_folder("implicit"))["data"]["name"],
        "implicit"
    );
    assert_eq!(code(&client.delete_folder("implicit")), -173);
    ok(client.update_folder("implicit", "mine"));
    assert_eq!(
        ok(client.stat_folder("implicit"))["data"]["biz_attr"],
        "mine"
    );
    ok(client.delete_file("implicit/sub/f"));
    ok(client.delete_folder("implicit"));
    assert_eq!(code(&client.stat_folder("implicit")), -166);
    assert_eq!(code(&client.update_folder("implicit", "")), -166);
}

#[test]
fn difficult_names_come_back_byte_for_byte() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    let files = TempDir::new();
    for (number, name) in [
        "a b",
        "a+b",
        "100%",
        "a%20b",
        "s*r",
        "t~e",
        "q'u\"o",
        "中文",
        "d//e",
        "?a=b&c#d",
        "[(!)];,@$",
    ]
    .into_iter()
    .enumerate()
    {
        let (path, content) = (format!("names/{name}"), noise(3000, number as u64));
        let uploaded = ok(client.upload_buffer(&content, &path, name));
        let stat = ok(client.stat_file(&path))["data"].clone();
        assert_eq!(
            (&stat["biz_attr"], &stat["filesize"]),
            (&json!(name), &json!(3000))
        );
        let file = files.join("f");
        ok(client.download(&path, &file));
        assert!(std::fs::read(&file).unwrap() == content, "{name}");
        let url = uploaded["data"]["access_url"].as_str().unwrap();
        assert!(curl(url) == (200, content.clone()), "{url}");
        ok(client.copy_file(&path, &format!("copies/{name}"), 0));
        ok(client.move_file(&path, &format!("moved/{name}"), 0));
        assert_eq!(code(&client.stat_file(&path)), -166);
        for place in ["copies", "moved"] {
            ok(client.download(&format!("{place}/{name}"), &file));
            assert!(std::fs::read(&file).unwrap() == content, "{place}/{name}");
        }
        ok(client.delete_file(&format!("copies/{name}")));
    }
}

#[test]
fn what_either_api_writes_the_other_reads() {
    let emulator = Emulator::start();
    let (json, xml) = (Client::open(&emulator.url), open(&emulator, json!({})));
    let files = TempDir::new();
    let content = noise(3 * MIB + 17, 5);
    let file = files.file("f", &content);
    ok(json.upload_slice(&file, "j/f", 0, "", &mut |_, _| 0));
    ok(xml.upload_slice(&file, "x/f", 0, "", &mut |_, _| 0));
    for (reader, path) in [(&xml, "j/f"), (&json, "x/f")] {
        let target = files.join("got");
        let reply = ok(reader.download(path, &target));
        let digest = match path {
            "j/f" => reply["data"]["crc64"] == ok(xml.stat_file(path))["data"]["crc64"],
            _ => reply["data"]["sha"] == sha1_hex(&content),
        };
        assert!(digest, "{reply}");
        assert!(std::fs::read(&target).unwrap() == content);
    }
    let sha = ok(json.stat_file("x/f"))["data"]["sha"].clone();
    assert_eq!(sha.as_str().unwrap().to_lowercase(), sha1_hex(&content));
}

#[test]
fn copies_and_moves_keep_what_they_find() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    ok(client.upload_buffer(b"one", "a", "attribute"));
    let one = ok(client.stat_file("a"))["data"]["crc64"].clone();
    assert!(one.is_string());
    ok(client.upload_buffer(b"two", "b", ""));
    assert_eq!(code(&client.copy_file("a", "b", 0)), -177);
    assert_eq!(code(&client.move_file("a", "b", 0)), -177);
    ok(client.copy_file("a", "c", 0));
    assert_eq!(code(&client.copy_file("a", "c", 0)), -4018);
    ok(client.move_file("a", "b", 1));
    for path in ["b", "c"] {
        let stat = ok(client.stat_file(path));
        assert_eq!(stat["data"]["biz_attr"], "attribute");
        assert_eq!(stat["data"]["crc64"], one);
    }
    for reply in [
        client.stat_file("a"),
        client.copy_file("a", "d", 0),
        client.move_file("a", "d", 1),
        client.delete_file("a"),
        client.update_file("a", ""),
    ] {
        assert_eq!(code(&reply), -166, "{reply}");
    }
}

#[test]
fn an_update_keeps_all_other_headers() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    ok(client.upload_buffer(b"text", "f", "before"));
    let before = ok(client.stat_file("f"))["data"].clone();
    ok(client.update_file("f", "after ü"));
    let after = ok(client.stat_file("f"))["data"].clone();
    assert_eq!(after["biz_attr"], "after ü");
    for key in ["ctime", "crc64", "filesize"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    ok(client.update_file("f", ""));
    assert_eq!(ok(client.stat_file("f"))["data"]["biz_attr"], "");
}

#[test]
fn refusals_tell_the_services_own_words() {
    let emulator = Emulator::start();
    let client = open(&emulator, json!({}));
    let options = json!({"api": "xml", "region": "ap-guangzhou", "endpoint": emulator.url});
    let secret = "wrongwrongwrongwrong";
    let id = common::emulator::SECRET_ID;
    let (reply, handle) = common::library::open(APPID, id, secret, Some(&options.to_string()));
    ok(reply);
    let reply = Client(handle).list("", 0, "eListBoth", 0, "");
    assert_eq!((code(&reply), kind(&reply)), (-97, "service"), "{reply}");
    assert_eq!(reply["error"]["service_code"], "SignatureDoesNotMatch");
    assert_eq!(reply["httpcode"], 403);
    for id in [&reply["request_id"], &reply["error"]["trace_id"]] {
        assert!(id.as_str().is_some_and(|id| !id.is_empty()), "{reply}");
    }
    assert!(!reply.to_string().contains(secret));
    let missing = client.download("none", &TempDir::new().join("f"));
    assert_eq!(code(&missing), -166, "{missing}");
}

#[test]
fn a_signed_url_is_for_anybody() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = open(&emulator, json!({}));
    let path = "目 录/a+b~.txt";
    let uploaded = ok(client.upload_buffer(b"hello", path, ""));
    let plain = uploaded["data"]["access_url"].as_str().unwrap();
    assert_eq!(curl(plain).0, 403, "it is private");
    let signed = ok(client.download_url(path, 60));
    let url = signed["data"]["url"].as_str().unwrap();
    assert_eq!(curl(url), (200, b"hello".to_vec()), "{url}");
    assert_eq!(
        curl(&url.replace("b~", "c~")).0,
        403,
        "it is for another file"
    );
}

#[test]
fn temporary_credentials_come_with_a_token() {
    let token = "TOKEN+/=example";
    let emulator = Emulator::start_with(&["--security-token", token, "--private"]);
    let with = open(&emulator, json!({"security_token": token}));
    ok(with.upload_buffer(b"hello", "f", ""));
    let url = ok(with.download_url("f", 60))["data"]["url"].clone();
    assert_eq!(curl(url.as_str().unwrap()).0, 200);
    let file = TempDir::new();
    ok(with.download("f", &file.join("f")));
    let refused = open(&emulator, json!({})).upload_buffer(b"hello", "g", "");
    assert_eq!(refused["httpcode"], 403, "{refused}");
    let refused = open(&emulator, json!({"security_token": "other"})).upload_buffer(b"x", "g", "");
    assert_eq!(refused["httpcode"], 403, "{refused}");
    assert!(!refused.to_string().contains(token));
}

#[test]
fn what_the_service_would_refuse_is_not_sent() {
    // Nobody listens there: whatever were sent would fail with another code.
    let client = Client::speaking("xml", "http://127.0.0.1:1", json!({"retries": 0}));
    let files = TempDir::new();
    let file = files.file("f", &noise(3 * MIB, 1));
    let upload = |size: usize| client.upload_slice(&file, "f", size as u64, "", &mut |_, _| 0);
    assert_eq!(code(&upload(MIB - 1)), -4);
    assert_eq!(code(&upload(6 << 30)), -4);
    let long = "k".repeat(851);
    let attr = "中".repeat(300);
    for (reply, name) in [
        (client.stat_file(&long), "path"),
        (client.stat_file(&"中".repeat(284)), "path"),
        (client.upload_buffer(b"x", &long, ""), "dstpath"),
        (client.upload_buffer(b"x", "f", &attr), "biz_attr"),
        (client.update_file("f", &attr), "biz_attr"),
        (client.create_folder("f", &attr), "biz_attr"),
        (client.copy_file("f", &long, 0), "dst_path"),
        (client.list("d", 1001, "eListBoth", 0, ""), "num"),
        (client.list("d", 0, "eListBoth", 2, ""), "order"),
        (client.list("d", 0, "eListAll", 0, ""), "pattern"),
        (client.download_url(&long, 60), "path"),
        (client.sign_more(i64::MAX), "client"),
        (
            client.sign_once(&format!("/{APPID}/testbucket/f")),
            "client",
        ),
    ] {
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).starts_with(name), "{reply}");
    }
    assert_eq!(code(&client.stat_file("k")), -2);
}
