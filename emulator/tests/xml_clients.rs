//! What programs of others ask of the XML API, and their test suites expect.

mod common;

use common::Emulator;
use common::http::Reply;
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

fn get_acl(emulator: &Emulator, path: &str) -> Reply {
    let reply = Ask::new("GET", path).query("acl", "").send(emulator);
    reply.is(200);
    reply
}

/// The permissions and the accounts that an ACL names, everybody being `URI`.
fn grants(reply: &Reply) -> Vec<(String, String)> {
    let grant = |text: String| {
        let between = |open: &str, close: &str| {
            let rest = text.split_once(open)?.1;
            Some(rest.split_once(close)?.0.to_owned())
        };
        let account = between("<ID>", "</ID>").unwrap_or_else(|| "URI".to_owned());
        (between("<Permission>", "</Permission>").unwrap(), account)
    };
    reply.nodes("Grant").into_iter().map(grant).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    list.iter().map(own).collect()
}

const OWNER: (&str, &str) = ("FULL_CONTROL", "qcs::cam::uin/10000001:uin/10000001");
const ONE: &str = "qcs::cam::uin/100000000001:uin/100000000001";
const SUB: &str = "qcs::cam::uin/100000000001:uin/100000000011";

fn policy(grants: &[(&str, &str)]) -> String {
    let grants: String = grants
        .iter()
        .map(|(permission, id)| {
            format!("<Grant><Grantee><ID>{id}</ID></Grantee><Permission>{permission}</Permission></Grant>")
        })
        .collect();
    format!(
        "<AccessControlPolicy><Owner><ID>{}</ID></Owner><AccessControlList>{grants}</AccessControlList></AccessControlPolicy>",
        OWNER.1
    )
}

#[test]
fn acls_as_documents() {
    let emulator = Emulator::start(&["--private"]);
    emulator.put_object("/a", b"x").is(200);
    let put = |path: &str, list: &[(&str, &str)]| {
        let ask = Ask::new("PUT", path).query("acl", "");
        ask.body(policy(list).as_bytes()).send(&emulator)
    };
    let anyone = "qcs::cam::anyone:anyone";
    put("/a", &[("READ", anyone), OWNER]).is(200);
    let told = get_acl(&emulator, "/a");
    assert_eq!(told.header("x-cos-acl"), Some("public-read"));
    assert_eq!(grants(&told), pairs(&[("READ", "URI"), OWNER]));
    Ask::new("GET", "/a").anonymous(&emulator).is(200);
    // What was told can be given back.
    let again = Ask::new("PUT", "/a").query("acl", "").body(&told.content());
    again.send(&emulator).is(200);
    assert_eq!(get_acl(&emulator, "/a").content(), told.content());

    // Accounts are kept. No word says who they are.
    put(
        "/a",
        &[
            ("READ", ONE),
            ("READ_ACP", "100000000001/100000000011"),
            ("READ", anyone),
        ],
    )
    .is(200);
    let told = get_acl(&emulator, "/a");
    assert_eq!(told.header("x-cos-acl"), None);
    let kept = [("READ", "URI"), ("READ", ONE), ("READ_ACP", SUB), OWNER];
    assert_eq!(grants(&told), pairs(&kept));
    // The owner alone is private, whatever the bucket.
    put("/a", &[OWNER]).is(200);
    let told = get_acl(&emulator, "/a");
    assert_eq!(told.header("x-cos-acl"), Some("private"));
    assert_eq!(grants(&told), pairs(&[OWNER]));
    let anonymous = Ask::new("GET", "/a").anonymous(&emulator);
    anonymous.xml_error(403, "AccessDenied");

    // A bucket's, which may be written by all.
    put("/", &[("WRITE", anyone), ("READ", anyone), ("WRITE", ONE)]).is(200);
    let told = get_acl(&emulator, "/");
    assert_eq!(told.header("x-cos-acl"), None);
    let kept = [("READ", "URI"), ("WRITE", "URI"), ("WRITE", ONE), OWNER];
    assert_eq!(grants(&told), pairs(&kept));
    put("/", &[("READ", anyone)]).is(200);
    let told = get_acl(&emulator, "/");
    assert_eq!(told.header("x-cos-acl"), Some("public-read"));
    for wrong in [("READ", "me"), ("LOOK", ONE), ("READ", ""), ("", ONE)] {
        put("/a", &[wrong]).xml_error(400, "InvalidArgument");
    }
    put("/a", &[("WRITE", anyone)]).xml_error(400, "InvalidArgument");
    let empty = Ask::new("PUT", "/a").query("acl", "").send(&emulator);
    empty.xml_error(400, "MalformedXML");
}

#[test]
fn acls_as_headers() {
    let emulator = Emulator::start(&["--private"]);
    let acl = |path: &str, list: &[(&str, &str)]| {
        let ask = Ask::new("PUT", path).query("acl", "");
        let with = |ask: Ask, (name, value): &(&str, &str)| ask.header(name, value);
        list.iter().fold(ask, with).send(&emulator)
    };
    emulator.put_object("/a", b"x").is(200);
    for id in [
        "id=\"100000000001\"",
        "uin=\"100000000001\"",
        &format!("id=\"{ONE}\""),
    ] {
        acl("/a", &[("x-cos-grant-read", id)]).is(200);
        let told = get_acl(&emulator, "/a");
        assert_eq!(grants(&told), pairs(&[("READ", ONE), OWNER]), "{id}");
    }
    let two = "id=\"100000000001\", id=\"100000000001/100000000011\"";
    acl(
        "/a",
        &[
            ("x-cos-grant-full-control", two),
            ("x-cos-acl", "public-read"),
        ],
    )
    .is(200);
    let told = grants(&get_acl(&emulator, "/a"));
    let kept = [
        ("READ", "URI"),
        ("FULL_CONTROL", ONE),
        ("FULL_CONTROL", SUB),
        OWNER,
    ];
    assert_eq!(told, pairs(&kept));
    acl(
        "/a",
        &[("x-cos-grant-read", "id=\"qcs::cam::anyone:anyone\"")],
    )
    .is(200);
    assert_eq!(
        get_acl(&emulator, "/a").header("x-cos-acl"),
        Some("public-read")
    );
    acl("/a", &[("x-cos-acl", "private")]).is(200);
    assert_eq!(grants(&get_acl(&emulator, "/a")), pairs(&[OWNER]));
    for wrong in [
        "100000000001",
        "id=\"",
        "id=100000000001",
        "id=\"me\"",
        "id=\"1\",,",
        "who=\"1\"",
    ] {
        acl("/a", &[("x-cos-grant-write-acp", wrong)]).xml_error(400, "InvalidArgument");
        let put = Ask::new("PUT", "/b").header("x-cos-grant-read", wrong);
        put.body(b"x")
            .send(&emulator)
            .xml_error(400, "InvalidArgument");
    }
    acl("/", &[("x-cos-grant-write", "id=\"100000000001\"")]).is(200);
    let told = grants(&get_acl(&emulator, "/"));
    assert_eq!(told, pairs(&[("WRITE", ONE), OWNER]));

    // With the object itself, however it is made; a copy has none but its own.
    let one = |ask: Ask| ask.header("x-cos-grant-read", "id=\"100000000001\"");
    let wanted = pairs(&[("READ", ONE), OWNER]);
    one(Ask::new("PUT", "/put").body(b"x"))
        .send(&emulator)
        .is(200);
    assert_eq!(grants(&get_acl(&emulator, "/put")), wanted);
    let copy = Ask::new("PUT", "/copy").header("x-cos-copy-source", &copy_source("/put"));
    copy.send(&emulator).is(200);
    assert_eq!(grants(&get_acl(&emulator, "/copy")), pairs(&[OWNER]));
    assert_eq!(
        get_acl(&emulator, "/copy").header("x-cos-acl"),
        Some("default")
    );
    one(copy).send(&emulator).is(200);
    assert_eq!(grants(&get_acl(&emulator, "/copy")), wanted);
    let initiate = one(Ask::new("POST", "/parts").query("uploads", ""));
    let upload = initiate.send(&emulator).is(200).node("UploadId").unwrap();
    let part = emulator.put_part("/parts", &upload, 1, b"x");
    let etag = part.is(200).header("etag").unwrap().to_owned();
    emulator.complete("/parts", &upload, &[(1, &etag)]).is(200);
    assert_eq!(grants(&get_acl(&emulator, "/parts")), wanted);
    // And they are there the next time.
    let emulator = emulator.kill_and_restart(&["--private"]);
    assert_eq!(grants(&get_acl(&emulator, "/parts")), wanted);
    // The other API's word is an ACL of its own.
    let change = serde_json::json!({"op": "update", "authority": "eWPrivateRPublic"});
    emulator.post("/parts", &change).ok();
    assert_eq!(
        get_acl(&emulator, "/parts").header("x-cos-acl"),
        Some("public-read")
    );
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
        ("PUT", "/", "cors"),
        ("PUT", "/", "versioning"),
        ("PUT", "/", "tagging"),
        ("DELETE", "/", "lifecycle"),
        ("GET", "/", "accelerate"),
        ("GET", "/", "logging"),
        ("GET", "/", "referer"),
        ("PUT", "/a", "tagging"),
        ("POST", "/a", "append"),
        ("POST", "/a", "restore"),
        ("PUT", "/a", "symlink"),
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
