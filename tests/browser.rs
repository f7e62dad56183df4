//! A real browser, Chromium, that sends the forms of qcos_post_policy to the emulator: what its user does is
//! done through WebDriver. `make browser-check` installs it and runs these; `make test` does not.

#![allow(unsafe_code)] // system calls

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::emulator::Emulator;
use common::library::{BUCKET, Client, code, ok};
use common::listener::Listener;
use common::{TempDir, noise};
use programs::{Programs, limited};
use serde_json::{Value, json};

/// ChromeDriver, with one window of the browser.
struct Browser {
    driver: Child,
    session: String,
    /// Of the browser and its driver.
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    fn start() -> Browser {
        let profile = TempDir::new();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("HOME", profile.join(""))
            .stdout(Stdio::piped())
            .spawn()
            .expect("make browser-check installs it");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let started = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let service = format!("http://127.0.0.1:{}/session", started.expect("a port"));
        // As root it has no sandbox.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ];
        let options = json!({"goog:chromeOptions": {"args": arguments}});
        let wanted = json!({"capabilities": {"alwaysMatch": options}});
        let made = asked(&service, &wanted);
        Browser {
            driver,
            session: format!("{service}/{}", made["sessionId"].as_str().unwrap()),
            _profile: profile,
        }
    }

    fn ask(&self, command: &str, body: &Value) -> Value {
        asked(&format!("{}/{command}", self.session), body)
    }

    fn open(&self, page: &Path) {
        self.ask("url", &json!({"url": format!("file://{}", page.display())}));
    }

    /// What a script of the page returns, once it has.
    fn run(&self, script: &str, arguments: Value) -> Value {
        self.ask(
            "execute/sync",
            &json!({"script": script, "args": arguments}),
        )
    }

    fn element(&self, selector: &str) -> String {
        let found = self.ask(
            "element",
            &json!({"using": "css selector", "value": selector}),
        );
        let (_, id) = found.as_object().unwrap().iter().next().unwrap();
        id.as_str().unwrap().to_owned()
    }

    /// Its user chooses a file, and sends the form.
    fn upload(&self, file: &Path) {
        let chosen = json!({"text": file});
        self.ask(
            &format!("element/{}/value", self.element("input[type=file]")),
            &chosen,
        );
        self.ask(
            &format!("element/{}/click", self.element("button")),
            &json!({}),
        );
    }

    /// Where a form has led to, and what is shown there.
    fn led_to(&self) -> (String, String) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let (place, text) = self.shown();
            if !place.starts_with("file:") {
                return (place, text);
            }
            assert!(Instant::now() < end, "{place}: {text}");
            thread::yield_now();
        }
    }

    fn shown(&self) -> (String, String) {
        let told = self.run(
            "return [location.href, document.documentElement.textContent]",
            json!([]),
        );
        let text = |at: usize| told[at].as_str().unwrap().to_owned();
        (text(0), text(1))
    }
}

fn asked(url: &str, body: &Value) -> Value {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build();
    let agent = ureq::Agent::new_with_config(agent);
    let answer = agent
        .post(url)
        .send(body.to_string())
        .unwrap()
        .body_mut()
        .read_to_string();
    let answer: Value = serde_json::from_str(&answer.unwrap()).unwrap();
    assert!(answer["value"]["error"].is_null(), "{url}: {answer}");
    answer["value"].clone()
}

struct Ground {
    emulator: Emulator,
    client: Client,
    files: TempDir,
    browser: Browser,
}

impl Ground {
    fn new() -> Ground {
        let emulator = Emulator::start_with(&["--private"]);
        Ground {
            client: Client::speaking("xml", &emulator.url, json!({})),
            emulator,
            files: TempDir::new(),
            browser: Browser::start(),
        }
    }

    /// The status of the one form that was sent since the last time.
    fn status(&self) -> Value {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let requests = self.emulator.requests();
            let is_answered =
                |request: &&Value| request["op"] == "post_object" && !request["status"].is_null();
            if let Some(form) = requests.iter().find(is_answered) {
                self.emulator.forget_requests();
                return form["status"].clone();
            }
            assert!(Instant::now() < end, "{requests:?}");
            thread::yield_now();
        }
    }

    /// A page with a form of these fields, and more of its own.
    fn page(&self, form: &Value, more: &[(&str, &str)]) -> std::path::PathBuf {
        let fields = form["data"]["fields"].as_object().unwrap();
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let inputs: String = fields
            .chain(more.iter().copied())
            .map(|(name, value)| {
                let value = value.replace('&', "&amp;").replace('"', "&quot;");
                format!("<input type=hidden name=\"{name}\" value=\"{value}\">")
            })
            .collect();
        let url = form["data"]["url"].as_str().unwrap();
        let html = format!(
            "<!DOCTYPE html><meta charset=utf-8><form method=post enctype=multipart/form-data \
             action=\"{url}\">{inputs}<input type=file name=file><button>Send</button></form>"
        );
        self.files.file("form.html", html.as_bytes())
    }
}

#[test]
#[ignore = "make browser-check"]
fn the_page_of_the_example_uploads_what_its_user_chooses() {
    let ground = Ground::new();
    let programs = Programs::new();
    let mut program = limited(&programs.example("signed_form.c"));
    program.envs(ground.emulator.environment("xml"));
    let output = program.args([BUCKET, "图/<a & b>/"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let page = ground.files.file("page.html", &output.stdout);

    // A browser says a quote in a name as %22, and the service takes it for the name.
    for (number, name) in ["plain.png", "名 前 100%+.png", "q\"u'o;te.png"]
        .into_iter()
        .enumerate()
    {
        let content = noise(300_000 + number, number as u64);
        let file = ground.files.file(name, &content);
        ground.browser.open(&page);
        ground.browser.upload(&file);
        assert_eq!(ground.status(), 200, "{name}");
        let key = format!("图/<a & b>/{}", name.replace('"', "%22"));
        ground.client.holds(&key, &content);
        let stat = ok(ground.client.stat_file(&key));
        assert_eq!(stat["data"]["headers"]["content-type"], "image/png");
    }

    let large = ground.files.file("large.png", &noise(5_242_881, 9));
    ground.browser.open(&page);
    ground.browser.upload(&large);
    let (_, shown) = ground.browser.led_to();
    assert!(shown.contains("EntityTooLarge"), "{shown}");
    assert_eq!(code(&ground.client.stat_file("图/<a & b>/large.png")), -166);
}

#[test]
#[ignore = "make browser-check"]
fn a_user_who_changes_the_form_is_refused() {
    let ground = Ground::new();
    let options =
        json!({"key_prefix": "mine/", "content_type": "image/png", "max": 100, "expires_s": 60});
    let form = ok(ground.client.post_policy(&options));
    let (page, file) = (ground.page(&form, &[]), ground.files.file("f", b"content"));
    for (name, value, refusal) in [
        ("key", "others/${filename}", "AccessDenied"),
        ("Content-Type", "text/html", "AccessDenied"),
        ("q-ak", "another", "InvalidAccessKeyId"),
        (
            "q-signature",
            "0000000000000000000000000000000000000000",
            "SignatureDoesNotMatch",
        ),
    ] {
        ground.browser.open(&page);
        let script = "document.querySelector(`[name='${arguments[0]}']`).value = arguments[1]";
        ground.browser.run(script, json!([name, value]));
        ground.browser.upload(&file);
        let (_, shown) = ground.browser.led_to();
        assert!(shown.contains(refusal), "{name}: {shown}");
        assert_ne!(ground.status(), 204, "{name}");
    }
    ground.browser.open(&page);
    ground.browser.upload(&file);
    assert_eq!(ground.status(), 204);
    ground.client.holds("mine/f", b"content");
}

#[test]
#[ignore = "make browser-check"]
fn a_form_leads_on_to_a_page_of_the_program() {
    let ground = Ground::new();
    let program = Listener::replying("\"done\"");
    let form = ok(ground
        .client
        .post_policy(&json!({"key": "目录/a b", "expires_s": 60})));
    let done = format!("{}/done", program.url);
    let page = ground.page(
        &form,
        &[("success_action_redirect", &done), ("x-cos-meta-by", "a b")],
    );
    ground.browser.open(&page);
    ground.browser.upload(&ground.files.file("f", b"content"));
    let (place, _) = ground.browser.led_to();
    assert!(place.starts_with(&done), "{place}");
    assert!(place.contains("key=") && place.contains("etag="), "{place}");
    ground.client.holds("目录/a b", b"content");
    let stat = ok(ground.client.stat_file("目录/a b"));
    assert_eq!(stat["data"]["meta"]["by"], "a b");
}

#[test]
#[ignore = "make browser-check"]
fn a_script_of_a_page_uploads() {
    let ground = Ground::new();
    let form = ok(ground
        .client
        .post_policy(&json!({"key_prefix": "scripts/", "max": 2_000_000, "expires_s": 60})));
    ground.browser.open(&ground.page(&form, &[]));
    // As docs/signed.md has it; without a CORS rule a script does not see the answer.
    let script = "const [fields, url] = arguments;
        const body = new FormData();
        for (const [name, value] of Object.entries(fields)) body.append(name, value);
        body.append('file', new Blob(['a'.repeat(1000000)]), '名.txt');
        return fetch(url, { method: 'POST', body, mode: 'no-cors' }).then(({ type }) => type)";
    let data = &form["data"];
    let seen = ground
        .browser
        .run(script, json!([data["fields"], data["url"]]));
    assert_eq!(seen, "opaque");
    assert_eq!(ground.status(), 204);
    ground
        .client
        .holds("scripts/名.txt", &vec![b'a'; 1_000_000]);
}
