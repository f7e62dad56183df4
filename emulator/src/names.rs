//! Names: which buckets and paths are lawful, and how a request's path becomes a key.
//!
//! A key is the whole path inside the bucket without a leading slash. A folder's ends with `/`,
//! the bucket's root is the empty key.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::refusal::{Refusal, code};

/// What stays as it is in the URLs that the emulator hands out, as the Python SDK encodes
/// (json-api.md §1.4).
const IN_URLS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'/');

/// json-api.md §5.1, and control characters, which no client can mean.
const FORBIDDEN: &[char] = &['?', '*', ':', '|', '\\', '<', '>', '"'];

/// Where a request points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub bucket: String,
    pub key: String,
}

impl Location {
    pub fn is_root(&self) -> bool {
        self.key.is_empty()
    }

    pub fn is_folder(&self) -> bool {
        self.key.is_empty() || self.key.ends_with('/')
    }

    /// `/<appid>/<bucket>/<path>`: what signatures are bound to, and a reply's `resource_path`.
    pub fn fileid(&self, appid: &str) -> String {
        format!("/{appid}/{}/{}", self.bucket, self.key)
    }
}

/// Letters, digits and `-`, not at the ends (json-api.md §5.1); 50 characters leave room for the
/// appid in a host name.
pub fn is_bucket_name(name: &str) -> bool {
    (1..=50).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// The bucket in `<bucket>-<appid>`.
pub fn bucket_of<'a>(full_name: &'a str, appid: &str) -> Option<&'a str> {
    let bucket = full_name.strip_suffix(appid)?.strip_suffix('-')?;
    (!bucket.is_empty()).then_some(bucket)
}

/// Percent-decoded text of a URL's part.
pub fn decode(encoded: &str) -> Result<String, Refusal> {
    match percent_decode_str(encoded).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(Refusal::new(code::NOT_UTF8, "the URL is not UTF-8")),
    }
}

pub fn encode(path: &str) -> String {
    utf8_percent_encode(path, IN_URLS).to_string()
}

/// The lawful key that a path names. Runs of `/` count as one (json-api.md §2.1).
pub fn key_of_path(path: &str) -> Result<String, Refusal> {
    let mut key = String::with_capacity(path.len());
    for name in path.split('/').filter(|name| !name.is_empty()) {
        check_name(name)?;
        if !key.is_empty() {
            key.push('/');
        }
        key.push_str(name);
    }
    if path.ends_with('/') && !key.is_empty() {
        key.push('/');
    }
    Ok(key)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let wrong = if name == "." || name == ".." {
        "a path holds a segment . or .."
    } else if name.trim().is_empty() {
        "a name is made of blanks only"
    } else if name.contains(FORBIDDEN) {
        "a name holds one of ? * : | \\ < > \""
    } else if name.chars().any(char::is_control) {
        "a name holds a control character"
    } else {
        return Ok(());
    };
    Err(Refusal::new(code::PATH_INVALID, wrong))
}

/// The Content-Type of an object that was given none: the key's ending tells it, where it has one.
pub fn content_type(key: &str) -> &'static str {
    let name = key.rsplit('/').next().unwrap_or(key);
    let known = mime_guess::from_path(name).first_raw();
    known.unwrap_or("application/octet-stream")
}

/// `path` with runs of `/` made one, for comparing.
pub fn collapse_slashes(path: &str) -> String {
    let mut collapsed = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !collapsed.ends_with('/') {
            collapsed.push(letter);
        }
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_names_are_buckets_names() {
        for name in ["a", "a-1", "1A", &"b".repeat(50)] {
            assert!(is_bucket_name(name), "{name}");
        }
        for name in ["", "-a", "a-", "a_b", "a.b", "桶", &"b".repeat(51)] {
            assert!(!is_bucket_name(name), "{name}");
        }
    }

    #[test]
    fn endings_tell_a_type() {
        for (key, known) in [
            ("a/b.jpg", "image/jpeg"),
            ("B.HTML", "text/html"),
            ("a.tar.gz", "application/gzip"),
            ("a.json/b", "application/octet-stream"),
            ("a.jpg/", "application/octet-stream"),
            (".jpg", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(content_type(key), known, "{key}");
        }
    }

    #[test]
    fn paths_become_keys() {
        for (path, key) in [
            ("", ""),
            ("/", ""),
            ("//", ""),
            ("//a///b", "a/b"),
            ("a/b//", "a/b/"),
        ] {
            assert_eq!(key_of_path(path).ok().as_deref(), Some(key), "{path}");
        }
        for path in ["a/../b", ".", "a/ /b", "a|b", "a\nb", "\u{3000}"] {
            let refused = key_of_path(path).map_err(|refusal| refusal.code);
            assert_eq!(refused, Err(code::PATH_INVALID), "{path}");
        }
    }
}
