//! The corpus of fuzz/ once more: whatever comes from outside, the library answers.

#![allow(unsafe_code)] // functions of the library

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::Path;
use std::sync::Mutex;

fn replay(target: &str, run: fn(&[u8])) {
    // The service answers one at a time.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let inputs: Vec<_> = fs::read_dir(folder.join(target)).unwrap().collect();
    assert!(inputs.len() >= 7, "{target}");
    for input in inputs {
        let path = input.unwrap().path();
        eprintln!("{}", path.display());
        run(&fs::read(path).unwrap());
    }
}

#[test]
fn http_replies() {
    replay("http_reply", fuzz::http_reply);
}

#[test]
fn json_replies() {
    replay("json_reply", fuzz::json_reply);
}

#[test]
fn xml_replies() {
    replay("xml_reply", fuzz::xml_reply);
}

#[test]
fn forms() {
    replay("form", fuzz::form);
}

#[test]
fn paths() {
    replay("path", fuzz::path);
}

#[test]
fn options() {
    replay("options", fuzz::options);
}
