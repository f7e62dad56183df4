//! Where the files of a tree go: below `dirpath`, whatever links are there or come meanwhile, under
//! names that tell what they are, with rights that nobody has to fear.

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use common::TempDir;
use common::emulator::Emulator;
use common::library::{APIS, Client, code, kind, message, ok};
use common::put::put;
use common::{names, noise};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

/// Path, code and message of what failed, in order.
fn failed(reply: &Value) -> Vec<(&str, i64, &str)> {
    let entries = reply["data"]["failed"].as_array().unwrap().iter();
    let mut failed: Vec<_> = entries
        .map(|entry| (entry["path"].as_str().unwrap(), code(entry), message(entry)))
        .collect();
    failed.sort();
    failed
}

struct Scene {
    emulator: Emulator,
    folders: TempDir,
    back: PathBuf,
    outside: PathBuf,
}

impl Scene {
    fn new() -> Scene {
        let (emulator, folders) = (Emulator::start(), TempDir::new());
        let [back, outside] = ["back", "outside"].map(|name| folders.join(name));
        fs::create_dir(&back).unwrap();
        fs::create_dir(&outside).unwrap();
        Scene {
            emulator,
            folders,
            back,
            outside,
        }
    }

    fn client(&self, api: &str) -> Client {
        Client::speaking(api, &self.emulator.url, json!({"parallel": 1}))
    }
}

#[test]
fn links_below_the_folder_are_not_followed() {
    for api in APIS {
        let scene = Scene::new();
        let client = scene.client(api);
        for name in [
            "t/ok",
            "t/sub/a",
            "t/sub/deep/b",
            "t/inner/c",
            "t/file",
            "t/x/y/z",
        ] {
            ok(client.upload_buffer(b"content", name, ""));
        }
        ok(client.create_folder("t/sub/empty", ""));
        let large = scene.folders.file("large", &noise(9 * MIB, 1));
        ok(client.upload(&large, "t/sub/large"));

        let (back, outside) = (&scene.back, &scene.outside);
        fs::create_dir_all(back.join("real")).unwrap();
        fs::create_dir_all(back.join("x")).unwrap();
        symlink(outside, back.join("sub")).unwrap();
        // Also those that stay inside, and those to files.
        symlink("real", back.join("inner")).unwrap();
        symlink("../../outside", back.join("x/y")).unwrap();
        symlink("../outside/file", back.join("file")).unwrap();
        // Just what would be there already.
        fs::write(outside.join("a"), b"content").unwrap();
        fs::write(outside.join("file"), b"content").unwrap();

        for options in ["{}", r#"{"overwrite":false}"#] {
            let reply = client.download_tree("t", back, options, &mut |_, _| 0);
            assert_eq!(code(&reply), -1, "{reply}");
            assert_eq!(fs::read(back.join("ok")).unwrap(), b"content");
            let failed = failed(&reply);
            // The JSON API lists the folders, too.
            let paths = failed.iter().map(|(path, _, _)| *path);
            let folders = ["inner", "sub", "sub/deep", "x/y"];
            let paths: Vec<_> = paths.filter(|path| !folders.contains(path)).collect();
            let expected = [
                "file",
                "inner/c",
                "sub/a",
                "sub/deep/b",
                "sub/empty",
                "sub/large",
                "x/y/z",
            ];
            assert_eq!(paths, expected, "{api}: {reply}");
            for (path, code, message) in failed {
                assert_eq!(code, -1, "{message}");
                assert!(message.starts_with("dirpath: "), "{path}: {message}");
                let told =
                    message.contains("symbolic link") || message.contains("is there already");
                assert!(told, "{path}: {message}");
            }
            assert_eq!(names(outside), ["a", "file"], "{api}");
            assert_eq!(names(&back.join("real")), [] as [&str; 0], "{api}");
            assert_eq!(names(back), ["file", "inner", "ok", "real", "sub", "x"]);
            assert_eq!(names(&back.join("x")), ["y"]);
        }
    }
}

#[test]
fn the_folder_itself_may_be_a_link() {
    let scene = Scene::new();
    let client = scene.client("xml");
    ok(client.upload_buffer(b"content", "t/a/b", ""));
    let link = scene.folders.join("link");
    symlink("back", &link).unwrap();
    let below = link.join("new/folder");
    for place in [&link, &below] {
        ok(client.download_tree("t", place, "{}", &mut |_, _| 0));
    }
    assert_eq!(fs::read(scene.back.join("a/b")).unwrap(), b"content");
    let below = scene.back.join("new/folder/a/b");
    assert_eq!(fs::read(below).unwrap(), b"content");
}

#[test]
fn a_folder_that_becomes_a_link_meanwhile_leads_nowhere() {
    for api in APIS {
        let scene = Scene::new();
        let client = scene.client(api);
        for name in ["t/a", "t/sub/b", "t/sub/c"] {
            ok(client.upload_buffer(b"content", name, ""));
        }
        let large = scene.folders.file("large", &noise(9 * MIB, 1));
        ok(client.upload(&large, "t/sub/large"));
        let (back, outside) = (&scene.back, &scene.outside);
        let sub = back.join("sub");
        fs::create_dir(&sub).unwrap();
        let swap = |moved: &str| {
            fs::rename(&sub, back.join(moved)).unwrap();
            symlink(outside, &sub).unwrap();
        };
        let mut swapped = false;
        let reply = client.download_tree("t", back, "{}", &mut |done, _| {
            if done > 0 && !swapped {
                swapped = true;
                swap("moved");
            }
            0
        });
        assert!(swapped, "{reply}");
        assert_eq!((code(&reply), kind(&reply)), (-1, "not_folder"), "{reply}");
        let failed: Vec<_> = failed(&reply).iter().map(|(path, _, _)| *path).collect();
        assert!(failed.ends_with(&["sub/c", "sub/large"]), "{api}: {reply}");
        assert!(names(outside).is_empty(), "{api}: {:?}", names(outside));

        // While its content is on its way.
        fs::remove_file(&sub).unwrap();
        fs::create_dir(&sub).unwrap();
        let mut swapped = false;
        client.download_tree("t", back, "{}", &mut |done, _| {
            if done > 2 * MIB as u64 && !swapped {
                swapped = true;
                swap("moved too");
            }
            0
        });
        assert!(swapped);
        assert!(names(outside).is_empty(), "{api}: {:?}", names(outside));
        let there = names(&back.join("moved too"));
        assert!(there.iter().all(|name| !name.starts_with('.')), "{there:?}");
    }
}

#[test]
fn what_replaces_a_file_has_none_of_its_special_rights() {
    for api in APIS {
        let scene = Scene::new();
        let client = scene.client(api);
        ok(client.upload_buffer(b"new", "t/f", ""));
        for (old, new) in [
            (0o4755, 0o755),
            (0o2755, 0o755),
            (0o6711, 0o711),
            (0o1644, 0o644),
            (0o7777, 0o777),
            (0o640, 0o640),
        ] {
            let path = scene.back.join("f");
            let plant = || {
                fs::write(&path, b"old").unwrap();
                fs::set_permissions(&path, Permissions::from_mode(old)).unwrap();
            };
            let check = || {
                assert_eq!(fs::read(&path).unwrap(), b"new");
                let mode = fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o7777, new, "{old:o}");
            };
            plant();
            ok(client.download("t/f", &path));
            check();
            plant();
            ok(client.download_tree("t", &scene.back, "{}", &mut |_, _| 0));
            check();
        }
    }
}

#[test]
fn an_object_whose_name_ends_with_a_slash_is_no_folder() {
    let scene = Scene::new();
    let client = scene.client("xml");
    ok(client.upload_buffer(b"content", "u/ok", ""));
    ok(client.create_folder("u/folder", ""));
    // The library sends no such thing.
    put(&scene.emulator, "u/end/", b"ten bytes!");
    put(&scene.emulator, "u/folder/end/", b"x");
    let mut seen = Vec::new();
    let reply = client.download_tree("u", &scene.back, "{}", &mut |done, total| {
        seen.push((done, total));
        0
    });
    assert_eq!(code(&reply), -3, "{reply}");
    let failed = failed(&reply);
    let paths: Vec<_> = failed.iter().map(|(path, _, _)| *path).collect();
    assert_eq!(paths, ["end/", "folder/end/"], "{reply}");
    assert!(failed[0].2.contains("ends with"), "{reply}");
    assert_eq!(reply["data"]["downloaded"], 1, "{reply}");
    assert_eq!(names(&scene.back), ["folder", "ok"]);
    // Nor is that which was asked for.
    let reply = client.download_tree("u/end", &scene.back, "{}", &mut |_, _| 0);
    assert_eq!(code(&reply), -3, "{reply}");
    assert_eq!(reply["data"]["failed"][0]["path"], "", "{reply}");
}

#[test]
fn errors_name_the_callers_parameter() {
    for api in APIS {
        let scene = Scene::new();
        let client = scene.client(api);
        let up = scene.folders.join("up");
        fs::create_dir(&up).unwrap();
        for name in ["a", "b", "c"] {
            fs::write(up.join(name), noise(1000, 1)).unwrap();
        }
        fs::write(up.join("large"), noise(9 * MIB, 1)).unwrap();
        let mut gone = false;
        let reply = client.upload_tree(&up, "t", "{}", &mut |done, _| {
            if done > 0 && !gone {
                gone = true;
                fs::remove_file(up.join("b")).unwrap();
                fs::write(up.join("c"), noise(9 * MIB, 1)).unwrap();
                fs::remove_file(up.join("large")).unwrap();
            }
            0
        });
        let failed = failed(&reply);
        assert_eq!(failed.len(), 3, "{reply}");
        for (path, _, message) in failed {
            let expected = format!("dirpath: {}", up.join(path).display());
            assert!(message.starts_with(&expected), "{message}");
        }

        fs::create_dir(scene.back.join("a")).unwrap();
        let reply = client.download_tree("t", &scene.back, "{}", &mut |_, _| 0);
        assert_eq!(kind(&reply), "not_regular", "{reply}");
        let expected = format!("dirpath: {}", scene.back.join("a").display());
        let told = &reply["data"]["failed"][0];
        assert!(message(told).starts_with(&expected), "{reply}");

        fs::remove_dir(scene.back.join("a")).unwrap();
        fs::write(scene.back.join("a"), b"mine").unwrap();
        let options = r#"{"overwrite":false}"#;
        let reply = client.download_tree("t", &scene.back, options, &mut |_, _| 0);
        assert_eq!(kind(&reply), "exists", "{reply}");
        let told = &reply["data"]["failed"][0];
        assert!(message(told).starts_with(&expected), "{reply}");
    }
}
