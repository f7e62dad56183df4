//! Versions of objects (xml-api.md §3.14): how they come into being, how they are read, and how they go.

mod common;

use common::Emulator;
use common::versions::{enabled, version};
use common::xml::{Ask, assert_is, complete, copy_source};

#[test]
fn the_status_of_a_bucket() {
    let emulator = Emulator::start(&["--bucket", "testbucket", "--bucket", "other"]);
    let status = |host: &str| {
        let ask = Ask::new("GET", "/").query("versioning", "").host(host);
        ask.send(&emulator).is(200).node("Status")
    };
    let own = common::xml::HOST;
    assert_eq!(status(own), None);
    for name in ["Enabled", "Suspended", "Enabled"] {
        emulator.set_versioning(name);
        assert_eq!(emulator.last_request()["op"], "put_versioning");
        assert_eq!(status(own).as_deref(), Some(name));
    }
    assert_eq!(status(&own.replace("testbucket", "other")), None);
    for (body, code) in [
        ("", "InvalidArgument"),
        (" \n", "InvalidArgument"),
        ("<VersioningConfiguration/>", "InvalidArgument"),
        (
            "<VersioningConfiguration><Status/></VersioningConfiguration>",
            "InvalidArgument",
        ),
        (
            "<VersioningConfiguration><Status>Disabled</Status></VersioningConfiguration>",
            "InvalidArgument",
        ),
        (
            "<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>",
            "InvalidArgument",
        ),
        (
            "<Versioning><Status>Enabled</Status></Versioning>",
            "MalformedXML",
        ),
        ("Enabled!", "MalformedXML"),
        ("<VersioningConfiguration><Status>Enabled", "MalformedXML"),
    ] {
        emulator.versioning(body.as_bytes()).xml_error(400, code);
    }
    assert_eq!(status(own).as_deref(), Some("Enabled"));
    let wrong = Ask::new("PUT", "/").query("versioning", "");
    let wrong = wrong.header("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==");
    wrong
        .body(b"<VersioningConfiguration/>")
        .send(&emulator)
        .xml_error(400, "BadDigest");
    let none = Ask::new("PUT", "/")
        .query("versioning", "")
        .host(&own.replace("testbucket", "none"));
    let document = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    none.body(document.as_bytes())
        .send(&emulator)
        .xml_error(404, "NoSuchBucket");
    let delete = Ask::new("DELETE", "/")
        .query("versioning", "")
        .send(&emulator);
    delete.xml_error(405, "MethodNotAllowed");
    let unsigned = Ask::new("PUT", "/")
        .query("versioning", "")
        .anonymous(&emulator);
    unsigned.xml_error(403, "AccessDenied");
    let reader = Emulator::start(&["--allow", "name/cos:GetBucketVersioning"]);
    reader.versioning(b"Enabled").xml_error(403, "AccessDenied");
    let writer = Emulator::start(&["--allow", "name/cos:PutBucketVersioning"]);
    writer.set_versioning("Enabled");
}

#[test]
fn every_way_to_write_makes_a_version() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"before").is(200);
    assert_eq!(emulator.get_object("/a").header("x-cos-version-id"), None);
    emulator.set_versioning("Enabled");
    let mut ids = vec!["null".to_owned()];
    assert_eq!(
        emulator.head_object("/a").header("x-cos-version-id"),
        Some("null")
    );
    ids.push(emulator.put_version("/a", b"put"));
    let copy = |source: &str| Ask::new("PUT", "/a").header("x-cos-copy-source", source);
    emulator.put_version("/b", b"copied");
    let copied = copy(&copy_source("/b")).send(&emulator);
    assert_eq!(copied.is(200).header("x-cos-version-id"), None);
    assert_eq!(copied.header("x-cos-copy-source-version-id"), None);
    ids.push(copied.node("VersionId").unwrap());
    let upload = emulator.initiate("/a");
    let part = emulator.put_part("/a", &upload, 1, b"in parts");
    assert_eq!(part.is(200).header("x-cos-version-id"), None);
    let done = emulator.complete("/a", &upload, &[(1, part.header("etag").unwrap())]);
    ids.push(done.is(200).header("x-cos-version-id").unwrap().to_owned());
    // The other API writes into the same bucket.
    emulator.overwrite("/a", b"classic").ok();
    ids.push(
        emulator
            .head_object("/a")
            .header("x-cos-version-id")
            .unwrap()
            .to_owned(),
    );

    let mut unlike = ids.clone();
    unlike.sort();
    unlike.dedup();
    assert_eq!(unlike.len(), 5);
    let contents: [&[u8]; 5] = [b"before", b"put", b"copied", b"in parts", b"classic"];
    for (id, content) in ids.iter().zip(contents) {
        let got = emulator.on_version("GET", "/a", id);
        assert!(got.is(200).body == content, "{id}");
        assert_eq!(got.header("x-cos-version-id"), Some(id.as_str()));
        let head = emulator.on_version("HEAD", "/a", id);
        let length = content.len().to_string();
        assert_eq!(head.is(200).header("content-length"), Some(length.as_str()));
        assert_eq!(head.header("x-cos-version-id"), Some(id.as_str()));
    }
    let newest: Vec<String> = ids.iter().rev().map(|id| format!("a {id}")).collect();
    let listed = emulator.all_versions();
    assert_eq!(listed[0], format!("{}*", newest[0]));
    assert_eq!(listed[1..5], newest[1..]);
    assert_eq!(emulator.keys(), ["a", "b"]);
    let range = version("GET", "/a", &ids[1]).header("Range", "bytes=1-");
    assert_eq!(range.send(&emulator).is(206).body, b"ut");
    let stale = version("GET", "/a", &ids[1]).header("If-Match", "\"x\"");
    stale.send(&emulator).xml_error(412, "PreconditionFailed");
}

#[test]
fn a_suspended_bucket_keeps_one_null_version() {
    let emulator = enabled();
    let first = emulator.put_version("/a", b"first");
    emulator.set_versioning("Suspended");
    for content in [b"second", b"third!"] {
        let put = emulator.put_object("/a", content);
        assert_eq!(put.is(200).header("x-cos-version-id"), None);
        let got = emulator.get_object("/a");
        assert_is(&got, content);
        assert_eq!(got.header("x-cos-version-id"), Some("null"));
        assert_eq!(
            emulator.all_versions(),
            ["a null*".to_owned(), format!("a {first}")]
        );
    }
    let upload = emulator.initiate("/a");
    let part = emulator.put_part("/a", &upload, 1, b"fourth");
    let done = emulator.complete("/a", &upload, &[(1, part.is(200).header("etag").unwrap())]);
    assert_eq!(done.is(200).header("x-cos-version-id"), Some("null"));
    let copy = Ask::new("PUT", "/a").header("x-cos-copy-source", &copy_source("/a"));
    let copy = copy
        .header("x-cos-metadata-directive", "Replaced")
        .send(&emulator);
    assert_eq!(copy.is(200).node("VersionId"), None);
    assert_eq!(
        emulator.all_versions(),
        ["a null*".to_owned(), format!("a {first}")]
    );
    // Enabled again, the null version is one like others.
    emulator.set_versioning("Enabled");
    let last = emulator.put_version("/a", b"last");
    let all = [
        format!("a {last}*"),
        "a null".to_owned(),
        format!("a {first}"),
    ];
    assert_eq!(emulator.all_versions(), all);
    assert!(emulator.on_version("GET", "/a", "null").is(200).body == b"fourth");
    // And gives way to the next of its name, wherever it stands.
    emulator.set_versioning("Suspended");
    emulator.put_object("/a", b"newest").is(200);
    let all = [
        "a null*".to_owned(),
        format!("a {last}"),
        format!("a {first}"),
    ];
    assert_eq!(emulator.all_versions(), all);
}

#[test]
fn nothing_forbids_to_overwrite_where_there_are_versions() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    let guarded = |ask: Ask| ask.header("x-cos-forbid-overwrite", "true").send(&emulator);
    guarded(Ask::new("PUT", "/a").body(b"y")).xml_error(409, "FileAlreadyExists");
    for status in ["Enabled", "Suspended"] {
        emulator.set_versioning(status);
        guarded(Ask::new("PUT", "/a").body(b"y")).is(200);
        let copy = Ask::new("PUT", "/a").header("x-cos-copy-source", &copy_source("/a"));
        guarded(copy.header("x-cos-metadata-directive", "Replaced")).is(200);
        let upload = guarded(Ask::new("POST", "/a").query("uploads", ""));
        let upload = upload.is(200).node("UploadId").unwrap();
        let part = emulator.put_part("/a", &upload, 1, b"z");
        let etag = part.is(200).header("etag").unwrap();
        guarded(complete("/a", &upload, &[(1, etag)])).is(200);
    }
}

#[test]
fn delete_markers() {
    let emulator = enabled();
    let first = emulator.put_version("/a", b"first");
    let second = emulator.put_version("/a", b"second");
    let marker = emulator.put_marker("/a");
    for (method, ask) in [
        ("GET", emulator.get_object("/a")),
        ("HEAD", emulator.head_object("/a")),
    ] {
        assert_eq!(ask.status, 404, "{method}");
        assert_eq!(ask.header("x-cos-delete-marker"), Some("true"));
    }
    emulator.get_object("/a").xml_error(404, "NoSuchKey");
    let got = emulator.on_version("GET", "/a", &marker);
    got.xml_error(404, "NoSuchKey");
    let head = emulator.on_version("HEAD", "/a", &marker);
    assert_eq!(head.status, 404);
    for reply in [got, head] {
        assert_eq!(reply.header("x-cos-delete-marker"), Some("true"));
    }
    let unknown = "MTg0NDUxMzY2NDIxNTAwOTk4NzA";
    for id in [unknown, "null", "x", "甲"] {
        let got = emulator.on_version("GET", "/a", id);
        got.xml_error(404, "NoSuchVersion");
        assert_eq!(got.header("x-cos-delete-marker"), None);
        assert_eq!(emulator.on_version("HEAD", "/a", id).status, 404);
    }
    assert_eq!(emulator.keys(), [""; 0]);
    emulator.download("/a").is(404);
    assert!(emulator.on_version("GET", "/a", &second).is(200).body == b"second");
    // A marker is no object, so another may be laid, and one where there never was anything.
    let again = emulator.put_marker("/a");
    let lone = emulator.put_marker("/lone");
    let all = [
        format!("!a {again}*"),
        format!("!a {marker}"),
        format!("a {second}"),
        format!("a {first}"),
        format!("!lone {lone}*"),
    ];
    assert_eq!(emulator.all_versions(), all);
    // An object may be put over a marker.
    let third = emulator.put_version("/a", b"third");
    assert_is(&emulator.get_object("/a"), b"third");
    assert_eq!(
        emulator.all_versions()[..2],
        [format!("a {third}*"), format!("!a {again}")]
    );
}

#[test]
fn versions_that_are_removed() {
    let emulator = enabled();
    let first = emulator.put_version("/d/a", b"first");
    let second = emulator.put_version("/d/a", b"second");
    let marker = emulator.put_marker("/d/a");
    // The marker goes, and the object is back, with its folder in the other API.
    emulator.stat("/d/").refused(-166);
    let gone = emulator.on_version("DELETE", "/d/a", &marker);
    assert_eq!(gone.is(204).header("x-cos-delete-marker"), Some("true"));
    assert_eq!(gone.header("x-cos-version-id"), Some(marker.as_str()));
    assert_is(&emulator.get_object("/d/a"), b"second");
    emulator.stat("/d/a").ok();
    assert_eq!(emulator.keys(), ["d/a"]);
    // So is the version before, when the newest goes.
    let gone = emulator.on_version("DELETE", "/d/a", &second);
    assert_eq!(gone.is(204).header("x-cos-delete-marker"), None);
    assert_eq!(gone.header("x-cos-version-id"), Some(second.as_str()));
    assert_is(&emulator.get_object("/d/a"), b"first");
    emulator
        .on_version("GET", "/d/a", &second)
        .xml_error(404, "NoSuchVersion");
    // One that is gone cannot go again.
    for id in [second.as_str(), "null", "x"] {
        let gone = emulator.on_version("DELETE", "/d/a", id);
        assert_eq!(gone.is(204).header("x-cos-version-id"), None, "{id}");
    }
    assert_eq!(emulator.all_versions(), [format!("d/a {first}*")]);
    // An older one goes from below the newest.
    let third = emulator.put_version("/d/a", b"third");
    emulator.on_version("DELETE", "/d/a", &first).is(204);
    assert_eq!(emulator.all_versions(), [format!("d/a {third}*")]);
    emulator.on_version("DELETE", "/d/a", &third).is(204);
    emulator.get_object("/d/a").xml_error(404, "NoSuchKey");
    assert_eq!(
        emulator.get_object("/d/a").header("x-cos-delete-marker"),
        None
    );
    assert_eq!(emulator.all_versions(), [""; 0]);
}

#[test]
fn deleting_in_a_suspended_bucket() {
    let emulator = enabled();
    let first = emulator.put_version("/a", b"first");
    emulator.set_versioning("Suspended");
    emulator.put_object("/a", b"null").is(200);
    assert_eq!(emulator.put_marker("/a"), "null");
    let all = ["!a null*".to_owned(), format!("a {first}")];
    assert_eq!(emulator.all_versions(), all);
    assert_eq!(emulator.put_marker("/a"), "null");
    assert_eq!(emulator.all_versions(), all);
    emulator.get_object("/a").xml_error(404, "NoSuchKey");
    emulator
        .on_version("GET", "/a", "null")
        .xml_error(404, "NoSuchKey");
    // An object of that id takes the marker's place.
    emulator.put_object("/a", b"again").is(200);
    assert_eq!(
        emulator.all_versions(),
        ["a null*".to_owned(), format!("a {first}")]
    );
    emulator.put_marker("/a");
    let gone = emulator.on_version("DELETE", "/a", "null");
    assert_eq!(gone.is(204).header("x-cos-delete-marker"), Some("true"));
    assert_is(&emulator.get_object("/a"), b"first");
}

#[test]
fn a_bucket_that_never_had_versions() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    assert!(emulator.on_version("GET", "/a", "null").is(200).body == b"x");
    emulator
        .on_version("GET", "/a", "x")
        .xml_error(404, "NoSuchVersion");
    let gone = emulator.on_version("DELETE", "/a", "x");
    assert_eq!(gone.is(204).header("x-cos-version-id"), None);
    assert_eq!(emulator.keys(), ["a"]);
    emulator.on_version("DELETE", "/a", "null").is(204);
    assert_eq!(emulator.keys(), [""; 0]);
    emulator.put_object("/a", b"x").is(200);
    let gone = emulator.delete_object("/a");
    assert_eq!(gone.is(204).header("x-cos-delete-marker"), None);
    assert_eq!(gone.header("x-cos-version-id"), None);
    assert_eq!(emulator.list_versions(&[]).is(200).node("Key"), None);
}
