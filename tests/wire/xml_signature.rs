//! Signatures of the XML API taken apart, and verified by the specification (xml-api.md §1), with
//! nothing of the library's own.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use sha1::Sha1;

use super::common::emulator::SECRET_KEY;
use super::common::listener::Received;
use super::common::{sha1_hex, unix_now};

/// The seven pairs of a signature.
const NAMES: [&str; 7] = [
    "q-sign-algorithm",
    "q-ak",
    "q-sign-time",
    "q-key-time",
    "q-header-list",
    "q-url-param-list",
    "q-signature",
];

/// What the header of a request says, verified, with what is new in each run in {braces}.
pub fn in_header(request: &Received, authorization: &str) -> String {
    // Not percent-encoded there.
    let pair = |pair: &str| {
        pair.split_once('=')
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
    };
    verified(request, authorization.split('&').filter_map(pair).collect())
}

/// The same of a signature in the query: the request's line.
pub fn in_query(request: &Received) -> String {
    let (target, query) = request.line.split_once('?').unwrap();
    let (query, version) = query.split_once(' ').unwrap();
    let (signature, rest): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.starts_with("q-"));
    let shown = verified(request, signature.into_iter().map(decoded_pair).collect());
    let shown = format!("{{{shown}}}");
    let query = [rest, vec![&shown]].concat().join("&");
    format!("{target}?{query} {version}")
}

fn verified(request: &Received, pairs: Vec<(String, String)>) -> String {
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, NAMES);
    let values = pairs.iter().map(|(_, value)| value.as_str());
    let [_, _, sign_time, key_time, headers, parameters, signature] =
        values.collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(sign_time, key_time);
    let key = mac(SECRET_KEY, key_time);
    let text = http_string(request, headers, parameters);
    let text = format!("sha1\n{key_time}\n{}\n", sha1_hex(text.as_bytes()));
    assert_eq!(mac(&key, &text), signature, "{request:?}");

    let (start, end) = key_time.split_once(';').unwrap();
    let (start, end): (u64, u64) = (start.parse().unwrap(), end.parse().unwrap());
    let now = start + 60;
    assert!(unix_now().abs_diff(now) < 60, "{key_time}");
    let times = format!("{{now - 60}};{{now + {}}}", end - now);
    let shown = pairs.iter().map(|(name, value)| match name.as_str() {
        "q-signature" => "q-signature={signature}".to_owned(),
        "q-sign-time" | "q-key-time" => format!("{name}={times}"),
        _ => format!("{name}={value}"),
    });
    shown.collect::<Vec<_>>().join("&")
}

/// What came, in the form that is signed: the whole query, and every header that means something.
fn http_string(request: &Received, header_list: &str, parameter_list: &str) -> String {
    let mut line = request.line.split(' ');
    let (method, target) = (line.next().unwrap(), line.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let parameters = pairs.map(decoded_pair);
    let parameters = parameters.filter(|(name, _)| !NAMES.contains(&name.as_str()));
    let headers = request.headers.iter().cloned();
    let headers = headers.filter(|(name, _)| name != "authorization" && name != "user-agent");
    format!(
        "{}\n{}\n{}\n{}\n",
        method.to_lowercase(),
        decoded(path),
        listed(parameters.collect(), parameter_list),
        listed(headers.collect(), header_list),
    )
}

/// `name=value` in order; the list must name just these.
fn listed(pairs: Vec<(String, String)>, list: &str) -> String {
    let mut pairs: Vec<(String, String)> = pairs
        .into_iter()
        .map(|(name, value)| (encoded(&name).to_lowercase(), encoded(&value)))
        .collect();
    pairs.sort();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.join(";"), list);
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

fn decoded_pair(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (decoded(name), decoded(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

fn mac(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
