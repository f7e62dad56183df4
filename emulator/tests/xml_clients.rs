//! What programs of others ask of the XML API, and their test suites expect.

mod common;

use common::Emulator;
use common::xml::{Ask, assert_is, copy_source, full_bucket};

#[test]
fn storage_classes_and_directives_in_any_spelling() {
    let emulator = Emulator::start(&[]);
    for (sent, class) in [
        ("Standard_IA", Some("STANDARD_IA")),
        ("maz_standard_ia", Some("MAZ_STANDARD_IA")),
        ("Intelligent_Tiering", Some("INTELLIGENT_TIERING")),
        ("standard", None),
    ] {
        let with = |ask: Ask| ask.header("x-cos-storage-class", sent);
        with(Ask::new("PUT", "/a").body(b"x"))
            .send(&emulator)
            .is(200);
        let head = emulator.head_object("/a");
        assert_eq!(head.header("x-cos-storage-class"), class, "{sent}");
        let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &copy_source("/a"));
        with(copy).send(&emulator).is(200);
        let head = emulator.head_object("/b");
        assert_eq!(head.header("x-cos-storage-class"), class, "{sent}");
        let initiate = with(Ask::new("POST", "/c").query("uploads", ""));
        initiate.send(&emulator).is(200);
        let listed = emulator.list_objects(&[("prefix", "a")]);
        let class = class.unwrap_or("STANDARD").to_owned();
        assert_eq!(listed.node("StorageClass"), Some(class.clone()));
        let uploads = Ask::new("GET", "/").query("uploads", "").send(&emulator);
        let classes = uploads.is(200).nodes("StorageClass");
        assert!(classes.contains(&class), "{classes:?}");
    }
    let other = Ask::new("PUT", "/a").header("x-cos-storage-class", "Standard-IA");
    let refused = other.send(&emulator);
    refused.xml_error(400, "NotSupportedStorageClass");

    for directive in ["REPLACE", "Replaced", "replaced", "replace"] {
        let copy = Ask::new("PUT", "/a")
            .header("x-cos-copy-source", &copy_source("/a"))
            .header("x-cos-metadata-directive", directive)
            .header("x-cos-meta-how", directive);
        copy.send(&emulator).is(200);
        let head = emulator.head_object("/a");
        assert_eq!(head.header("x-cos-meta-how"), Some(directive));
    }
}

#[test]
fn lists_are_capped() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    let upload = emulator.initiate("/a");
    for most in ["1001", "10000", "99999999999999999999999"] {
        let service = Ask::new("GET", "/").host("cos.ap-guangzhou.myqcloud.com");
        let service = service.query("max-keys", most).send(&emulator);
        assert_eq!(service.is(200).node("Name"), Some(full_bucket()));
        let list = emulator.list_objects(&[("max-keys", most)]);
        assert_eq!(list.is(200).node("MaxKeys").as_deref(), Some("1000"));
        assert_eq!(list.node("Key").as_deref(), Some("a"));
        let ask = Ask::new("GET", "/").query("uploads", "");
        let list = ask.query("max-uploads", most).send(&emulator);
        assert_eq!(list.is(200).node("MaxUploads").as_deref(), Some("1000"));
        let ask = Ask::new("GET", "/a").query("uploadId", &upload);
        let list = ask.query("max-parts", most).send(&emulator);
        assert_eq!(list.is(200).node("MaxParts").as_deref(), Some("1000"));
    }
    for wrong in ["0", "-1", "+1", "x", "1.5"] {
        let list = emulator.list_objects(&[("max-keys", wrong)]);
        list.xml_error(400, "InvalidArgument");
    }
}

#[test]
fn metadata_that_are_too_large() {
    let emulator = Emulator::start(&[]);
    let put = |lengths: &[usize]| {
        let ask = Ask::new("PUT", "/a").body(b"x");
        let with = |ask: Ask, (number, length): (usize, &usize)| {
            ask.header(&format!("x-cos-meta-{number}"), &"a".repeat(*length))
        };
        lengths.iter().enumerate().fold(ask, with).send(&emulator)
    };
    put(&[2047]).is(200);
    put(&[2048]).xml_error(400, "KeyTooLong");
    put(&[2000, 2000]).is(200);
    put(&[2000, 2000, 200]).xml_error(400, "KeyTooLong");
}

#[test]
fn what_all_may_read_is_listed_without_a_signature() {
    let emulator = Emulator::start(&[]);
    for path in ["/a", "/b/c"] {
        emulator.put_object(path, b"hello").is(200);
    }
    let ask = |method: &str| Ask::new(method, "/");
    let list = ask("GET").anonymous(&emulator);
    assert_eq!(list.is(200).nodes("Key"), ["a", "b/c"]);
    let list = ask("GET").query("prefix", "b/").anonymous(&emulator);
    assert_eq!(list.is(200).nodes("Key"), ["b/c"]);
    let list = ask("GET").query("versions", "").anonymous(&emulator);
    assert_eq!(list.is(200).nodes("Key"), ["a", "b/c"]);
    ask("GET").query("uploads", "").anonymous(&emulator).is(200);
    assert_eq!(ask("HEAD").anonymous(&emulator).status, 200);
    // However the bucket is named.
    let full = full_bucket();
    let by_path = Ask::new("GET", &format!("/{full}/")).host("cos.ap-guangzhou.myqcloud.com");
    let list = by_path.anonymous(&emulator);
    assert_eq!(list.is(200).nodes("Key"), ["a", "b/c"]);
    let host = ask("GET").host(&format!("{full}.localhost:1"));
    assert_eq!(host.anonymous(&emulator).is(200).nodes("Key"), ["a", "b/c"]);
    assert_is(&Ask::new("GET", "/a").anonymous(&emulator), b"hello");
    // It is not made by being looked at.
    let other = ask("GET").host("other-10000001.cos.x-y.myqcloud.com");
    assert_eq!(other.anonymous(&emulator).is(200).nodes("Key"), [""; 0]);
    let buckets = ask("GET").host("service.cos.myqcloud.com").send(&emulator);
    assert_eq!(buckets.is(200).nodes("Name"), [full]);
    // Its settings are nobody's business, nor is writing.
    ask("GET")
        .host("service.cos.myqcloud.com")
        .anonymous(&emulator)
        .xml_error(403, "AccessDenied");
    for name in ["acl", "location", "versioning", "tagging"] {
        let asked = ask("GET").query(name, "").anonymous(&emulator);
        asked.xml_error(403, "AccessDenied");
    }
    let put = Ask::new("PUT", "/a").body(b"x").anonymous(&emulator);
    put.xml_error(403, "AccessDenied");

    let private = ask("PUT").query("acl", "").header("x-cos-acl", "private");
    private.send(&emulator).is(200);
    for name in ["prefix", "versions", "uploads"] {
        let asked = ask("GET").query(name, "").anonymous(&emulator);
        asked.xml_error(403, "AccessDenied");
    }
    ask("GET")
        .anonymous(&emulator)
        .xml_error(403, "AccessDenied");
    assert_eq!(ask("HEAD").anonymous(&emulator).status, 403);
    let lone = Emulator::start(&["--bucket", "lone"]);
    ask("GET").anonymous(&lone).xml_error(404, "NoSuchBucket");
}

#[test]
fn versions_of_a_bucket_that_never_had_any() {
    let emulator = Emulator::start(&[]);
    for path in ["/a", "/b/1", "/b/2", "/c"] {
        emulator.put_object(path, b"hello").is(200);
    }
    let list = |query: &[(&str, &str)]| {
        let ask = Ask::new("GET", "/").query("versions", "");
        let with = |ask: Ask, (name, value): &(&str, &str)| ask.query(name, value);
        query.iter().fold(ask, with).send(&emulator)
    };
    let all = list(&[]);
    assert_eq!(all.is(200).nodes("Key"), ["a", "b/1", "b/2", "c"]);
    assert_eq!(all.nodes("IsLatest"), ["true"; 4]);
    assert_eq!(all.text().matches("<VersionId/>").count(), 4);
    assert_eq!(all.node("IsTruncated").as_deref(), Some("false"));
    assert!(all.text().contains("<ListVersionsResult>"));
    let first = list(&[("delimiter", "/"), ("max-keys", "2")]);
    assert_eq!(first.nodes("Key"), ["a"]);
    assert_eq!(first.nodes("CommonPrefixes"), ["<Prefix>b/</Prefix>"]);
    assert_eq!(first.node("NextKeyMarker").as_deref(), Some("b/"));
    assert!(first.text().contains("<NextVersionIdMarker/>"));
    let rest = list(&[
        ("delimiter", "/"),
        ("key-marker", "b/"),
        ("version-id-marker", ""),
    ]);
    assert_eq!(rest.nodes("Key"), ["c"]);
}

#[test]
fn no_answer_looks_as_if_it_may_pass() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    for (path, name, code) in [
        ("/", "cors", "NoSuchCORSConfiguration"),
        ("/", "encryption", "NoSuchEncryptionConfiguration"),
        ("/", "inventory", "InventoryConfigurationNotFoundError"),
        ("/", "lifecycle", "NoSuchLifecycleConfiguration"),
        ("/", "object-lock", "NoSuchObjectLockConfiguration"),
        ("/", "origin", "OriginConfigurationNotFoundError"),
        ("/", "policy", "NoSuchBucketPolicy"),
        ("/", "replication", "ReplicationConfigurationNotFoundError"),
        ("/", "tagging", "NoSuchTagSet"),
        ("/", "website", "NoSuchWebsiteConfiguration"),
        ("/a", "tagging", "NoSuchTagSet"),
        ("/none", "tagging", "NoSuchKey"),
    ] {
        let asked = Ask::new("GET", path).query(name, "").send(&emulator);
        asked.xml_error(404, code);
    }
    for (method, path, name) in [
        ("PUT", "/", "inventory"),
        ("DELETE", "/", "versioning"),
        ("POST", "/", "tagging"),
        ("DELETE", "/", "object-lock"),
        ("GET", "/", "intelligenttiering"),
        ("DELETE", "/", "logging"),
        ("POST", "/a", "tagging"),
        ("PUT", "/a", "append"),
        ("GET", "/a", "restore"),
        ("PUT", "/a", "symlink"),
        ("GET", "/a", "symlink"),
        ("GET", "/a", "versions"),
        ("GET", "/a", "whatever"),
        ("POST", "/", "versions"),
    ] {
        let asked = Ask::new(method, path).query(name, "").send(&emulator);
        asked.xml_error(405, "MethodNotAllowed");
    }
    let service = Ask::new("GET", "/").host("service.cos.myqcloud.com");
    let asked = service.query("tagging", "").send(&emulator);
    asked.xml_error(405, "MethodNotAllowed");
}
