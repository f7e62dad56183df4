//! A service that takes so many requests a second and refuses all others: a client holds back as a whole, so that no
//! request uses up its retries while the others go on.

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::emulator::Emulator;
use common::library::{Client, code, kind, message, ok};
use common::listener::{Listener, read_request};
use common::relay::forwarded;
use common::{TempDir, noise};
use serde_json::json;

const PER_SECOND: f64 = 50.0;

/// In front of the emulator, with a limit; bursts of a second are taken.
struct Limited {
    service: Listener,
    asked: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
}

impl Limited {
    fn of(emulator: &Emulator) -> Limited {
        let address = emulator.url.trim_start_matches("http://").to_owned();
        let [asked, refused] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let counts = (asked.clone(), refused.clone());
        let bucket = Mutex::new((PER_SECOND, Instant::now()));
        let service = Listener::with_connections(move |stream, _| {
            use std::io::Write;
            let Some(request) = read_request(stream) else {
                return;
            };
            counts.0.fetch_add(1, Ordering::SeqCst);
            let is_taken = {
                let mut bucket = bucket.lock().unwrap();
                let (left, since) = *bucket;
                let now = Instant::now();
                let left = left + (now - since).as_secs_f64() * PER_SECOND;
                let is_taken = left >= 1.0;
                *bucket = (left.min(PER_SECOND) - f64::from(u8::from(is_taken)), now);
                is_taken
            };
            let answer = match is_taken {
                true => forwarded(&address, &request),
                false => {
                    counts.1.fetch_add(1, Ordering::SeqCst);
                    b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
                }
            };
            let _ = stream.write_all(&answer);
        });
        Limited {
            service,
            asked,
            refused,
        }
    }

    /// Each burst of refusals is of those that were under way together, eight at most, and the next one comes when
    /// the limit has been sought anew, some ten seconds and five hundred requests later.
    fn has_refused_few(&self, what: &str) {
        let [asked, refused] = [&self.asked, &self.refused].map(|n| n.swap(0, Ordering::SeqCst));
        println!("{what}: {refused} of {asked} requests were refused");
        assert!(refused > 0, "{what}: there was no limit");
        assert!(refused * 20 <= asked, "{what}: {refused} of {asked}");
    }
}

fn planted(root: &Path, files: usize) {
    std::fs::create_dir(root).unwrap();
    for file in 0..files {
        std::fs::write(root.join(format!("f{file}")), noise(100, file as u64 + 1)).unwrap();
    }
}

fn up_and_down(api: &str, parallel: usize, files: usize) {
    let (emulator, folders) = (Emulator::start(), TempDir::new());
    let limited = Limited::of(&emulator);
    let (root, copy) = (folders.join("many"), folders.join("copy"));
    planted(&root, files);
    let options = json!({"parallel": parallel});
    let client = Client::speaking(api, &limited.service.url, options.clone());
    let sent = ok(client.upload_tree(&root, "t", "{}", &mut |_, _| 0));
    assert_eq!(sent["data"]["uploaded"], files, "{sent}");
    limited.has_refused_few(&format!("{api}, up"));
    // One that knows nothing of the limit.
    let client = Client::speaking(api, &limited.service.url, options);
    let got = ok(client.download_tree("t", &copy, "{}", &mut |_, _| 0));
    assert_eq!(got["data"]["downloaded"], files, "{got}");
    limited.has_refused_few(&format!("{api}, down"));
    for file in 0..files {
        let content = std::fs::read(copy.join(format!("f{file}"))).unwrap();
        assert_eq!(content, noise(100, file as u64 + 1), "{file}");
    }
}

#[test]
fn a_tree_of_the_xml_api_goes_up_and_down() {
    up_and_down("xml", 8, 1000);
}

/// Two requests a file.
#[test]
fn a_tree_of_the_json_api_goes_up_and_down() {
    up_and_down("json", 8, 500);
}

/// One refusal that asks for twenty seconds holds all handles of a client: nothing reaches the service meanwhile.
#[test]
fn whoever_waits_for_the_service_can_be_cancelled_and_has_its_own_time() {
    const ONCE: &[u8] = b"HTTP/1.1 503 X\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n";
    for api in ["json", "xml"] {
        let service = Listener::answering(|_, _| ONCE.to_vec());
        let client = Client::speaking(api, &service.url, json!({"retries": 0}));
        assert_eq!(client.stat_file("a")["httpcode"], 503);
        assert_eq!(service.received().len(), 1, "{api}");

        let hurried = client.with(&json!({"timeout_ms": 10_000}));
        let reply = hurried.stat_file("b");
        assert_eq!((code(&reply), kind(&reply)), (-2, "timeout"), "{reply}");
        assert!(message(&reply).contains("slow down"), "{reply}");

        // By its progress, and from another thread.
        let mut reports = 0;
        let dir = TempDir::new();
        let file = dir.file("file", b"content");
        let waiting = client.with(&json!({"overwrite": true}));
        let reply = waiting.upload_reporting(&file, "c", &mut |_, _| {
            reports += 1;
            i32::from(reports == 3)
        });
        assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
        let waiting = client.with(&json!({"parallel": 2}));
        thread::scope(|scope| {
            let call = scope.spawn(|| waiting.stat_file("d"));
            thread::sleep(Duration::from_millis(200));
            client.cancel();
            let reply = call.join().unwrap();
            assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
        });
        assert_eq!(service.received().len(), 1, "{api}");
    }
}
