//! Paths in buckets: checked, normalised and percent-encoded once, before anything is sent.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::base::quoted::quoted;
use crate::error::{Error, Result};
use crate::model::bucket::Bucket;
use crate::model::key::{Key, stray};
use crate::model::params;

/// What stays as it is in a URL path: the classic SDK's set (json-api.md §1.4).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'/');

/// A path may not be longer than the URL it goes into (json-api.md §5.1), even unencoded.
const PATH_MAX_BYTES: usize = 2048;

/// The place of a file or folder in its bucket, without a leading slash and encoded for a URL.
/// A folder ends with `/`, as the key of a file may, too; the root is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    encoded: String,
    is_folder: bool,
    /// The caller's name for it, for errors found later.
    param: &'static str,
}

impl Path {
    /// A file: no slash at either end.
    pub(crate) fn file(param: &'static str, text: &str) -> Result<Path> {
        Path::checked(param, text, "")
    }

    /// A file by its key as it is, but for slashes at its beginning.
    pub(crate) fn exact(param: &'static str, text: &str) -> Result<Path> {
        let file = Path::checked(param, text, "")?;
        Ok(Path {
            encoded: encode(text.trim_start_matches('/')),
            ..file
        })
    }

    /// A file that is to be written; what looks like a folder's name is none for it.
    pub(crate) fn destination(param: &'static str, text: &str) -> Result<Path> {
        let file = Path::checked(param, text, "")?;
        match text.ends_with('/') {
            false => Ok(file),
            true => Err(Error::parameter(
                param,
                "must not end with '/', as a folder does; it must name the file",
            )),
        }
    }

    /// A folder other than the root: exactly one slash at its end.
    pub(crate) fn folder(param: &'static str, text: &str) -> Result<Path> {
        Path::checked(param, text, "/")
    }

    /// A folder that may be the root (`""` or `"/"`).
    pub(crate) fn folder_or_root(param: &'static str, text: &str) -> Result<Path> {
        params::text(param, text, PATH_MAX_BYTES)?;
        if text.trim_matches('/').is_empty() {
            return Ok(Path::root(param));
        }
        Path::folder(param, text)
    }

    /// What a prefix search asks for: the folder's path, and how names below it begin.
    pub(crate) fn prefix(folder: &Path, prefix: &str) -> Result<Path> {
        params::text("prefix", prefix, PATH_MAX_BYTES)?;
        if prefix.is_empty() {
            return Err(Error::parameter(
                "prefix",
                "must not be empty; qcos_list and qcos_list_all list the whole folder",
            ));
        }
        if prefix.starts_with('/') {
            return Err(Error::parameter(
                "prefix",
                "must not begin with '/', as no name in a folder does",
            ));
        }
        refuse_dot_segments("prefix", prefix)?;
        Ok(Path {
            encoded: format!("{}{}", folder.encoded, encode(prefix)),
            is_folder: false,
            param: "prefix",
        })
    }

    /// The folder up to the last slash: this one, or where a prefix searches.
    pub(crate) fn innermost_folder(&self) -> Path {
        let end = self.encoded.rfind('/').map_or(0, |slash| slash + 1);
        Path {
            encoded: self.encoded[..end].to_owned(),
            is_folder: true,
            param: self.param,
        }
    }

    /// The root, on behalf of what a parameter names.
    pub(crate) fn root(param: &'static str) -> Path {
        Path {
            encoded: String::new(),
            is_folder: true,
            param,
        }
    }

    /// Of an object that the service has named, if a URL can name just this one.
    pub(crate) fn of_key(key: &str) -> Result<Path> {
        match Key::new(key).unusable() {
            Some(why) => Err(Error::parameter("path", format!("{} {why}", quoted(key)))),
            None => Ok(Path {
                encoded: encode(key),
                is_folder: false,
                param: "path",
            }),
        }
    }

    /// What the service has named in this folder.
    pub(crate) fn child(&self, name: &str) -> Result<Path> {
        match stray(name) {
            Some(why) => Err(Error::parameter(
                self.param,
                format!("{} {why}", quoted(name)),
            )),
            None => Ok(Path {
                encoded: format!("{}{}", self.encoded, encode(name)),
                is_folder: name.ends_with('/') || name.is_empty() && self.is_folder,
                param: self.param,
            }),
        }
    }

    pub(crate) fn is_root(&self) -> bool {
        self.encoded.is_empty()
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.is_folder
    }

    fn checked(param: &'static str, text: &str, end: &str) -> Result<Path> {
        params::text(param, text, PATH_MAX_BYTES)?;
        let inner = text.trim_matches('/');
        if inner.is_empty() {
            return Err(Error::parameter(
                param,
                "must not be empty or the bucket's root",
            ));
        }
        refuse_dot_segments(param, inner)?;
        Ok(Path {
            encoded: format!("{}{end}", encode(inner)),
            is_folder: !end.is_empty(),
            param,
        })
    }

    /// Percent-encoded, without a leading slash.
    pub(crate) fn encoded(&self) -> &str {
        &self.encoded
    }

    /// As people write it, without a leading slash.
    pub(crate) fn plain(&self) -> String {
        percent_decode_str(&self.encoded)
            .decode_utf8_lossy()
            .into_owned()
    }

    pub(crate) fn param(&self) -> &'static str {
        self.param
    }
}

/// A file's or folder's full name for a one-time signature: `/appid/bucket/path`, encoded.
pub(crate) fn fileid(appid: &str, bucket: &Bucket, path: &Path) -> String {
    format!("/{appid}/{}/{}", bucket.as_str(), path.encoded())
}

/// Reads a fileid that the caller wrote: plain UTF-8, a folder with its slash at the end.
pub(crate) fn parse_fileid(text: &str, appid: &str, bucket: &Bucket) -> Result<String> {
    params::text("fileid", text, PATH_MAX_BYTES)?;
    let head = format!("/{appid}/{}/", bucket.as_str());
    let Some(path) = text.strip_prefix(&head) else {
        return Err(Error::parameter(
            "fileid",
            format!("must begin with {head}"),
        ));
    };
    let path = if path.ends_with('/') {
        Path::folder("fileid", path)?
    } else {
        Path::file("fileid", path)?
    };
    Ok(fileid(appid, bucket, &path))
}

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Proxies and servers resolve `.` and `..` on their way: the object would be another one.
fn refuse_dot_segments(name: &str, path: &str) -> Result<()> {
    match path.split('/').find(|s| *s == "." || *s == "..") {
        None => Ok(()),
        Some(segment) => Err(Error::parameter(
            name,
            format!("must not have the segment {}", quoted(segment)),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_normalised_as_the_classic_sdk_does() {
        let file = |text| Path::file("path", text).unwrap().encoded;
        assert_eq!(file("/a/b.txt"), "a/b.txt");
        assert_eq!(file("a//b/"), "a//b");
        assert_eq!(file("图 片/a b~1.txt"), "%E5%9B%BE%20%E7%89%87/a%20b~1.txt");
        assert_eq!(file("1+1=2%?*'()!"), "1%2B1%3D2%25%3F%2A%27%28%29%21");
        let exact = |text| Path::exact("path", text).unwrap();
        assert_eq!(exact("//a//b//").encoded, "a//b//");
        assert!(!exact("a/").is_folder());
        let to = |text| Path::destination("dstpath", text);
        assert_eq!(to("/a/b").unwrap().encoded, "a/b");
        assert!(to("a/").is_err() && to("a//").is_err() && to("/").is_err());
        let folder = |text| Path::folder("path", text).unwrap().encoded;
        assert_eq!(folder("dir"), "dir/");
        assert_eq!(folder("//dir/sub///"), "dir/sub/");
        assert_eq!(Path::folder_or_root("path", "/").unwrap().encoded, "");
        let root = Path::folder_or_root("path", "").unwrap();
        assert_eq!(Path::prefix(&root, "ab c").unwrap().encoded, "ab%20c");
    }

    #[test]
    fn what_cannot_be_a_path_is_refused_by_name() {
        for text in [
            "", "/", "//", "..", "a/../b", "./a", "a/.", "a\nb", "a\u{7f}",
        ] {
            let error = Path::file("dstpath", text).unwrap_err();
            assert!(error.message.starts_with("dstpath: "), "{text:?}");
        }
        assert!(Path::file("path", "..a/b..").is_ok());
        let root = Path::folder_or_root("path", "/").unwrap();
        for prefix in ["", "/a", "a/./b", "..", "../"] {
            assert!(Path::prefix(&root, prefix).is_err(), "{prefix:?}");
        }
    }

    #[test]
    fn a_fileid_must_be_of_the_client_and_bucket() {
        let bucket = Bucket::new("b").unwrap();
        let parse = |text| parse_fileid(text, "10", &bucket);
        assert_eq!(parse("/10/b/d e/").unwrap(), "/10/b/d%20e/");
        assert_eq!(parse("/10/b/f").unwrap(), "/10/b/f");
        for text in ["", "f", "/10/c/f", "/11/b/f", "/10/b/", "/10/b/../f"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
