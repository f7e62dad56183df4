//! The larger examples, as their users run them: examples-c/backup.c and examples-cpp/images.cpp, over both
//! APIs, plainly and under valgrind.

#![allow(unsafe_code)] // system calls

mod common;

#[path = "c/programs.rs"]
mod programs;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::emulator::{Emulator, SECRET_ID, SECRET_KEY};
use common::library::{APIS, BUCKET};
use common::{TempDir, noise};
use programs::{Programs, curl, limited, under_valgrind};
use serde_json::json;

/// How a program is started: as it is, or under valgrind.
type Start = fn(&Path) -> Command;

/// A program with an account, and what it says.
struct Application<'a> {
    program: PathBuf,
    start: Start,
    emulator: &'a Emulator,
    api: &'a str,
}

impl Application<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = (self.start)(&self.program);
        command.envs(self.emulator.environment(self.api));
        command.args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it prints, and what it says is wrong, when it ends with this status.
    #[track_caller]
    fn ends(&self, status: i32, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (said, complaint) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(
            output.status.code(),
            Some(status),
            "{} {arguments:?}: {said}{complaint}",
            self.api
        );
        (said, complaint)
    }
}

/// Each API, plainly and under valgrind, with an emulator of its own.
fn each_way(name: &str, emulator_options: &[&str], test: impl Fn(&Application)) {
    let programs = Programs::new();
    let program = programs.example(name);
    for api in APIS {
        for start in [limited as Start, under_valgrind] {
            test(&Application {
                program: program.clone(),
                start,
                emulator: &Emulator::start_with(emulator_options),
                api,
            });
        }
    }
}

fn write(file: &Path, content: &[u8]) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
}

/// The day that a backup went to, of what `save` has printed.
fn day_of(said: &str) -> &str {
    let (path, _) = said.split_once(':').unwrap();
    path.strip_prefix("backups/").unwrap()
}

#[test]
fn a_folder_is_saved_once_verified_and_brought_back() {
    each_way("backup.c", &[], |backup| {
        let folder = TempDir::new();
        let (tree, back) = (folder.join("tree"), folder.join("back"));
        let files = [
            ("a/图 片", noise(700_000, 1)),
            ("big", noise((9 << 20) + 1, 2)),
        ];
        for (name, content) in &files {
            write(&tree.join(name), content);
        }
        write(&tree.join("a/notes"), b"first");
        let (tree_path, back_path) = (tree.to_str().unwrap(), back.to_str().unwrap());
        let save = ["save", BUCKET, tree_path];
        let (said, progress) = backup.ends(0, &save);
        assert!(
            said.ends_with(": 3 moved, 0 replaced, 0 unchanged\n"),
            "{said}"
        );
        assert!(progress.contains("\r9.7 of 9.7 MiB\n"), "{progress}");
        let day = day_of(&said).to_owned();

        write(&tree.join("a/notes"), b"second");
        let (said, _) = backup.ends(0, &save);
        assert!(
            said.ends_with(": 0 moved, 1 replaced, 2 unchanged\n"),
            "{said}"
        );
        assert_eq!(backup.ends(0, &["list", BUCKET]).0, format!("{day}\n"));
        let (said, _) = backup.ends(0, &["-t", "60", "verify", BUCKET, &day]);
        assert_eq!(said, format!("backups/{day}: 3 files verified\n"));

        let restore = ["restore", BUCKET, back_path, &day];
        let (said, _) = backup.ends(0, &restore);
        assert!(
            said.contains(": 3 moved, 0 replaced, 0 unchanged"),
            "{said}"
        );
        for (name, content) in &files {
            assert!(fs::read(back.join(name)).unwrap() == *content, "{name}");
        }
        assert_eq!(fs::read(back.join("a/notes")).unwrap(), b"second");
        fs::remove_file(back.join("a/notes")).unwrap();
        let (said, _) = backup.ends(0, &restore);
        assert!(
            said.contains(": 1 moved, 0 replaced, 2 unchanged"),
            "{said}"
        );
    });
}

#[test]
fn a_backup_that_is_damaged_or_not_there_is_a_failure() {
    each_way("backup.c", &[], |backup| {
        let folder = TempDir::new();
        for name in ["a", "b", "c"] {
            write(&folder.join(name), name.repeat(100_000).as_bytes());
        }
        let tree = folder.join("");
        let (said, _) = backup.ends(0, &["save", BUCKET, tree.to_str().unwrap()]);
        let day = day_of(&said).to_owned();
        let path = format!("/backups/{day}/b");
        let read = if backup.api == "xml" {
            "get_object"
        } else {
            "download"
        };
        backup.emulator.set_faults(&json!([
            {"match": {"op": read, "path": path}, "fault": {"corrupt": true}},
        ]));
        let (said, complaint) = backup.ends(1, &["verify", BUCKET, &day]);
        assert_eq!(said, format!("backups/{day}: 2 files verified\n"));
        assert!(
            complaint.contains(&format!("{}: ", &path[1..])),
            "{complaint}"
        );
        assert!(complaint.contains("\"QCOS_ERR_INTEGRITY\""), "{complaint}");
        assert!(backup.emulator.end_faults() > 0);

        backup.ends(1, &["verify", BUCKET, "1999-01-01"]);
        let nowhere = folder.join("nowhere");
        let restore = ["restore", BUCKET, nowhere.to_str().unwrap(), "1999-01-01"];
        assert!(backup.ends(1, &restore).1.contains("\"SERVICE\""));
        let (_, complaint) = backup.ends(1, &["-t", "soon", "list", BUCKET]);
        assert!(complaint.contains("options_json"), "{complaint}");
        assert!(backup.ends(2, &["save", BUCKET]).1.contains("usage"));
    });
}

/// No upload is answered any more.
fn stall(emulator: &Emulator) {
    let rule = |op| json!({"match": {"op": op}, "fault": {"stall": "before_answer"}});
    emulator.set_faults(&["upload", "put_object"].map(rule).into_iter().collect());
}

#[test]
fn a_backup_that_hangs_is_ended_by_ctrl_c_or_its_limit_and_goes_on_later() {
    each_way("backup.c", &[], |backup| {
        let folder = TempDir::new();
        write(&folder.join("file"), &noise(2 << 20, 1));
        let tree = folder.join("");
        let save = ["save", BUCKET, tree.to_str().unwrap()];
        stall(backup.emulator);
        let mut limited = vec!["-t", "3"];
        limited.extend(save);
        let (_, complaint) = backup.ends(1, &limited);
        assert!(complaint.contains("\"kind\":\"timeout\""), "{complaint}");

        // `timeout` hands the signal on to the program.
        let mut command = backup.command(&save);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let mut said = Vec::new();
        let mut byte = [0];
        // Something is on its way, and will not be answered.
        while !said.ends_with(b" of 2.0 MiB") || said.ends_with(b"\r0.0 of 2.0 MiB") {
            assert_eq!(stderr.read(&mut byte).unwrap(), 1);
            said.push(byte[0]);
        }
        let begun = Instant::now();
        // SAFETY: plain integers; the process is our child and has not been waited for.
        assert_eq!(unsafe { libc::kill(process.id() as i32, libc::SIGINT) }, 0);
        stderr.read_to_end(&mut said).unwrap();
        let status = process.wait().unwrap();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(said.contains("\"QCOS_ERR_CANCELLED\""), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{said}");

        backup.emulator.set_faults(&json!([]));
        assert!(backup.ends(0, &save).0.contains(": 1 moved"));
    });
}

/// The beginning of a PNG, and as many bytes more.
fn png(width: u32, height: u32, more: usize) -> Vec<u8> {
    let mut image = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    image.extend(width.to_be_bytes());
    image.extend(height.to_be_bytes());
    image.extend(noise(more, u64::from(width)));
    image
}

fn put(images: &Application, name: &[&str], content: &[u8]) -> (Option<i32>, String) {
    let folder = TempDir::new();
    let file = folder.file("image", content);
    let mut command = images.command(&["put", BUCKET]);
    let output = command.args(name).stdin(fs::File::open(file).unwrap());
    let output = output.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), said)
}

#[test]
fn images_are_kept_listed_linked_and_removed() {
    each_way("images.cpp", &["--private"], |images| {
        let (first, second) = (png(640, 480, 100_000), png(70_000, 2, 50));
        let name = "a 图.png";
        let kept = (Some(1), "there is one already\n".to_owned());
        let stored = (Some(0), "stored\n".to_owned());
        assert_eq!(put(images, &[name], &first), stored);
        assert_eq!(put(images, &[name], &first), kept);
        assert_eq!(put(images, &[name], &second), kept);
        assert_eq!(images.ends(0, &["size", BUCKET, name]).0, "640x480\n");
        assert_eq!(put(images, &[name, "replace"], &second), stored);
        assert_eq!(put(images, &["b"], b"no image").0, Some(2));
        assert_eq!(images.ends(0, &["size", BUCKET, name]).0, "70000x2\n");
        let listed = format!("{name} {}\n", second.len());
        assert_eq!(images.ends(0, &["list", BUCKET]).0, listed);
        for call in ["get", "show"] {
            assert!(images.run(&[call, BUCKET, name]).stdout == second, "{call}");
        }
        let link = images.ends(0, &["link", BUCKET, name]).0;
        let answer = curl(&["-i", link.trim()]);
        assert!(answer.ends_with(&second));
        let head = String::from_utf8_lossy(&answer).to_lowercase();
        assert!(head.contains("content-type: image/png"), "{head}");
        assert!(head.contains("x-cos-meta-size: 70000x2"), "{head}");

        images.ends(0, &["remove", BUCKET, name]);
        let (said, complaint) = images.ends(1, &["get", BUCKET, name]);
        assert!(
            said.is_empty() && complaint.starts_with("SERVICE "),
            "{complaint}"
        );
        images.ends(2, &["get", BUCKET]);
    });
}

#[test]
fn an_image_store_gets_new_credentials_from_its_file() {
    each_way("images.cpp", &[], |images| {
        let folder = TempDir::new();
        let file = folder.file("credentials", b"");
        assert_eq!(put(images, &["a"], &png(1, 1, 9)).0, Some(0));
        let list = || {
            let mut command = images.command(&["list", BUCKET]);
            command
                .env("QCOS_SECRET_ID", "ended")
                .env("QCOS_CREDENTIALS", &file);
            let output = command.output().unwrap();
            (
                output.status.code(),
                String::from_utf8(output.stdout).unwrap(),
            )
        };
        assert_eq!(list().0, Some(1));
        fs::write(&file, format!("{SECRET_ID} {SECRET_KEY}\n")).unwrap();
        assert_eq!(list(), (Some(0), "a 33\n".to_owned()));
    });
}
