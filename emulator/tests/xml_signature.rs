//! Signatures of the XML API: the notes' vectors (xml-api.md §1.4) as real requests, and what is
//! refused.

mod common;

use common::Emulator;
use common::sign::now;
use common::xml::Ask;

#[test]
fn what_is_refused() {
    let emulator = Emulator::start(&[]);
    let ask = Ask::new("PUT", "/a")
        .header("Content-Type", "text/x")
        .body(b"x");
    let sign = ask.sign();
    ask.send_signed(&emulator, &sign).is(200);
    // Anything that was signed, changed.
    let mut other = ask.clone();
    other.path = "/b".to_owned();
    other
        .send_signed(&emulator, &sign)
        .xml_error(403, "SignatureDoesNotMatch");
    let mut other = ask.clone();
    other.method = "POST".to_owned();
    other
        .send_signed(&emulator, &sign)
        .xml_error(403, "SignatureDoesNotMatch");
    let mut other = ask.clone();
    other.headers[0].1 = "text/y".to_owned();
    other
        .send_signed(&emulator, &sign)
        .xml_error(403, "SignatureDoesNotMatch");
    let mut other = ask.clone();
    other.host = "other-10000001.cos.ap-guangzhou.myqcloud.com".to_owned();
    other
        .send_signed(&emulator, &sign)
        .xml_error(403, "SignatureDoesNotMatch");

    let mut unknown = ask.clone();
    unknown.secret_id = "NOBODY".to_owned();
    unknown.send(&emulator).xml_error(403, "InvalidAccessKeyId");
    let mut wrong = ask.clone();
    wrong.secret_key = "guessed".to_owned();
    wrong
        .send(&emulator)
        .xml_error(403, "SignatureDoesNotMatch");
    for (start, end) in [(0, now() - 5), (now() + 100, now() + 200)] {
        let mut late = ask.clone();
        late.key_time = format!("{start};{end}");
        let refused = late.send(&emulator);
        refused.xml_error(403, "AccessDenied");
        assert_eq!(
            refused.node("Message").as_deref(),
            Some("Request has expired")
        );
    }
    for text in [
        "q-sign-algorithm=sha1",
        &sign.replace("q-sign-algorithm=sha1", "q-sign-algorithm=sha256"),
        &sign.replace("q-key-time=", "q-key-time=x"),
    ] {
        ask.send_signed(&emulator, text)
            .xml_error(403, "AccessDenied");
    }
    // Nobody may write or delete, nor see what is being written and who may.
    for ask in [
        Ask::new("PUT", "/a").body(b"x"),
        Ask::new("DELETE", "/a"),
        Ask::new("GET", "/").query("location", ""),
        Ask::new("POST", "/a").query("uploads", ""),
        Ask::new("GET", "/a").query("acl", ""),
    ] {
        ask.anonymous(&emulator).xml_error(403, "AccessDenied");
    }
    // But read and list what all may read.
    Ask::new("GET", "/a").anonymous(&emulator).is(200);
    Ask::new("GET", "/").anonymous(&emulator).is(200);
    let emulator = emulator.kill_and_restart(&["--private"]);
    Ask::new("GET", "/")
        .anonymous(&emulator)
        .xml_error(403, "AccessDenied");
    Ask::new("GET", "/a")
        .anonymous(&emulator)
        .xml_error(403, "AccessDenied");
    Ask::new("GET", "/none")
        .anonymous(&emulator)
        .xml_error(403, "AccessDenied");
    let acl = |acl: &str| {
        let ask = Ask::new("PUT", "/a")
            .query("acl", "")
            .header("x-cos-acl", acl);
        ask.send(&emulator).is(200);
        Ask::new("GET", "/a").anonymous(&emulator).status
    };
    assert_eq!((acl("public-read"), acl("default")), (200, 403));
}

#[test]
fn hosts_with_and_without_port() {
    let emulator = Emulator::start(&[]);
    emulator.put_object("/a", b"x").is(200);
    for signed in [
        "testbucket-10000001.localhost:9000",
        "testbucket-10000001.localhost",
    ] {
        let sign = Ask::new("GET", "/a").host(signed).sign();
        let ask = Ask::new("GET", "/a").host("testbucket-10000001.localhost:9000");
        ask.send_signed(&emulator, &sign).is(200);
    }
    // Path style signs the path as it is sent.
    Ask::new("GET", "/testbucket-10000001/a")
        .host(&emulator.address)
        .send(&emulator)
        .is(200);
}

#[test]
fn security_tokens() {
    let emulator = Emulator::start(&["--security-token", "token+/="]);
    let put = Ask::new("PUT", "/a").body(b"x");
    put.send(&emulator).xml_error(403, "InvalidAccessKeyId");
    let with = |token: &str| put.clone().header("x-cos-security-token", token);
    with("other").send(&emulator).xml_error(403, "AccessDenied");
    with("token+/=").send(&emulator).is(200);
    let get = Ask::new("GET", "/a").query("x-cos-security-token", "token+/=");
    get.send(&emulator).is(200);
    // A token that is signed cannot be another.
    let sign = with("token+/=").sign();
    with("x")
        .send_signed(&emulator, &sign)
        .xml_error(403, "SignatureDoesNotMatch");
}
