//! The package of bindings/python: its own tests over both APIs, its programs, its page's samples.

#![allow(unsafe_code)] // system calls

mod common;

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use common::bindings::{Copy, as_account, assert_quickstart};
use common::emulator::Emulator;
use common::install::{self, run};
use common::library::APIS;
use common::samples::{assert_all_are_run, samples};
use common::{TempDir, build, curl};
use serde_json::json;

fn source() -> PathBuf {
    build::root().join("bindings/python")
}

/// The environment's programs, `python3` among them.
fn bin() -> PathBuf {
    install::python("python-binding", &source().join("tests/requirements.txt")).join("bin")
}

fn python(api: &str, emulator: &Emulator) -> Command {
    // What a shell runs in the background inherits that Ctrl-C is ignored.
    let mut command = Command::new("env");
    command
        .arg("--default-signal=INT")
        .arg(bin().join("python3"));
    as_account(api, &mut command, emulator);
    command
}

#[test]
fn its_own_tests_pass_over_both_apis() {
    for api in APIS {
        let emulator = Emulator::start_with(&["--role", "worker"]);
        run(python(api, &emulator)
            .env("QCOS_LIBRARY", build::library().join("libqcos.so"))
            .args(["-m", "unittest"])
            .current_dir(source()));
    }
}

#[test]
fn the_quickstart_of_a_copied_folder_goes() {
    let (copy, emulator) = (
        Copy::new("bindings/python").with_library("libqcos"),
        Emulator::start(),
    );
    for api in APIS {
        let said = run(python(api, &emulator)
            .arg(copy.package.join("quickstart.py"))
            .arg(copy.join("holiday.mp4"))
            .arg("bucket"));
        assert_quickstart(&said, "from quickstart.py");
    }
}

#[test]
fn a_wrong_account_is_told_by_the_quickstart() {
    let (copy, emulator) = (
        Copy::new("bindings/python").with_library("libqcos"),
        Emulator::start(),
    );
    let output = python("json", &emulator)
        .env("QCOS_SECRET_KEY", "wrong")
        .arg(copy.package.join("quickstart.py"))
        .arg(copy.join("holiday.mp4"))
        .arg("bucket")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("SERVICE (-97)"), "{said}");
}

/// A bar of tqdm such as "file:  47%|###" that is not at its beginning.
fn some_per_cent(bars: &str) -> bool {
    let share = bars
        .strip_suffix("%|")
        .and_then(|bar| bar.rsplit(' ').next());
    share.is_some_and(|share| share != "0")
}

/// The service stalls once some slices have arrived, so that the upload cannot end before the signal.
#[test]
fn upload_is_interrupted_and_goes_on() {
    let (copy, emulator) = (
        Copy::new("bindings/python").with_library("libqcos"),
        Emulator::start(),
    );
    let content = fs::read(copy.join("holiday.mp4")).unwrap();
    let uploading = |session: &[&str]| {
        let mut command = python("json", &emulator);
        command
            .arg(copy.package.join("upload.py"))
            .arg(copy.join("holiday.mp4"))
            .args(["bucket", "big"])
            .args(session)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    };
    emulator.set_faults(&json!([
        {"match": {"op": "slice_data", "from": 4}, "fault": {"stall": "before_answer"}}
    ]));
    let mut process = uploading(&[]).spawn().unwrap();
    let mut stderr = process.stderr.take().unwrap();
    let (mut bar, mut byte) = (String::new(), [0]);
    while !some_per_cent(&bar) {
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{bar}");
        bar.push(byte[0].into());
    }
    // SAFETY: plain integers; the process is our child and has not been waited for.
    assert_eq!(unsafe { libc::kill(process.id() as i32, libc::SIGINT) }, 0);
    stderr.read_to_end(&mut Vec::new()).unwrap();
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("failed: QCOS_ERR_CANCELLED"), "{said}");
    let session = lines[1].strip_prefix("to go on, add this session: ");

    emulator.end_faults();
    let said = run(&mut uploading(&[session.unwrap()]));
    let url = said.trim().strip_prefix("access_url: ").unwrap();
    assert!(
        curl(url).1 == content,
        "the object is another than the file"
    );
}

#[test]
fn every_sample_of_its_pages_runs() {
    let page = source().join("README.md");
    assert_all_are_run(&page, &["sh", "python"]);
    let main = ["README.md", "README.zh-CN.md"].map(|name| build::root().join(name));
    for page in [&page].into_iter().chain(&main) {
        for (number, code) in samples(page, "python").iter().enumerate() {
            let (copy, emulator) = (
                Copy::new("bindings/python").with_library("libqcos"),
                Emulator::start(),
            );
            println!("{}, sample {number}", page.display());
            run(python("xml", &emulator)
                .env("PYTHONPATH", &copy.package)
                .args(["-c", code])
                .current_dir(copy.join("")));
        }
    }
    let (copy, emulator) = (Copy::new("bindings/python"), Emulator::start());
    for code in samples(&page, "sh") {
        let mut shell = Command::new("sh");
        as_account("xml", &mut shell, &emulator);
        let path = format!("{}:{}", bin().display(), std::env::var("PATH").unwrap());
        run(shell
            .args(["-euc", &code])
            .env("PATH", path)
            .current_dir(copy.join("")));
    }
}

/// With the library in it, whatever the folder; and its version is the library's.
#[test]
fn it_can_be_installed() {
    let (copy, target) = (
        Copy::new("bindings/python").with_library("libqcos"),
        TempDir::new(),
    );
    run(Command::new(bin().join("pip"))
        .args(["install", "--quiet", "--no-build-isolation", "--no-deps"])
        .args(["--no-index", "--disable-pip-version-check", "--target"])
        .arg(target.join(""))
        .arg(&copy.package));
    let code = "import libqcos, importlib.metadata as m; \
                print(libqcos.__version__, libqcos.library_version(), m.version('libqcos'), libqcos.__file__)";
    let said = run(Command::new(bin().join("python3"))
        .args(["-Bc", code])
        .env("PYTHONPATH", target.join(""))
        .env_remove("QCOS_LIBRARY")
        .current_dir(target.join("")));
    let words: Vec<&str> = said.split_whitespace().collect();
    assert_eq!(words[..3], [env!("CARGO_PKG_VERSION"); 3], "{said}");
    assert!(words[3].starts_with(target.join("").to_str().unwrap()));
    assert!(target.join("libqcos/py.typed").exists());
}

/// The name of the wheel that pip builds of a folder, and what is in it.
fn wheel(copy: &Copy) -> (String, String) {
    let wheels = TempDir::new();
    run(Command::new(bin().join("pip"))
        .args(["wheel", "--quiet", "--no-build-isolation", "--no-deps"])
        .args(["--no-index", "--disable-pip-version-check", "--wheel-dir"])
        .arg(wheels.join(""))
        .arg(&copy.package));
    let built = fs::read_dir(wheels.join("")).unwrap();
    let names: Vec<String> = built
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let list = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(*z.namelist()); \
                print(*(z.read(n).decode() for n in z.namelist() if n.endswith('/WHEEL')))";
    let said = run(Command::new(bin().join("python3"))
        .args(["-c", list])
        .arg(wheels.join(&names[0])));
    (names[0].clone(), said)
}

/// A wheel with a library in it is for the library's platform.
#[test]
fn a_wheel_says_for_which_platform_it_is() {
    let version = env!("CARGO_PKG_VERSION");
    let (name, said) = wheel(&Copy::new("bindings/python").with_library("libqcos"));
    let (os, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let tag = format!("py3-none-{os}_{machine}");
    assert_eq!(name, format!("libqcos-{version}-{tag}.whl"));
    assert!(said.contains("libqcos/libqcos.so"), "{said}");
    for line in ["Root-Is-Purelib: false".to_owned(), format!("Tag: {tag}")] {
        assert!(said.lines().any(|it| it == line), "no {line}: {said}");
    }

    let (name, said) = wheel(&Copy::new("bindings/python"));
    assert_eq!(name, format!("libqcos-{version}-py3-none-any.whl"));
    assert!(!said.contains("libqcos.so"), "{said}");
}

#[test]
fn its_types_are_right_and_old_pythons_take_it() {
    let cache = TempDir::new();
    run(Command::new(bin().join("mypy"))
        .args(["--strict", "--cache-dir"])
        .arg(cache.join(""))
        // In the last there are wrong uses as well, which must be seen.
        .args(["libqcos", "pipeline.py", "tests/typed_uses.py"])
        .current_dir(source()));
    run(Command::new(bin().join("vermin"))
        .args(["--quiet", "--no-tips", "--target=3.8-"])
        .args(["libqcos", "pipeline.py"])
        .current_dir(source()));
    // Types are seen from outside, too.
    let wrong = cache.file(
        "wrong.py",
        b"import libqcos\nlibqcos.Client('1', 'a', 'b').stat_file(5, 6)\n",
    );
    let output = Command::new(bin().join("mypy"))
        .args(["--strict", "--cache-dir"])
        .arg(cache.join(""))
        .arg(wrong)
        .env("MYPYPATH", source())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Argument 1 to \"stat_file\""), "{said}");
}
