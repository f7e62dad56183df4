//! What can be wrong with the local file of a download: always QCOS_ERR_LOCAL_FILE, nothing is
//! asked for when that shows beforehand, and what was there stays as it was.

#![allow(unsafe_code)] // system calls

mod common;

use std::ffi::{CString, OsStr};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use common::emulator::Emulator;
use common::library::{Client, code, kind, message, ok};
use common::listener::Listener;
use common::mount::Mount;
use common::{TempDir, names, noise};

const MIB: usize = 1 << 20;

fn c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
}

#[test]
fn what_cannot_be_replaced_is_refused_before_anything_is_sent() {
    let listener = Listener::replying("{}");
    let client = Client::open(&listener.url);
    let files = TempDir::new();
    // SAFETY: a valid path.
    assert_eq!(
        unsafe { libc::mkfifo(c(&files.join("fifo")).as_ptr(), 0o600) },
        0
    );
    let _socket = UnixListener::bind(files.join("socket")).unwrap();
    fs::create_dir(files.join("dir")).unwrap();
    files.file("file", b"x");
    symlink("file", files.join("link")).unwrap();
    symlink("nowhere", files.join("dangling")).unwrap();
    let before = names(&files.join(""));
    for (name, expected) in [
        ("dir", "not_regular"),
        ("dir/", "not_regular"),
        ("new/", "not_regular"),
        ("dir/.", "not_regular"),
        ("dir/..", "not_regular"),
        ("fifo", "not_regular"),
        ("socket", "not_regular"),
        ("link", "not_regular"),
        ("dangling", "not_regular"),
        ("missing/f", "missing"),
        ("file/f", "unwritable"),
        ("file/", "not_regular"),
    ] {
        let path = PathBuf::from(format!("{}/{name}", files.join(".").display()));
        let reply = client.download("a", &path);
        assert_eq!(
            (code(&reply), kind(&reply)),
            (-1, expected),
            "{name}: {reply}"
        );
        assert!(message(&reply).starts_with("filepath: "), "{reply}");
        assert!(message(&reply).contains(path.to_str().unwrap()), "{reply}");
    }
    for device in ["/dev/null", "/dev/full", "/"] {
        let reply = client.download("a", Path::new(device));
        assert_eq!(kind(&reply), "not_regular", "{reply}");
    }
    assert_eq!(listener.connections(), 0);
    assert_eq!(names(&files.join("")), before);
}

#[test]
fn a_full_disk_is_an_error_and_leaves_the_old_file() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let files = TempDir::new();
    let disk = Mount::new("size=2m");
    for size in [3 * MIB, 17 * MIB] {
        ok(client.upload(&files.file("up", &noise(size, 1)), "large"));
        disk.until_free();
        let target = disk.0.file("f", b"old");
        let reply = client.download("large", &target);
        assert_eq!((code(&reply), kind(&reply)), (-1, "disk_full"), "{reply}");
        assert!(message(&reply).starts_with("filepath: "), "{reply}");
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(names(&disk.0.join("")), ["f"]);
        ok(client.delete_file("large"));
    }
    // What fits still comes.
    disk.until_free();
    ok(client.upload_buffer(b"small", "small", ""));
    ok(client.download("small", &disk.0.join("f")));
    assert_eq!(fs::read(disk.0.join("f")).unwrap(), b"small");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error_before_anything_is_sent() {
    let listener = Listener::replying("{}");
    let client = Client::open(&listener.url);
    let disk = Mount::new("size=1m");
    let target = disk.0.file("f", b"old");
    disk.make_read_only();
    for path in [target.clone(), disk.0.join("new")] {
        let reply = client.download("a", &path);
        assert_eq!((code(&reply), kind(&reply)), (-1, "unwritable"), "{reply}");
    }
    assert_eq!(fs::read(&target).unwrap(), b"old");
    assert_eq!(listener.connections(), 0);
}

#[test]
fn names_of_any_bytes_and_lengths_are_taken() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    ok(client.upload_buffer(b"bytes", "f", ""));
    let folder = TempDir::new();
    let long = "n".repeat(255);
    for name in [
        &b"\xff\xfe name"[..],
        long.as_bytes(),
        "目录".as_bytes(),
        b"a\nb",
    ] {
        let path = folder.join("").join(OsStr::from_bytes(name));
        ok(client.download("f", &path));
        assert_eq!(fs::read(&path).unwrap(), b"bytes");
    }
    assert_eq!(names(&folder.join("")).len(), 4);
    let reply = client.download("f", &folder.join(&"n".repeat(256)));
    assert_eq!((code(&reply), kind(&reply)), (-1, "unwritable"), "{reply}");
    assert_eq!(names(&folder.join("")).len(), 4);
}

#[test]
fn a_file_keeps_its_permissions_and_a_new_one_has_the_usual() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    ok(client.upload_buffer(b"new", "f", ""));
    let folder = TempDir::new();
    let mode = |name: &str| {
        fs::metadata(folder.join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o7777
    };
    for expected in [0o600, 0o640, 0o755] {
        let path = folder.file("f", b"old");
        fs::set_permissions(&path, fs::Permissions::from_mode(expected)).unwrap();
        ok(client.download("f", &path));
        assert_eq!(mode("f"), expected);
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
    // As the system makes files for this process.
    folder.file("usual", b"");
    ok(client.download("f", &folder.join("fresh")));
    assert_eq!(mode("fresh"), mode("usual"));
}

#[test]
fn a_relative_path_is_taken_from_the_current_folder() {
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    ok(client.upload_buffer(b"here", "f", ""));
    let folder = TempDir::new();
    in_child(|| {
        std::env::set_current_dir(folder.join("")).unwrap();
        let reply = client.download("f", Path::new("plain"));
        code(&reply) == 0 && fs::read("plain").unwrap() == b"here"
    });
    assert_eq!(names(&folder.join("")), ["plain"]);
}

#[test]
fn running_out_of_descriptors_is_an_error_and_passes() {
    let emulator = Emulator::start();
    let client = Client::open_with(&emulator.url, serde_json::json!({"retries": 0}));
    let files = TempDir::new();
    ok(client.upload(&files.file("up", &noise(9 * MIB, 2)), "f"));
    let target = files.file("target", b"old");
    let set_limit = |current: u64| {
        let limit = libc::rlimit {
            rlim_cur: current,
            rlim_max: 256,
        };
        // SAFETY: a valid argument.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    };
    in_child(|| {
        // Connections of its own, not the parent's.
        let client = Client::open_with(&emulator.url, serde_json::json!({"retries": 0}));
        let mut seen = Vec::new();
        for limit in 0..64 {
            set_limit(limit);
            let reply = client.download("f", &target);
            set_limit(256);
            let content = fs::read(&target).unwrap();
            let fine = match code(&reply) {
                0 => content.len() == 9 * MIB,
                -1 => kind(&reply) == "unwritable" && content == b"old",
                -2 => kind(&reply) == "connect" && content == b"old",
                _ => false,
            };
            assert!(fine, "{limit}: {reply}");
            assert_eq!(names(&files.join("")), ["target", "up"]);
            fs::write(&target, b"old").unwrap();
            seen.push(code(&reply));
        }
        ok(client.download("f", &target));
        // No file, then no socket, then all of it.
        seen[0] == -1 && seen.contains(&-2) && seen.last() == Some(&0)
    });
}

/// Runs it in a process of its own, so that the other tests keep their folder and descriptors.
fn in_child(run: impl FnOnce() -> bool) {
    // SAFETY: fork in a test; the child only makes calls and leaves.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // What it says would be kept for a report that the parent writes.
        std::panic::set_hook(Box::new(|info| {
            let _ = writeln!(std::io::stderr(), "{info}");
        }));
        let good = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or(false);
        // SAFETY: leaves at once.
        unsafe { libc::_exit(i32::from(!good)) };
    }
    let mut status = 0;
    // SAFETY: valid arguments.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(status, 0);
}
