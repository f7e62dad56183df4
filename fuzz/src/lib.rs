//! What can come from outside, made of any bytes: each function must return, whatever they are.
//! Everything goes through the C functions and a service on this machine, as it does for users.

mod calls;
mod service;

use calls::{Api, Client, FILE};

/// The first byte chooses what is asked.
fn split(input: &[u8]) -> (u8, &[u8]) {
    match input.split_first() {
        Some((first, rest)) => (*first, rest),
        None => (0, &[]),
    }
}

/// A text as C can give it, behind such a byte, and the API that this chooses.
fn of_c(input: &[u8]) -> Option<(u8, Api, &str)> {
    let (first, text) = split(input);
    let api = if first % 2 == 0 { Api::Json } else { Api::Xml };
    let text = std::str::from_utf8(text).ok()?;
    (!text.contains('\0')).then_some((first, api, text))
}

/// All that the service says, from the status line on.
pub fn http_reply(input: &[u8]) {
    let (first, reply) = split(input);
    let api = if first % 2 == 0 { Api::Json } else { Api::Xml };
    service::answer(reply.to_vec());
    Client::of(api).ask(first / 2);
}

/// The body of an answer of the JSON API.
pub fn json_reply(input: &[u8]) {
    let (first, body) = split(input);
    service::answer(service::http(body));
    Client::of(Api::Json).ask(first);
}

/// The body of an answer of the XML API.
pub fn xml_reply(input: &[u8]) {
    let (first, body) = split(input);
    service::answer(service::http(body));
    Client::of(Api::Xml).ask(first);
}

/// What an upload's form holds is what was given: up to the first zero the attribute, then the file.
pub fn form(input: &[u8]) {
    let zero = input.iter().position(|byte| *byte == 0);
    let (attribute, content) = input.split_at(zero.unwrap_or(0));
    let content = content.strip_prefix(b"\0").unwrap_or(content);
    let Ok(attribute) = std::str::from_utf8(attribute) else {
        return;
    };
    service::answer(service::http(br#"{"code":0,"data":{}}"#));
    let reply = Client::of(Api::Json).upload(content, FILE, attribute);
    let Some(request) = service::taken() else {
        assert!(reply.contains("\"code\":-3,"), "{reply}");
        return;
    };
    let parts = service::form_parts(&request);
    let part = |name: &str| {
        parts
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| &value[..])
    };
    assert_eq!(part("op"), Some(&b"upload"[..]));
    assert_eq!(part("filecontent"), Some(content));
    assert_eq!(part("biz_attr").unwrap_or_default(), attribute.as_bytes());
    assert!(parts.len() <= 5, "{parts:?}");
}

/// The options of a call are refused by name, or taken: never ignored in silence, and nothing breaks.
pub fn options(input: &[u8]) {
    let Some((first, api, text)) = of_c(input) else {
        return;
    };
    service::answer(service::http(b""));
    let reply = Client::of(api).with_options(first / 2, text);
    if reply.contains("\"code\":-3,") {
        assert!(service::taken().is_none(), "sent all the same: {reply}");
    }
}

/// A path is refused, or arrives as it is, without slashes at its beginning; the JSON API knows no
/// file with slashes at its end, either.
pub fn path(input: &[u8]) {
    let Some((_, api, text)) = of_c(input) else {
        return;
    };
    service::answer(service::http(b""));
    let reply = Client::of(api).stat(text);
    let Some(request) = service::taken() else {
        assert!(reply.contains("\"code\":-3,"), "{reply}");
        return;
    };
    let line = request.split(|byte| *byte == b'\r').next().unwrap();
    let line = std::str::from_utf8(line).unwrap();
    let target = line.split(' ').nth(1).unwrap();
    let encoded = target.split('?').next().unwrap();
    let (before, key) = match api {
        Api::Json => ("/files/v1/10000001/testbucket/", text.trim_matches('/')),
        Api::Xml => ("/", text.trim_start_matches('/')),
    };
    let encoded = encoded.strip_prefix(before).unwrap();
    assert_eq!(service::percent_decoded(encoded), key.as_bytes());
}
