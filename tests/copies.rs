//! Copies: how a source is named, and what proves that a copy is one.

mod common;

use common::emulator::{APPID, SECRET_ID, SECRET_KEY};
use common::library::{Client, code, message, ok, open};
use common::listener::Listener;
use common::shelf::{Object, changes, service};
use serde_json::{Value, json};

const MD5: &str = "5d41402abc4b2a76b9719d911017c592";
const OTHER: &str = "7d793037a0760186574b0282f2f435e7";

/// What HEAD tells of an object with these digests.
fn object(size: u64, etag: &str, further: &str) -> Object {
    Object {
        headers: format!(
            "ETag: \"{etag}\"\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n{further}"
        ),
        size,
        ..Object::new()
    }
}

fn client(service: &Listener) -> Client {
    Client::speaking("xml", &service.url, json!({"retries": 0}))
}

#[test]
fn a_copy_is_compared_by_what_both_have() {
    let kms = "x-cos-server-side-encryption: cos/kms\r\n\
               x-cos-server-side-encryption-cos-kms-key-id: k\r\n";
    let crc64 = |crc64: u64| format!("x-cos-hash-crc64ecma: {crc64}\r\n");
    let large = (5 << 30) + 1;
    for (source, copy, is_same) in [
        // No digest that both have: the size.
        (object(5, "a-1", ""), object(5, "b-2", ""), true),
        (object(5, "a-1", ""), object(6, "b-2", ""), false),
        (object(5, "a-1", &crc64(7)), object(5, "b-2", ""), true),
        (object(5, "a-1", ""), object(5, "b-2", &crc64(7)), true),
        (object(large, "a-1", ""), object(large, "b-6", ""), true),
        (
            object(large, "a-1", ""),
            object(large - 1, "b-6", ""),
            false,
        ),
        // CRC64 comes before ETags, which tell nothing of parts.
        (
            object(5, "a-1", &crc64(7)),
            object(5, "b-2", &crc64(7)),
            true,
        ),
        (object(5, MD5, &crc64(7)), object(5, MD5, &crc64(8)), false),
        (object(5, MD5, ""), object(5, "b-2", ""), true),
        (object(5, MD5, ""), object(5, MD5, ""), true),
        (object(5, MD5, ""), object(5, &MD5.to_uppercase(), ""), true),
        (object(5, MD5, ""), object(5, OTHER, ""), false),
        (object(large, MD5, ""), object(large, OTHER, ""), false),
        // An ETag of encrypted content looks like an MD5, and is none.
        (object(5, MD5, kms), object(5, OTHER, kms), true),
        (object(5, MD5, ""), object(5, OTHER, kms), true),
    ] {
        let told = format!("{} and {}", source.headers, copy.headers);
        let service = service(source, Some(copy));
        for reply in [
            client(&service).copy_file("from", "to", 1),
            client(&service).move_file("from", "to", 1),
        ] {
            let expected = if is_same { 0 } else { -6 };
            assert_eq!(code(&reply), expected, "{told}: {reply}");
            let text = message(&reply);
            assert!(!text.contains("Some") && !text.contains("None"), "{text}");
            if !is_same {
                assert!(text.contains("the copy stays"), "{text}");
            }
        }
        let deleted = changes(&service)
            .iter()
            .any(|r| r.line.starts_with("DELETE /from"));
        assert_eq!(deleted, is_same, "{told}");
    }
}

#[test]
fn only_what_is_proven_is_called_the_same() {
    for (source, there, expected) in [
        (object(5, MD5, ""), object(5, MD5, ""), -4018),
        (object(5, MD5, ""), object(5, OTHER, ""), -177),
        (object(5, "a-1", ""), object(5, "b-2", ""), -177),
    ] {
        let service = service(source, Some(there));
        let client = client(&service);
        // Whatever it comes to, something is there afterwards.
        client.copy_file("from", "to", 1);
        assert_eq!(code(&client.copy_file("from", "to", 0)), expected);
    }
}

#[test]
fn a_source_is_named_by_the_services_own_host() {
    let key = "from/目录 +%";
    let named = "/from/%E7%9B%AE%E5%BD%95%20%2B%25";
    let own = "http://cos.private.example.invalid:8080";
    let public = "http://cos.ap-x.myqcloud.com";
    let domain = "http://testbucket-10000001.cos.ap-x.tencentcos.cn";
    let cdn = "http://cdn.example.invalid";
    let host = "cos.ap-x.myqcloud.com";
    for options in [
        json!({"region": "ap-x"}),
        json!({"region": "ap-x", "addressing": "path"}),
        json!({"region": "ap-x", "addressing": "domain"}),
        json!({"region": "ap-x", "endpoint": own}),
        json!({"region": "ap-x", "endpoint": cdn, "addressing": "domain"}),
        json!({"region": "ap-x", "endpoint": "http://cos.accelerate.myqcloud.com"}),
        // A host of the service names its region.
        json!({"endpoint": public}),
        json!({"endpoint": public, "addressing": "path"}),
        json!({"endpoint": domain, "addressing": "domain"}),
    ] {
        for size in [5, (5 << 30) + 1] {
            let source = Object {
                size,
                ..Object::new()
            };
            let service = service(source, None);
            let client = with(&service, &options);
            client.copy_file(key, "to", 1);
            let expected = format!("testbucket-{APPID}.{host}{named}");
            let received = service.received();
            let sources = received.iter().map(|r| r.header("x-cos-copy-source"));
            let sources: Vec<&str> = sources.filter(|source| !source.is_empty()).collect();
            assert!(!sources.is_empty(), "{options}");
            assert!(
                sources.iter().all(|source| *source == expected),
                "{sources:?}"
            );
        }
    }
}

#[test]
fn without_a_region_nothing_is_copied_and_nothing_is_sent() {
    let accelerate = "http://cos.accelerate.myqcloud.com";
    for options in [
        json!({"addressing": "path"}),
        json!({"addressing": "domain"}),
        json!({"endpoint": "http://cos.private.example.invalid:8080"}),
        json!({"endpoint": accelerate}),
    ] {
        let service = service(Object::new(), None);
        let client = with(&service, &options);
        for reply in [
            client.copy_file("from", "to", 0),
            client.move_file("from", "to", 0),
            client.update_file("from", "new"),
            client.update_folder("from", "new"),
        ] {
            assert_eq!(code(&reply), -3, "{reply}");
            assert!(
                message(&reply).starts_with("options_json: region: "),
                "{reply}"
            );
        }
        assert!(service.received().is_empty());
        ok(client.stat_file("from"));
    }
}

/// Where another endpoint is named, the service stands in its place as a proxy.
fn with(service: &Listener, options: &Value) -> Client {
    let mut options = options.clone();
    options["api"] = "xml".into();
    let place = match options["endpoint"].is_null() {
        true => "endpoint",
        false => "proxy",
    };
    options[place] = service.url.as_str().into();
    options["retries"] = 0.into();
    let (reply, handle) = open(APPID, SECRET_ID, SECRET_KEY, Some(&options.to_string()));
    ok(reply);
    Client(handle)
}
