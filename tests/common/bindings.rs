//! The packages for other languages as users get them: a copy of the folder, with the library in it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

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
        symlink(
            build::library().join("libqcos.so"),
            built.join("libqcos.so"),
        )
        .unwrap();
        folder.file("holiday.mp4", &noise((9 << 20) + 1, 6));
        run(Command::new("cp")
            .arg("-r")
            .arg(build::root().join(package))
            .arg(folder.join(package)));
        let package = folder.join(package);
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

/// The blocks of code of a page in a language.
pub fn samples(page: &Path, language: &str) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    let code: Vec<String> = blocks
        .map(|rest| rest.split_once("```").unwrap().0.to_owned())
        .collect();
    assert!(!code.is_empty(), "{}: no {language}", page.display());
    code
}

/// That no block of a page is in a language whose samples nobody runs.
pub fn assert_all_are_run(page: &Path, languages: &[&str]) {
    let text = fs::read_to_string(page).unwrap();
    let fences = text.lines().filter_map(|line| line.strip_prefix("```"));
    for (number, language) in fences.enumerate() {
        let known = number % 2 == 1 || languages.contains(&language);
        assert!(known, "{}: nobody runs {language:?}", page.display());
    }
}
