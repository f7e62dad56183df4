//! A service of one object for downloads: it tells its size and SHA-1 honestly, and a test decides
//! how it is given out.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::listener::{Listener, Received, http};
use super::{TempDir, sha1_hex};

/// A request for the object.
pub struct Get {
    /// From 0, without the questions about it.
    pub number: usize,
    /// First and last byte, when a range was asked for.
    pub range: Option<(usize, usize)>,
    pub received: Received,
}

/// Gives out `content` as `answer` says; the connection is closed behind each answer.
pub fn serving(
    content: &[u8],
    answer: impl Fn(&Get) -> Vec<u8> + Send + Sync + 'static,
) -> Listener {
    let size = content.len();
    let stat = json!({"code": 0, "message": "SUCCESS", "data":
        {"filesize": size, "filelen": size, "sha": sha1_hex(content).to_uppercase()}});
    serving_known(stat.to_string(), answer)
}

/// The same with any answer to the question about the object.
pub fn serving_known(
    stat: String,
    answer: impl Fn(&Get) -> Vec<u8> + Send + Sync + 'static,
) -> Listener {
    let gets = AtomicUsize::new(0);
    Listener::answering(move |_, received| {
        if received.line.starts_with("GET /files/v1/") {
            assert!(received.line.contains("?op=stat"), "{}", received.line);
            return http(200, &stat);
        }
        assert_eq!(received.header("authorization"), "", "the query is signed");
        let number = gets.fetch_add(1, Ordering::SeqCst);
        let range = received.header("range").strip_prefix("bytes=").map(|r| {
            let (first, last) = r.split_once('-').unwrap();
            (first.parse().unwrap(), last.parse().unwrap())
        });
        answer(&Get {
            number,
            range,
            received: received.clone(),
        })
    })
}

/// The whole, or the range that is asked for.
pub fn honest(content: &[u8], get: &Get) -> Vec<u8> {
    match get.range {
        None => whole(content),
        Some((first, last)) => part(content, first, last),
    }
}

pub fn whole(content: &[u8]) -> Vec<u8> {
    with_head("200 OK", "ETag: \"1\"\r\n", content)
}

pub fn part(content: &[u8], first: usize, last: usize) -> Vec<u8> {
    let headers = format!(
        "ETag: \"1\"\r\nContent-Range: bytes {first}-{last}/{}\r\n",
        content.len()
    );
    with_head("206 Partial Content", &headers, &content[first..=last])
}

pub fn with_head(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// An answer of which only so many bytes of the body arrive.
pub fn cut(mut answer: Vec<u8>, body: usize) -> Vec<u8> {
    let head = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    answer.truncate(head + body);
    answer
}

/// What a download is to replace.
const OLD: &[u8] = b"what was there before";

/// A folder with a file that a download is to replace.
pub struct Place {
    folder: TempDir,
    pub file: PathBuf,
}

impl Place {
    pub fn new() -> Place {
        let folder = TempDir::new();
        let file = folder.file("target", OLD);
        Place { folder, file }
    }

    pub fn content(&self) -> Vec<u8> {
        fs::read(&self.file).unwrap()
    }

    /// The old file as it was, and nothing beside it.
    #[track_caller]
    pub fn is_untouched(&self) {
        assert_eq!(self.content(), OLD);
        let names: Vec<_> = fs::read_dir(self.folder.join("")).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }
}
