//! Names that no URL, or no JSON API, can say: each is named, and hides no other.

mod common;

use common::TempDir;
use common::library::{Client, code, message, ok};
use common::listener::{Listener, http};
use serde_json::{Value, json};

/// A service whose folders hold names that no URL, or no JSON API, can say.
fn odd_names() -> Listener {
    Listener::answering(|_, request| {
        let refused = |code: i64| {
            let reply = json!({"code": code, "message": "no such path"});
            http(400, &reply.to_string())
        };
        let path = request.line.split(' ').nth(1).unwrap();
        let path = path.split('?').next().unwrap();
        let path = path
            .rsplit_once("/testbucket/")
            .map_or("", |(_, path)| path);
        if path.contains("%3F") {
            return refused(-180);
        }
        if request.line.starts_with("POST") {
            return match path {
                "t/hidden/" | "t/" => refused(-173),
                _ => http(200, r#"{"code":0,"message":"","data":{}}"#),
            };
        }
        if !request.line.contains("op=list") {
            return refused(-166);
        }
        let folder = |name: &str| json!({"name": name});
        let file = |name: &str| json!({"name": name, "filesize": 1, "filelen": 1});
        let infos = match path {
            "t/" => json!([
                folder("."),
                folder(".."),
                folder("a?b"),
                folder("\u{1}/../.."),
                folder(""),
                folder(&"长".repeat(250)),
                folder("good"),
                folder("hidden"),
                file("."),
                file("c?d"),
                file("e"),
            ]),
            "t/good/" => json!([file("f")]),
            "t/hidden/" => json!([]),
            _ => return refused(-166),
        };
        let data = json!({"infos": infos, "has_more": false, "context": ""});
        http(
            200,
            &json!({"code": 0, "message": "", "data": data}).to_string(),
        )
    })
}

fn failed(reply: &Value) -> Vec<&str> {
    let failed = reply["data"]["failed"].as_array().unwrap();
    let mut paths: Vec<&str> = failed.iter().map(|f| f["path"].as_str().unwrap()).collect();
    paths.sort_unstable();
    paths
}

#[test]
fn one_name_that_cannot_be_said_hides_no_other() {
    let listener = odd_names();
    let client = Client::open_with(&listener.url, json!({"retries": 0}));
    let mut found = Vec::new();
    let reply = ok(client.list_all("t", 1, &mut |page| {
        let infos = page["infos"].as_array().unwrap();
        found.extend(infos.iter().map(|i| i["name"].as_str().unwrap().to_owned()));
        0
    }));
    for name in [".", "..", "a?b", "good", "good/f", "hidden", "c?d", "e"] {
        assert!(found.contains(&name.to_owned()), "{name}: {found:?}");
    }
    assert_eq!(reply["data"]["count"], found.len());
    let long = "长".repeat(250) + "/";
    let mut unlisted = vec!["./", "../", "/", "\u{1}/../../", "a?b/", &long];
    unlisted.sort_unstable();
    assert_eq!(failed(&reply), unlisted);
    let plain = ok(client.list_all("t", 0, &mut |_| 0));
    assert_eq!(plain["data"], json!({"count": 11}));

    let files = TempDir::new();
    let reply = client.download_tree("t", &files.join("d"), "{}", &mut |_, _| 0);
    assert_ne!(code(&reply), 0, "{reply}");
    for path in [".", "..", "a?b/", "c?d", &long] {
        assert!(failed(&reply).contains(&path), "{path}: {reply}");
    }

    let reply = client.delete_tree("t");
    assert_ne!(code(&reply), 0, "{reply}");
    let whole = |name: &str| format!("t/{name}");
    let mut kept: Vec<String> = unlisted.iter().map(|name| whole(name)).collect();
    kept.extend([".", "c?d", "hidden/", ""].map(whole));
    kept.sort_unstable();
    assert_eq!(failed(&reply), kept);
    let all = reply["data"]["failed"].as_array().unwrap();
    let hidden = all.iter().find(|f| f["path"] == "t/hidden/").unwrap();
    assert!(
        hidden["message"].as_str().unwrap().contains("XML API"),
        "{hidden}"
    );
    // t itself, good with its file, hidden, e: what could be asked for was.
    let asked: Vec<String> = listener.received().into_iter().map(|r| r.line).collect();
    for path in ["t/e ", "t/good/f ", "t/good/ ", "t/ "] {
        let is_asked = |line: &String| line.starts_with("POST") && line.contains(path);
        assert!(asked.iter().any(is_asked), "{path}");
    }
    assert!(message(&reply).contains("were not deleted"), "{reply}");
    assert!(
        !asked
            .iter()
            .any(|line| line.contains("/../") || line.contains("/./"))
    );
}
