//! upload_slice (json-api.md §2.9): order, duplicates, resuming, instant hits, overwriting.

mod common;

use common::http::Form;
use common::sign::{now, sha1};
use common::slices::{SLICE, assert_done, assert_echoed, begin, control, send};
use common::{Emulator, noise};
use serde_json::{Value, json};

#[test]
fn slices_in_any_order_make_the_file() {
    let emulator = Emulator::start(&[]);
    let content = noise(3 * SLICE + 77, 1);
    let offsets = [0, SLICE, 2 * SLICE, 3 * SLICE];
    for (number, order) in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]]
        .iter()
        .enumerate()
    {
        let path = format!("/dir/{number}");
        let mut content = content.clone();
        content[5] = u8::try_from(number).unwrap();
        let session = begin(&emulator, &path, &content);
        for (sent, index) in order.iter().enumerate() {
            let offset = offsets[*index];
            let reply = send(&emulator, &path, &session, &content, offset);
            if sent < 3 {
                assert_echoed(&reply, &session, offset);
                // A slice again is harmless.
                let again = send(&emulator, &path, &session, &content, offset);
                assert_echoed(&again, &session, offset);
            } else {
                assert_done(&reply, &path);
                // Even the last, whose reply may have been lost.
                assert_done(&send(&emulator, &path, &session, &content, offset), &path);
            }
        }
        assert_eq!(emulator.download(&path).body, content);
        let stat = emulator.stat(&path).data();
        assert_eq!(
            (&stat["filelen"], &stat["sha"]),
            (&json!(content.len()), &json!(sha1(&content).to_uppercase()))
        );
    }
}

#[test]
fn slices_at_the_same_time() {
    let emulator = Emulator::start(&[]);
    let content = noise(9 * SLICE, 2);
    let session = begin(&emulator, "/parallel", &content);
    let replies: Vec<Value> = std::thread::scope(|scope| {
        let sends: Vec<_> = (0..18)
            .map(|number| number % 9 * SLICE) // each twice
            .map(|offset| {
                let (emulator, session, content) = (&emulator, &session, &content);
                scope.spawn(move || send(emulator, "/parallel", session, content, offset).data())
            })
            .collect();
        sends.into_iter().map(|send| send.join().unwrap()).collect()
    });
    assert!(replies.iter().any(|data| data["access_url"].is_string()));
    assert_eq!(emulator.download("/parallel").body, content);
}

#[test]
fn a_session_outlives_kill_9() {
    let mut emulator = Emulator::start(&[]);
    let content = noise(4 * SLICE + 1, 3);
    let session = begin(&emulator, "/a", &content);
    for (offset, next) in [
        (0, SLICE),
        (2 * SLICE, SLICE),
        (SLICE, 3 * SLICE),
        (3 * SLICE, 4 * SLICE),
    ] {
        send(&emulator, "/a", &session, &content, offset).ok();
        emulator = emulator.kill_and_restart(&[]);
        // The first gap, whether the session is named or only its file.
        let expected = json!({"session": session, "offset": next, "slice_size": SLICE});
        assert_eq!(emulator.form("/a", &control(&content)).data(), expected);
        let named = control(&content).field("session", &session);
        assert_eq!(emulator.form("/a", &named).data(), expected);
    }
    assert_done(&send(&emulator, "/a", &session, &content, 4 * SLICE), "/a");
    let emulator = emulator.kill_and_restart(&[]);
    assert_eq!(emulator.download("/a").body, content);
    // A control with its session tells that it is done, whoever may overwrite what.
    assert_done(
        &emulator.form("/a", &control(&content).field("session", &session)),
        "/a",
    );
}

#[test]
fn a_file_is_as_old_as_its_upload() {
    // Begun a day ago by the service's clock; the signatures are of today.
    let emulator = Emulator::start(&["--now", &(now() - 86_400).to_string()]);
    let content = noise(SLICE + 1, 16);
    let session = begin(&emulator, "/a", &content);
    let begun = emulator.stat("/a").data();
    let emulator = emulator.kill_and_restart(&[]);
    send(&emulator, "/a", &session, &content, 0).ok();
    send(&emulator, "/a", &session, &content, SLICE).ok();
    let done = emulator.stat("/a").data();
    assert_eq!(
        (&begun["ctime"], &begun["mtime"]),
        (&done["ctime"], &done["ctime"])
    );
    assert_ne!(done["ctime"], done["mtime"]);
}

#[test]
fn content_that_is_here_is_not_sent_again() {
    let emulator = Emulator::start(&[]);
    let content = noise(SLICE + 5, 4);
    emulator.upload("/first", &content).ok();
    let attribute = control(&content).field("biz_attr", "of the second");
    assert_done(&emulator.form("/second", &attribute), "/second");
    assert_eq!(emulator.stat("/second").data()["biz_attr"], "of the second");
    // Each has its own life.
    emulator.delete("/first").ok();
    assert_eq!(emulator.download("/second").body, content);
    let emulator = emulator.kill_and_restart(&[]);
    assert_eq!(emulator.download("/second").body, content);
    emulator.delete("/second").ok();
    // Gone from disk with the last of them.
    assert_eq!(
        std::fs::read_dir(emulator.data().join("blobs"))
            .unwrap()
            .count(),
        0
    );
    begin(&emulator, "/second", &content);
}

#[test]
fn an_empty_file_needs_no_slice() {
    let emulator = Emulator::start(&[]);
    assert_done(&emulator.form("/empty", &control(b"")), "/empty");
    assert_eq!(emulator.stat("/empty").data()["filesize"], 0);
    let wrong = Form::new(&[
        ("op", "upload_slice"),
        ("filesize", "0"),
        ("sha", &sha1(b"x")),
    ]);
    emulator.form("/wrong", &wrong).refused(-174);
    emulator.stat("/wrong").refused(-166);
}

#[test]
fn what_exists_stands_in_the_way() {
    let emulator = Emulator::start(&[]);
    let (old, new) = (noise(SLICE + 1, 5), noise(SLICE + 2, 6));
    emulator.upload("/a", &old).ok();
    emulator.form("/a", &control(&old)).refused(-4018);
    emulator
        .form("/a", &control(&old).field("insertOnly", "1"))
        .refused(-4018);
    emulator.form("/a", &control(&new)).refused(-177);
    assert_done(
        &emulator.form("/a", &control(&old).field("insertOnly", "0")),
        "/a",
    );

    // The old object stays readable until the new one is whole.
    let overwriting = control(&new)
        .field("insertOnly", "0")
        .field("biz_attr", "new");
    let session = emulator.form("/a", &overwriting).data();
    let session = session["session"].as_str().unwrap();
    send(&emulator, "/a", session, &new, 0).ok();
    assert_eq!(emulator.download("/a").body, old);
    assert_eq!(emulator.stat("/a").data()["filelen"], old.len());
    let emulator = emulator.kill_and_restart(&[]);
    assert_eq!(emulator.download("/a").body, old);
    assert_done(&send(&emulator, "/a", session, &new, SLICE), "/a");
    assert_eq!(emulator.download("/a").body, new);
    assert_eq!(emulator.stat("/a").data()["biz_attr"], "new");
}

#[test]
fn an_unfinished_file_shows_and_can_be_removed() {
    let emulator = Emulator::start(&[]);
    let (content, other) = (noise(2 * SLICE, 7), noise(SLICE, 8));
    let session = begin(&emulator, "/dir/a", &content);
    send(&emulator, "/dir/a", &session, &content, SLICE).ok();

    let stat = emulator.stat("/dir/a").data();
    assert_eq!(
        (&stat["filesize"], &stat["filelen"]),
        (&json!(2 * SLICE), &json!(SLICE))
    );
    let list = emulator.get("/dir/", "op=list").data();
    assert_eq!(list["infos"][0]["filelen"], SLICE);
    let download = emulator.download("/dir/a");
    assert_eq!((download.status, download.code()), (404, -45062));

    // It blocks others.
    emulator.form("/dir/a", &control(&other)).refused(-4016);
    emulator
        .form("/dir/a", &control(&other).field("insertOnly", "0"))
        .refused(-4016);
    emulator.upload("/dir/a", &other).refused(-177);
    emulator.delete("/dir/").refused(-173);
    emulator
        .post("/dir/a", &json!({"op": "move", "dest_fileid": "b"}))
        .refused(-199);
    // Its attributes can be changed, and stay.
    emulator
        .post("/dir/a", &json!({"op": "update", "biz_attr": "changed"}))
        .ok();
    send(&emulator, "/dir/a", &session, &content, 0).ok();
    assert_eq!(emulator.stat("/dir/a").data()["biz_attr"], "changed");

    // A delete ends it.
    let session = begin(&emulator, "/dir/b", &other);
    emulator.delete("/dir/b").ok();
    send(&emulator, "/dir/b", &session, &other, 0).refused(-290);
    emulator
        .form("/dir/b", &control(&other).field("session", &session))
        .refused(-290);
    emulator.stat("/dir/b").refused(-166);
    // So does an upload in one piece that may overwrite.
    let session = begin(&emulator, "/dir/b", &other);
    emulator.overwrite("/dir/b", b"in one piece").ok();
    send(&emulator, "/dir/b", &session, &other, 0).refused(-290);
    assert_eq!(emulator.download("/dir/b").body, b"in one piece");
}

#[test]
fn slices_that_do_not_add_up_are_dropped() {
    let emulator = Emulator::start(&[]);
    let (content, other) = (noise(SLICE + 9, 9), noise(SLICE + 9, 10));
    let session = begin(&emulator, "/a", &content);
    send(&emulator, "/a", &session, &content, 0).ok();
    send(&emulator, "/a", &session, &other, SLICE).refused(-174);
    emulator.stat("/a").refused(-166);
    send(&emulator, "/a", &session, &content, SLICE).refused(-290);
    // An object that was to be overwritten stays.
    emulator.upload("/b", &other).ok();
    let data = emulator
        .form("/b", &control(&content).field("insertOnly", "0"))
        .data();
    let session = data["session"].as_str().unwrap();
    send(&emulator, "/b", session, &other, 0).ok();
    send(&emulator, "/b", session, &other, SLICE).refused(-174);
    assert_eq!(emulator.download("/b").body, other);
}
