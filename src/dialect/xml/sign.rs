//! Signatures of the XML API (xml-api.md §1): an HMAC over method, path, and the query parameters
//! and headers that are named beside it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use sha1::{Digest, Sha1};

use crate::base::hex::hex;
use crate::model::credentials::Credentials;

/// Everything but `A-Z a-z 0-9 - _ . ~` is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A clock that is a little ahead of the service's does no harm, as in the official SDKs.
const BEFORE_S: u64 = 60;

/// What a signature covers.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// Percent-decoded, with its leading slash.
    pub(super) path: &'a str,
    pub(super) query: Vec<(&'a str, &'a [u8])>,
    pub(super) headers: Vec<(&'a str, &'a str)>,
}

/// From when to when a signature is good, in Unix seconds.
#[derive(Clone, Copy)]
pub(super) struct KeyTime {
    start: u64,
    end: u64,
}

impl KeyTime {
    pub(super) fn new(now: u64, expires_s: u64) -> KeyTime {
        KeyTime {
            start: now.saturating_sub(BEFORE_S),
            end: now + expires_s,
        }
    }

    pub(super) fn end(self) -> u64 {
        self.end
    }
}

impl fmt::Display for KeyTime {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{};{}", self.start, self.end)
    }
}

/// The seven `q-` pairs, in the order of all SDKs.
pub(super) fn pairs(
    credentials: &Credentials,
    time: KeyTime,
    signed: &Signed,
) -> [(&'static str, String); 7] {
    let key_time = time.to_string();
    let (parameters, parameter_names) = joined(signed.query.iter().copied());
    let headers = signed.headers.iter();
    let (headers, header_names) = joined(headers.map(|(n, v)| (*n, v.as_bytes())));
    let method = signed.method.to_ascii_lowercase();
    let http_string = format!("{method}\n{}\n{parameters}\n{headers}\n", signed.path);
    let digest = hex(&Sha1::digest(http_string));
    let signature = signature(
        credentials,
        &key_time,
        &format!("sha1\n{key_time}\n{digest}\n"),
    );
    [
        ("q-sign-algorithm", "sha1".to_owned()),
        ("q-ak", credentials.secret_id().to_owned()),
        ("q-sign-time", key_time.clone()),
        ("q-key-time", key_time),
        ("q-header-list", header_names),
        ("q-url-param-list", parameter_names),
        ("q-signature", signature),
    ]
}

/// The signature of a form: its policy stands in the place of a request (xml-api.md §1.5).
pub(super) fn policy(credentials: &Credentials, time: KeyTime, policy: &str) -> String {
    let digest = hex(&Sha1::digest(policy));
    signature(credentials, &time.to_string(), &digest)
}

/// The hex digits of the key's digest, not the bytes, are the second key (xml-api.md §1.1, 7).
fn signature(credentials: &Credentials, key_time: &str, text: &str) -> String {
    let key = hex(&mac(credentials.secret_key().as_bytes(), key_time));
    hex(&mac(key.as_bytes(), text))
}

/// The form of the `Authorization` header.
pub(super) fn authorization(credentials: &Credentials, time: KeyTime, signed: &Signed) -> String {
    let pairs = pairs(credentials, time, signed);
    let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
    pairs.join("&")
}

/// Of text, and of a key that may be none.
pub(super) fn encode(text: impl AsRef<[u8]>) -> String {
    percent_encode(text.as_ref(), ENCODED).to_string()
}

/// `name=value` joined by `&`, and the names joined by `;`: encoded first, lower-cased after.
fn joined<'p>(pairs: impl Iterator<Item = (&'p str, &'p [u8])>) -> (String, String) {
    // Sorted by names: what is between them and their values comes before all that is in a name.
    let pairs = pairs.map(|(name, value)| {
        let name = encode(name).to_ascii_lowercase();
        format!("{name}\0{}", encode(value))
    });
    let mut pairs: Vec<String> = pairs.collect();
    pairs.sort_unstable();
    let (mut all, mut names) = (Vec::new(), Vec::new());
    for (name, value) in pairs.iter().filter_map(|pair| pair.split_once('\0')) {
        all.push(format!("{name}={value}"));
        names.push(name);
    }
    (all.join("&"), names.join(";"))
}

fn mac(key: &[u8], text: &str) -> [u8; 20] {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "demo-1250000000.cos.ap-guangzhou.myqcloud.com";

    fn signature(key_end: u64, signed: Signed) -> String {
        let id = "AKIDEXAMPLE0123456789abcdefghijklmno";
        let key = "ExampleSecretKey0123456789abcdef";
        let account = Credentials::new(id, key, None).unwrap();
        let time = KeyTime::new(1_700_000_000, key_end);
        let [.., (_, signature)] = pairs(&account, time, &signed);
        signature
    }

    // The vectors of xml-api.md §1.4.
    #[test]
    fn vectors() {
        let object = "/dir a/腾讯(1)+~.txt";
        let disposition = "attachment; filename=\"a b.txt\"";
        for (name, expires, method, path, query, headers, expected) in [
            (
                "V1",
                10_000,
                "PUT",
                object,
                vec![],
                vec![
                    ("content-length", "11"),
                    ("content-md5", "XrY7u+Ae7tCTyyK7j1rNww=="),
                    ("content-type", "text/plain; charset=utf-8"),
                    ("host", HOST),
                    ("x-cos-meta-biz-attr", "a=b&c d/中"),
                ],
                "c988b2ca8ce03ffcd1ad9e425a28309339201034",
            ),
            (
                "V2",
                10_000,
                "GET",
                "/",
                vec![
                    ("prefix", "dir a/"),
                    ("delimiter", "/"),
                    ("marker", "dir a/k 1"),
                    ("max-keys", "100"),
                    ("encoding-type", "url"),
                ],
                vec![("host", HOST)],
                "b6ebad0fe2de50ad4e19b15d4c5dcc8be458ba84",
            ),
            (
                "V3",
                600,
                "GET",
                object,
                vec![("response-content-disposition", disposition)],
                vec![("host", HOST)],
                "616a3e2a3e9bd3172a85762095ea042771d50e6b",
            ),
            (
                "V3b",
                600,
                "PUT",
                "/exampleobject",
                vec![],
                vec![],
                "e083b064fcf3496c6444cab90335ecfaf2bb46c6",
            ),
            (
                "V4",
                10_000,
                "HEAD",
                "/exampleobject",
                vec![],
                vec![("host", HOST), ("x-cos-security-token", "TOKEN+/=example")],
                "c45e78ef38bfc3f26879f0f241290cd675356896",
            ),
            (
                "V5",
                10_000,
                "POST",
                "/exampleobject",
                vec![("uploads", "")],
                vec![("content-length", "0"), ("host", HOST)],
                "ce612ef0809ac8488ee07021eeb6cbeab7f161cf",
            ),
            (
                "V6",
                10_000,
                "PUT",
                "/exampleobject",
                vec![
                    ("partNumber", "1"),
                    ("uploadId", "1585130821cbb7df1d11846c073ad648"),
                ],
                vec![("content-length", "9"), ("host", HOST)],
                "230e20deca90034bc476159c0c5f6dbb81de71bf",
            ),
            (
                "V7",
                10_000,
                "HEAD",
                "/exampleobject",
                vec![],
                vec![("host", "127.0.0.1")],
                "345fb852586717c46d8db48ce09360489a9cb262",
            ),
            (
                "V8",
                10_000,
                "PUT",
                "/dst a.txt",
                vec![],
                vec![
                    ("content-length", "0"),
                    ("host", HOST),
                    (
                        "x-cos-copy-source",
                        "demo-1250000000.cos.ap-guangzhou.myqcloud.com/dir%20a/src%2B1.txt",
                    ),
                    ("x-cos-metadata-directive", "Replaced"),
                ],
                "f1333a3e612a2bcbda73dc82840adb9254162969",
            ),
            (
                "V9",
                600,
                "PUT",
                object,
                vec![("x-cos-security-token", "TOKEN+/=example")],
                vec![
                    ("content-length", "11"),
                    ("content-type", "text/plain; charset=utf-8"),
                    ("host", HOST),
                    ("x-cos-acl", "private"),
                    ("x-cos-meta-biz-attr", "a=b&c d/e+"),
                ],
                "24430c1fe3aeb0694b7ee0b5b571cf18dbd81e9a",
            ),
        ] {
            let signed = Signed {
                method,
                path,
                query: query.iter().map(|(n, v)| (*n, v.as_bytes())).collect(),
                headers,
            };
            assert_eq!(signature(expires, signed), expected, "{name}");
        }
    }

    /// The vendor's own sample, blanks and all (xml-api.md §1.5).
    #[test]
    fn vector_of_a_policy() {
        let id = "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q";
        let account = Credentials::new(id, "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz", None).unwrap();
        let time = KeyTime {
            start: 1_567_150_692,
            end: 1_567_157_892,
        };
        let text = r#"{
    "expiration": "2019-08-30T09:38:12.414Z",
    "conditions": [
        { "acl": "default" },
        { "bucket": "examplebucket-1250000000" },
        [ "starts-with", "$key", "folder/subfolder/" ],
        [ "starts-with", "$Content-Type", "image/" ],
        [ "starts-with", "$success_action_redirect", "https://my.website/" ],
        [ "eq", "$x-cos-server-side-encryption", "AES256" ],
        { "q-sign-algorithm": "sha1" },
        { "q-ak": "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q" },
        { "q-sign-time": "1567150692;1567157892" }
    ]
}"#;
        let expected = "7758dc9a832e9d301dca704cacbf9d9f8172fdef";
        assert_eq!(policy(&account, time, text), expected);
    }

    #[test]
    fn vector_d3_of_the_go_sdk() {
        let id = "QmFzZTY0IGlzIGEgZ2VuZXJp";
        let account = Credentials::new(id, "AKIDZfbOA78asKUYBcXFrJD0a1ICvR98JM", None).unwrap();
        let time = KeyTime {
            start: 1_480_932_292,
            end: 1_481_012_292,
        };
        let signed = Signed {
            method: "PUT",
            path: "/testfile2",
            query: Vec::new(),
            headers: vec![
                ("host", "testbucket-125000000.cos.ap-guangzhou.myqcloud.com"),
                (
                    "x-cos-content-sha1",
                    "db8ac1c259eb89d4a131b253bacfca5f319d54f2",
                ),
                ("x-cos-stroage-class", "nearline"),
            ],
        };
        let text = authorization(&account, time, &signed);
        assert!(text.ends_with("q-signature=ce4ac0ecbcdb30538b3fee0a97cc6389694ce53a"));
        assert!(text.starts_with(
            "q-sign-algorithm=sha1&q-ak=QmFzZTY0IGlzIGEgZ2VuZXJp&q-sign-time=1480932292;1481012292&"
        ));
    }
}
