//! Vectors of signatures (xml-api.md §1.4), as real requests.

use super::Emulator;
use super::http::{Reply, raw};

pub const ID: &str = "AKIDEXAMPLE0123456789abcdefghijklmno";
pub const KEY: &str = "ExampleSecretKey0123456789abcdef";
pub const DEMO: &str = "demo-1250000000.cos.ap-guangzhou.myqcloud.com";
pub const TIME: &str = "1699999940;1700010000";
pub const SHORT: &str = "1699999940;1700000600";
pub const STRANGE: &str = "/dir%20a/%E8%85%BE%E8%AE%AF%281%29%2B~.txt";

pub fn of_vectors(options: &[&str]) -> Emulator {
    let mut all = vec!["--secret-id", ID, "--secret-key", KEY];
    all.extend(["--appid", "1250000000", "--now", "1700000000"]);
    all.extend(options);
    Emulator::start(&all)
}

/// A request as it goes over the wire, the signature as the notes give it.
pub struct Vector<'a> {
    pub method: &'a str,
    pub target: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a str,
    pub lists: (&'a str, &'a str),
    pub signature: &'a str,
}

impl Vector<'_> {
    pub fn authorization(&self, signature: &str) -> String {
        let (headers, params) = self.lists;
        format!(
            "q-sign-algorithm=sha1&q-ak={ID}&q-sign-time={TIME}&q-key-time={TIME}\
             &q-header-list={headers}&q-url-param-list={params}&q-signature={signature}"
        )
    }

    pub fn send(&self, emulator: &Emulator, signature: &str) -> Reply {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nConnection: close\r\n",
            self.method, self.target
        );
        for (name, value) in self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Authorization: {}\r\n\r\n", self.authorization(signature));
        raw(&emulator.address, (head + self.body).as_bytes())
    }
}

/// The same with its last digit changed.
pub fn tampered(signature: &str) -> String {
    let (rest, last) = signature.split_at(signature.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}
