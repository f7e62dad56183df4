//! Server-side encryption (docs/encryption.md): what is asked for is confirmed by the service, or the call fails;
//! a key of the caller's own goes over https alone, with every request about the content, and nowhere else.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::emulator::Emulator;
use common::library::{BUCKET, Client, code, kind, message, ok};
use common::listener::{Listener, http};
use common::relay::behind_tls;
use common::shelf::{self, Object};
use common::tls::{Certificate, server_config};
use common::trace::Told;
use common::{TempDir, noise};
use md5::{Digest, Md5};
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// As the service's documentation has it.
const KEY: &str = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";
const KEY_MD5: &str = "U5L61r7jcwdNvT7frmUG8g==";

const LARGE: usize = (9 << 20) + 5;

fn own() -> Value {
    json!({"sse": {"c": KEY}})
}

fn another() -> Value {
    json!({"sse": {"c": STANDARD.encode([7; 32])}})
}

fn md5_tag(content: &[u8]) -> String {
    let digest = Md5::digest(content);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// A service over TLS, and a client of it.
struct Ground {
    emulator: Emulator,
    client: Client,
    files: TempDir,
}

impl Ground {
    fn new() -> Ground {
        let certificate = Certificate::new("localhost");
        let emulator = Emulator::start_secure(&certificate);
        let options = json!({"tls_ca": certificate.path(), "overwrite": true});
        let client = Client::speaking("xml", &emulator.secure_url(), options);
        Ground {
            emulator,
            client,
            files: TempDir::new(),
        }
    }

    /// The same service without TLS.
    fn plainly(&self) -> Client {
        Client::speaking("xml", &self.emulator.url, json!({}))
    }

    /// Of a file beside another.
    fn copy(&self, from: &str, to: &str, options: &Value) -> Value {
        let silent = &mut |_, _| 0;
        self.client
            .copy_with((BUCKET, from), (BUCKET, to), options, silent)
    }

    fn read_each_way(&self, path: &str, options: &Value, content: &[u8]) {
        let got = self.files.join("got");
        let reply = ok(self.client.download_with(path, &got, options));
        assert_eq!(reply["data"]["verified"], "crc64", "{reply}");
        assert!(fs::read(&got).unwrap() == content, "{path}");
        fs::remove_file(&got).unwrap();
        let mut buffer = vec![0; content.len() + 1];
        let reply = ok(self.client.download_buffer(path, 0, &mut buffer, options));
        assert_eq!(reply["data"]["verified"], "crc64", "{reply}");
        assert!(buffer[..content.len()] == *content, "{path}");
        let mut streamed = Vec::new();
        let write = &mut |more: &[u8]| {
            streamed.extend_from_slice(more);
            0
        };
        ok(self.client.download_stream(path, options, write));
        assert!(streamed == content, "{path}");
    }
}

#[test]
fn files_of_ones_own_key_go_and_come_each_way() {
    let ground = Ground::new();
    let Ground { client, files, .. } = &ground;
    for size in [0, 5000, LARGE] {
        let content = noise(size, size as u64);
        let file = files.file("f", &content);
        ok(client.upload_with(&file, "k/file", &own()));
        ok(client.upload_buffer_with(&content, "k/buffer", &own(), &mut |_, _| 0));
        ok(client.upload_streamed("k/stream", &own(), &content));
        for path in ["k/file", "k/buffer", "k/stream"] {
            let data = &ok(client.stat_with(path, &own()))["data"];
            assert_eq!(data["sse"], json!({"c_md5": KEY_MD5}));
            assert_eq!(data["filesize"], size);
            let etag = data["etag"].as_str().unwrap();
            assert!(etag != md5_tag(&content), "{etag}");
            ground.read_each_way(path, &own(), &content);
            // Nobody reads it without the key, with another, or where the key cannot be named.
            for wrong in [json!({}), another()] {
                let reply = client.stat_with(path, &wrong);
                assert!(
                    matches!(reply["httpcode"].as_u64(), Some(400 | 403)),
                    "{reply}"
                );
                let reply = client.download_with(path, &files.join("none"), &wrong);
                assert!(
                    matches!(reply["httpcode"].as_u64(), Some(400 | 403)),
                    "{reply}"
                );
            }
            let reply = client.download(path, &files.join("none"));
            assert_eq!(reply["httpcode"], 400, "{reply}");
            assert!(!files.join("none").exists());
        }
    }
}

#[test]
fn the_services_own_keys_are_asked_for_and_told() {
    let emulator = Emulator::start();
    let client = Client::speaking("xml", &emulator.url, json!({"overwrite": true}));
    let files = TempDir::new();
    let kms = json!({"kms": "48ba38aa-26c5", "context": "eyJhIjoiYiJ9"});
    let default = "00000000-0000-0000-0000-000000000001";
    for (asked, told) in [
        (json!("cos"), json!("cos")),
        (kms, json!({"kms": "48ba38aa-26c5"})),
        (json!({"kms": ""}), json!({"kms": default})),
    ] {
        let options = json!({"sse": asked});
        for size in [5000, LARGE] {
            let content = noise(size, 3);
            let file = files.file("f", &content);
            ok(client.upload_with(&file, "f", &options));
            // It is told whether it was asked for or not, and read without a word.
            for reply in [client.stat_file("f"), client.stat_with("f", &options)] {
                assert_eq!(ok(reply)["data"]["sse"], told);
            }
            client.holds("f", &content);
            ok(client.download_with("f", &files.join("got"), &options));
            let is_md5 = ok(client.stat_file("f"))["data"]["etag"] == md5_tag(&content);
            assert_eq!(is_md5, size == 5000 && told == "cos");
        }
    }
    // What is encrypted otherwise, or not at all, is not taken for it.
    ok(client.upload_buffer(b"plain", "f", ""));
    assert_eq!(ok(client.stat_file("f"))["data"].get("sse"), None);
    let is_refused = |reply: Value| {
        assert_eq!((code(&reply), kind(&reply)), (-6, "integrity"), "{reply}");
        assert!(message(&reply).contains("sse"), "{reply}");
        assert!(message(&reply).contains("not encrypted"), "{reply}");
    };
    let options = json!({"sse": "cos"});
    is_refused(client.stat_with("f", &options));
    is_refused(client.download_with("f", &files.join("none"), &options));
    is_refused(client.download_buffer("f", 0, &mut [0; 5], &options));
    is_refused(client.download_stream("f", &options, &mut |_| 0));
    assert!(!files.join("none").exists());
}

/// A service that leaves the encryption out, whatever was asked for.
#[test]
fn a_service_that_confirms_nothing_is_not_believed() {
    let files = TempDir::new();
    let large = files.file("large", &noise(LARGE, 1));
    for sse in [json!("cos"), json!({"kms": ""}), json!({"kms": "key-1"})] {
        let options = json!({"sse": sse, "overwrite": true});
        let listener = Listener::answering(|_, request| match request.line.starts_with("POST ") {
            true => {
                let body = "<InitiateMultipartUploadResult><UploadId>u</UploadId>\
                            </InitiateMultipartUploadResult>";
                http(200, body)
            }
            false => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"e\"\r\n\
                      x-cos-server-side-encryption-cos-kms-key-id: key-1\r\n\r\n"
                .into(),
        });
        let client = Client::speaking("xml", &listener.url, json!({"retries": 0}));
        let reply = client.upload_buffer_with(b"x", "f", &options, &mut |_, _| 0);
        assert_eq!(code(&reply), -6, "{reply}");
        assert!(message(&reply).contains("there all the same"), "{reply}");
        // Nothing large is sent at all, and nothing is left.
        let before = listener.received().len();
        let reply = client.upload_with(&large, "f", &options);
        assert_eq!(code(&reply), -6, "{reply}");
        let requests = listener.received();
        let heads: Vec<&str> = requests[before..].iter().map(|r| &r.line[..7]).collect();
        assert_eq!(heads, ["POST /f", "DELETE "]);
    }
}

#[test]
fn ones_own_key_goes_over_https_alone_and_is_one() {
    let ground = Ground::new();
    let (client, files) = (ground.plainly(), &ground.files);
    let file = files.file("f", b"content");
    ground.emulator.forget_requests();
    let in_the_open = |options: &Value| {
        let text = options.to_string();
        [
            client.upload_with(&file, "f", options),
            client.upload_buffer_with(b"x", "f", options, &mut |_, _| 0),
            client.upload_streamed("f", options, b"x"),
            client.upload_tree(&files.join(""), "t", &text, &mut |_, _| 0),
            client.stat_with("f", options),
            client.download_with("f", &files.join("g"), options),
            client.download_buffer("f", 0, &mut [0], options),
            client.download_stream("f", options, &mut |_| 0),
            client.download_tree("t", &files.join("t"), &text, &mut |_, _| 0),
        ]
    };
    let bad = [
        own(),
        json!({"sse": {"c": "c2hvcnQga2V5"}}),
        json!({"sse": {"c": "not base64"}}),
        json!({"sse": {"kms": "k", "context": "not base64"}}),
        json!({"sse": "des"}),
        json!({"sse": null}),
    ];
    for options in &bad {
        for reply in in_the_open(options) {
            assert_eq!(code(&reply), -3, "{reply}");
            assert!(message(&reply).contains("sse"), "{reply}");
            for secret in [KEY, "c2hvcnQga2V5", "not base64"] {
                assert!(!reply.to_string().contains(secret), "{reply}");
            }
        }
    }
    let https = in_the_open(&own()).map(|reply| message(&reply).contains("https"));
    assert!(https.iter().all(|says| *says));
    assert_eq!(ground.emulator.requests(), Vec::<Value>::new());
    let json_api = Client::open(&ground.emulator.url);
    let reply = json_api.upload_with(&file, "f", &json!({"sse": "cos"}));
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("XML API"), "{reply}");
}

#[test]
fn no_other_key_takes_the_place_of_what_must_not_be_overwritten() {
    let ground = Ground::new();
    let client = &ground.client;
    ok(client.upload_buffer_with(b"first", "f", &own(), &mut |_, _| 0));
    ok(client.upload_buffer_with(b"plain", "p", &json!({}), &mut |_, _| 0));
    for (path, options) in [
        ("f", own()),
        ("f", another()),
        ("f", json!({})),
        ("p", own()),
    ] {
        let mut options = options;
        options["overwrite"] = false.into();
        let reply = client.upload_buffer_with(b"second", path, &options, &mut |_, _| 0);
        assert_eq!(kind(&reply), "service", "{path} {options}: {reply}");
        assert_eq!(code(&reply), -177, "{path}: {reply}");
    }
    ground.read_each_way("f", &own(), b"first");
    client.holds("p", b"plain");
}

#[test]
fn trees_are_encrypted_as_a_whole() {
    let ground = Ground::new();
    let Ground { client, files, .. } = &ground;
    let from = files.join("from");
    fs::create_dir_all(from.join("sub")).unwrap();
    fs::write(from.join("a"), noise(5000, 1)).unwrap();
    fs::write(from.join("sub/b"), noise(LARGE, 2)).unwrap();
    fs::write(from.join("sub/empty"), b"").unwrap();
    // One of them is there already, the same but for the encryption: that is none.
    ok(client.upload_with(&from.join("a"), "t/a", &json!({})));
    let mut options = own();
    options["overwrite"] = true.into();
    let up = |options: &Value| client.upload_tree(&from, "t", &options.to_string(), &mut |_, _| 0);
    let reply = ok(up(&options));
    assert_eq!(
        (&reply["data"]["uploaded"], &reply["data"]["same"]),
        (&json!(3), &json!(0))
    );
    let reply = ok(up(&options));
    assert_eq!(
        (&reply["data"]["uploaded"], &reply["data"]["same"]),
        (&json!(0), &json!(3))
    );
    for compare in ["content", "size"] {
        let mut options = another();
        options["compare"] = compare.into();
        options["overwrite"] = true.into();
        let reply = ok(up(&options));
        assert_eq!(reply["data"]["uploaded"], 3, "{reply}");
        options = own();
        options["overwrite"] = true.into();
        ok(up(&options));
    }
    let to = files.join("to");
    let down =
        |options: &Value| client.download_tree("t", &to, &options.to_string(), &mut |_, _| 0);
    assert!(code(&down(&json!({}))) != 0);
    assert!(code(&down(&another())) != 0);
    assert_eq!(ok(down(&own()))["data"]["downloaded"], 3);
    for name in ["a", "sub/b", "sub/empty"] {
        assert!(fs::read(to.join(name)).unwrap() == fs::read(from.join(name)).unwrap());
    }
    assert_eq!(ok(down(&own()))["data"]["same"], 3);
}

#[test]
fn an_upload_goes_on_with_the_same_key_alone() {
    let ground = Ground::new();
    let files = &ground.files;
    let checkpoints = files.join("checkpoints");
    fs::create_dir(&checkpoints).unwrap();
    let client = ground
        .client
        .with(&json!({"checkpoint_dir": checkpoints.to_str().unwrap(),
        "parallel": 1, "slice_size": 1 << 20, "retries": 0}));
    let content = noise(LARGE, 4);
    let file = files.file("f", &content);
    let cut_at_the_sixth = json!([{"match": {"op": "upload_part", "from": 5, "count": 1},
        "fault": {"error": {"status": 403, "code": "AccessDenied"}}}]);
    let begin = |options: &Value| {
        ground.emulator.set_faults(&cut_at_the_sixth);
        let reply = client.upload_with(&file, "f", options);
        assert!(code(&reply) != 0, "{reply}");
        ground.emulator.set_faults(&json!([]));
        let left: Vec<_> = fs::read_dir(&checkpoints).unwrap().collect();
        assert_eq!(left.len(), 1);
        let left = fs::read_to_string(left[0].as_ref().unwrap().path()).unwrap();
        assert!(!left.contains(KEY), "{left}");
        ground.emulator.forget_requests();
    };
    begin(&own());
    ok(client.upload_with(&file, "f", &own()));
    assert_eq!(ground.emulator.count("upload_part"), 10 - 5);
    ground.read_each_way("f", &own(), &content);
    // With another key it is another upload; the first is dropped.
    begin(&own());
    ok(client.upload_with(&file, "f", &another()));
    assert_eq!(ground.emulator.count("upload_part"), 10);
    ground.read_each_way("f", &another(), &content);
    assert_eq!(ok(client.list_uploads(""))["data"]["infos"], json!([]));
}

/// What a request of the caller's own words can say: a copy of what is encrypted with one key to
/// another key or none, at once and in parts.
#[test]
fn copies_name_the_sources_key_and_their_own() {
    let ground = Ground::new();
    let client = &ground.client;
    let content = noise(2 << 20, 5);
    ok(client.upload_buffer_with(&content, "f", &own(), &mut |_, _| 0));
    let source = "testbucket-10000001.cos.ap-guangzhou.myqcloud.com/f";
    let customer = |prefix: &str, key: &str, md5: &str| {
        [("algorithm", "AES256"), ("key", key), ("key-MD5", md5)].map(|(name, value)| {
            (
                format!("{prefix}server-side-encryption-customer-{name}"),
                value.to_owned(),
            )
        })
    };
    let md5_of = |key: &str| STANDARD.encode(Md5::digest(STANDARD.decode(key).unwrap()));
    let other = another()["sse"]["c"].as_str().unwrap().to_owned();
    let of_source = customer("x-cos-copy-source-", KEY, KEY_MD5);
    let of_wrong_source = customer("x-cos-copy-source-", &other, &md5_of(&other));
    let of_copy = customer("x-cos-", &other, &md5_of(&other));
    let put = |path: &str, query: Value, groups: &[&[(String, String)]]| {
        let mut headers = json!({"x-cos-copy-source": source});
        for (name, value) in groups.iter().copied().flatten() {
            headers[name] = value.as_str().into();
        }
        let request = json!({"method": "PUT", "query": query, "headers": headers});
        client.request(Some("testbucket"), path, &request, b"")
    };
    assert_eq!(put("none", json!({}), &[])["httpcode"], 400);
    assert_eq!(put("none", json!({}), &[&of_wrong_source])["httpcode"], 403);
    ok(put("plain", json!({}), &[&of_source]));
    client.holds("plain", &content);
    ok(put("other", json!({}), &[&of_source, &of_copy]));
    ground.read_each_way("other", &another(), &content);

    let mut headers = json!({});
    for (name, value) in &of_copy {
        headers[name] = value.as_str().into();
    }
    let begin = json!({"method": "POST", "query": {"uploads": ""}, "headers": headers});
    let begun = ok(client.request(Some("testbucket"), "parts", &begin, b""));
    let id = begun["data"]["xml"]["InitiateMultipartUploadResult"]["UploadId"]
        .as_str()
        .unwrap();
    let part = json!({"partNumber": "1", "uploadId": id});
    assert_eq!(put("parts", part.clone(), &[&of_source])["httpcode"], 400);
    let part = ok(put("parts", part, &[&of_source, &of_copy]));
    let etag = part["data"]["xml"]["CopyPartResult"]["ETag"]
        .as_str()
        .unwrap();
    let document = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let end = json!({"method": "POST", "query": {"uploadId": id}});
    ok(client.request(Some("testbucket"), "parts", &end, document.as_bytes()));
    ground.read_each_way("parts", &another(), &content);

    // A key in a request of the caller's own words goes over https alone, too.
    let get =
        json!({"method": "GET", "headers": {"x-cos-server-side-encryption-customer-key": KEY}});
    let reply = ground.plainly().request(Some("testbucket"), "f", &get, b"");
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("https"), "{reply}");
    assert!(!reply.to_string().contains(KEY), "{reply}");
}

fn key_of(options: &Value) -> &Value {
    &options["sse"]
}

#[test]
fn copies_are_encrypted_as_it_is_said_or_as_their_source() {
    let ground = Ground::new();
    let client = &ground.client;
    let content = noise(5000, 6);
    ok(client.upload_buffer_with(&content, "own", &own(), &mut |_, _| 0));
    ok(client.upload_buffer_with(&content, "plain", &json!({}), &mut |_, _| 0));
    let (own, another) = (own(), another());
    let (own_key, other_key) = (key_of(&own), key_of(&another));
    let kms = json!({"sse": {"kms": "key-1"}});
    for (from, options, read_by) in [
        ("own", json!({"src_sse": own_key}), &own),
        (
            "own",
            json!({"src_sse": own_key, "sse": other_key}),
            &another,
        ),
        (
            "own",
            json!({"src_sse": own_key, "sse": "cos"}),
            &json!({"sse": "cos"}),
        ),
        ("own", json!({"src_sse": own_key, "sse": kms["sse"]}), &kms),
        ("plain", own.clone(), &own),
        ("plain", kms.clone(), &kms),
        ("plain", json!({}), &json!({})),
    ] {
        let reply = ok(ground.copy(from, "to", &options));
        assert_eq!(reply["data"]["verified"], "crc64", "{reply}");
        // Reads confirm it, too.
        ground.read_each_way("to", read_by, &content);
    }
    let moving = json!({"src_sse": own_key, "move": true, "headers": {"Content-Type": "text/x"}});
    ok(ground.copy("own", "from", &json!({"src_sse": own_key})));
    ok(ground.copy("from", "moved", &moving));
    ground.read_each_way("moved", &own, &content);
    assert_eq!(code(&client.stat_with("from", &own)), -166);
    // Who has not the source's key has no copy.
    ok(client.delete_file("to"));
    for (from, options) in [
        ("own", json!({})),
        ("own", json!({"sse": "cos"})),
        ("own", own.clone()),
        ("own", json!({"src_sse": other_key})),
        ("own", json!({"src_sse": other_key, "sse": own_key})),
        ("plain", json!({"src_sse": own_key})),
    ] {
        let reply = ground.copy(from, "to", &options);
        assert!(
            matches!(reply["httpcode"].as_u64(), Some(400 | 403)),
            "{options}: {reply}"
        );
        let is_named = message(&reply).contains("src_sse");
        assert!(is_named || reply["httpcode"] == 403, "{options}: {reply}");
        assert!(!reply.to_string().contains(KEY), "{reply}");
        assert_eq!(code(&client.stat_file("to")), -166, "{options}");
    }
    let plainly = ground.plainly();
    ground.emulator.forget_requests();
    for (options, named) in [
        (json!({"src_sse": own_key}), "src_sse"),
        (json!({"src_sse": own_key, "sse": "cos"}), "src_sse"),
        (own.clone(), "sse"),
    ] {
        let silent = &mut |_, _| 0;
        let file = plainly.copy_with((BUCKET, "plain"), (BUCKET, "to"), &options, silent);
        let tree = plainly.copy_tree((BUCKET, "a"), (BUCKET, "b"), &options, &mut |_, _| 0);
        for reply in [file, tree] {
            assert_eq!(code(&reply), -3, "{reply}");
            let says = message(&reply);
            assert!(says.contains(named) && says.contains("https"), "{reply}");
        }
    }
    assert_eq!(ground.emulator.requests(), Vec::<Value>::new());
}

/// The same content with another encryption is another file.
#[test]
fn what_is_encrypted_otherwise_is_no_copy() {
    let ground = Ground::new();
    let client = &ground.client;
    let (own, another) = (own(), another());
    ok(client.upload_buffer_with(b"content", "from", &own, &mut |_, _| 0));
    for (sse, there, expected) in [
        (key_of(&own), &own, -4018),
        (key_of(&own), &another, -177),
        (key_of(&own), &json!({}), -177),
        (&json!("cos"), &json!({}), -177),
        (&json!("cos"), &json!({"sse": "cos"}), -4018),
    ] {
        ok(client.upload_buffer_with(b"content", "to", there, &mut |_, _| 0));
        let mut options = json!({"src_sse": key_of(&own), "sse": sse, "overwrite": false});
        let reply = ground.copy("from", "to", &options);
        assert_eq!(code(&reply), expected, "{sse} {there}: {reply}");
        ground.read_each_way("to", there, b"content");
        options["overwrite"] = true.into();
        ok(ground.copy("from", "to", &options));
        ground.read_each_way("to", &json!({"sse": sse}), b"content");
    }
}

#[test]
fn trees_are_copied_from_key_to_key() {
    let ground = Ground::new();
    let client = &ground.client;
    let (own, another) = (own(), another());
    let names = ["a", "sub/b"];
    for name in names {
        let path = format!("from/{name}");
        ok(client.upload_buffer_with(name.as_bytes(), &path, &own, &mut |_, _| 0));
    }
    let copy = |from: &str, to: &str, options: Value| {
        client.copy_tree((BUCKET, from), (BUCKET, to), &options, &mut |_, _| 0)
    };
    let counts = |reply: &Value, verb: &str| {
        let data = &reply["data"];
        let number = |name: &str| data[name].as_u64().unwrap();
        (number(verb), number("same"))
    };
    let (own_key, other_key) = (key_of(&own), key_of(&another));
    for compare in ["content", "size"] {
        for (sse, read_by) in [
            (json!(null), &own),
            (other_key.clone(), &another),
            (json!("cos"), &json!({"sse": "cos"})),
        ] {
            let mut options = json!({"src_sse": own_key, "compare": compare});
            if !sse.is_null() {
                options["sse"] = sse;
            }
            // What is there has another encryption, and then the same.
            let reply = ok(copy("from", "to", options.clone()));
            assert_eq!(counts(&reply, "copied"), (2, 0), "{reply}");
            let reply = ok(copy("from", "to", options));
            assert_eq!(counts(&reply, "copied"), (0, 2), "{reply}");
            for name in names {
                ground.read_each_way(&format!("to/{name}"), read_by, name.as_bytes());
            }
        }
    }
    // Of what is not encrypted, too; and a key that is not the file's fails each by itself.
    let reply = copy("to", "wrong", json!({"src_sse": own_key}));
    assert_ne!(code(&reply), 0, "{reply}");
    assert_eq!(reply["data"]["failed"].as_array().unwrap().len(), 2);
    let options = json!({"src_sse": own_key, "sse": other_key, "move": true});
    let reply = ok(copy("from", "to", options));
    assert_eq!(counts(&reply, "moved"), (2, 0), "{reply}");
    for name in names {
        ground.read_each_way(&format!("to/{name}"), &another, name.as_bytes());
        assert_eq!(code(&client.stat_with(&format!("from/{name}"), &own)), -166);
    }
}

/// What a service does not confirm of a copy is an error, and its source stays.
#[test]
fn a_copy_that_is_not_confirmed_is_none() {
    let is_encrypted = "x-cos-server-side-encryption: AES256\r\n";
    let large = |object: Object| Object {
        size: (5 << 30) + 1,
        ..object
    };
    let silent = &mut |_, _| 0;
    let options = json!({"sse": "cos", "move": true});
    let mut copied = |service: &Listener| {
        let client = Client::speaking("xml", &service.url, json!({"retries": 0}));
        let reply = client.copy_with((BUCKET, "from"), (BUCKET, "to"), &options, silent);
        let changes = shelf::changes(service);
        let lines: Vec<_> = changes.iter().map(|r| r.line.clone()).collect();
        let begins = changes[0].header("x-cos-server-side-encryption").to_owned();
        assert_eq!(begins, "AES256");
        (reply, lines)
    };
    let (reply, lines) = copied(&shelf::service(Object::new(), None));
    assert_eq!(code(&reply), -6, "{reply}");
    assert!(message(&reply).contains("not encrypted"), "{reply}");
    assert!(message(&reply).contains("there all the same"), "{reply}");
    assert_eq!(lines.len(), 1, "{lines:?}");
    // In parts nothing is copied, and nothing is left.
    let (reply, lines) = copied(&shelf::service(large(Object::new()), None));
    assert_eq!(code(&reply), -6, "{reply}");
    let begin = lines.iter().map(|line| &line[..8]).collect::<Vec<_>>();
    assert_eq!(begin, ["POST /to", "DELETE /"], "{lines:?}");
    for source in [Object::new(), large(Object::new())] {
        let copy = source.clone().with(is_encrypted);
        let (reply, lines) = copied(&shelf::service(source, Some(copy)));
        assert_eq!(code(&reply), 0, "{reply}");
        assert!(lines.last().unwrap().starts_with("DELETE /from"));
    }
}

#[test]
fn each_part_of_a_copy_has_both_keys() {
    let other = another();
    let other_md5 = STANDARD.encode(Md5::digest([7; 32]));
    let told = |md5: &str| {
        format!(
            "x-cos-server-side-encryption-customer-algorithm: AES256\r\n\
             x-cos-server-side-encryption-customer-key-MD5: {md5}\r\n"
        )
    };
    let large = Object {
        size: (5 << 30) + 1,
        ..Object::new()
    };
    let source = large.clone().with(&told(KEY_MD5));
    let service = shelf::service(source, Some(large.with(&told(&other_md5))));
    let certificate = Certificate::new("localhost");
    let url = behind_tls(&certificate, &service);
    let options = json!({"tls_ca": certificate.path(), "retries": 0});
    let client = Client::speaking("xml", &url, options);
    let options = json!({"src_sse": own()["sse"], "sse": other["sse"]});
    let silent = &mut |_, _| 0;
    ok(client.copy_with((BUCKET, "from"), (BUCKET, "to"), &options, silent));
    let keys = |request: &common::listener::Received| {
        let key = |prefix: &str| {
            let name = format!("x-cos-{prefix}server-side-encryption-customer-key");
            match request.header(&name) {
                "" => "",
                KEY => "own",
                key if other["sse"]["c"] == key => "other",
                _ => "wrong",
            }
        };
        (key("copy-source-"), key(""))
    };
    for request in service.received() {
        let line = request.line.as_str();
        let expected = match () {
            () if line.starts_with("HEAD /from") => ("", "own"),
            () if line.starts_with("HEAD /to") => ("", "other"),
            () if line.starts_with("PUT /to?partNumber") => ("own", "other"),
            () if line.starts_with("POST /to?uploads") => ("", "other"),
            () => ("", ""),
        };
        assert_eq!(keys(&request), expected, "{line}");
    }
    let parts = service.received();
    let parts = parts.iter().filter(|r| r.line.starts_with("PUT "));
    assert_eq!(parts.count(), 6);
}

/// A request is carried out, and its answer lost: what is there is looked at with the key.
#[test]
fn a_lost_answer_is_settled_with_the_key() {
    let ground = Ground::new();
    let client = ground
        .client
        .with(&json!({"overwrite": false, "retries": 2}));
    for (op, size, options) in [
        ("put_object", 5000, own()),
        ("complete", LARGE, own()),
        ("put_object", 5001, json!({"sse": {"kms": ""}})),
    ] {
        let (content, path) = (noise(size, 9), format!("{op}{size}"));
        ground
            .emulator
            .set_faults(&json!([{"match": {"op": op, "count": 1}, "fault": {"reset": "after"}}]));
        ok(client.upload_buffer_with(&content, &path, &options, &mut |_, _| 0));
        assert_eq!(ground.emulator.end_faults(), 1, "{op}");
        ground.read_each_way(&path, &options, &content);
    }
}

/// Whatever a service says.
#[test]
fn the_key_is_in_no_message_and_no_trace() {
    let certificate = Certificate::new("localhost");
    let config = server_config(&certificate);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
                head.push(byte[0]);
            }
            assert!(String::from_utf8_lossy(&head).contains(KEY));
            let body = format!(
                "<Error><Code>Key{KEY}</Code><Message>bad key {KEY}, {}</Message>\
                 <RequestId>{KEY}</RequestId><TraceId>{KEY}</TraceId></Error>",
                KEY.replace('=', "%3D")
            );
            let _ = write!(
                stream,
                "HTTP/1.1 418 No\r\nContent-Length: {}\r\nx-cos-request-id: {KEY}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    let options = json!({"tls_ca": certificate.path(), "retries": 0, "overwrite": true});
    let client = Client::speaking("xml", &format!("https://localhost:{port}"), options);
    let told = Told::by(&client);
    let files = TempDir::new();
    let header = json!({"method": "GET",
        "headers": {"x-cos-server-side-encryption-customer-key": KEY}});
    for reply in [
        client.stat_with("f", &own()),
        client.download_with("f", &files.join("g"), &own()),
        client.download_buffer("f", 0, &mut [0; 4], &own()),
        client.upload_buffer_with(b"", "f", &own(), &mut |_, _| 0),
        client.request(Some("testbucket"), "f", &header, b""),
    ] {
        assert!(code(&reply) != 0, "{reply}");
        for secret in [&KEY[..43], "0123456789ABCDEF"] {
            assert!(!reply.to_string().contains(secret), "{reply}");
        }
    }
    let events = Value::from(told.take());
    assert!(!events.to_string().contains(&KEY[..43]), "{events}");
}
