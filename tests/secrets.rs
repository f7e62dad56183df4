//! A service that repeats secrets: whatever it makes of them, no reply tells them, and none takes long.

mod common;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::emulator::{SECRET_ID, SECRET_KEY};
use common::library::{Client, code, kind, message};
use common::listener::{Listener, Received, http};
use common::trace::Told;
use serde_json::{Value, json};

/// Far less than anything that is not linear takes.
const SOON: Duration = Duration::from_secs(60);

/// The outcome of a call that must end soon. One that does not is left behind.
#[track_caller]
fn soon(call: impl FnOnce() -> Value + Send + 'static) -> Value {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(call()));
    let outcome = receiver.recv_timeout(SOON);
    outcome.expect("the call ends soon")
}

fn speaking_xml(url: &str, token: &str) -> Client {
    Client::speaking("xml", url, json!({"security_token": token, "retries": 0}))
}

fn refusal(name: &str, message: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8' ?><Error><Code>{name}</Code><Message>{message}</Message>\
         <RequestId>{name}</RequestId><TraceId>{message}</TraceId></Error>"
    )
}

fn list(url: String, token: &'static str) -> impl FnOnce() -> Value + Send + 'static {
    move || speaking_xml(&url, token).list("", 0, "eListBoth", 0, "")
}

#[test]
fn a_token_of_a_letter_neither_hangs_a_call_nor_makes_noise() {
    for (token, said, expected) in [
        ("a", "access to data denied", "access to data denied"),
        ("a", "token: a", "token: (token)"),
        ("1", "part 1 of 11", "part (token) of 11"),
        ("(", "a (b)", "a (b)"),
        ("token", "bad token", "bad (token)"),
        ("signature", "a signature", "a (token)"),
    ] {
        let body = refusal("AccessDenied", said);
        let listener = Listener::answering(move |_, _| http(403, &body));
        let reply = soon(list(listener.url.clone(), token));
        assert_eq!(code(&reply), -289, "{reply}");
        assert_eq!(message(&reply), expected, "{token}");
        assert_eq!(reply["error"]["service_code"], "AccessDenied");
    }
    // Answers that are no refusals are not changed at all.
    let page = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/a a</Key>\
                <Size>1</Size></Contents></ListBucketResult>";
    let listener = Listener::answering(move |_, _| http(200, page));
    let reply = soon(list(listener.url.clone(), "a"));
    assert_eq!(reply["data"]["infos"][0]["name"], "a/a a", "{reply}");
}

#[test]
fn an_answer_as_large_as_any_is_searched_soon() {
    const LARGE: usize = 15 << 20;
    // Found everywhere, and begun everywhere without being there.
    for token in ["token-of-a-session", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"] {
        let text = match token.starts_with('a') {
            true => "a".repeat(LARGE),
            false => token.repeat(LARGE / token.len()),
        };
        let body = format!("<Error><Code>AccessDenied</Code><Message>{text}</Message></Error>");
        let answer = http(403, &body);
        let listener = Listener::answering(move |_, _| answer.clone());
        let reply = soon(list(listener.url.clone(), token));
        assert_eq!(code(&reply), -289);
        assert!(!message(&reply).contains(token));
    }
    // The same of a JSON answer that repeats its signature.
    let listener = Listener::answering(|_, request| {
        let signature = request.header("authorization");
        let text = signature.repeat(LARGE / signature.len());
        http(400, &json!({"code": -97, "message": text}).to_string())
    });
    let url = listener.url.clone();
    let reply = soon(move || Client::open(&url).list("", 0, "eListBoth", 0, ""));
    assert_eq!((code(&reply), message(&reply)), (-97, "(signature)"));
}

const TOKEN: &str = "Token+of/a==session";

/// What a request had that nobody else may know.
fn secrets(request: &Received) -> Vec<String> {
    let authorization = request.header("authorization").to_owned();
    let digits = authorization.rsplit_once("q-signature=");
    let digits = digits.map(|(_, digits)| digits.to_owned());
    let known = [TOKEN, SECRET_ID, SECRET_KEY].map(str::to_owned);
    known
        .into_iter()
        .chain([authorization])
        .chain(digits)
        .collect()
}

#[track_caller]
fn tells_nothing(reply: &Value, listener: &Listener) {
    assert_ne!(code(reply), 0, "{reply}");
    hides(&reply.to_string(), listener);
}

#[track_caller]
fn hides(text: &str, listener: &Listener) {
    for request in listener.received() {
        for secret in secrets(&request) {
            let percent = |text: &str| text.replace('+', "%2B").replace('/', "%2F");
            for spelling in [
                secret.clone(),
                percent(&secret),
                percent(&secret).replace('=', "%3D").to_lowercase(),
                secret.replace('/', "\\/"),
                secret.replace('&', "&amp;"),
                secret[..secret.len().min(16)].to_owned(),
            ] {
                assert!(!text.contains(&spelling), "{spelling}: {text}");
            }
        }
    }
}

/// Every text that an answer can bring into a reply: messages, names, ids, headers, pages.
#[test]
fn no_text_of_an_answer_tells_a_secret() {
    type Spell = fn(&str) -> String;
    let spellings: [Spell; 5] = [
        |text| text.to_owned(),
        |text| {
            let escaped = text.replace('+', "%2B").replace('/', "%2F");
            escaped.replace('=', "%3d").replace('&', "%26")
        },
        |text| text.replace('/', "\\/"),
        |text| text.replace('&', "&amp;").replace('/', "&#x2F;"),
        |text| text.replace('/', "%252F").replace('=', "%253D"),
    ];
    for spell in spellings {
        for place in 0..6 {
            let answer = move |_: usize, request: &Received| {
                let said: Vec<String> = secrets(request).iter().map(|s| spell(s)).collect();
                let said = said.join(" ");
                let escaped = said.replace('&', "&amp;").replace('<', "&lt;");
                let head = |status: u16, line: &str| {
                    let head = format!("HTTP/1.1 {status} X\r\n{line}\r\nContent-Length: 0\r\n");
                    format!("{head}Connection: close\r\n\r\n").into_bytes()
                };
                match place {
                    0 => http(403, &refusal(&escaped, "no")),
                    1 => http(403, &refusal("AccessDenied", &escaped)),
                    2 => http(502, &format!("<html>{said}")),
                    3 => http(200, &said),
                    4 => head(
                        403,
                        &format!("x-cos-request-id: {said}\r\nx-cos-trace-id: {said}"),
                    ),
                    _ => {
                        let host = spell(TOKEN).replace(['+', '/', '=', '%', '\\', '&', ';'], ".");
                        head(302, &format!("Location: https://{host}/?{said}"))
                    }
                }
            };
            let listener = Listener::answering(answer);
            let client = speaking_xml(&listener.url, TOKEN);
            let told = Told::by(&client);
            for reply in [
                client.list("", 0, "eListBoth", 0, ""),
                client.stat_file("f"),
            ] {
                tells_nothing(&reply, &listener);
            }
            let events = told.take();
            assert!(events.len() >= 2, "{events:?}");
            hides(&json!(events).to_string(), &listener);
        }
        let listener = Listener::answering(move |_, request| {
            // This API knows no tokens.
            let said = secrets(request)
                .into_iter()
                .filter(|secret| secret != TOKEN);
            let said: Vec<String> = said.map(|secret| spell(&secret)).collect();
            let data = json!({"a": [said[0], {"b": said[2]}], (said[2].as_str()): 1});
            let reply = json!({"code": -97, "message": said.join(" "), "request_id": said[2], "data": data});
            http(400, &reply.to_string())
        });
        let client = Client::open(&listener.url);
        let told = Told::by(&client);
        tells_nothing(&client.stat_file("f"), &listener);
        hides(&json!(told.take()).to_string(), &listener);
    }
}

/// A success tells the number of the request, and the service's message.
#[test]
fn a_success_tells_none_either() {
    let listener = Listener::answering(|_, request| {
        let said = secrets(request).join(" ");
        let head = "HTTP/1.1 200 X\r\nETag: \"1\"\r\nContent-Length: 0\r\nConnection: close\r\n";
        format!("{head}x-cos-request-id: {said}\r\n\r\n").into_bytes()
    });
    let client = speaking_xml(&listener.url, TOKEN);
    let told = Told::by(&client);
    let reply = client.stat_file("f");
    let expected = "(token) (secret id) (secret key) (signature) (signature)";
    assert_eq!((code(&reply), &reply["request_id"]), (0, &json!(expected)));
    assert_eq!(told.take()[0]["request_id"], expected);
    let listener = Listener::answering(|_, request| {
        let said = request.header("authorization");
        let reply = json!({"code": 0, "message": said, "request_id": said, "data": {"name": said}});
        http(200, &reply.to_string())
    });
    let reply = Client::open(&listener.url).stat_file("f");
    assert_eq!(code(&reply), 0, "{reply}");
    for told in [
        &reply["message"],
        &reply["request_id"],
        &reply["data"]["name"],
    ] {
        assert_eq!(told, "(signature)");
    }
}

/// A page that is cut off within a secret.
#[test]
fn an_excerpt_does_not_end_in_the_midst_of_a_secret() {
    for before in 0..120 {
        let listener = Listener::answering(move |_, request| {
            let page = format!("{}{}", "x".repeat(before), request.header("authorization"));
            http(403, &page)
        });
        let client = Client::open_with(&listener.url, json!({"retries": 0}));
        let reply = client.stat_file("f");
        assert_eq!(kind(&reply), "bad_reply", "{reply}");
        let signature = listener.received()[0].header("authorization").to_owned();
        assert!(!message(&reply).contains(&signature[..8]), "{reply}");
    }
}
