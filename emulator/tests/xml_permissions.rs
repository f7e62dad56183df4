//! What the service refuses or ignores for some keys and buckets, and not for others.

mod common;

use std::process::Command;

use common::xml::{Ask, complete, copy_source, md5_hex};
use common::{Emulator, command};
use tempfile::TempDir;

const UPLOAD: &str = "name/cos:PutObject,name/cos:InitiateMultipartUpload,name/cos:UploadPart,\
                      name/cos:CompleteMultipartUpload";

#[test]
fn a_key_that_may_only_upload() {
    let emulator = Emulator::start(&["--allow", UPLOAD]);
    emulator.put_object("/a", b"hello").is(200);
    let upload = emulator.initiate("/b");
    let part = emulator.put_part("/b", &upload, 1, b"hello");
    let etag = part.is(200).header("etag").unwrap().to_owned();
    complete("/b", &upload, &[(1, &etag)])
        .send(&emulator)
        .is(200);
    // Whether anything is there makes no difference.
    for path in ["/a", "/none"] {
        let head = emulator.head_object(path);
        assert!(head.status == 403 && head.body.is_empty());
        assert_eq!(head.header("content-length"), Some("0"));
    }
    let delete = "<Delete><Object><Key>a</Key></Object></Delete>";
    let ask = |method: &str, path: &str| Ask::new(method, path);
    let of = |ask: Ask| ask.query("uploadId", &upload);
    for denied in [
        ask("GET", "/a"),
        ask("GET", "/a").query("acl", ""),
        ask("PUT", "/a")
            .query("acl", "")
            .header("x-cos-acl", "private"),
        ask("DELETE", "/a"),
        ask("PUT", "/c").header("x-cos-copy-source", &copy_source("/a")),
        of(ask("GET", "/b")),
        of(ask("DELETE", "/b")),
        of(ask("PUT", "/b").query("partNumber", "1"))
            .header("x-cos-copy-source", &copy_source("/a")),
        ask("GET", "/"),
        ask("GET", "/").query("uploads", ""),
        ask("GET", "/").query("acl", ""),
        ask("GET", "/").query("location", ""),
        ask("GET", "/").query("versioning", ""),
        ask("PUT", "/"),
        ask("DELETE", "/"),
        ask("GET", "/").host("service.cos.myqcloud.com"),
    ] {
        denied.send(&emulator).xml_error(403, "AccessDenied");
    }
    assert_eq!(ask("HEAD", "/").send(&emulator).status, 403);
    // One of many is refused by its name.
    let many = ask("POST", "/").query("delete", "").body(delete.as_bytes());
    let many = many.md5().send(&emulator);
    assert_eq!(many.is(200).node("Code").as_deref(), Some("AccessDenied"));
    assert_eq!(many.nodes("Deleted"), Vec::<String>::new());
    // A wrong key is still told from one that may not.
    let mut wrong = ask("GET", "/a");
    wrong.secret_key = "other".to_owned();
    wrong
        .send(&emulator)
        .xml_error(403, "SignatureDoesNotMatch");
    // What all may read needs no key.
    ask("GET", "/a").anonymous(&emulator).is(200);
}

#[test]
fn what_else_a_key_may_be_allowed() {
    let reader = Emulator::start(&["--allow", "cos:Get*", "--allow", "HeadObject"]);
    reader.get_object("/none").xml_error(404, "NoSuchKey");
    reader.list_objects(&[]).is(200);
    reader.put_object("/a", b"x").xml_error(403, "AccessDenied");
    // The copy's source has to be readable, too.
    let copier = Emulator::start(&["--allow", "PutObject,GetObject,HeadObject"]);
    copier.put_object("/a", b"x").is(200);
    let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &copy_source("/a"));
    copy.send(&copier).is(200);
    assert_eq!(
        copier.head_object("/b").header("etag"),
        Some(format!("\"{}\"", md5_hex(b"x")).as_str())
    );
    let all = Emulator::start(&["--allow", "*"]);
    all.put_object("/a", b"x").is(200);
    all.delete_object("/a").is(204);
    // An action that is none would allow nothing.
    let folder = TempDir::new().unwrap();
    for wrong in ["PutObjects", "name/cos:", "cam:PutObject", ""] {
        let run: &mut Command = &mut command(folder.path());
        let output = run.args(["--allow", wrong]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn buckets_that_only_a_host_names() {
    let emulator = Emulator::start(&["--no-path-style"]);
    emulator.put_object("/a", b"x").is(200);
    let host = "cos.ap-guangzhou.myqcloud.com";
    for host in [host, "127.0.0.1:1"] {
        for (method, path) in [
            ("GET", "/testbucket-10000001/a"),
            ("PUT", "/testbucket-10000001/a"),
            ("GET", "/testbucket-10000001/"),
        ] {
            let asked = Ask::new(method, path).host(host).send(&emulator);
            asked.xml_error(403, "PathStyleDomainForbidden");
        }
        let head = Ask::new("HEAD", "/testbucket-10000001/a").host(host);
        assert_eq!(head.send(&emulator).status, 403);
    }
    let service = Ask::new("GET", "/").host(host).send(&emulator);
    assert_eq!(service.is(200).nodes("Name"), ["testbucket-10000001"]);
    // Nor does any bucket take a copy's source of that form.
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    for (source, status) in [
        (format!("{host}/testbucket-10000001/a"), 400),
        ("files.example.com/a".to_owned(), 400),
        ("/testbucket-10000001/a".to_owned(), 200),
        (format!("testbucket-10000001.{host}/a"), 200),
    ] {
        let copy = Ask::new("PUT", "/b").header("x-cos-copy-source", &source);
        assert_eq!(copy.send(&emulator).status, status, "{source}");
    }
}

#[test]
fn buckets_that_begin_suspended() {
    let emulator = Emulator::start(&["--versioning-suspended"]);
    let guarded = |ask: Ask| ask.header("x-cos-forbid-overwrite", "true").send(&emulator);
    emulator.put_object("/a", b"old").is(200);
    guarded(Ask::new("PUT", "/a").body(b"new")).is(200);
    assert_eq!(emulator.get_object("/a").body, b"new");
    let copy = Ask::new("PUT", "/a").header("x-cos-copy-source", &copy_source("/a"));
    guarded(copy.header("x-cos-metadata-directive", "Replaced")).is(200);
    let upload = guarded(Ask::new("POST", "/a").query("uploads", ""));
    let upload = upload.is(200).node("UploadId").unwrap();
    let part = emulator.put_part("/a", &upload, 1, b"newest");
    let etag = part.is(200).header("etag").unwrap();
    guarded(complete("/a", &upload, &[(1, etag)])).is(200);
    let status = Ask::new("GET", "/").query("versioning", "").send(&emulator);
    assert_eq!(status.is(200).node("Status").as_deref(), Some("Suspended"));
    emulator.put_object("/b", b"x").is(200);
    let versions = Ask::new("GET", "/").query("versions", "");
    let versions = versions.query("max-keys", "1").send(&emulator);
    assert_eq!(versions.is(200).node("VersionId").as_deref(), Some("null"));
    assert_eq!(
        versions.node("NextVersionIdMarker").as_deref(),
        Some("null")
    );
}
