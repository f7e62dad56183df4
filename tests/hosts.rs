//! To which hosts requests go, and how they are named there: a proxy sees it.

mod common;

#[allow(dead_code)]
#[path = "wire/xml_signature.rs"]
mod xml_signature;

use std::io::Write;

use common::emulator::{APPID, SECRET_ID, SECRET_KEY};
use common::library::{Client, code, message, ok, open};
use common::listener::{Listener, Received, http, read_request};
use common::{TempDir, noise};
use serde_json::{Value, json};

/// Answers every request in the stead of any host; a tunnel is opened, and what comes through it is
/// answered, too.
fn proxy(answer: fn(&Received) -> Vec<u8>) -> Listener {
    Listener::with_connections(move |stream, received| {
        while let Some(request) = read_request(stream) {
            let is_tunnel = request.line.starts_with("CONNECT ");
            let reply = match is_tunnel {
                true => b"HTTP/1.1 200 X\r\n\r\n".to_vec(),
                false => answer(&request),
            };
            received.lock().unwrap().push(request);
            if stream.write_all(&reply).is_err() || !is_tunnel {
                return;
            }
        }
    })
}

fn client(proxy: &Listener, options: &Value) -> Client {
    let mut options = options.clone();
    options["proxy"] = proxy.url.as_str().into();
    options["retries"] = 0.into();
    let (reply, handle) = open(APPID, SECRET_ID, SECRET_KEY, Some(&options.to_string()));
    ok(reply);
    Client(handle)
}

/// Where a proxy was asked to go: `host:port` or `host`.
fn places(proxy: &Listener) -> Vec<String> {
    let received = proxy.received().into_iter();
    let mut places: Vec<String> = received
        .flat_map(|request| {
            let target = request.line.split(' ').nth(1).unwrap().to_owned();
            let named = match request.line.starts_with("CONNECT ") {
                true => target,
                false => match target.split_once("://") {
                    Some((_, rest)) => rest.split('/').next().unwrap().to_owned(),
                    None => String::new(),
                },
            };
            [named, request.header("host").to_owned()]
        })
        .filter(|place| !place.is_empty())
        .map(|place| place.trim_end_matches(":80").to_owned())
        .collect();
    places.sort();
    places.dedup();
    places
}

fn buckets(_: &Received) -> Vec<u8> {
    http(
        200,
        "<ListAllMyBucketsResult><IsTruncated>false</IsTruncated><Buckets/></ListAllMyBucketsResult>",
    )
}

#[test]
fn the_list_of_buckets_is_asked_of_the_named_host_alone() {
    for (endpoint, place) in [
        (
            "http://cos.private.example.invalid:8080",
            "cos.private.example.invalid:8080",
        ),
        (
            "http://cos.private.example.invalid",
            "cos.private.example.invalid",
        ),
        (
            "http://cos.ap-guangzhou.myqcloud.com",
            "cos.ap-guangzhou.myqcloud.com",
        ),
        (
            "http://cos.accelerate.myqcloud.com",
            "cos.accelerate.myqcloud.com",
        ),
        ("http://COS.Example.invalid.:80", "cos.example.invalid"),
        ("http://storage.example.invalid", "storage.example.invalid"),
    ] {
        for addressing in ["host", "path"] {
            let proxy = proxy(buckets);
            let options = json!({"api": "xml", "region": "ap-x", "endpoint": endpoint,
                "addressing": addressing, "security_token": "TOKEN"});
            ok(client(&proxy, &options).list_buckets());
            assert_eq!(places(&proxy), [place], "{endpoint} by {addressing}");
        }
    }
    // Without a name, an address is told the service's hosts, and is all that is connected to.
    let service = Listener::answering(|_, request| buckets(request));
    ok(Client::speaking("xml", &service.url, json!({})).list_buckets());
    assert_eq!(
        service.received()[0].header("host"),
        "service.cos.myqcloud.com"
    );
}

#[test]
fn a_buckets_own_domain_lists_no_buckets() {
    let proxy = proxy(buckets);
    let options = json!({"api": "xml", "region": "ap-x", "addressing": "domain",
        "endpoint": "http://cdn.example.invalid", "security_token": "TOKEN"});
    let reply = client(&proxy, &options).list_buckets();
    assert_eq!(code(&reply), -3, "{reply}");
    assert!(message(&reply).contains("addressing"), "{reply}");
    assert!(proxy.received().is_empty());
}

#[test]
fn with_no_host_named_the_services_own_are_asked_over_tls() {
    for (api, region, hosts) in [
        (
            "xml",
            Some("ap-x"),
            [
                "service.cos.myqcloud.com:443",
                "testbucket-10000001.cos.ap-x.myqcloud.com:443",
            ],
        ),
        (
            "json",
            None,
            [
                "testbucket-10000001.file.myqcloud.com:443",
                "web.file.myqcloud.com:443",
            ],
        ),
    ] {
        // The tunnel is opened, and closed before anything passes through it.
        let proxy = Listener::answering(|_, _| http(502, ""));
        let mut options = json!({"api": api});
        if let Some(region) = region {
            options["region"] = region.into();
        }
        let client = client(&proxy, &options);
        client.stat_file("f");
        match api {
            "xml" => drop(client.list_buckets()),
            _ => drop(client.download("f", &TempDir::new().join("f"))),
        }
        for request in proxy.received() {
            let target = request.line.split(' ').nth(1).unwrap();
            assert!(request.line.starts_with("CONNECT "), "{}", request.line);
            assert!(hosts.contains(&target), "{target}");
        }
    }
}

/// Whoever speaks HTTP drops default ports and writes hosts in lower case; the service signs what
/// it is sent.
#[test]
fn default_ports_and_capitals_are_dropped_before_signing() {
    for (endpoint, addressing, host) in [
        (
            "http://COS.Example.invalid:80",
            "host",
            "testbucket-10000001.cos.example.invalid",
        ),
        ("http://cos.example.invalid.", "path", "cos.example.invalid"),
        (
            "http://CDN.example.invalid:080/",
            "domain",
            "cdn.example.invalid",
        ),
        (
            "HTTP://cdn.example.invalid:443/",
            "domain",
            "cdn.example.invalid:443",
        ),
        ("http://[0:0::1]:80", "path", "[::1]"),
        ("http://[::1]:81", "path", "[::1]:81"),
    ] {
        let proxy = proxy(|_| b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n".to_vec());
        let options = json!({"api": "xml", "region": "ap-x", "endpoint": endpoint,
            "addressing": addressing});
        let client = client(&proxy, &options);
        ok(client.set_acl("f", "private"));
        let received = proxy.received();
        let request = received
            .iter()
            .find(|r| !r.line.starts_with("CONNECT "))
            .unwrap();
        assert_eq!(request.header("host"), host, "{endpoint}");
        let mut plain = request.clone();
        // A proxy may be told the whole URL.
        if let Some((_, rest)) = request.line.split_once("://") {
            let path = &rest[rest.find('/').unwrap()..];
            plain.line = format!("PUT {path}");
        }
        // Panics unless the signature is over just these headers.
        xml_signature::in_header(&plain, request.header("authorization"));
        let url = ok(client.download_url("f", 60))["data"]["url"].clone();
        let begins = format!("http://{host}/");
        assert!(url.as_str().unwrap().starts_with(&begins), "{url}");
    }
    let url = |options: Value| {
        let client = client(&proxy(buckets), &options);
        ok(client.download_url("f", 60))["data"]["url"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (options, begins) in [
        (
            json!({"endpoint": "http://H.invalid:80"}),
            "http://h.invalid/testbucket-10000001/f?",
        ),
        (
            json!({"endpoint": "https://WEB.file.myqcloud.com:443/files/v1/"}),
            "https://testbucket-10000001.file.myqcloud.com/f?",
        ),
        (
            json!({"download_endpoint": "HTTPS://Cdn.Example.invalid.:443/A"}),
            "https://cdn.example.invalid/A/testbucket-10000001/f?",
        ),
    ] {
        let url = url(options);
        assert!(url.starts_with(begins), "{url}");
    }
}

/// An upload is gone on with, however its endpoint is spelt.
#[test]
fn a_checkpoint_is_found_by_any_spelling_of_its_endpoint() {
    let folder = TempDir::new();
    let file = folder.file("f", &noise(3 << 20, 1));
    let begun = |request: &Received| match request.line.contains("?uploads") {
        true => http(
            200,
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
        ),
        false => http(403, "<Error><Code>AccessDenied</Code></Error>"),
    };
    let proxy = proxy(begun);
    for endpoint in [
        "http://cos.example.invalid",
        "http://COS.Example.invalid.:80/",
    ] {
        let options = json!({"api": "xml", "region": "ap-x", "endpoint": endpoint,
            "checkpoint_dir": folder.join("checkpoints").to_str().unwrap(), "overwrite": true});
        std::fs::create_dir_all(folder.join("checkpoints")).unwrap();
        let reply = client(&proxy, &options).upload_slice(&file, "f", 1 << 20, "", &mut |_, _| 0);
        assert_ne!(code(&reply), 0);
    }
    let begun = proxy.received();
    let begun = begun.iter().filter(|r| r.line.contains("?uploads"));
    assert_eq!(begun.count(), 1);
}
