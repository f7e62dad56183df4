//! What a client's options mean, and what is refused before anything is sent: which API, and which
//! places an endpoint must not name.

#![allow(unsafe_code)] // functions of the library

mod common;

use std::io::Write;

use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{self, BUCKET, Client, code, message, ok, take};
use common::listener::{Listener, http, read_head, read_request};
use common::tls::{Certificate, server_config};
use qcos::ffi::*;
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

fn opened(options: &Value) -> (Value, Client) {
    let text = options.to_string();
    let (reply, handle) = library::open(APPID, SECRET_ID, SECRET_KEY, Some(&text));
    assert_eq!(code(&reply) == 0, handle != 0, "{reply}");
    (reply, Client(handle))
}

/// Which API a client speaks: buckets are the XML API's alone.
fn speaks_xml(client: &Client) -> bool {
    let reply = take(unsafe { qcos_list_buckets(client.0) });
    code(&reply) != -3
}

#[test]
fn a_region_means_the_xml_api() {
    let emulator = Emulator::start();
    for (options, xml) in [
        (json!({"region": "ap-x"}), true),
        (json!({"region": "ap-x", "addressing": "path"}), true),
        (json!({"region": "ap-x", "security_token": "a-token"}), true),
        (
            json!({"region": "ap-x", "slice_size": 5368709120_u64}),
            true,
        ),
        (json!({"region": "ap-x", "api": "xml"}), true),
        (json!({"api": "xml", "addressing": "path"}), true),
        (json!({"api": "json"}), false),
        (json!({"download_endpoint": emulator.url}), false),
        (json!({}), false),
    ] {
        let mut options = options;
        options["endpoint"] = emulator.url.clone().into();
        options["overwrite"] = true.into();
        let (reply, client) = opened(&options);
        ok(reply);
        assert_eq!(speaks_xml(&client), xml, "{options}");
        if options.get("security_token").is_none() {
            ok(client.upload_buffer(b"hello", "found-out", ""));
        }
    }
}

#[test]
fn options_of_the_other_api_are_refused_by_name() {
    for (options, name) in [
        (json!({"region": "ap-x", "api": "json"}), "region"),
        (
            json!({"region": "ap-x", "download_endpoint": "http://h"}),
            "download_endpoint",
        ),
        (
            json!({"region": "ap-x", "endpoint": "http://h/files/v1/"}),
            "endpoint",
        ),
        (
            json!({"region": "ap-x", "slice_size": 524289}),
            "slice_size",
        ),
        (json!({"security_token": "a-token"}), "security_token"),
        (json!({"addressing": "path"}), "addressing"),
        (json!({"region": null}), "region"),
        (json!({"api": null, "region": "ap-x"}), "api"),
    ] {
        let (reply, _) = opened(&options);
        assert!([-3, -4].contains(&code(&reply)), "{options}: {reply}");
        assert!(message(&reply).contains(name), "{options}: {reply}");
    }
    let (reply, _) = opened(&json!({"security_token": "a-token"}));
    assert!(message(&reply).contains("\"region\""), "{reply}");
}

#[test]
fn what_an_api_lacks_is_said_in_words() {
    let (_, xml) = opened(&json!({"region": "ap-x"}));
    let lacks = "client: speaks the XML API, which has no ";
    for (reply, what) in [
        (xml.sign_more(0), "signature for a whole bucket"),
        (
            xml.sign_once(&format!("/{APPID}/{BUCKET}/a")),
            "signature for one use",
        ),
    ] {
        assert_eq!(code(&reply), -3, "{reply}");
        let expected = format!("{lacks}{what}; qcos_download_url signs a URL");
        assert_eq!(message(&reply), expected);
    }
}

#[test]
fn what_the_json_api_does_not_have_is_said_in_words() {
    let (_, json) = opened(&json!({}));
    let lacks = "client: speaks the JSON API, which has no ";
    for (reply, what) in [
        (
            json.presign("PUT", "f", 60, &json!({})),
            "presigned requests; qcos_download_url signs a URL",
        ),
        (
            json.post_policy(&json!({"key": "f", "expires_s": 60})),
            "policies of forms; a form takes a signature of qcos_sign_more",
        ),
        (
            json.set_versioning("Enabled"),
            "versions of files; the XML API has them",
        ),
        (
            json.get_versioning(),
            "versions of files; the XML API has them",
        ),
        (
            json.list_versions("", 1, &mut |_| 0),
            "versions of files; the XML API has them",
        ),
    ] {
        assert_eq!(code(&reply), -3, "{reply}");
        assert_eq!(message(&reply), format!("{lacks}{what}"));
    }
}

/// Else the library would add the same once more, and only a strange refusal would tell.
#[test]
fn an_endpoint_with_a_bucket_in_it_is_refused() {
    let own = format!("{BUCKET}-{APPID}");
    for (options, said) in [
        (
            json!({"region": "ap-x", "endpoint": format!("https://{own}.cos.ap-x.myqcloud.com")}),
            "bucket",
        ),
        (
            json!({"api": "xml", "endpoint": format!("https://{own}.store.example")}),
            "bucket",
        ),
        (
            json!({"region": "ap-x", "addressing": "path",
                "endpoint": format!("https://{own}.cos.ap-x.tencentcos.cn")}),
            "bucket",
        ),
        (
            json!({"region": "ap-x", "addressing": "domain",
                "endpoint": "https://cos.ap-x.myqcloud.com"}),
            "bucket",
        ),
        (
            json!({"region": "ap-x", "endpoint": format!("https://cos.ap-x.myqcloud.com/{own}")}),
            "path",
        ),
        (
            json!({"endpoint": "https://cos.ap-x.myqcloud.com"}),
            "\"region\"",
        ),
        (
            json!({"endpoint": format!("https://web.file.myqcloud.com/files/v1/{APPID}/{BUCKET}")}),
            "/files/v1/",
        ),
        (
            json!({"region": "ap-x", "endpoint": "https://web.file.myqcloud.com"}),
            "JSON API",
        ),
    ] {
        let (reply, _) = opened(&options);
        assert_eq!(code(&reply), -3, "{options}: {reply}");
        assert!(
            message(&reply).starts_with("options_json: endpoint: "),
            "{reply}"
        );
        assert!(message(&reply).contains(said), "{options}: {reply}");
    }
    for url in [
        format!("https://{own}.file.myqcloud.com"),
        format!("http://127.0.0.1:1/{own}/"),
    ] {
        let (reply, _) = opened(&json!({ "download_endpoint": url }));
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(
            message(&reply).starts_with("options_json: download_endpoint: "),
            "{reply}"
        );
    }
    let (reply, _) = opened(&json!({"region": "ap-x", "addressing": "domain",
                                    "endpoint": format!("https://{own}.cos.ap-x.myqcloud.com")}));
    ok(reply);
}

/// A proxy behind which the JSON API's real host refuses every signature.
fn refusing_service(certificate: &Certificate) -> Listener {
    let config = server_config(certificate);
    Listener::with_connections(move |stream, _| {
        let head = read_head(stream).unwrap_or_default();
        assert!(
            head.starts_with("CONNECT web.file.myqcloud.com:443 "),
            "{head}"
        );
        stream.write_all(b"HTTP/1.1 200 X\r\n\r\n").unwrap();
        let tls = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(tls, stream);
        while read_request(&mut stream).is_some() {
            let _ = stream.write_all(&http(403, REFUSED));
        }
    })
}

const REFUSED: &str = r#"{"code":-97,"message":"ERROR_PROXY_AUTH_FAILED","data":{}}"#;

#[test]
fn a_new_account_on_the_json_api_is_told_what_it_needs() {
    let certificate = Certificate::new("web.file.myqcloud.com");
    let proxy = refusing_service(&certificate);
    let (reply, client) = opened(&json!({
        "proxy": proxy.url, "tls_ca": certificate.path(), "retries": 0,
    }));
    ok(reply);
    let reply = client.stat_file("a");
    assert_eq!(code(&reply), -97, "{reply}");
    assert!(
        message(&reply).starts_with("ERROR_PROXY_AUTH_FAILED"),
        "{reply}"
    );
    assert!(message(&reply).contains("\"region\""), "{reply}");

    // A service of somebody's own may well have no other API.
    let own = Listener::answering(|_, _| http(403, REFUSED));
    let reply = Client::open(&own.url).stat_file("a");
    assert_eq!(
        (code(&reply), message(&reply)),
        (-97, "ERROR_PROXY_AUTH_FAILED")
    );
}
