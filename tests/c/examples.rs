//! The programs of examples-c, end to end as their comments tell to use them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::common::emulator::{APPID, Emulator};
use super::common::library::{APIS, BUCKET, Client, ok};
use super::common::{TempDir, noise};
use super::programs::{Programs, curl, limited, printed, tool, under_valgrind};

/// The account and the service, in the environment.
fn as_account<'c>(command: &'c mut Command, emulator: &Emulator) -> &'c mut Command {
    speaking("json", command, emulator)
}

fn speaking<'c>(api: &str, command: &'c mut Command, emulator: &Emulator) -> &'c mut Command {
    command.envs(emulator.environment(api))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn quickstart_shows_every_reply_of_either_api() {
    APIS.into_iter().for_each(quickstart_shows_every_reply);
}

fn quickstart_shows_every_reply(api: &str) {
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let program = programs.example("quickstart.c");
    let file = folder.file("file", b"hello");
    let said =
        printed(speaking(api, &mut limited(&program), &emulator).args([&file, Path::new(BUCKET)]));
    let replies: Vec<(&str, Value)> = said
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(call, reply)| (call, json(reply.trim())))
        .collect();
    let calls: Vec<&str> = replies.iter().map(|(call, _)| *call).collect();
    assert_eq!(calls, ["open", "upload", "stat", "list", "delete"]);
    for (call, reply) in &replies {
        assert_eq!(reply["code"], 0, "{call}: {reply}");
    }
    assert_eq!(replies[2].1["data"]["filesize"], 5);
    assert_eq!(replies[2].1["data"]["biz_attr"], "from quickstart.c");
    assert_eq!(replies[3].1["data"]["infos"][0]["name"], "file");

    let no_account = limited(&program)
        .args(["file", BUCKET])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(no_account.status.code(), Some(1));
    let said = String::from_utf8(no_account.stdout).unwrap();
    assert!(said.contains("appid: must not be NULL"), "{said}");
}

#[test]
fn folders_pages_both_ways_and_cleans_up() {
    let (programs, emulator) = (Programs::new(), Emulator::start());
    let program = programs.example("folders.c");
    let said = printed(as_account(&mut limited(&program), &emulator).args([BUCKET, "水果/a b"]));
    let lists: Vec<String> = said
        .lines()
        .filter(|line| !line.ends_with("ok"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        lists,
        [
            "forward apple apricot",
            "forward banana cherry",
            "forward date",
            "backward date cherry",
            "backward banana apricot",
            "backward apple",
            "prefix ap apple apricot",
        ]
    );
    // open, create, update, 5 uploads, search, 5 deletes, delete folder
    assert_eq!(
        said.lines().filter(|line| line.ends_with(" ok")).count(),
        15
    );
    let gone = Client::open(&emulator.url).stat_folder("水果/a b");
    assert_eq!(gone["error"]["name"], "SERVICE", "{gone}");
}

/// The command line of the example's comment, with the emulator as the service.
#[test]
fn sign_lets_curl_in() {
    let (programs, emulator) = (Programs::new(), Emulator::start());
    let program = programs.example("sign.c");
    let path = "文 件+1%.txt";
    ok(Client::open(&emulator.url).upload_buffer(b"hello", path, ""));

    let bucket = format!("{}/files/v1/{APPID}/{BUCKET}/", emulator.url);
    let file = format!("{bucket}%E6%96%87%20%E4%BB%B6%2B1%25.txt");
    tool("curl");
    let shell = r#"curl -sS --noproxy '*' -H "Authorization: $("$0" "$1")" "$2""#;
    let ask = |url: &str| {
        let mut sh = Command::new("sh");
        sh.args(["-c", shell])
            .arg(&program)
            .args([BUCKET, &format!("{url}?op=stat")]);
        json(&printed(as_account(&mut sh, &emulator)))
    };
    assert_eq!(ask(&bucket)["code"], 0);
    assert_eq!(ask(&file)["data"]["filesize"], 5);

    // A signature for one delete of just this file; without the shell, to keep it.
    let fileid = format!("/{APPID}/{BUCKET}/{path}");
    let sign = printed(as_account(&mut limited(&program), &emulator).args([BUCKET, &fileid]));
    let header = format!("Authorization: {}", sign.trim());
    let type_ = "Content-Type: application/json";
    let delete = |url: &str, header: &str| {
        let args = [
            "-sS",
            "--noproxy",
            "*",
            "-H",
            header,
            "-H",
            type_,
            "-d",
            r#"{"op":"delete"}"#,
        ];
        json(&printed(tool("curl").args(args).arg(url)))
    };
    let other = delete(&format!("{bucket}other"), &header);
    assert!(other["code"].as_i64().unwrap() < 0, "{other}");
    assert_eq!(delete(&file, &header)["code"], 0);
}

/// Through a pipe in, through a pipe out, and some bytes of it as xxd shows them.
#[test]
fn a_stream_comes_back_and_ranges_are_its_bytes() {
    for api in APIS {
        let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
        let content = noise(9_000_000, 4);
        let file = folder.file("file", &content);
        let stream = programs.example("stream.c");
        let put = speaking(api, &mut limited(&stream), &emulator)
            .args(["put", BUCKET, "streamed"])
            .stdin(std::fs::File::open(&file).unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&put.stderr);
        assert!(put.status.success() && said.contains("8.6 MiB"), "{said}");
        let got = speaking(api, &mut limited(&stream), &emulator)
            .args(["get", BUCKET, "streamed"])
            .output()
            .unwrap();
        assert!(got.status.success() && got.stdout == content, "{api}");
        let missing = speaking(api, &mut limited(&stream), &emulator)
            .args(["get", BUCKET, "nothing"])
            .output()
            .unwrap();
        assert_eq!((missing.status.code(), missing.stdout.len()), (Some(1), 0));

        let range = programs.example("range.c");
        let arguments = [BUCKET, "streamed", "8999990", "99"];
        let said = printed(speaking(api, &mut limited(&range), &emulator).args(arguments));
        let bytes = content[8_999_990..].iter().map(|b| format!(" {b:02x}"));
        assert_eq!(said, format!("00895436 {}\n", bytes.collect::<String>()));
    }
}

/// Uploads of one file, with a bar on stderr that the test reads.
struct Uploading<'a> {
    program: PathBuf,
    emulator: &'a Emulator,
    file: PathBuf,
}

impl Uploading<'_> {
    /// Calls `seen` with the MiB done of each bar, and the process's id.
    fn run(&self, session: &[&str], mut seen: impl FnMut(f64, u32)) -> Output {
        let mut command = Command::new(&self.program);
        command
            .arg(&self.file)
            .args([BUCKET, "up/big"])
            .args(session);
        as_account(&mut command, self.emulator)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let (mut bar, mut byte) = (Vec::new(), [0]);
        while stderr.read(&mut byte).unwrap() == 1 {
            bar.push(byte[0]);
            if let Some(done) = mib_done(&bar) {
                bar.clear();
                seen(done, process.id());
            }
        }
        process.wait_with_output().unwrap()
    }
}

/// Of `NAME [##..]  50 %  1.0 of 2.0 MiB`, once it is there in full.
fn mib_done(bar: &[u8]) -> Option<f64> {
    let text = String::from_utf8_lossy(bar.strip_suffix(b" MiB")?).into_owned();
    let (_, figures) = text.rsplit_once("%  ")?;
    figures.split_once(" of ")?.0.parse().ok()
}

/// The bar repeats the file's name. With a long one the few pages of a pipe hold a third of this
/// upload's bars: the program must wait for the test to read, so it cannot end before the signal.
#[test]
fn upload_is_interrupted_and_goes_on() {
    const SIZE: usize = (32 << 20) + 5;
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let content = noise(SIZE, 4);
    folder.file("big", &content);
    let uploading = Uploading {
        program: programs.example("upload.c"),
        emulator: &emulator,
        file: folder.join(&"./".repeat(1500)).join("big"),
    };

    let mut interrupted = false;
    let output = uploading.run(&[], |done, process| {
        if done > 0.0 && !interrupted {
            interrupted = true;
            // SAFETY: plain integers; the process is our child and has not been waited for.
            assert_eq!(unsafe { libc::kill(process as i32, libc::SIGINT) }, 0);
        }
    });
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let reply = json(lines[0].strip_prefix("failed: ").unwrap());
    assert_eq!(reply["error"]["name"], "QCOS_ERR_CANCELLED");
    let offset = reply["data"]["offset"].as_u64().unwrap();
    assert!(offset < SIZE as u64, "{reply}");
    let session = lines[1]
        .strip_prefix("to go on, add this session: ")
        .unwrap();
    assert_eq!(reply["data"]["session"], session);

    let mut bars = Vec::new();
    let output = uploading.run(&[session], |done, _| bars.push(done));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    // It is 0 while the file is hashed, then where the first run stopped, or later: slices that
    // were on their way then may have arrived.
    let first = bars.iter().find(|done| **done > 0.0).unwrap();
    assert!(*first >= offset as f64 / f64::from(1 << 20), "{bars:?}");

    let url = said.trim().strip_prefix("access_url: ").unwrap();
    assert!(
        curl(&[url]) == content,
        "the object is another than the file"
    );
}

#[test]
fn signed_form_writes_a_page_that_uploads() {
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let program = programs.example("signed_form.c");
    let page = |args: &[&str]| {
        let mut command = limited(&program);
        speaking("xml", &mut command, &emulator)
            .args(args)
            .output()
            .unwrap()
    };
    let prefix = "图/<a & b>/";
    let output = page(&[BUCKET, prefix]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let html = String::from_utf8(output.stdout).unwrap();
    let value = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
        let (value, _) = rest.split_once('"').unwrap();
        value
            .replace("&lt;", "<")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    };
    let inputs: Vec<&str> = html
        .lines()
        .filter(|line| line.contains("<input "))
        .collect();
    let (file, fields) = inputs.split_last().unwrap();
    assert_eq!(
        (value(file, "name"), value(file, "type")),
        ("file".to_owned(), "file".to_owned())
    );
    let fields: Vec<String> = fields
        .iter()
        .map(|field| format!("{}={}", value(field, "name"), value(field, "value")))
        .collect();
    let action = value(&html, "action");
    let send = |content: &[u8]| {
        let file = format!(
            "file=@{};type=text/x",
            folder.file("a b.png", content).display()
        );
        let mut arguments = vec!["--write-out", "%{http_code}"];
        for field in &fields {
            arguments.extend(["--form-string", field]);
        }
        arguments.extend(["--form", &file, &action]);
        let sent = tool("curl")
            .args(["-sS", "--noproxy", "*"])
            .args(&arguments)
            .output();
        String::from_utf8(sent.unwrap().stdout).unwrap()
    };
    let content = noise(100_000, 6);
    assert_eq!(send(&content), "200");
    assert!(send(&noise(6 << 20, 7)).contains("<Code>EntityTooLarge</Code>"));
    let client = Client::speaking("xml", &emulator.url, serde_json::json!({}));
    let got = folder.join("got");
    ok(client.download(&format!("{prefix}a b.png"), &got));
    assert!(std::fs::read(got).unwrap() == content);

    assert_eq!(page(&[BUCKET, "a\"b"]).status.code(), Some(2));
    let refused = page(&["no bucket", "a"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("bucket: "),
        "{refused:?}"
    );
}

#[test]
fn versions_has_both_contents_back() {
    let (programs, emulator) = (Programs::new(), Emulator::start());
    let program = programs.example("versions.c");
    let run = |api: &str, args: &[&str]| {
        let mut command = limited(&program);
        let command = speaking(api, &mut command, &emulator);
        let output = command.args(args).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), told)
    };
    for _ in 0..2 {
        let (code, told) = run("xml", &["versioned", "目录/notes"]);
        assert_eq!(code, Some(0), "{told}");
        let shown = |line: &str| told.lines().filter(|it| it.trim() == line).count();
        assert_eq!((shown("\"second\""), shown("\"first\"")), (1, 1), "{told}");
        for said in ["delete marker, the newest\n", " 6\n", " 5\n"] {
            assert_eq!(told.matches(said).count(), 1, "{said}: {told}");
        }
        assert_eq!(told.matches("purge ").count(), 2, "{told}");
    }
    let client = Client::speaking("xml", &emulator.url, serde_json::json!({}));
    ok(client.request(
        Some("versioned"),
        "",
        &serde_json::json!({"method": "DELETE"}),
        b"",
    ));
    assert_eq!(run("json", &["versioned", "notes"]).0, Some(1));
    assert_eq!(run("xml", &["versioned"]).0, Some(2));
}

/// The examples show how replies are freed.
#[test]
fn examples_leak_nothing() {
    let (programs, emulator, folder) = (Programs::new(), Emulator::start(), TempDir::new());
    let file = folder.file("file", &noise(600_000, 5));
    let tree = folder.join("");
    let tree = tree.to_str().unwrap();
    let file = file.to_str().unwrap();
    for (api, name, args, code) in [
        ("json", "quickstart.c", [file, BUCKET].as_slice(), 0),
        ("json", "folders.c", &[BUCKET, "folder"], 0),
        ("json", "sign.c", &[BUCKET], 0),
        ("json", "upload.c", &[file, BUCKET, "a/b"], 0),
        // It is there already: the way of a failure.
        ("json", "upload.c", &[file, BUCKET, "a/b"], 1),
        ("json", "sync.c", &[tree, BUCKET, "tree", "2"], 0),
        ("xml", "quickstart.c", &[file, BUCKET], 0),
        ("xml", "folders.c", &[BUCKET, "folder 2"], 0),
        ("xml", "upload.c", &[file, BUCKET, "a/b"], 1),
        ("xml", "sync.c", &[tree, BUCKET, "tree 2", "2"], 0),
        ("xml", "signed_form.c", &[BUCKET, "in/"], 0),
        ("json", "signed_form.c", &[BUCKET, "in/"], 1),
        ("xml", "versions.c", &["versioned", "notes"], 0),
        ("json", "versions.c", &["versioned", "notes"], 1),
    ] {
        let mut command = under_valgrind(&programs.example(name));
        let output = speaking(api, &mut command, &emulator)
            .args(args)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name} {args:?}: {said}");
    }
}
