//! All versions of files and what hides them, listed; which of them uploads, copies and downloads tell of.

mod common;

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use common::emulator::Emulator;
use common::library::{Client, code, kind, message, ok};
use common::listener::{Listener, http, read_request};
use common::relay::forwarded;
use common::{TempDir, noise};
use serde_json::{Value, json};

fn client_with(emulator: &Emulator, mut options: Value) -> Client {
    options["overwrite"] = true.into();
    Client::speaking("xml", &emulator.url, options)
}

fn service(status: &str) -> (Emulator, Client) {
    let emulator = Emulator::start();
    let client = client_with(&emulator, json!({}));
    ok(client.create_bucket("testbucket", "private"));
    if !status.is_empty() {
        ok(client.set_versioning(status));
    }
    (emulator, client)
}

fn id(reply: &Value) -> String {
    let id = reply["data"]["version_id"].as_str();
    id.unwrap_or_else(|| panic!("{reply}")).to_owned()
}

fn put(client: &Client, path: &str, content: &[u8]) -> String {
    id(&ok(client.upload_buffer(content, path, "")))
}

fn delete(client: &Client, path: &str) -> String {
    let deleted = ok(client.delete_file(path));
    assert_eq!(deleted["data"]["delete_marker"], true, "{deleted}");
    id(&deleted)
}

fn listed(client: &Client, path: &str, recursive: i32) -> Vec<Value> {
    let mut entries = Vec::new();
    let reply = ok(client.list_versions(path, recursive, &mut |page| {
        entries.extend(page["infos"].as_array().unwrap().clone());
        0
    }));
    assert_eq!(reply["data"], json!({"count": entries.len()}), "{reply}");
    entries
}

/// Name, id (a delete marker's with a minus before it), and a star behind the newest; of a folder the name.
fn in_short(entries: &[Value]) -> Vec<String> {
    let short = |entry: &Value| {
        let name = entry["name"].as_str().unwrap();
        let Some(is_latest) = entry["is_latest"].as_bool() else {
            assert_eq!(entry, &json!({"name": name}));
            return format!("{name}/");
        };
        let sign = if entry["delete_marker"] == true {
            "-"
        } else {
            ""
        };
        assert_eq!(entry.get("filesize").is_none(), sign == "-", "{entry}");
        assert_eq!(entry.get("access_url").is_none(), sign == "-", "{entry}");
        let id = entry["version_id"].as_str().unwrap_or_default();
        let star = if is_latest { "*" } else { "" };
        format!("{name} {sign}{id}{star}")
    };
    entries.iter().map(short).collect()
}

#[test]
fn every_version_and_every_delete_marker_is_listed() {
    let (_emulator, client) = service("Enabled");
    let first = put(&client, "d/a", b"first");
    let marker = delete(&client, "d/a");
    let second = put(&client, "d/a", b"second!");
    let gone = put(&client, "d/b", b"");
    let hidden = delete(&client, "d/b");
    let deep = put(&client, "d/sub/c&甲 +", b"deep");
    ok(client.create_folder("d", ""));
    let other = put(&client, "e", b"other");

    let entries = listed(&client, "d", 1);
    let a = [
        format!("a {second}*"),
        format!("a -{marker}"),
        format!("a {first}"),
    ];
    let b = [format!("b -{hidden}*"), format!("b {gone}")];
    let c = format!("sub/c&甲 + {deep}*");
    // The folder itself has no name in it.
    let own = format!(" {}*", entries[0]["version_id"].as_str().unwrap());
    let all: Vec<&String> = [&own].into_iter().chain(&a).chain(&b).chain([&c]).collect();
    assert_eq!(in_short(&entries).iter().collect::<Vec<_>>(), all);
    let newest = &entries[1];
    let mut told = newest.as_object().unwrap().clone();
    for (key, value) in [
        ("filesize", json!(7)),
        ("filelen", json!(7)),
        ("storage_class", json!("STANDARD")),
    ] {
        assert_eq!(told.remove(key), Some(value), "{newest}");
    }
    let stat = ok(client.stat_with("d/a", &json!({"version_id": second})));
    for key in ["mtime", "etag", "access_url", "source_url"] {
        assert_eq!(told.remove(key).as_ref(), Some(&stat["data"][key]), "{key}");
    }
    told.retain(|key, _| !matches!(key.as_str(), "name" | "version_id" | "is_latest"));
    assert!(told.is_empty(), "{told:?}");

    // One level: folders are entries of their own.
    let level = in_short(&listed(&client, "/d/", 0));
    let mut shown: Vec<&String> = all[..6].to_vec();
    let sub = "sub/".to_owned();
    shown.push(&sub);
    assert_eq!(level.iter().collect::<Vec<_>>(), shown);
    assert_eq!(
        in_short(&listed(&client, "", 0)),
        ["d/".to_owned(), format!("e {other}*")]
    );
    assert_eq!(listed(&client, "none", 1), [] as [Value; 0]);

    // Everything that a list names can be deleted by it, and then there is nothing more.
    for entry in listed(&client, "", 1) {
        let (name, id) = (entry["name"].as_str().unwrap(), &entry["version_id"]);
        ok(client.delete_with(name, &json!({"version_id": id})));
    }
    assert_eq!(listed(&client, "", 1), [] as [Value; 0]);
    ok(client.delete_bucket("testbucket"));
}

#[test]
fn a_bucket_that_never_had_versions_lists_its_files() {
    let (_emulator, client) = service("");
    ok(client.upload_buffer(b"hello", "f", ""));
    assert_eq!(ok(client.get_versioning())["data"], json!({"status": ""}));
    let entries = listed(&client, "", 1);
    assert_eq!(in_short(&entries), ["f *"]);
    assert_eq!(entries[0].get("version_id"), None);
    let url = entries[0]["access_url"].as_str().unwrap();
    assert!(url.ends_with("/f"), "{url}");
}

#[test]
fn the_status_is_as_it_was_set() {
    let (emulator, client) = service("");
    for status in ["Enabled", "Suspended", "Enabled"] {
        ok(client.set_versioning(status));
        assert_eq!(
            ok(client.get_versioning())["data"],
            json!({"status": status})
        );
    }
    // Said once more, if the answer was lost.
    for fault in [json!({"reset": "before"}), json!({"close": "after"})] {
        let op = json!({"op": "put_versioning", "count": 1});
        emulator.set_faults(&json!([{"match": op, "fault": fault}]));
        ok(client.set_versioning("Suspended"));
        assert_eq!(emulator.end_faults(), 1);
    }
    let reply = client.set_versioning("enabled");
    assert_eq!(code(&reply), -3);
    assert_eq!(
        message(&reply),
        "status: is \"enabled\", must be one of Enabled, Suspended"
    );
    let without = Emulator::start_with(&["--bucket", "another"]);
    let client = client_with(&without, json!({}));
    for reply in [
        client.set_versioning("Enabled"),
        client.get_versioning(),
        client.list_versions("", 1, &mut |_| 0),
    ] {
        assert_eq!(code(&reply), -133, "{reply}");
    }
}

#[test]
fn a_status_that_is_none_is_no_success() {
    for (document, expected) in [
        ("<VersioningConfiguration/>", 0),
        (
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
            0,
        ),
        (
            "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>",
            -2,
        ),
        (
            "<VersioningConfiguration><Status/></VersioningConfiguration>",
            -2,
        ),
        ("<Other/>", -2),
        ("Enabled", -2),
    ] {
        let (_listener, client) = listing(vec![document.to_owned()]);
        assert_eq!(code(&client.get_versioning()), expected, "{document}");
    }
}

/// While it is suspended, what is written is the version null, which the next one replaces.
#[test]
fn a_suspended_bucket_keeps_one_version_null() {
    let (_emulator, client) = service("");
    ok(client.upload_buffer(b"before", "f", ""));
    ok(client.set_versioning("Enabled"));
    let kept = put(&client, "f", b"kept");
    ok(client.set_versioning("Suspended"));
    for content in [b"1", b"2"] {
        ok(client.upload_buffer(content, "f", ""));
        assert_eq!(
            in_short(&listed(&client, "", 1)),
            ["f null*".to_owned(), format!("f {kept}")]
        );
    }
    assert_eq!(delete(&client, "f"), "null");
    assert_eq!(
        in_short(&listed(&client, "", 1)),
        ["f -null*".to_owned(), format!("f {kept}")]
    );
    ok(client.delete_with("f", &json!({"version_id": "null"})));
    client.holds("f", b"kept");
}

/// Pages, whose ends are in the midst of a file's versions, too.
#[test]
fn a_list_is_put_together_of_pages() {
    let (emulator, client) = service("Enabled");
    let mut expected = Vec::new();
    for name in ["a", "b&甲", "b/c", "c d+"] {
        let mut ids: Vec<String> = (0..550).map(|_| put(&client, name, b"")).collect();
        ids.reverse();
        let entries = ids.iter().enumerate().map(|(age, id)| {
            let star = if age == 0 { "*" } else { "" };
            format!("{name} {id}{star}")
        });
        expected.extend(entries);
    }
    let before = emulator.count("list_versions");
    assert_eq!(in_short(&listed(&client, "", 1)), expected);
    assert_eq!(emulator.count("list_versions") - before, 3);

    let mut pages = 0;
    let stopped = client.list_versions("", 1, &mut |_| {
        pages += 1;
        7
    });
    assert_eq!((code(&stopped), pages), (-5, 1), "{stopped}");
    // Each page is asked for again where it is lost.
    let every = json!({"op": "list_versions", "every": 2});
    emulator.set_faults(&json!([{"match": every, "fault": {"cut": 300}}]));
    assert_eq!(in_short(&listed(&client, "", 1)), expected);
    assert!(emulator.end_faults() > 1);
}

fn page(entries: &[(&str, &str)], more: &str) -> String {
    let entry = |(key, id): &(&str, &str)| {
        format!(
            "<Version><Key>{key}</Key><VersionId>{id}</VersionId><IsLatest>false</IsLatest>\
             <Size>1</Size></Version>"
        )
    };
    let entries: String = entries.iter().map(entry).collect();
    format!("<ListVersionsResult>{more}{entries}</ListVersionsResult>")
}

fn next(key: &str, id: &str) -> String {
    format!(
        "<IsTruncated>true</IsTruncated><NextKeyMarker>{key}</NextKeyMarker>\
         <NextVersionIdMarker>{id}</NextVersionIdMarker>"
    )
}

/// A client of a service that answers with these pages, and with the last again and again.
fn listing(pages: Vec<String>) -> (Listener, Client) {
    let number = AtomicUsize::new(0);
    let listener = Listener::answering(move |_, _| {
        let number = number.fetch_add(1, Ordering::SeqCst).min(pages.len() - 1);
        http(200, &pages[number])
    });
    let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
    (listener, client)
}

#[test]
fn a_list_that_does_not_lead_on_is_no_success() {
    let truncated = "<IsTruncated>true</IsTruncated>";
    let whole = "<IsTruncated>false</IsTruncated>";
    for (problem, pages) in [
        ("a marker again", vec![page(&[("a", "2")], &next("a", "2"))]),
        (
            "the same entries behind other markers",
            vec![
                page(&[("a", "2")], &next("b", "1")),
                page(&[("c", "2")], &next("c", "2")),
                page(&[("d", "2")], &next("d", "2")),
                page(&[("d", "2")], &next("d", "1")),
                page(&[("d", "2")], &next("d", "2")),
            ],
        ),
        (
            "a key before the marker",
            vec![
                page(&[("b", "2")], &next("b", "2")),
                page(&[("a", "1")], whole),
            ],
        ),
        (
            "a marker before the last",
            vec![
                page(&[("b", "2")], &next("b", "2")),
                page(&[("c", "1")], &next("a", "1")),
            ],
        ),
        ("no marker", vec![page(&[], truncated)]),
        (
            "no word whether there is more",
            vec![page(&[("a", "1")], "")],
        ),
        (
            "no size",
            vec![page(&[("a", "1")], whole).replace("<Size>1</Size>", "")],
        ),
        (
            "no word which is the newest",
            vec![page(&[("a", "1")], whole).replace("false</IsL", "no</IsL")],
        ),
        ("another document", vec!["<ListBucketResult/>".to_owned()]),
    ] {
        let (_listener, client) = listing(pages);
        let reply = client.list_versions("", 1, &mut |_| 0);
        assert_eq!(
            (code(&reply), kind(&reply)),
            (-2, "bad_reply"),
            "{problem}: {reply}"
        );
    }
}

/// Servers that leave markers out, or name the entry again behind which they go on.
#[test]
fn what_some_services_do_otherwise_is_understood() {
    let whole = "<IsTruncated>false</IsTruncated>";
    let truncated = "<IsTruncated>true</IsTruncated>";
    let folder =
        "<IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>";
    for (pages, expected, asked) in [
        (
            vec![
                page(&[("a", "2"), ("a", "1")], truncated),
                page(&[("a", "1"), ("b", "3")], whole),
            ],
            vec!["a 2", "a 1", "b 3"],
            "key-marker=a&version-id-marker=1",
        ),
        (
            vec![page(&[], &next("a/c", "")), page(&[("b", "3")], folder)],
            vec!["b 3"],
            "key-marker=a%2Fc ",
        ),
    ] {
        let (listener, client) = listing(pages);
        assert_eq!(in_short(&listed(&client, "", 0)), expected);
        let second = &listener.received()[1].line;
        assert!(second.contains(asked), "{second}");
        assert_eq!(
            second.contains("version-id-marker"),
            asked.contains("version-id"),
            "{second}"
        );
    }
}

#[test]
fn what_is_written_tells_its_version() {
    let (emulator, client) = service("Enabled");
    let files = TempDir::new();
    let (small, large) = (noise(1000, 1), noise(9 << 20, 2));
    let (small_file, large_file) = (files.file("small", &small), files.file("large", &large));
    let nothing = json!({});
    let bytewise = client.with(&json!({"slice_size": 1 << 20}));
    let path = "f";
    type Act<'a> = &'a dyn Fn() -> Value;
    let writes: [(&str, Act, &[u8]); 7] = [
        ("upload", &|| client.upload(&small_file, path), &small),
        (
            "upload in parts",
            &|| client.upload(&large_file, path),
            &large,
        ),
        (
            "upload_with",
            &|| client.upload_with(&small_file, path, &nothing),
            &small,
        ),
        (
            "upload_buffer",
            &|| client.upload_buffer(&small, path, ""),
            &small,
        ),
        (
            "upload_buffer in parts",
            &|| bytewise.upload_buffer(&large, path, ""),
            &large,
        ),
        (
            "upload_stream",
            &|| client.upload_streamed(path, &nothing, &small),
            &small,
        ),
        (
            "upload_stream in parts",
            &|| client.upload_streamed(path, &nothing, &large),
            &large,
        ),
    ];
    for (what, write, content) in writes {
        let written = id(&ok(write()));
        assert_eq!(
            listed(&client, "", 1)[0]["version_id"],
            written.as_str(),
            "{what}"
        );
        let mut got = vec![0; content.len()];
        let read = [
            ok(client.download_buffer(path, 0, &mut got, &nothing)),
            ok(client.download_stream(path, &nothing, &mut |_| 0)),
            ok(client.download(path, &files.join("got"))),
        ];
        assert_eq!(
            read.each_ref().map(id),
            [(); 3].map(|()| written.clone()),
            "{what}"
        );
        assert!(got == content, "{what}");
    }
    let copied = id(&ok(client.copy_file("f", "g", 0)));
    assert_eq!(
        listed(&client, "", 1).last().unwrap()["version_id"],
        copied.as_str()
    );
    let moved = id(&ok(client.move_file("g", "h", 0)));
    let last = listed(&client, "", 1);
    assert_eq!(last.last().unwrap()["version_id"], moved.as_str());
    let marker = &last[last.len() - 3];
    assert_eq!(
        (&marker["name"], &marker["delete_marker"]),
        (&json!("g"), &json!(true))
    );

    // Found out where the answer was lost.
    let guarded = Client::speaking("xml", &emulator.url, json!({}));
    for (op, number, content) in [("put_object", 0, &small), ("complete", 1, &large)] {
        let path = format!("lost{number}");
        let lost = json!([{"match": {"op": op, "count": 1}, "fault": {"close": "after"}}]);
        emulator.set_faults(&lost);
        let reply = ok(guarded.upload_buffer(content, &path, ""));
        assert_eq!(emulator.end_faults(), 1);
        let told = id(&reply);
        let versions = listed(&client, "", 1);
        let newest = versions.iter().find(|entry| entry["name"] == path.as_str());
        assert_eq!(newest.unwrap()["version_id"], told.as_str(), "{op}");
    }
}

#[test]
fn where_there_are_no_versions_none_is_told() {
    let (_emulator, client) = service("");
    let files = TempDir::new();
    for reply in [
        client.upload_buffer(b"hello", "f", ""),
        client.copy_file("f", "g", 0),
        client.move_file("g", "h", 0),
        client.download("f", &files.join("got")),
        client.delete_file("f"),
    ] {
        assert_eq!(ok(reply)["data"].get("version_id"), None);
    }
}

/// The service moves the bytes.
#[test]
fn an_older_version_becomes_the_newest() {
    let (_emulator, client) = service("Enabled");
    let first = put(&client, "d/a b", b"first");
    put(&client, "d/a b", b"second");
    let source =
        format!("testbucket-10000001.cos.ap-guangzhou.myqcloud.com/d/a%20b?versionId={first}");
    let request = json!({"method": "PUT", "headers": {"x-cos-copy-source": source}});
    ok(client.request(Some("testbucket"), "d/a b", &request, b""));
    client.holds("d/a b", b"first");
    assert_eq!(listed(&client, "", 1).len(), 3);
}

/// A delete that is sent twice would lay a second marker: whoever removes the one that was told would not have
/// the file back.
#[test]
fn a_delete_whose_answer_was_lost_lays_one_marker() {
    for fault in [
        json!({"reset": "after"}),
        json!({"close": "after"}),
        json!({"cut": 20}),
        json!({"status": 500, "after": true}),
        json!({"reset": "before"}),
        json!({"status": 503}),
    ] {
        let (emulator, client) = service("Enabled");
        ok(client.create_folder("d", ""));
        ok(client.upload_buffer(b"x", "f", ""));
        ok(client.upload_buffer(b"x", "moved", ""));
        type Act = fn(&Client) -> Value;
        let acts: [(&str, Act); 3] = [
            ("f", |client| client.delete_file("f")),
            ("d/", |client| client.delete_folder("d")),
            ("moved", |client| client.move_file("moved", "to", 0)),
        ];
        for (key, act) in acts {
            let struck = json!({"op": "delete_object", "count": 1});
            emulator.set_faults(&json!([{"match": struck, "fault": fault}]));
            ok(act(&client));
            assert_eq!(emulator.end_faults(), 1, "{fault}");
            let versions = listed(&client, "", 1);
            let is_marker = |entry: &&Value| entry["name"] == key && entry["delete_marker"] == true;
            let markers: Vec<&Value> = versions.iter().filter(is_marker).collect();
            assert_eq!(markers.len(), 1, "{key} {fault}: {versions:?}");
            ok(client.delete_with(key, &json!({"version_id": markers[0]["version_id"]})));
            let stat = match key.strip_suffix('/') {
                Some(folder) => client.stat_folder(folder),
                None => client.stat_file(key),
            };
            assert_eq!(code(&stat), 0, "{key} {fault}");
        }
    }
}

/// What somebody else has put there since the file was seen is not what was to be deleted.
#[test]
fn a_delete_whose_answer_was_lost_spares_what_others_put_there() {
    let (emulator, client) = service("Enabled");
    ok(client.upload_buffer(b"mine", "f", ""));
    let others = client_with(&emulator, json!({}));
    let address = emulator.url.trim_start_matches("http://").to_owned();
    let is_lost = AtomicBool::new(false);
    let relay = Listener::with_connections(move |stream, _| {
        let Some(request) = read_request(stream) else {
            return;
        };
        let answer = forwarded(&address, &request);
        if request.line.starts_with("DELETE") && !is_lost.swap(true, Ordering::SeqCst) {
            ok(others.upload_buffer(b"theirs", "f", ""));
            return;
        }
        let _ = stream.write_all(&answer);
    });
    let mine = Client::speaking("xml", &relay.url, json!({}));
    ok(mine.delete_file("f"));
    client.holds("f", b"theirs");
}
