//! POST Object: a form as a browser sends it, signed by the specification (xml-api.md §1.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use super::Emulator;
use super::http::{Form, Reply, request};
use super::sign::{SECRET_ID, SECRET_KEY, now, sha1};
use super::xml::{HOST, full_bucket, hex};

fn hmac(key: &str, text: &str) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap();
    hex(mac.chain_update(text).finalize().into_bytes().as_slice())
}

/// A form that is yet to be signed.
#[derive(Clone)]
pub struct Post {
    pub fields: Vec<(String, String)>,
    pub conditions: Vec<Value>,
    pub key_time: String,
    pub expiration: String,
    pub secret: (String, String),
    pub file_name: String,
    pub content: Vec<u8>,
    pub host: String,
    pub target: String,
}

impl Post {
    pub fn new(key: &str, content: &[u8]) -> Post {
        Post {
            fields: vec![("key".to_owned(), key.to_owned())],
            conditions: vec![json!({"bucket": full_bucket()})],
            key_time: format!("{};{}", now() - 60, now() + 600),
            expiration: "2099-08-30T09:38:12.414Z".to_owned(),
            secret: (SECRET_ID.to_owned(), SECRET_KEY.to_owned()),
            file_name: "photo.jpg".to_owned(),
            content: content.to_vec(),
            host: HOST.to_owned(),
            target: "/".to_owned(),
        }
    }

    pub fn field(mut self, name: &str, value: &str) -> Post {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn condition(mut self, condition: Value) -> Post {
        self.conditions.push(condition);
        self
    }

    pub fn policy(&self) -> String {
        let mut conditions = self.conditions.clone();
        for (name, value) in [
            ("q-sign-algorithm", "sha1"),
            ("q-ak", &self.secret.0),
            ("q-sign-time", &self.key_time),
        ] {
            conditions.push(json!({ (name): value }));
        }
        json!({"expiration": self.expiration, "conditions": conditions}).to_string()
    }

    pub fn signed(&self, policy: &str) -> Vec<(String, String)> {
        let sign_key = hmac(&self.secret.1, &self.key_time);
        let signature = hmac(&sign_key, &sha1(policy.as_bytes()));
        let pairs = [
            ("policy", STANDARD.encode(policy)),
            ("q-sign-algorithm", "sha1".to_owned()),
            ("q-ak", self.secret.0.clone()),
            ("q-key-time", self.key_time.clone()),
            ("q-signature", signature),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    pub fn form(&self, signature: &[(String, String)]) -> Form {
        let all = self.fields.iter().chain(signature);
        let all: Vec<(&str, &str)> = all.map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let file = format!(
            "Content-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: text/x-browser",
            self.file_name
        );
        Form::new(&all).part(&file, &self.content)
    }

    pub fn send_form(&self, emulator: &Emulator, form: &Form) -> Reply {
        let content_type = form.content_type();
        let headers = [
            ("Host", self.host.as_str()),
            ("Content-Type", &content_type),
        ];
        request(
            &emulator.address,
            "POST",
            &self.target,
            &headers,
            &form.body(),
        )
    }

    pub fn send(&self, emulator: &Emulator) -> Reply {
        self.send_form(emulator, &self.form(&self.signed(&self.policy())))
    }

    #[track_caller]
    pub fn refused(&self, emulator: &Emulator, status: u16, code: &str, said: &str) {
        let reply = self.send(emulator);
        reply.xml_error(status, code);
        let message = reply.node("Message").unwrap();
        assert!(message.contains(said), "{message}");
        emulator.get_object("/a").xml_error(404, "NoSuchKey");
    }
}
