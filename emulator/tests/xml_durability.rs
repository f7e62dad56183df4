//! What the XML API acknowledged is there after kill -9, and nothing is half done.

mod common;

use std::fs;
use std::sync::mpsc::{self, Sender};

use common::xml::{Ask, complete, md5_hex};
use common::{Emulator, noise};

const MIB: usize = 1 << 20;

/// What was acknowledged.
enum Told {
    Begun(String, String),
    Part {
        upload: String,
        number: u32,
        md5: String,
    },
    Complete {
        upload: String,
        content: Vec<u8>,
    },
}

/// Uploads in two parts each without end, telling of every step, until the service is gone.
fn upload_until_it_dies(address: &str, prefix: &str, tell: &Sender<Told>) -> Option<()> {
    for number in 0.. {
        let path = format!("/{prefix}/{number}");
        let content = noise(MIB + 1000 + number, number as u64);
        let begun = Ask::new("POST", &path)
            .query("uploads", "")
            .try_send(address)
            .ok()?;
        let upload = begun.is(200).node("UploadId").unwrap();
        tell.send(Told::Begun(path.clone(), upload.clone()))
            .unwrap();
        let mut parts = Vec::new();
        for (number, part) in (1..).zip(content.chunks(MIB)) {
            let ask = Ask::new("PUT", &path).query("partNumber", &number.to_string());
            let ask = ask.query("uploadId", &upload).body(part);
            ask.try_send(address).ok()?.is(200);
            let (upload, md5) = (upload.clone(), md5_hex(part));
            parts.push((number, format!("\"{md5}\"")));
            tell.send(Told::Part {
                upload,
                number,
                md5,
            })
            .unwrap();
        }
        let parts: Vec<(u32, &str)> = parts.iter().map(|(n, tag)| (*n, tag.as_str())).collect();
        complete(&path, &upload, &parts)
            .try_send(address)
            .ok()?
            .is(200);
        tell.send(Told::Complete { upload, content }).unwrap();
    }
    None
}

#[test]
fn kill_9_loses_no_part_and_no_object() {
    let mut emulator = Emulator::start(&[]);
    let mut told: Vec<Told> = Vec::new();
    // Killed after so many acknowledgements, in the midst of whatever is under way then.
    for (round, progress) in [1, 3, 8, 21, 50].into_iter().enumerate() {
        let (tell, hear) = mpsc::channel();
        std::thread::scope(|scope| {
            for client in 0..3 {
                let (tell, address) = (tell.clone(), emulator.address.clone());
                let prefix = format!("{round}-{client}");
                scope.spawn(move || upload_until_it_dies(&address, &prefix, &tell));
            }
            drop(tell);
            told.extend(hear.iter().take(progress));
            emulator.signal("KILL");
            told.extend(hear.iter());
        });
        emulator = emulator.kill_and_restart(&[]);
        assert_kept(&emulator, &told);
        assert_whole(&emulator);
    }
}

fn assert_kept(emulator: &Emulator, told: &[Told]) {
    for (path, upload) in told.iter().filter_map(|told| match told {
        Told::Begun(path, upload) => Some((path, upload)),
        _ => None,
    }) {
        let listed = Ask::new("GET", path)
            .query("uploadId", upload)
            .send(emulator);
        let completed = told.iter().find_map(|told| match told {
            Told::Complete {
                upload: id,
                content,
                ..
            } if id == upload => Some(content),
            _ => None,
        });
        if let Some(content) = completed {
            listed.xml_error(404, "NoSuchUpload");
            assert!(emulator.get_object(path).is(200).body == *content, "{path}");
            continue;
        }
        if listed.status == 404 {
            // Completed, and the answer lost.
            emulator.head_object(path).is(200);
            continue;
        }
        emulator.get_object(path).xml_error(404, "NoSuchKey");
        let etags = listed.is(200).nodes("ETag");
        for told in told {
            let Told::Part {
                upload: id,
                number,
                md5,
            } = told
            else {
                continue;
            };
            if id == upload {
                let etag = &etags[*number as usize - 1];
                assert_eq!(etag, &format!("&quot;{md5}&quot;"), "{path}");
            }
        }
    }
}

/// One blob for every object and every part, and none left over.
fn assert_whole(emulator: &Emulator) {
    let objects = emulator.keys().len();
    let uploads = Ask::new("GET", "/").query("uploads", "").send(emulator);
    let ids = uploads.nodes("UploadId").into_iter();
    let parts = ids.zip(uploads.nodes("Key")).map(|(id, key)| {
        let list = Ask::new("GET", &format!("/{key}"))
            .query("uploadId", &id)
            .send(emulator);
        list.is(200).nodes("Part").len()
    });
    let blobs = fs::read_dir(emulator.data().join("blobs")).unwrap().count();
    assert_eq!(blobs, objects + parts.sum::<usize>());
}

#[test]
fn nothing_is_left_of_what_was_replaced_or_refused() {
    let emulator = Emulator::start(&[]);
    let blobs = || fs::read_dir(emulator.data().join("blobs")).unwrap().count();
    emulator.put_object("/a", b"one").is(200);
    emulator.put_object("/a", b"two").is(200);
    let wrong = Ask::new("PUT", "/a")
        .header("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")
        .body(b"x");
    wrong.send(&emulator).xml_error(400, "BadDigest");
    assert_eq!(blobs(), 1);
    let upload = emulator.initiate("/a");
    emulator.put_part("/a", &upload, 1, b"one").is(200);
    emulator.put_part("/a", &upload, 1, b"two").is(200);
    assert_eq!(blobs(), 2);
    emulator
        .complete("/a", &upload, &[(1, "\"x\"")])
        .xml_error(400, "InvalidPart");
    let etag = format!("\"{}\"", md5_hex(b"two"));
    emulator.complete("/a", &upload, &[(1, &etag)]).is(200);
    assert_eq!(blobs(), 1);
    // Copies share.
    for copy in ["/b", "/c"] {
        let ask = Ask::new("PUT", copy).header("x-cos-copy-source", "/testbucket-10000001/a");
        ask.send(&emulator).is(200);
    }
    assert_eq!(blobs(), 1);
    for path in ["/a", "/b"] {
        emulator.delete_object(path).is(204);
    }
    assert_eq!(
        (blobs(), emulator.get_object("/c").body),
        (1, b"two".to_vec())
    );
    emulator.delete_object("/c").is(204);
    // A folder has none, even one that a copy made.
    emulator.put_object("/d/", b"").is(200);
    let ask = Ask::new("PUT", "/e/").header("x-cos-copy-source", "/testbucket-10000001/d/");
    ask.send(&emulator).is(200);
    let upload = emulator.initiate("/f");
    emulator.put_part("/f", &upload, 1, b"x").is(200);
    Ask::new("DELETE", "/f")
        .query("uploadId", &upload)
        .send(&emulator)
        .is(204);
    assert_eq!(blobs(), 0);
}
