//! Requests and forms that others send: signed by the library, sent by curl, checked by the emulator; and
//! their signatures beside those of other implementations.

mod common;

use std::fs;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::credentials::there;
use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::install::{self, run};
use common::library::{APIS, BUCKET, Client, code, message, ok, open};
use common::listener::Listener;
use common::{TempDir, build, curl, noise, unix_now};
use serde_json::{Value, json};

const HOST: &str = "testbucket-10000001.cos.ap-guangzhou.myqcloud.com";

fn xml(emulator: &Emulator) -> Client {
    Client::speaking("xml", &emulator.url, json!({}))
}

/// Of the service itself, which is never asked here.
fn of_the_service(options: &Value) -> Client {
    let mut all = json!({"region": "ap-guangzhou"});
    all.as_object_mut()
        .unwrap()
        .extend(options.as_object().unwrap().clone());
    let (reply, handle) = open(APPID, SECRET_ID, SECRET_KEY, Some(&all.to_string()));
    ok(reply);
    Client(handle)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

/// What curl is answered: the status, the headers and the body.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    fn header(&self, wanted: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
            .next()
    }

    #[track_caller]
    fn is(&self, status: u16) -> &Answer {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{}{body}", self.head);
        self
    }

    #[track_caller]
    fn refused(&self, status: u16, name: &str) {
        let body = String::from_utf8_lossy(&self.body);
        assert!(body.contains(&format!("<Code>{name}</Code>")), "{body}");
        self.is(status);
    }
}

/// Sends what curl's arguments say.
fn sent(arguments: &[&str]) -> Answer {
    let folder = TempDir::new();
    let (head, body) = (folder.join("head"), folder.join("body"));
    let status = run(Command::new("curl")
        .args(["--silent", "--show-error", "--write-out", "%{http_code}"])
        .arg("--dump-header")
        .arg(&head)
        .arg("--output")
        .arg(&body)
        .args(arguments));
    Answer {
        status: status.parse().unwrap(),
        head: fs::read_to_string(head).unwrap(),
        body: fs::read(body).unwrap_or_default(),
    }
}

/// A presigned request by curl, with its headers.
fn send(method: &str, signed: &Value, more: &[&str]) -> Answer {
    let signed = &signed["data"];
    let headers = signed["headers"].as_object().unwrap();
    let headers: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", text(value)))
        .collect();
    let mut arguments = match method {
        "HEAD" => vec!["--head"],
        _ => vec!["--request", method],
    };
    for header in &headers {
        arguments.extend(["--header", header]);
    }
    arguments.extend(more);
    arguments.push(text(&signed["url"]));
    sent(&arguments)
}

#[test]
fn what_is_signed_can_be_done_and_nothing_else() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = xml(&emulator);
    let path = "目 录/a+b~.txt";
    let headers = json!({"headers": {"Content-Type": "text/x; charset=utf-8", "x-cos-meta-a": "b=c&d",
        "x-cos-acl": "private"}});
    let put = ok(client.presign("PUT", path, 60, &headers));
    assert_eq!(put["httpcode"], 0, "{put}");
    let wanted = json!({"content-type": "text/x; charset=utf-8", "x-cos-acl": "private",
        "x-cos-meta-a": "b=c&d"});
    assert_eq!(put["data"]["headers"], wanted);
    send("PUT", &put, &["--data-binary", "hello"]).is(200);

    // Without what was signed, with another value of it, or as another request.
    let url = text(&put["data"]["url"]);
    let all = [
        "--header",
        "content-type: text/x; charset=utf-8",
        "--header",
        "x-cos-acl: private",
    ];
    let with = |more: &[&str]| {
        let data = ["--request", "PUT", "--data-binary", "other", url];
        sent(&[&all[..], more, &data].concat())
    };
    with(&[]).refused(403, "SignatureDoesNotMatch");
    with(&["--header", "x-cos-meta-a: other"]).refused(403, "SignatureDoesNotMatch");
    send("POST", &put, &["--data-binary", "x"]).refused(403, "SignatureDoesNotMatch");
    send("DELETE", &put, &[]).refused(403, "SignatureDoesNotMatch");
    let elsewhere = json!({"data": {"headers": wanted, "url": url.replace("b~", "c~")}});
    send("PUT", &elsewhere, &["--data-binary", "x"]).refused(403, "SignatureDoesNotMatch");

    let head = ok(client.presign("HEAD", path, 60, &json!({})));
    assert_eq!(head["data"]["headers"], json!({}));
    let told = send("HEAD", &head, &[]);
    assert_eq!(told.is(200).header("content-length"), Some("5"));
    assert_eq!(told.header("x-cos-meta-a"), Some("b=c&d"));
    assert_eq!(curl(text(&head["data"]["url"])).0, 403, "it is for HEAD");

    let disposition = "attachment; filename=\"a b+c.txt\"";
    let options = json!({"query": {"response-content-disposition": disposition,
        "response-content-type": "text/y"}});
    let got = send("GET", &ok(client.presign("GET", path, 60, &options)), &[]);
    assert_eq!(got.is(200).body, b"hello");
    assert_eq!(got.header("content-disposition"), Some(disposition));
    assert_eq!(got.header("content-type"), Some("text/y"));
    let mut changed = ok(client.presign("GET", path, 60, &options));
    let url = text(&changed["data"]["url"]).replace("text%2Fy", "text%2Fhtml");
    changed["data"]["url"] = url.into();
    send("GET", &changed, &[]).refused(403, "SignatureDoesNotMatch");

    let delete = ok(client.presign("DELETE", path, 60, &json!({})));
    send("DELETE", &delete, &[]).is(204);
    assert_eq!(code(&client.stat_file(path)), -166);
}

#[test]
fn the_length_of_a_body_can_be_fixed() {
    let emulator = Emulator::start();
    let client = xml(&emulator);
    let five = json!({"headers": {"content-length": "5"}});
    let put = ok(client.presign("PUT", "f", 60, &five));
    let url = text(&put["data"]["url"]);
    let put = |data: &str| sent(&["--request", "PUT", "--data-binary", data, url]);
    put("longer").refused(403, "SignatureDoesNotMatch");
    put("hello").is(200);
}

/// Sub-resources are parameters without a value.
#[test]
fn an_upload_in_parts_can_be_signed_step_by_step() {
    let emulator = Emulator::start();
    let client = xml(&emulator);
    let signed =
        |method: &str, query: Value| ok(client.presign(method, "f", 60, &json!({"query": query})));
    let begun = send(
        "POST",
        &signed("POST", json!({"uploads": ""})),
        &["--data", ""],
    );
    let body = String::from_utf8(begun.is(200).body.clone()).unwrap();
    let id = body.split("<UploadId>").nth(1).unwrap();
    let id = id.split('<').next().unwrap();
    let part = signed("PUT", json!({"partNumber": "1", "uploadId": id}));
    let part = send("PUT", &part, &["--data-binary", "hello"]);
    let etag = part.is(200).header("etag").unwrap();
    let document = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
         </CompleteMultipartUpload>"
    );
    let done = signed("POST", json!({"uploadId": id}));
    send("POST", &done, &["--data-binary", &document]).is(200);
    assert_eq!(ok(client.stat_file("f"))["data"]["filesize"], 5);
}

#[test]
fn a_version_can_be_signed_for() {
    let emulator = Emulator::start();
    let client = xml(&emulator);
    let enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let put = json!({"method": "PUT", "query": {"versioning": ""}});
    ok(client.request(Some(BUCKET), "", &put, enable.as_bytes()));
    let version = |content: &str| {
        let signed = ok(client.presign("PUT", "f", 60, &json!({})));
        let put = send("PUT", &signed, &["--data-binary", content]);
        put.is(200).header("x-cos-version-id").unwrap().to_owned()
    };
    let (first, _) = (version("first"), version("second"));
    let of_first = json!({"version_id": first, "query": {"response-content-type": "text/y"}});
    let got = send("GET", &ok(client.presign("GET", "f", 60, &of_first)), &[]);
    assert_eq!(got.is(200).body, b"first");
    assert_eq!(got.header("content-type"), Some("text/y"));
    let delete = ok(client.presign("DELETE", "f", 60, &json!({"version_id": first})));
    send("DELETE", &delete, &[]).is(204);
    let get = ok(client.presign("GET", "f", 60, &json!({"version_id": first})));
    send("GET", &get, &[]).refused(404, "NoSuchVersion");
    assert_eq!(
        curl(text(&ok(client.download_url("f", 60))["data"]["url"])).1,
        b"second"
    );
}

#[test]
fn what_is_signed_ends() {
    let late = (unix_now() + 1000).to_string();
    let emulator = Emulator::start_with(&["--now", &late]);
    let client = xml(&emulator);
    let get = ok(client.presign("GET", "f", 600, &json!({})));
    let refused = send("GET", &get, &[]);
    refused.refused(403, "AccessDenied");
    assert!(String::from_utf8_lossy(&refused.body).contains("Request has expired"));
    let form = ok(client.post_policy(&json!({"key": "f", "expires_s": 600})));
    post(&form, "x", "x").refused(403, "AccessDenied");
}

#[test]
fn nothing_outlives_the_credentials() {
    for api in APIS {
        let client = Client::speaking(api, "http://127.0.0.1:1", json!({}));
        ok(client.set_credentials("ID", "KEY", None, unix_now() as i64 + 100));
        let mut replies = vec![("expires_s", client.download_url("f", 200))];
        ok(client.download_url("f", 50));
        if api == "xml" {
            let form =
                |expires_s: i64| client.post_policy(&json!({"key": "f", "expires_s": expires_s}));
            replies.push(("expires_s", client.presign("GET", "f", 200, &json!({}))));
            replies.push(("options_json: expires_s", form(200)));
            ok(client.presign("GET", "f", 50, &json!({})));
            ok(form(50));
        }
        for (name, reply) in replies {
            assert_eq!(code(&reply), -3, "{reply}");
            let said = message(&reply);
            let begins = format!("{name}: is 200; the client's credentials end in ");
            assert!(said.starts_with(&begins), "{said}");
        }
        // Those of which no end is known.
        ok(client.set_credentials("ID", "KEY", None, 0));
        ok(client.download_url("f", 7_776_000));
    }
}

#[test]
fn keys_of_a_role_come_with_their_token() {
    let emulator = Emulator::start_with(&["--private", "--role", "worker", "--role-life", "900"]);
    let options = json!({"endpoint": emulator.url, "region": "ap-guangzhou", "credentials": "cvm",
        "metadata_endpoint": emulator.url});
    let client = common::credentials::open_without(&options);
    let put = ok(client.presign("PUT", "f", 600, &json!({})));
    assert!(
        text(&put["data"]["url"]).contains("&q-url-param-list=x-cos-security-token&"),
        "{put}"
    );
    send("PUT", &put, &["--data-binary", "hello"]).is(200);
    let url = text(&put["data"]["url"]);
    let (before, rest) = url.split_once("x-cos-security-token=").unwrap();
    let without = format!("{before}{}", rest.split_once('&').unwrap().1);
    sent(&["--request", "PUT", "--data-binary", "x", &without]).refused(403, "InvalidAccessKeyId");

    let form = ok(client.post_policy(&json!({"key": "g", "expires_s": 600})));
    assert!(
        form["data"]["fields"]["x-cos-security-token"].is_string(),
        "{form}"
    );
    post(&form, "name", "hello").is(204);
    let mut without = form.clone();
    without["data"]["fields"]
        .as_object_mut()
        .unwrap()
        .remove("x-cos-security-token");
    post(&without, "name", "x").refused(403, "InvalidAccessKeyId");
    let reply = client.presign("PUT", "f", 1000, &json!({}));
    assert!(
        message(&reply).starts_with("expires_s: is 1000; "),
        "{reply}"
    );
}

#[test]
fn nothing_is_sent() {
    let service = Listener::answering(|_, request| there(request));
    let client = Client::speaking("xml", &service.url, json!({}));
    ok(client.presign("PUT", "f", 60, &json!({})));
    ok(client.post_policy(&json!({"key": "f", "expires_s": 60})));
    assert_eq!(service.received().len(), 0);
}

/// Posts a form as a browser does: all of its fields, and the file after them.
fn post(form: &Value, file_name: &str, content: &str) -> Answer {
    let fields = form["data"]["fields"].as_object().unwrap();
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", text(value)))
        .collect();
    let folder = TempDir::new();
    let file = folder.file("content", content.as_bytes());
    let mut arguments = Vec::new();
    for field in &fields {
        arguments.extend(["--form-string", field]);
    }
    let file = format!(
        "file=@{};filename={file_name};type=text/browser",
        file.display()
    );
    arguments.extend(["--form", &file, text(&form["data"]["url"])]);
    sent(&arguments)
}

#[test]
fn a_form_uploads_what_its_policy_allows_and_nothing_else() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = xml(&emulator);
    let options = json!({"key_prefix": "目 录/", "min": 2, "max": 5, "expires_s": 60,
        "content_type": "text/plain; charset=utf-8", "acl": "public-read", "success_status": 201});
    let form = ok(client.post_policy(&options));
    assert_eq!(form["httpcode"], 0, "{form}");
    post(&form, "name.html", "hello").is(201);
    let url = text(&form["data"]["url"]);
    let got = sent(&[&format!("{url}%E7%9B%AE%20%E5%BD%95/name.html")]);
    assert_eq!(got.is(200).body, b"hello");
    assert_eq!(
        got.header("content-type"),
        Some("text/plain; charset=utf-8")
    );

    post(&form, "name", "longer").refused(400, "EntityTooLarge");
    post(&form, "name", "x").refused(400, "EntityTooSmall");
    for (field, value) in [
        ("key", "elsewhere/f"),
        ("acl", "default"),
        ("Content-Type", "text/html"),
        ("success_action_status", "200"),
    ] {
        let mut changed = form.clone();
        changed["data"]["fields"][field] = value.into();
        post(&changed, "name", "hello").refused(403, "AccessDenied");
        changed["data"]["fields"]
            .as_object_mut()
            .unwrap()
            .remove(field);
        assert_ne!(post(&changed, "name", "hello").status, 201, "{field}");
    }
    let mut forged = form.clone();
    let policy = STANDARD
        .decode(text(&form["data"]["fields"]["policy"]))
        .unwrap();
    let policy = String::from_utf8(policy).unwrap().replace(
        "[\"content-length-range\",2,5]",
        "[\"content-length-range\",0,99]",
    );
    forged["data"]["fields"]["policy"] = STANDARD.encode(policy).into();
    post(&forged, "name", "longer").refused(403, "SignatureDoesNotMatch");
    // Another key below the prefix is the sender's choice, and so is what the policy does not name.
    let mut own = form.clone();
    own["data"]["fields"]["key"] = "目 录/own".into();
    own["data"]["fields"]["x-cos-meta-own"] = "word".into();
    post(&own, "name", "own").is(201);
    assert_eq!(
        sent(&[&format!("{url}%E7%9B%AE%20%E5%BD%95/own")]).header("x-cos-meta-own"),
        Some("word")
    );
}

#[test]
fn a_form_for_one_key_leaves_no_choice() {
    let emulator = Emulator::start_with(&["--private"]);
    let client = xml(&emulator);
    let form = ok(client.post_policy(&json!({"key": "/dir/a b", "expires_s": 60})));
    let fields = &form["data"]["fields"];
    assert_eq!(fields["key"], "dir/a b");
    let names: Vec<&String> = fields.as_object().unwrap().keys().collect();
    let expected = [
        "acl",
        "key",
        "policy",
        "q-ak",
        "q-key-time",
        "q-sign-algorithm",
        "q-signature",
    ];
    assert_eq!(names, expected);
    let content =
        String::from_utf8(noise(3000, 1).iter().map(|byte| byte % 64 + 32).collect()).unwrap();
    post(&form, "any", &content).is(204);
    assert_eq!(ok(client.stat_file("dir/a b"))["data"]["filesize"], 3000);
    // The sender makes nothing public that was to be as its bucket.
    let plain = format!("{}dir/a%20b", text(&form["data"]["url"]));
    assert_eq!(curl(&plain).0, 403);
    let mut public = form.clone();
    public["data"]["fields"]["acl"] = "public-read".into();
    post(&public, "any", "x").refused(403, "AccessDenied");
    for key in ["dir/a b2", "${filename}"] {
        let mut other = form.clone();
        other["data"]["fields"]["key"] = key.into();
        post(&other, "any", "x").refused(403, "AccessDenied");
    }
}

/// The signature by openssl, of the text that is sent.
#[test]
fn a_policy_is_what_was_asked_for_and_signed_as_openssl_signs() {
    let before = unix_now();
    let client = of_the_service(&json!({"security_token": "TOKEN+/=example"}));
    let options = json!({"key_prefix": "in/", "max": 1048576, "expires_s": 600,
        "content_type": "image/png", "success_status": 200});
    let form = ok(client.post_policy(&options));
    assert_eq!(form["data"]["url"], format!("https://{HOST}/"));
    let fields = &form["data"]["fields"];
    let field = |name: &str| text(&fields[name]);
    for (name, value) in [
        ("key", "in/${filename}"),
        ("acl", "default"),
        ("Content-Type", "image/png"),
        ("success_action_status", "200"),
        ("q-sign-algorithm", "sha1"),
        ("q-ak", SECRET_ID),
        ("x-cos-security-token", "TOKEN+/=example"),
    ] {
        assert_eq!(field(name), value);
    }
    let policy = String::from_utf8(STANDARD.decode(field("policy")).unwrap()).unwrap();
    let said: Value = serde_json::from_str(&policy).unwrap();
    let expected = json!([
        {"acl": "default"},
        {"Content-Type": "image/png"},
        {"success_action_status": "200"},
        {"bucket": "testbucket-10000001"},
        ["starts-with", "$key", "in/"],
        ["content-length-range", 0, 1048576],
        {"q-sign-algorithm": "sha1"},
        {"q-ak": SECRET_ID},
        {"q-sign-time": field("q-key-time")},
    ]);
    assert_eq!(said["conditions"], expected);
    let (start, end) = field("q-key-time").split_once(';').unwrap();
    let (start, end): (u64, u64) = (start.parse().unwrap(), end.parse().unwrap());
    assert!(start + 60 >= before && end - start == 660, "{start} {end}");
    let expiration = run(Command::new("date")
        .args(["-u", "-d"])
        .arg(format!("@{end}"))
        .arg("+%FT%T.000Z"));
    assert_eq!(text(&said["expiration"]), expiration.trim());

    let script = r#"
        hmac() { openssl dgst -sha1 -hmac "$1" -r | cut -d' ' -f1; }
        digest=$(printf %s "$POLICY" | openssl base64 -d -A | openssl dgst -sha1 -r | cut -d' ' -f1)
        printf %s "$digest" | hmac "$(printf %s "$KEY_TIME" | hmac "$SECRET_KEY")""#;
    let signature = run(Command::new("sh")
        .args(["-c", script])
        .env("POLICY", field("policy"))
        .env("KEY_TIME", field("q-key-time"))
        .env("SECRET_KEY", SECRET_KEY));
    assert_eq!(field("q-signature"), signature.trim());
}

/// What the official SDKs sign at the same time with the same keys, by a script that is asked for URLs.
fn signed_by(command: &mut Command, asked: &[Value]) -> Vec<String> {
    let account = json!([SECRET_ID, SECRET_KEY, format!("{BUCKET}-{APPID}")]);
    let asked = Value::from(asked.to_vec());
    let told = run(command.arg(account.to_string()).arg(asked.to_string()));
    serde_json::from_str(&told).unwrap()
}

#[test]
fn a_request_is_signed_as_the_official_sdks_sign() {
    let peers = build::root().join("tests/peers");
    let (plain, temporary) = (
        of_the_service(&json!({})),
        of_the_service(&json!({"security_token": "TOKEN+/=example"})),
    );
    let strange = "dir a/腾讯(1)+~.txt";
    let disposition = json!({"response-content-disposition": "attachment; filename=\"a b.txt\""});
    let meta = json!({"x-cos-acl": "private", "x-cos-meta-biz-attr": "a=b&c d/e+", "content-length": "11"});
    let part = json!({"partNumber": "1", "uploadId": "1585130821cbb7"});
    let typed = json!({"content-type": "text/plain; charset=utf-8", "x-cos-meta-a": "b"});
    let (mut asked, mut ours) = (Vec::new(), Vec::new());
    for (client, token) in [(&plain, None), (&temporary, Some("TOKEN+/=example"))] {
        for (method, key, options) in [
            ("GET", strange, json!({})),
            ("GET", "f", json!({"query": disposition})),
            ("PUT", strange, json!({"headers": meta})),
            ("PUT", strange, json!({"headers": typed})),
            (
                "PUT",
                "f",
                json!({"query": part, "headers": {"content-md5": "XrY7u+Ae7tCTyyK7j1rNww=="}}),
            ),
            ("POST", "f", json!({"query": {"uploads": ""}})),
            (
                "HEAD",
                "a/b//c",
                json!({"query": {"versionId": "MTg0NDUx"}}),
            ),
            ("DELETE", "%41+", json!({})),
        ] {
            let signed = ok(client.presign(method, key, 600, &options));
            let url = text(&signed["data"]["url"]).to_owned();
            assert!(url.starts_with(&format!("https://{HOST}/")), "{url}");
            asked.push(
                json!({"method": method, "key": key, "query": options["query"],
                "headers": options["headers"], "token": token, "time": sign_time(&url)}),
            );
            ours.push(url);
        }
    }
    let python = install::python("python-peer", &peers.join("python/requirements.txt"));
    let mut python = Command::new(python.join("bin/python"));
    let theirs = signed_by(python.arg(peers.join("python/presign.py")), &asked);
    assert_eq!(theirs.len(), ours.len());
    for ((ours, theirs), asked) in ours.iter().zip(&theirs).zip(&asked) {
        assert_eq!(pairs(ours), pairs(theirs), "Python: {asked}");
    }
    let node = install::node("node-peer", &peers.join("node"));
    // Beside node_modules, where it looks for them.
    fs::copy(peers.join("node/presign.js"), node.join("presign.js")).unwrap();
    let theirs = signed_by(Command::new("node").arg(node.join("presign.js")), &asked);
    assert_eq!(theirs.len(), ours.len());
    for ((ours, theirs), asked) in ours.iter().zip(&theirs).zip(&asked) {
        // It never signs the type.
        if asked["headers"].get("content-type").is_none() {
            assert_eq!(pairs(ours), pairs(theirs), "Node: {asked}");
        }
    }
}

/// When the signature of a URL begins and ends.
fn sign_time(url: &str) -> [u64; 2] {
    let pairs = pairs(url);
    let (_, time) = pairs
        .iter()
        .find(|(name, _)| name == "q-sign-time")
        .unwrap();
    let (start, end) = time.split_once(';').unwrap();
    [start.parse().unwrap(), end.parse().unwrap()]
}

/// Of a URL's query, decoded, in no order.
fn pairs(url: &str) -> Vec<(String, String)> {
    let (_, query) = url.split_once('?').unwrap();
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        let decoded = percent_encoding::percent_decode_str(&text).decode_utf8();
        decoded.unwrap().into_owned()
    };
    let pairs = query.split('&');
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut pairs: Vec<(String, String)> = pairs.map(|(n, v)| (decoded(n), decoded(v))).collect();
    pairs.sort_unstable();
    pairs
}
