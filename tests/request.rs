//! qcos_request: what has no function of its own, against the emulator and against services that say odd
//! things.

#![allow(unsafe_code)]

mod common;

use std::net::TcpListener;
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{BUCKET, Client, c, code, kind, message, ok, take};
use common::listener::Listener;
use common::xml;
use qcos::ffi::qcos_request;
use serde_json::{Value, json};

fn open(url: &str) -> Client {
    Client::speaking("xml", url, json!({}))
}

/// About the bucket itself.
fn ask(client: &Client, method: &str, name: &str, body: &str) -> Value {
    let request = json!({"method": method, "query": {name: ""}});
    client.request(Some(BUCKET), "", &request, body.as_bytes())
}

/// A configuration: its name, one that is good, what data.xml of it is, and the name of its being missing.
fn configurations() -> [(
    &'static str,
    &'static str,
    Value,
    &'static str,
    &'static str,
); 5] {
    [
        (
            "lifecycle",
            "<LifecycleConfiguration><Rule><ID>1</ID><Status>Enabled</Status><Filter><Prefix>a/</Prefix></Filter>\
             <Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>",
            json!({"LifecycleConfiguration": {"Rule": {"ID": "1", "Status": "Enabled",
                "Filter": {"Prefix": "a/"}, "Expiration": {"Days": "7"}}}}),
            "NoSuchLifecycleConfiguration",
            "MalformedXML",
        ),
        (
            "cors",
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
             <AllowedMethod>PUT</AllowedMethod></CORSRule></CORSConfiguration>",
            json!({"CORSConfiguration": {"CORSRule": {"AllowedOrigin": "*",
                "AllowedMethod": ["GET", "PUT"]}}}),
            "NoSuchCORSConfiguration",
            "MalformedXML",
        ),
        (
            "policy",
            r#"{"Statement": [{"Effect": "allow"}], "version": "2.0"}"#,
            Value::Null,
            "NoSuchBucketPolicy",
            "MalformedPolicy",
        ),
        (
            "website",
            "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>",
            json!({"WebsiteConfiguration": {"IndexDocument": {"Suffix": "index.html"}}}),
            "NoSuchWebsiteConfiguration",
            "MalformedXML",
        ),
        (
            "tagging",
            "<Tagging><TagSet><Tag><Key>k</Key><Value/></Tag></TagSet></Tagging>",
            json!({"Tagging": {"TagSet": {"Tag": {"Key": "k", "Value": ""}}}}),
            "NoSuchTagSet",
            "MalformedXML",
        ),
    ]
}

#[test]
fn configurations_are_set_told_and_deleted() {
    let emulator = Emulator::start();
    let client = open(&emulator.url);
    ok(client.upload_buffer(b"x", "a", ""));
    for (name, document, told, missing, malformed) in configurations() {
        let none = ask(&client, "GET", name, "");
        assert_eq!(
            (code(&none), none["httpcode"].as_u64()),
            (-404, Some(404)),
            "{none}"
        );
        assert_eq!(none["error"]["service_code"], missing);
        let set = ok(ask(&client, "PUT", name, document));
        assert_eq!(set["httpcode"], set["data"]["status"]);
        assert_eq!(set["data"]["body"], "");
        let got = ok(ask(&client, "GET", name, ""));
        let data = &got["data"];
        assert_eq!(
            (&data["body"], &data["xml"]),
            (&json!(document), &told),
            "{got}"
        );
        assert_eq!(data["headers"]["content-type"], "application/xml");
        assert_eq!(data["headers"]["x-cos-request-id"], got["request_id"]);
        let wrong = ask(&client, "PUT", name, "<Other><a/></Other>");
        assert_eq!(wrong["error"]["service_code"], malformed, "{wrong}");
        let data = &wrong["data"];
        assert_eq!(
            (data["status"].as_u64(), &data["xml"]["Error"]["Code"]),
            (Some(400), &json!(malformed))
        );
        assert!(data["body"].as_str().unwrap().contains("<Error>"));
        assert_eq!(ok(ask(&client, "GET", name, ""))["data"]["body"], document);
        assert_eq!(ok(ask(&client, "DELETE", name, ""))["httpcode"], 204);
        assert_eq!(code(&ask(&client, "GET", name, "")), -404);
    }
}

#[test]
fn objects_come_as_they_are() {
    let emulator = Emulator::start();
    let client = open(&emulator.url);
    let path = "d/a b+甲/";
    let content = [b"\0\xff<Error>".as_slice(), &common::noise(100_000, 1)].concat();
    let put =
        json!({"method": "PUT", "headers": {"X-Cos-Meta-A": "b c", "Content-Type": "text/x"}});
    let put = ok(client.request(Some(BUCKET), path, &put, &content));
    assert!(put["data"]["headers"]["etag"].is_string());
    let get = ok(client.request(Some(BUCKET), path, &json!({"method": "GET"}), b""));
    let data = &get["data"];
    assert!(data["body"].is_null() && data["xml"].is_null());
    let body = data["body_base64"].as_str().unwrap();
    assert!(STANDARD.decode(body).unwrap() == content);
    let headers = &data["headers"];
    assert_eq!(
        (&headers["x-cos-meta-a"], &headers["content-type"]),
        (&json!("b c"), &json!("text/x"))
    );
    let range = json!({"method": "GET", "headers": {"range": "bytes=2-6"},
        "query": {"response-content-type": "application/xml; a=\"&\""}});
    let part = ok(client.request(Some(BUCKET), path, &range, b""));
    assert_eq!(
        (part["httpcode"].as_u64(), &part["data"]["body"]),
        (Some(206), &json!("<Erro"))
    );
    assert!(part["data"]["xml"].is_null());
    let head = ok(client.request(Some(BUCKET), path, &json!({"method": "HEAD"}), b""));
    assert_eq!(
        head["data"]["headers"]["content-length"],
        content.len().to_string()
    );
    assert_eq!(head["data"]["body"], "");
    // An object may look like a refusal.
    let error = xml::error("NoSuchKey", "m");
    ok(client.upload_buffer(error.as_bytes(), "e.xml", ""));
    let get = ok(client.request(Some(BUCKET), "/e.xml", &json!({"method": "GET"}), b""));
    assert_eq!(
        (&get["data"]["body"], &get["data"]["xml"]["Error"]["Code"]),
        (&json!(error), &json!("NoSuchKey"))
    );
    let gone = ok(client.request(Some(BUCKET), path, &json!({"method": "DELETE"}), b""));
    assert_eq!(gone["data"]["status"], 204);
    let head = client.request(Some(BUCKET), path, &json!({"method": "HEAD"}), b"");
    assert_eq!(
        (code(&head), &head["data"]["status"]),
        (-166, &json!(404)),
        "{head}"
    );
    let guarded = json!({"method": "PUT", "headers": {"x-cos-forbid-overwrite": "true"}});
    let refused = client.request(Some(BUCKET), "e.xml", &guarded, b"x");
    assert_eq!(
        (code(&refused), &refused["data"]["status"]),
        (-177, &json!(409)),
        "{refused}"
    );
}

#[test]
fn the_account_is_asked_without_a_bucket() {
    let emulator = Emulator::start_with(&["--bucket", "one", "--bucket", "two"]);
    let client = open(&emulator.url);
    let request = json!({"method": "GET", "host": "service", "query": {"max-keys": "1"}});
    for bucket in [None, Some("")] {
        let list = ok(client.request(bucket, "", &request, b""));
        let all = &list["data"]["xml"]["ListAllMyBucketsResult"];
        assert_eq!(
            all["Buckets"]["Bucket"]["Name"],
            format!("one-{APPID}"),
            "{list}"
        );
        assert_eq!(all["IsTruncated"], "true");
    }
}

/// What a service is sent, and what it answers.
fn heard(
    client: impl Fn(&str) -> Client,
    request: &Value,
    path: &str,
    body: &[u8],
) -> (Vec<common::listener::Received>, Value) {
    let service = Listener::answering(|_, request| xml::answer(&request.line, 200, "", ""));
    let reply = client(&service.url).request(Some(BUCKET), path, request, body);
    (service.received(), reply)
}

#[test]
fn everything_is_signed_as_it_is_sent() {
    let request = json!({"method": "PUT", "query": {"tagging": "", "Version Id": "a&b=甲"},
        "headers": {"X-Cos-Acl": "private", "If-Match": "\"e\""}});
    let (received, reply) = heard(open, &request, "/k 1/", b"body");
    ok(reply);
    let sent = &received[0];
    assert_eq!(
        sent.line,
        "PUT /k%201/?Version%20Id=a%26b%3D%E7%94%B2&tagging HTTP/1.1"
    );
    assert_eq!(sent.body, b"body");
    assert_eq!(sent.header("content-md5"), "hBotaJrYa9FhFEdFPCLG/A==");
    assert_eq!(
        sent.header("host"),
        format!("{BUCKET}-{APPID}.cos.ap-guangzhou.myqcloud.com")
    );
    let signature = sent.header("authorization");
    assert!(
        signature.contains("q-header-list=content-length;content-md5;host;if-match;x-cos-acl&"),
        "{signature}"
    );
    assert!(
        signature.contains("q-url-param-list=tagging;version%20id&"),
        "{signature}"
    );
    // One that was given stays.
    let request = json!({"method": "POST", "headers": {"Content-MD5": "given"}});
    let (received, _) = heard(open, &request, "", b"body");
    assert_eq!(received[0].header("content-md5"), "given");
    assert_eq!(received[0].line, "POST / HTTP/1.1");
    let (received, _) = heard(open, &json!({"method": "POST"}), "k", b"");
    assert_eq!(
        (
            received[0].header("content-md5"),
            received[0].header("content-length")
        ),
        ("", "0")
    );
}

#[test]
fn data_is_processed_at_a_host_of_its_own() {
    let request = json!({"method": "POST", "host": "ci"});
    let (received, reply) = heard(open, &request, "jobs", b"<Request/>");
    ok(reply);
    assert_eq!(
        received[0].header("host"),
        format!("{BUCKET}-{APPID}.ci.ap-guangzhou.myqcloud.com")
    );
    assert!(received[0].header("authorization").contains("host"));
    let by_path = |url: &str| Client::speaking("xml", url, json!({"addressing": "path"}));
    let (received, reply) = heard(by_path, &request, "jobs", b"");
    assert_eq!((code(&reply), received.len()), (-3, 0), "{reply}");
    assert!(message(&reply).starts_with("client: "), "{reply}");
}

#[test]
fn what_may_pass_is_tried_again() {
    let emulator = Emulator::start();
    let client = open(&emulator.url);
    for (op, method, fault) in [
        ("put_object", "PUT", json!({"status": 503})),
        ("put_object", "PUT", json!({"reset": "after"})),
        ("get_object", "GET", json!({"reset": "before"})),
        ("delete_object", "DELETE", json!({"reset": "after"})),
    ] {
        emulator.set_faults(&json!([{"match": {"op": op, "count": 2}, "fault": fault}]));
        let body: &[u8] = if method == "PUT" { b"content" } else { b"" };
        ok(client.request(Some(BUCKET), "a", &json!({"method": method}), body));
        assert_eq!(emulator.end_faults(), 2, "{op}");
    }
    emulator.set_faults(&json!([{"fault": {"status": 503, "headers": {"Retry-After": "0"}}}]));
    let busy = client.request(Some(BUCKET), "a", &json!({"method": "GET"}), b"");
    assert_eq!(
        (kind(&busy), &busy["error"]["attempts"]),
        ("http_status", &json!(4)),
        "{busy}"
    );
}

#[test]
fn what_may_have_been_done_is_not_done_twice() {
    let emulator = Emulator::start();
    let client = open(&emulator.url);
    let document = b"<Delete><Object><Key>a</Key></Object></Delete>";
    let mut request = json!({"method": "POST", "query": {"delete": ""}});
    let lost =
        json!([{"match": {"op": "delete_objects", "count": 1}, "fault": {"reset": "after"}}]);
    emulator.set_faults(&lost);
    let unknown = client.request(Some(BUCKET), "", &request, document);
    assert_eq!(
        (code(&unknown), &unknown["error"]["attempts"]),
        (-2, &json!(1)),
        "{unknown}"
    );
    assert!(
        message(&unknown).contains("may have been carried out"),
        "{unknown}"
    );
    assert_eq!(emulator.count("delete_objects"), 1);
    // Turned away before any work is done.
    let busy =
        json!({"error": {"status": 503, "code": "SlowDown"}, "headers": {"Retry-After": "0"}});
    emulator.set_faults(&json!([{"match": {"op": "delete_objects", "count": 2}, "fault": busy}]));
    ok(client.request(Some(BUCKET), "", &request, document));
    assert_eq!(emulator.count("delete_objects"), 4);
    // Its caller knows better.
    request["idempotent"] = true.into();
    emulator.set_faults(&lost);
    let done = ok(client.request(Some(BUCKET), "", &request, document));
    assert_eq!(done["data"]["xml"]["DeleteResult"]["Deleted"]["Key"], "a");
    // Nor is a PUT that its caller does not want twice.
    let append = json!({"method": "PUT", "idempotent": false});
    emulator.set_faults(&json!([{"match": {"op": "put_object"}, "fault": {"reset": "before"}}]));
    let unknown = client.request(Some(BUCKET), "a", &append, b"x");
    assert_eq!(unknown["error"]["attempts"], 1, "{unknown}");
    let nobody = open("http://127.0.0.1:1");
    let refused = nobody
        .with(&json!({"retries": 1}))
        .request(Some(BUCKET), "a", &append, b"x");
    assert_eq!(
        (kind(&refused), &refused["error"]["attempts"]),
        ("connect", &json!(2)),
        "{refused}"
    );
}

#[test]
fn it_ends_when_it_is_told_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = open(&url);
    let request = json!({"method": "PUT"});
    thread::scope(|scope| {
        let call = scope.spawn(|| {
            let reply = client.request(Some(BUCKET), "a", &request, b"x");
            (reply, Instant::now())
        });
        // It waits for an answer.
        let held = listener.accept().unwrap();
        let cancelled = Instant::now();
        client.cancel();
        let (reply, ended) = call.join().unwrap();
        assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
        assert!(ended - cancelled < Duration::from_millis(500));
        drop(held);
    });
    let hasty = open(&url).with(&json!({"timeout_ms": 300}));
    let late = hasty.request(Some(BUCKET), "a", &request, b"x");
    assert_eq!((code(&late), kind(&late)), (-2, "timeout"), "{late}");
}

#[test]
fn secrets_that_a_service_repeats_are_hidden() {
    const TOKEN: &str = "TOKENdonottell0123456789";
    let service = Listener::answering(|number, request| {
        let said = format!("{} {TOKEN} {SECRET_KEY}", request.header("authorization"));
        let headers = format!("x-said: {said}\r\nContent-Type: application/xml\r\n");
        let refusal = xml::error("AccessDenied", &said.replace('&', "&amp;"));
        match number {
            0 => xml::answer(&request.line, 200, &headers, "said"),
            1 => xml::answer(&request.line, 403, &headers, refusal),
            2 => xml::answer(
                &request.line,
                403,
                &headers,
                [b"\xff", refusal.as_bytes()].concat(),
            ),
            _ => {
                let place = format!("Location: http://elsewhere/?{said}\r\n").replace(' ', "+");
                xml::answer(&request.line, 302, &place, &said)
            }
        }
    });
    let client = Client::speaking(
        "xml",
        &service.url,
        json!({"security_token": TOKEN, "retries": 0}),
    );
    let replies = [(); 4].map(|()| ask(&client, "GET", "policy", ""));
    for (number, reply) in replies.iter().enumerate() {
        let text = reply.to_string();
        let sent = &service.received()[number];
        let (_, signature) = sent
            .header("authorization")
            .rsplit_once("q-signature=")
            .unwrap();
        for secret in [TOKEN, SECRET_ID, SECRET_KEY, signature] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    let [told, refused, odd, moved] = replies;
    assert_eq!(ok(told)["data"]["body"], "said");
    assert_eq!(
        (code(&refused), &refused["data"]["status"]),
        (-289, &json!(403)),
        "{refused}"
    );
    assert!(
        refused["data"]["xml"]["Error"]["Message"]
            .as_str()
            .unwrap()
            .contains("(token)")
    );
    assert!(
        odd["data"]["body"].is_null() && odd["data"]["body_base64"].is_null(),
        "{odd}"
    );
    assert_eq!(
        (kind(&moved), &moved["data"]),
        ("redirect", &json!({"status": 302})),
        "{moved}"
    );
}

#[test]
fn a_success_that_says_error_is_none() {
    let service = Listener::answering(|_, request| {
        let body = format!("  \n{}", xml::error("InvalidArgument", "m"));
        let body = if request.line.contains("large") {
            "x".repeat((64 << 20) + 1)
        } else {
            body
        };
        xml::answer(
            &request.line,
            200,
            "Content-Type: application/xml\r\n",
            body,
        )
    });
    let client = open(&service.url);
    let late = client.request(Some(BUCKET), "a", &json!({"method": "PUT"}), b"");
    assert_eq!(
        (code(&late), &late["error"]["service_code"]),
        (-182, &json!("InvalidArgument")),
        "{late}"
    );
    assert_eq!(late["data"]["status"], 200);
    ok(client.request(Some(BUCKET), "a", &json!({"method": "GET"}), b""));
    let once = client.with(&json!({"retries": 0}));
    let large = once.request(Some(BUCKET), "large", &json!({"method": "GET"}), b"");
    assert_eq!(
        (code(&large), kind(&large)),
        (-2, "bad_reply"),
        "{}",
        message(&large)
    );
    assert!(message(&large).contains("67108864"), "{}", message(&large));
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_sent() {
    let service = Listener::answering(|_, request| xml::answer(&request.line, 200, "", ""));
    let client = open(&service.url);
    let get = json!({"method": "GET"});
    let listing = json!({"method": "GET", "host": "service"});
    let metadata = json!({"method": "PUT", "headers": {
        "x-cos-meta-a": "x".repeat(3000), "x-cos-meta-b": "x".repeat(2000)}});
    for (bucket, path, request, body, said) in [
        (None, "", &get, 0, "bucket: must not be empty"),
        (Some(""), "a", &get, 0, "bucket: must not be empty"),
        (Some("A"), "a", &get, 0, "bucket: "),
        (Some("b/c"), "a", &get, 0, "bucket: "),
        (Some(BUCKET), "a/../b", &get, 0, "path: "),
        (Some(BUCKET), &"x".repeat(851), &get, 0, "path: "),
        (Some(BUCKET), "", &listing, 0, "bucket: must be NULL"),
        (None, "a", &listing, 0, "path: must be NULL"),
        (
            Some(BUCKET),
            "",
            &json!([]),
            0,
            "request_json: must be one JSON object",
        ),
        (
            Some(BUCKET),
            "",
            &json!({"method": "GET", "querry": {}}),
            0,
            "request_json: querry: ",
        ),
        (
            Some(BUCKET),
            "",
            &json!({"method": "GET", "headers": {"Host": "h"}}),
            0,
            "request_json: headers: \"Host\"",
        ),
        (Some(BUCKET), "a", &metadata, 0, "request_json: headers: "),
        (Some(BUCKET), "", &get, 1, "body: a GET request has none"),
        (
            Some(BUCKET),
            "",
            &json!({"method": "DELETE"}),
            1,
            "body: a DELETE request has none",
        ),
        (
            Some(BUCKET),
            "",
            &json!({"method": "PUT"}),
            (64 << 20) + 1,
            "len: is 67108865",
        ),
    ] {
        let reply = client.request(bucket, path, request, &vec![b'x'; body]);
        assert_eq!((code(&reply), kind(&reply)), (-3, "parameter"), "{reply}");
        assert!(message(&reply).starts_with(said), "{said}: {reply}");
    }
    let (bucket, get) = (c(BUCKET), c(r#"{"method":"PUT"}"#));
    for (request, len, said) in [(ptr::null(), 0, "request_json"), (get.as_ptr(), 1, "body")] {
        let reply = take(unsafe {
            qcos_request(
                client.0,
                bucket.as_ptr(),
                ptr::null(),
                request,
                ptr::null(),
                len,
            )
        });
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(
            message(&reply).starts_with(&format!("{said}: must not be NULL")),
            "{reply}"
        );
    }
    let classic = Client::speaking("json", &service.url, json!({}));
    let reply = classic.request(Some(BUCKET), "", &json!({"method": "GET"}), b"");
    assert_eq!(code(&reply), -3);
    assert_eq!(
        message(&reply),
        "client: speaks the JSON API, which has no requests in the caller's words; the XML API has them"
    );
    assert_eq!(service.connections(), 0);
}
