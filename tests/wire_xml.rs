//! The exact bytes of the XML API's requests: tests/wire_xml.golden shows them all. Times, which
//! differ from run to run, stand there in {braces}, and signatures are taken apart and verified.

mod common;

#[path = "wire/xml_answers.rs"]
mod xml_answers;
#[path = "wire/xml_customer_keys.rs"]
mod xml_customer_keys;
#[path = "wire/xml_signature.rs"]
mod xml_signature;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::golden::{Recording, content, message};
use common::library::{BUCKET, Client, ok};
use common::listener::{Listener, Received};
use common::{TempDir, noise, unix_now};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use xml_answers::PART;

const PATHS: [&str; 6] = [
    "dir/a.txt",
    "a b/c~d",
    "1+1=2",
    "100%/x",
    "目录/图 片.jpg",
    "q'u\"o/d//e\\f&<x>*",
];

#[test]
fn every_request_is_as_recorded() {
    let sliced = noise(2 * PART + 9, 1);
    let first_part = Md5::digest(&sliced[..PART]);
    let first_part = first_part.iter().map(|byte| format!("{byte:02x}"));
    let listener = xml_answers::service(first_part.collect());
    let files = TempDir::new();
    files.file("small", b"hello\r\n--world");
    files.file("sliced", &sliced);

    let client = open(&listener, json!({}));
    let mut recording = Recording::of(&listener, shown);
    on_folders(&mut recording, &client);
    on_files(&mut recording, &client);
    uploads(&mut recording, &client, &files);
    downloads(&mut recording, &client, &files);
    for_others(&mut recording, &client);
    on_many(&mut recording, &client);
    on_buckets(&mut recording, &client);
    by_other_options(&mut recording, &listener, &files);
    xml_customer_keys::record(&mut recording, &listener, &files);
    for path in PATHS {
        names(&mut recording, &client, path);
    }
    recording.compare("wire_xml.golden");
}

fn open(listener: &Listener, mut options: Value) -> Client {
    options["parallel"] = 1.into();
    Client::speaking("xml", &listener.url, options)
}

fn on_folders(recording: &mut Recording, client: &Client) {
    recording.call("create_folder", || {
        client.create_folder("new/dir", "属性 \"q\"")
    });
    recording.call("update_folder", || client.update_folder("dir", "属性"));
    recording.call(
        "update_folder, which is there only by what is in it",
        || client.update_folder("new/implicit", ""),
    );
    recording.call("stat_folder", || client.stat_folder("dir"));
    recording.call("stat_folder, of the bucket", || client.stat_folder(""));
    recording.call("list", || client.list("dir", 0, "eListBoth", 0, ""));
    recording.call("list, backwards", || {
        client.list("dir", 5, "eListFileOnly", 1, "dir%2Fz%2Bz")
    });
    recording.call("list, from the page before on", || {
        client.list("dir", 5, "eListDirOnly", 0, "dir%2Fa%2Bz")
    });
    recording.call("prefix_search", || {
        client.prefix_search("dir", "前 +", 7, "")
    });
    for (title, recursive) in [("list_all", 0), ("list_all, deep", 1)] {
        recording.call(title, || client.list_all("dir", recursive, &mut |_| 0));
    }
    recording.call("delete_folder", || client.delete_folder("dir"));
    recording.call("delete_tree", || client.delete_tree("dir"));
}

fn on_files(recording: &mut Recording, client: &Client) {
    recording.call("stat_file", || client.stat_file("f"));
    recording.call("update_file", || client.update_file("f", "x&y=z 属"));
    let changes = json!({"biz_attr": "b", "acl": "private", "storage_class": "STANDARD_IA",
        "headers": {"Cache-Control": "max-age=1", "x-cos-meta-raw": "a%20b"}, "meta": {"colour": "蓝 100%"}});
    recording.call("update_with", || client.update_with("f", &changes));
    recording.call("update_with, the access rights alone", || {
        client.update_with("f", &json!({"acl": "public-read"}))
    });
    recording.call("move_file", || client.move_file("f", "new/moved", 0));
    recording.call("move_file, overwriting", || client.move_file("f", "g", 1));
    recording.call("copy_file", || client.copy_file("f", "new/copied", 0));
    recording.call("copy_file, overwriting", || client.copy_file("f", "g", 1));
    copies(recording, client);
    recording.call("delete_file", || client.delete_file("f"));
    versions(recording, client);
    recording.call("get_acl", || client.get_acl("f"));
    recording.call("set_acl", || client.set_acl("f", "public-read"));
    tags_and_archives(recording, client);
    appends(recording, client);
}

fn copies(recording: &mut Recording, client: &Client) {
    let silent = &mut |_, _| 0;
    let options = json!({
        "src_region": "ap-shanghai", "src_appid": "1259999999", "version_id": "MTg0/+=",
        "storage_class": "STANDARD_IA", "acl": "public-read",
        "headers": {"Content-Type": "text/plain", "x-cos-meta-a": "1"},
    });
    recording.call("copy_with, from another account and region", || {
        client.copy_with((BUCKET, "a b/f"), ("other", "g"), &options, silent)
    });
    let silent = &mut |_, _| 0;
    recording.call("copy_with, encrypted by a key of KMS", || {
        let options = json!({"sse": {"kms": "48ba38aa-26c5", "context": "eyJhIjoiYiJ9"}});
        client.copy_with((BUCKET, "f"), ("other", "sse-kms"), &options, silent)
    });
    let silent = &mut |_, _| 0;
    recording.call("copy_with, with tags of its own", || {
        let options = json!({"tags": {"a b": "c+d=e", "名": ""}, "meta": {"colour": "蓝"}});
        client.copy_with((BUCKET, "f"), ("other", "new/g"), &options, silent)
    });
    let silent = &mut |_, _| 0;
    recording.call("copy_with, in parts", || {
        let options = json!({"version_id": "MTg0/+=", "storage_class": "STANDARD_IA"});
        let (from, to) = ((BUCKET, "huge"), ("other", "new/huge"));
        client.copy_with(from, to, &options, silent)
    });
    let silent = &mut |_, _| 0;
    recording.call("copy_with, moving", || {
        client.copy_with(
            (BUCKET, "f"),
            ("other", "g"),
            &json!({"move": true}),
            silent,
        )
    });
    let silent = &mut |_, _| 0;
    recording.call("copy_tree", || {
        client.copy_tree((BUCKET, "dir"), ("other", "to"), &json!({}), silent)
    });
    let silent = &mut |_, _| 0;
    recording.call("copy_tree, moving", || {
        let options = json!({"move": true, "overwrite": true});
        client.copy_tree((BUCKET, "dir"), ("other", "to"), &options, silent)
    });
}

fn versions(recording: &mut Recording, client: &Client) {
    let version = json!({"version_id": "MTg0/+="});
    let conditions = json!({"version_id": "null", "if_match": "a-1", "if_none_match": "\"b\"",
        "if_modified_since": 1_586_542_830, "if_unmodified_since": 1_586_542_831});
    recording.call("stat_with, a version", || client.stat_with("f", &version));
    recording.call("stat_with, all conditions", || {
        client.stat_with("f", &conditions)
    });
    recording.call("download_buffer, a version", || {
        client.download_buffer("f", 0, &mut [0; 5], &version)
    });
    recording.call("delete_with", || client.delete_with("f", &json!({})));
    recording.call("delete_with, the version null", || {
        client.delete_with("f", &json!({"version_id": "null"}))
    });
    recording.call("delete_with, a version", || {
        client.delete_with("f", &version)
    });
}

fn tags_and_archives(recording: &mut Recording, client: &Client) {
    recording.call("set_tags", || {
        client.set_tags("f", &json!({"a b": "c/d+e=f", "名": ""}))
    });
    recording.call("set_tags, none", || client.set_tags("f", &json!({})));
    recording.call("get_tags", || client.get_tags("f"));
    recording.call("restore_file", || client.restore_file("f", 30, "Bulk"));
}

fn appends(recording: &mut Recording, client: &Client) {
    let options = json!({"biz_attr": "属性", "acl": "private", "storage_class": "STANDARD_IA",
        "headers": {"Content-Type": "text/x", "x-cos-meta-a": "b"}});
    recording.call("append, the first", || {
        client.append(b"hello", "目录/a+b", 0, &options)
    });
    recording.call("append", || client.append(b"hello", "f", 7, &json!({})));
    recording.call("append, nothing", || client.append(b"", "f", 7, &json!({})));
}

fn uploads(recording: &mut Recording, client: &Client, files: &TempDir) {
    let (small, sliced) = (files.join("small"), files.join("sliced"));
    recording.call("upload", || client.upload(&small, "new/whole"));
    recording.call("upload_buffer, empty, with an attribute", || {
        client.upload_buffer(b"", "new/empty", "an attribute")
    });
    let options = json!({"overwrite": true, "biz_attr": "属性", "acl": "public-read",
        "storage_class": "STANDARD_IA", "tags": {"a b": "c+d=e", "名": ""}, "headers": {
        "Content-Type": "text/plain; charset=utf-8", "cache-control": "max-age=60", "x-cos-meta-Color": "blue, \"light\""}});
    recording.call("upload_with", || {
        client.upload_with(&small, "with", &options)
    });
    let large = files.file("large", &noise((8 << 20) + 1, 2));
    recording.call("upload_with, in parts", || {
        client.upload_with(&large, "with parts", &options)
    });
    let sse = json!({"overwrite": true, "sse": "cos", "meta": {"colour": "蓝", "percent": "100%"}});
    recording.call("upload_with, encrypted by the service", || {
        client.upload_with(&small, "sse-cos", &sse)
    });
    let sse =
        json!({"overwrite": true, "sse": {"kms": "48ba38aa-26c5", "context": "eyJhIjoiYiJ9"}});
    recording.call("upload_with, encrypted by a key of KMS", || {
        client.upload_with(&small, "sse-kms", &sse)
    });
    recording.call("upload_with, the same in parts", || {
        client.upload_with(&large, "sse-kms parts", &sse)
    });
    let mut slice = |title: &str, path: &str, session: &str| {
        recording.call(title, || {
            client.upload_slice(&sliced, path, PART as u64, session, &mut |_, _| 0)
        });
    };
    slice("upload_slice", "new/sliced", "");
    slice("upload_slice, resumed", "resumed", "s e/s+i&on");
    recording.call("list_uploads", || client.list_uploads("dir"));
    recording.call("abort_upload", || client.abort_upload("f", "s e/s+i&on"));
}

fn downloads(recording: &mut Recording, client: &Client, files: &TempDir) {
    let file = files.join("got");
    recording.call("download", || client.download("f", &file));
    recording.call("download, in ranges", || client.download("big", &file));
    let conditions = json!({"version_id": "MTg0/+=", "if_match": "1", "if_none_match": "\"b\"",
        "if_modified_since": 1_586_542_830, "if_unmodified_since": 1_586_542_831});
    recording.call("download_with, a version, all conditions", || {
        client.download_with("f", &file, &conditions)
    });
    let reply = ok(client.download_url("目录/a+b", 600));
    recording.add("download_url, as it would be fetched", &[fetched(&reply)]);
}

fn for_others(recording: &mut Recording, client: &Client) {
    let mut presign = |title: &str, method: &str, options: Value| {
        let reply = ok(client.presign(method, "目录/a+b", 600, &options));
        let title = format!("presign, {title}, as it would be sent");
        recording.add(&title, &[as_sent(method, &reply)]);
    };
    presign("plain", "HEAD", json!({}));
    presign(
        "with headers",
        "PUT",
        json!({"headers": {"Content-Type": "text/x", "x-cos-meta-a": "b+c d"}}),
    );
    presign(
        "with parameters and a version",
        "GET",
        json!({"query": {"response-content-disposition": "attachment; filename=\"a b+.txt\""},
            "version_id": "MTg0NDUx"}),
    );
    presign(
        "of a sub-resource",
        "POST",
        json!({"query": {"uploads": ""}}),
    );
    let mut form = |title: &str, options: Value| {
        let reply = ok(client.post_policy(&options));
        recording.add(
            &format!("post_policy, {title}: its fields"),
            &[fields(&reply)],
        );
    };
    form("one key", json!({"key": "目录/a+b", "expires_s": 600}));
    form(
        "all options",
        json!({"key_prefix": "目录/", "min": 1, "max": 1048576, "expires_s": 600,
            "content_type": "image/png", "acl": "public-read", "success_status": 201}),
    );
}

fn on_many(recording: &mut Recording, client: &Client) {
    recording.call("delete_files", || {
        client.delete_files(&json!(["a", "目录/b c+d", "<&>'\""]))
    });
}

fn on_buckets(recording: &mut Recording, client: &Client) {
    recording.call("create_bucket", || client.create_bucket("fresh", "private"));
    recording.call("head_bucket", || client.head_bucket("fresh-10000001"));
    recording.call("delete_bucket", || client.delete_bucket("fresh"));
    recording.call("list_buckets", || client.list_buckets());
    recording.call("set_versioning", || client.set_versioning("Enabled"));
    recording.call("get_versioning", || client.get_versioning());
    for (title, recursive) in [("list_versions", 0), ("list_versions, deep", 1)] {
        recording.call(title, || {
            client.list_versions("目录", recursive, &mut |_| 0)
        });
    }
}

fn by_other_options(recording: &mut Recording, listener: &Listener, files: &TempDir) {
    let small = files.join("small");
    let options = json!({"security_token": "TOKEN+/=example", "overwrite": true,
        "user_agent": "mine/1", "sign_expires_s": 900});
    let client = open(listener, options);
    let title = "with temporary credentials, overwriting, with a user agent, signed for long";
    recording.call(title, || {
        ok(client.upload(&small, "f"));
        client.download("f", &files.join("got"))
    });
    let reply = ok(client.download_url("f", 600));
    recording.add("their download_url", &[fetched(&reply)]);
    let reply = ok(client.post_policy(&json!({"key": "f", "expires_s": 900})));
    recording.add("their post_policy: its fields", &[fields(&reply)]);
    let client = open(
        listener,
        json!({"traffic_limit": 819_200, "overwrite": true}),
    );
    recording.call("limited to 819,200 bits a second", || {
        ok(client.upload(&small, "f"));
        client.download("f", &files.join("got"))
    });
    for addressing in ["path", "domain"] {
        let client = open(listener, json!({"addressing": addressing}));
        recording.call(&format!("addressing by {addressing}"), || {
            ok(client.copy_file("目录/a b", "new/b", 1));
            client.list("目录", 0, "eListBoth", 0, "")
        });
    }
}

/// What a path becomes in a URL, in a query, in a header and in XML.
fn names(recording: &mut Recording, client: &Client, path: &str) {
    recording.call(path, || {
        ok(client.stat_file(path));
        ok(client.list(path, 0, "eListBoth", 0, ""));
        ok(client.copy_file(path, &format!("{path} 2"), 1));
        client.delete_files(&json!([path]))
    });
}

/// The request that a program makes which knows a URL and nothing else.
fn fetched(reply: &Value) -> Received {
    as_sent("GET", reply)
}

/// A presigned request as its sender must send it.
fn as_sent(method: &str, reply: &Value) -> Received {
    let url = reply["data"]["url"].as_str().unwrap();
    let rest = url.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_at(rest.find('/').unwrap());
    let mut headers = vec![("host".to_owned(), host.to_owned())];
    if let Some(signed) = reply["data"]["headers"].as_object() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        headers.extend(
            signed
                .iter()
                .map(|(name, value)| (name.clone(), text(value))),
        );
    }
    Received {
        line: format!("{method} {target} HTTP/1.1"),
        headers,
        body: Vec::new(),
    }
}

/// The fields of a form, with the text of its policy; tests/presign.rs verifies the signature.
fn fields(reply: &Value) -> Received {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fields = &reply["data"]["fields"];
    let key_time = text(&fields["q-key-time"]);
    let (start, end) = key_time.split_once(';').unwrap();
    let (start, end): (u64, u64) = (start.parse().unwrap(), end.parse().unwrap());
    assert!(unix_now().abs_diff(start + 60) < 60, "{key_time}");
    let times = format!("{{now - 60}};{{now + {}}}", end - start - 60);
    let shown = |(name, value): (&String, &Value)| match name.as_str() {
        "policy" => {
            let policy = STANDARD.decode(text(value)).unwrap();
            let policy: Value = serde_json::from_slice(&policy).unwrap();
            let expiration = text(&policy["expiration"]);
            let end = format!("{{now + {}}}", end - start - 60);
            let policy = policy.to_string().replace(&expiration, &end);
            (name.clone(), policy.replace(&key_time, &times))
        }
        "q-signature" => (name.clone(), "{signature}".to_owned()),
        "q-key-time" => (name.clone(), times.clone()),
        _ => (name.clone(), text(value)),
    };
    let mut form = as_sent("POST", reply);
    form.headers
        .extend(fields.as_object().unwrap().iter().map(shown));
    form
}

/// A request as text, with what is new in each run replaced.
fn shown(request: &Received) -> String {
    let value = |name: &str, value: &str| match name {
        "authorization" => xml_signature::in_header(request, value),
        "x-cos-meta-ctime" => {
            assert!(unix_now().abs_diff(value.parse().unwrap()) < 60, "{value}");
            "{now}".to_owned()
        }
        // With this machine's port in it.
        "host" | "x-cos-copy-source" if value.starts_with("127.0.0.1:") => {
            let path = value.find('/').unwrap_or(value.len());
            format!("{{host}}{}", &value[path..])
        }
        _ => value.to_owned(),
    };
    let line = match request.line.contains("q-signature=") {
        true => xml_signature::in_query(request),
        false => request.line.clone(),
    };
    let mut body = content(&request.body);
    if !body.is_empty() {
        // The next request begins after an empty line.
        body.push('\n');
    }
    message(request, &line, value, &body)
}
