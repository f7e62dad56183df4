//! What a call leaves behind when it is killed, or fails when a session has begun: nothing on the
//! disk for longer than to the next call, and no session that no reply names.

mod common;

use std::fs;
use std::io::Write;
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::child::{Child, Lacking, alone, in_child, lack};
use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok, open};
use common::listener::{Listener, http, read_request};
use common::mount::Mount;
use common::objects::with_head;
use common::{TempDir, names, noise, sha1_hex};
use serde_json::json;

const MIB: usize = 1 << 20;

/// An object whose last bytes never come.
fn stalling(content: Vec<u8>) -> Listener {
    let stat = json!({"code": 0, "message": "", "data": {"filesize": content.len(),
        "filelen": content.len(), "sha": sha1_hex(&content)}})
    .to_string();
    Listener::with_connections(move |stream, _| {
        let Some(request) = read_request(stream) else {
            return;
        };
        if request.line.contains("op=stat") {
            let _ = stream.write_all(&http(200, &stat));
            let _ = stream.shutdown(Shutdown::Write);
            return;
        }
        let answer = with_head("200 OK", "", &content);
        let _ = stream.write_all(&answer[..answer.len() - MIB]);
        // To the end of the client.
        read_request(stream);
    })
}

/// A download to `target` that has come some way.
fn under_way(service: &Listener, target: &Path, lacking: &[Lacking]) -> Child {
    let mut child = Child::start(|parent| {
        lacking.iter().for_each(|what| lack(*what));
        let client = Client::open(&service.url);
        client.download_reporting("f", target, &mut |done, _| {
            if done > 0 {
                parent.write_all(b"!").unwrap();
            }
            0
        });
        false
    });
    child.heard();
    child
}

#[test]
fn a_killed_download_leaves_nothing() {
    let _alone = alone();
    let service = stalling(noise(3 * MIB, 1));
    for old in [true, false] {
        let folder = TempDir::new();
        let target = folder.join("f");
        if old {
            fs::write(&target, b"old").unwrap();
        }
        under_way(&service, &target, &[]).kill();
        let left = if old { vec!["f"] } else { vec![] };
        assert_eq!(names(&folder.join("")), left);
    }
}

#[test]
fn where_every_file_has_a_name_the_next_download_removes_that_of_a_killed_one() {
    let _alone = alone();
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    ok(client.upload_buffer(b"new", "f", ""));
    let service = stalling(noise(3 * MIB, 1));
    let folder = TempDir::new();
    let target = folder.file("f", b"old");
    let dead: Vec<_> = (0..2)
        .map(|_| under_way(&service, &target, &[Lacking::Unnamed]))
        .collect();
    let alive = under_way(&service, &target, &[Lacking::Unnamed]);
    assert_eq!(names(&folder.join("")).len(), 4);
    dead.into_iter().for_each(Child::kill);
    // Those of the dead are gone, that of the living stays.
    ok(client.download("f", &target));
    assert_eq!(fs::read(&target).unwrap(), b"new");
    assert_eq!(names(&folder.join("")).len(), 2);
    alive.kill();
    in_child(|| {
        lack(Lacking::Unnamed);
        ok(client.download("f", &target));
        names(&folder.join("")) == ["f"]
    });
}

#[test]
fn killed_in_the_last_moment_it_leaves_nothing_for_longer_than_to_the_next_call() {
    let _alone = alone();
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    ok(client.upload_buffer(b"new", "f", ""));
    for lacking in [&[][..], &[Lacking::Unnamed]] {
        let folder = TempDir::new();
        let target = folder.file("f", b"old");
        let killed = Child::start(|_| {
            lacking.iter().for_each(|what| lack(*what));
            lack(Lacking::LifeAtRename);
            ok(Client::open(&emulator.url).download("f", &target));
            true
        });
        assert!(
            libc::WIFSIGNALED(killed.wait()),
            "it replaced without a rename"
        );
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(names(&folder.join("")).len(), 2);
        ok(client.download("f", &target));
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(&folder.join("")), ["f"]);
    }
}

#[test]
fn where_no_link_can_be_made_files_come_all_the_same() {
    let _alone = alone();
    let emulator = Emulator::start();
    let client = Client::open(&emulator.url);
    let folder = TempDir::new();
    let content = noise(9 * MIB, 4);
    ok(client.upload(&folder.file("up", &content), "f"));
    fs::remove_file(folder.join("up")).unwrap();
    let old = folder.file("old", b"old");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
    in_child(|| {
        lack(Lacking::Links);
        let client = Client::open(&emulator.url);
        for name in ["old", "new"] {
            ok(client.download("f", &folder.join(name)));
            assert!(fs::read(folder.join(name)).unwrap() == content);
        }
        true
    });
    assert_eq!(names(&folder.join("")), ["new", "old"]);
    let mode = fs::metadata(&old).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
}

#[test]
fn a_killed_upload_leaves_its_checkpoint_and_nothing_else() {
    let _alone = alone();
    for api in APIS {
        for lacking in [&[][..], &[Lacking::Unnamed]] {
            let emulator = Emulator::start();
            let (files, dir) = (TempDir::new(), TempDir::new());
            let file = files.file("f", &noise(3 * MIB, 2));
            let options = json!({"checkpoint_dir": dir.join(""), "overwrite": true});
            let client = || Client::speaking(api, &emulator.url, options.clone());
            let killed = Child::start(|_| {
                lacking.iter().for_each(|what| lack(*what));
                lack(Lacking::LifeAtRename);
                client().upload_slice(&file, "f", 1 << 20, "", &mut |_, _| 0);
                true
            });
            killed.wait();
            ok(client().upload_slice(&file, "f", 1 << 20, "", &mut |_, _| 0));
            assert!(
                names(&dir.join("")).is_empty(),
                "{api}: {:?}",
                names(&dir.join(""))
            );
        }
    }
}

#[test]
fn a_killed_open_leaves_nothing_under_checkpoint_dir() {
    let _alone = alone();
    let dir = TempDir::new();
    let options = json!({"checkpoint_dir": dir.join("")}).to_string();
    let opened = |options: &str| ok(open("10000001", "id", "key", Some(options)).0);
    for lacking in [&[][..], &[Lacking::Unnamed]] {
        let killed = Child::start(|_| {
            lacking.iter().for_each(|what| lack(*what));
            lack(Lacking::LifeAtRemoval);
            opened(&options);
            true
        });
        killed.wait();
        opened(&options);
        assert!(
            names(&dir.join("")).is_empty(),
            "{:?}",
            names(&dir.join(""))
        );
    }
}

#[test]
fn a_session_whose_checkpoint_cannot_be_kept_is_told() {
    let _alone = alone();
    for api in APIS {
        let emulator = Emulator::start();
        let (files, dir) = (TempDir::new(), TempDir::new());
        let file = files.file("f", &noise(9 * MIB, 5));
        let keeping = dir.join("checkpoints");
        fs::create_dir(&keeping).unwrap();
        let client = Client::speaking(api, &emulator.url, json!({"checkpoint_dir": keeping}));
        fs::remove_dir(&keeping).unwrap();
        let reply = client.upload_slice(&file, "f", 1 << 20, "", &mut |_, _| 0);
        assert_eq!((code(&reply), kind(&reply)), (-1, "unwritable"), "{reply}");
        assert!(message(&reply).starts_with("checkpoint_dir: "), "{reply}");
        let session = reply["data"]["session"].as_str().unwrap().to_owned();
        // In a tree, too.
        let tree = client.upload_tree(&files.join(""), "t", "{}", &mut |_, _| 0);
        assert_eq!(code(&tree), -1, "{tree}");
        assert!(tree["data"]["failed"][0]["session"].is_string(), "{tree}");

        fs::create_dir(&keeping).unwrap();
        let session = session.as_str();
        ok(client.upload_slice(&file, "f", 1 << 20, session, &mut |_, _| 0));
    }
}

#[test]
fn a_full_disk_under_checkpoint_dir_is_called_so() {
    let _alone = alone();
    for api in APIS {
        let emulator = Emulator::start();
        let files = TempDir::new();
        let file = files.file("f", &noise(9 * MIB, 5));
        let disk = Mount::new("size=64k");
        let options = json!({"checkpoint_dir": disk.0.join("")});
        let client = Client::speaking(api, &emulator.url, options);
        let mut filler = fs::File::create(disk.0.join("filler")).unwrap();
        while filler.write_all(&[1; 4096]).is_ok() {}
        let reply = client.upload_slice(&file, "f", 1 << 20, "", &mut |_, _| 0);
        assert_eq!((code(&reply), kind(&reply)), (-1, "disk_full"), "{reply}");
        assert!(message(&reply).starts_with("checkpoint_dir: "), "{reply}");
        assert!(reply["data"]["session"].is_string(), "{reply}");
        assert_eq!(names(&disk.0.join("")), ["filler"]);
    }
}

/// A client that has looked at the folder already.
#[test]
fn a_disk_under_checkpoint_dir_that_becomes_read_only_is_called_so() {
    let _alone = alone();
    for api in APIS {
        let emulator = Emulator::start();
        let files = TempDir::new();
        let [file, there] = [5, 6].map(|seed| files.file(&seed.to_string(), &noise(9 * MIB, seed)));
        let disk = Mount::new("size=64k");
        let options = json!({"checkpoint_dir": disk.0.join("")});
        let client = Client::speaking(api, &emulator.url, options);
        ok(client.upload(&there, "there"));
        disk.make_read_only();
        let slices = client.upload_slice(&file, "f", 1 << 20, "", &mut |_, _| 0);
        for reply in [slices, client.download("there", &files.join("back"))] {
            assert_eq!((code(&reply), kind(&reply)), (-1, "unwritable"), "{reply}");
            assert!(message(&reply).starts_with("checkpoint_dir: "), "{reply}");
        }
        assert_eq!(names(&disk.0.join("")), [""; 0]);
        assert_eq!(names(&files.join("")), ["5", "6"]);
    }
}

/// A service of the XML API that begins uploads and refuses all else.
fn refusing(complete: &'static str) -> Listener {
    let size: u64 = 6 << 30;
    Listener::answering(move |_, request| {
        let xml = |status: &str, body: &str| {
            with_head(
                status,
                "Content-Type: application/xml\r\nETag: \"1\"\r\n",
                body.as_bytes(),
            )
        };
        let error = |status: &str, name: &str| {
            xml(
                status,
                &format!("<Error><Code>{name}</Code><Message>no</Message></Error>"),
            )
        };
        match request.line.split_once(' ').unwrap() {
            ("HEAD", rest) if rest.starts_with("/source") || rest.contains("/source ") => format!(
                "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {size}\r\n\
                 Connection: close\r\n\r\n"
            )
            .into_bytes(),
            ("HEAD", _) => with_head("404 Not Found", "", b""),
            ("GET", rest) if rest.contains("acl") => with_head(
                "200 OK",
                "x-cos-acl: private\r\n",
                b"<AccessControlPolicy><Owner><ID>1</ID></Owner>\
                  <AccessControlList></AccessControlList></AccessControlPolicy>",
            ),
            ("POST", rest) if rest.contains("?uploads") => xml(
                "200 OK",
                "<InitiateMultipartUploadResult><UploadId>the-session</UploadId>\
                 </InitiateMultipartUploadResult>",
            ),
            ("PUT", _) if complete != "never" => xml("200 OK", ""),
            ("POST", _) => error("409 Conflict", complete),
            _ => error("403 Forbidden", "AccessDenied"),
        }
    })
}

#[test]
fn a_session_that_cannot_be_dropped_is_told() {
    let _alone = alone();
    let service = refusing("never");
    let client = Client::speaking("xml", &service.url, json!({"retries": 0}));
    // Its parts are refused, and so is its end.
    let reply = client.copy_file("source", "copy", 1);
    assert_eq!(code(&reply), -289, "{reply}");
    assert_eq!(reply["data"]["session"], "the-session", "{reply}");

    // Somebody was faster.
    let service = refusing("FileAlreadyExists");
    let client = Client::speaking("xml", &service.url, json!({"retries": 0}));
    let files = TempDir::new();
    let file = files.file("f", &noise(MIB, 6));
    let reply = client.upload_slice(&file, "copy", 0, "", &mut |_, _| 0);
    assert_ne!(code(&reply), 0, "{reply}");
    assert_eq!(reply["data"]["session"], "the-session", "{reply}");
}

#[test]
fn a_session_of_a_service_that_talks_nonsense_is_told() {
    let _alone = alone();
    let files = TempDir::new();
    let file = files.file("f", &noise(3 * MIB, 7));
    for data in [
        json!({"session": "s", "offset": 1, "slice_size": 1 << 20}),
        json!({"session": "s", "offset": u64::MAX, "slice_size": 1 << 20}),
        json!({"session": "s", "offset": 0, "slice_size": 7}),
    ] {
        let reply = json!({"code": 0, "message": "", "data": data}).to_string();
        let listener = Listener::answering(move |_, _| http(200, &reply));
        let client = Client::open_with(&listener.url, json!({"retries": 0}));
        let reply = client.upload_slice(&file, "f", 0, "", &mut |_, _| 0);
        assert_eq!((code(&reply), kind(&reply)), (-2, "bad_reply"), "{reply}");
        assert_eq!(reply["data"]["session"], "s", "{reply}");
    }
}
