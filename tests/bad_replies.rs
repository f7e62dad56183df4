//! Replies that no service should give: each is QCOS_ERR_NETWORK, soon, and never a success.

mod common;

use common::emulator::SECRET_KEY;
use common::library::{Client, code, kind, message};
use common::listener::{Listener, http};
use common::{TempDir, noise};
use serde_json::{Value, json};

fn stat(reply: Vec<u8>) -> Value {
    let listener = Listener::answering(move |_, _| reply.clone());
    let client = Client::open_with(&listener.url, json!({"retries": 0}));
    client.stat_file("a")
}

#[track_caller]
fn is_bad(reply: &Value, httpcode: u64) {
    assert_eq!((code(reply), kind(reply)), (-2, "bad_reply"), "{reply}");
    assert_eq!(reply["httpcode"], httpcode, "{reply}");
}

#[test]
fn what_is_not_the_services_json_is_a_bad_reply() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_data = format!(r#"{{"code":0,"data":{}}}"#, r#"{"a":"#.repeat(100_000));
    for body in [
        "",
        "null",
        "[]",
        "0",
        "\"text\"",
        "{",
        "{}",
        r#"{"code":0"#,
        r#"{"code":0}}"#,
        r#"{"code":"0"}"#,
        r#"{"code":null}"#,
        r#"{"code":0.5}"#,
        r#"{"code":1e20}"#,
        r#"{"code":99999999999999999999}"#,
        r#"{"code":false}"#,
        r#"{"code":0,"message":7}"#,
        r#"{"code":0,"message":["SUCCESS"]}"#,
        r#"{"code":0,"data":[]}"#,
        r#"{"code":0,"data":"x"}"#,
        r#"{"code":0,"data":{"filesize":-1}}"#,
        r#"{"code":0,"data":{"filesize":"many"}}"#,
        r#"{"code":0,"data":{"ctime":{}}}"#,
        r#"{"code":0,"message":"\ud800"}"#,
        "\u{feff}{\"code\":0}",
        "{\"code\":0}\0",
        "<html><body>502 Bad Gateway</body></html>",
        &deep,
        &deep_data,
    ] {
        is_bad(&stat(http(200, body)), 200);
        is_bad(&stat(http(400, body)), 400);
    }
    let mut binary = http(200, "xxxx");
    let end = binary.len();
    binary[end - 4..].copy_from_slice(&[0xff, 0xfe, 0, 7]);
    is_bad(&stat(binary), 200);
    // The service says that it failed and that it did not.
    is_bad(&stat(http(404, r#"{"code":0}"#)), 404);
}

#[test]
fn a_gateways_page_keeps_its_status_and_a_printable_excerpt() {
    let page = format!(
        "<html>\r\n<title>\u{1b}[31mBad\0Gateway</title>{}",
        "x".repeat(9999)
    );
    let reply = stat(http(502, &page));
    assert_eq!((code(&reply), kind(&reply)), (-2, "http_status"));
    assert_eq!(reply["httpcode"], 502);
    assert_eq!(reply["error"]["retryable"], true);
    let message = message(&reply);
    assert!(message.contains("502") && message.contains("[31mBad Gateway"));
    assert!(
        message.len() < 400 && !message.chars().any(char::is_control),
        "{message:?}"
    );
}

#[test]
fn a_services_refusal_is_passed_on_as_it_came() {
    let body = r#"{"code":-5997,"message":"后端网络错误","data":{"left":1},"request_id":"NTg="}"#;
    let reply = stat(http(400, body));
    assert_eq!(code(&reply), -5997);
    assert_eq!(message(&reply), "后端网络错误");
    assert_eq!(reply["httpcode"], 400);
    assert_eq!(reply["data"], json!({"left": 1}));
    assert_eq!(reply["request_id"], "NTg=");
    assert_eq!(reply["error"]["name"], "SERVICE");
    assert_eq!(reply["error"]["kind"], "service");
}

#[test]
fn a_reply_larger_than_its_cap_is_not_read_to_its_end() {
    // 1 MiB for a stat; the declared gigabytes never come, and are not waited for.
    let mut endless = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n".to_vec();
    endless.resize(endless.len() + (1 << 20) + 1, b' ');
    let reply = stat(endless);
    is_bad(&reply, 200);
    assert!(message(&reply).contains("1048576"));

    let list = |padding: usize| {
        let body = format!(
            r#"{{"code":0,"data":{{"has_more":false,"infos":[]}}}}{}"#,
            " ".repeat(padding)
        );
        let listener = Listener::answering(move |_, _| http(200, &body));
        Client::open(&listener.url).list("", 0, "eListBoth", 0, "")
    };
    assert_eq!(code(&list(2 << 20)), 0);
    is_bad(&list(16 << 20), 200);
}

#[test]
fn a_reply_cut_anywhere_is_never_a_success() {
    let whole = http(
        200,
        r#"{"code":0,"message":"SUCCESS","data":{"filesize":5}}"#,
    );
    for length in 0..whole.len() {
        let reply = stat(whole[..length].to_vec());
        assert_eq!(code(&reply), -2, "cut at {length}: {reply}");
        assert!(["reset", "bad_reply"].contains(&kind(&reply)), "{reply}");
    }
    assert_eq!(code(&stat(whole)), 0);
}

#[test]
fn answers_that_are_not_http_are_bad_replies() {
    for reply in [
        &b"SSH-2.0-OpenSSH_9.2\r\n"[..],
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ] {
        let reply = stat(reply.to_vec());
        assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
    }
}

#[test]
fn redirects_are_not_followed() {
    let trap = Listener::replying(r#"{"code":0}"#);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/x?secret=1", trap.url);
        let reply = stat(
            format!("HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
                .into_bytes(),
        );
        assert_eq!((code(&reply), kind(&reply)), (-2, "redirect"), "{reply}");
        assert_eq!(reply["httpcode"], status);
        assert!(message(&reply).contains("127.0.0.1") && !message(&reply).contains("secret"));
    }
    assert_eq!(trap.connections(), 0);
}

/// A service that repeats what it was sent must not bring secrets into messages.
#[test]
fn an_echoed_signature_is_not_in_the_message() {
    let listener = Listener::answering(|_, request| http(403, request.header("authorization")));
    let client = Client::open(&listener.url);
    let reply = client.stat_file("a");
    let sent = listener.received()[0].header("authorization").to_owned();
    let text = reply.to_string();
    assert!(
        !text.contains(&sent[..40]) && !text.contains(SECRET_KEY),
        "{text}"
    );
}

#[test]
fn lists_of_the_wrong_shape_are_bad_replies() {
    for data in [
        "{}",
        r#"{"has_more":"true","infos":[]}"#,
        r#"{"has_more":false,"infos":null}"#,
        r#"{"has_more":false,"infos":[1]}"#,
        r#"{"has_more":false,"infos":[{}]}"#,
        r#"{"has_more":false,"infos":[{"name":1}]}"#,
        r#"{"has_more":false,"infos":[],"context":5}"#,
        r#"{"has_more":false,"infos":[],"filecount":-1}"#,
    ] {
        let body = format!(r#"{{"code":0,"data":{data}}}"#);
        let listener = Listener::answering(move |_, _| http(200, &body));
        let client = Client::open_with(&listener.url, json!({"retries": 0}));
        is_bad(&client.list("", 0, "eListBoth", 0, ""), 200);
        is_bad(&client.prefix_search("", "a", 0, ""), 200);
    }
}

/// None of these may loop for ever, fill the memory, or skip a byte.
#[test]
fn control_replies_that_make_no_sense_end_the_upload() {
    let files = TempDir::new();
    let file = files.file("f", &noise(1_500_000, 2));
    for data in [
        "{}",
        r#"{"session":""}"#,
        r#"{"session":7}"#,
        r#"{"session":"s","slice_size":0}"#,
        r#"{"session":"s","slice_size":-1}"#,
        r#"{"session":"s","slice_size":1}"#,
        r#"{"session":"s","slice_size":1152921504606846976}"#,
        r#"{"session":"s","slice_size":1.5}"#,
        r#"{"session":"s","slice_size":524288,"offset":1}"#,
        r#"{"session":"s","slice_size":524288,"offset":-524288}"#,
        r#"{"session":"s","slice_size":524288,"offset":1500000}"#,
        r#"{"session":"s","slice_size":524288,"offset":1572864}"#,
        r#"{"session":"s","slice_size":524288,"offset":{}}"#,
    ] {
        let body = format!(r#"{{"code":0,"data":{data}}}"#);
        let listener = Listener::answering(move |_, _| http(200, &body));
        let client = Client::open_with(&listener.url, json!({"retries": 0}));
        let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
        assert_eq!(
            (code(&reply), kind(&reply)),
            (-2, "bad_reply"),
            "{data}: {reply}"
        );
        assert_eq!(listener.received().len(), 1, "{data}");
    }
}
