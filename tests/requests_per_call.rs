//! How many requests each call makes, as docs/requests-per-call.md says.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::emulator::Emulator;
use common::library::{APIS, BUCKET, Client, ok};
use common::{TempDir, build, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

/// Name of the call in the page, and the requests that it made, by operation.
type Counted = Vec<(String, Vec<String>)>;

struct Count<'e> {
    emulator: &'e Emulator,
    counted: Counted,
}

impl Count<'_> {
    fn call(&mut self, name: &str, call: impl FnOnce() -> Value) {
        let before = self.emulator.requests().len();
        ok(call());
        let requests = self.emulator.requests();
        let op = |entry: &Value| entry["op"].as_str().unwrap_or("?").to_owned();
        let made = requests[before..].iter().map(op).collect();
        self.counted.push((name.to_owned(), made));
    }
}

/// What was written in this very second is looked at once more before it is changed.
fn next_second() {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let rest = Duration::from_secs(now().as_secs() + 1).saturating_sub(now());
    thread::sleep(rest + Duration::from_millis(5));
}

fn counted(api: &str) -> Counted {
    let emulator = Emulator::start();
    let client = Client::speaking(api, &emulator.url, json!({"parallel": 1}));
    let files = TempDir::new();
    let small = files.file("small", b"hello");
    let large = files.file("large", &noise(9 * MIB, 1));
    let got = files.join("got");
    // The first makes the bucket; whether it ever had versions is known from the second on.
    ok(client.upload(&small, "first"));
    ok(client.upload(&small, "second"));
    let mut count = Count {
        emulator: &emulator,
        counted: Vec::new(),
    };
    count.call("qcos_upload, 5 bytes", || client.upload(&small, "f"));
    count.call("qcos_upload_buffer, 5 bytes", || {
        client.upload_buffer(b"hello", "b", "")
    });
    count.call("qcos_upload_stream, 5 bytes", || {
        client.upload_streamed("s", &json!({}), b"hello")
    });
    count.call("qcos_upload, 9 MiB", || client.upload(&large, "large"));
    count.call("qcos_download, 5 bytes", || client.download("f", &got));
    count.call("qcos_download, 9 MiB", || client.download("large", &got));
    count.call("qcos_download_stream, 5 bytes", || {
        client.download_stream("f", &json!({}), &mut |_| 0)
    });
    let buffer = &mut [0; 5];
    count.call("qcos_download_buffer, 5 bytes", || {
        client.download_buffer("f", 0, buffer, &json!({}))
    });
    count.call("qcos_stat_file", || client.stat_file("f"));
    let nothing = json!({});
    count.call("qcos_stat_with", || client.stat_with("f", &nothing));
    count.call("qcos_create_folder", || client.create_folder("d", ""));
    count.call("qcos_stat_folder", || client.stat_folder("d"));
    next_second();
    count.call("qcos_update_folder", || client.update_folder("d", "x"));
    count.call("qcos_list", || client.list("", 20, "eListBoth", 0, ""));
    count.call("qcos_prefix_search", || {
        client.prefix_search("", "f", 20, "")
    });
    count.call("qcos_list_all, one page", || {
        client.list_all("", 1, &mut |_| 0)
    });
    next_second();
    count.call("qcos_update_file", || client.update_file("f", "x"));
    let changes = json!({"biz_attr": "y"});
    next_second();
    count.call("qcos_update_with", || client.update_with("f", &changes));
    count.call("qcos_move_file", || client.move_file("b", "moved", 0));
    if api == "xml" {
        count.call("qcos_copy_file", || client.copy_file("f", "copy", 0));
        let silent = &mut |_, _| 0;
        count.call("qcos_copy_with", || {
            client.copy_with((BUCKET, "f"), (BUCKET, "copy2"), &nothing, silent)
        });
        count.call("qcos_get_acl", || client.get_acl("f"));
        count.call("qcos_get_versioning", || client.get_versioning());
        count.call("qcos_list_versions, one page", || {
            client.list_versions("", 1, &mut |_| 0)
        });
        count.call("qcos_set_acl", || client.set_acl("f", "private"));
        let tags = json!({"a": "b"});
        count.call("qcos_set_tags", || client.set_tags("f", &tags));
        count.call("qcos_get_tags", || client.get_tags("f"));
        let archived = json!({"storage_class": "ARCHIVE"});
        let silent = &mut |_, _| 0;
        ok(client.upload_buffer_with(b"x", "archived", &archived, silent));
        count.call("qcos_restore_file", || {
            client.restore_file("archived", 1, "Bulk")
        });
        count.call("qcos_append", || {
            client.append(b"hello", "log", 0, &nothing)
        });
    }
    count.call("qcos_delete_file", || client.delete_file("moved"));
    ok(client.upload_buffer(b"hello", "with", ""));
    count.call("qcos_delete_with", || client.delete_with("with", &nothing));
    count.call("qcos_delete_files, 2 of them", || {
        client.delete_files(&json!(["large", "s"]))
    });
    count.call("qcos_delete_folder", || client.delete_folder("d"));
    let tree = TempDir::new();
    for name in ["1", "2", "3"] {
        tree.file(name, name.as_bytes());
    }
    let (silent, back) = (&mut |_, _| 0, TempDir::new());
    let up = || client.upload_tree(&tree.join(""), "tree", "{}", silent);
    count.call("qcos_upload_tree, 3 files", up);
    let silent = &mut |_, _| 0;
    let up = || client.upload_tree(&tree.join(""), "tree", "{}", silent);
    count.call("qcos_upload_tree, unchanged", up);
    fs::create_dir(tree.join("empty")).unwrap();
    let silent = &mut |_, _| 0;
    ok(client.upload_tree(&tree.join(""), "tree", "{}", silent));
    let silent = &mut |_, _| 0;
    let up = || client.upload_tree(&tree.join(""), "tree", "{}", silent);
    count.call("qcos_upload_tree, unchanged, with an empty folder", up);
    fs::remove_dir(tree.join("empty")).unwrap();
    ok(client.delete_folder("tree/empty"));
    let silent = &mut |_, _| 0;
    let down = || client.download_tree("tree", &back.join(""), "{}", silent);
    count.call("qcos_download_tree, 3 files", down);
    let silent = &mut |_, _| 0;
    let down = || client.download_tree("tree", &back.join(""), "{}", silent);
    count.call("qcos_download_tree, unchanged", down);
    if api == "xml" {
        for name in ["qcos_copy_tree, 3 files", "qcos_copy_tree, unchanged"] {
            let silent = &mut |_, _| 0;
            count.call(name, || {
                client.copy_tree((BUCKET, "tree"), (BUCKET, "copy-of-it"), &json!({}), silent)
            });
        }
    }
    count.call("qcos_delete_tree, 3 files", || client.delete_tree("tree"));
    if api == "xml" {
        count.call("qcos_set_versioning", || client.set_versioning("Enabled"));
    }
    count.counted
}

#[test]
fn each_call_makes_as_many_as_the_page_says() {
    let page = fs::read_to_string(build::root().join("docs/requests-per-call.md")).unwrap();
    let mut said = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `qcos_")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        said.insert(cells[1].replace('`', ""), (cells[2], cells[3]));
    }
    let mut wrong = Vec::new();
    for (api, column) in APIS.into_iter().zip([0, 1]) {
        for (name, made) in counted(api) {
            let cell = said.get(&name).map(|(json, xml)| [json, xml][column]);
            if cell.and_then(|cell| cell.parse().ok()) != Some(made.len()) {
                wrong.push(format!(
                    "{api} {name}: {} {made:?}, not {cell:?}",
                    made.len()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
