//! What tests install: packages of other languages, below target/, once for each list of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// What a command prints; the test fails where it fails.
pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{complaint}");
    said
}

/// Runs `install` in a folder below target/ unless it has run with the same `list` before.
pub fn installed(name: &str, list: &Path, install: impl FnOnce(&Path)) -> PathBuf {
    // One test of a peer at a time.
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _installing = INSTALLING.lock().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let (wanted, done) = (fs::read(list).unwrap(), folder.join("installed"));
    if fs::read(&done).is_ok_and(|installed| installed == wanted) {
        return folder;
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    install(&folder);
    fs::write(done, wanted).unwrap();
    folder
}

/// A virtual environment with these requirements.
pub fn python(name: &str, requirements: &Path) -> PathBuf {
    installed(name, requirements, |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder));
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(requirements));
    })
}

/// A folder with the node_modules of a package.
pub fn node(name: &str, package: &Path) -> PathBuf {
    installed(name, &package.join("package-lock.json"), |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(package.join(file), folder.join(file)).unwrap();
        }
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(folder));
    })
}
