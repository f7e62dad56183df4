//! The service that is struck, and what it must hold.

use std::path::PathBuf;

use crate::common::emulator::Emulator;
use crate::common::library::{Client, code, ok};
use crate::common::{TempDir, noise, sha1_hex};

pub const SLICE: usize = 512 << 10;

const SMALL: usize = 60_000;
const LARGE: usize = 3 * SLICE + 5;
const HUGE: usize = (8 << 20) + SLICE + 5;

pub struct Ground {
    pub emulator: Emulator,
    pub files: TempDir,
    /// Without faults in its way.
    pub calm: Client,
    /// The same over the JSON API, which tells the SHA-1 of what is there.
    pub judge: Client,
}

/// Content of its own for each path: the service would not want the same again.
pub fn small(path: &str) -> Vec<u8> {
    noise(SMALL, seed(path))
}

pub fn large(path: &str) -> Vec<u8> {
    noise(LARGE, seed(path))
}

/// Large enough for parts of what comes from a stream or from memory, and for ranges. No part is so small
/// that it shares a connection with the small calls: one that a fault stops is not used again.
pub fn huge(path: &str) -> Vec<u8> {
    noise(HUGE, seed(path))
}

fn seed(path: &str) -> u64 {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

impl Ground {
    pub fn file(&self, content: &[u8]) -> PathBuf {
        self.files.file("f", content)
    }

    /// The local file of downloads.
    pub fn target(&self) -> PathBuf {
        self.files.join("downloaded")
    }

    pub fn holds(&self, path: &str, content: &[u8]) {
        let stat = ok(self.judge.stat_file(path));
        let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
        assert_eq!(stat["data"]["filelen"], content.len());
        assert_eq!(sha, sha1_hex(content), "{path} is another object");
    }

    /// A failed call may have left the old object, none, or the new one whole.
    pub fn is_sound(&self, path: &str) {
        let stat = self.judge.stat_file(path);
        if code(&stat) == 0 && stat["data"]["filelen"] == stat["data"]["filesize"] {
            let sha = stat["data"]["sha"].as_str().unwrap().to_lowercase();
            let whole = match stat["data"]["filelen"].as_u64().unwrap() as usize {
                SMALL => small(path),
                LARGE => large(path),
                HUGE => huge(path),
                length => panic!("{path} has {length} bytes"),
            };
            assert_eq!(sha, sha1_hex(&whole), "{path} is a mixture");
        }
    }
}
