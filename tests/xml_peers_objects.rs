//! All that an object has, between the official SDKs and this library: what one of them encrypts, copies, changes
//! or signs, the other reads, byte for byte and header for header.

mod common;

use std::fs;
use std::process::Command;

use common::emulator::Emulator;
use common::install::run;
use common::library::{BUCKET, Client, ok};
use common::peers::{Peer, objects};
use common::tls::Certificate;
use common::{TempDir, noise};
use serde_json::{Map, Value, json};

const KEY: &str = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";
const KEY_MD5: &str = "U5L61r7jcwdNvT7frmUG8g==";
const ANOTHER_KEY: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
const ANOTHER_MD5: &str = "vE7wEb+P1UX8WYzS5OTpDQ==";
const OTHER: &str = "other";

/// Above what a peer or the library sends in one request.
const IN_PARTS: usize = (9 << 20) + 1;

struct Ground {
    peer: Peer,
    certificate: Certificate,
    emulator: Emulator,
    /// By HTTPS, as the peer.
    client: Client,
    files: TempDir,
}

impl Ground {
    fn of(peer: Peer) -> Ground {
        let certificate = Certificate::new("localhost");
        let (pem, key) = (certificate.path(), certificate.key_path());
        let emulator = Emulator::start_with(&[
            "--default-bucket",
            BUCKET,
            "--tls-certificate",
            &pem,
            "--tls-key",
            &key,
        ]);
        let options = json!({"tls_ca": pem, "overwrite": true});
        let client = Client::speaking("xml", &emulator.secure_url(), options);
        Ground {
            peer,
            certificate,
            emulator,
            client,
            files: TempDir::new(),
        }
    }

    fn said_at(&self, url: &str, command: &str, options: &Value, rest: &[&str]) -> String {
        let (mut peer, pem) = (self.peer.command(), self.certificate.path());
        peer.env("NODE_EXTRA_CA_CERTS", &pem);
        let peer = peer.args([command, url, &pem, &options.to_string()]);
        run(peer.args(rest)).trim().to_owned()
    }

    fn said(&self, command: &str, options: &Value, rest: &[&str]) -> String {
        self.said_at(&self.emulator.secure_url(), command, options, rest)
    }

    /// The peer writes this.
    fn they_put(&self, key: &str, content: &[u8], options: &Value) {
        let file = self.files.file("f", content);
        self.said("put", options, &[key, file.to_str().unwrap()]);
    }

    /// What the peer copies, from a bucket of the same account; the id of the copy's version.
    fn they_copy(&self, from: (&str, &str), key: &str, options: &Value) -> String {
        let source = format!("{}-10000001/{}", from.0, from.1);
        self.said("copy", options, &[key, &source])
    }

    fn we_put(&self, key: &str, content: &[u8], options: &Value) {
        let file = self.files.file("f", content);
        ok(self.client.upload_with(&file, key, options));
    }

    fn we_copy(&self, from: (&str, &str), to: (&str, &str), options: &Value) -> Value {
        ok(self.client.copy_with(from, to, options, &mut |_, _| 0))
    }

    /// The peer reads these bytes, and of the headers that are the object's own just these.
    fn they_see(&self, key: &str, content: &[u8], options: &Value, headers: &Value) {
        let told: Map<String, Value> =
            serde_json::from_str(&self.said("head", options, &[key])).unwrap();
        let own = told.into_iter().filter(|(name, _)| is_own(name));
        assert_eq!(&Value::Object(own.collect()), headers, "{key}");
        let got = self.files.join("got");
        self.said("get", options, &[key, got.to_str().unwrap()]);
        assert!(fs::read(&got).unwrap() == content, "{key}");
        fs::remove_file(got).unwrap();
    }

    /// The library reads these bytes, and this of what a stat tells.
    fn we_see(&self, key: &str, content: &[u8], options: &Value, told: &Value) {
        let stat = ok(self.client.stat_with(key, options));
        let data = stat["data"].as_object().unwrap();
        let of = |name: &str| data.get(name).cloned().unwrap_or_default();
        let own = ["headers", "meta", "storage_class", "sse"];
        let seen: Map<String, Value> = own
            .map(|name| (name.to_owned(), of(name)))
            .into_iter()
            .collect();
        assert_eq!(&Value::Object(seen), told, "{key}");
        let got = self.files.join("got");
        ok(self.client.download_with(key, &got, options));
        assert!(fs::read(&got).unwrap() == content, "{key}");
        fs::remove_file(got).unwrap();
    }

    fn tags_are(&self, key: &str, tags: &Value) {
        assert_eq!(
            &ok(self.client.get_tags(key))["data"]["tags"],
            tags,
            "{key}"
        );
    }
}

/// Whether a header is the object's, rather than the answer's; the time at which the library made it is left out.
fn is_own(name: &str) -> bool {
    let standard = [
        "content-type",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "expires",
    ];
    let ours = [
        "x-cos-meta-",
        "x-cos-storage-class",
        "x-cos-server-side-encryption",
    ];
    let is_time = name.ends_with("ctime");
    standard.contains(&name) || ours.iter().any(|prefix| name.starts_with(prefix)) && !is_time
}

/// `one` with what `other` has.
fn with(one: &Value, other: &Value) -> Value {
    let mut both = one.clone();
    let both_map = both.as_object_mut().unwrap();
    both_map.extend(other.as_object().unwrap().clone());
    both
}

const SERVER_SIDE: &str = "x-cos-server-side-encryption";

/// How an object is asked to be encrypted, what a HEAD tells of it, and what a stat does.
fn encryptions() -> Vec<(Value, Value, Value)> {
    let kms =
        |key: &str| json!({SERVER_SIDE: "cos/kms", (format!("{SERVER_SIDE}-cos-kms-key-id")): key});
    let default = "00000000-0000-0000-0000-000000000001";
    let customer = json!({
        (format!("{SERVER_SIDE}-customer-algorithm")): "AES256",
        (format!("{SERVER_SIDE}-customer-key-md5")): KEY_MD5,
    });
    vec![
        (json!("cos"), json!({SERVER_SIDE: "AES256"}), json!("cos")),
        (json!({"kms": ""}), kms(default), json!({"kms": default})),
        (
            json!({"kms": "key-1", "context": "eyJhIjoiYiJ9"}),
            kms("key-1"),
            json!({"kms": "key-1"}),
        ),
        (json!({"c": KEY}), customer, json!({"c_md5": KEY_MD5})),
    ]
}

/// With each kind of key, in one request and in parts.
fn share_encrypted(ground: &Ground) {
    let wire = json!({"content-type": "text/plain", "cache-control": "max-age=7",
        "x-cos-meta-colour": "%E8%93%9D%20100%25", "x-cos-meta-raw": "a%20b",
        "x-cos-storage-class": "STANDARD_IA"});
    let told = json!({"headers": {"content-type": "text/plain", "cache-control": "max-age=7"},
        "meta": {"colour": "蓝 100%", "raw": "a%20b"}, "storage_class": "STANDARD_IA"});
    for (number, (sse, header, by_stat)) in encryptions().into_iter().enumerate() {
        // A read names a key that only the caller has, and may name what is expected.
        let read = json!({"sse": sse});
        // The account's default key of KMS is in no part's request.
        let sizes: &[usize] = match by_stat.get("kms").is_some_and(|id| id != "key-1") {
            true => &[5000],
            false => &[5000, IN_PARTS],
        };
        for &size in sizes {
            let content = noise(size, (size + number) as u64);
            let ours = format!("ours/{number} {size}");
            let options = json!({"sse": sse, "meta": told["meta"], "storage_class": "STANDARD_IA",
                "headers": {"Content-Type": "text/plain", "Cache-Control": "max-age=7"}});
            ground.we_put(&ours, &content, &options);
            ground.they_see(&ours, &content, &read, &with(&wire, &header));
            let theirs = format!("theirs/{number} {size}");
            let options = json!({"sse": sse, "storage_class": "STANDARD_IA", "headers": {
                "Content-Type": "text/plain", "Cache-Control": "max-age=7",
                "x-cos-meta-colour": "%E8%93%9D%20100%25", "x-cos-meta-raw": "a%20b"}});
            ground.they_put(&theirs, &content, &options);
            ground.we_see(
                &theirs,
                &content,
                &read,
                &with(&told, &json!({"sse": by_stat})),
            );
        }
    }
}

/// The object that is copied, as it was written, as its headers are, and as a stat tells it.
fn source() -> (Value, Value, Value) {
    let headers = json!({"Content-Type": "text/x", "Cache-Control": "max-age=1",
        "x-cos-meta-a": "1", "x-cos-meta-b": "2"});
    let put = json!({"headers": headers, "storage_class": "STANDARD_IA", "tags": "k=v&of=source"});
    let wire = json!({"content-type": "text/x", "cache-control": "max-age=1", "x-cos-meta-a": "1",
        "x-cos-meta-b": "2", "x-cos-storage-class": "STANDARD_IA"});
    let told = json!({"headers": {"content-type": "text/x", "cache-control": "max-age=1"},
        "meta": {"a": "1", "b": "2"}, "storage_class": "STANDARD_IA", "sse": null});
    (put, wire, told)
}

/// Between buckets, with what the source has and with what is said instead.
fn share_copies(ground: &Ground) {
    let (put, wire, told) = source();
    let none = json!({});
    let content = noise((2 << 20) + 7, 5);
    ground.they_put("源/a b+", &content, &put);

    // All is kept: by the library, there and back, and by the peer.
    let tags = json!({"k": "v", "of": "source"});
    ground.we_copy((BUCKET, "源/a b+"), (OTHER, "中/m n%"), &none);
    ground.we_copy((OTHER, "中/m n%"), (BUCKET, "ours/kept"), &none);
    ground.they_see("ours/kept", &content, &none, &wire);
    ground.tags_are("ours/kept", &tags);
    ground.they_copy(
        (OTHER, "中/m n%"),
        "theirs/kept",
        &json!({"storage_class": "STANDARD_IA"}),
    );
    ground.we_see("theirs/kept", &content, &none, &told);
    ground.tags_are("theirs/kept", &tags);

    // What is said takes the place of what was there.
    let replaced = json!({"headers": {"Content-Type": "text/y", "Cache-Control": "no-cache"},
        "meta": {"b": "蓝", "c": "4"}, "storage_class": "STANDARD", "tags": {"new": "1/2+3", "名": "值"}});
    ground.we_copy((OTHER, "中/m n%"), (BUCKET, "ours/new"), &replaced);
    let wire = json!({"content-type": "text/y", "cache-control": "no-cache", "x-cos-meta-a": "1",
        "x-cos-meta-b": "%E8%93%9D", "x-cos-meta-c": "4"});
    ground.they_see("ours/new", &content, &none, &wire);
    ground.tags_are("ours/new", &replaced["tags"]);
    let theirs = json!({"headers": {"Content-Type": "text/y", "x-cos-meta-b": "%E8%93%9D"},
        "storage_class": "MAZ_STANDARD", "tags": "new=1%2F2%2B3"});
    // A peer replaces all headers or none, and the copy is in one request or in parts.
    for (key, parts) in [("theirs/new", 0), ("theirs/parts", content.len())] {
        ground.they_copy(
            (OTHER, "中/m n%"),
            key,
            &with(&theirs, &json!({"parts": parts})),
        );
        let told = json!({"headers": {"content-type": "text/y"}, "meta": {"b": "蓝"},
            "storage_class": "MAZ_STANDARD", "sse": null});
        ground.we_see(key, &content, &none, &told);
        ground.tags_are(key, &json!({"new": "1/2+3"}));
    }
}

/// From key to key, each way.
fn share_encrypted_copies(ground: &Ground) {
    let content = noise((1 << 20) + 9, 6);
    let (own, another) = (json!({"c": KEY}), json!({"c": ANOTHER_KEY}));
    let keys = json!({"src_sse": own, "sse": another});
    let wire = json!({"content-type": "text/x",
        (format!("{SERVER_SIDE}-customer-algorithm")): "AES256",
        (format!("{SERVER_SIDE}-customer-key-md5")): ANOTHER_MD5});
    let told = json!({"headers": {"content-type": "text/x"}, "meta": {}, "storage_class": "STANDARD",
        "sse": {"c_md5": ANOTHER_MD5}});
    let options = json!({"sse": own, "headers": {"Content-Type": "text/x"}});
    ground.they_put("theirs", &content, &options);
    ground.we_put("ours", &content, &options);
    let read = json!({"sse": another});
    ground.we_copy((BUCKET, "theirs"), (BUCKET, "ours copied"), &keys);
    ground.they_see("ours copied", &content, &read, &wire);
    for parts in [0, content.len()] {
        let mut asked = with(&keys, &json!({"parts": parts}));
        if parts > 0 {
            asked["headers"] = options["headers"].clone();
        }
        ground.they_copy((BUCKET, "ours"), "theirs copied", &asked);
        ground.we_see("theirs copied", &content, &read, &told);
    }

    // To a key of KMS, and to one of the service.
    for (sse, header, by_stat) in encryptions().into_iter().take(3) {
        let keys = json!({"src_sse": own, "sse": sse});
        ground.we_copy((BUCKET, "theirs"), (BUCKET, "ours copied"), &keys);
        let wire = with(&json!({"content-type": "text/x"}), &header);
        ground.they_see("ours copied", &content, &json!({}), &wire);
        ground.they_copy((BUCKET, "ours"), "theirs copied", &keys);
        ground.we_see(
            "theirs copied",
            &content,
            &json!({"sse": sse}),
            &with(&told, &json!({"sse": by_stat})),
        );
    }
}

/// A named version becomes the newest.
fn share_copied_versions(ground: &Ground) {
    ok(ground.client.set_versioning("Enabled"));
    let (first, second) = (noise(4000, 1), noise(5000, 2));
    let id = |key: &str| {
        ok(ground.client.stat_file(key))["data"]["version_id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let none = json!({});
    ground.they_put("版本/a b", &first, &none);
    let old = id("版本/a b");
    ground.they_put("版本/a b", &second, &none);

    let named = json!({"version_id": old});
    let copied = ground.we_copy((BUCKET, "版本/a b"), (BUCKET, "ours"), &named);
    let told = json!({"content-type": "application/octet-stream"});
    let read = json!({"version_id": copied["data"]["version_id"]});
    ground.they_see("ours", &first, &read, &told);
    let copied = ground.they_copy((BUCKET, "版本/a b"), "theirs", &named);
    assert_eq!(copied, id("theirs"));
    ground.client.holds("theirs", &first);
    // Onto itself: restored.
    let copied = ground.we_copy((BUCKET, "版本/a b"), (BUCKET, "版本/a b"), &named);
    assert_eq!(copied["data"]["version_id"], id("版本/a b"));
    ground.they_see("版本/a b", &first, &none, &told);
    ground.they_put("版本/a b", &second, &none);
    ground.they_copy((BUCKET, "版本/a b"), "版本/a b", &named);
    ground.client.holds("版本/a b", &first);
}

/// The headers of what is there are changed.
fn share_updates(ground: &Ground) {
    let (put, _, told) = source();
    let (content, none) = (noise(5000, 7), json!({}));
    ground.they_put("f", &content, &put);
    let changes = json!({"headers": {"Cache-Control": null, "Content-Disposition": "inline"},
        "meta": {"a": null, "n": "值 1"}, "storage_class": "STANDARD"});
    ok(ground.client.update_with("f", &changes));
    let wire = json!({"content-type": "text/x", "content-disposition": "inline", "x-cos-meta-b": "2",
        "x-cos-meta-n": "%E5%80%BC%201"});
    ground.they_see("f", &content, &none, &wire);
    ground.tags_are("f", &json!({"k": "v", "of": "source"}));

    ground.they_copy((BUCKET, "f"), "f", &put);
    ground.we_see("f", &content, &none, &told);
    ground.tags_are("f", &json!({"k": "v", "of": "source"}));
}

fn curl(arguments: &[&str]) {
    let fail = [
        "--silent",
        "--show-error",
        "--fail",
        "--output",
        "/dev/null",
    ];
    run(Command::new("curl").args(fail).args(arguments));
}

/// Requests and forms that curl sends.
fn share_signed(ground: &Ground) {
    let emulator = &ground.emulator;
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let (content, none) = (noise(5000, 8), json!({}));
    let file = ground.files.file("signed", &content);
    let file = file.to_str().unwrap();
    let headers = json!({"content-type": "text/x", "x-cos-meta-a": "b c", "x-cos-storage-class": "STANDARD_IA"});
    let wire = headers.clone();
    let told = json!({"headers": {"content-type": "text/x"}, "meta": {"a": "b c"},
        "storage_class": "STANDARD_IA", "sse": null});
    let mut lines = Vec::new();
    for (name, value) in headers.as_object().unwrap() {
        lines.extend([
            "--header".to_owned(),
            format!("{name}: {}", value.as_str().unwrap()),
        ]);
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();

    let signed = ok(client.presign("PUT", "签/our s", 600, &json!({"headers": headers})));
    let url = signed["data"]["url"].as_str().unwrap();
    curl(&[&lines[..], &["--upload-file", file, url]].concat());
    ground.they_see("签/our s", &content, &none, &wire);
    let url = ground.said_at(
        &emulator.url,
        "presign",
        &json!({"headers": headers}),
        &["签/their s"],
    );
    // One of them names the real host.
    let here = emulator.url.trim_start_matches("http://");
    let route = format!("{BUCKET}-10000001.cos.ap-guangzhou.myqcloud.com:80:{here}");
    curl(
        &[
            &lines[..],
            &["--connect-to", &route, "--upload-file", file, &url],
        ]
        .concat(),
    );
    ground.we_see("签/their s", &content, &none, &told);

    // No SDK signs forms: what one uploads is what they see.
    let policy = json!({"key": "表/form s", "max": 10_000, "content_type": "text/x",
        "expires_s": 600});
    let form = ok(client.post_policy(&policy));
    let fields = form["data"]["fields"].as_object().unwrap();
    let mut arguments = Vec::new();
    let chosen = [
        ("x-cos-meta-a", "b c"),
        ("x-cos-storage-class", "STANDARD_IA"),
    ];
    let fixed = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    for (name, value) in fixed.chain(chosen) {
        arguments.extend(["--form-string".to_owned(), format!("{name}={value}")]);
    }
    arguments.extend(["--form".to_owned(), format!("file=@{file}")]);
    arguments.push(form["data"]["url"].as_str().unwrap().to_owned());
    curl(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    ground.they_see("表/form s", &content, &none, &wire);
}

fn share_all(peer: Peer) {
    let ground = Ground::of(peer);
    share_copies(&ground);
    share_updates(&ground);
    share_signed(&ground);
    share_copied_versions(&ground);
}

fn share_secrets(peer: Peer) {
    let ground = Ground::of(peer);
    share_encrypted(&ground);
    share_encrypted_copies(&ground);
}

#[test]
fn what_the_python_sdk_or_we_encrypt_the_other_reads() {
    share_secrets(objects::python());
}

#[test]
fn what_the_node_sdk_or_we_encrypt_the_other_reads() {
    share_secrets(objects::node());
}

#[test]
fn what_the_go_sdk_or_we_encrypt_the_other_reads() {
    share_secrets(objects::go());
}

#[test]
fn copies_changes_and_signatures_are_shared_with_the_python_sdk() {
    share_all(objects::python());
}

#[test]
fn copies_changes_and_signatures_are_shared_with_the_node_sdk() {
    share_all(objects::node());
}

#[test]
fn copies_changes_and_signatures_are_shared_with_the_go_sdk() {
    share_all(objects::go());
}
