//! What was acknowledged is there, whatever ends the emulator; and how it ends when asked to.

mod common;

use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::mpsc;

use common::http::{Form, Reply, connect, head, read_reply, try_raw};
use common::sign::{sha1, sign_more};
use common::slices::{SLICE, begin, control, packet, send, slice_at};
use common::{BUCKET, Emulator, noise, url_path};
use serde_json::Value;

/// Posts a form to a service that may die meanwhile.
fn post(address: &str, path: &str, form: &Form) -> io::Result<Reply> {
    let (sign, content_type, body) = (sign_more(BUCKET), form.content_type(), form.body());
    let headers = [
        ("Authorization", sign.as_str()),
        ("Content-Type", &content_type),
    ];
    let head = head(address, "POST", &url_path(path), &headers, body.len());
    try_raw(address, &[head.as_bytes(), &body].concat())
}

/// Uploads objects without end, telling of each that was acknowledged, until the service is gone.
fn upload_until_it_dies(
    address: &str,
    prefix: &str,
    acknowledged: &mpsc::Sender<(String, Vec<u8>)>,
) {
    for number in 0.. {
        let path = format!("/{prefix}/{number}");
        let content = noise(1000 + number * 997 % 200_000, number as u64);
        let form = Form::new(&[("op", "upload"), ("sha", &sha1(&content))]).content(&content);
        match post(address, &path, &form) {
            Ok(reply) => {
                reply.ok();
                acknowledged.send((path, content)).unwrap();
            }
            Err(_) => return,
        }
    }
}

#[test]
fn kill_9_loses_nothing_acknowledged() {
    let mut emulator = Emulator::start(&[]);
    let mut kept: Vec<(String, Vec<u8>)> = Vec::new();
    // Killed after so many acknowledgements, in the midst of whatever is under way then.
    for (round, progress) in [1, 5, 17, 40].into_iter().enumerate() {
        let (tell, told) = mpsc::channel();
        std::thread::scope(|scope| {
            for client in 0..3 {
                let (tell, address) = (tell.clone(), emulator.address.clone());
                let prefix = format!("{round}-{client}");
                scope.spawn(move || upload_until_it_dies(&address, &prefix, &tell));
            }
            drop(tell);
            kept.extend(told.iter().take(progress));
            emulator.signal("KILL");
            kept.extend(told.iter());
        });
        emulator = emulator.kill_and_restart(&[]);
        for (path, content) in &kept {
            assert!(emulator.download(path).body == *content, "{path}");
        }
        assert_whole(&emulator, kept.len());
    }
}

/// Every object is complete, with a blob of its own and none left over; what was not acknowledged
/// is there wholly or not at all.
fn assert_whole(emulator: &Emulator, acknowledged: usize) {
    let mut files = 0;
    let folders = emulator.get("/", "op=list&num=199").data();
    for folder in folders["infos"].as_array().unwrap() {
        let path = format!("/{}/", folder["name"].as_str().unwrap());
        let list = emulator.get(&path, "op=list&num=199").data();
        assert_eq!(list["has_more"], false);
        for file in list["infos"].as_array().unwrap() {
            assert_eq!(file["filelen"], file["filesize"]);
            let content = emulator.download(&format!("{path}{}", file["name"].as_str().unwrap()));
            assert_eq!(Value::from(sha1(&content.body).to_uppercase()), file["sha"]);
            files += 1;
        }
    }
    assert!(files >= acknowledged);
    // Distinct contents: one blob each.
    assert_eq!(
        fs::read_dir(emulator.data().join("blobs")).unwrap().count(),
        files
    );
}

#[test]
fn kill_9_in_the_midst_of_slices() {
    let mut emulator = Emulator::start(&[]);
    let content = noise(16 * SLICE + 1, 99);
    let session = begin(&emulator, "/a", &content);
    let mut sent = 0;
    for progress in [1, 3, 6] {
        let (tell, told) = mpsc::channel();
        std::thread::scope(|scope| {
            let (address, session, content) = (emulator.address.clone(), &session, &content);
            scope.spawn(move || {
                for offset in (sent..content.len()).step_by(SLICE) {
                    let form = packet(session, offset, slice_at(content, offset));
                    match post(&address, "/a", &form) {
                        Ok(reply) => tell.send(reply.data()).unwrap(),
                        Err(_) => return,
                    }
                }
            });
            told.iter().take(progress).for_each(drop);
            emulator.signal("KILL");
            sent += (progress + told.iter().count()) * SLICE;
        });
        emulator = emulator.kill_and_restart(&[]);
        // All that was acknowledged, and at most the one slice that was under way.
        let data = emulator.form("/a", &control(&content)).data();
        let offset = usize::try_from(data["offset"].as_u64().unwrap()).unwrap();
        assert!(
            offset == sent || offset == sent + SLICE,
            "{offset} after {sent}"
        );
        sent = offset;
    }
    for offset in (sent..content.len()).step_by(SLICE) {
        send(&emulator, "/a", &session, &content, offset).ok();
    }
    assert!(emulator.download("/a").body == content);
}

#[test]
fn leftovers_of_a_crash_are_swept() {
    let emulator = Emulator::start(&[]);
    emulator.upload("/kept", b"kept").ok();
    let blobs = emulator.data().join("blobs");
    fs::write(
        blobs.join("00112233445566778899aabbccddeeff"),
        "half a blob",
    )
    .unwrap();
    let emulator = emulator.kill_and_restart(&[]);
    assert_eq!(fs::read_dir(blobs).unwrap().count(), 1);
    assert_eq!(emulator.download("/kept").body, b"kept");
}

#[test]
fn a_refused_or_replaced_upload_leaves_nothing_on_disk() {
    let emulator = Emulator::start(&[]);
    let blobs = || fs::read_dir(emulator.data().join("blobs")).unwrap().count();
    emulator.upload("/a", b"one").ok();
    emulator.upload("/a", b"two").refused(-177);
    let wrong = Form::new(&[("op", "upload"), ("sha", &sha1(b"x"))]).content(b"y");
    emulator.form("/b", &wrong).refused(-174);
    assert_eq!(blobs(), 1);
    emulator.overwrite("/a", b"two").ok();
    assert_eq!(blobs(), 1);
    emulator.delete("/a").ok();
    assert_eq!(blobs(), 0);
}

/// A request of which all but the end is sent, and its end.
fn request_in_flight(emulator: &Emulator, content: &[u8]) -> (TcpStream, Vec<u8>) {
    let form = Form::new(&[("op", "upload")]).content(content);
    let (sign, content_type, body) = (sign_more(BUCKET), form.content_type(), form.body());
    let headers = [
        ("Authorization", sign.as_str()),
        ("Content-Type", &content_type),
        ("Expect", "100-continue"),
    ];
    let head = head(
        &emulator.address,
        "POST",
        &url_path("/late"),
        &headers,
        body.len(),
    );
    let mut stream = connect(&emulator.address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // The interim reply tells that the request is under way.
    let mut interim = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    // The end is more than the last boundary's line break, which nobody waits for.
    let (rest, end) = body.split_at(body.len() - 40);
    stream.write_all(rest).unwrap();
    (stream, end.to_vec())
}

#[test]
fn sigterm_lets_a_request_finish() {
    for signal in ["TERM", "INT"] {
        let mut emulator = Emulator::start(&[]);
        let content = noise(100_000, 1);
        let (mut stream, end) = request_in_flight(&emulator, &content);
        emulator.signal(signal);
        // It takes no one new any more…
        while connect(&emulator.address).is_ok() {
            std::thread::yield_now();
        }
        assert!(emulator.is_alive());
        // …but ends what it began.
        stream.write_all(&end).unwrap();
        read_reply(&mut stream).unwrap().ok();
        assert_eq!(emulator.wait().code(), Some(0));
        let emulator = emulator.kill_and_restart(&[]);
        assert_eq!(emulator.download("/late").body, content);
    }
}

#[test]
fn sigterm_waits_no_longer_than_it_should() {
    let mut emulator = Emulator::start(&[]);
    // An idle connection holds nothing up.
    let _idle = connect(&emulator.address).unwrap();
    emulator.signal("TERM");
    assert_eq!(emulator.wait().code(), Some(0));

    // A request that never ends, for a few seconds.
    let mut emulator = Emulator::start(&[]);
    let _stalled = request_in_flight(&emulator, b"never whole");
    let begun = std::time::Instant::now();
    emulator.signal("TERM");
    assert_eq!(emulator.wait().code(), Some(0));
    assert!((4..8).contains(&begun.elapsed().as_secs()));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut emulator = Emulator::start(&[]);
    let _stalled = request_in_flight(&emulator, b"never whole");
    let begun = std::time::Instant::now();
    emulator.signal("INT");
    while connect(&emulator.address).is_ok() {
        std::thread::yield_now();
    }
    emulator.signal("TERM");
    assert_eq!(emulator.wait().code(), Some(1));
    assert!(begun.elapsed().as_secs() < 3);
}
