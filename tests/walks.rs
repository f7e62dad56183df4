//! Lists to their end: one that does not lead there is an error.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::library::{Client, code, kind, ok};
use common::listener::{Listener, Received, http};
use common::{TempDir, noise};
use serde_json::{Value, json};

/// Every page of a list, with what it says of the next one.
type Page = (Vec<String>, bool, Value);

fn json_page((names, has_more, context): &Page) -> String {
    let infos: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "filesize": 1, "filelen": 1}))
        .collect();
    let mut data = json!({"infos": infos, "has_more": has_more});
    if !context.is_null() {
        data["context"] = context.clone();
    }
    json!({"code": 0, "message": "", "data": data}).to_string()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

/// Answers with these pages, and with the last again and again.
fn listing(pages: Vec<String>) -> Listener {
    let next = AtomicUsize::new(0);
    Listener::answering(move |_, _| {
        let number = next.fetch_add(1, Ordering::SeqCst).min(pages.len() - 1);
        http(200, &pages[number])
    })
}

#[track_caller]
fn is_broken(reply: &Value) {
    assert_eq!((code(reply), kind(reply)), (-2, "bad_reply"), "{reply}");
}

#[test]
fn a_json_list_that_does_not_lead_on_is_no_success() {
    let page = |all: &[&str], context: Value| (names(all), true, context);
    let files = TempDir::new();
    for pages in [
        vec![page(&["a"], json!("1")), page(&["b"], json!("1"))],
        vec![page(&["a"], json!("1")), page(&["b"], json!(""))],
        vec![page(&["a"], json!("1")), page(&["b"], Value::Null)],
        vec![page(&["a"], Value::Null)],
        vec![page(&[], json!(""))],
        // Longer circles: of contexts, and of pages.
        vec![
            page(&["a"], json!("1")),
            page(&["b"], json!("2")),
            page(&["c"], json!("1")),
        ],
        (1..50)
            .map(|n| page(&["a"], json!(n.to_string())))
            .collect(),
    ] {
        let pages: Vec<String> = pages.iter().map(json_page).collect();
        let open = || {
            let listener = listing(pages.clone());
            let client = Client::open_with(&listener.url, json!({"retries": 0}));
            (listener, client)
        };
        for recursive in [0, 1] {
            let (_listener, client) = open();
            is_broken(&client.list_all("", recursive, &mut |_| 0));
        }
        let (listener, client) = open();
        is_broken(&client.delete_tree("d"));
        let posted = |request: &Received| request.line.starts_with("POST");
        assert!(
            !listener.received().iter().any(posted),
            "nothing is deleted"
        );
        let (_listener, client) = open();
        is_broken(&client.download_tree("d", &files.join("down"), "{}", &mut |_, _| 0));
    }
    // Who walks by pages is told, too.
    let pages = vec![json_page(&(names(&["a"]), true, json!("here")))];
    let listener = listing(pages);
    let client = Client::open_with(&listener.url, json!({"retries": 0}));
    ok(client.list("", 0, "eListBoth", 0, ""));
    is_broken(&client.list("", 0, "eListBoth", 0, "here"));
}

#[test]
fn empty_pages_do_not_go_on_for_ever() {
    let next = AtomicUsize::new(0);
    let listener = Listener::answering(move |_, _| {
        let context = next.fetch_add(1, Ordering::SeqCst).to_string();
        http(200, &json_page(&(Vec::new(), true, json!(context))))
    });
    is_broken(&Client::open(&listener.url).list_all("", 1, &mut |_| 0));
}

fn xml_files(keys: &[&str], more: &str) -> String {
    let entries: String = keys
        .iter()
        .map(|key| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>"))
        .collect();
    format!("<ListBucketResult>{more}{entries}</ListBucketResult>")
}

const TRUE: &str = "<IsTruncated>true</IsTruncated>";

fn next(name: &str, marker: &str) -> String {
    format!("{TRUE}<{name}>{marker}</{name}>")
}

fn speaking_xml(pages: Vec<String>) -> (Listener, Client) {
    let listener = listing(pages);
    let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
    (listener, client)
}

#[test]
fn an_xml_list_that_does_not_lead_on_is_no_success() {
    let after = |key: &str| next("NextMarker", key);
    for pages in [
        vec![xml_files(&["d/a"], &after("d/a"))],
        vec![
            xml_files(&["d/a"], &after("d/b")),
            xml_files(&["d/c"], &after("d/b")),
        ],
        vec![
            xml_files(&["d/c"], &after("d/c")),
            xml_files(&["d/d"], &after("d/a")),
        ],
        // What comes next was before.
        vec![
            xml_files(&["d/c"], &after("d/c")),
            xml_files(&["d/a", "d/e"], "<IsTruncated>false</IsTruncated>"),
        ],
        vec![xml_files(&[], TRUE)],
        vec![xml_files(&["d/a"], "")],
        vec![xml_files(&["d/a"], "<IsTruncated>TRUE</IsTruncated>")],
    ] {
        for recursive in [0, 1] {
            let (_listener, client) = speaking_xml(pages.clone());
            is_broken(&client.list_all("", recursive, &mut |_| 0));
        }
        let (_listener, client) = speaking_xml(pages.clone());
        is_broken(&client.list("d", 199, "eListBoth", 0, ""));
    }
    // An empty page of many is none of an empty folder.
    let (_listener, client) = speaking_xml(vec![
        xml_files(&[], &after("d/a")),
        xml_files(&["d/b"], "<IsTruncated>false</IsTruncated>"),
    ]);
    assert_eq!(code(&client.delete_folder("d")), -173);
}

#[test]
fn a_list_of_buckets_or_uploads_is_whole_or_an_error() {
    let buckets = |all: &[&str], more: &str| {
        let all: String = all
            .iter()
            .map(|name| format!("<Bucket><Name>{name}</Name></Bucket>"))
            .collect();
        format!("<ListAllMyBucketsResult>{more}<Buckets>{all}</Buckets></ListAllMyBucketsResult>")
    };
    let after = |marker: &str| next("NextMarker", marker);
    let last = "<IsTruncated>false</IsTruncated>";
    for pages in [
        vec![buckets(&["a"], TRUE)],
        vec![buckets(&["a"], &after("a"))],
        vec![
            buckets(&["a"], &after("a")),
            buckets(&["b"], &after("b")),
            buckets(&["c"], &after("a")),
        ],
        vec![buckets(&["a"], "")],
    ] {
        let (_listener, client) = speaking_xml(pages);
        is_broken(&client.list_buckets());
    }
    // In whatever order the service has them.
    let (listener, client) = speaking_xml(vec![
        buckets(&["b"], &after("z")),
        buckets(&["a"], &after("b")),
        buckets(&["c"], last),
    ]);
    let found = ok(client.list_buckets());
    assert_eq!(found["data"]["infos"].as_array().unwrap().len(), 3);
    assert!(listener.received()[2].line.contains("marker=b"));

    let uploads = |all: &[(&str, &str)], more: &str| {
        let all: String = all
            .iter()
            .map(|(key, id)| format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>"))
            .collect();
        format!("<ListMultipartUploadsResult>{more}{all}</ListMultipartUploadsResult>")
    };
    let after = |key: &str, id: &str| {
        let id = format!("<NextUploadIdMarker>{id}</NextUploadIdMarker>");
        next("NextKeyMarker", key) + &id
    };
    for pages in [
        vec![uploads(&[], TRUE)],
        vec![uploads(&[("a", "1")], &after("a", "1"))],
        vec![
            uploads(&[("a", "1")], &after("a", "1")),
            uploads(&[("a", "2")], &after("a", "2")),
            uploads(&[("a", "3")], &after("a", "1")),
        ],
        vec![uploads(&[("a", "1")], "")],
    ] {
        let (_listener, client) = speaking_xml(pages);
        is_broken(&client.list_uploads(""));
    }
    // Names of uploads have no order; the markers are the service's.
    let (listener, client) = speaking_xml(vec![
        uploads(&[("a", "9")], &after("a", "m 9")),
        uploads(&[("a", "1")], &after("a", "m 1")),
        uploads(&[("b", "5")], last),
    ]);
    let found = ok(client.list_uploads(""));
    assert_eq!(found["data"]["infos"].as_array().unwrap().len(), 3);
    let received = listener.received();
    assert!(received[1].line.contains("upload-id-marker=m%209"));
    assert!(received[2].line.contains("upload-id-marker=m%201"));
}

#[test]
fn a_list_of_parts_is_whole_or_an_error() {
    let parts = |all: &[u32], more: &str| {
        let all: String = all
            .iter()
            .map(|number| {
                format!(
                    "<Part><PartNumber>{number}</PartNumber><Size>1</Size><ETag>x</ETag></Part>"
                )
            })
            .collect();
        format!("<ListPartsResult>{more}{all}</ListPartsResult>")
    };
    let after = |number: u32| next("NextPartNumberMarker", &number.to_string());
    let files = TempDir::new();
    let file = files.file("f", &noise(3 << 20, 1));
    for pages in [
        vec![parts(&[1], &after(1))],
        vec![parts(&[], TRUE)],
        vec![
            parts(&[1], &after(1)),
            parts(&[2], &after(2)),
            parts(&[3], &after(1)),
        ],
        vec![parts(&[1], "")],
    ] {
        let (listener, client) = speaking_xml(pages);
        let reply = client.upload_slice(&file, "f", 1 << 20, "a-session", &mut |_, _| 0);
        is_broken(&reply);
        let sent = |request: &Received| !request.line.starts_with("GET");
        assert!(!listener.received().iter().any(sent), "nothing is sent");
    }
}
