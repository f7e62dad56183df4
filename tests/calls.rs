//! Every call against the emulator: what it brings and what the service answers when it cannot.

mod common;

use common::emulator::{APPID, Emulator};
use common::library::{APIS, BUCKET, Client, code, message, ok};
use common::{TempDir, noise, sha1_hex};
use serde_json::{Value, json};

fn names(reply: &Value) -> Vec<&str> {
    let infos = reply["data"]["infos"].as_array().unwrap();
    infos.iter().map(|i| i["name"].as_str().unwrap()).collect()
}

fn decimal(value: &Value) -> bool {
    value.as_str().is_some_and(|s| s.parse::<u64>().is_ok())
}

#[test]
fn folders_live_and_die() {
    APIS.into_iter().for_each(folders_live_and_die_in);
}

fn folders_live_and_die_in(api: &str) {
    let emulator = Emulator::start();
    let client = Client::speaking(api, &emulator.url, json!({}));
    for path in ["plain", "/a b/c~d/", "1+1=2", "100%/x", "目录/图 片"] {
        let made = ok(client.create_folder(path, "属性 \"1\""));
        assert!(decimal(&made["data"]["ctime"]), "{made}");
        assert_eq!(code(&client.create_folder(path, "")), -178);

        let stat = ok(client.stat_folder(path));
        assert_eq!(stat["data"]["biz_attr"], "属性 \"1\"");
        let last = path.trim_matches('/').rsplit('/').next().unwrap();
        assert_eq!(stat["data"]["name"], last);

        ok(client.update_folder(path, "two"));
        assert_eq!(ok(client.stat_folder(path))["data"]["biz_attr"], "two");

        let inside = format!("{path}/f");
        ok(client.upload_buffer(b"x", &inside, ""));
        assert_eq!(code(&client.delete_folder(path)), -173);
        ok(client.delete_file(&inside));
        ok(client.delete_folder(path));
        assert!([-166, -197].contains(&code(&client.stat_folder(path))));
        assert!([-166, -197].contains(&code(&client.delete_folder(path))));
    }
    let bucket = ok(client.stat_folder("/"));
    if api == "json" {
        assert!(bucket["data"]["authority"].is_string(), "{bucket}");
    }
}

#[test]
fn files_live_and_die() {
    APIS.into_iter().for_each(files_live_and_die_in);
}

fn files_live_and_die_in(api: &str) {
    let emulator = Emulator::start();
    let client = Client::speaking(api, &emulator.url, json!({}));
    let files = TempDir::new();
    for (number, path) in ["plain.txt", "/a b/c~d", "1+1=2", "100%.x", "目录/图 片.jpg"]
        .into_iter()
        .enumerate()
    {
        let content = noise(70_000, number as u64);
        let file = files.file("f", &content);
        let uploaded = ok(client.upload(&file, path));
        assert_eq!(uploaded["httpcode"], 200);
        let url = uploaded["data"]["access_url"].as_str().unwrap();
        let body = ureq::get(url)
            .call()
            .unwrap()
            .body_mut()
            .read_to_vec()
            .unwrap();
        assert!(body == content, "{url} is not what was uploaded");

        assert_eq!(code(&client.upload(&file, path)), -4018, "the same again");
        assert_eq!(code(&client.upload_buffer(b"other", path, "")), -177);

        ok(client.update_file(path, "名"));
        let stat = ok(client.stat_file(path))["data"].clone();
        assert_eq!(stat["biz_attr"], "名");
        assert_eq!(
            (&stat["filesize"], &stat["filelen"]),
            (&json!(70_000), &json!(70_000))
        );
        assert!(decimal(&stat["ctime"]) && decimal(&stat["mtime"]), "{stat}");
        match api {
            "json" => {
                let sha = stat["sha"].as_str().unwrap().to_lowercase();
                assert_eq!(sha, sha1_hex(&content));
            }
            _ => assert!(decimal(&stat["crc64"]) && stat["sha"].is_null(), "{stat}"),
        }

        ok(client.delete_file(path));
        assert!([-166, -197].contains(&code(&client.stat_file(path))));
    }
}

#[test]
fn overwriting_is_an_option() {
    APIS.into_iter().for_each(overwriting_is_an_option_in);
}

fn overwriting_is_an_option_in(api: &str) {
    let emulator = Emulator::start();
    let client = Client::speaking(api, &emulator.url, json!({"overwrite": true}));
    ok(client.upload_buffer(b"one", "f", "first"));
    ok(client.upload_buffer(b"second", "f", "second"));
    let stat = ok(client.stat_file("f"));
    assert_eq!(
        (&stat["data"]["filesize"], &stat["data"]["biz_attr"]),
        (&json!(6), &json!("second"))
    );

    let files = TempDir::new();
    ok(client.upload_slice(
        &files.file("f", &noise(1 << 20, 8)),
        "f",
        0,
        "",
        &mut |_, _| 0,
    ));
    assert_eq!(ok(client.stat_file("f"))["data"]["filesize"], 1 << 20);
}

#[test]
fn pages_lead_to_the_end_in_both_orders() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    for name in ["b", "a", "甲", "c d"] {
        ok(client.create_folder(&format!("dir/{name}"), ""));
    }
    for name in ["2", "1", "a+b", "zz"] {
        ok(client.upload_buffer(name.as_bytes(), &format!("dir/{name}"), ""));
    }
    let expected = ["a", "b", "c d", "甲", "1", "2", "a+b", "zz"];
    for order in [0, 1] {
        for num in [1, 3, 8, 199] {
            let mut seen = Vec::new();
            let mut context = String::new();
            loop {
                let page = ok(client.list("dir", num, "eListBoth", order, &context));
                assert!(names(&page).len() <= num as usize);
                assert_eq!(page["data"]["dircount"], 4);
                assert_eq!(page["data"]["filecount"], 4);
                seen.extend(names(&page).into_iter().map(str::to_owned));
                context = page["data"]["context"].as_str().unwrap().to_owned();
                if page["data"]["has_more"] == false {
                    break;
                }
            }
            if order == 1 {
                seen.reverse();
            }
            assert_eq!(seen, expected, "order {order}, {num} a page");
        }
    }
    assert_eq!(
        names(&ok(client.list("/dir/", 0, "eListDirOnly", 0, ""))),
        expected[..4]
    );
    assert_eq!(
        names(&ok(client.list("dir", 0, "eListFileOnly", 0, ""))),
        expected[4..]
    );
    assert_eq!(names(&ok(client.list("", 0, "eListBoth", 0, ""))), ["dir"]);
    assert_eq!(
        names(&ok(client.prefix_search("dir", "a", 0, ""))),
        ["a", "a+b"]
    );
    assert_eq!(names(&ok(client.prefix_search("", "d", 0, ""))), ["dir"]);
    assert_eq!(names(&ok(client.prefix_search("dir", "甲", 1, ""))), ["甲"]);
    assert!(names(&ok(client.prefix_search("dir", "none", 0, ""))).is_empty());
}

#[test]
fn signatures_open_the_service_to_other_programs() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    ok(client.upload_buffer(b"x", "目 录/f", ""));
    let post = |sign: &str, path: &str| {
        let url = format!("{}/files/v1/{APPID}/{BUCKET}/{path}", emulator.url);
        let config = ureq::config::Config::builder().http_status_as_error(false);
        let agent = config.build().new_agent();
        let mut response = agent
            .post(url)
            .header("Authorization", sign)
            .header("Content-Type", "application/json")
            .send(r#"{"op":"delete"}"#)
            .unwrap();
        let reply: Value =
            serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
        code(&reply)
    };
    let path = "%E7%9B%AE%20%E5%BD%95/f";
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    let more = ok(client.sign_more(now + 60));
    let once = ok(client.sign_once(&format!("/{APPID}/{BUCKET}/目 录/f")));
    let sign = |reply: &Value| reply["data"]["sign"].as_str().unwrap().to_owned();
    assert_ne!(
        post(&sign(&more), path),
        0,
        "a delete wants a signature for once"
    );
    assert_eq!(post(&sign(&once), "other"), -63, "it is for another file");
    assert_eq!(post(&sign(&once), path), 0);
    assert_eq!(post(&sign(&once), path), -77, "it has been used");
    assert_eq!((&more["httpcode"], message(&once)), (&json!(0), "SUCCESS"));
}

#[test]
fn wrong_credentials_are_the_services_to_refuse() {
    let emulator = Emulator::start_with(&["--bucket", "other"]);
    let right = Client::open(&emulator.url);
    let missing = right.stat_file("f");
    assert!(code(&missing) < -8, "{missing}");
    let options = json!({ "endpoint": emulator.url }).to_string();
    for (appid, id, key) in [
        (
            "10000002",
            common::emulator::SECRET_ID,
            common::emulator::SECRET_KEY,
        ),
        (APPID, "AKIDwrong", common::emulator::SECRET_KEY),
        (APPID, common::emulator::SECRET_ID, "wrong"),
    ] {
        let (reply, handle) = common::library::open(appid, id, key, Some(&options));
        ok(reply);
        let reply = Client(handle).stat_file("f");
        assert!(code(&reply) < -8, "{reply}");
        assert!(!reply.to_string().contains(key), "{reply}");
    }
}
