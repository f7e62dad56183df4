//! What can be said of a tree: which files take part, how they are compared, what is deleted, and what would be
//! done; and how few requests an unchanged one takes.

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok};
use common::listener::{Listener, read_request};
use common::{TempDir, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

/// Files of these names below a new folder, each with its name as content.
fn planted(folders: &TempDir, names: &[&str]) -> PathBuf {
    let root = folders.join("here");
    for name in names {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    root
}

fn up(client: &Client, root: &Path, options: Value) -> Value {
    client.upload_tree(root, "t", &options.to_string(), &mut |_, _| 0)
}

fn down(client: &Client, root: &Path, options: Value) -> Value {
    client.download_tree("t", root, &options.to_string(), &mut |_, _| 0)
}

/// Names of the files below a folder of the bucket, in order.
fn held(client: &Client, path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let reply = client.list_all(path, 1, &mut |page| {
        for info in page["infos"].as_array().unwrap() {
            if info.get("filesize").is_some() {
                names.push(info["name"].as_str().unwrap().to_owned());
            }
        }
        0
    });
    ok(reply);
    names.sort();
    names
}

/// The same of a local folder.
fn local(root: &Path) -> Vec<String> {
    let (mut names, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(root).unwrap();
                    names.push(name.to_str().unwrap().to_owned());
                }
            }
        }
    }
    names.sort();
    names
}

fn planned(reply: &Value) -> Vec<(&str, &str)> {
    let steps = reply["data"]["plan"].as_array().unwrap().iter();
    let mut steps: Vec<(&str, &str)> = steps
        .map(|step| {
            (
                step["path"].as_str().unwrap(),
                step["action"].as_str().unwrap(),
            )
        })
        .collect();
    steps.sort_unstable();
    steps
}

/// Requests that change something at the service.
fn changes(emulator: &Emulator) -> Vec<Value> {
    let requests = emulator.requests().into_iter();
    let reads = [
        "list",
        "stat",
        "list_objects",
        "head_object",
        "get_object",
        "download",
    ];
    requests
        .filter(|entry| !reads.contains(&entry["op"].as_str().unwrap()))
        .collect()
}

#[test]
fn patterns_say_what_takes_part_in_both_directions() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let names = [
            "a.o",
            "a.c",
            "src/b.c",
            "src/b.o",
            ".git/config",
            "src/old/c.c",
            "目录/d.c",
        ];
        let root = planted(&folders, &names);
        // Folders that are out are not read, whatever is in them.
        symlink("nowhere", root.join(".git/dangling")).unwrap();
        let filter = json!({"include": ["*.c"], "exclude": [".git", "src/old/"]});
        let reply = ok(up(&client, &root, filter.clone()));
        assert_eq!(reply["data"]["uploaded"], 3, "{reply}");
        assert_eq!(held(&client, "t"), ["a.c", "src/b.c", "目录/d.c"]);

        ok(up(&client, &root, json!({"exclude": ["/.git"]})));
        assert_eq!(held(&client, "t").len(), 6);
        let back = folders.join("back");
        let reply = ok(down(&client, &back, filter));
        assert_eq!(reply["data"]["downloaded"], 3, "{reply}");
        assert_eq!(local(&back), ["a.c", "src/b.c", "目录/d.c"]);
        assert!(!back.join("src/old").exists());

        let reply = up(&client, &root, json!({"exclude": ["a[b"]}));
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(message(&reply).contains("exclude: \"a[b\""), "{reply}");
    }
}

#[test]
fn an_unchanged_tree_is_only_listed() {
    for (api, page) in APIS.into_iter().zip([199, 1000]) {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let names: Vec<String> = (0..1200)
            .map(|number| format!("{:02}/{number}", number % 3))
            .collect();
        let root = planted(
            &folders,
            &names.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        ok(up(&client, &root, json!({})));
        for options in [
            json!({}),
            json!({"overwrite": true}),
            json!({"delete": true}),
        ] {
            emulator.forget_requests();
            let lists = if options.get("delete").is_some() {
                2
            } else {
                1
            };
            let reply = ok(up(&client, &root, options));
            assert_eq!(reply["data"]["same"], names.len(), "{reply}");
            // Of the JSON API each folder has pages of its own.
            let most = lists * (names.len().div_ceil(page) + if api == "json" { 4 } else { 0 });
            assert!(
                emulator.requests().len() <= most,
                "{api} {}",
                emulator.requests().len()
            );
        }
        emulator.forget_requests();
        let reply = ok(down(&client, &root, json!({})));
        assert_eq!(reply["data"]["same"], names.len(), "{reply}");
        assert_eq!(changes(&emulator), Vec::<Value>::new());
    }
}

#[test]
fn what_lies_between_two_names_is_not_listed() {
    let (emulator, folders) = (Emulator::start(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let others: Vec<String> = (0..2500).map(|number| format!("m/{number:04}")).collect();
    let many = planted(
        &folders,
        &others.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    ok(up(&client, &many, json!({})));
    let few = folders.join("few");
    fs::create_dir(&few).unwrap();
    fs::write(few.join("a"), "a").unwrap();
    fs::write(few.join("z"), "z").unwrap();
    emulator.forget_requests();
    let reply = ok(up(&client, &few, json!({})));
    assert_eq!(reply["data"]["uploaded"], 2, "{reply}");
    assert_eq!(emulator.count("list_objects"), 2);
}

#[test]
fn changes_are_found_whatever_their_size() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders, &["same", "other", "longer"]);
        fs::write(root.join("large"), noise(9 * MIB, 1)).unwrap();
        fs::write(root.join("large too"), noise(9 * MIB, 2)).unwrap();
        ok(up(&client, &root, json!({})));
        fs::write(root.join("other"), "OTHER").unwrap();
        fs::write(root.join("longer"), "longer than it was").unwrap();
        fs::write(root.join("large too"), noise(9 * MIB, 3)).unwrap();
        let reply = up(&client, &root, json!({}));
        assert_eq!(code(&reply), -177, "{reply}");
        assert_eq!(reply["data"]["failed"].as_array().unwrap().len(), 3);

        // By its size alone the one is what it was.
        let by_size = json!({"overwrite": true, "compare": "size", "exclude": ["large*"]});
        let reply = ok(up(&client, &root, by_size));
        assert_eq!(
            (&reply["data"]["same"], &reply["data"]["uploaded"]),
            (&json!(2), &json!(1))
        );
        let reply = ok(up(&client, &root, json!({"overwrite": true})));
        assert_eq!(
            (&reply["data"]["same"], &reply["data"]["uploaded"]),
            (&json!(3), &json!(2))
        );

        let back = folders.join("back");
        ok(down(&client, &back, json!({})));
        fs::write(back.join("other"), "other").unwrap();
        fs::write(back.join("large"), noise(9 * MIB, 4)).unwrap();
        fs::remove_file(back.join("same")).unwrap();
        let reply = down(&client, &back, json!({"overwrite": false}));
        assert_eq!((code(&reply), kind(&reply)), (-1, "exists"), "{reply}");
        assert_eq!(
            (&reply["data"]["same"], &reply["data"]["downloaded"]),
            (&json!(2), &json!(1))
        );
        let reply = ok(down(&client, &back, json!({})));
        assert_eq!(
            (&reply["data"]["same"], &reply["data"]["downloaded"]),
            (&json!(3), &json!(2))
        );
        for name in local(&root) {
            assert!(
                fs::read(back.join(&name)).unwrap() == fs::read(root.join(&name)).unwrap(),
                "{name}"
            );
        }
    }
}

#[test]
fn a_file_by_the_name_of_a_folder_stops_no_other_file() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders, &["a/b", "c"]);
        ok(client.upload_buffer(b"x", "t/a", ""));
        let reply = ok(up(&client, &root, json!({})));
        assert_eq!(reply["data"]["uploaded"], 2, "{reply}");
        let reply = ok(up(&client, &root, json!({})));
        assert_eq!(reply["data"]["uploaded"], 0, "{reply}");
    }
}

#[test]
fn a_dry_run_changes_nothing_and_tells_what_would_be() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders, &["a", "b/c"]);
        fs::create_dir_all(root.join("empty")).unwrap();
        ok(client.upload_buffer(b"a", "t/a", ""));
        ok(client.upload_buffer(b"x", "t/gone", ""));
        emulator.forget_requests();
        let dry = json!({"dry_run": true, "delete": true});
        let reply = ok(up(&client, &root, dry.clone()));
        assert_eq!(planned(&reply), [("b/c", "upload"), ("gone", "delete")]);
        assert_eq!(reply["data"]["uploaded"], 0, "{reply}");
        assert_eq!(
            (&reply["data"]["same"], &reply["data"]["deleted"]),
            (&json!(1), &json!(0))
        );
        assert_eq!(changes(&emulator), Vec::<Value>::new());

        let back = folders.join("back");
        let reply = ok(down(&client, &back, dry.clone()));
        assert_eq!(planned(&reply), [("a", "download"), ("gone", "download")]);
        assert!(!back.exists());
        fs::create_dir(&back).unwrap();
        fs::write(back.join("mine"), "mine").unwrap();
        let reply = ok(down(&client, &back, dry));
        assert_eq!(
            planned(&reply),
            [("a", "download"), ("gone", "download"), ("mine", "delete")]
        );
        assert_eq!(local(&back), ["mine"]);
    }
}

#[test]
fn what_the_source_does_not_have_is_deleted_below_the_folder_alone() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders, &["a", "b/c", "kept.log"]);
        fs::create_dir_all(root.join("still empty")).unwrap();
        for name in [
            "t/old/deep/x",
            "t/old/y",
            "t/b/z",
            "t/logs/1.log",
            "t2/a",
            "t.txt",
        ] {
            ok(client.upload_buffer(b"x", name, ""));
        }
        ok(client.create_folder("t/old/empty", ""));
        let mirror = json!({"delete": true, "exclude": ["*.log"]});
        let reply = ok(up(&client, &root, mirror));
        assert_eq!(reply["data"]["uploaded"], 2, "{reply}");
        assert_eq!(
            held(&client, ""),
            ["t.txt", "t/a", "t/b/c", "t/logs/1.log", "t2/a"]
        );
        ok(client.stat_folder("t/still empty"));
        let gone = client.stat_folder("t/old/empty");
        assert!([-166, -197].contains(&code(&gone)), "{api} {gone} {reply}");

        let back = folders.join("back");
        for name in ["a", "old/x", "b/c", "b/other", "1.log"] {
            fs::create_dir_all(back.join(name).parent().unwrap()).unwrap();
            fs::write(back.join(name), "old").unwrap();
        }
        fs::write(folders.join("outside"), "outside").unwrap();
        symlink("../outside", back.join("link")).unwrap();
        symlink("..", back.join("up")).unwrap();
        let reply = ok(down(
            &client,
            &back,
            json!({"delete": true, "exclude": ["*.log"]}),
        ));
        // With the folder that has nothing in it any more.
        assert_eq!(reply["data"]["deleted"], 3, "{reply}");
        assert!(!back.join("old").exists());
        assert_eq!(fs::read(folders.join("outside")).unwrap(), b"outside");
        fs::remove_file(back.join("up")).unwrap();
        assert_eq!(local(&back), ["1.log", "a", "b/c", "link"]);
    }
}

#[test]
fn folders_that_the_source_does_not_have_go_with_their_files() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        for name in ["t/a", "t/held/x.log"] {
            ok(client.upload_buffer(b"a", name, ""));
        }
        ok(client.create_folder("t/kept", ""));
        let back = folders.join("back");
        for name in ["a", "gone/deep/file", "gone/other", "mine/x.log"] {
            fs::create_dir_all(back.join(name).parent().unwrap()).unwrap();
            fs::write(back.join(name), "a").unwrap();
        }
        // Its only file at the service takes no part; a file takes no part; a link is none of them; and one is out.
        for name in ["kept", "held", "empty/inside", "linked/inside", "out"] {
            fs::create_dir_all(back.join(name)).unwrap();
        }
        symlink("../kept", back.join("linked/link")).unwrap();
        let mut options = json!({"delete": true, "exclude": ["*.log", "out/"], "dry_run": true});
        let gone = [
            "empty",
            "empty/inside",
            "gone",
            "gone/deep",
            "gone/deep/file",
            "gone/other",
            "linked/inside",
        ];
        let reply = ok(down(&client, &back, options.clone()));
        assert_eq!(planned(&reply), gone.map(|name| (name, "delete")));
        options["dry_run"] = json!(false);
        let reply = ok(down(&client, &back, options.clone()));
        assert_eq!(reply["data"]["deleted"], gone.len(), "{reply}");
        for name in gone {
            assert!(!back.join(name).exists(), "{api}: {name}");
        }
        for name in ["kept", "held", "mine/x.log", "linked/link", "out"] {
            assert!(back.join(name).exists(), "{api}: {name}");
        }
        let reply = ok(down(&client, &back, options));
        assert_eq!(reply["data"]["deleted"], 0, "{reply}");
    }
}

#[test]
fn a_folder_that_is_there_is_asked_for_by_no_request() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders, &["a", "b/c", "z"]);
        for name in ["b/empty", "empty", "b-before", "nested/empty"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        // One that is there because of what is in it alone must be made.
        ok(client.upload_buffer(b"x", "t/empty/theirs", ""));
        ok(up(&client, &root, json!({})));
        for name in ["t/b/empty", "t/empty", "t/b-before", "t/nested/empty"] {
            let stat = ok(client.stat_folder(name));
            assert!(
                api == "json" || stat["data"].get("ctime").is_some(),
                "{stat}"
            );
        }
        emulator.forget_requests();
        let reply = ok(up(&client, &root, json!({})));
        assert_eq!(reply["data"]["same"], 3, "{reply}");
        let lists = if api == "xml" { 1 } else { 3 };
        let ops: Vec<Value> = emulator
            .requests()
            .into_iter()
            .map(|r| r["op"].clone())
            .collect();
        assert_eq!(
            ops,
            vec![json!(if api == "xml" { "list_objects" } else { "list" }); lists]
        );
    }
}

#[test]
fn nothing_is_deleted_in_doubt() {
    for api in APIS {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let client = Client::speaking(api, &emulator.url, json!({}));
        let root = planted(&folders, &["a"]);
        ok(client.upload_buffer(b"x", "t/old", ""));
        let refused = |root: &Path, expected: i64, why: &str| {
            let reply = up(&client, root, json!({"delete": true}));
            assert_eq!(code(&reply), expected, "{reply}");
            assert!(message(&reply).contains(why), "{reply}");
            assert!(held(&client, "t").contains(&"old".to_owned()), "{reply}");
        };
        let empty = folders.join("empty");
        fs::create_dir(&empty).unwrap();
        refused(
            &empty,
            -3,
            "delete: nothing was deleted, as the source has no files",
        );
        let link = folders.join("link");
        symlink(&root, &link).unwrap();
        refused(&link, -1, "is a symbolic link");
        refused(&folders.join("none"), -1, "No such file");
        symlink(".", root.join("loop")).unwrap();
        refused(
            &root,
            -3,
            "delete: nothing was deleted, as \"loop\" was skipped",
        );
        fs::remove_file(root.join("loop")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        refused(&root, -1, "1 of 2 were not uploaded; dangling");
        fs::remove_file(root.join("dangling")).unwrap();
        if api == "xml" {
            // The list that the deletions would be made of, after the one that was compared.
            emulator.set_faults(&json!([{"match": {"op": "list_objects", "from": 1},
                "fault": {"error": {"status": 403, "code": "AccessDenied"}}}]));
            let reply = up(&client, &root, json!({"delete": true}));
            assert_eq!(code(&reply), -289, "{reply}");
            emulator.end_faults();
            assert_eq!(held(&client, "t"), ["a", "old"]);
        }

        let back = folders.join("back");
        fs::create_dir(&back).unwrap();
        fs::write(back.join("mine"), "mine").unwrap();
        ok(client.create_folder("nothing", ""));
        let options = r#"{"delete": true}"#;
        let reply = client.download_tree("nothing", &back, options, &mut |_, _| 0);
        assert_eq!(code(&reply), -3, "{reply}");
        let reply = client.download_tree("none", &back, options, &mut |_, _| 0);
        assert!([-166, -197].contains(&code(&reply)), "{reply}");
        assert_eq!(local(&back), ["mine"]);
        ok(up(&client, &root, json!({"delete": true})));
        assert_eq!(held(&client, "t"), ["a"]);
    }
}

#[test]
fn a_list_that_lags_behind_deletes_no_local_file() {
    // It lists one of two objects; both can be fetched.
    let service = Listener::with_connections(|stream, _| {
        use std::io::Write;
        while let Some(request) = read_request(stream) {
            let list = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>t/a</Key>\
                        <Size>0</Size><ETag>\"1\"</ETag></Contents></ListBucketResult>";
            let body = match request.line.contains("prefix=") {
                true => list,
                false => "",
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nx-cos-hash-crc64ecma: 0\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            if stream
                .write_all(&[head.as_bytes(), body.as_bytes()].concat())
                .is_err()
            {
                return;
            }
        }
    });
    let folders = TempDir::new();
    let client = Client::speaking("xml", &service.url, json!({"retries": 0}));
    for name in ["a", "b"] {
        folders.file(name, b"");
    }
    let reply = ok(down(&client, &folders.join(""), json!({"delete": true})));
    assert_eq!(
        (&reply["data"]["same"], &reply["data"]["deleted"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(local(&folders.join("")), ["a", "b"]);
}

#[test]
fn credentials_that_may_not_list_still_upload() {
    let allowed = "name/cos:PutObject,name/cos:HeadObject,name/cos:GetBucketVersioning";
    let (emulator, folders) = (Emulator::start_with(&["--allow", allowed]), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let root = planted(&folders, &["a", "b/c"]);
    ok(up(&client, &root, json!({"include": ["a"]})));
    emulator.forget_requests();
    let reply = ok(up(&client, &root, json!({})));
    assert_eq!(
        (&reply["data"]["same"], &reply["data"]["uploaded"]),
        (&json!(1), &json!(1))
    );
    // It is asked once.
    assert_eq!(emulator.count("list_objects"), 1);
}

#[test]
fn a_bucket_that_is_not_there_is_asked_once() {
    let (emulator, folders) = (Emulator::start_with(&["--bucket", "other"]), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let root = planted(&folders, &["a", "b/c"]);
    let reply = up(&client, &root, json!({}));
    assert_eq!(code(&reply), -133, "{reply}");
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn an_etag_that_is_no_digest_proves_nothing() {
    let (emulator, folders) = (Emulator::start_with(&["--opaque-etags"]), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let root = planted(&folders, &["same", "other"]);
    ok(up(&client, &root, json!({})));
    fs::write(root.join("other"), "OTHER").unwrap();
    emulator.forget_requests();
    let reply = ok(up(&client, &root, json!({"overwrite": true})));
    assert_eq!(
        (&reply["data"]["same"], &reply["data"]["uploaded"]),
        (&json!(1), &json!(1))
    );
    // Its CRC64 tells.
    assert_eq!(emulator.count("head_object"), 2);
}

#[test]
fn times_and_modes_are_kept_where_that_is_asked_for() {
    let (emulator, folders) = (Emulator::start(), TempDir::new());
    let client = Client::speaking("xml", &emulator.url, json!({}));
    let root = planted(&folders, &["private", "b/program"]);
    fs::write(root.join("large"), noise(9 * MIB, 1)).unwrap();
    let then = UNIX_EPOCH + Duration::new(1_000_000_000, 250_000_001);
    for (name, mode) in [("private", 0o600), ("b/program", 0o4755), ("large", 0o640)] {
        let file = fs::File::options()
            .write(true)
            .open(root.join(name))
            .unwrap();
        file.set_permissions(fs::Permissions::from_mode(mode))
            .unwrap();
        file.set_modified(then).unwrap();
    }
    let kept = json!({"times": true, "modes": true});
    ok(up(&client, &root, kept.clone()));
    ok(client.upload_buffer(b"x", "t/others", ""));
    let back = folders.join("back");
    ok(down(&client, &back, kept.clone()));
    let told = |name: &str| {
        let metadata = fs::metadata(back.join(name)).unwrap();
        (metadata.mode() & 0o7777, metadata.modified().unwrap())
    };
    assert_eq!(told("private"), (0o600, then));
    // What an object says gives nobody another's rights.
    assert_eq!(told("b/program"), (0o755, then));
    assert_eq!(told("large"), (0o640, then));
    let uploaded = client.stat_file("t/others")["data"]["mtime"].clone();
    let seconds = told("others")
        .1
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    assert_eq!(uploaded, json!(seconds.to_string()));

    fs::remove_dir_all(&back).unwrap();
    ok(down(&client, &back, json!({"times": false})));
    assert!(told("private").1 > then && told("large").1 > then);

    let headers = json!({"times": true, "headers": {"x-cos-meta-mtime": "1"}});
    let reply = up(&client, &root, headers);
    assert_eq!(code(&reply), -3, "{reply}");
    let json_api = Client::speaking("json", &emulator.url, json!({}));
    for reply in [
        up(&json_api, &root, kept.clone()),
        down(&json_api, &back, kept.clone()),
    ] {
        assert_eq!(code(&reply), -3, "{reply}");
        assert!(
            message(&reply).contains("is for the XML API only"),
            "{reply}"
        );
    }
}
