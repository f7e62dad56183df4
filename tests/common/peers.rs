//! The official SDKs, unchanged, as programs that the tests run: tests/peers has their sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::build;
use super::install::{self, run};

pub struct Peer {
    program: PathBuf,
    /// Before what it is asked.
    first: Vec<String>,
}

impl Peer {
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.first).env("NODE_NO_WARNINGS", "1");
        command
    }
}

fn source(name: &str) -> PathBuf {
    build::root().join("tests/peers").join(name)
}

fn python_with(script: &str) -> Peer {
    let folder = install::python("python-peer", &source("python/requirements.txt"));
    Peer {
        program: folder.join("bin/python"),
        first: vec![source(script).to_str().unwrap().to_owned()],
    }
}

fn node_with(script: &str) -> Peer {
    let folder = install::node("node-peer", &source("node"));
    // Beside node_modules, where it looks for them.
    let there = folder.join(script);
    fs::copy(source("node").join(script), &there).unwrap();
    Peer {
        program: "node".into(),
        first: vec![there.to_str().unwrap().to_owned()],
    }
}

/// Go finds out by itself what is to be done anew.
fn go_with(first: &[&str]) -> Peer {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _building = BUILDING.lock().unwrap();
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-peer");
    run(Command::new("go")
        .args(["build", "-mod=readonly", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(source("go")));
    Peer {
        program,
        first: first.iter().map(|word| (*word).to_owned()).collect(),
    }
}

pub fn python() -> Peer {
    python_with("python/peer.py")
}

pub fn node() -> Peer {
    node_with("peer.js")
}

pub fn go() -> Peer {
    go_with(&[])
}

/// Each with its program for all that an object has (tests/peers/python/objects.py).
pub mod objects {
    use super::{Peer, go_with, node_with, python_with};

    pub fn python() -> Peer {
        python_with("python/objects.py")
    }

    pub fn node() -> Peer {
        node_with("objects.js")
    }

    pub fn go() -> Peer {
        go_with(&["objects"])
    }
}
