//! What can be wrong with the file of an upload: always QCOS_ERR_LOCAL_FILE, never a hang, never
//! an object that is a mixture.

#![allow(unsafe_code)] // system calls

mod common;

use std::ffi::{CString, OsStr};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Mutex, mpsc};

use common::emulator::Emulator;
use common::library::{BUCKET, Client, c, code, kind, message, ok, sized, take};
use common::listener::{Listener, set_socket_option};
use common::{TempDir, noise};
use qcos::ffi::qcos_upload;
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

fn mkfifo(path: &Path) {
    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: a valid path.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
}

#[test]
fn what_cannot_be_read_is_refused_before_anything_is_sent() {
    let listener = Listener::replying("{}");
    let client = Client::open(&listener.url);
    let files = TempDir::new();
    mkfifo(&files.join("fifo"));
    let _socket = UnixListener::bind(files.join("socket")).unwrap();
    symlink("nowhere", files.join("dangling")).unwrap();
    symlink("loop", files.join("loop")).unwrap();
    fs::create_dir(files.join("dir")).unwrap();
    for (name, expected) in [
        ("missing", "missing"),
        ("dangling", "missing"),
        ("loop", "unreadable"),
        ("dir", "not_regular"),
        ("fifo", "not_regular"),
        ("socket", "not_regular"),
    ] {
        let path = files.join(name);
        for reply in [
            client.upload(&path, "a"),
            client.upload_slice(&path, "a", 0, "", &mut |_, _| 0),
        ] {
            assert_eq!((code(&reply), kind(&reply)), (-1, expected), "{reply}");
            assert!(message(&reply).starts_with("filepath: "), "{reply}");
            assert!(message(&reply).contains(path.to_str().unwrap()), "{reply}");
        }
    }
    let reply = client.upload(Path::new("/dev/zero"), "a");
    assert_eq!(kind(&reply), "not_regular", "{reply}");
    // Says that it is empty, and is not.
    let reply = client.upload(Path::new("/proc/self/status"), "a");
    assert_eq!((code(&reply), kind(&reply)), (-1, "changed"), "{reply}");
    assert_eq!(listener.connections(), 0);
}

#[test]
fn empty_files_linked_files_and_names_of_any_bytes_go_up() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let empty = files.file("empty", b"");
    for name in ["empty", "empty-slices"] {
        let mut seen = Vec::new();
        let mut report = |done, total| {
            seen.push((done, total));
            0
        };
        ok(match name {
            "empty" => client.upload_reporting(&empty, name, &mut report),
            _ => client.upload_slice(&empty, name, 0, "", &mut report),
        });
        assert_eq!(sized(&seen), [(0, 0)]);
        let stat = ok(client.stat_file(name));
        assert_eq!(stat["data"]["filelen"], 0);
        let sha = stat["data"]["sha"].as_str().unwrap();
        assert!(sha.eq_ignore_ascii_case("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
    }

    symlink(files.file("real", b"real"), files.join("link")).unwrap();
    ok(client.upload(&files.join("link"), "linked"));
    assert_eq!(ok(client.stat_file("linked"))["data"]["filesize"], 4);

    let name = OsStr::from_bytes(b"\xff\xfe name");
    let path = files.join("").join(name);
    fs::write(&path, b"bytes").unwrap();
    ok(client.upload(&path, "bytes"));
}

/// Uploads a file of many slices and lets `change` loose on it after the first of them.
fn changed_meanwhile(parallel: usize, change: impl Fn(&Path)) -> Value {
    let emulator = Emulator::start();
    let client = Client::open_with(&emulator.url, json!({ "parallel": parallel }));
    let files = TempDir::new();
    let path = files.file("f", &noise(12 * MIB, 3));
    let mut changed = false;
    let reply = client.upload_slice(&path, "f", 0, "", &mut |done, _| {
        if done > 0 && !changed {
            changed = true;
            change(&path);
        }
        0
    });
    assert!(changed);
    let stat = client.stat_file("f");
    let complete = stat["data"]["filelen"] == stat["data"]["filesize"];
    assert!(code(&stat) != 0 || !complete, "published: {stat}");
    reply
}

type Change = Box<dyn Fn(&Path) + Send + Sync>;

/// What can become of a file of `size` bytes, near its end or as a whole.
fn changes(size: usize) -> [(&'static str, Change); 6] {
    let at = (size - MIB) as u64;
    [
        (
            "shrinks",
            Box::new(|path| {
                let file = OpenOptions::new().write(true).open(path).unwrap();
                file.set_len(700_000).unwrap();
            }),
        ),
        (
            "vanishes to nothing",
            Box::new(|path| {
                File::create(path).unwrap();
            }),
        ),
        (
            "grows",
            Box::new(|path| {
                let mut file = OpenOptions::new().append(true).open(path).unwrap();
                file.write_all(b"more").unwrap();
            }),
        ),
        (
            "changes within",
            Box::new(move |path| {
                let file = OpenOptions::new().write(true).open(path).unwrap();
                file.write_all_at(b"other", at).unwrap();
            }),
        ),
        (
            "is replaced by another",
            Box::new(move |path| {
                let other = path.with_extension("other");
                fs::write(&other, noise(size, 4)).unwrap();
                fs::rename(other, path).unwrap();
            }),
        ),
        (
            "changes within, times put back",
            Box::new(move |path| {
                let before = fs::metadata(path).unwrap().modified().unwrap();
                let file = OpenOptions::new().write(true).open(path).unwrap();
                file.write_all_at(b"other", at).unwrap();
                file.set_modified(before).unwrap();
            }),
        ),
    ]
}

#[test]
fn a_file_that_changes_during_its_upload_is_not_published() {
    for (name, change) in changes(12 * MIB) {
        for parallel in [1, 4] {
            let reply = changed_meanwhile(parallel, &change);
            let outcome = (code(&reply), kind(&reply));
            assert_eq!(outcome, (-1, "changed"), "{name}: {reply}");
            assert!(reply["data"]["session"].is_string(), "{name}: {reply}");
        }
    }
}

/// So that most of what is sent waits for its reader, however late that comes: a buffer that grows by itself may hold
/// 32 MiB.
fn take_little_ahead(stream: &TcpStream) {
    let bytes: libc::c_int = 128 << 10;
    // SAFETY: the option's type.
    unsafe { set_socket_option(stream, libc::SO_RCVBUF, &bytes) };
}

/// The service takes the first of it, lets the change loose, and takes what else comes.
#[test]
fn a_file_that_changes_while_one_request_sends_it_is_not_sent_to_its_end() {
    const SIZE: usize = 8 * MIB;
    for (name, change) in changes(SIZE) {
        let files = TempDir::new();
        let path = files.file("f", &noise(SIZE, 3));
        let (taken, told) = mpsc::channel();
        let (changed, taken) = (path.clone(), Mutex::new(taken));
        let service = Listener::with_connections(move |stream, _| {
            take_little_ahead(stream);
            let mut first = vec![0; MIB];
            stream.read_exact(&mut first).unwrap();
            change(&changed);
            let rest = std::io::copy(stream, &mut std::io::sink());
            let _ = taken
                .lock()
                .unwrap()
                .send(MIB as u64 + rest.unwrap_or_default());
        });
        let options = json!({"overwrite": true, "retries": 0});
        let client = Client::speaking("xml", &service.url, options);
        let reply = client.upload(&path, "f");
        let outcome = (code(&reply), kind(&reply));
        assert_eq!(outcome, (-1, "changed"), "{name}: {reply}");
        assert!(told.recv().unwrap() < SIZE as u64, "{name}");
    }
}

#[test]
fn running_out_of_descriptors_is_an_error_and_passes() {
    let emulator = Emulator::start();
    let files = TempDir::new();
    let path = files.file("f", b"x");
    let client = Client::open_with(&emulator.url, json!({"retries": 0}));
    // In a process of its own, so that other tests keep their descriptors.
    // SAFETY: fork in a test; the child only makes calls and leaves.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 64,
        };
        let spacious = libc::rlimit {
            rlim_cur: 64,
            rlim_max: 64,
        };
        // SAFETY: valid arguments.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
        let no_file = client.upload(&path, "f");
        let no_socket = client.stat_file("f");
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &spacious) };
        let later = client.upload(&path, "f");
        let good = code(&no_file) == -1
            && kind(&no_file) == "unreadable"
            && code(&no_socket) == -2
            && kind(&no_socket) == "connect"
            && code(&later) == 0;
        if !good {
            eprintln!("{no_file}\n{no_socket}\n{later}");
        }
        unsafe { libc::_exit(i32::from(!good)) };
    }
    let mut status = 0;
    // SAFETY: valid arguments.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(status, 0);
}

#[test]
fn a_null_progress_is_fine() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let path = c(files.file("f", b"x").to_str().unwrap());
    let reply = take(unsafe {
        qcos_upload(
            client.0,
            path.as_ptr(),
            c(BUCKET).as_ptr(),
            c("f").as_ptr(),
            std::ptr::null(),
            None,
            std::ptr::null_mut(),
        )
    });
    ok(reply);
}
