//! Downloads that go on after a failure or a crash, by what the option `checkpoint_dir` has kept.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

use common::child::killed_once_done;
use common::emulator::{Emulator, SECRET_KEY};
use common::library::{APIS, Client, code, kind, ok};
use common::{TempDir, noise};
use serde_json::{Value, json};

/// Ranges are of this size up to objects of 256 MiB.
const RANGE: usize = 4 << 20;
const RANGES: usize = 6;

/// A service with an object of six ranges, and where it goes.
struct Scene {
    emulator: Emulator,
    api: &'static str,
    content: Vec<u8>,
    checkpoints: TempDir,
    files: TempDir,
}

impl Scene {
    fn new(api: &'static str) -> Scene {
        let emulator = Emulator::start();
        let content = noise((RANGES - 1) * RANGE + 5, 1);
        ok(Client::speaking(api, &emulator.url, json!({})).upload_buffer(&content, "f", ""));
        Scene {
            emulator,
            api,
            content,
            checkpoints: TempDir::new(),
            files: TempDir::new(),
        }
    }

    fn client(&self) -> Client {
        let dir = self.checkpoints.join("");
        let options = json!({"checkpoint_dir": dir.to_str().unwrap(), "parallel": 1, "retries": 0});
        Client::speaking(self.api, &self.emulator.url, options)
    }

    fn target(&self) -> PathBuf {
        self.files.join("f")
    }

    fn download(&self, report: &mut dyn FnMut(u64, u64) -> i32) -> Value {
        self.client()
            .download_reporting("f", &self.target(), report)
    }

    /// Ends it by the callback after some ranges.
    fn break_off(&self, ranges: usize) {
        let stop = (ranges * RANGE) as u64;
        let reply = self.download(&mut |done, _| i32::from(done >= stop));
        assert_eq!((code(&reply), kind(&reply)), (-5, "cancelled"), "{reply}");
        assert!(!self.target().exists());
        assert_eq!(names(&self.checkpoints).len(), 1);
        assert_eq!(names(&self.files).len(), 1);
    }

    /// Downloads the object as it is now; how many requests for its bytes that took.
    fn completes(&self) -> usize {
        let before = self.fetches();
        ok(self.download(&mut |_, _| 0));
        assert_eq!(
            fs::read(self.target()).unwrap(),
            self.content,
            "{}",
            self.api
        );
        assert_eq!(names(&self.files), ["f"], "nothing else is left");
        assert!(names(&self.checkpoints).is_empty());
        self.fetches() - before
    }

    fn fetches(&self) -> usize {
        self.emulator.count(match self.api {
            "json" => "download",
            _ => "get_object",
        })
    }

    /// The draft that was left.
    fn draft(&self) -> PathBuf {
        self.files.join(&names(&self.files)[0])
    }

    fn checkpoint(&self) -> PathBuf {
        self.checkpoints.join(&names(&self.checkpoints)[0])
    }
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.join("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn the_same_call_goes_on_and_leaves_nothing_behind() {
    for api in APIS {
        let scene = Scene::new(api);
        for ranges in [1, 3, 5] {
            scene.break_off(ranges);
            let text = fs::read_to_string(scene.checkpoint()).unwrap();
            assert!(!text.contains(SECRET_KEY));
            assert_eq!(scene.completes(), RANGES - ranges, "{api}");
            fs::remove_file(scene.target()).unwrap();
        }
    }
}

#[test]
fn without_the_option_nothing_is_left() {
    for api in APIS {
        let scene = Scene::new(api);
        let client = Client::speaking(api, &scene.emulator.url, json!({"parallel": 1}));
        let stop = 2 * RANGE as u64;
        let report = &mut |done, _| i32::from(done >= stop);
        assert_eq!(
            code(&client.download_reporting("f", &scene.target(), report)),
            -5
        );
        assert!(names(&scene.files).is_empty());
    }
}

#[test]
fn a_service_that_fails_in_between_is_gone_on_with() {
    for api in APIS {
        let scene = Scene::new(api);
        let op = if api == "json" {
            "download"
        } else {
            "get_object"
        };
        scene.emulator.set_faults(&json!([
            {"match": {"op": op, "from": 3}, "fault": {"status": 503, "body": ""}},
        ]));
        let reply = scene.download(&mut |_, _| 0);
        assert_eq!(code(&reply), -2, "{reply}");
        scene.emulator.end_faults();
        assert_eq!(scene.completes(), RANGES - 3, "{api}");
    }
}

/// Runs this test's program again as a process that downloads and is killed.
#[test]
fn a_killed_process_is_gone_on_with() {
    for api in APIS {
        let scene = Scene::new(api);
        for kill_at in [0, 1, 2, 4] {
            let (file, dir) = (scene.target(), scene.checkpoints.join(""));
            let environment = [
                ("API", OsStr::new(api)),
                ("ENDPOINT", OsStr::new(&scene.emulator.url)),
                ("FILE", file.as_os_str()),
                ("DIR", dir.as_os_str()),
            ];
            let enough = (kill_at * RANGE) as u64;
            let done = killed_once_done("download_until_killed", &environment, enough);
            let arrived = done as usize / RANGE;
            assert!(!scene.target().exists(), "{api}: killed too late");
            // A whole range that was reported may be on its way still, one more may have arrived.
            let fetched = scene.completes();
            assert!(
                fetched <= RANGES - arrived.min(RANGES),
                "{api}: {fetched} after {arrived}"
            );
            fs::remove_file(scene.target()).unwrap();
        }
    }
}

#[test]
#[ignore = "run by the test above, which kills it"]
fn download_until_killed() {
    let variable = |name| std::env::var(name).unwrap();
    let options = json!({"checkpoint_dir": variable("DIR"), "parallel": 1});
    let client = Client::speaking(&variable("API"), &variable("ENDPOINT"), options);
    let mut reported = 0;
    client.download_reporting("f", Path::new(&variable("FILE")), &mut |done, _| {
        // Of whole ranges alone: those are written down when they are reported.
        if done / RANGE as u64 > reported || done == 0 {
            reported = done / RANGE as u64;
            println!("done {}", reported * RANGE as u64);
        }
        // Killed while it waits here.
        if reported == RANGES as u64 - 2 {
            std::thread::park();
        }
        0
    });
}

/// Bytes of two objects are never mixed, and the draft of the old one goes.
#[test]
fn another_object_is_fetched_from_its_beginning() {
    for api in APIS {
        let mut scene = Scene::new(api);
        scene.break_off(3);
        scene.content[7] ^= 1;
        let client = Client::speaking(api, &scene.emulator.url, json!({"overwrite": true}));
        ok(client.upload_buffer(&scene.content, "f", ""));
        assert_eq!(scene.completes(), RANGES, "{api}");
    }
}

#[test]
fn an_object_that_is_gone_leaves_nothing() {
    let scene = Scene::new("xml");
    scene.break_off(3);
    scene.emulator.set_faults(&json!([
        {"match": {"op": "get_object"},
         "fault": {"error": {"status": 404, "code": "NoSuchKey", "message": ""}}},
    ]));
    assert_ne!(code(&scene.download(&mut |_, _| 0)), 0);
    assert!(names(&scene.files).is_empty() && names(&scene.checkpoints).is_empty());
}

/// What does not fit is fetched again: single ranges where they can be told, else everything.
#[test]
fn what_is_damaged_is_fetched_again() {
    type Damage = fn(&Scene);
    let damages: [(&str, usize, Damage); 9] = [
        ("a byte of the draft", 4, |scene| {
            let draft = fs::File::options().write(true).open(scene.draft()).unwrap();
            draft.write_all_at(b"damaged", RANGE as u64 + 9).unwrap();
        }),
        ("a draft cut short", 4, |scene| {
            let draft = fs::File::options().write(true).open(scene.draft()).unwrap();
            draft.set_len(2 * RANGE as u64).unwrap();
        }),
        ("no draft", RANGES, |scene| {
            fs::remove_file(scene.draft()).unwrap()
        }),
        ("another file of its name", RANGES, |scene| {
            let (draft, aside) = (scene.draft(), scene.checkpoints.join("aside"));
            fs::copy(&draft, &aside).unwrap();
            fs::remove_file(&draft).unwrap();
            fs::rename(&aside, &draft).unwrap();
        }),
        ("no checkpoint", RANGES, |scene| {
            fs::remove_file(scene.checkpoint()).unwrap()
        }),
        ("no JSON", RANGES, |scene| {
            fs::write(scene.checkpoint(), "{\n[1,2]\n").unwrap()
        }),
        ("a line cut short", 4, |scene| {
            let text = fs::read_to_string(scene.checkpoint()).unwrap();
            fs::write(scene.checkpoint(), &text[..text.len() - 3]).unwrap();
        }),
        ("a name that leads elsewhere", RANGES, |scene| {
            // To a file of its own beside the draft, by just the mark that the log has of it.
            let text = fs::read_to_string(scene.checkpoint()).unwrap();
            let mark = text.lines().nth(1).unwrap();
            let word = mark.split(' ').next().unwrap();
            let (draft, folder) = (scene.draft(), scene.files.join(".f.qcos-x"));
            fs::create_dir(&folder).unwrap();
            fs::rename(draft, folder.join("draft")).unwrap();
            let led = text.replacen(word, "x/draft", 1);
            fs::write(scene.checkpoint(), led).unwrap();
        }),
        ("ranges that are none", 3, |scene| {
            let text = fs::read_to_string(scene.checkpoint()).unwrap();
            fs::write(scene.checkpoint(), format!("{text}6 1\n{} 1\n", u64::MAX)).unwrap();
        }),
    ];
    for (what, fetches, damage) in damages {
        let scene = Scene::new("xml");
        scene.break_off(3);
        damage(&scene);
        let left = names(&scene.files);
        let before = scene.fetches();
        ok(scene.download(&mut |_, _| 0));
        assert_eq!(scene.fetches() - before, fetches, "{what}");
        assert!(fs::read(scene.target()).unwrap() == scene.content, "{what}");
        assert!(names(&scene.checkpoints).is_empty(), "{what}");
        // A draft that nothing knows any more, or that is somebody else's, is left alone.
        let strange = matches!(
            what,
            "another file of its name"
                | "no checkpoint"
                | "no JSON"
                | "a name that leads elsewhere"
        );
        let mut expected = vec!["f".to_owned()];
        expected.extend(left.into_iter().filter(|_| strange));
        let mut there = names(&scene.files);
        there.sort_unstable_by_key(|name| name.len());
        assert_eq!(there, expected, "{what}");
    }
}

/// The second finds the first at its draft, and downloads for itself.
#[test]
fn two_at_once_do_not_disturb_each_other() {
    for api in APIS {
        let scene = Scene::new(api);
        scene.break_off(2);
        let mut inner = None;
        let reply = scene.download(&mut |done, _| {
            if done > 2 * RANGE as u64 && inner.is_none() {
                inner = Some(());
                ok(scene.download(&mut |_, _| 0));
                assert!(fs::read(scene.target()).unwrap() == scene.content);
                fs::remove_file(scene.target()).unwrap();
            }
            0
        });
        ok(reply);
        assert!(inner.is_some() && fs::read(scene.target()).unwrap() == scene.content);
        assert_eq!(names(&scene.files), ["f"]);
    }
}

/// The content of a private file stays private, whenever it arrived.
#[test]
fn what_replaces_a_private_file_is_seen_by_nobody_else() {
    let scene = Scene::new("xml");
    fs::write(scene.target(), "old").unwrap();
    fs::set_permissions(scene.target(), fs::Permissions::from_mode(0o600)).unwrap();
    let stop = 3 * RANGE as u64;
    let reply = scene.download(&mut |done, _| i32::from(done >= stop));
    assert_eq!(code(&reply), -5);
    for name in names(&scene.files) {
        let mode = fs::metadata(scene.files.join(&name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::read(scene.target()).unwrap(), b"old");
    assert_eq!(scene.completes(), RANGES - 3);
    let mode = fs::metadata(scene.target()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn small_files_and_trees_take_it_as_well() {
    for api in APIS {
        let scene = Scene::new(api);
        let client = scene.client();
        ok(client.upload_buffer(b"small", "t/small", ""));
        ok(client.upload_buffer(&scene.content, "t/large", ""));
        let folder = scene.files.join("tree");
        let stop = 3 * RANGE as u64;
        let reply =
            client.download_tree("t", &folder, "{}", &mut |done, _| i32::from(done >= stop));
        assert_eq!(code(&reply), -5, "{reply}");
        let before = scene.fetches();
        ok(client.download_tree("t", &folder, "{}", &mut |_, _| 0));
        assert!(scene.fetches() - before <= RANGES, "{api}");
        assert!(fs::read(folder.join("large")).unwrap() == scene.content);
        let mut left = names(&scene.checkpoints);
        // What the next call knows the tree by.
        left.retain(|name| !name.ends_with(".tree.qcos"));
        assert!(left.is_empty(), "{left:?}");
    }
}
