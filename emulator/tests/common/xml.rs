//! A client of the XML API, written from the protocol notes and not from the emulator's verifier.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::{Digest, Sha1};

use super::http::{Reply, head, raw, try_raw};
use super::sign::{APPID, SECRET_ID, SECRET_KEY, now};
use super::{BUCKET, Emulator};

pub const HOST: &str = "testbucket-10000001.cos.ap-guangzhou.myqcloud.com";

/// A request that is yet to be signed.
#[derive(Clone)]
pub struct Ask {
    pub method: String,
    pub host: String,
    /// Not encoded, with the leading slash.
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub secret_id: String,
    pub secret_key: String,
    pub key_time: String,
}

impl Ask {
    pub fn new(method: &str, path: &str) -> Ask {
        Ask {
            method: method.to_owned(),
            host: HOST.to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
            secret_id: SECRET_ID.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
            key_time: format!("{};{}", now() - 60, now() + 600),
        }
    }

    pub fn host(mut self, host: &str) -> Ask {
        host.clone_into(&mut self.host);
        self
    }

    pub fn query(mut self, name: &str, value: &str) -> Ask {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Ask {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: &[u8]) -> Ask {
        self.body = body.to_vec();
        self
    }

    pub fn md5(self) -> Ask {
        let md5 = STANDARD.encode(Md5::digest(&self.body));
        self.header("Content-MD5", &md5)
    }

    /// The request's target, encoded.
    pub fn target(&self) -> String {
        let pairs = self.query.iter();
        let pairs: Vec<String> = pairs
            .map(|(name, value)| match value.as_str() {
                "" => enc(name.as_bytes()),
                value => format!("{}={}", enc(name.as_bytes()), enc(value.as_bytes())),
            })
            .collect();
        let path = enc(self.path.as_bytes()).replace("%2F", "/");
        match pairs.is_empty() {
            true => path,
            false => format!("{path}?{}", pairs.join("&")),
        }
    }

    /// With what a request of this method sends beside the given ones.
    fn all_headers(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        let has = |wanted: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(wanted));
        let is_framed = has("content-length") || has("transfer-encoding");
        if !is_framed && (self.method == "PUT" || self.method == "POST") {
            headers.push(("Content-Length".to_owned(), self.body.len().to_string()));
        }
        headers
    }

    /// The result string of xml-api.md §1.1 over host, all headers and all parameters.
    pub fn sign(&self) -> String {
        let mut headers = self.all_headers();
        headers.push(("host".to_owned(), self.host.clone()));
        signature(
            &self.method,
            &self.path,
            &self.query,
            &headers,
            (&self.secret_id, &self.secret_key, &self.key_time),
        )
    }

    pub fn send_signed(&self, emulator: &Emulator, authorization: &str) -> Reply {
        raw(&emulator.address, &self.bytes_signed(authorization))
    }

    pub fn bytes_signed(&self, authorization: &str) -> Vec<u8> {
        let mut all = self.all_headers();
        all.push(("Host".to_owned(), self.host.clone()));
        if !authorization.is_empty() {
            all.push(("Authorization".to_owned(), authorization.to_owned()));
        }
        let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        // The helper adds a length of its own to a POST.
        let method = if self.method == "POST" {
            "P0ST"
        } else {
            &self.method
        };
        let head = head("", method, &self.target(), &all, 0).replacen("P0ST", "POST", 1);
        [head.as_bytes(), &self.body].concat()
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_signed(&self.sign())
    }

    pub fn send(&self, emulator: &Emulator) -> Reply {
        self.send_signed(emulator, &self.sign())
    }

    /// To a service that may die meanwhile.
    pub fn try_send(&self, address: &str) -> std::io::Result<Reply> {
        try_raw(address, &self.bytes())
    }

    pub fn anonymous(&self, emulator: &Emulator) -> Reply {
        self.send_signed(emulator, "")
    }
}

pub fn signature(
    method: &str,
    path: &str,
    query: &[(String, String)],
    headers: &[(String, String)],
    (id, key, key_time): (&str, &str, &str),
) -> String {
    let (params, param_list) = signed(query);
    let (headers, header_list) = signed(headers);
    let http = format!("{}\n{path}\n{params}\n{headers}\n", method.to_lowercase());
    let to_sign = format!("sha1\n{key_time}\n{}\n", hex(Sha1::digest(http).as_slice()));
    let sign_key = hex(&hmac(key.as_bytes(), key_time));
    let signature = hex(&hmac(sign_key.as_bytes(), &to_sign));
    format!(
        "q-sign-algorithm=sha1&q-ak={id}&q-sign-time={key_time}&q-key-time={key_time}\
         &q-header-list={header_list}&q-url-param-list={param_list}&q-signature={signature}"
    )
}

fn signed(pairs: &[(String, String)]) -> (String, String) {
    let mut pairs: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| (enc(name.as_bytes()).to_lowercase(), enc(value.as_bytes())))
        .collect();
    pairs.sort();
    let joined: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let names: Vec<&str> = pairs.iter().map(|(k, _)| k.as_str()).collect();
    (joined.join("&"), names.join(";"))
}

pub fn enc(bytes: &[u8]) -> String {
    let encode = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
            char::from(*byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    bytes.iter().map(encode).collect()
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn md5_hex(content: &[u8]) -> String {
    hex(Md5::digest(content).as_slice())
}

/// CRC64 as the notes describe it (xml-api.md §3.12), bit by bit.
pub fn crc64(content: &[u8]) -> String {
    let mut crc = u64::MAX;
    for byte in content {
        crc ^= u64::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1)
                ^ if crc & 1 == 1 {
                    0xC96C_5795_D787_0F42
                } else {
                    0
                };
        }
    }
    (!crc).to_string()
}

/// An object, with what the service has reckoned of it.
#[track_caller]
pub fn assert_is(reply: &Reply, content: &[u8]) {
    reply.is(200);
    assert!(reply.body == content);
    let (etag, crc) = (format!("\"{}\"", md5_hex(content)), crc64(content));
    assert_eq!(reply.header("etag"), Some(etag.as_str()));
    assert_eq!(reply.header("x-cos-hash-crc64ecma"), Some(crc.as_str()));
}

impl Emulator {
    pub fn put_object(&self, path: &str, content: &[u8]) -> Reply {
        Ask::new("PUT", path).body(content).send(self)
    }

    pub fn get_object(&self, path: &str) -> Reply {
        Ask::new("GET", path).send(self)
    }

    pub fn head_object(&self, path: &str) -> Reply {
        Ask::new("HEAD", path).send(self)
    }

    pub fn delete_object(&self, path: &str) -> Reply {
        Ask::new("DELETE", path).send(self)
    }

    pub fn list_objects(&self, query: &[(&str, &str)]) -> Reply {
        let ask = query
            .iter()
            .fold(Ask::new("GET", "/"), |ask, (name, value)| {
                ask.query(name, value)
            });
        ask.send(self)
    }

    /// The keys of a whole listing, not encoded.
    pub fn keys(&self) -> Vec<String> {
        let reply = self.list_objects(&[("encoding-type", "url")]);
        let keys = reply.is(200).nodes("Key");
        keys.iter().map(|key| decode(key)).collect()
    }

    pub fn initiate(&self, path: &str) -> String {
        let reply = Ask::new("POST", path).query("uploads", "").send(self);
        reply.is(200).node("UploadId").unwrap()
    }

    pub fn put_part(&self, path: &str, upload: &str, number: u32, content: &[u8]) -> Reply {
        Ask::new("PUT", path)
            .query("partNumber", &number.to_string())
            .query("uploadId", upload)
            .body(content)
            .send(self)
    }

    /// `parts` are numbers and ETags with their quotes.
    pub fn complete(&self, path: &str, upload: &str, parts: &[(u32, &str)]) -> Reply {
        complete(path, upload, parts).send(self)
    }
}

pub fn complete(path: &str, upload: &str, parts: &[(u32, &str)]) -> Ask {
    let parts: String = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>\n")
        })
        .collect();
    let body = format!("<CompleteMultipartUpload>\n{parts}</CompleteMultipartUpload>");
    Ask::new("POST", path)
        .query("uploadId", upload)
        .body(body.as_bytes())
}

pub fn copy_source(path: &str) -> String {
    format!("{HOST}{}", enc(path.as_bytes()).replace("%2F", "/"))
}

pub fn full_bucket() -> String {
    format!("{BUCKET}-{APPID}")
}

fn decode(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'%' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

pub fn quoted(content: &[u8]) -> String {
    format!("\"{}\"", md5_hex(content))
}
