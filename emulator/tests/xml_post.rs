//! POST Object: objects by forms (xml-api.md §1.5), and what their policies forbid.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use serde_json::json;
use sha1::Digest;

use common::Emulator;
use common::http::{Form, Reply, request};
use common::post::Post;
use common::sign::{now, sha1};
use common::xml::{Ask, HOST, assert_is, full_bucket, md5_hex};

#[test]
fn a_form_uploads_an_object() {
    let emulator = Emulator::start(&[]);
    let content = common::noise(700_000, 1);
    let reply = Post::new("图/a b", &content).send(&emulator);
    reply.is(204);
    assert_eq!(
        reply.header("etag").unwrap(),
        format!("\"{}\"", md5_hex(&content))
    );
    let location = format!("http://{HOST}/%E5%9B%BE/a%20b");
    assert_eq!(reply.header("location"), Some(location.as_str()));
    let object = emulator.get_object("/图/a b");
    assert_is(&object, &content);
    // Never the browser's own word for it.
    assert_eq!(
        object.header("content-type"),
        Some("application/octet-stream")
    );

    let mut path_style = Post::new("b.png", b"b");
    path_style.host = emulator.address.clone();
    path_style.target = format!("/{}/", full_bucket());
    let reply = path_style.send(&emulator);
    let location = format!("{}/{}/b.png", emulator.url, full_bucket());
    assert_eq!(reply.is(204).header("location"), Some(location.as_str()));
    let object = emulator.get_object("/b.png");
    assert_is(&object, b"b");
    assert_eq!(object.header("content-type"), Some("image/png"));
    Post::new("empty", b"").send(&emulator).is(204);
    assert_is(&emulator.get_object("/empty"), b"");
}

#[test]
fn fields_become_the_objects_headers() {
    let emulator = Emulator::start(&["--private"]);
    let reply = Post::new("in/${filename}", b"x")
        .field("acl", "public-read")
        .field("Cache-Control", "max-age=86400")
        .field("Content-Disposition", "attachment; filename=example.jpg")
        .field("Content-Type", "image/jpeg")
        .field("x-cos-meta-example-field", "example-value")
        .field("Content-MD5", &STANDARD.encode(Md5::digest(b"x")))
        .field("x-cos-server-side-encryption", "AES256")
        .field("unknown", "is ignored")
        .condition(json!({"acl": "public-read"}))
        .condition(json!(["starts-with", "$key", "in/"]))
        .condition(json!([
            "eq",
            "$Content-Disposition",
            "attachment; filename=example.jpg"
        ]))
        .condition(json!(["starts-with", "$Content-Type", "image/"]))
        .condition(json!(["eq", "$x-cos-meta-example-field", "example-value"]))
        .condition(json!(["eq", "$x-cos-server-side-encryption", "AES256"]))
        .condition(json!(["content-length-range", 1, 1]))
        .send(&emulator);
    reply.is(204);
    assert_eq!(reply.header("x-cos-server-side-encryption"), Some("AES256"));
    let object = Ask::new("GET", "/in/photo.jpg").anonymous(&emulator);
    assert_is(&object, b"x");
    for (name, value) in [
        ("cache-control", "max-age=86400"),
        ("content-disposition", "attachment; filename=example.jpg"),
        ("content-type", "image/jpeg"),
        ("x-cos-meta-example-field", "example-value"),
        ("x-cos-server-side-encryption", "AES256"),
    ] {
        assert_eq!(object.header(name), Some(value));
    }
}

#[test]
fn success_is_told_as_the_form_asks() {
    let emulator = Emulator::start(&[]);
    for (status, expected) in [("200", 200), ("201", 201), ("204", 204)] {
        let post = Post::new("s", b"x").field("success_action_status", status);
        let reply = post
            .condition(json!({"success_action_status": status}))
            .send(&emulator);
        assert!(reply.is(expected).body.is_empty());
    }
    for (url, sign) in [
        ("https://my.website/upload_success.html", '?'),
        ("https://my.website/?from=form", '&'),
    ] {
        let reply = Post::new("dir/s s", b"x")
            .field("success_action_redirect", url)
            .field("success_action_status", "200")
            .condition(json!([
                "starts-with",
                "$success_action_redirect",
                "https://my.website/"
            ]))
            .send(&emulator);
        let location = format!(
            "{url}{sign}bucket={}&key=dir/s%20s&etag=%22{}%22",
            full_bucket(),
            md5_hex(b"x")
        );
        assert_eq!(reply.is(303).header("location"), Some(location.as_str()));
    }
    Post::new("a", b"x")
        .field("success_action_status", "202")
        .refused(&emulator, 400, "InvalidArgument", "success_action_status");
    Post::new("a", b"x")
        .field("success_action_redirect", "javascript:alert(1)")
        .refused(&emulator, 400, "InvalidArgument", "success_action_redirect");
}

#[test]
fn what_a_policy_does_not_allow_is_refused() {
    let emulator = Emulator::start(&[]);
    let post = Post::new("a", b"four");
    for (condition, status, code, said) in [
        (json!({"key": "b"}), 403, "AccessDenied", "key"),
        (json!(["eq", "$key", "b"]), 403, "AccessDenied", "key"),
        (
            json!(["starts-with", "$key", "b"]),
            403,
            "AccessDenied",
            "key",
        ),
        (
            json!({"bucket": "testbucket"}),
            403,
            "AccessDenied",
            "bucket",
        ),
        (json!({"acl": "default"}), 403, "AccessDenied", "acl"),
        (
            json!({"Content-Type": "x/y"}),
            403,
            "AccessDenied",
            "content-type",
        ),
        (json!({"q-ak": "other"}), 403, "AccessDenied", "q-ak"),
        (
            json!({"q-sign-time": "1;2"}),
            403,
            "AccessDenied",
            "q-sign-time",
        ),
        (
            json!(["content-length-range", 0, 3]),
            400,
            "EntityTooLarge",
            "content-length-range",
        ),
        (
            json!(["content-length-range", 5, 9]),
            400,
            "EntityTooSmall",
            "content-length-range",
        ),
        (
            json!(["content-length-range", "0", 9]),
            400,
            "MalformedPolicy",
            "range",
        ),
        (
            json!(["starts-with", "$bucket", ""]),
            400,
            "MalformedPolicy",
            "bucket",
        ),
        (json!(["eq", "key", "a"]), 400, "MalformedPolicy", "field"),
        (
            json!(["is", "$key", "a"]),
            400,
            "MalformedPolicy",
            "operator",
        ),
        (json!(["eq", "$key"]), 400, "MalformedPolicy", "three"),
        (json!({"key": 1}), 400, "MalformedPolicy", "text"),
        (json!("key"), 400, "MalformedPolicy", "condition"),
    ] {
        let asked = post.clone().condition(condition);
        asked.refused(&emulator, status, code, said);
    }
    let mut late = post.clone();
    late.expiration = "2019-08-30T09:38:12.414Z".to_owned();
    late.refused(&emulator, 403, "AccessDenied", "Policy has expired");
    late.expiration = "tomorrow".to_owned();
    late.refused(&emulator, 400, "MalformedPolicy", "expiration");
    // A body much larger than what is allowed is not kept.
    let large = Post::new("a", &common::noise(3_000_000, 2));
    large
        .condition(json!(["content-length-range", 0, 1000]))
        .refused(&emulator, 400, "EntityTooLarge", "content-length-range");
    // The same without its conditions.
    post.send(&emulator).is(204);
}

#[test]
fn what_is_not_signed_is_refused() {
    let emulator = Emulator::start(&[]);
    let post = Post::new("a", b"x");
    let mut other = post.clone();
    other.secret.1 = "guessed".to_owned();
    other.refused(&emulator, 403, "SignatureDoesNotMatch", "Signature");
    other.secret.0 = "NOBODY".to_owned();
    other.refused(&emulator, 403, "InvalidAccessKeyId", "");
    let mut late = post.clone();
    late.key_time = format!("1;{}", now() - 5);
    late.refused(&emulator, 403, "AccessDenied", "Request has expired");

    let policy = post.policy();
    let signature = post.signed(&policy);
    // Another policy with the same signature.
    let wider = post.clone().condition(json!(["starts-with", "$key", ""]));
    let mut forged = signature.clone();
    forged[0].1 = STANDARD.encode(wider.policy());
    let reply = post.send_form(&emulator, &post.form(&forged));
    reply.xml_error(403, "SignatureDoesNotMatch");
    let expected = sha1(wider.policy().as_bytes());
    assert_eq!(reply.node("StringToSign"), Some(expected));
    for left_out in 0..signature.len() {
        let mut some = signature.clone();
        let (name, _) = some.remove(left_out);
        let reply = post.send_form(&emulator, &post.form(&some));
        reply.xml_error(403, "AccessDenied");
        assert!(reply.node("Message").unwrap().contains(&name));
    }
    for (name, value, status, code) in [
        ("policy", "no Base64!", 400, "MalformedPolicy"),
        ("q-sign-algorithm", "sha256", 403, "AccessDenied"),
        ("q-key-time", "now", 403, "AccessDenied"),
        ("q-signature", "0", 403, "SignatureDoesNotMatch"),
    ] {
        let mut wrong = signature.clone();
        let pair = wrong.iter_mut().find(|(given, _)| given == name).unwrap();
        value.clone_into(&mut pair.1);
        let reply = post.send_form(&emulator, &post.form(&wrong));
        reply.xml_error(status, code);
    }
    // A policy of another account's making, with what every policy must say left out.
    for text in [
        "{}",
        r#"{"expiration":"2099-01-01T00:00:00Z","conditions":[]}"#,
        "[]",
        "x",
    ] {
        let reply = post.send_form(&emulator, &post.form(&post.signed(text)));
        assert!([400, 403].contains(&reply.status), "{}", reply.text());
    }
    emulator.get_object("/a").xml_error(404, "NoSuchKey");
}

#[test]
fn what_is_no_whole_form_is_refused() {
    let emulator = Emulator::start(&[]);
    let post = Post::new("a", b"x");
    let signature = post.signed(&post.policy());
    let form = post.form(&signature);
    let mut without = form.clone();
    without.parts.pop();
    let reply = post.send_form(&emulator, &without);
    reply.xml_error(400, "InvalidArgument");
    assert!(reply.node("Message").unwrap().contains("file"));
    let mut without = form.clone();
    without.parts.remove(0);
    let reply = post.send_form(&emulator, &without);
    reply.xml_error(400, "InvalidArgument");
    assert!(reply.node("Message").unwrap().contains("key"));
    // All that counts comes before the file.
    let mut turned = form.clone();
    turned.parts.rotate_right(1);
    let reply = post.send_form(&emulator, &turned);
    assert!([400, 403].contains(&reply.status), "{}", reply.text());

    let (content_type, body) = (form.content_type(), form.body());
    let headers = [("Host", HOST), ("Content-Type", content_type.as_str())];
    let cut = &body[..body.len() - 10];
    let reply = request(&emulator.address, "POST", "/", &headers, cut);
    reply.xml_error(400, "IncompleteBody");
    let large = Form::new(&[("x", &"x".repeat(2 << 20))]).body();
    let reply = request(&emulator.address, "POST", "/", &headers, &large);
    reply.xml_error(400, "MalformedPOSTRequest");
    // No form at all, and one to an object.
    let plain = [("Host", HOST), ("Content-Type", "text/plain")];
    let reply = request(&emulator.address, "POST", "/", &plain, b"x");
    assert!([403, 405].contains(&reply.status), "{}", reply.text());
    let reply = request(&emulator.address, "POST", "/a", &headers, &body);
    assert!([403, 405].contains(&reply.status), "{}", reply.text());
    emulator.get_object("/a").xml_error(404, "NoSuchKey");
    request(&emulator.address, "POST", "/", &headers, &body).is(204);
}

#[test]
fn keys_have_their_rights() {
    let wrong_digest =
        Post::new("a", b"x").field("Content-MD5", &STANDARD.encode(Md5::digest(b"y")));
    wrong_digest.refused(&Emulator::start(&[]), 400, "BadDigest", "MD5");
    let may_put = Emulator::start(&[
        "--allow",
        "name/cos:PutObject",
        "--allow",
        "name/cos:GetObject",
    ]);
    Post::new("a", b"x").refused(&may_put, 403, "AccessDenied", "");
    let may_post = Emulator::start(&["--allow", "name/cos:PostObject"]);
    Post::new("a", b"x").send(&may_post).is(204);
    let with_token = Emulator::start(&["--security-token", "T"]);
    let post = Post::new("a", b"x");
    post.send(&with_token).xml_error(403, "InvalidAccessKeyId");
    let wrong = post.clone().field("x-cos-security-token", "U");
    wrong.send(&with_token).xml_error(403, "AccessDenied");
    post.field("x-cos-security-token", "T")
        .send(&with_token)
        .is(204);
}

#[test]
fn versions_and_buckets_are_as_for_other_uploads() {
    let emulator = Emulator::start(&["--bucket", "testbucket"]);
    emulator.set_versioning("Enabled");
    let first = Post::new("v", b"1").send(&emulator);
    let second = Post::new("v", b"2").send(&emulator);
    let version = |reply: &Reply| reply.is(204).header("x-cos-version-id").map(str::to_owned);
    assert!(version(&first).is_some() && version(&first) != version(&second));
    let mut nowhere = Post::new("v", b"1");
    nowhere.host = HOST.replace("testbucket", "nobucket");
    nowhere.conditions.clear();
    nowhere.send(&emulator).xml_error(404, "NoSuchBucket");
    let name = emulator.last_request();
    assert_eq!(name["op"], "post_object", "{name}");
}
