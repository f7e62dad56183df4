//! Keys that are odd: those that a URL cannot name, and those that are no text.

mod common;

use common::TempDir;
use common::entries::{all, infos, paths};
use common::library::{Client, code, ok};
use common::listener::{Listener, Received};
use common::xml::{answer, list};
use serde_json::json;

fn client(url: &str) -> Client {
    Client::speaking("xml", url, json!({}))
}

/// A service that lists these keys, percent-encoded as given, and does whatever it is asked for.
fn listing(keys: &'static [(&'static str, u64)]) -> Listener {
    Listener::answering(move |_, request| {
        let line = &request.line;
        match line.split(['/', '?']).nth(2) {
            Some(query) if query.starts_with("prefix") => answer(line, 200, "", list(keys, None)),
            Some(query) if query.starts_with("delete") => answer(line, 200, "", "<DeleteResult/>"),
            _ if line.starts_with("HEAD") => {
                let headers = "Content-Length: 1\r\nETag: \"e\"\r\n";
                answer(line, 200, headers, "")
            }
            _ => answer(line, 200, "", "x"),
        }
    })
}

fn of_method(listener: &Listener, method: &str) -> Vec<Received> {
    let all = listener.received().into_iter();
    all.filter(|r| r.line.starts_with(method)).collect()
}

/// As they lead elsewhere in a URL, and hold what XML cannot say.
const STRAY: [(&str, u64); 8] = [
    ("dir/%01/../../../important", 1),
    ("dir/%01/./a", 1),
    ("dir/%01%5C..%5C..%5C..%5Cimportant", 1),
    ("dir/%01/%252e%252E/%252e%252e/%252e%252e/important", 1),
    ("dir/%01/.%252e/.%252e/.%252e/important", 1),
    ("dir/%01%252f..%252f..%252f..%252fimportant", 1),
    ("dir/%00", 1),
    ("dir/%02/%2E%2E/%2e%2e/%2e%2e/important", 1),
];

#[test]
fn a_key_that_leads_elsewhere_is_not_put_into_a_url() {
    let listener = listing(&STRAY);
    let client = client(&listener.url);
    let reply = client.delete_tree("dir");
    assert_eq!(code(&reply), -3, "{reply}");
    assert_eq!(reply["data"]["deleted"], 0);
    assert_eq!(paths(&reply["data"]["failed"]).len(), STRAY.len());
    assert_eq!(listener.received().len(), 1, "{:?}", listener.received());
    // Nor do downloads ask for it, or hand out its URL.
    let files = TempDir::new();
    let reply = client.download_tree("dir", &files.join("got"), "{}", &mut |_, _| 0);
    assert_eq!(reply["data"]["downloaded"], 0, "{reply}");
    assert_eq!(paths(&reply["data"]["failed"]).len(), STRAY.len());
    let entries = all(&client, "dir", 1);
    assert_eq!(entries.len(), STRAY.len());
    for entry in &entries {
        assert!(entry["unusable"].is_string(), "{entry}");
        assert!(entry.get("access_url").is_none(), "{entry}");
        assert!(entry.get("source_url").is_none(), "{entry}");
    }
    for request in listener.received() {
        assert!(request.line.starts_with("GET /?prefix="), "{request:?}");
    }
}

#[test]
fn a_document_names_any_key_that_it_can_say() {
    let listener = listing(&[("dir/../../a", 1), ("dir/%5C..%5Cb", 1), ("dir/%01", 1)]);
    let client = client(&listener.url);
    assert_eq!(ok(client.delete_tree("dir"))["data"]["deleted"], 3);
    let deleted: Vec<String> = of_method(&listener, "DELETE")
        .into_iter()
        .map(|r| r.line)
        .collect();
    assert_eq!(deleted, ["DELETE /dir/%01 HTTP/1.1"]);
    let document = String::from_utf8(of_method(&listener, "POST")[0].body.clone()).unwrap();
    assert!(document.contains("<Key>dir/../../a</Key>"), "{document}");
    assert!(document.contains("<Key>dir/\\..\\b</Key>"), "{document}");
}

#[test]
fn a_key_that_begins_with_a_slash_is_named_and_left_alone() {
    let listener = listing(&[("/important", 1), ("", 1), ("a", 1)]);
    let client = client(&listener.url);
    let files = TempDir::new();
    let reply = client.download_tree("", &files.join("got"), "{}", &mut |_, _| 0);
    assert_eq!(paths(&reply["data"]["failed"]), ["/important"], "{reply}");
    assert_eq!(reply["data"]["downloaded"], 1);
    let entries = all(&client, "", 0);
    assert_eq!(entries.len(), 2);
    assert!(entries[0]["unusable"].is_string() && entries[1].get("unusable").is_none());
}

#[test]
fn an_upload_whose_key_leads_elsewhere_is_told() {
    let listener = Listener::answering(|_, request| {
        let uploads = "<ListMultipartUploadsResult><EncodingType>url</EncodingType>\
            <IsTruncated>false</IsTruncated>\
            <Upload><Key>a/../b</Key><UploadId>1</UploadId></Upload>\
            <Upload><Key>a/%FF</Key><UploadId>2</UploadId></Upload>\
            <Upload><Key>a/c</Key><UploadId>3</UploadId></Upload></ListMultipartUploadsResult>";
        answer(&request.line, 200, "", uploads)
    });
    let client = client(&listener.url);
    let reply = ok(client.list_uploads(""));
    let found: Vec<_> = infos(&reply)
        .iter()
        .map(|i| (i["path"].as_str().unwrap(), i["unusable"].is_string()))
        .collect();
    assert_eq!(found, [("a/../b", true), ("a/%FF", true), ("a/c", false)]);
    assert_eq!(listener.received().len(), 1, "no retries");
    assert_eq!(code(&client.abort_upload("a/../b", "1")), -3);
    assert_eq!(listener.received().len(), 1);
}

#[test]
fn a_key_that_is_no_text_is_listed() {
    let listener = listing(&[("d/%FF", 1), ("d/a%E4%B8", 2), ("d/%E4%B8%AD", 3)]);
    let client = client(&listener.url);
    for recursive in [0, 1] {
        let entries = all(&client, "d", recursive);
        let names: Vec<&str> = entries
            .iter()
            .map(|e| e["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["a%E4%B8", "中", "%FF"]);
        let unusable = [0, 1, 2].map(|n| entries[n]["unusable"].is_string());
        assert_eq!(unusable, [true, false, true]);
    }
    assert_eq!(listener.received().len(), 2, "no retries");
    let reply = ok(client.list("d", 0, "eListBoth", 0, ""));
    assert_eq!(reply["data"]["filecount"], 3);
    assert_eq!(reply["data"]["context"], "d%2F%FF");
    // What a call on many cannot do is named, and the rest is done.
    let reply = client.delete_tree("d");
    assert_eq!(reply["data"]["deleted"], 1, "{reply}");
    assert_eq!(paths(&reply["data"]["failed"]), ["d/a%E4%B8", "d/%FF"]);
    let files = TempDir::new();
    let reply = client.download_tree("d", &files.join("got"), "{}", &mut |_, _| 0);
    assert_eq!(reply["data"]["downloaded"], 1, "{reply}");
    assert_eq!(paths(&reply["data"]["failed"]), ["%FF", "a%E4%B8"]);
    // The name as it is shown is another file's.
    ok(client.stat_file("d/%FF"));
    let asked = listener.received().last().unwrap().line.clone();
    assert!(asked.starts_with("HEAD /d/%25FF "), "{asked}");
}

#[test]
fn pages_go_on_behind_a_key_that_is_no_text() {
    let listener = Listener::answering(|_, request| {
        let line = &request.line;
        let page = match line.contains("marker=d%2F%FF&") || line.contains("marker=d%2F%FF ") {
            true => list(&[("d/%FF%00", 1)], None),
            false => list(&[("d/a", 1), ("d/%FF", 1)], Some("d/%FF")),
        };
        answer(line, 200, "", page)
    });
    let client = client(&listener.url);
    assert_eq!(all(&client, "d", 1).len(), 3);
    assert_eq!(listener.received().len(), 2);
    let first = ok(client.list("d", 2, "eListBoth", 0, ""));
    let context = first["data"]["context"].as_str().unwrap();
    assert_eq!(first["data"]["has_more"], true);
    let rest = ok(client.list("d", 2, "eListBoth", 0, context));
    assert_eq!(infos(&rest).len(), 1, "{rest}");
}

#[test]
fn xml_that_is_no_text_is_read_all_the_same() {
    let listener = Listener::answering(|_, request| {
        let line = &request.line;
        let body: &[u8] = match line.starts_with("POST") {
            true => {
                b"<DeleteResult><Error><Key>d/\xff</Key><Code>AccessDenied</Code>\
                 <Message>no \xff</Message></Error></DeleteResult>"
            }
            false => {
                b"<ListBucketResult><IsTruncated>false</IsTruncated>\
                  <Contents><Key>d/\xff</Key><Size>1</Size></Contents>\
                  <Contents><Key>d/\x01&#2;</Key><Size>1</Size></Contents>\
                  <Contents><Key>d/&#xD800;</Key><Size>1</Size></Contents>\
                  <Contents><Key>d/a</Key><Size>1</Size></Contents></ListBucketResult>"
            }
        };
        answer(line, 200, "", body)
    });
    let client = client(&listener.url);
    let entries = all(&client, "d", 1);
    let names: Vec<&str> = entries
        .iter()
        .map(|e| e["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["\u{1}\u{2}", "&#xD800;", "a", "%FF"]);
    let reply = client.delete_files(&json!(["d/b"]));
    assert_eq!(paths(&reply["data"]["failed"]), ["d/%FF"], "{reply}");
    assert_eq!(listener.received().len(), 2, "no retries");
}
