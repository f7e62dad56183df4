//! Calls that wait, and what ends them: a cell of the table of waits is a call that is held up in one
//! way, and one of the ways to end it.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::bytes::reader;
use super::library::{BUCKET, Client, code, kind};
use super::{TempDir, noise};

/// Longer than a cancel may take to be obeyed, and than a call may outlive its time.
pub const AFTER_CANCEL: Duration = Duration::from_millis(500);
pub const AFTER_DEADLINE: Duration = Duration::from_millis(1000);

/// `timeout_ms` of the calls that nobody cancels.
pub const TIME: Duration = Duration::from_millis(700);

/// How long a call is watched while it waits, before it is cancelled.
const WATCHED: Duration = Duration::from_millis(600);

/// What a call needs: a client, names of its own, and files.
pub struct Stage<'a> {
    pub client: &'a Client,
    /// A folder of the bucket that no other cell touches.
    pub folder: String,
    pub files: &'a Files,
    pub report: RefCell<&'a mut dyn FnMut(u64, u64) -> i32>,
}

pub struct Files {
    pub dir: TempDir,
    pub small: std::path::PathBuf,
    pub large: std::path::PathBuf,
    pub tree: std::path::PathBuf,
}

impl Files {
    pub fn new() -> Files {
        let dir = TempDir::new();
        let small = dir.file("small", &noise(1000, 1));
        let large = dir.file("large", &noise(9 << 20, 2));
        let tree = dir.join("tree");
        std::fs::create_dir_all(tree.join("in")).unwrap();
        std::fs::write(tree.join("a"), noise(100, 3)).unwrap();
        std::fs::write(tree.join("in/b"), noise(100, 4)).unwrap();
        Files {
            dir,
            small,
            large,
            tree,
        }
    }
}

impl Stage<'_> {
    /// For what nobody watches.
    pub fn quiet(client: &Client, folder: &str, files: &Files, work: impl FnOnce(&Stage)) {
        let mut report = |_, _| 0;
        work(&Stage {
            client,
            folder: folder.to_owned(),
            files,
            report: RefCell::new(&mut report),
        });
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    fn report(&self, done: u64, total: u64) -> i32 {
        (self.report.borrow_mut())(done, total)
    }
}

/// A call: what must be there before it, and the call itself.
pub struct Function {
    pub name: &'static str,
    /// Whether a callback can cancel it.
    pub has_callback: bool,
    pub only: Option<&'static str>,
    pub prepare: fn(&Stage),
    pub call: fn(&Stage) -> Value,
}

const fn plain(name: &'static str, prepare: fn(&Stage), call: fn(&Stage) -> Value) -> Function {
    Function {
        name,
        has_callback: false,
        only: None,
        prepare,
        call,
    }
}

const fn watched(name: &'static str, prepare: fn(&Stage), call: fn(&Stage) -> Value) -> Function {
    Function {
        has_callback: true,
        ..plain(name, prepare, call)
    }
}

const fn xml(function: Function) -> Function {
    Function {
        only: Some("xml"),
        ..function
    }
}

fn nothing(_: &Stage) {}

/// Another content than before: the JSON API takes none that it has already.
fn another_content(stage: &Stage) {
    use std::os::unix::fs::FileExt;
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(&stage.files.large);
    let bytes = std::process::id().to_string() + &stage.folder;
    file.unwrap().write_all_at(bytes.as_bytes(), 0).unwrap();
}

fn file(stage: &Stage) {
    let put = stage.client.upload_buffer(b"content", &stage.path("f"), "");
    assert_eq!(code(&put), 0, "{put}");
}

fn archived_file(stage: &Stage) {
    let class = json!({"storage_class": "ARCHIVE"});
    let (path, report) = (stage.path("f"), &mut |_, _| 0);
    let put = stage
        .client
        .upload_buffer_with(b"content", &path, &class, report);
    assert_eq!(code(&put), 0, "{put}");
}

fn large_file(stage: &Stage) {
    let put =
        stage
            .client
            .upload_reporting(&stage.files.large, &stage.path("large"), &mut |_, _| 0);
    assert_eq!(code(&put), 0, "{put}");
}

fn folder(stage: &Stage) {
    let made = stage.client.create_folder(&stage.path("d"), "");
    assert_eq!(code(&made), 0, "{made}");
}

/// A file or folder of before this second: the XML API's update looks at a younger one again until its
/// second is over, which is a number of requests that nobody knows beforehand.
fn aged(make: fn(&Stage), stage: &Stage, stat: impl Fn() -> Value) {
    make(stage);
    let seconds = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
    };
    let reply = stat();
    let modified = reply["data"]["mtime"]
        .as_str()
        .map(|m| m.parse::<u64>().unwrap());
    while modified.is_some_and(|modified| seconds() <= modified) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn aged_file(stage: &Stage) {
    aged(file, stage, || stage.client.stat_file(&stage.path("f")));
}

fn aged_folder(stage: &Stage) {
    aged(folder, stage, || stage.client.stat_folder(&stage.path("d")));
}

/// Every function that asks the service for anything.
pub const FUNCTIONS: &[Function] = &[
    watched("upload", nothing, |s| {
        let file = &s.files.small;
        s.client
            .upload_reporting(file, &s.path("f"), &mut |d, t| s.report(d, t))
    }),
    watched("upload (large)", another_content, |s| {
        let file = &s.files.large;
        s.client
            .upload_reporting(file, &s.path("f"), &mut |d, t| s.report(d, t))
    }),
    watched("upload_slice", another_content, |s| {
        let (file, path) = (&s.files.large, s.path("f"));
        s.client
            .upload_slice(file, &path, 0, "", &mut |d, t| s.report(d, t))
    }),
    watched("upload_buffer_with", nothing, |s| {
        let report = &mut |d, t| s.report(d, t);
        s.client
            .upload_buffer_with(b"b", &s.path("f"), &json!({}), report)
    }),
    watched("upload_stream", nothing, |s| {
        let report = &mut |d, t| s.report(d, t);
        s.client
            .upload_stream(&s.path("f"), &json!({}), &mut reader(b"b"), report)
    }),
    watched("upload_stream (large)", another_content, |s| {
        let bytes = std::fs::read(&s.files.large).unwrap();
        let report = &mut |d, t| s.report(d, t);
        s.client
            .upload_stream(&s.path("f"), &json!({}), &mut reader(&bytes), report)
    }),
    watched("upload_tree", nothing, |s| {
        let (dir, path) = (&s.files.tree, s.path("t"));
        s.client
            .upload_tree(dir, &path, "{}", &mut |d, t| s.report(d, t))
    }),
    watched("download", file, |s| {
        let to = s.files.dir.join(&s.folder.replace('/', "-"));
        s.client
            .download_reporting(&s.path("f"), &to, &mut |d, t| s.report(d, t))
    }),
    watched("download (large)", large_file, |s| {
        let to = s.files.dir.join(&s.folder.replace('/', "-"));
        s.client
            .download_reporting(&s.path("large"), &to, &mut |d, t| s.report(d, t))
    }),
    watched("download_with", file, |s| {
        let to = s.files.dir.join(&s.folder.replace('/', "-"));
        let report = &mut |d, t| s.report(d, t);
        s.client
            .download_with_reporting(&s.path("f"), &to, &json!({}), report)
    }),
    watched("download_tree", file, |s| {
        let to = s.files.dir.join(&s.folder.replace('/', "-"));
        s.client
            .download_tree(&s.folder, &to, "{}", &mut |d, t| s.report(d, t))
    }),
    plain("download_buffer", file, |s| {
        let mut buffer = [0; 100];
        s.client
            .download_buffer(&s.path("f"), 0, &mut buffer, &json!({}))
    }),
    plain("download_stream", file, |s| {
        s.client
            .download_stream(&s.path("f"), &json!({}), &mut |_| 0)
    }),
    plain("download_stream (large)", large_file, |s| {
        s.client
            .download_stream(&s.path("large"), &json!({}), &mut |_| 0)
    }),
    plain("upload_buffer", nothing, |s| {
        s.client.upload_buffer(b"b", &s.path("f"), "")
    }),
    plain("upload_with", nothing, |s| {
        let options = json!({"acl": "private"});
        s.client.upload_with(&s.files.small, &s.path("f"), &options)
    }),
    plain("create_folder", nothing, |s| {
        s.client.create_folder(&s.path("d"), "")
    }),
    plain("update_folder", aged_folder, |s| {
        s.client.update_folder(&s.path("d"), "b")
    }),
    plain("stat_folder", folder, |s| {
        s.client.stat_folder(&s.path("d"))
    }),
    plain("delete_folder", folder, |s| {
        s.client.delete_folder(&s.path("d"))
    }),
    plain("list", file, |s| {
        s.client.list(&s.folder, 0, "eListBoth", 0, "")
    }),
    plain("prefix_search", file, |s| {
        s.client.prefix_search(&s.folder, "f", 0, "")
    }),
    plain("list_all", file, |s| {
        s.client.list_all(&s.folder, 1, &mut |_| 0)
    }),
    plain("prefix_search_all", file, |s| {
        s.client.prefix_search_all(&s.folder, "f", 1, &mut |_| 0)
    }),
    plain("stat_file", file, |s| s.client.stat_file(&s.path("f"))),
    plain("stat_with", file, |s| {
        s.client.stat_with(&s.path("f"), &json!({}))
    }),
    plain("update_file", aged_file, |s| {
        s.client.update_file(&s.path("f"), "b")
    }),
    plain("update_with", aged_file, |s| {
        s.client
            .update_with(&s.path("f"), &json!({"biz_attr": "c"}))
    }),
    plain("move_file", file, |s| {
        s.client.move_file(&s.path("f"), &s.path("g"), 0)
    }),
    xml(plain("copy_file", file, |s| {
        s.client.copy_file(&s.path("f"), &s.path("g"), 0)
    })),
    xml(watched("copy_with", file, |s| {
        let (from, to) = (s.path("f"), s.path("g"));
        let report = &mut |d, t| s.report(d, t);
        s.client
            .copy_with((BUCKET, &from), (BUCKET, &to), &json!({}), report)
    })),
    xml(watched("copy_with (moving)", file, |s| {
        let (from, to) = (s.path("f"), s.path("g"));
        let (options, report) = (json!({"move": true}), &mut |d, t| s.report(d, t));
        s.client
            .copy_with((BUCKET, &from), (BUCKET, &to), &options, report)
    })),
    xml(watched("copy_tree", file, |s| {
        let to = format!("{}-copy", s.folder);
        let report = &mut |d, t| s.report(d, t);
        s.client
            .copy_tree((BUCKET, &s.folder), (BUCKET, &to), &json!({}), report)
    })),
    xml(watched("copy_tree (moving)", file, |s| {
        let to = format!("{}-moved", s.folder);
        let (options, report) = (json!({"move": true}), &mut |d, t| s.report(d, t));
        s.client
            .copy_tree((BUCKET, &s.folder), (BUCKET, &to), &options, report)
    })),
    plain("delete_file", file, |s| s.client.delete_file(&s.path("f"))),
    plain("delete_with", file, |s| {
        s.client.delete_with(&s.path("f"), &json!({}))
    }),
    plain("delete_files", file, |s| {
        s.client.delete_files(&json!([s.path("f")]))
    }),
    plain("delete_tree", file, |s| s.client.delete_tree(&s.folder)),
    plain("set_acl", file, |s| {
        s.client.set_acl(&s.path("f"), "private")
    }),
    plain("get_acl", file, |s| s.client.get_acl(&s.path("f"))),
    plain("head_bucket", nothing, |s| {
        s.client.head_bucket("testbucket")
    }),
    plain("diagnose", nothing, |s| s.client.diagnose("testbucket")),
    xml(plain("set_tags", file, |s| {
        s.client.set_tags(&s.path("f"), &json!({"a": "b"}))
    })),
    xml(plain("set_tags (none)", file, |s| {
        s.client.set_tags(&s.path("f"), &json!({}))
    })),
    xml(plain("get_tags", file, |s| s.client.get_tags(&s.path("f")))),
    xml(plain("restore_file", archived_file, |s| {
        s.client.restore_file(&s.path("f"), 1, "Bulk")
    })),
    xml(plain("append", nothing, |s| {
        s.client.append(b"b", &s.path("f"), 0, &json!({}))
    })),
    xml(plain("create_bucket", nothing, |s| {
        s.client.create_bucket(&s.folder, "private")
    })),
    xml(plain("delete_bucket", nothing, |s| {
        s.client.delete_bucket(&s.folder)
    })),
    xml(plain("list_buckets", nothing, |s| s.client.list_buckets())),
    xml(plain("list_uploads", nothing, |s| {
        s.client.list_uploads(&s.folder)
    })),
    xml(plain("set_versioning", nothing, |s| {
        s.client.set_versioning("Enabled")
    })),
    xml(plain("get_versioning", nothing, |s| {
        s.client.get_versioning()
    })),
    xml(plain("list_versions", file, |s| {
        s.client.list_versions(&s.folder, 1, &mut |_| 0)
    })),
    xml(plain("request", file, |s| {
        let request = json!({"method": "GET", "query": {"acl": ""}});
        s.client
            .request(Some("testbucket"), &s.path("f"), &request, b"")
    })),
    xml(plain("request (with a body)", nothing, |s| {
        let request = json!({"method": "PUT"});
        s.client
            .request(Some("testbucket"), &s.path("f"), &request, b"content")
    })),
    xml(plain("abort_upload", nothing, |s| {
        s.client.abort_upload(&s.path("f"), "1-2")
    })),
];

/// How a call is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By its callback.
    Cancel,
    /// By another thread, with its client.
    Outside,
    Deadline,
}

impl End {
    /// The client's options with it.
    pub fn options(self) -> Value {
        // Nothing else ends what waits. A large file is three pieces.
        let mut options = json!({"io_timeout_ms": 600_000, "connect_timeout_ms": 600_000,
            "slice_size": 3 << 20});
        if self == End::Deadline {
            options["timeout_ms"] = u64::try_from(TIME.as_millis()).unwrap().into();
        }
        options
    }
}

/// Makes the call and ends it. Checks that it ends in time, in the right way, and that the callback
/// was called about ten times a second until then.
pub fn prove(what: &str, client: &Client, folder: &str, files: &Files, call: &Function, end: End) {
    prove_held(what, client, folder, files, call, end, &|| true);
}

/// The same for what `is_held` tells of, so that it is not cancelled before.
pub fn prove_held(
    what: &str,
    client: &Client,
    folder: &str,
    files: &Files,
    call: &Function,
    end: End,
    is_held: &(dyn Fn() -> bool + Sync),
) {
    let begun = Instant::now();
    let mut calls = Vec::new();
    let mut cancelled = None;
    let mut finished = None;
    let is_over = AtomicBool::new(false);
    let outside = || {
        while begun.elapsed() < WATCHED || !is_held() {
            if is_over.load(Ordering::SeqCst) {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        client.cancel();
        Some(Instant::now())
    };
    let reply = std::thread::scope(|scope| {
        let outside = (end == End::Outside).then(|| scope.spawn(outside));
        let mut report = |done: u64, total: u64| {
            // It must not be over; a panic could not leave the callback.
            if done >= total {
                finished.get_or_insert((done, total));
            }
            calls.push(Instant::now());
            let over = end == End::Cancel && begun.elapsed() > WATCHED && is_held();
            if over {
                cancelled.get_or_insert_with(Instant::now);
            }
            i32::from(over)
        };
        let reply = (call.call)(&Stage {
            client,
            folder: folder.to_owned(),
            files,
            report: RefCell::new(&mut report),
        });
        let ended = Instant::now();
        is_over.store(true, Ordering::SeqCst);
        if let Some(outside) = outside {
            cancelled = outside.join().unwrap();
        }
        (reply, ended)
    });
    let (reply, ended) = reply;
    let what = format!("{what}: {} ended by {end:?}", call.name);
    assert_eq!(finished, None, "{what}: nothing has held it up: {reply}");
    match end {
        End::Cancel | End::Outside => {
            let cancelled = cancelled.unwrap_or_else(|| panic!("{what}: not cancelled: {reply}"));
            assert_eq!(
                (code(&reply), kind(&reply)),
                (-5, "cancelled"),
                "{what}: {reply}"
            );
            let late = ended - cancelled;
            assert!(late <= AFTER_CANCEL, "{what}: {late:?} after the cancel");
        }
        End::Deadline => {
            // A pause that is too long is not begun: the refusal is the call's.
            let kinds = ["timeout", "dns", "http_status"];
            let timed_out = code(&reply) == -2 && kinds.contains(&kind(&reply));
            // The last look of these is at what is known already.
            let is_told = ["update_file", "update_with", "head_bucket"].contains(&call.name)
                // A diagnosis tells what took so long.
                || call.name == "diagnose" && reply["data"]["ok"] == false;
            assert!(timed_out || is_told, "{what}: {reply}");
            let late = (ended - begun).saturating_sub(TIME);
            assert!(late <= AFTER_DEADLINE, "{what}: {late:?} after its time");
        }
    }
    if call.has_callback {
        let (watched, called) = (ended - begun, calls.len());
        let least = watched.as_millis() / 250;
        assert!(
            called as u128 >= least,
            "{what}: {called} calls in {watched:?}"
        );
    }
}
