//! A running emulator with a data folder of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::tls::Certificate;
use super::{TempDir, build};

/// The emulator's documented defaults.
pub const APPID: &str = "10000001";
pub const SECRET_ID: &str = "TESTSECRETID0000000000000000000000000";
pub const SECRET_KEY: &str = "TESTSECRETKEYDONOTUSE0000000000";

pub struct Emulator {
    process: Child,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    data: TempDir,
}

impl Emulator {
    pub fn start() -> Emulator {
        Emulator::start_with(&[])
    }

    pub fn start_with(args: &[&str]) -> Emulator {
        let data = TempDir::new();
        let (process, url) = spawn(build::emulator(), &data, args);
        Emulator { process, url, data }
    }

    /// One that speaks HTTPS, too, on the same port.
    pub fn start_secure(certificate: &Certificate) -> Emulator {
        let (file, key) = (certificate.path(), certificate.key_path());
        Emulator::start_with(&["--tls-certificate", &file, "--tls-key", &key])
    }

    /// Where it does.
    pub fn secure_url(&self) -> String {
        self.url.replace("http://127.0.0.1", "https://localhost")
    }

    /// One that was installed.
    pub fn start_program(program: &Path) -> Emulator {
        let data = TempDir::new();
        let (process, url) = spawn(program, &data, &[]);
        Emulator { process, url, data }
    }

    /// What a program gives to `qcos_client_open` to speak an API with it.
    pub fn options(&self, api: &str) -> String {
        match api {
            "json" => json!({"endpoint": self.url}).to_string(),
            // The API is found out by the region.
            _ => json!({"endpoint": self.url, "region": "ap-x"}).to_string(),
        }
    }

    /// The account and the service, as the examples find them in their environment.
    pub fn environment(&self, api: &str) -> [(&'static str, String); 4] {
        [
            ("QCOS_APPID", APPID.to_owned()),
            ("QCOS_SECRET_ID", SECRET_ID.to_owned()),
            ("QCOS_SECRET_KEY", SECRET_KEY.to_owned()),
            ("QCOS_OPTIONS", self.options(api)),
        ]
    }

    /// Replaces the faults that it plays; `[]` for none.
    pub fn set_faults(&self, rules: &Value) {
        let url = format!("{}/_emulator/faults", self.url);
        let sent = ureq::post(url)
            .header("content-type", "application/json")
            .send(rules.to_string());
        sent.unwrap_or_else(|e| panic!("{e}: {rules}"));
    }

    /// Lets time pass for its archived objects, and for nothing else.
    pub fn pass_in_archives(&self, seconds: u64) {
        let url = format!("{}/_emulator/archives", self.url);
        let sent = ureq::post(url).send(json!({"pass_s": seconds}).to_string());
        sent.unwrap();
    }

    /// How often the faults that it plays have struck.
    pub fn faults_struck(&self) -> u64 {
        let url = format!("{}/_emulator/faults", self.url);
        let shown = ureq::get(url).call().unwrap().body_mut().read_to_string();
        let shown: Value = serde_json::from_str(&shown.unwrap()).unwrap();
        let rules = shown["rules"].as_array().expect("a list of rules");
        rules.iter().filter_map(|rule| rule["hits"].as_u64()).sum()
    }

    /// Ends all faults; how often they have struck.
    pub fn end_faults(&self) -> u64 {
        let struck = self.faults_struck();
        self.set_faults(&Value::Array(Vec::new()));
        struck
    }

    /// The requests that it has seen, in their order.
    pub fn requests(&self) -> Vec<Value> {
        let url = format!("{}/_emulator/requests", self.url);
        let shown = ureq::get(url).call().unwrap().body_mut().read_to_string();
        let mut shown: Value = serde_json::from_str(&shown.unwrap()).unwrap();
        let requests = shown["requests"].as_array_mut();
        std::mem::take(requests.expect("a list of requests"))
    }

    /// Forgets those so far.
    pub fn forget_requests(&self) {
        let url = format!("{}/_emulator/requests", self.url);
        ureq::delete(&url).call().unwrap();
    }

    /// How many of them were of this operation.
    pub fn count(&self, op: &str) -> usize {
        let requests = self.requests();
        requests.iter().filter(|entry| entry["op"] == op).count()
    }

    /// Ends it as a power cut would, and starts it again on the same data. The port is another.
    pub fn kill_and_restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.process, self.url) = spawn(build::emulator(), &self.data, &[]);
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(program: &Path, data: &TempDir, args: &[&str]) -> (Child, String) {
    let mut process = Command::new(program)
        .arg("--data")
        .arg(data.join("data"))
        .args(args)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line
        .trim()
        .rsplit(' ')
        .next()
        .filter(|url| url.starts_with("http://"))
        .unwrap_or_else(|| panic!("the emulator did not start: {line:?}"));
    (process, url.to_owned())
}
