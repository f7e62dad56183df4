//! What is remembered of a tree in `checkpoint_dir`: files that have not changed are neither read nor asked about, and
//! nothing is taken for unchanged that may not be.

mod common;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::emulator::Emulator;
use common::library::{Client, ok};
use common::{TempDir, names, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

struct Place {
    emulator: Emulator,
    folders: TempDir,
    root: PathBuf,
    kept: PathBuf,
}

impl Place {
    fn new() -> Place {
        let folders = TempDir::new();
        let (root, kept) = (folders.join("here"), folders.join("kept"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&kept).unwrap();
        Place {
            emulator: Emulator::start(),
            folders,
            root,
            kept,
        }
    }

    fn client(&self) -> Client {
        let options = json!({"checkpoint_dir": self.kept});
        Client::speaking("xml", &self.emulator.url, options)
    }

    /// A file that is older than what two changes in a moment cannot be told apart by.
    fn settled(&self, name: &str, content: &[u8]) {
        fs::write(self.root.join(name), content).unwrap();
        settle(&self.root.join(name));
    }

    fn up(&self, client: &Client) -> Tally {
        self.tally("uploaded", || {
            client.upload_tree(&self.root, "t", "{}", &mut |_, _| 0)
        })
    }

    fn down(&self, client: &Client, to: &Path, options: &Value) -> Tally {
        self.tally("downloaded", || {
            client.download_tree("t", to, &options.to_string(), &mut |_, _| 0)
        })
    }

    fn tally(&self, verb: &str, call: impl FnOnce() -> Value) -> Tally {
        self.emulator.forget_requests();
        let reply = ok(call());
        Tally {
            moved: reply["data"][verb].as_u64().unwrap(),
            same: reply["data"]["same"].as_u64().unwrap(),
            heads: self.emulator.count("head_object"),
            requests: self.emulator.requests().len(),
        }
    }

    fn index(&self) -> PathBuf {
        let all = names(&self.kept);
        assert_eq!(all.len(), 1, "{all:?}");
        assert!(all[0].ends_with(".tree.qcos"), "{all:?}");
        self.kept.join(&all[0])
    }

    /// A file that came in parts: its ETag is no MD5.
    fn in_parts(&self, client: &Client, name: &str) {
        let path = format!("t/{name}");
        ok(client.upload_slice(&self.root.join(name), &path, MIB as u64, "", &mut |_, _| 0));
    }
}

#[derive(Debug)]
struct Tally {
    moved: u64,
    same: u64,
    heads: usize,
    requests: usize,
}

/// Waits until the file is older than two seconds.
fn settle(file: &Path) {
    let changed = fs::metadata(file).unwrap();
    let until = Duration::new(changed.ctime() as u64, changed.ctime_nsec() as u32);
    let until = UNIX_EPOCH + until + Duration::from_millis(2001);
    while let Ok(left) = until.duration_since(SystemTime::now()) {
        thread::sleep(left);
    }
}

#[test]
fn a_thousand_files_in_parts_take_five_requests() {
    let place = Place::new();
    let client = place.client();
    fs::create_dir(place.root.join("in")).unwrap();
    for number in 0..1000 {
        let name = format!("in/f{number:03}");
        fs::write(place.root.join(&name), noise(2000, number)).unwrap();
        place.in_parts(&client, &name);
    }
    settle(&place.root.join("in/f999"));
    // What others have sent is asked about once.
    let first = place.up(&client);
    assert_eq!((first.moved, first.same, first.heads), (0, 1000, 1000));
    let second = place.up(&place.client());
    assert_eq!((second.moved, second.same), (0, 1000));
    assert!(second.requests <= 5, "{second:?}");
    // Without the option it is as it was.
    let without = Client::speaking("xml", &place.emulator.url, json!({}));
    assert_eq!(place.up(&without).heads, 1000);
    // The other way it is the same pair.
    let down = place.down(&place.client(), &place.root, &json!({}));
    assert_eq!((down.moved, down.same), (0, 1000));
    assert!(down.requests <= 5, "{down:?}");
}

#[test]
fn what_was_sent_and_what_came_is_known_the_next_time() {
    let place = Place::new();
    fs::create_dir(place.root.join("in")).unwrap();
    fs::write(place.root.join("in/large"), noise(9 * MIB, 1)).unwrap();
    place.settled("small", b"small");
    let first = place.up(&place.client());
    assert_eq!((first.moved, first.same), (2, 0));
    let second = place.up(&place.client());
    assert_eq!((second.same, second.requests), (2, 1), "{second:?}");

    let back = place.folders.join("back");
    let first = place.down(&place.client(), &back, &json!({}));
    assert_eq!((first.moved, first.same), (2, 0));
    let second = place.down(&place.client(), &back, &json!({}));
    assert_eq!((second.same, second.requests), (2, 1), "{second:?}");
    assert_eq!(names(&place.kept).len(), 2);
    // A dry run is told the same, and leaves nothing.
    let dry = place.down(&place.client(), &back, &json!({"dry_run": true}));
    assert_eq!((dry.same, dry.requests), (2, 1), "{dry:?}");
}

/// Neither is read: content that has changed behind stamp and tag is what nobody can see.
#[test]
fn a_changed_file_of_the_same_size_is_sent_again() {
    let place = Place::new();
    let file = place.root.join("f");
    place.settled("f", &noise(9 * MIB, 1));
    place.up(&place.client());
    let before = fs::metadata(&file).unwrap();
    for (round, content) in [noise(9 * MIB, 2), noise(9 * MIB, 3)].iter().enumerate() {
        fs::write(&file, content).unwrap();
        if round == 1 {
            // Even its time is what it was.
            let opened = fs::File::options().write(true).open(&file).unwrap();
            opened.set_modified(before.modified().unwrap()).unwrap();
        }
        let replaced = place.tally("uploaded", || {
            let replace = r#"{"overwrite":true}"#;
            let client = place.client();
            client.upload_tree(&place.root, "t", replace, &mut |_, _| 0)
        });
        assert_eq!((replaced.moved, replaced.same), (1, 0), "{round}");
        place.client().holds("t/f", content);
    }
    // It was not settled when it was sent: it is asked about, until it is.
    let unsure = place.up(&place.client());
    assert_eq!((unsure.same, unsure.heads), (1, 1), "{unsure:?}");
    settle(&file);
    assert_eq!(place.up(&place.client()).heads, 1);
    assert_eq!(place.up(&place.client()).heads, 0);
}

#[test]
fn a_file_of_the_same_second_is_another() {
    let place = Place::new();
    let file = place.root.join("f");
    let at = |nanos| {
        let opened = fs::File::options().write(true).open(&file).unwrap();
        let time = UNIX_EPOCH + Duration::new(1_700_000_000, nanos);
        opened.set_modified(time).unwrap();
    };
    fs::write(&file, noise(9 * MIB, 1)).unwrap();
    at(1);
    settle(&file);
    place.up(&place.client());
    assert_eq!(place.up(&place.client()).heads, 0);
    fs::write(&file, noise(9 * MIB, 2)).unwrap();
    at(2);
    let reply = place
        .client()
        .upload_tree(&place.root, "t", "{}", &mut |_, _| 0);
    assert_eq!(reply["data"]["failed"][0]["path"], "f", "{reply}");
    // Content that is the same is found to be so.
    fs::write(&file, noise(9 * MIB, 1)).unwrap();
    at(1);
    let again = place.up(&place.client());
    assert_eq!((again.same, again.heads), (1, 1), "{again:?}");
}

#[test]
fn an_object_that_others_have_replaced_is_another() {
    let place = Place::new();
    place.settled("f", &noise(9 * MIB, 1));
    place.up(&place.client());
    let other = place.folders.file("other", &noise(9 * MIB, 2));
    let client = Client::speaking("xml", &place.emulator.url, json!({"overwrite": true}));
    ok(client.upload(&other, "t/f"));
    let down = place.down(&place.client(), &place.root, &json!({"overwrite": true}));
    assert_eq!((down.moved, down.same), (1, 0), "{down:?}");
    assert!(fs::read(place.root.join("f")).unwrap() == noise(9 * MIB, 2));

    // The same content under another tag takes a look, and no reading.
    place.settled("f", &noise(9 * MIB, 2));
    place.up(&place.client());
    ok(client.upload_slice(&other, "t/f", MIB as u64, "", &mut |_, _| 0));
    let again = place.up(&place.client());
    assert_eq!((again.same, again.heads), (1, 1), "{again:?}");
    assert_eq!(place.up(&place.client()).heads, 0);
}

#[test]
fn a_damaged_index_and_that_of_others_is_none() {
    let place = Place::new();
    let client = place.client();
    for number in 0..20 {
        let name = format!("f{number:02}");
        fs::write(place.root.join(&name), noise(1000, number)).unwrap();
        place.in_parts(&client, &name);
    }
    settle(&place.root.join("f19"));
    place.up(&client);
    let index = place.index();
    let whole = fs::read(&index).unwrap();
    assert_eq!(place.up(&client).heads, 0);
    assert!(fs::read(&index).unwrap() == whole, "it stays as it is");

    let middle = whole.len() / 2;
    let mut flipped = whole.clone();
    flipped[middle] ^= 1;
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let doubled = [lines[0], lines[0]].concat();
    for (damaged, expected) in [
        (flipped, 5..16),
        (whole[..middle].to_vec(), 5..16),
        (Vec::new(), 20..21),
        (noise(100_000, 1), 20..21),
        (vec![b'x'; 100_000], 20..21),
        (doubled, 19..20),
        (lines[19].to_vec(), 19..20),
    ] {
        fs::write(&index, &damaged).unwrap();
        let tally = place.up(&client);
        assert_eq!(tally.same, 20);
        assert!(expected.contains(&tally.heads), "{tally:?}");
        assert!(fs::read(&index).unwrap() == whole, "it is made anew");
    }

    // That of another folder, under this one's name.
    let other = place.folders.join("other");
    fs::rename(&place.root, &other).unwrap();
    fs::create_dir(&place.root).unwrap();
    let tally = place.tally("uploaded", || {
        client.upload_tree(&other, "t", "{}", &mut |_, _| 0)
    });
    assert_eq!((tally.same, tally.heads), (20, 20));
    let both = names(&place.kept);
    let foreign = both.iter().find(|name| !index.ends_with(name)).unwrap();
    fs::remove_dir(&place.root).unwrap();
    fs::rename(&other, &place.root).unwrap();
    settle(&place.root.join("f19"));
    fs::copy(place.kept.join(foreign), &index).unwrap();
    assert_eq!(place.up(&client).heads, 20);

    // Where nothing can be written it is as without the option.
    fs::remove_dir_all(&place.kept).unwrap();
    assert_eq!(place.up(&client).heads, 20);
}

#[test]
fn a_call_that_is_broken_off_forgets_nothing() {
    let place = Place::new();
    let client = place.client();
    for number in 0..40 {
        let name = format!("f{number:02}");
        fs::write(place.root.join(&name), noise(1000, number)).unwrap();
        place.in_parts(&client, &name);
    }
    settle(&place.root.join("f39"));
    place.up(&client);
    fs::write(place.root.join("f00x"), b"new").unwrap();
    let refused = json!([{"match": {"op": "put_object"}, "fault": {"error": {"status": 403, "code": "InvalidAccessKeyId"}}}]);
    place.emulator.set_faults(&refused);
    let reply = client.upload_tree(&place.root, "t", "{}", &mut |_, _| 0);
    assert_ne!(reply["code"], 0, "{reply}");
    place.emulator.set_faults(&json!([]));
    let again = place.up(&client);
    assert_eq!(
        (again.moved, again.same, again.heads),
        (1, 40, 0),
        "{again:?}"
    );

    // Those that are gone are forgotten, and patterns have an index of their own.
    let whole = fs::metadata(place.index()).unwrap().len();
    for number in 0..20 {
        fs::remove_file(place.root.join(format!("f{number:02}"))).unwrap();
    }
    place.up(&client);
    assert!(fs::metadata(place.index()).unwrap().len() < whole * 2 / 3);
    let some = || {
        place.tally("uploaded", || {
            let some = r#"{"include":["f3*"]}"#;
            client.upload_tree(&place.root, "t", some, &mut |_, _| 0)
        })
    };
    assert_eq!(some().heads, 10);
    assert_eq!(some().heads, 0);
    assert_eq!(place.up(&client).heads, 0);
}

#[test]
fn two_at_once_leave_a_whole_one() {
    let place = Place::new();
    let client = place.client();
    for number in 0..200 {
        let name = format!("f{number:03}");
        fs::write(place.root.join(&name), noise(1000, number)).unwrap();
        place.in_parts(&client, &name);
    }
    settle(&place.root.join("f199"));
    // Processes have no more in common than clients have.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let client = place.client();
                for _ in 0..5 {
                    let sent = ok(client.upload_tree(&place.root, "t", "{}", &mut |_, _| 0));
                    assert_eq!(sent["data"]["same"], 200);
                }
            });
        }
    });
    let after = place.up(&place.client());
    assert_eq!((after.same, after.requests), (200, 1), "{after:?}");
    place.index();
}
