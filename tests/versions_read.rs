//! Versions of a file, each read, told of and deleted by its id.

mod common;

use std::fs;
use std::ops::Range;

use common::emulator::{Emulator, SECRET_KEY};
use common::library::{APIS, Client, code, kind, message, ok};
use common::listener::Listener;
use common::{TempDir, noise};
use serde_json::{Value, json};

/// Of whole ranges; what is not there is fetched in several.
const RANGE: usize = 4 << 20;

fn client(emulator: &Emulator) -> Client {
    client_with(emulator, json!({}))
}

fn client_with(emulator: &Emulator, mut options: Value) -> Client {
    options["overwrite"] = true.into();
    Client::speaking("xml", &emulator.url, options)
}

/// A service, and a bucket that keeps versions, or has stopped to.
fn service(status: &str) -> Emulator {
    let emulator = Emulator::start();
    ok(client(&emulator).create_bucket("testbucket", "private"));
    set_versioning(&emulator, status);
    emulator
}

fn set_versioning(emulator: &Emulator, status: &str) {
    let document =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    let request = json!({"method": "PUT", "query": {"versioning": ""}});
    let bucket = Some("testbucket");
    ok(client(emulator).request(bucket, "", &request, document.as_bytes()));
}

/// Puts something there; its id.
fn put(client: &Client, path: &str, content: &[u8]) -> String {
    ok(client.upload_buffer(content, path, ""));
    let stat = ok(client.stat_file(path));
    let id = stat["data"]["version_id"].as_str();
    id.unwrap_or_else(|| panic!("{stat}")).to_owned()
}

fn at(id: &str) -> Value {
    json!({"version_id": id})
}

/// Reads some bytes of a version, or all, in every way that there is.
fn is_read(client: &Client, path: &str, id: &str, content: &[u8], range: Range<usize>) {
    let files = TempDir::new();
    let got = files.join("got");
    let mut bytes = Vec::new();
    let mut write = |more: &[u8]| {
        bytes.extend_from_slice(more);
        0
    };
    if range.len() == content.len() {
        ok(client.download_with(path, &got, &at(id)));
        assert!(fs::read(&got).unwrap() == content, "{id}");
        ok(client.download_stream(path, &at(id), &mut write));
        assert!(bytes == content, "{id}");
        let last = json!({"version_id": id, "last": 7});
        bytes.clear();
        let mut write = |more: &[u8]| {
            bytes.extend_from_slice(more);
            0
        };
        ok(client.download_stream(path, &last, &mut write));
        assert!(bytes == content[content.len().saturating_sub(7)..], "{id}");
    } else {
        let options = json!({"version_id": id, "offset": range.start, "length": range.len()});
        ok(client.download_stream(path, &options, &mut write));
        assert!(bytes == content[range.clone()], "{id}");
    }
    let mut buffer = vec![0; range.len()];
    let reply = ok(client.download_buffer(path, range.start as i64, &mut buffer, &at(id)));
    assert_eq!(reply["data"]["filesize"], content.len(), "{id}");
    assert!(buffer == content[range], "{id}");
}

#[test]
fn each_is_read_by_its_id_after_it_was_overwritten() {
    let emulator = service("Enabled");
    let client = client(&emulator);
    // The first two are of the same length: only what they hold tells them apart.
    let contents = [
        noise(3 * RANGE + 7, 1),
        noise(3 * RANGE + 7, 2),
        noise(5000, 3),
    ];
    let ids: Vec<String> = contents
        .iter()
        .map(|content| put(&client, "a b/版", content))
        .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    for (content, id) in contents.iter().zip(&ids) {
        is_read(&client, "a b/版", id, content, 0..content.len());
        let checkpoints = TempDir::new();
        let dir = checkpoints.join("");
        let with_checkpoints = client.with(&json!({"checkpoint_dir": dir.to_str().unwrap()}));
        is_read(&with_checkpoints, "a b/版", id, content, 0..content.len());
        let stat = ok(client.stat_with("a b/版", &at(id)));
        let data = &stat["data"];
        assert_eq!(data["version_id"], id.as_str());
        assert_eq!(data["filesize"], content.len());
        let url = data["url"].as_str().unwrap();
        assert!(url.ends_with(&format!("?versionId={id}")), "{url}");
    }
    for (content, id) in contents.iter().zip(&ids).take(2) {
        emulator.forget_requests();
        is_read(&client, "a b/版", id, content, 9..2 * RANGE + RANGE / 2);
        // Three ranges each time.
        assert_eq!(emulator.count("get_object"), 6);
    }
    client.holds("a b/版", &contents[2]);
}

/// A version stays what it is, whoever overwrites the file meanwhile.
#[test]
fn overwriting_disturbs_no_download_of_a_version() {
    let emulator = service("Enabled");
    let slow = client_with(&emulator, json!({"parallel": 1}));
    let content = noise(8 * RANGE, 1);
    let id = put(&slow, "f", &content);
    let mut bytes = Vec::new();
    let mut write = |more: &[u8]| {
        if bytes.is_empty() {
            ok(client(&emulator).upload_buffer(b"another", "f", ""));
        }
        bytes.extend_from_slice(more);
        0
    };
    ok(slow.download_stream("f", &at(&id), &mut write));
    assert!(bytes == content);
    slow.holds("f", b"another");
}

/// There is one of that id at a time, and another takes its place.
#[test]
fn a_version_null_that_is_replaced_meanwhile_is_no_longer_it() {
    let emulator = service("Suspended");
    let slow = client_with(&emulator, json!({"parallel": 1}));
    let content = noise(8 * RANGE, 1);
    assert_eq!(put(&slow, "f", &content), "null");
    let another = noise(8 * RANGE, 2);
    let mut has_begun = false;
    let mut write = |_: &[u8]| {
        if !has_begun {
            ok(client(&emulator).upload_buffer(&another, "f", ""));
        }
        has_begun = true;
        0
    };
    let reply = slow.download_stream("f", &at("null"), &mut write);
    assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
    slow.holds("f", &another);
}

/// What a connection did not bring is asked for again, of the same version.
#[test]
fn attempts_after_the_first_are_about_the_same_version() {
    let emulator = service("Enabled");
    let client = client(&emulator);
    let content = noise(3 * RANGE, 1);
    let id = put(&client, "f", &content);
    put(&client, "f", &noise(3 * RANGE, 2));
    for fault in [
        json!({"cut": 1_000_000}),
        json!({"status": 503, "body": ""}),
    ] {
        emulator.set_faults(&json!([
            {"match": {"op": "get_object", "every": 3, "count": 3}, "fault": fault},
        ]));
        is_read(&client, "f", &id, &content, 0..content.len());
        assert!(emulator.end_faults() > 0);
    }
}

#[test]
fn a_download_that_died_goes_on_with_its_version_alone() {
    let emulator = service("Enabled");
    let (checkpoints, files) = (TempDir::new(), TempDir::new());
    let dir = checkpoints.join("");
    let options = json!({"checkpoint_dir": dir.to_str().unwrap(), "parallel": 1, "retries": 0});
    let client = client_with(&emulator, options);
    let contents = [noise(6 * RANGE, 1), noise(6 * RANGE, 2)];
    let ids = [&contents[0], &contents[1]].map(|content| put(&client, "f", content));
    let got = files.join("got");
    let dies = json!([
        {"match": {"op": "get_object", "from": 3}, "fault": {"status": 503, "body": ""}},
    ]);
    emulator.set_faults(&dies);
    assert_eq!(code(&client.download_with("f", &got, &at(&ids[0]))), -2);
    emulator.end_faults();
    // What has arrived of one is none of another.
    emulator.forget_requests();
    ok(client.download_with("f", &got, &at(&ids[1])));
    assert!(fs::read(&got).unwrap() == contents[1]);
    assert_eq!(emulator.count("get_object"), 6);
    emulator.forget_requests();
    ok(client.download_with("f", &got, &at(&ids[0])));
    assert!(fs::read(&got).unwrap() == contents[0]);
    assert_eq!(emulator.count("get_object"), 3);
}

type Ask<'a> = &'a dyn Fn(&Client, &Value) -> Value;

/// What each call that takes a version says of one.
fn each_says(client: &Client, options: &Value, expected: &dyn Fn(&str, &Value)) {
    let files = TempDir::new();
    let asks: [(&str, Ask); 4] = [
        ("stat_with", &|client, options| {
            client.stat_with("f", options)
        }),
        ("download_with", &|client, options| {
            client.download_with("f", &files.join("got"), options)
        }),
        ("download_stream", &|client, options| {
            client.download_stream("f", options, &mut |_| 0)
        }),
        ("download_buffer", &|client, options| {
            client.download_buffer("f", 0, &mut [0; 9], options)
        }),
    ];
    for (name, ask) in asks {
        expected(name, &ask(client, options));
    }
    assert!(!files.join("got").exists());
}

#[test]
fn what_is_not_there_is_named_by_the_service() {
    let emulator = service("Enabled");
    let client = client(&emulator);
    let id = put(&client, "f", b"there");
    let checkpoints = TempDir::new();
    let dir = checkpoints.join("");
    let with_checkpoints = client.with(&json!({"checkpoint_dir": dir.to_str().unwrap()}));
    for client in [&client, &with_checkpoints] {
        each_says(
            client,
            &at("MTg0NDUxNTc1NjIzMTQ1MDAwODg"),
            &|name, reply| {
                assert_eq!(
                    (code(reply), kind(reply)),
                    (-166, "service"),
                    "{name}: {reply}"
                );
                assert_eq!(reply["httpcode"], 404, "{name}: {reply}");
                assert_eq!(
                    reply["error"]["service_code"], "NoSuchVersion",
                    "{name}: {reply}"
                );
            },
        );
    }
    let reply = client.delete_with("f", &at("MTg0NDUxNTc1NjIzMTQ1MDAwODg"));
    assert_eq!(code(&reply), -166, "{reply}");
    client.holds("f", b"there");
    assert_eq!(put(&client, "f", b"there, too").len(), id.len());
}

#[test]
fn a_delete_marker_is_told_and_deleted_by_its_id() {
    let emulator = service("Enabled");
    let client = client(&emulator);
    let first = put(&client, "f", b"first");
    let second = put(&client, "f", b"second");
    let deleted = ok(client.delete_with("f", &json!({})));
    assert_eq!(deleted["data"]["delete_marker"], true, "{deleted}");
    let marker = deleted["data"]["version_id"].as_str().unwrap();
    assert!(![&first, &second].contains(&&marker.to_owned()));

    each_says(&client, &json!({}), &|name, reply| {
        assert_eq!(code(reply), -166, "{name}: {reply}");
        assert_eq!(reply["data"]["delete_marker"], true, "{name}: {reply}");
        assert!(message(reply).contains("delete marker"), "{name}: {reply}");
    });
    each_says(&client, &at(marker), &|name, reply| {
        assert_eq!(
            (code(reply), kind(reply)),
            (-166, "service"),
            "{name}: {reply}"
        );
        assert_eq!(reply["httpcode"], 404, "{name}: {reply}");
        assert_eq!(
            reply["error"]["service_code"], "NoSuchKey",
            "{name}: {reply}"
        );
        assert_eq!(reply["error"]["retryable"], false, "{name}: {reply}");
        assert_eq!(reply["data"]["delete_marker"], true, "{name}: {reply}");
    });
    is_read(&client, "f", &first, b"first", 0..5);

    // Another one on top of it: of delete_file, which tells it, too.
    assert_eq!(code(&client.delete_file("f")), -166);
    let gone = ok(client.delete_with("f", &at(marker)));
    assert_eq!(
        gone["data"],
        json!({"version_id": marker, "delete_marker": true})
    );
    client.holds("f", b"second");
    let deleted = ok(client.delete_file("f"));
    assert_eq!(deleted["data"]["delete_marker"], true, "{deleted}");
    assert_ne!(deleted["data"]["version_id"], marker, "{deleted}");
}

#[test]
fn one_version_is_deleted_for_good_and_the_others_stay() {
    let emulator = service("Enabled");
    let client = client(&emulator);
    let contents = [b"first ", b"second", b"third "];
    let ids = contents.map(|content| put(&client, "f", content));
    emulator.forget_requests();
    let gone = ok(client.delete_with("f", &at(&ids[1])));
    assert_eq!(gone["data"], json!({"version_id": ids[1]}));
    assert_eq!(emulator.requests().len(), 1);
    for reply in [
        client.stat_with("f", &at(&ids[1])),
        client.delete_with("f", &at(&ids[1])),
    ] {
        assert_eq!(code(&reply), -166, "{reply}");
    }
    client.holds("f", contents[2]);
    ok(client.delete_with("f", &at(&ids[2])));
    // What is the newest then is there again.
    client.holds("f", contents[0]);
    ok(client.delete_with("f", &at(&ids[0])));
    assert_eq!(code(&client.stat_file("f")), -166);
}

/// A folder's key has versions as any, and nothing else deletes them.
#[test]
fn versions_of_a_folders_key_are_deleted() {
    let emulator = service("Enabled");
    let client = client(&emulator);
    ok(client.create_folder("d", ""));
    let deleted = ok(client.delete_folder("d"));
    assert_eq!(deleted["data"]["delete_marker"], true, "{deleted}");
    let marker = deleted["data"]["version_id"].as_str().unwrap();
    ok(client.delete_with("d/", &at(marker)));
    ok(client.stat_folder("d"));
}

/// The first request was carried out, and its answer lost: the second finds nothing.
#[test]
fn a_deletion_whose_answer_was_lost_is_a_success() {
    let emulator = service("Enabled");
    let client = client(&emulator);
    for fault in [
        json!({"reset": "after"}),
        json!({"close": "after"}),
        json!({"cut": 20}),
        json!({"reset": "before"}),
    ] {
        let id = put(&client, "f", b"first");
        put(&client, "f", b"second");
        let struck = json!({"op": "delete_object", "count": 1});
        emulator.set_faults(&json!([{"match": struck, "fault": fault}]));
        let gone = ok(client.delete_with("f", &at(&id)));
        assert_eq!(emulator.end_faults(), 1, "{fault}");
        assert_eq!(gone["data"], json!({"version_id": id}), "{fault}");
        assert_eq!(code(&client.stat_with("f", &at(&id))), -166, "{fault}");
        client.holds("f", b"second");
    }
}

/// `null` is what was there before there were versions, and what is made while there are none.
#[test]
fn null_names_a_version() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    ok(client.upload_buffer(b"before", "f", ""));
    assert_eq!(ok(client.stat_file("f"))["data"].get("version_id"), None);
    set_versioning(&emulator, "Enabled");
    let id = put(&client, "f", b"after");
    assert_ne!(id, "null");
    is_read(&client, "f", "null", b"before", 0..6);
    set_versioning(&emulator, "Suspended");
    assert_eq!(put(&client, "f", b"instead"), "null");
    is_read(&client, "f", "null", b"instead", 0..7);
    is_read(&client, "f", &id, b"after", 0..5);
    // The marker is `null`, too, and takes the version's place.
    let deleted = ok(client.delete_with("f", &json!({})));
    assert_eq!(
        deleted["data"],
        json!({"version_id": "null", "delete_marker": true})
    );
    let gone = ok(client.delete_with("f", &at("null")));
    assert_eq!(
        gone["data"],
        json!({"version_id": "null", "delete_marker": true})
    );
    client.holds("f", b"after");
}

#[test]
fn conditions_are_those_of_the_version() {
    let emulator = service("Enabled");
    let client = client(&emulator);
    let id = put(&client, "f", b"first");
    let of_first = ok(client.stat_file("f"))["data"]["etag"].clone();
    put(&client, "f", b"second");
    let mtime = ok(client.stat_with("f", &at(&id)))["data"]["mtime"].clone();
    let mtime: u64 = mtime.as_str().unwrap().parse().unwrap();
    for (condition, value, of_version, of_newest) in [
        ("if_match", of_first.clone(), 0, -412),
        ("if_none_match", of_first, -304, 0),
        ("if_modified_since", json!(mtime - 10), 0, 0),
        ("if_modified_since", json!(mtime + 3600), -304, -304),
        ("if_unmodified_since", json!(mtime + 3600), 0, 0),
        ("if_unmodified_since", json!(mtime - 10), -412, -412),
    ] {
        let newest = json!({condition: value});
        let version = json!({condition: value, "version_id": id});
        assert_eq!(
            code(&client.stat_with("f", &version)),
            of_version,
            "{version}"
        );
        assert_eq!(code(&client.stat_with("f", &newest)), of_newest, "{newest}");
    }
}

/// Nothing is sent where an option cannot be meant.
#[test]
fn options_that_a_call_has_not_are_refused_by_name() {
    let emulator = Emulator::start();
    for (api, options, problem) in [
        (
            "json",
            json!({"version_id": "null"}),
            "version_id: is for the XML API only",
        ),
        (
            "xml",
            json!({"version_id": ""}),
            "version_id: must be 1 to 1024 visible ASCII characters",
        ),
        (
            "xml",
            json!({"version_id": "a\u{e9}"}),
            "version_id: must be 1 to 1024 visible ASCII characters",
        ),
        (
            "xml",
            json!({"version_id": 7}),
            "version_id: must be a string",
        ),
        (
            "xml",
            json!({"versionId": "null"}),
            "versionId: is not an option",
        ),
    ] {
        let client = Client::speaking(api, &emulator.url, json!({}));
        let is_named = |name: &str, reply: &Value| {
            assert_eq!(code(reply), -3, "{name}: {reply}");
            assert_eq!(message(reply), format!("options_json: {problem}"), "{name}");
        };
        each_says(&client, &options, &is_named);
        is_named("delete_with", &client.delete_with("f", &options));
    }
    for api in APIS {
        let client = Client::speaking(api, &emulator.url, json!({}));
        for key in [
            "if_match",
            "if_none_match",
            "if_modified_since",
            "if_unmodified_since",
        ] {
            let reply = client.delete_with("f", &json!({key: "a"}));
            assert_eq!(code(&reply), -3, "{reply}");
            assert!(
                message(&reply).contains(&format!("{key}: is no option here")),
                "{reply}"
            );
        }
        let files = TempDir::new();
        let tree =
            client.download_tree("", &files.join("t"), r#"{"version_id":"a"}"#, &mut |_, _| 0);
        assert!(
            message(&tree).contains("version_id: is not an option"),
            "{tree}"
        );
    }
    assert!(emulator.requests().is_empty());
}

#[test]
fn a_stat_tells_what_an_upload_has_said() {
    let emulator = Emulator::start();
    let client = client(&emulator);
    let files = TempDir::new();
    let file = files.file("f", b"hello");
    let options = json!({"storage_class": "STANDARD_IA", "biz_attr": "mine", "headers": {
        "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "max-age=60",
        "Content-Disposition": "attachment", "x-cos-meta-Color": "blue", "x-cos-meta-a-b": "c d"}});
    ok(client.upload_with(&file, "f", &options));
    for stat in [client.stat_file("f"), client.stat_with("f", &json!({}))] {
        let data = &ok(stat)["data"];
        assert_eq!(
            data["headers"],
            json!({"content-type": "text/plain; charset=utf-8",
            "cache-control": "max-age=60", "content-disposition": "attachment"})
        );
        assert_eq!(data["meta"], json!({"color": "blue", "a-b": "c d"}));
        assert_eq!(data["storage_class"], "STANDARD_IA");
        assert_eq!(data["type"], "normal");
        assert_eq!(data["biz_attr"], "mine");
    }
    ok(client.upload_buffer(b"hello", "plain", ""));
    let data = &ok(client.stat_file("plain"))["data"];
    assert_eq!(data["storage_class"], "STANDARD");
    assert_eq!(data["meta"], json!({}));
}

/// What only other clients make, and what a service says that knows no manners.
#[test]
fn a_stat_tells_headers_as_they_come_but_no_secret() {
    let listener = Listener::answering(|_, _| {
        let mut answer =
            b"HTTP/1.1 200 X\r\nContent-Length: 5\r\nETag: \"1\"\r\nConnection: close\r\n".to_vec();
        answer.extend_from_slice(b"x-cos-object-type: appendable\r\nx-cos-meta-a: b\xffc\r\n");
        answer.extend_from_slice(b"x-cos-restore: ongoing-request=\"true\"\r\n");
        let echo = format!("x-cos-meta-echo: of {SECRET_KEY}\r\nExpires: {SECRET_KEY}\r\n\r\n");
        answer.extend_from_slice(echo.as_bytes());
        answer
    });
    let client = Client::speaking("xml", &listener.url, json!({}));
    let stat = ok(client.stat_with("f", &at("null")));
    let data = &stat["data"];
    assert_eq!(data["type"], "appendable");
    assert_eq!(data["restore"], "ongoing-request=\"true\"");
    assert_eq!(data["meta"]["a"], "b%FFc");
    assert_eq!(data["meta"]["echo"], "of (secret key)");
    assert!(!stat.to_string().contains(SECRET_KEY), "{stat}");
}

/// As S3 answers about a marker, with a body and, to a HEAD, without one.
#[test]
fn a_service_that_allows_no_read_of_a_marker_is_understood() {
    let listener = Listener::answering(|_, request| {
        let body = match request.line.starts_with("HEAD") {
            true => "",
            false => "<Error><Code>MethodNotAllowed</Code><Message>Not allowed.</Message></Error>",
        };
        let head = "HTTP/1.1 405 X\r\nx-cos-delete-marker: true\r\nConnection: close\r\n";
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    });
    let client = Client::speaking("xml", &listener.url, json!({}));
    each_says(&client, &at("MTg0"), &|name, reply| {
        assert_eq!((code(reply), kind(reply)), (-5996, "service"), "{name}");
        assert_eq!(reply["error"]["retryable"], false, "{name}: {reply}");
        assert_eq!(reply["data"]["delete_marker"], true, "{name}: {reply}");
        let expected = "Not allowed; a delete marker takes its place";
        assert_eq!(message(reply), expected, "{name}");
    });
    let queries = listener.received().into_iter().map(|request| request.line);
    let all: Vec<String> = queries.collect();
    assert!(
        all.iter().all(|line| line.contains("?versionId=MTg0 ")),
        "{all:?}"
    );
}
