//! Signatures of the XML API (xml-api.md §1).

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use sha1::{Digest, Sha1};

use super::refusal::{Refusal, code};
use crate::auth::Account;
use crate::query;
use crate::store::hex;

/// What stays as it is in signed names and values (xml-api.md §1.1).
const IN_SIGNATURES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What a signature is made of, as its request presents it.
#[derive(Debug)]
pub struct Signature {
    algorithm: String,
    secret_id: String,
    sign_time: String,
    key_time: String,
    headers: Vec<String>,
    params: Vec<String>,
    signature: String,
}

/// What is signed.
pub struct Signed<'a> {
    pub parts: &'a Parts,
    /// Decoded, with the leading slash.
    pub path: &'a str,
    pub params: &'a [(String, String)],
}

/// The `Authorization` header, else `q-*` in the query, else its `sign` (xml-api.md §1.3). None if
/// there is none of them; a signature of the JSON API is an error.
pub fn find(parts: &Parts, params: &[(String, String)]) -> Result<Option<Signature>, Refusal> {
    let header = parts.headers.get(AUTHORIZATION);
    let header = header.map_or(&b""[..], |value| value.as_bytes());
    let text = if !header.is_empty() {
        String::from_utf8_lossy(header).into_owned()
    } else if params
        .iter()
        .any(|(name, _)| name == "q-signature" || name == "q-sign-algorithm")
    {
        let own = params.iter().filter(|(name, _)| name.starts_with("q-"));
        let pairs: Vec<String> = own.map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    } else {
        let query = parts.uri.query().unwrap_or("");
        query::signature(query).map_err(|_| code::INVALID_URI)?
    };
    if text.is_empty() {
        return Ok(None);
    }
    Signature::parse(&text).map(Some)
}

impl Signature {
    fn parse(text: &str) -> Result<Signature, Refusal> {
        let field = |wanted: &str| {
            text.trim()
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find_map(|(name, value)| (name == wanted).then(|| value.to_owned()))
                .ok_or_else(|| {
                    let message = format!("the signature has no {wanted}");
                    Refusal::new(code::ACCESS_DENIED, message)
                })
        };
        let list = |text: String| {
            let mut names: Vec<String> = text
                .split(';')
                .filter(|name| !name.is_empty())
                .map(str::to_lowercase)
                .collect();
            names.sort();
            names.dedup();
            names
        };
        Ok(Signature {
            algorithm: field("q-sign-algorithm")?,
            secret_id: field("q-ak")?,
            sign_time: field("q-sign-time")?,
            key_time: field("q-key-time")?,
            headers: list(field("q-header-list")?),
            params: list(field("q-url-param-list")?),
            signature: field("q-signature")?,
        })
    }

    /// Whose keys made it.
    pub fn secret_id(&self) -> &str {
        &self.secret_id
    }

    pub fn verify(&self, signed: &Signed, account: &Account, now: i64) -> Result<(), Refusal> {
        check_algorithm(&self.algorithm)?;
        if self.secret_id != account.secret_id {
            return Err(code::INVALID_ACCESS_KEY_ID.into());
        }
        for time in [&self.sign_time, &self.key_time] {
            check_time(time, now)?;
        }
        // Some clients sign the host without the port that they send (xml-api.md §1.3, 5).
        let host = signed.parts.headers.get(HOST);
        let host = host.map_or(&b""[..], |value| value.as_bytes());
        let format = self.format(signed, host);
        if self.is_of(&format, account) {
            return Ok(());
        }
        let bare = without_port(host);
        if bare != host && self.is_of(&self.format(signed, bare), account) {
            return Ok(());
        }
        Err(Refusal::from(code::SIGNATURE_DOES_NOT_MATCH)
            .with("StringToSign", self.string_to_sign(&format))
            .with("FormatString", format))
    }

    /// The service's HttpString.
    fn format(&self, signed: &Signed, host: &[u8]) -> String {
        let params = self.params.iter().flat_map(|wanted| {
            let given = signed.params.iter();
            let given = given.filter(|(name, _)| encode(name.as_bytes()).to_lowercase() == *wanted);
            let values: Vec<String> = given.map(|(_, value)| encode(value.as_bytes())).collect();
            joined(wanted, values)
        });
        let headers = self.headers.iter().flat_map(|wanted| {
            let values = match wanted.as_str() {
                "host" => vec![encode(host)],
                _ => header_values(&signed.parts.headers, wanted),
            };
            joined(wanted, values)
        });
        format!(
            "{}\n{}\n{}\n{}\n",
            signed.parts.method.as_str().to_lowercase(),
            signed.path,
            params.collect::<Vec<_>>().join("&"),
            headers.collect::<Vec<_>>().join("&"),
        )
    }

    fn string_to_sign(&self, format: &str) -> String {
        let digest = hex(Sha1::digest(format).as_slice());
        format!("sha1\n{}\n{digest}\n", self.key_time)
    }

    fn is_of(&self, format: &str, account: &Account) -> bool {
        let text = self.string_to_sign(format);
        is_signature(&self.signature, account, &self.key_time, &text)
    }
}

/// The signature of a form (xml-api.md §1.5).
pub struct FormSignature<'a> {
    pub algorithm: &'a str,
    pub secret_id: &'a str,
    pub key_time: &'a str,
    pub signature: &'a str,
}

impl FormSignature<'_> {
    /// `policy` is its text.
    pub fn verify(&self, policy: &[u8], account: &Account, now: i64) -> Result<(), Refusal> {
        check_algorithm(self.algorithm)?;
        if self.secret_id != account.secret_id {
            return Err(code::INVALID_ACCESS_KEY_ID.into());
        }
        check_time(self.key_time, now)?;
        let text = hex(Sha1::digest(policy).as_slice());
        match is_signature(self.signature, account, self.key_time, &text) {
            true => Ok(()),
            false => Err(Refusal::from(code::SIGNATURE_DOES_NOT_MATCH).with("StringToSign", text)),
        }
    }
}

fn check_algorithm(algorithm: &str) -> Result<(), Refusal> {
    match algorithm {
        "sha1" => Ok(()),
        _ => Err(Refusal::new(
            code::ACCESS_DENIED,
            "q-sign-algorithm is not sha1",
        )),
    }
}

/// xml-api.md §1.1, 7.
fn is_signature(signature: &str, account: &Account, key_time: &str, text: &str) -> bool {
    let key = hmac(account.secret_key.as_bytes(), key_time);
    let key = key.map(|key| hex(key.finalize().into_bytes().as_slice()));
    let mac = key.and_then(|key| hmac(key.as_bytes(), text));
    match (mac, unhex(signature)) {
        (Some(mac), Some(given)) => mac.verify_slice(&given).is_ok(),
        _ => false,
    }
}

/// `start;end` in Unix seconds.
fn check_time(text: &str, now: i64) -> Result<(), Refusal> {
    let times = text.split_once(';');
    let times = times.and_then(|(s, e)| Some((s.parse::<i64>().ok()?, e.parse::<i64>().ok()?)));
    match times {
        None => Err(Refusal::new(
            code::ACCESS_DENIED,
            "a time of the signature is malformed",
        )),
        Some((start, end)) if start <= now && now <= end => Ok(()),
        Some(_) => Err(Refusal::new(code::ACCESS_DENIED, "Request has expired")),
    }
}

/// Some clients sign each of several values of one name, sorted. One that is missing is empty.
fn joined(name: &str, mut values: Vec<String>) -> Vec<String> {
    if values.is_empty() {
        values.push(String::new());
    }
    values.sort();
    let pairs = values.into_iter().map(|value| format!("{name}={value}"));
    pairs.collect()
}

fn header_values(headers: &HeaderMap, wanted: &str) -> Vec<String> {
    let given = headers.iter();
    let given =
        given.filter(|(name, _)| encode(name.as_str().as_bytes()).to_lowercase() == *wanted);
    given.map(|(_, value)| encode(value.as_bytes())).collect()
}

fn without_port(host: &[u8]) -> &[u8] {
    match host.iter().rposition(|byte| *byte == b':') {
        Some(colon) if host[colon + 1..].iter().all(u8::is_ascii_digit) => &host[..colon],
        _ => host,
    }
}

fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, IN_SIGNATURES).to_string()
}

fn hmac(key: &[u8], message: &str) -> Option<Hmac<Sha1>> {
    let mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    Some(mac.chain_update(message))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}
