//! The benchmarks: that they run on small files with few peers, that a report comes of it, and that the sink
//! counts rightly, so that nobody who sends less looks fast.

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use common::install::run;
use common::{TempDir, build, noise};
use serde_json::Value;

const SCENARIOS: [&str; 15] = [
    "sizes",
    "rtt",
    "emulator",
    "download",
    "download_rtt",
    "narrow",
    "refused",
    "streams",
    "trees",
    "ranges",
    "small",
    "objects",
    "memory",
    "load",
    "threads",
];

fn cargo(command: &str) -> String {
    let manifest = build::root().join("bench/sink/Cargo.toml");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo)
        .args([command, "--quiet", "--locked", "--manifest-path"])
        .arg(manifest)
        // As bench/run.py has it.
        .env("CARGO_TARGET_DIR", build::root().join("target/bench/sink")))
}

struct Sink {
    process: Child,
    url: String,
}

impl Sink {
    fn start() -> Sink {
        cargo("build");
        let program = build::root().join("target/bench/sink/debug/cos-sink");
        let mut process = Command::new(program)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap();
        Sink {
            url: url.to_owned(),
            process,
        }
    }

    fn curl(&self, arguments: &[&str], path: &str) -> String {
        run(Command::new("curl")
            .args(["-sS", "-f"])
            .args(arguments)
            .arg(format!("{}{path}", self.url)))
    }

    /// What has arrived: paths, sizes and CRC64s.
    fn objects(&self) -> Vec<(String, u64, String)> {
        let objects: Value = serde_json::from_str(&self.curl(&[], "/_sink/objects")).unwrap();
        let text = |object: &Value, name: &str| object[name].as_str().unwrap().to_owned();
        let objects = objects.as_array().unwrap().iter();
        objects
            .map(|o| {
                (
                    text(o, "path"),
                    o["size"].as_u64().unwrap(),
                    text(o, "crc64"),
                )
            })
            .collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn quick(folder: &TempDir) -> PathBuf {
    let out = folder.join("report");
    run(Command::new("python3")
        .arg(build::root().join("bench/run.py"))
        .args(["--quick", "--rounds", "1", "--out"])
        .arg(&out)
        .arg("--release")
        .arg(build::release())
        // No caches beside the sources.
        .env("PYTHONDONTWRITEBYTECODE", "1"));
    out
}

#[test]
fn a_quick_run_makes_a_report() {
    let folder = TempDir::new();
    let out = quick(&folder);
    let results = fs::read_to_string(out.join("results.json")).unwrap();
    let results: Value = serde_json::from_str(&results).unwrap();
    for scenario in SCENARIOS {
        let rows = results["scenarios"][scenario]["rows"].as_array().unwrap();
        assert!(!rows.is_empty(), "{scenario}");
        for row in rows {
            let sample = &row["samples"][0];
            assert!(sample["seconds"].as_f64().unwrap() > 0.0, "{row}");
            assert!(row["command"].as_str().unwrap().len() > 10, "{row}");
        }
    }
    let report = fs::read_to_string(out.join("README.md")).unwrap();
    for part in [
        "## Goals",
        "## Throughput by file size",
        "libqcos, XML API",
        "curl -T",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let here = build::root().to_str().unwrap();
    assert!(
        !report.contains(here),
        "the report names a folder of this machine"
    );
}

#[test]
fn the_sink_counts_what_arrives() {
    let (sink, folder) = (Sink::start(), TempDir::new());
    let digits = folder.file("digits", b"123456789");
    let large = folder.file("large", &noise(3_000_001, 7));
    let (digits, large) = (digits.to_str().unwrap(), large.to_str().unwrap());
    sink.curl(&["-T", digits], "/a-put");
    sink.curl(
        &["-F", "op=upload", "-F", &format!("filecontent=@{digits}")],
        "/b-form",
    );
    sink.curl(&["-T", large], "/c-put");
    sink.curl(&["-F", &format!("filecontent=@{large}")], "/d-form");
    let objects = sink.objects();
    // The CRC-64/XZ of these nine digits, as every list of CRCs has it.
    let vector = (9, "11051210869376104954".to_owned());
    for number in [0, 1] {
        let (_, size, crc64) = objects[number].clone();
        assert_eq!((size, crc64), vector, "{}", objects[number].0);
    }
    assert_eq!(objects[2].1, 3_000_001);
    assert_eq!((objects[2].1, &objects[2].2), (objects[3].1, &objects[3].2));
}

#[test]
fn a_sink_that_holds_less_voids_the_round() {
    let check = "import sys; sys.path.insert(0, 'bench')\n\
        from harness import scenarios as s\n\
        s.services.Sink.content = lambda self, path: (1, '1') if 'curl' in path else (1048576, '2')\n\
        s.with_files(lambda plan: s.sizes(plan), 1, True)\n";
    cargo("build");
    let output = Command::new("python3")
        .args(["-c", check])
        .current_dir(build::root())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output();
    let complaint = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(
        complaint.contains("curl -T left (1, '1') at /curl-0"),
        "{complaint}"
    );
}

#[test]
fn the_sink_passes_its_own_tests() {
    cargo("test");
}
