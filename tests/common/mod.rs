//! What the integration tests share. Each of them is a crate of its own and uses a part of it.
#![allow(dead_code, unsafe_code)]

pub mod abi;
pub mod again;
pub mod beyond_classic;
pub mod bindings;
pub mod build;
pub mod bytes;
pub mod child;
pub mod copies;
pub mod credentials;
pub mod diagnosis;
pub mod emulator;
pub mod entries;
pub mod golden;
pub mod install;
pub mod library;
pub mod listener;
pub mod mount;
pub mod objects;
pub mod peers;
pub mod put;
pub mod relay;
pub mod samples;
pub mod shelf;
pub mod tls;
pub mod trace;
pub mod waits;
pub mod xml;

use std::path::PathBuf;

/// An address of this machine that no other test's process takes, for a port that must be a certain one.
pub fn own_address() -> std::net::Ipv4Addr {
    let [_, a, b, c] = std::process::id().to_be_bytes();
    // 127.0.0.1 is everybody's.
    std::net::Ipv4Addr::new(127, a | 0x80, b, c)
}

/// The names in a local folder, in order.
pub fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A folder that is gone when the test is over.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> TempDir {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "qcos-test-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        TempDir(path)
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A file with this content.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Bytes that look random and are the same every time.
pub fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

pub fn sha1_hex(content: &[u8]) -> String {
    use sha1::{Digest, Sha1};
    let digest = Sha1::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unix_now() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// A number in the text that a signature covers.
pub fn signed_field(sign: &str, name: &str) -> u64 {
    use base64::Engine;
    let sealed = base64::engine::general_purpose::STANDARD
        .decode(sign)
        .unwrap();
    let plain = String::from_utf8(sealed[20..].to_vec()).unwrap();
    let mut fields = plain.split('&').map(|field| field.split_once('=').unwrap());
    fields.find(|(n, _)| *n == name).unwrap().1.parse().unwrap()
}

/// Descriptors and threads of this process.
pub fn open_files_and_threads() -> (usize, usize) {
    let count = |dir| std::fs::read_dir(dir).unwrap().count();
    (count("/proc/self/fd"), count("/proc/self/task"))
}

/// Status and body of a GET by a client that knows nothing of this library.
pub fn curl(url: &str) -> (u16, Vec<u8>) {
    let output = std::process::Command::new("curl")
        .args(["--silent", "--write-out", "%{http_code}", url])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let (body, status) = output.stdout.split_at(output.stdout.len() - 3);
    let status = std::str::from_utf8(status).unwrap().parse().unwrap();
    (status, body.to_vec())
}

/// CRC-64/XZ by its definition, bit by bit.
pub fn crc64(bytes: &[u8]) -> u64 {
    let shifted = |crc: u64| (crc >> 1) ^ (0xC96C_5795_D787_0F42 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u64::from(*byte), |crc, _| shifted(crc))
    })
}
