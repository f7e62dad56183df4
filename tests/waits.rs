//! The table of waits: everything that a call can wait for × every function that can come to it. Each
//! cell is held up for real, and proves that a cancel, by the callback or from another thread, is obeyed
//! within half a second, `timeout_ms` within a second, and that the progress callback is called meanwhile.

#![allow(unsafe_code)] // system calls

mod common;

use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::again;
use common::emulator::Emulator;
use common::library::{APIS, Client, ok};
use common::tls::Certificate;
use common::waits::{End, FUNCTIONS, Files, Function, Stage, prove, prove_held};
use serde_json::{Value, json};

const ENDS: [End; 3] = [End::Cancel, End::Outside, End::Deadline];

fn is_of(function: &Function, api: &str, end: End) -> bool {
    let said = function.only.is_none_or(|only| only == api);
    said && (end != End::Cancel || function.has_callback)
}

/// Does the jobs, some at a time: they wait, and compute little.
fn side_by_side<T: Sync>(jobs: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(job)));
                    if let Err(why) = done {
                        let why = why.downcast_ref::<String>().cloned();
                        failures.lock().unwrap().push(why.unwrap_or_default());
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{}\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// The requests since the last time to what is below a path: what each is answered with.
fn requests(emulator: &Emulator, below: &str) -> Vec<Answer> {
    let mut requests = emulator.requests();
    requests.retain(|request| request["path"].as_str().unwrap().starts_with(below));
    emulator.forget_requests();
    const WITHOUT: [&str; 12] = [
        "put_object",
        "put_object_tagging",
        "delete_object_tagging",
        "restore",
        "append",
        "upload_part",
        "delete_object",
        "abort",
        "put_acl",
        "put_bucket",
        "put_versioning",
        "delete_bucket",
    ];
    let answer = |request: &Value| match request["op"].as_str().unwrap() {
        "get_object" | "download" => Answer::Content,
        op if request["method"] == "HEAD" || WITHOUT.contains(&op) => Answer::Bare,
        _ if request["status"] != 200 => Answer::Refusal,
        _ => Answer::Words,
    };
    requests.iter().map(answer).collect()
}

#[derive(PartialEq, Eq)]
enum Answer {
    Bare,
    Content,
    Refusal,
    Words,
}

/// Each answer of each call, held up in each way: before it, in the midst of it, by blanks, and by
/// "come back in 20 s".
#[test]
fn answers_are_waited_for_no_longer_than_wanted() {
    // What holds it up, and which answers that can be done to.
    use Answer::{Bare, Content, Refusal, Words};
    let all = &[Bare, Content, Refusal, Words][..];
    let holds = [
        ("first byte", all, json!({"stall": "before_answer"})),
        ("head", all, json!({"stall": "head"})),
        ("body", &all[1..], json!({"stall": "body"})),
        (
            "blanks",
            &all[3..],
            json!({"slow_complete": {"spaces": 10_000, "every_ms": 50}}),
        ),
        (
            "pause",
            all,
            json!({"status": 503, "body": "", "headers": {"Retry-After": "20"}}),
        ),
    ];
    let mut jobs = Vec::new();
    for api in APIS {
        for function in FUNCTIONS {
            for end in ENDS.into_iter().filter(|end| is_of(function, api, *end)) {
                jobs.extend(holds.iter().map(|hold| (api, function, hold, end)));
            }
        }
    }
    let proved = AtomicUsize::new(0);
    side_by_side(&jobs, |(api, function, (wait, held_up, fault), end)| {
        let emulator = Emulator::start();
        let files = Files::new();
        let plain = Client::speaking(api, &emulator.url, End::Cancel.options());
        // How many requests a new client makes, when nothing holds it up, in a bucket that is there.
        ok(plain.upload_buffer(b"", "exists", ""));
        Stage::quiet(&plain, "dry", &files, |stage| (function.prepare)(stage));
        requests(&emulator, "");
        let another = Client::speaking(api, &emulator.url, End::Cancel.options());
        Stage::quiet(&another, "dry", &files, |stage| {
            drop((function.call)(stage))
        });
        // Parts of the call before may still be on their way.
        let is_upload = function.name.starts_with("upload");
        let answers = requests(&emulator, if is_upload { "/dry/" } else { "" });
        assert!(!answers.is_empty(), "{}", function.name);
        for (at, answer) in answers.iter().enumerate() {
            if !held_up.contains(answer) {
                continue;
            }
            let folder = format!("c{at}");
            Stage::quiet(&plain, &folder, &files, |stage| (function.prepare)(stage));
            let limited = Client::speaking(api, &emulator.url, end.options());
            let mut which = json!({"from": at, "count": 1});
            if is_upload {
                which["path"] = format!("/{folder}/*").into();
            }
            let rule = json!([{"match": which, "fault": fault}]);
            emulator.set_faults(&rule);
            let what = format!("{api}, {wait} of request {at} of {}", answers.len());
            prove(&what, &limited, &folder, &files, function, *end);
            emulator.set_faults(&json!([]));
            proved.fetch_add(1, Ordering::Relaxed);
        }
    });
    println!("waits: {} cells of answers proved", proved.into_inner());
}

/// Every call that needs a connection, to a service that `url` and `options` do not lead to.
fn nobody_connects(what: &str, url: &str, options: &Value) -> usize {
    let mut jobs = Vec::new();
    for api in APIS {
        for function in FUNCTIONS {
            for end in ENDS.into_iter().filter(|end| is_of(function, api, *end)) {
                jobs.push((format!("c{}", jobs.len()), api, function, end));
            }
        }
    }
    let files = Files::new();
    side_by_side(&jobs, |(folder, api, function, end)| {
        let mut all = end.options();
        for (name, value) in options.as_object().unwrap() {
            all[name] = value.clone();
        }
        let client = Client::speaking(api, url, all);
        prove(
            &format!("{api}, {what}"),
            &client,
            folder,
            &files,
            function,
            *end,
        );
    });
    jobs.len()
}

/// A listener whose queue is full: the system answers no further connection.
#[test]
fn connections_are_waited_for_no_longer_than_wanted() {
    let full = TcpListener::bind("127.0.0.1:0").unwrap();
    // SAFETY: a socket of our own.
    assert_eq!(unsafe { libc::listen(full.as_raw_fd(), 0) }, 0);
    let address = full.local_addr().unwrap();
    let wait = std::time::Duration::from_millis(200);
    let mut held = Vec::new();
    while let Ok(tcp) = TcpStream::connect_timeout(&address, wait) {
        held.push(tcp);
    }
    let proved = nobody_connects("connect", &format!("http://{address}"), &json!({}));
    println!("waits: {proved} cells of connecting proved");
}

/// Accepts, and says nothing: to a handshake, or to a CONNECT.
#[test]
fn handshakes_and_tunnels_are_waited_for_no_longer_than_wanted() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    thread::spawn(move || {
        let held: Vec<_> = silent.incoming().collect();
        drop(held);
    });
    // One certificate: reading all that the system trusts takes a debug build some 50 ms of a processor.
    let certificate = Certificate::new("localhost");
    let trusting = json!({"tls_ca": certificate.path()});
    let tls = nobody_connects("handshake", &format!("https://{address}"), &trusting);
    let proxy = json!({"proxy": format!("http://{address}"), "tls_ca": certificate.path()});
    let tunnel = nobody_connects("tunnel", "https://service.invalid", &proxy);
    println!(
        "waits: {} cells of handshakes and tunnels proved",
        tls + tunnel
    );
}

/// This test's program again, for one of the tests below, where the system is another.
fn in_another_world(command: &mut Command, test: &str) -> String {
    let text = again::ignored_test(command, test);
    let told = text.lines().find(|line| line.starts_with("waits: "));
    told.unwrap_or_default().to_owned()
}

/// A name server that takes questions and does not answer them.
#[test]
fn names_are_looked_up_no_longer_than_wanted() {
    let address = common::own_address();
    let server = std::net::UdpSocket::bind((address, 53)).expect("as root");
    let files = common::TempDir::new();
    let text = format!("nameserver {address}\noptions timeout:30 attempts:1\n");
    let resolv = files.file("resolv.conf", text.as_bytes());
    let mut unshare = again::with_resolver(&resolv);
    println!("{}", in_another_world(&mut unshare, "without_names"));
    // All calls together have asked for one name, a few at a time.
    server.set_nonblocking(true).unwrap();
    let mut questions = 0;
    while server.recv(&mut [0; 512]).is_ok() {
        questions += 1;
    }
    assert!(questions > 0, "the name server was not asked");
}

#[test]
#[ignore = "run by the test above, with a name server that does not answer"]
fn without_names() {
    let proved = nobody_connects("look-up", "http://service.test:8080", &json!({}));
    // Threads are named for the system; those of look-ups stay until the system gives up.
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let names = threads.map(|t| std::fs::read_to_string(t.unwrap().path().join("comm")));
    let looking_up = names.filter(|name| name.as_ref().is_ok_and(|n| n.trim() == "qcos-dns"));
    let looking_up = looking_up.count();
    assert!(
        (1..=4).contains(&looking_up),
        "{looking_up} threads look names up"
    );
    println!("waits: {proved} cells of look-ups proved");
}

/// A file that takes minutes to read.
#[test]
fn files_are_read_no_longer_than_wanted() {
    let emulator = Emulator::start();
    let mut files = Files::new();
    for path in [&files.large, &files.tree.join("huge")] {
        let file = std::fs::File::create(path).unwrap();
        file.set_len(200 << 30).unwrap();
    }
    files.small = files.large.clone();
    let reads = ["upload", "upload (large)", "upload_slice", "upload_tree"];
    let mut proved = 0;
    for api in APIS {
        for function in FUNCTIONS.iter().filter(|f| reads.contains(&f.name)) {
            for end in ENDS {
                let client = Client::speaking(api, &emulator.url, end.options());
                prove(
                    &format!("{api}, reading"),
                    &client,
                    api,
                    &files,
                    function,
                    end,
                );
                proved += 1;
            }
        }
    }
    println!("waits: {proved} cells of reading proved");
}

/// A disk that hangs: nothing ends a system call, so the call is left behind.
#[test]
fn a_disk_that_hangs_is_waited_for_no_longer_than_wanted() {
    let emulator = Emulator::start();
    let files = common::TempDir::new();
    let shim = files.join("hung_disk.so");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&shim)
        .arg(common::build::root().join("tests/c/hung_disk.c"))
        .args(["-ldl"])
        .status();
    assert!(compiled.unwrap().success());
    for call in ["fsync", "rename", "pread"] {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program
            .env("LD_PRELOAD", &shim)
            .env("HUNG_DISK", files.join("hung"))
            .env("HUNG_CALL", call)
            .env("SERVICE", &emulator.url);
        println!("{}", in_another_world(&mut program, "on_a_hung_disk"));
    }
}

#[test]
#[ignore = "run by the test above, with a disk that hangs"]
fn on_a_hung_disk() {
    let variable = |name| std::env::var(name).unwrap();
    let (call, service) = (variable("HUNG_CALL"), variable("SERVICE"));
    let hung = std::path::PathBuf::from(variable("HUNG_DISK"));
    let reaching: &[&str] = match call.as_str() {
        "pread" => &["upload", "upload (large)", "upload_slice", "upload_tree"],
        _ => &["download", "download (large)", "download_tree"],
    };
    let files = Files::new();
    let mut proved = 0;
    for api in APIS {
        let plain = Client::speaking(api, &service, json!({}));
        for function in FUNCTIONS.iter().filter(|f| reaching.contains(&f.name)) {
            for end in ENDS {
                let folder = format!("{call}{api}{proved}");
                Stage::quiet(&plain, &folder, &files, |stage| (function.prepare)(stage));
                std::fs::write(&hung, b"").unwrap();
                let client = Client::speaking(api, &service, end.options());
                let what = format!("{api}, {call}");
                let is_held = || std::fs::metadata(&hung).unwrap().len() > 0;
                prove_held(&what, &client, &folder, &files, function, end, &is_held);
                std::fs::remove_file(&hung).unwrap();
                proved += 1;
            }
        }
    }
    println!("waits: {proved} cells of {call} proved");
}
