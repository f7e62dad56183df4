//! examples-c/sync.c: a folder tree on several threads, killed in the middle, and gone on with.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use common::library::{BUCKET, Client, ok};
use common::{TempDir, build, noise, sha1_hex};
use serde_json::json;

struct Sync<'a> {
    program: PathBuf,
    emulator: &'a Emulator,
    tree: PathBuf,
    checkpoints: PathBuf,
}

impl Sync<'_> {
    fn command(&self) -> Command {
        let options = json!({"endpoint": self.emulator.url, "checkpoint_dir": self.checkpoints});
        let mut command = Command::new(&self.program);
        command
            .arg(&self.tree)
            .args([BUCKET, "目录/tree", "3"])
            .env("QCOS_APPID", APPID)
            .env("QCOS_SECRET_ID", SECRET_ID)
            .env("QCOS_SECRET_KEY", SECRET_KEY)
            .env("QCOS_OPTIONS", options.to_string());
        command
    }

    /// What became of each file, by its path.
    fn run(&self) -> BTreeMap<String, String> {
        let output = self.command().output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}");
        let lines = said.lines().filter_map(|line| line.split_once("  "));
        lines
            .map(|(outcome, path)| (path.trim().to_owned(), outcome.trim().to_owned()))
            .collect()
    }
}

fn compile(files: &TempDir) -> PathBuf {
    let (library, program) = (build::library(), files.join("sync"));
    let compiled = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .arg("-I")
        .arg(build::root().join("include"))
        .arg(build::root().join("examples-c/sync.c"))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(library)
        .args(["-lqcos", "-pthread"])
        .arg(format!("-Wl,-rpath,{}", library.display()))
        .status()
        .expect("cc is needed: apt-get install gcc");
    assert!(compiled.success());
    program
}

fn write(tree: &Path, name: &str, content: &[u8]) {
    let path = tree.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_tree_arrives_whatever_happens_to_the_program() {
    let (files, emulator) = (TempDir::new(), Emulator::start());
    let sync = Sync {
        program: compile(&files),
        emulator: &emulator,
        tree: files.join("tree"),
        checkpoints: files.join("checkpoints"),
    };
    fs::create_dir(&sync.checkpoints).unwrap();
    let mut content = BTreeMap::from([
        ("empty".to_owned(), Vec::new()),
        ("a/b/small 1+1%.txt".to_owned(), b"small".to_vec()),
        ("图/片".to_owned(), noise(700_000, 1)),
    ]);
    for number in 0..12 {
        content.insert(format!("many/{number}"), noise(6 << 20, 10 + number));
    }
    for (name, bytes) in &content {
        write(&sync.tree, name, bytes);
    }

    // Killed as soon as something has arrived, again and again.
    for _ in 0..3 {
        let mut child = sync.command().stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines.next();
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let outcome = sync.run();
    assert_eq!(outcome.len(), content.len());
    assert!(outcome.values().any(|o| o == "unchanged"), "{outcome:?}");
    let all_there = |content: &BTreeMap<String, Vec<u8>>| {
        let client = Client::open(&emulator.url);
        for (name, bytes) in content {
            let stat = ok(client.stat_file(&format!("目录/tree/{name}")));
            let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
            assert_eq!(sha, sha1_hex(bytes), "{name}");
            assert_eq!(stat["data"]["filelen"], bytes.len(), "{name}");
        }
    };
    all_there(&content);
    let left: Vec<_> = fs::read_dir(&sync.checkpoints).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");

    // Nothing to do, then something.
    assert!(sync.run().values().all(|outcome| outcome == "unchanged"));
    let changed = noise(800_000, 99);
    write(&sync.tree, "图/片", &changed);
    content.insert("图/片".to_owned(), changed);
    let outcome = sync.run();
    let done = |outcome: &str| outcome != "unchanged";
    let done: Vec<_> = outcome.iter().filter(|(_, o)| done(o)).collect();
    assert_eq!(done, [(&"图/片".to_owned(), &"replaced".to_owned())]);
    all_there(&content);
}

/// As for the other programs: QCOS_OPTIONS may be any that the library takes.
#[test]
fn options_go_to_the_library_as_they_are() {
    let (files, emulator) = (TempDir::new(), Emulator::start());
    let sync = Sync {
        program: compile(&files),
        emulator: &emulator,
        tree: files.join("tree"),
        checkpoints: files.join("none"),
    };
    // Nothing to upload, so nothing is sent, whatever service they name.
    fs::create_dir(&sync.tree).unwrap();
    for options in [
        "{}",
        " {}",
        "{ }",
        "\n{\"api\":\"xml\",\"region\":\"ap-x\"}\n",
    ] {
        let output = sync.command().env("QCOS_OPTIONS", options).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{options:?}: {output:?}");
    }
    let output = sync.command().env_remove("QCOS_OPTIONS").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    // The folder of checkpoints is not there.
    let output = sync.command().output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("checkpoint_dir"), "{said}");
}
