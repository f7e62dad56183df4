//! The packages for other languages as users get them: a copy of the folder, with the library in it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::emulator::{APPID, Emulator, SECRET_ID, SECRET_KEY};
use super::install::run;
use super::{TempDir, build, noise};

/// The account and the service, in the environment.
pub fn as_account<'c>(api: &str, command: &'c mut Command, emulator: &Emulator) -> &'c mut Command {
    command
        .env("QCOS_APPID", APPID)
        .env("QCOS_SECRET_ID", SECRET_ID)
        .env("QCOS_SECRET_KEY", SECRET_KEY)
        .env("QCOS_OPTIONS", emulator.options(api))
        .env("QCOS_ENDPOINT", &emulator.url)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("QCOS_LIBRARY")
}

/// What a quickstart prints: a line for each call, with the data of its reply.
pub fn assert_quickstart(said: &str, biz_attr: &str) {
    let replies: Vec<(&str, Value)> = said
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(call, data)| (call, serde_json::from_str(data).unwrap()))
        .collect();
    let calls: Vec<&str> = replies.iter().map(|(call, _)| *call).collect();
    assert_eq!(calls, ["upload", "stat", "list", "download", "delete"]);
    assert_eq!(replies[1].1["filesize"], (9 << 20) + 1);
    assert_eq!(replies[1].1["biz_attr"], biz_attr);
}

/// A folder like the repository's after `make build`, with a copy of one package and a file.
pub struct Copy {
    folder: TempDir,
    pub package: PathBuf,
}

impl Copy {
    pub fn new(package: &str) -> Copy {
        let folder = TempDir::new();
        let built = folder.join("target/release");
        fs::create_dir_all(&built).unwrap();
        for name in ["libqcos.so", "libqcos.so.0", "libqcos.a"] {
            symlink(build::library().join(name), built.join(name)).unwrap();
        }
        symlink(build::root().join("include"), folder.join("include")).unwrap();
        folder.file("holiday.mp4", &noise((9 << 20) + 1, 6));
        let (original, package) = (build::root().join(package), folder.join(package));
        fs::create_dir_all(package.parent().unwrap()).unwrap();
        run(Command::new("cp").arg("-r").arg(original).arg(&package));
        Copy { folder, package }
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Puts the library there.
    pub fn with_library(self, place: &str) -> Copy {
        let library = self.join("target/release/libqcos.so");
        symlink(library, self.package.join(place).join("libqcos.so")).unwrap();
        self
    }
}
